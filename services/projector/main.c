/* projector: folds events into rows, and shows them. */
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/log.h"
#include "config.h"
#include "holder/assignment.h"
#include "holder/branch_sweep.h"
#include "http/routes.h"
#include "svc/peers.h"
#include "views/stream_seats.h"

#define SWEEP_SECONDS 60
#define STOP_MS 5000

typedef struct {
    prj_routes_context routes;
    cat_service *service;
    cat_spine *controlplane;
    cat_kube *management;
    cat_accounts *accounts;
    cat_gitea *gitea;
    prj_reconcile_requester *requester;
    prj_assignment *assignment;
    prj_branch_sweep *sweep;
    cat_http_server *server;
    char *gitea_secret, *flux_secret, *gitea_token;
} projector;

static int connect_peers(projector *all, const prj_config *config, cat_error *error)
{
    const cat_config_common *common = &config->common;
    int code = cat_peers_connect_spine(all->service, (const char *const[]){"catalyst-events", NULL},
                                       (const char *const[]){"catalyst-state", "catalyst-people", "catalyst-leases", NULL},
                                       &all->controlplane, error);
    if (code == 0)
        code = cat_peers_connect_kube(common, &all->management, error);
    if (code < 0)
        return code;
    all->accounts = cat_peers_create_accounts(common, all->management);
    code = cat_identity_create(common, &all->routes.identity, error);
    return code < 0 ? code : cat_identity_watch_people(all->routes.identity, all->controlplane, error);
}

static int read_secrets(projector *all, const prj_config *config, cat_error *error)
{
    int code = cat_file_read_secret(config->common.gitea.webhook_secret, &all->gitea_secret, error);
    if (code == 0 && config->flux.webhook_secret && *config->flux.webhook_secret)
        code = cat_file_read_secret(config->flux.webhook_secret, &all->flux_secret, error);
    if (code == 0 && config->common.gitea.token && *config->common.gitea.token)
        code = cat_file_read_secret(config->common.gitea.token, &all->gitea_token, error);
    return code;
}

static int start_work(projector *all, const prj_config *config, cat_metrics *metrics, cat_error *error)
{
    all->routes.views =
        prj_views_create(&(prj_views_options){.controlplane = all->controlplane, .accounts = all->accounts, .metrics = metrics});
    all->routes.streams = prj_streams_create(
        all->routes.views, prj_stream_seats_create(config->streams.person, config->streams.organization), metrics);
    all->requester = prj_reconcile_requester_create(all->management, config->common.kubernetes.namespace, metrics);
    cat_gitea_options gitea = {.url = config->common.gitea.url, .token = all->gitea_token, .user = config->common.gitea.user};
    int code = gitea.url && gitea.token ? cat_gitea_create(&gitea, &all->gitea, error) : 0;
    if (code < 0)
        return code;
    all->routes.hooks = prj_hooks_create(&(prj_hooks_options){.gitea_secret = all->gitea_secret,
                                                              .flux_secret = all->flux_secret,
                                                              .controlplane = all->controlplane,
                                                              .accounts = all->accounts,
                                                              .views = all->routes.views,
                                                              .requester = all->requester,
                                                              .gitea = all->gitea,
                                                              .metrics = metrics});
    all->routes.git_url = config->common.gitea.public_url;
    prj_assignment_options options = {.controlplane = all->controlplane,
                                      .accounts = all->accounts,
                                      .views = all->routes.views,
                                      .instance = config->common.instance,
                                      .metrics = metrics};
    if ((code = prj_assignment_start(&options, &all->assignment, error)) < 0 || !all->gitea)
        return code;
    unsigned seconds = config->sweep.interval_seconds ? config->sweep.interval_seconds : SWEEP_SECONDS;
    all->sweep = prj_branch_sweep_start(&(prj_branch_sweep_options){.gitea = all->gitea,
                                                                    .accounts = all->accounts,
                                                                    .assignment = all->assignment,
                                                                    .hooks = all->routes.hooks,
                                                                    .interval_ms = (int64_t)seconds * 1000,
                                                                    .metrics = metrics});
    return 0;
}

static void stop(cat_service *service)
{
    projector *all = cat_service_state(service);
    cat_http_server_stop(all->server, STOP_MS);
    prj_branch_sweep_stop(all->sweep);
    prj_assignment_stop(all->assignment);
    prj_hooks_destroy(all->routes.hooks);
    prj_reconcile_requester_destroy(all->requester);
    prj_streams_destroy(all->routes.streams);
    prj_views_destroy(all->routes.views);
    cat_gitea_destroy(all->gitea);
    cat_identity_destroy(all->routes.identity);
    cat_accounts_destroy(all->accounts);
    cat_kube_destroy(all->management);
    cat_spine_destroy(all->controlplane);
    cat_secret_free(all->gitea_secret);
    cat_secret_free(all->flux_secret);
    cat_secret_free(all->gitea_token);
}

static int start(cat_service *service, void *opaque, cat_error *error)
{
    const prj_config *config = opaque;
    projector *all = cat_service_state(service);
    all->service = service;
    cat_metrics *metrics = cat_service_metrics(service);
    int code;
    if ((code = read_secrets(all, config, error)) == 0 && (code = connect_peers(all, config, error)) == 0 &&
        (code = start_work(all, config, metrics, error)) == 0)
        code = cat_peers_serve(service, &prj_api, &all->routes, &all->server, error);
    return code;
}

static const cat_service_definition SERVICE = {
    .name = "projector",
    .summary = "folds events into state, and shows it by REST and event streams",
    .config_schema = &prj_config_schema,
    .common_offset = offsetof(prj_config, common),
    .state_bytes = sizeof(projector),
    .finish_config = prj_config_finish,
    .start = start,
    .stop = stop,
};

int main(int argc, char **argv)
{
    return cat_service_main(argc, argv, &SERVICE);
}
