#include "http/routes.h"

#include "http/routes_internal.h"

CAT_EMBED(projector_openapi, "proto/openapi/projector.yaml");

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

const cat_route prj_routes[] = {
    {"GET", "/v1/openapi.json", get_openapi, CAT_ROUTE_OPEN, 0},
    {"GET", "/v1/me", prj_routes_get_me, 0, 0},
    {"GET", "/v1/organizations", prj_routes_list_organizations, 0, 0},
    {"GET", "/v1/environments", prj_routes_list_environments, 0, 0},
    {"GET", "/v1/applications", prj_routes_list_applications, 0, 0},
    {"GET", "/v1/applications/{app}", prj_routes_get_application, 0, 0},
    {"GET", "/v1/environments/{env}/rows", prj_routes_list_rows, 0, 0},
    {"GET", "/v1/environments/{env}/rows/{kind}/{namespace}/{name}", prj_routes_get_row, 0, 0},
    {"GET", "/v1/operations", prj_routes_list_operations, 0, 0},
    {"GET", "/v1/operations/{id}", prj_routes_get_operation, 0, 0},
    {"GET", "/v1/secrets", prj_routes_list_secrets, 0, 0},
    {"GET", "/v1/stream", prj_routes_open_stream, 0, 0},
    {"POST", "/hooks/gitea", gitea_hook, CAT_ROUTE_OPEN | CAT_ROUTE_RAW, HOOKS_BODY_MAX},
    {"POST", "/hooks/flux", flux_hook, CAT_ROUTE_OPEN | CAT_ROUTE_RAW, HOOKS_BODY_MAX},
    {0},
};

const cat_api prj_api = {prj_routes, projector_openapi_start, projector_openapi_end};
