/* provisioning: plans what people wish for, and carries it out as commits. */
#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "expired_tokens.h"
#include "http/routes.h"
#include "provisioning.h"
#include "render_program.h"
#include "steps/worker.h"
#include "svc/peers.h"

#define STOP_MS 8000

typedef struct {
    prv_context context; /* first: the server's context */
    cat_service *service;
    cat_http_server *server;
    prv_workers *workers;
    prv_expired_tokens *expired_tokens;
    bool own_folder;
} provisioning;

static int connect_peers(provisioning *all, const prv_config *config, cat_error *error)
{
    static const char *const STREAMS[] = {"provisioning-work", "catalyst-events", "catalyst-audit", NULL};
    static const char *const BUCKETS[] = {"catalyst-plans", "catalyst-blueprints", "catalyst-people", NULL};
    prv_context *context = &all->context;
    const cat_config_common *common = &config->common;
    int code = cat_peers_connect_spine(all->service, STREAMS, BUCKETS, &context->spine, error);
    if (code == 0)
        code = cat_peers_connect_kube(common, &context->kube, error);
    if (code == 0)
        code = cat_peers_create_gitea(common, &context->gitea, &context->gitea_token, error);
    if (code < 0)
        return code;
    context->store.spine = context->spine;
    context->accounts = cat_peers_create_accounts(common, context->kube);
    code = cat_identity_create(common, &context->identity, error);
    return code < 0 ? code : cat_identity_watch_people(context->identity, context->spine, error);
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

/* What builds files of people is held, or nobody starts: it has failed before anything was promised. */
static int confine(prv_context *context, const prv_config *config, cat_error *error)
{
    int code = prv_program_confine(config->kustomize.program, config->kustomize.time_out_seconds,
                                   config->kustomize.without_landlock, &context->confinement, error);
    if (code < 0)
        return code;
    context->gate = prv_render_gate_create(config->kustomize.at_once);
    if (cat_confinement_landlock(context->confinement) == 0)
        cat_log_warning(
            "kustomize runs without Landlock, as kustomize.without_landlock says: seccomp and limits hold it, but it may "
            "read what provisioning may read");
    else
        cat_log_info("kustomize is confined", CAT_FIELD_INT("landlock", cat_confinement_landlock(context->confinement)));
    return 0;
}

static int start_work(provisioning *all, const prv_config *config, cat_error *error)
{
    prv_context *context = &all->context;
    int code = prv_signer_create(config->plans.signing_key, &context->signer, error);
    context->store.signer = context->signer;
    if (code == 0)
        code = make_folder(all, config, error);
    if (code < 0)
        return code;
    context->config_repo = cat_config_repo_create(&config->common, context->gitea_token, context->cache_folder);
    if ((code = prv_blueprints_start(context, &context->blueprints, error)) < 0)
        return code;
    all->workers = prv_workers_start(context, config->common.workers);
    all->expired_tokens = prv_expired_tokens_start(context, (int64_t)config->git_tokens.interval_seconds * 1000);
    return cat_peers_serve(all->service, &prv_api, context, &all->server, error);
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
    prv_context *context = &all->context;
    cat_http_server_stop(all->server, STOP_MS);
    prv_workers_stop(all->workers);
    prv_expired_tokens_stop(all->expired_tokens);
    prv_blueprints_stop(context->blueprints);
    cat_config_repo_destroy(context->config_repo);
    prv_signer_destroy(context->signer);
    prv_render_gate_destroy(context->gate);
    cat_confinement_destroy(context->confinement);
    cat_identity_destroy(context->identity);
    cat_accounts_destroy(context->accounts);
    cat_gitea_destroy(context->gitea);
    cat_kube_destroy(context->kube);
    cat_spine_destroy(context->spine);
    if (all->own_folder)
        nftw(context->cache_folder, remove_entry, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
    free(context->cache_folder);
    cat_secret_free(context->gitea_token);
}

static int start(cat_service *service, void *opaque, cat_error *error)
{
    prv_config *config = opaque;
    provisioning *all = cat_service_state(service);
    all->service = service;
    all->context.config = config;
    all->context.metrics = cat_service_metrics(service);
    int code = confine(&all->context, config, error);
    if (code == 0)
        code = connect_peers(all, config, error);
    return code < 0 ? code : start_work(all, config, error);
}

static const cat_service_definition SERVICE = {
    .name = "provisioning",
    .summary = "plans what people wish for, and carries it out as commits",
    .config_schema = &prv_config_schema,
    .common_offset = offsetof(prv_config, common),
    .state_bytes = sizeof(provisioning),
    .finish_config = prv_config_finish,
    .start = start,
    .stop = stop,
};

int main(int argc, char **argv)
{
    return cat_service_main(argc, argv, &SERVICE);
}
