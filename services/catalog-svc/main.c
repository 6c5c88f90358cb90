/* catalog-svc: what an Organization may install, searched and shown. */
#include <stddef.h>
#include <stdlib.h>

#include "config.h"
#include "routes.h"
#include "svc/spine_layout.h"

#define STOP_MS 5000

typedef struct {
    ctg_routes_context routes;
    cat_service *service;
    cat_spine *spine;
    cat_http_server *server;
} program;

static void on_spine(void *context, bool connected)
{
    cat_service_set_ready(context, "spine", connected ? NULL : "not connected");
}

static int begin(program *all, const ctg_config *config, cat_error *error)
{
    const cat_config_common *common = &config->common;
    cat_spine_options options = {.url = common->spine.url,
                                 .name = common->instance,
                                 .credentials_path = common->spine.credentials,
                                 .on_state = on_spine,
                                 .context = all->service};
    int code = cat_spine_connect(&options, &all->spine, error);
    /* The bucket that is read may be asked for before its writer has started; its settings are the same for both. */
    if (code == 0)
        code = cat_layout_ensure_bucket(all->spine, "catalyst-blueprints", error);
    if (code == 0)
        code = cat_layout_ensure_bucket(all->spine, "catalyst-catalog", error);
    if (code == 0)
        code = cat_identity_create(common, &all->routes.identity, error);
    if (code == 0)
        code = ctg_store_start(all->service, all->spine, &all->routes.store, error);
    if (code < 0)
        return code;
    cat_http_server_options server = {.address = common->listen,
                                      .routes = ctg_routes,
                                      .context = &all->routes,
                                      .guard = cat_identity_guard,
                                      .workers = common->workers};
    if ((code = cat_http_server_start(&server, &all->server, error)) == 0)
        cat_service_observe(all->service, all->server);
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
