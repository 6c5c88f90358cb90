/* Starts what the service consists of, and stops it in the opposite order. */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "controller.h"
#include "listen.h"
#include "reconcile.h"
#include "svc/openapi.h"
#include "svc/peers.h"

CAT_EMBED(bpc_schema, "proto/blueprint.schema.json");

typedef struct {
    bpc_controller controller;
    bpc_listener *listener;
} program;

static void make_metrics(bpc_controller *controller)
{
    cat_metrics *metrics = cat_service_metrics(controller->service);
    controller->registered = cat_metric_get(metrics, CAT_METRIC_COUNTER, "catalyst_blueprints_registered_total",
                                            "Blueprint versions that were registered.", "source");
    controller->rejected = cat_metric_get(metrics, CAT_METRIC_COUNTER, "catalyst_blueprints_rejected_total",
                                          "Blueprint versions that were not.", "source");
    controller->moved = cat_metric_get(metrics, CAT_METRIC_COUNTER, "catalyst_blueprint_tags_moved_total",
                                       "Tags that name something else than what was registered.", "source");
    controller->scans =
        cat_metric_get(metrics, CAT_METRIC_COUNTER, "catalyst_blueprint_scans_total", "Looks through all sources.", "result");
}

static void on_gained(void *context, const char *owner)
{
    (void)owner;
    bpc_controller *controller = context;
    cat_reconciler_add(controller->reconciler, BPC_ALL);
    cat_reconciler_add(controller->reconciler, BPC_STATUS);
}

static void stop(cat_service *service)
{
    program *all = cat_service_state(service);
    bpc_controller *controller = &all->controller;
    bpc_listener_stop(all->listener);
    cat_shard_stop(controller->shard);
    if (controller->reconciler)
        cat_reconciler_stop(controller->reconciler);
    cat_shard_destroy(controller->shard);
    bpc_registry_stop(controller->registry);
    cat_config_repo_destroy(controller->config_repo);
    cat_spine_destroy(controller->spine);
    cat_gitea_destroy(controller->gitea);
    cat_kube_destroy(controller->kube);
    bpc_checker_destroy(controller->checker);
    json_decref(controller->settled);
    free(controller->resume);
    cat_secret_free(controller->git_token);
}

static int start(cat_service *service, void *configuration, cat_error *error)
{
    program *all = cat_service_state(service);
    bpc_controller *controller = &all->controller;
    *controller = (bpc_controller){.service = service, .config = configuration, .settled = json_object()};
    int code = bpc_checker_create(bpc_schema_start, (size_t)(bpc_schema_end - bpc_schema_start), &controller->checker, error);
    if (code == 0)
        code = cat_peers_create_gitea(&controller->config->common, &controller->gitea, &controller->git_token, error);
    if (code == 0)
        code = cat_peers_connect_kube(&controller->config->common, &controller->kube, error);
    if (code == 0)
        code = cat_peers_connect_spine(controller->service, (const char *const[]){"catalyst-events", NULL},
                                       (const char *const[]){BPC_BUCKET, "catalyst-leases", NULL}, &controller->spine, error);
    if (code == 0)
        code = bpc_registry_start(controller->spine, &controller->registry, error);
    if (code < 0)
        return code;
    controller->config_repo = cat_config_repo_create(&controller->config->common, controller->git_token, NULL);
    make_metrics(controller);
    cat_service_set_ready(controller->service, "sources", "not looked through yet");
    /* One worker: what several repositories have new goes into one commit, and no two commits race. */
    controller->reconciler =
        cat_reconciler_create(&(cat_reconciler_options){.name = BPC_NAME,
                                                        .workers = 1,
                                                        .max_keys = 20000,
                                                        .reconcile = bpc_reconcile,
                                                        .context = controller,
                                                        .metrics = cat_service_metrics(controller->service)});
    cat_shard_options shard = {.spine = controller->spine,
                               .service = BPC_NAME,
                               .instance = controller->config->common.instance,
                               .on_gained = on_gained,
                               .context = controller};
    code = cat_shard_start(&shard, &controller->shard, error);
    if (code < 0)
        return code;
    all->listener = bpc_listener_start(controller);
    cat_reconciler_add(controller->reconciler, BPC_ALL);
    cat_reconciler_add(controller->reconciler, BPC_STATUS);
    return 0;
}

int main(int argc, char **argv)
{
    static const cat_service_definition DEFINITION = {
        .name = BPC_NAME,
        .summary = "finds Blueprint versions in their sources, checks them and registers them",
        .config_schema = &bpc_config_schema,
        .common_offset = offsetof(bpc_config, common),
        .state_bytes = sizeof(program),
        .finish_config = bpc_config_finish,
        .start = start,
        .stop = stop,
    };
    return cat_service_main(argc, argv, &DEFINITION);
}
