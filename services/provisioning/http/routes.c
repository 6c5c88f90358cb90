#include "http/routes.h"

CAT_EMBED(provisioning_openapi, "proto/openapi/provisioning.yaml");

static int get_openapi(cat_request *request, cat_reply *reply, void *context, cat_error *error)
{
    (void)request;
    (void)context;
    return cat_openapi_reply(reply, provisioning_openapi_start, provisioning_openapi_end, error);
}

const cat_route prv_routes[] = {
    {"GET", "/v1/openapi.json", get_openapi, CAT_ROUTE_OPEN, 0},
    {"POST", "/v1/plans", prv_post_plan, 0, 0},
    {"GET", "/v1/plans/{id}", prv_get_plan, 0, 0},
    {"POST", "/v1/plans/{id}/apply", prv_apply_plan, 0, 0},
    {"GET", "/v1/operations/{id}", prv_get_operation, 0, 0},
    {"POST", "/v1/operations/{id}/retry", prv_retry_operation, 0, 0},
    {"GET", "/v1/applications/{app}/config", prv_get_config, 0, 0},
    {"GET", "/v1/dependencies", prv_get_dependencies, 0, 0},
    {"POST", "/v1/organizations", prv_post_organization, 0, 0},
    {"POST", "/v1/environments", prv_post_environment, 0, 0},
    {"GET", "/v1/git-tokens", prv_get_tokens, 0, 0},
    {"POST", "/v1/git-tokens", prv_post_token, 0, 0},
    {"DELETE", "/v1/git-tokens/{name}", prv_delete_token, 0, 0},
    {0},
};

const cat_api prv_api = {prv_routes, provisioning_openapi_start, provisioning_openapi_end};
