/* Opening a stream: for whom, of which Environments, and as long as the caller may see them. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "http/routes_internal.h"

/* What a stream was opened with, asked again while it is open. */
typedef struct {
    cat_identity *identity;
    cat_principal principal;
} stream_rights;

static void rights_finish(void *context)
{
    stream_rights *rights = context;
    cat_principal_finish(&rights->principal);
    free(rights);
}

/* Whatever has gone, the stream is opened anew with what is left. */
static bool rights_hold(void *context)
{
    stream_rights *rights = context;
    return !cat_identity_reduce(rights->identity, &rights->principal);
}

static int check_environments(const cat_principal *principal, const char *organization, const cat_strings *environments,
                              cat_error *error)
{
    for (size_t i = 0; i < environments->count; i++) {
        const char *environment = strcmp(environments->items[i], "_") == 0 ? NULL : environments->items[i];
        int code = cat_access_check(principal, CAT_ACTION_READ, organization, environment, error);
        if (code < 0)
            return code;
    }
    return 0;
}

static bool sees_secrets(const cat_principal *principal, const char *organization, const cat_strings *environments)
{
    for (size_t i = 0; i < environments->count; i++)
        if (strcmp(environments->items[i], "_") != 0 &&
            cat_access_check(principal, CAT_ACTION_READ_SECRETS, organization, environments->items[i], NULL) < 0)
            return false;
    return true;
}

static bool is_for_everybody(const cat_principal *principal, const char *organization)
{
    return strcmp(organization, CAT_ORGANIZATION_SYSTEM) == 0 &&
           cat_access_check(principal, CAT_ACTION_READ, CAT_ORGANIZATION_SYSTEM, NULL, NULL) == 0;
}

int prj_routes_open_stream(cat_request *request, cat_reply *reply, void *opaque, cat_error *error)
{
    prj_routes_context *context = opaque;
    const cat_principal *principal = cat_request_principal(request);
    const char *organization = NULL;
    cat_auto(cat_strings) environments = {0};
    int code = cat_request_organization(request, &organization, error);
    if (code < 0)
        return code;
    if (!prj_routes_query_list(request, "environments", &environments)) {
        if ((code = prj_routes_environments(context, principal, CAT_ACTION_READ, organization, &environments, error)) < 0)
            return code;
        cat_strings_add(&environments, "_");
        cat_strings_sort(&environments);
    }
    if (environments.count > STREAM_ENVIRONMENTS_MAX)
        return cat_error_set(error, CAT_E_TOO_LARGE, "a stream carries at most %d Environments", STREAM_ENVIRONMENTS_MAX);
    if ((code = check_environments(principal, organization, &environments, error)) < 0)
        return code;
    const char *last = cat_request_query(request, "lastEventId");
    if (!last || !*last)
        last = cat_request_header(request, "Last-Event-ID");
    stream_rights *rights = cat_calloc(1, sizeof *rights);
    rights->identity = context->identity;
    cat_principal_copy(&rights->principal, principal);
    prj_stream_request wish = {.organization = organization,
                               .person = principal->subject,
                               .scope = is_for_everybody(principal, organization) ? "*" : organization,
                               .environments = &environments,
                               .env_types = prj_routes_env_types(principal, organization),
                               .secrets = sees_secrets(principal, organization, &environments),
                               .expires_ms = principal->expires_ms,
                               .holds = context->identity ? rights_hold : NULL,
                               .finish = rights_finish,
                               .rights = rights,
                               .last_event_id = last && *last ? last : NULL};
    cat_error why = {0};
    code = prj_streams_join(context->streams, reply, &wish, &why);
    if (code < 0)
        rights_finish(rights);
    if (code == CAT_E_LIMIT)
        return cat_reply_problem(reply, "limit", why.message, NULL);
    return code < 0 ? cat_error_copy(error, &why) : code;
}
