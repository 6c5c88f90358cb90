/* provisioning: plans what people wish for, and carries it out as commits. */
#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "provisioning.h"
#include "routes.h"
#include "svc/service.h"
#include "svc/spine_layout.h"
#include "worker.h"

#define STOP_MS 8000

typedef struct {
    prv_context context; /* first: the server's context */
    cat_service *service;
    cat_http_server *server;
    prv_workers *workers;
    bool own_folder;
} provisioning;

static void on_spine(void *context, bool connected)
{
    cat_service_set_ready(((provisioning *)context)->service, "spine", connected ? NULL : "not connected");
}

static int connect_spine(provisioning *all, const cat_config_common *common, cat_error *error)
{
    cat_spine_options options = {.url = common->spine.url,
                                 .name = common->instance,
                                 .credentials_path = common->spine.credentials,
                                 .on_state = on_spine,
                                 .context = all};
    static const char *const STREAMS[] = {"provisioning-work", "catalyst-events", "catalyst-audit"};
    static const char *const BUCKETS[] = {"catalyst-plans", "catalyst-blueprints"};
    int code = cat_spine_connect(&options, &all->context.spine, error);
    for (size_t i = 0; code == 0 && i < sizeof STREAMS / sizeof *STREAMS; i++)
        code = cat_layout_ensure_stream(all->context.spine, STREAMS[i], error);
    for (size_t i = 0; code == 0 && i < sizeof BUCKETS / sizeof *BUCKETS; i++)
        code = cat_layout_ensure_bucket(all->context.spine, BUCKETS[i], error);
    return code;
}

static int connect_peers(provisioning *all, const prv_config *config, cat_error *error)
{
    prv_context *context = &all->context;
    const cat_config_common *common = &config->common;
    bool file = common->kubernetes.kubeconfig && *common->kubernetes.kubeconfig;
    int code = connect_spine(all, common, error);
    if (code == 0)
        code = file ? cat_kube_create_from_file(common->kubernetes.kubeconfig, &context->kube, error)
                    : cat_kube_create_in_cluster(&context->kube, error);
    if (code == 0)
        code = cat_file_read_secret(common->gitea.token, &context->gitea_token, error);
    if (code < 0)
        return code;
    cat_gitea_options gitea = {.url = common->gitea.url, .token = context->gitea_token, .user = common->gitea.user};
    if ((code = cat_gitea_create(&gitea, &context->gitea, error)) < 0)
        return code;
    context->store.spine = context->spine;
    context->accounts = cat_accounts_create(&(cat_accounts_options){.url = common->spine.url,
                                                                    .namespace = common->kubernetes.namespace,
                                                                    .client_name = common->instance,
                                                                    .kube = context->kube});
    return cat_identity_create(common, &context->identity, error);
}

static int make_folder(provisioning *all, const prv_config *config, cat_error *error)
{
    if (config->cache.folder) {
        all->context.cache_folder = cat_strdup(config->cache.folder);
        return 0;
    }
    const char *base = access("/dev/shm", W_OK | X_OK) == 0 ? "/dev/shm" : "/tmp";
    cat_autofree char *name = cat_printf("%s/catalyst-provisioning-XXXXXX", base);
    if (!mkdtemp(name))
        return cat_error_set(error, CAT_E_IO, "no folder for fetched repositories can be made: %s", strerror(errno));
    all->context.cache_folder = cat_take(name);
    all->own_folder = true;
    return 0;
}

static int start_work(provisioning *all, const prv_config *config, cat_error *error)
{
    prv_context *context = &all->context;
    unsigned workers = config->common.workers ? config->common.workers : 4;
    int code = prv_signer_create(config->plans.signing_key, &context->signer, error);
    if (code == 0)
        code = make_folder(all, config, error);
    if (code < 0)
        return code;
    context->branches = prv_config_branches_create(context);
    if ((code = prv_blueprints_start(context, &context->blueprints, error)) < 0)
        return code;
    if ((code = prv_workers_start(context, workers, &all->workers, error)) < 0)
        return code;
    cat_http_server_options options = {.address = config->common.listen,
                                       .routes = prv_routes,
                                       .context = context,
                                       .guard = cat_identity_guard,
                                       .workers = workers};
    if ((code = cat_http_server_start(&options, &all->server, error)) == 0)
        cat_service_observe(all->service, all->server);
    return code;
}

static int remove_entry(const char *path, const struct stat *status, int type, struct FTW *walk)
{
    (void)status;
    (void)type;
    (void)walk;
    return remove(path);
}

static void stop(cat_service *service)
{
    provisioning *all = cat_service_state(service);
    if (!all)
        return;
    prv_context *context = &all->context;
    cat_http_server_stop(all->server, STOP_MS);
    prv_workers_stop(all->workers);
    prv_blueprints_stop(context->blueprints);
    prv_config_branches_destroy(context->branches);
    prv_signer_destroy(context->signer);
    cat_identity_destroy(context->identity);
    cat_accounts_destroy(context->accounts);
    cat_gitea_destroy(context->gitea);
    cat_kube_destroy(context->kube);
    cat_spine_destroy(context->spine);
    if (all->own_folder)
        nftw(context->cache_folder, remove_entry, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
    free(context->cache_folder);
    if (context->gitea_token)
        cat_wipe(context->gitea_token, strlen(context->gitea_token));
    free(context->gitea_token);
    free(all);
    cat_service_set_state(service, NULL);
}

static int start(cat_service *service, void *opaque, cat_error *error)
{
    prv_config *config = opaque;
    int code = prv_config_finish(config, error);
    if (code < 0)
        return code;
    provisioning *all = cat_calloc(1, sizeof *all);
    all->service = service;
    all->context.config = config;
    all->context.metrics = cat_service_metrics(service);
    cat_service_set_state(service, all);
    if ((code = connect_peers(all, config, error)) == 0)
        code = start_work(all, config, error);
    return code;
}

static const cat_service_definition SERVICE = {
    .name = "provisioning",
    .summary = "plans what people wish for, and carries it out as commits",
    .config_schema = &prv_config_schema,
    .common_offset = offsetof(prv_config, common),
    .start = start,
    .stop = stop,
};

int main(int argc, char **argv)
{
    return cat_service_main(argc, argv, &SERVICE);
}
