/* catalog-svc: what an Organization may install, searched and shown. */
#include <stddef.h>
#include <stdlib.h>

#include "config.h"
#include "routes.h"
#include "svc/peers.h"

#define STOP_MS 5000

typedef struct {
    ctg_routes_context routes;
    cat_service *service;
    cat_spine *spine;
    cat_http_server *server;
} program;

static int begin(program *all, const ctg_config *config, cat_error *error)
{
    /* The bucket that is read may be asked for before its writer has started. */
    int code = cat_peers_connect_spine(all->service, NULL, (const char *const[]){"catalyst-blueprints", "catalyst-catalog", NULL},
                                       &all->spine, error);
    if (code == 0)
        code = cat_identity_create(&config->common, &all->routes.identity, error);
    if (code == 0)
        code = ctg_store_start(all->service, all->spine, &all->routes.store, error);
    if (code == 0)
        code = cat_peers_serve(all->service, &ctg_api, &all->routes, &all->server, error);
    return code;
}

static void finish(program *all)
{
    cat_http_server_stop(all->server, STOP_MS);
    ctg_store_stop(all->routes.store);
    cat_identity_destroy(all->routes.identity);
    cat_spine_destroy(all->spine);
    free(all);
}

static int start(cat_service *service, void *configuration, cat_error *error)
{
    const ctg_config *config = configuration;
    int code = ctg_config_check(config, error);
    if (code < 0)
        return code;
    program *all = cat_calloc(1, sizeof *all);
    all->service = service;
    if ((code = begin(all, config, error)) < 0)
        finish(all);
    else
        cat_service_set_state(service, all);
    return code;
}

static void stop(cat_service *service)
{
    if (cat_service_state(service))
        finish(cat_service_state(service));
    cat_service_set_state(service, NULL);
}

int main(int argc, char **argv)
{
    static const cat_service_definition DEFINITION = {
        .name = "catalog-svc",
        .summary = "searches and shows the Blueprints that an Organization may install",
        .config_schema = &ctg_config_schema,
        .common_offset = offsetof(ctg_config, common),
        .start = start,
        .stop = stop,
    };
    return cat_service_main(argc, argv, &DEFINITION);
}
