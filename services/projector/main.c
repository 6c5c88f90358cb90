/* projector: folds events into rows, and shows them. */
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/log.h"
#include "config.h"
#include "routes.h"
#include "sharing.h"
#include "svc/service.h"
#include "svc/spine_layout.h"
#include "sweep.h"

#define SWEEP_SECONDS 60
#define STOP_MS 5000

typedef struct {
    routes_context routes;
    cat_service *service;
    cat_spine *controlplane;
    cat_kube *management;
    cat_accounts *accounts;
    cat_gitea *gitea;
    asker *asker;
    sharing *sharing;
    sweep *sweep;
    cat_http_server *server;
    cat_metric *requests;
    char *gitea_secret, *flux_secret, *gitea_token;
} projector;

static void on_spine(void *context, bool connected)
{
    cat_service_set_ready(((projector *)context)->service, "spine", connected ? NULL : "not connected");
}

static int connect_peers(projector *all, const projector_config *config, cat_error *error)
{
    const cat_config_common *common = &config->common;
    cat_spine_options spine = {.url = common->spine.url,
                               .name = common->instance,
                               .credentials_path = common->spine.credentials,
                               .on_state = on_spine,
                               .context = all};
    int code = cat_spine_connect(&spine, &all->controlplane, error);
    if (code == 0)
        code = cat_layout_ensure_stream(all->controlplane, "catalyst-events", error);
    if (code == 0)
        code = cat_layout_ensure_bucket(all->controlplane, "catalyst-state", error);
    if (code == 0)
        code = cat_layout_ensure_bucket(all->controlplane, "catalyst-leases", error);
    if (code < 0)
        return code;
    bool file = common->kubernetes.kubeconfig && *common->kubernetes.kubeconfig;
    code = file ? cat_kube_create_from_file(common->kubernetes.kubeconfig, &all->management, error)
                : cat_kube_create_in_cluster(&all->management, error);
    if (code < 0)
        return code;
    all->accounts = cat_accounts_create(&(cat_accounts_options){.url = common->spine.url,
                                                                .namespace = common->kubernetes.namespace,
                                                                .client_name = common->instance,
                                                                .kube = all->management});
    return cat_identity_create(common, &all->routes.identity, error);
}

static int read_secrets(projector *all, const projector_config *config, cat_error *error)
{
    int code = cat_file_read_secret(config->common.gitea.webhook_secret, &all->gitea_secret, error);
    if (code == 0 && config->flux.webhook_secret && *config->flux.webhook_secret)
        code = cat_file_read_secret(config->flux.webhook_secret, &all->flux_secret, error);
    if (code == 0 && config->common.gitea.token && *config->common.gitea.token)
        code = cat_file_read_secret(config->common.gitea.token, &all->gitea_token, error);
    return code;
}

static int start_work(projector *all, const projector_config *config, cat_metrics *metrics, cat_error *error)
{
    all->routes.views =
        views_create(&(views_options){.controlplane = all->controlplane, .accounts = all->accounts, .metrics = metrics});
    all->routes.streams = streams_create(all->routes.views, metrics);
    all->asker = asker_create(all->management, metrics);
    cat_gitea_options gitea = {.url = config->common.gitea.url, .token = all->gitea_token, .user = config->common.gitea.user};
    int code = gitea.url && gitea.token ? cat_gitea_create(&gitea, &all->gitea, error) : 0;
    if (code < 0)
        return code;
    all->routes.hooks = hooks_create(&(hooks_options){.gitea_secret = all->gitea_secret,
                                                      .flux_secret = all->flux_secret,
                                                      .controlplane = all->controlplane,
                                                      .accounts = all->accounts,
                                                      .views = all->routes.views,
                                                      .asker = all->asker,
                                                      .gitea = all->gitea,
                                                      .metrics = metrics});
    sharing_options options = {.controlplane = all->controlplane,
                               .accounts = all->accounts,
                               .views = all->routes.views,
                               .instance = config->common.instance,
                               .metrics = metrics};
    if ((code = sharing_start(&options, &all->sharing, error)) < 0 || !all->gitea)
        return code;
    unsigned seconds = config->sweep.interval_seconds ? config->sweep.interval_seconds : SWEEP_SECONDS;
    all->sweep = sweep_start(&(sweep_options){.gitea = all->gitea,
                                              .accounts = all->accounts,
                                              .sharing = all->sharing,
                                              .hooks = all->routes.hooks,
                                              .interval_ms = (int64_t)seconds * 1000,
                                              .metrics = metrics});
    return 0;
}

static void on_answer(void *context, const char *method, const char *pattern, int status, double seconds, size_t bytes)
{
    (void)bytes;
    char code[12];
    snprintf(code, sizeof code, "%d", status);
    cat_metric_observe(context, seconds, (const char *const[]){method, pattern ? pattern : "none", code});
}

static int serve(projector *all, const projector_config *config, cat_metrics *metrics, cat_error *error)
{
    cat_http_server_options options = {.address = config->common.listen,
                                       .routes = ROUTES,
                                       .context = &all->routes,
                                       .guard = cat_identity_guard,
                                       .workers = config->common.workers};
    int code = cat_http_server_start(&options, &all->server, error);
    if (code < 0)
        return code;
    all->requests = cat_metric_get(metrics, CAT_METRIC_HISTOGRAM, "http_request_duration_seconds", "Requests by route",
                                   "method,route,status");
    cat_http_server_observe(all->server, on_answer, all->requests);
    return 0;
}

static void stop(cat_service *service)
{
    projector *all = cat_service_state(service);
    if (!all)
        return;
    cat_http_server_stop(all->server, STOP_MS);
    sweep_stop(all->sweep);
    sharing_stop(all->sharing);
    hooks_destroy(all->routes.hooks);
    asker_destroy(all->asker);
    streams_destroy(all->routes.streams);
    views_destroy(all->routes.views);
    cat_gitea_destroy(all->gitea);
    cat_identity_destroy(all->routes.identity);
    cat_accounts_destroy(all->accounts);
    cat_kube_destroy(all->management);
    cat_spine_destroy(all->controlplane);
    char *secrets[] = {all->gitea_secret, all->flux_secret, all->gitea_token};
    for (size_t i = 0; i < sizeof secrets / sizeof *secrets; i++) {
        if (secrets[i])
            cat_wipe(secrets[i], strlen(secrets[i]));
        free(secrets[i]);
    }
    free(all);
    cat_service_set_state(service, NULL);
}

static int start(cat_service *service, void *opaque, cat_error *error)
{
    const projector_config *config = opaque;
    int code = projector_config_check(config, error);
    if (code < 0)
        return code;
    projector *all = cat_calloc(1, sizeof *all);
    all->service = service;
    cat_service_set_state(service, all);
    cat_metrics *metrics = cat_service_metrics(service);
    if ((code = read_secrets(all, config, error)) == 0 && (code = connect_peers(all, config, error)) == 0 &&
        (code = start_work(all, config, metrics, error)) == 0)
        code = serve(all, config, metrics, error);
    return code;
}

static const cat_service_definition SERVICE = {
    .name = "projector",
    .summary = "folds events into state, and shows it by REST and event streams",
    .config_schema = &PROJECTOR_CONFIG_SCHEMA,
    .common_offset = offsetof(projector_config, common),
    .start = start,
    .stop = stop,
};

int main(int argc, char **argv)
{
    return cat_service_main(argc, argv, &SERVICE);
}
