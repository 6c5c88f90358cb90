/* Starts what the service consists of, and stops it in the opposite order. */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "controller.h"
#include "listen.h"
#include "reconcile.h"
#include "svc/openapi.h"
#include "svc/spine_layout.h"

CAT_EMBED(bpc_schema, "proto/blueprint.schema.json");

typedef struct {
    bpc_controller controller;
    bpc_listener *listener;
} program;

static void on_spine(void *context, bool connected)
{
    cat_service_set_ready(context, "spine", connected ? NULL : "not connected");
}

static int connect_git(bpc_controller *controller, cat_error *error)
{
    const cat_config_common *common = &controller->config->common;
    int code = cat_file_read_secret(common->gitea.token, &controller->git_token, error);
    if (code < 0)
        return code;
    size_t length = strlen(common->gitea.url);
    while (length && common->gitea.url[length - 1] == '/')
        length--;
    controller->git_url = cat_strndup(common->gitea.url, length);
    cat_gitea_options options = {.url = controller->git_url, .token = controller->git_token, .user = common->gitea.user};
    return cat_gitea_create(&options, &controller->gitea, error);
}

static int connect_kubernetes(bpc_controller *controller, cat_error *error)
{
    const char *file = controller->config->common.kubernetes.kubeconfig;
    return file && *file ? cat_kube_create_from_file(file, &controller->kube, error)
                         : cat_kube_create_in_cluster(&controller->kube, error);
}

static int connect_spine(bpc_controller *controller, cat_error *error)
{
    const cat_config_common *common = &controller->config->common;
    cat_spine_options options = {.url = common->spine.url,
                                 .name = common->instance,
                                 .credentials_path = common->spine.credentials,
                                 .on_state = on_spine,
                                 .context = controller->service};
    int code = cat_spine_connect(&options, &controller->spine, error);
    if (code == 0)
        code = cat_layout_ensure_stream(controller->spine, "catalyst-events", error);
    if (code == 0)
        code = cat_layout_ensure_bucket(controller->spine, BPC_BUCKET, error);
    return code;
}

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

static void finish(program *all)
{
    bpc_controller *controller = &all->controller;
    bpc_listener_stop(all->listener);
    if (controller->reconciler)
        cat_reconciler_stop(controller->reconciler);
    bpc_registry_stop(controller->registry);
    cat_spine_destroy(controller->spine);
    cat_gitea_destroy(controller->gitea);
    cat_kube_destroy(controller->kube);
    bpc_checker_destroy(controller->checker);
    json_decref(controller->settled);
    if (controller->git_token)
        cat_wipe(controller->git_token, strlen(controller->git_token));
    free(controller->git_token);
    free(controller->git_url);
    free(all);
}

static int begin(program *all, cat_error *error)
{
    bpc_controller *controller = &all->controller;
    int code = bpc_checker_create(bpc_schema_start, (size_t)(bpc_schema_end - bpc_schema_start), &controller->checker, error);
    if (code == 0)
        code = connect_git(controller, error);
    if (code == 0)
        code = connect_kubernetes(controller, error);
    if (code == 0)
        code = connect_spine(controller, error);
    if (code == 0)
        code = bpc_registry_start(controller->spine, &controller->registry, error);
    if (code < 0)
        return code;
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
    if ((code = bpc_listener_start(controller, &all->listener, error)) < 0)
        return code;
    cat_reconciler_add(controller->reconciler, BPC_ALL);
    cat_reconciler_add(controller->reconciler, BPC_STATUS);
    return 0;
}

static int start(cat_service *service, void *configuration, cat_error *error)
{
    bpc_config *config = configuration;
    int code = bpc_config_finish(config, error);
    if (code < 0)
        return code;
    program *all = cat_calloc(1, sizeof *all);
    all->controller = (bpc_controller){.service = service, .config = config, .settled = json_object()};
    code = begin(all, error);
    if (code < 0)
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
        .name = BPC_NAME,
        .summary = "finds Blueprint versions in their sources, checks them and registers them",
        .config_schema = &bpc_config_schema,
        .common_offset = offsetof(bpc_config, common),
        .start = start,
        .stop = stop,
    };
    return cat_service_main(argc, argv, &DEFINITION);
}
