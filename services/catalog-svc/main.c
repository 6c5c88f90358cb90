/* catalog-svc: what an Organization may install, searched and shown. */
#include <stddef.h>

#include "config.h"
#include "routes.h"
#include "svc/peers.h"

#define STOP_MS 5000

typedef struct {
    ctg_routes_context routes;
    cat_spine *spine;
    cat_http_server *server;
} program;

static int start(cat_service *service, void *configuration, cat_error *error)
{
    const ctg_config *config = configuration;
    program *all = cat_service_state(service);
    /* The buckets that are read may be asked for before its writer has started. */
    int code = cat_peers_connect_spine(service, NULL,
                                       (const char *const[]){"catalyst-blueprints", "catalyst-catalog", "catalyst-people", NULL},
                                       &all->spine, error);
    if (code == 0)
        code = cat_identity_create(&config->common, &all->routes.identity, error);
    if (code == 0)
        code = cat_identity_watch_people(all->routes.identity, all->spine, error);
    if (code == 0)
        code = ctg_store_start(service, all->spine, &all->routes.store, error);
    if (code == 0)
        code = cat_peers_serve(service, &ctg_api, &all->routes, &all->server, error);
    return code;
}

static void stop(cat_service *service)
{
    program *all = cat_service_state(service);
    cat_http_server_stop(all->server, STOP_MS);
    ctg_store_stop(all->routes.store);
    cat_identity_destroy(all->routes.identity);
    cat_spine_destroy(all->spine);
}

int main(int argc, char **argv)
{
    static const cat_service_definition DEFINITION = {
        .name = "catalog-svc",
        .summary = "searches and shows the Blueprints that an Organization may install",
        .config_schema = &ctg_config_schema,
        .common_offset = offsetof(ctg_config, common),
        .state_bytes = sizeof(program),
        .finish_config = ctg_config_finish,
        .start = start,
        .stop = stop,
    };
    return cat_service_main(argc, argv, &DEFINITION);
}
