#include "routes.h"

#include <string.h>

#include "base/clock.h"
#include "svc/page.h"

CAT_EMBED(bil_openapi, "proto/openapi/billing.yaml");

typedef struct {
    const cat_principal *principal;
    const char *organization;
} sight;

static bool may_see(void *context, const char *environment)
{
    const sight *of = context;
    return cat_access_check(of->principal, CAT_ACTION_READ_MONEY, of->organization, environment, NULL) == 0;
}

static int read_time(const cat_request *request, const char *name, int64_t *seconds, cat_error *error)
{
    const char *text = cat_request_query(request, name);
    int64_t ms = 0;
    if (text && *text && (!cat_time_parse(text, &ms) || ms < 0))
        return cat_error_set(error, CAT_E_INVALID, "%s is a time such as 2026-11-24T08:00:00Z", name);
    *seconds = ms / 1000;
    return 0;
}

static const char *text_or_none(const char *text)
{
    return text && *text ? text : NULL;
}

/* Whose Environments' running windows are asked for: one that is no Environment of the Organization's has none. */
static int find_open(const bil_routes_context *context, const sight *of, const char *environment, json_t **open, cat_error *error)
{
    cat_auto(cat_strings) all = {0}, wanted = {0};
    int code = bil_meters_environments(context->spine, of->organization, &all, error);
    for (size_t i = 0; i < all.count; i++)
        if ((!environment || strcmp(environment, all.items[i]) == 0) && may_see((void *)of, all.items[i]))
            cat_strings_add(&wanted, all.items[i]);
    return code < 0 ? code : bil_meters_open(context->spine, &wanted, open, error);
}

static int get_usage(cat_request *request, cat_reply *reply, void *opaque, cat_error *error)
{
    bil_routes_context *context = opaque;
    sight of = {.principal = cat_request_principal(request)};
    bil_ledger_query query = {.environment = text_or_none(cat_request_query(request, "environment")),
                              .application = text_or_none(cat_request_query(request, "application")),
                              .cursor = cat_request_query(request, "cursor"),
                              .may_see = may_see,
                              .context = &of};
    uint64_t sequence;
    cat_autojson json_t *open = NULL;
    json_t *result = NULL;
    int code = cat_request_organization(request, &of.organization, error);
    if (code == 0)
        code = query.environment
                   ? cat_access_check(of.principal, CAT_ACTION_READ_MONEY, of.organization, query.environment, error)
                   : cat_access_check_somewhere(of.principal, CAT_ACTION_READ_MONEY, of.organization, error);
    if (code == 0)
        code = cat_page_limit(request, &query.limit, error);
    if (code == 0)
        code = read_time(request, "from", &query.from_s, error);
    if (code == 0)
        code = read_time(request, "to", &query.to_s, error);
    if (code == 0)
        code = find_open(context, &of, query.environment, &open, error);
    query.organization = of.organization;
    query.open = open;
    const char *sum = cat_request_query(request, "sum");
    query.sum = sum && strcmp(sum, "true") == 0;
    if (code == 0 && (code = bil_store_search(context->store, &query, &result, &sequence, error)) == CAT_E_INVALID)
        return cat_page_refuse(reply, error);
    if (code < 0)
        return code;
    return cat_page_answer(reply, result, sequence);
}

static int get_openapi(cat_request *request, cat_reply *reply, void *context, cat_error *error)
{
    (void)request;
    (void)context;
    return cat_openapi_reply(reply, bil_openapi_start, bil_openapi_end, error);
}

const cat_route bil_routes[] = {
    {"GET", "/v1/openapi.json", get_openapi, CAT_ROUTE_OPEN, 0},
    {"GET", "/v1/usage", get_usage, 0, 0},
    {0},
};

const cat_api bil_api = {bil_routes, bil_openapi_start, bil_openapi_end};
