#include "http/routes.h"

#include <stdlib.h>
#include <string.h>

#include "domain/kinds.h"
#include "domain/object_status.h"
#include "http/routes_internal.h"
#include "wire/names.h"
#include "wire/subjects.h"

CAT_EMBED(projector_openapi, "proto/openapi/projector.yaml");

/* Who sees what */

/* Values of secrets are never in rows; that one is there is not for everybody either. */
bool prj_routes_sees(const cat_principal *principal, const char *environment, const prj_view_row *row)
{
    char organization[CAT_NAME_ORGANIZATION_MAX + 1], env_type[8];
    if (row->elsewhere)
        return false;
    return !cat_kind_is(row->kind, CAT_KIND_SECRET) ||
           (cat_environment_split(environment, organization, env_type) &&
            cat_access_check(principal, CAT_ACTION_READ_SECRETS, organization, environment, NULL) == 0);
}

int prj_routes_environments(prj_routes_context *context, const cat_principal *principal, cat_action action,
                            const char *organization, cat_strings *names, cat_error *error)
{
    prj_view *controlplane = NULL;
    int code = prj_views_acquire(context->views, "system", "_", &controlplane, error);
    if (code < 0)
        return code;
    prj_view_lock(controlplane);
    size_t at = 0;
    for (const prj_view_row *row; (row = prj_view_next(controlplane, &at));) {
        if (row->deleted || !cat_kind_is(row->kind, CAT_KIND_ROW_ENVIRONMENT) || strcmp(row->organization, organization) != 0)
            continue;
        if (cat_access_check(principal, action, organization, row->name, NULL) == 0)
            cat_strings_add(names, row->name);
    }
    prj_view_unlock(controlplane);
    prj_views_release(context->views, controlplane);
    cat_strings_sort(names);
    return 0;
}

int prj_routes_environment(cat_request *request, prj_routes_context *context, const char *environment, prj_view **seen,
                           cat_error *error)
{
    char organization[CAT_NAME_ORGANIZATION_MAX + 1], env_type[8];
    if (!cat_environment_split(environment, organization, env_type))
        return cat_error_set(error, CAT_E_NOT_FOUND, "there is no Environment %.64s", environment);
    int code = cat_request_is_about(request, organization, error);
    if (code == 0)
        code = cat_access_check(cat_request_principal(request), CAT_ACTION_READ, organization, environment, error);
    return code < 0 ? code : prj_views_acquire(context->views, organization, environment, seen, error);
}

int prj_routes_look_at(cat_request *request, prj_routes_context *context, cat_action action, const char *organization,
                       const cat_strings *environments, prj_routes_look *look, cat_error *error)
{
    const cat_principal *principal = cat_request_principal(request);
    cat_auto(cat_strings) all = {0};
    int code = environments ? 0 : prj_routes_environments(context, principal, action, organization, &all, error);
    if (code < 0)
        return code;
    const cat_strings *names = environments ? environments : &all;
    /* Nothing to be seen: because nothing is there, or because the role does not allow it. */
    if (names->count == 0 && (code = cat_access_check_somewhere(principal, action, organization, error)) < 0)
        return code;
    *look = (prj_routes_look){.context = context, .seen = cat_calloc(names->count + 1, sizeof(prj_view *))};
    for (size_t i = 0; i < names->count; i++) {
        cat_error why = {0};
        code = cat_access_check(principal, action, organization, names->items[i], &why);
        if (code == 0)
            code = prj_views_acquire(context->views, organization, names->items[i], &look->seen[look->count], &why);
        if (code == 0)
            look->count++;
        else if (environments || code != CAT_E_NOT_FOUND)
            return cat_error_copy(error, &why);
    }
    for (size_t i = 0; i < look->count; i++)
        prj_view_lock(look->seen[i]);
    look->locked = true;
    return 0;
}

void prj_routes_look_finish(prj_routes_look *look)
{
    for (size_t i = look->count; i-- > 0;) {
        if (look->locked)
            prj_view_unlock(look->seen[i]);
        prj_views_release(look->context->views, look->seen[i]);
    }
    free(look->seen);
    *look = (prj_routes_look){0};
}

/* Queries and answers */

int prj_routes_limit(const cat_request *request, size_t *limit, cat_error *error)
{
    int64_t number = 0;
    int code = cat_request_query_int(request, "limit", 1, LIST_LIMIT_MAX, LIST_LIMIT_DEFAULT, &number, error);
    if (code == 0)
        *limit = (size_t)number;
    return code;
}

int prj_routes_cut_page(const cat_request *request, cat_reply *reply, prj_list *all, prj_routes_page *page)
{
    cat_error error = {0};
    page->refused =
        prj_list_page(all, cat_request_query(request, "cursor"), page->limit, &page->from, &page->to, &page->next, &error) < 0;
    return page->refused ? cat_openapi_refuse(reply, "cursor-invalid", "cursor", error.message) : 0;
}

bool prj_routes_query_list(const cat_request *request, const char *name, cat_strings *values)
{
    const char *text = cat_request_query(request, name);
    if (!text || !*text)
        return false;
    while (*text) {
        size_t length = strcspn(text, ",");
        cat_autofree char *value = cat_strndup(text, length);
        if (length > 0 && !cat_strings_has(values, value))
            cat_strings_add(values, value);
        text += length + (text[length] == ',');
    }
    cat_strings_sort(values);
    return values->count > 0;
}

int prj_routes_list_begin(cat_request *request, prj_routes_context *context, cat_action action, const char **organization,
                          prj_routes_look *look, size_t *limit, cat_error *error)
{
    cat_auto(cat_strings) environments = {0};
    int code = cat_request_organization(request, organization, error);
    if (code == 0)
        code = prj_routes_limit(request, limit, error);
    bool named = prj_routes_query_list(request, "environment", &environments);
    return code < 0 ? code
                    : prj_routes_look_at(request, context, action, *organization, named ? &environments : NULL, look, error);
}

int prj_routes_answer_list(cat_reply *reply, cat_string *body, const char *next_or_null, const prj_routes_look *look,
                           cat_error *error)
{
    cat_string_append(body, "],\"next\":");
    if (next_or_null)
        cat_string_appendf(body, "\"%s\"", next_or_null);
    else
        cat_string_append(body, "null");
    cat_string_append(body, ",\"revision\":\"");
    for (size_t i = 0; i < look->count; i++)
        cat_string_appendf(body, "%s%s:%s.%llu", i ? "," : "", prj_view_environment(look->seen[i]),
                           prj_view_incarnation(look->seen[i]), (unsigned long long)prj_view_revision(look->seen[i]));
    cat_string_append(body, "\"}");
    if (body->overflowed)
        return cat_error_set(error, CAT_E_TOO_LARGE, "the page is too large: ask for fewer items or fields");
    size_t length = body->length;
    return cat_reply_text(reply, 200, "application/json", cat_string_take(body), length);
}

void prj_routes_format_row(const prj_view_row *row, const cat_strings *fields, cat_string *out)
{
    cat_auto(cat_string) text = CAT_STRING(2u * 1024 * 1024);
    prj_view_row_format(row, &text);
    if (!fields) {
        cat_string_append_bytes(out, text.data, text.length);
        return;
    }
    cat_json_caps caps = {.max_bytes = 2u * 1024 * 1024, .max_depth = 80};
    cat_autojson json_t *whole = NULL, *picked = json_object();
    if (cat_json_parse(cat_string_get(&text), text.length, &caps, &whole, NULL) < 0)
        return;
    for (size_t i = 0; i < fields->count; i++) {
        json_t *value = json_object_get(whole, fields->items[i]);
        if (value)
            json_object_set(picked, fields->items[i], value);
    }
    json_object_set(picked, "key", json_object_get(whole, "key"));
    json_object_set(picked, "revision", json_object_get(whole, "revision"));
    cat_autofree char *formatted = cat_json_format(picked);
    cat_string_append(out, formatted);
}

/* Me, Organizations, Environments */

static bool sees_organization(const cat_principal *principal, const char *name)
{
    return cat_principal_reaches(principal, name);
}

static int list_organizations(cat_request *request, cat_reply *reply, void *opaque, cat_error *error)
{
    prj_routes_context *context = opaque;
    const char *q = cat_request_query(request, "q");
    cat_auto(prj_routes_page) page = {0};
    size_t at = 0;
    int code = prj_routes_limit(request, &page.limit, error);
    prj_view *controlplane = NULL;
    if (code == 0)
        code = prj_views_acquire(context->views, "system", "_", &controlplane, error);
    if (code < 0)
        return code;
    cat_auto(prj_routes_look) look = {.context = context, .seen = cat_calloc(1, sizeof(prj_view *)), .count = 1, .locked = true};
    look.seen[0] = controlplane;
    prj_view_lock(controlplane);
    cat_auto(prj_list) all = {0};
    for (const prj_view_row *row; (row = prj_view_next(controlplane, &at));)
        if (!row->deleted && cat_kind_is(row->kind, CAT_KIND_ROW_ORGANIZATION) &&
            sees_organization(cat_request_principal(request), row->name) && (!q || prj_list_text_has(row->name, q)))
            prj_list_add(&all, row->name, row->name, row);
    code = prj_routes_cut_page(request, reply, &all, &page);
    if (page.refused)
        return code;
    cat_auto(cat_string) body = CAT_STRING(ROUTES_BODY_MAX);
    cat_string_append(&body, "{\"items\":[");
    for (size_t i = page.from; i < page.to; i++) {
        cat_string_append(&body, i > page.from ? "," : "");
        const prj_view_row *row = all.items[i].payload;
        prj_view_row_format_for(row, prj_routes_env_types(cat_request_principal(request), row->name), &body);
    }
    return prj_routes_answer_list(reply, &body, page.next, &look, error);
}

/* As many as the list shows with each status as a filter. */
static json_t *count_applications(const prj_view *seen)
{
    static const char *const NAMES[] = {
        [CAT_STATUS_RUNNING] = "running",     [CAT_STATUS_PROGRESSING] = "progressing", [CAT_STATUS_DEGRADED] = "degraded",
        [CAT_STATUS_SUSPENDED] = "suspended", [CAT_STATUS_MISSING] = "missing",         [CAT_STATUS_UNKNOWN] = "unknown"};
    json_int_t total = 0, counts[sizeof NAMES / sizeof *NAMES] = {0};
    size_t at = 0;
    for (const prj_view_row *row; seen && (row = prj_view_next(seen, &at));) {
        cat_status status = CAT_STATUS_UNKNOWN;
        if (row->deleted || !cat_kind_is(row->kind, CAT_KIND_ROW_APPLICATION))
            continue;
        total++;
        cat_status_parse(row->status, &status);
        counts[status]++;
    }
    json_t *made = cat_json_object("total", json_integer(total), NULL);
    for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++)
        cat_json_set_int(made, NAMES[i], counts[i]);
    return made;
}

static json_t *describe_environment(const prj_view_row *row, const prj_view *seen)
{
    cat_json_caps caps = {.max_bytes = 1024 * 1024, .max_depth = 80};
    cat_autojson json_t *stored = NULL;
    if (cat_json_parse(row->text, row->length, &caps, &stored, NULL) < 0)
        stored = json_object();
    json_t *shown = cat_json_object("name", json_string(row->name), "organization", json_string(row->organization),
                                    "applications", count_applications(seen), NULL);
    static const char *const COPIED[] = {"displayName", "envType", "branch", "vclusters", "status",
                                         "reason",      "message", "next",   "since",     "policyRef"};
    for (size_t i = 0; i < sizeof COPIED / sizeof *COPIED; i++)
        if (json_object_get(stored, COPIED[i]))
            json_object_set(shown, COPIED[i], json_object_get(stored, COPIED[i]));
    cat_autofree char *revision =
        seen ? cat_printf("%s:%s.%llu", row->name, prj_view_incarnation(seen), (unsigned long long)prj_view_revision(seen))
             : NULL;
    json_object_set_new(shown, "revision", revision ? json_string(revision) : json_null());
    return shown;
}

static const prj_view *find_seen(const prj_routes_look *look, const char *environment)
{
    for (size_t i = 0; i < look->count; i++)
        if (strcmp(prj_view_environment(look->seen[i]), environment) == 0)
            return look->seen[i];
    return NULL;
}

static int list_environments(cat_request *request, cat_reply *reply, void *opaque, cat_error *error)
{
    prj_routes_context *context = opaque;
    const char *organization = NULL;
    cat_auto(prj_routes_page) page = {0};
    size_t at = 0;
    cat_auto(prj_routes_look) look = {0};
    prj_view *controlplane = NULL;
    int code = cat_request_organization(request, &organization, error);
    if (code == 0)
        code = prj_routes_limit(request, &page.limit, error);
    if (code == 0)
        code = prj_routes_look_at(request, context, CAT_ACTION_READ, organization, NULL, &look, error);
    if (code == 0)
        code = prj_views_acquire(context->views, "system", "_", &controlplane, error);
    if (code < 0)
        return code;
    cat_auto(prj_list) all = {0};
    cat_auto(cat_string) body = CAT_STRING(ROUTES_BODY_MAX);
    cat_string_append(&body, "{\"items\":[");
    prj_view_lock(controlplane);
    for (const prj_view_row *row; (row = prj_view_next(controlplane, &at));)
        if (!row->deleted && cat_kind_is(row->kind, CAT_KIND_ROW_ENVIRONMENT) && strcmp(row->organization, organization) == 0 &&
            cat_access_check(cat_request_principal(request), CAT_ACTION_READ, organization, row->name, NULL) == 0)
            prj_list_add(&all, row->name, row->name, row);
    code = prj_routes_cut_page(request, reply, &all, &page);
    for (size_t i = page.from; i < page.to; i++) {
        const prj_view_row *row = all.items[i].payload;
        cat_autojson json_t *shown = describe_environment(row, find_seen(&look, row->name));
        cat_autofree char *text = cat_json_format(shown);
        cat_string_append(&body, i > page.from ? "," : "");
        cat_string_append(&body, text);
    }
    prj_view_unlock(controlplane);
    prj_views_release(context->views, controlplane);
    return page.refused ? code : prj_routes_answer_list(reply, &body, page.next, &look, error);
}

/* The stream */

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

unsigned prj_routes_env_types(const cat_principal *principal, const char *organization)
{
    unsigned types = 0;
    for (unsigned i = 0; i < VIEW_ENV_TYPES; i++) {
        cat_autofree char *environment = cat_printf("%s-%s", organization, prj_view_env_types[i]);
        if (cat_access_check(principal, CAT_ACTION_READ, organization, environment, NULL) == 0)
            types |= 1u << i;
    }
    return types;
}

/* Whatever has gone, the stream is opened anew with what is left. */
static bool rights_hold(void *context)
{
    stream_rights *rights = context;
    return !cat_identity_reduce(rights->identity, &rights->principal);
}

static bool is_for_everybody(const cat_principal *principal, const char *organization)
{
    return strcmp(organization, CAT_ORGANIZATION_SYSTEM) == 0 &&
           cat_access_check(principal, CAT_ACTION_READ, CAT_ORGANIZATION_SYSTEM, NULL, NULL) == 0;
}

static int open_stream(cat_request *request, cat_reply *reply, void *opaque, cat_error *error)
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

static int get_openapi(cat_request *request, cat_reply *reply, void *opaque, cat_error *error)
{
    (void)request;
    (void)opaque;
    return cat_openapi_reply(reply, projector_openapi_start, projector_openapi_end, error);
}

static int gitea_hook(cat_request *request, cat_reply *reply, void *opaque, cat_error *error)
{
    return prj_hooks_gitea(((prj_routes_context *)opaque)->hooks, request, reply, error);
}

static int flux_hook(cat_request *request, cat_reply *reply, void *opaque, cat_error *error)
{
    return prj_hooks_flux(((prj_routes_context *)opaque)->hooks, request, reply, error);
}

const cat_route ROUTES[] = {
    {"GET", "/v1/openapi.json", get_openapi, CAT_ROUTE_OPEN, 0},
    {"GET", "/v1/me", prj_routes_get_me, 0, 0},
    {"GET", "/v1/organizations", list_organizations, 0, 0},
    {"GET", "/v1/environments", list_environments, 0, 0},
    {"GET", "/v1/applications", prj_routes_list_applications, 0, 0},
    {"GET", "/v1/applications/{app}", prj_routes_get_application, 0, 0},
    {"GET", "/v1/environments/{env}/rows", prj_routes_list_rows, 0, 0},
    {"GET", "/v1/environments/{env}/rows/{kind}/{namespace}/{name}", prj_routes_get_row, 0, 0},
    {"GET", "/v1/operations", prj_routes_list_operations, 0, 0},
    {"GET", "/v1/operations/{id}", prj_routes_get_operation, 0, 0},
    {"GET", "/v1/secrets", prj_routes_list_secrets, 0, 0},
    {"GET", "/v1/stream", open_stream, 0, 0},
    {"POST", "/hooks/gitea", gitea_hook, CAT_ROUTE_OPEN | CAT_ROUTE_RAW, HOOKS_BODY_MAX},
    {"POST", "/hooks/flux", flux_hook, CAT_ROUTE_OPEN | CAT_ROUTE_RAW, HOOKS_BODY_MAX},
    {0},
};

const cat_api API = {ROUTES, projector_openapi_start, projector_openapi_end};
