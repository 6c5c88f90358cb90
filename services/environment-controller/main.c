/* Starts what the service consists of, and stops it in the opposite order. */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "archive.h"
#include "base/file.h"
#include "base/memory.h"
#include "controller.h"
#include "informers/informer.h"
#include "observe.h"
#include "organizations.h"
#include "reconcile.h"
#include "svc/peers.h"
#include "triggers.h"
#include "upkeep.h"

/* A bundle of a hundred authorities fits. */
#define MAX_AUTHORITY_BYTES ((size_t)256 * 1024)

static void fill_settings(ec_controller *controller)
{
    const ec_config *config = controller->config;
    controller->settings = (ec_settings){.sovereign = config->common.sovereign.name,
                                         .domain = config->common.sovereign.domain,
                                         .git_url = config->common.gitea.url,
                                         .namespace = config->common.kubernetes.namespace,
                                         .git_user = config->common.gitea.user,
                                         .provisioning_user = config->logins.provisioning,
                                         .projector_user = config->logins.projector,
                                         .blueprints_user = config->logins.blueprints,
                                         .merge_user = config->logins.merge,
                                         .source_name = config->flux.source,
                                         .chart = config->vcluster.chart,
                                         .chart_version = config->vcluster.version,
                                         .chart_repository = config->vcluster.repository,
                                         .issuer = config->common.identity.issuer,
                                         .public_url = config->common.sovereign.public_url,
                                         .flux_secret = controller->flux_secret,
                                         .shard = config->accounts.shard};
    controller->settings.store_server = config->secrets.server ? config->secrets.server : cat_kube_server(controller->kube);
    controller->settings.store_authority =
        controller->store_authority ? controller->store_authority : cat_kube_authority(controller->kube);
    const char *pull_secret = config->registry.pull_secret;
    controller->settings.pull_secret = pull_secret && *pull_secret ? pull_secret : NULL;
}

static int connect_git(ec_controller *controller, cat_error *error)
{
    const cat_config_common *common = &controller->config->common;
    const char *flux_secret = controller->config->flux.webhook_secret;
    int code = cat_file_read_secret(common->gitea.webhook_secret, &controller->webhook_secret, error);
    if (code == 0 && flux_secret && *flux_secret)
        code = cat_file_read_secret(flux_secret, &controller->flux_secret, error);
    return code < 0 ? code : cat_peers_create_gitea(common, &controller->gitea, &controller->git_token, error);
}

/* Authorities are no secret, but belong where secrets do: in a file that the configuration names. */
static int read_authority(ec_controller *controller, cat_error *error)
{
    const char *path = controller->config->secrets.certificate_authority;
    size_t length = 0;
    int code = path ? cat_file_read(path, MAX_AUTHORITY_BYTES, &controller->store_authority, &length, error) : 0;
    return code < 0 ? cat_error_wrap(error, "secrets.certificate_authority") : 0;
}

static int connect_kubernetes(ec_controller *controller, cat_error *error)
{
    int code = cat_peers_connect_kube(&controller->config->common, &controller->kube, error);
    if (code == 0)
        code = read_authority(controller, error);
    if (code < 0)
        return code;
    controller->watcher = cat_kube_watcher_create();
    controller->clusters = ec_clusters_create(controller->kube);
    controller->accounts = cat_peers_create_accounts(&controller->config->common, controller->kube);
    return 0;
}

/* The operator's signing key and a user of SYS come from a Secret that this service alone reads. */
static int connect_operator(ec_controller *controller, cat_error *error)
{
    const char *namespace = controller->config->common.kubernetes.namespace, *name = controller->config->accounts.operator_secret;
    cat_autofree char *seed = NULL, *credentials = NULL;
    int code = ec_observe_secret(controller, namespace, name, "signing-seed", &seed, error);
    if (code == 0)
        code = ec_observe_secret(controller, namespace, name, "system.creds", &credentials, error);
    if (code < 0)
        return code;
    if (!seed || !credentials)
        return cat_error_set(error, CAT_E_NOT_FOUND, "Secret %s/%s with signing-seed and system.creds is not there", namespace,
                             name);
    code = cat_nkey_from_seed(seed, &controller->operator_key, error);
    cat_wipe(seed, strlen(seed));
    if (code < 0)
        return code;
    cat_spine_options options = {
        .url = controller->config->common.spine.url, .name = "environment-controller (system)", .credentials_text = credentials};
    code = cat_spine_connect(&options, &controller->system, error);
    cat_wipe(credentials, strlen(credentials));
    return code;
}

static int connect_spine(ec_controller *controller, cat_error *error)
{
    int code = cat_peers_connect_spine(controller->service, (const char *const[]){"catalyst-events", NULL},
                                       (const char *const[]){"catalyst-informers", "catalyst-people", "catalyst-leases", NULL},
                                       &controller->spine, error);
    return code < 0 ? code : connect_operator(controller, error);
}

static int connect_identity(ec_controller *controller, cat_error *error)
{
    const cat_config_common *common = &controller->config->common;
    if (!common->identity.admin_url || !*common->identity.admin_url) {
        cat_log_warning("identity.admin_url is not set: people are not mirrored into Git");
        return 0;
    }
    cat_autofree char *secret = NULL;
    int code = cat_file_read_secret(common->identity.client_secret, &secret, error);
    if (code < 0)
        return code;
    ec_people_options options = {
        .admin_url = common->identity.admin_url, .client_id = common->identity.client_id, .client_secret = secret};
    code = ec_people_create(&options, &controller->people, error);
    cat_wipe(secret, strlen(secret));
    return code;
}

static void make_metrics(ec_controller *controller)
{
    cat_metrics *metrics = cat_service_metrics(controller->service);
    controller->informer_events = cat_metric_get(metrics, CAT_METRIC_COUNTER, "catalyst_informer_events_total",
                                                 "Events that informers published.", "cluster,what");
    controller->informer_objects = cat_metric_get(metrics, CAT_METRIC_GAUGE, "catalyst_informer_objects",
                                                  "Objects of Environments at the last list.", "cluster,kind");
    controller->informer_lists =
        cat_metric_get(metrics, CAT_METRIC_COUNTER, "catalyst_informer_lists_total", "Lists begun by informers.", "cluster");
    controller->flux_requests = cat_metric_get(metrics, CAT_METRIC_COUNTER, "catalyst_flux_requests_total",
                                               "Kustomizations that Flux was asked to reconcile at once.", "why");
}

static void stop(cat_service *service)
{
    ec_controller *controller = cat_service_state(service);
    ec_archive_stop(controller->archive);
    ec_upkeep_stop(controller->upkeep);
    ec_triggers_stop(controller->triggers);
    ec_organizations_stop(controller);
    ec_queue_close(controller->queue);
    ec_informers_destroy(controller->informers);
    cat_kube_watcher_destroy(controller->watcher);
    ec_clusters_destroy(controller->clusters);
    ec_people_destroy(controller->people);
    cat_accounts_destroy(controller->accounts);
    cat_spine_destroy(controller->system);
    cat_spine_destroy(controller->spine);
    cat_gitea_destroy(controller->gitea);
    cat_kube_destroy(controller->kube);
    ec_asserted_destroy(controller->asserted);
    cat_nkey_wipe(&controller->operator_key);
    cat_secret_free(controller->git_token);
    cat_secret_free(controller->webhook_secret);
    cat_secret_free(controller->flux_secret);
    free(controller->store_authority);
    ec_queue_destroy(controller->queue);
    cat_shard_destroy(controller->shard);
}

static int start(cat_service *service, void *configuration, cat_error *error)
{
    ec_controller *controller = cat_service_state(service);
    controller->service = service;
    controller->config = configuration;
    /* Its namespace is where connect_operator looks. */
    controller->settings.namespace = controller->config->common.kubernetes.namespace;
    int code = connect_kubernetes(controller, error);
    if (code == 0)
        code = connect_git(controller, error);
    if (code == 0)
        code = connect_identity(controller, error);
    if (code == 0)
        code = connect_spine(controller, error);
    if (code < 0)
        return code;
    fill_settings(controller);
    make_metrics(controller);
    controller->asserted = ec_asserted_create(NULL);
    controller->informers = ec_informers_create(controller);
    controller->queue = ec_queue_create(&(cat_reconciler_options){.name = "environment-controller",
                                                                  .workers = controller->config->common.workers,
                                                                  .reconcile = ec_reconcile,
                                                                  .context = controller,
                                                                  .metrics = cat_service_metrics(controller->service)});
    code = ec_organizations_start(controller, error);
    if (code < 0)
        return code;
    controller->archive = ec_archive_start(controller);
    code = ec_triggers_start(controller, &controller->triggers, error);
    if (code == 0)
        controller->upkeep = ec_upkeep_start(controller);
    return code;
}

int main(int argc, char **argv)
{
    static const cat_service_definition definition = {
        .name = "environment-controller",
        .summary = "Makes Organizations, Environments and Applications real, and tells what becomes of them.",
        .config_schema = &ec_config_schema,
        .common_offset = offsetof(ec_config, common),
        .state_bytes = sizeof(ec_controller),
        .finish_config = ec_config_finish,
        .start = start,
        .stop = stop,
    };
    return cat_service_main(argc, argv, &definition);
}
