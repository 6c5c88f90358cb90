#include "routes.h"

#include <string.h>

#include "svc/page.h"

CAT_EMBED(ctg_openapi, "proto/openapi/catalog-svc.yaml");

#define CHOICES_MAX 50

/* Whoever may read something of the Organization may see what it could install. */
static int admit(cat_request *request, const char **organization, cat_error *error)
{
    int code = cat_request_organization(request, organization, error);
    return code < 0 ? code : cat_access_check(cat_request_principal(request), CAT_ACTION_READ, *organization, NULL, error);
}

static int read_choices(const cat_request *request, const char *name, cat_strings *values, cat_error *error)
{
    const char *text = cat_request_query(request, name);
    while (text && *text) {
        size_t length = strcspn(text, ",");
        cat_autofree char *value = cat_strndup(text, length);
        if (values->count >= CHOICES_MAX)
            return cat_error_set(error, CAT_E_TOO_LARGE, "%s takes at most %d values", name, CHOICES_MAX);
        if (length > 0)
            cat_strings_add(values, value);
        text += length + (text[length] == ',');
    }
    return 0;
}

static int list_blueprints(cat_request *request, cat_reply *reply, void *opaque, cat_error *error)
{
    ctg_routes_context *context = opaque;
    cat_auto(cat_strings) categories = {0}, tags = {0}, sources = {0};
    ctg_query query = {.q = cat_request_query(request, "q"),
                       .cursor = cat_request_query(request, "cursor"),
                       .categories = &categories,
                       .tags = &tags,
                       .sources = &sources};
    int code = admit(request, &query.organization, error);
    if (code == 0)
        code = cat_page_limit(request, &query.limit, error);
    if (code == 0)
        code = read_choices(request, "category", &categories, error);
    if (code == 0)
        code = read_choices(request, "tag", &tags, error);
    if (code == 0)
        code = read_choices(request, "source", &sources, error);
    const ctg_catalog *catalog;
    uint64_t revision;
    if (code < 0 || (code = ctg_store_acquire(context->store, &catalog, &revision, error)) < 0)
        return code;
    json_t *result = NULL;
    code = ctg_catalog_search(catalog, &query, &result, error);
    ctg_store_release(context->store);
    if (code == CAT_E_INVALID && query.q && strlen(query.q) > CTG_QUERY_MAX)
        return cat_openapi_refuse(reply, "invalid", "q", error->message);
    if (code == CAT_E_INVALID)
        return cat_page_refuse(reply, error);
    if (code < 0)
        return code;
    return cat_page_answer(reply, result, revision);
}

/* Both the newest and a named version. */
static int get_blueprint(cat_request *request, cat_reply *reply, void *opaque, cat_error *error)
{
    ctg_routes_context *context = opaque;
    const char *organization, *source = cat_request_parameter(request, "source"), *name = cat_request_parameter(request, "name"),
                              *version = cat_request_parameter(request, "version");
    const ctg_catalog *catalog;
    uint64_t revision;
    int code = admit(request, &organization, error);
    if (code < 0 || (code = ctg_store_acquire(context->store, &catalog, &revision, error)) < 0)
        return code;
    json_t *detail = ctg_catalog_detail(catalog, organization, source, name, version);
    if (!detail)
        code = ctg_catalog_missing(catalog, organization, source, name, version, error);
    ctg_store_release(context->store);
    return code < 0 ? code : cat_reply_json(reply, 200, detail);
}

static int get_dependencies(cat_request *request, cat_reply *reply, void *opaque, cat_error *error)
{
    ctg_routes_context *context = opaque;
    const char *organization;
    const ctg_catalog *catalog;
    uint64_t revision;
    json_t *result = NULL;
    int code = admit(request, &organization, error);
    if (code < 0 || (code = ctg_store_acquire(context->store, &catalog, &revision, error)) < 0)
        return code;
    code = ctg_catalog_dependencies(catalog, organization, cat_request_parameter(request, "source"),
                                    cat_request_parameter(request, "name"), cat_request_parameter(request, "version"), &result,
                                    error);
    ctg_store_release(context->store);
    return code < 0 ? code : cat_reply_json(reply, 200, result);
}

/* Who may do everything in the Sovereign, Organizations among it, looks after the catalogs. */
static int list_rejections(cat_request *request, cat_reply *reply, void *opaque, cat_error *error)
{
    ctg_routes_context *context = opaque;
    ctg_rejections_query query = {.blueprint = cat_request_query(request, "blueprint"),
                                  .cursor = cat_request_query(request, "cursor")};
    const ctg_catalog *catalog;
    uint64_t revision;
    int code = admit(request, &query.organization, error);
    if (code == 0)
        code = cat_page_limit(request, &query.limit, error);
    if (code < 0 || (code = ctg_store_acquire(context->store, &catalog, &revision, error)) < 0)
        return code;
    query.runs_sovereign = cat_access_check(cat_request_principal(request), CAT_ACTION_ONBOARD, "system", NULL, NULL) == 0;
    json_t *result = NULL;
    code = ctg_rejections_list(ctg_store_rejections(context->store), &query, &result, error);
    ctg_store_release(context->store);
    if (code == CAT_E_INVALID)
        return cat_page_refuse(reply, error);
    if (code < 0)
        return code;
    return cat_page_answer(reply, result, revision);
}

static int get_openapi(cat_request *request, cat_reply *reply, void *context, cat_error *error)
{
    (void)request;
    (void)context;
    return cat_openapi_reply(reply, ctg_openapi_start, ctg_openapi_end, error);
}

const cat_route ctg_routes[] = {
    {"GET", "/v1/openapi.json", get_openapi, CAT_ROUTE_OPEN, 0},
    {"GET", "/v1/blueprints", list_blueprints, 0, 0},
    {"GET", "/v1/blueprints/{source}/{name}", get_blueprint, 0, 0},
    {"GET", "/v1/blueprints/{source}/{name}/versions/{version}", get_blueprint, 0, 0},
    {"GET", "/v1/blueprints/{source}/{name}/versions/{version}/dependencies", get_dependencies, 0, 0},
    {"GET", "/v1/rejections", list_rejections, 0, 0},
    {0},
};

const cat_api ctg_api = {ctg_routes, ctg_openapi_start, ctg_openapi_end};
