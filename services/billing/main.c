/* billing: what the Applications of every Organization asked for, and for how long. */
#include <stddef.h>

#include "config.h"
#include "routes.h"
#include "svc/peers.h"

#define STOP_MS 5000

typedef struct {
    bil_routes_context routes;
    cat_spine *spine;
    cat_kube *kube;
    cat_accounts *accounts;
    bil_meters *meters;
    cat_http_server *server;
} program;

static int start(cat_service *service, void *configuration, cat_error *error)
{
    const bil_config *config = configuration;
    program *all = cat_service_state(service);
    const cat_config_common *common = &config->common;
    int code = cat_peers_connect_spine(service, (const char *const[]){"billing-ledger", NULL},
                                       (const char *const[]){BIL_BUCKET, "catalyst-people", "catalyst-leases", NULL}, &all->spine,
                                       error);
    if (code == 0)
        code = cat_peers_connect_kube(common, &all->kube, error);
    if (code < 0)
        return code;
    all->routes.spine = all->spine;
    all->accounts = cat_peers_create_accounts(common, all->kube);
    code = cat_identity_create(common, &all->routes.identity, error);
    if (code == 0)
        code = cat_identity_watch_people(all->routes.identity, all->spine, error);
    if (code == 0)
        all->routes.store = bil_store_start(service, all->spine);
    bil_meters_options meters = {.service = service,
                                 .spine = all->spine,
                                 .accounts = all->accounts,
                                 .instance = common->instance,
                                 .interval_ms = (int64_t)config->metering.interval_seconds * 1000};
    if (code == 0)
        code = bil_meters_start(&meters, &all->meters, error);
    if (code == 0)
        code = cat_peers_serve(service, &bil_api, &all->routes, &all->server, error);
    return code;
}

static void stop(cat_service *service)
{
    program *all = cat_service_state(service);
    cat_http_server_stop(all->server, STOP_MS);
    bil_meters_stop(all->meters);
    bil_store_stop(all->routes.store);
    cat_identity_destroy(all->routes.identity);
    cat_accounts_destroy(all->accounts);
    cat_kube_destroy(all->kube);
    cat_spine_destroy(all->spine);
}

int main(int argc, char **argv)
{
    static const cat_service_definition DEFINITION = {
        .name = "billing",
        .summary = "meters what the Applications of every Organization asked for",
        .config_schema = &bil_config_schema,
        .common_offset = offsetof(bil_config, common),
        .state_bytes = sizeof(program),
        .finish_config = bil_config_finish,
        .start = start,
        .stop = stop,
    };
    return cat_service_main(argc, argv, &DEFINITION);
}
