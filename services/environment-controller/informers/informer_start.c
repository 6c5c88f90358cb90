/* Starting an informer so that it says only what differs: the cluster's epoch, the rows as they are, then the watches. On a
 * reconciler's worker. */
#include <stdlib.h>
#include <string.h>

#include "base/condition.h"
#include "base/encoding.h"
#include "base/memory.h"
#include "informers/informer_internal.h"
#include "observe.h"

#define FLUSH_MS 5000

static bool on_refused(void *context, const char *subject, const char *message_id, const cat_error *error)
{
    ec_informer *informer = context;
    cat_log_warning("an event was refused", CAT_FIELD("subject", subject), CAT_FIELD("id", message_id), CAT_FIELD_ERROR(error));
    if (error->code == CAT_E_LIMIT || error->code == CAT_E_UNAVAILABLE || error->code == CAT_E_TIMEOUT)
        return true;
    /* The stream went with its Environment: a new informer knows which are left. */
    ec_informer_make_stale(informer);
    return false;
}

static int start_namespaces(ec_informer *informer, cat_error *error)
{
    cat_kube_watch_handlers handlers = ec_informer_namespace_handlers;
    handlers.context = informer;
    int code =
        cat_kube_watch_start(informer->controller->watcher, informer->kube, &(cat_kube_selection){ec_resource("Namespace")},
                             &handlers, &informer->namespace_watch, error);
    return code < 0 ? code : ec_informer_wait_listed(informer, &informer->namespaces_listed, "namespaces", error);
}

static int read_hash_key(ec_informer *informer, cat_error *error)
{
    cat_autofree char *secret = cat_printf("organization-%s", informer->organization), *hex = NULL;
    int code = ec_observe_secret(informer->controller, informer->controller->settings.namespace, secret, "hmac", &hex, error);
    if (code < 0)
        return code;
    if (!hex || strlen(hex) != 2 * EC_HASH_KEY_BYTES || !cat_hex_decode(hex, strlen(hex), informer->hash_key))
        return cat_error_set_class(error, CAT_E_INVALID, CAT_CLASS_WAITING, "Secret %s has no hash key of %d bytes", secret,
                                   EC_HASH_KEY_BYTES);
    cat_wipe(hex, strlen(hex));
    return 0;
}

static ec_informer *make(ec_controller *controller, const char *organization, const char *cluster, ec_cluster *client,
                         const cat_strings *environments)
{
    ec_informer *informer = cat_calloc(1, sizeof *informer);
    informer->controller = controller;
    informer->organization = cat_strdup(organization);
    informer->cluster = cat_strdup(cluster);
    informer->client = client;
    informer->kube = ec_cluster_kube(client);
    informer->is_management = strcmp(cluster, EC_MANAGEMENT) == 0;
    informer->record = informer->is_management ? cat_printf("%s.%s", cluster, organization) : cat_strdup(cluster);
    pthread_mutex_init(&informer->lock, NULL);
    cat_condition_init(&informer->listed);
    informer->namespaces = cat_map_create(free);
    for (size_t i = 0; i < environments->count && i < EC_MAX_INFORMED; i++)
        snprintf(informer->environments[informer->environment_count++], sizeof *informer->environments, "%s",
                 environments->items[i]);
    informer->claims = cat_map_create(free);
    ec_informer_add_table(informer);
    return informer;
}

static int start(ec_informer *informer, cat_error *error)
{
    int code = read_hash_key(informer, error);
    if (code == 0)
        code = ec_informer_find_epoch(informer, error);
    if (code == 0)
        code = cat_accounts_acquire(informer->controller->accounts, informer->organization, &informer->spine, error);
    if (code < 0)
        return code;
    informer->publisher =
        cat_publisher_create(informer->spine, &(cat_publisher_options){.on_refused = on_refused, .context = informer});
    code = ec_informer_know_kinds(informer, error);
    if (code == 0)
        code = ec_informer_read_rows(informer, NULL, error);
    if (code == 0 && !informer->is_management)
        code = start_namespaces(informer, error);
    return code < 0 ? code : ec_informer_update_kinds(informer, error);
}

int ec_informer_start(ec_controller *controller, const char *organization, const char *cluster, ec_cluster *client_taken,
                      const cat_strings *environments, ec_informer **informer, cat_error *error)
{
    ec_informer *made = make(controller, organization, cluster, client_taken, environments);
    int code = start(made, error);
    if (code < 0) {
        ec_informer_stop(made);
        return cat_error_wrap(error, "informer of %s", cluster);
    }
    *informer = made;
    return 0;
}

void ec_informer_stop(ec_informer *informer)
{
    if (!informer)
        return;
    for (size_t i = 0; i < informer->kind_count; i++)
        cat_kube_watch_stop(cat_take(informer->kinds[i]->watch));
    cat_kube_watch_stop(informer->claim_watch);
    cat_kube_watch_stop(informer->namespace_watch);
    if (informer->publisher && cat_publisher_pending(informer->publisher))
        cat_publisher_flush(informer->publisher, FLUSH_MS, NULL);
    cat_publisher_destroy(informer->publisher);
    if (informer->spine)
        cat_accounts_release(informer->controller->accounts, informer->organization);
    for (size_t i = 0; i < informer->kind_count; i++)
        ec_informer_kind_free(informer->kinds[i]);
    cat_map_destroy(informer->claims);
    cat_map_destroy(informer->namespaces);
    ec_cluster_unref(informer->client);
    cat_wipe(informer->hash_key, sizeof informer->hash_key);
    pthread_mutex_destroy(&informer->lock);
    pthread_cond_destroy(&informer->listed);
    free(informer->organization);
    free(informer->cluster);
    free(informer->record);
    free(informer);
}
