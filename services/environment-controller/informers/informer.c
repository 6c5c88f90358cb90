/* The set of informers. */
#include "informers/informer.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "informers/informer_internal.h"
#include "observe.h"

/* How often a running one is looked at: its resourceVersion kept, kinds that came to be served added. */
#define LOOK_MS 30000
/* …and while kinds are expected soon: Flux's own in a vcluster that is just being made, claims of a new XRD. */
#define LOOK_EARLY_MS 3000
/* What one Kustomization is asked for at most. */
#define DRIFT_GAP_MS 2000
/* Who keeps changing what Flux puts back each time is let have it for longer and longer: Flux's own interval at last. */
#define DRIFT_FREE_STEPS 15
#define DRIFT_MOST_MS (INT64_C(10) * 60 * 1000)
#define READY_GAP_MS 1000

struct ec_informers {
    ec_controller *controller;
    pthread_mutex_t lock; /* over the map; an informer in it is changed by its own key's worker alone */
    cat_map *running;     /* "{org} {cluster}" → ec_informer */
};

ec_informers *ec_informers_create(ec_controller *controller)
{
    ec_informers *informers = cat_calloc(1, sizeof *informers);
    informers->controller = controller;
    pthread_mutex_init(&informers->lock, NULL);
    informers->running = cat_map_create(NULL);
    return informers;
}

static ec_informer *take(ec_informers *informers, const char *key)
{
    pthread_mutex_lock(&informers->lock);
    ec_informer *informer = cat_map_take(informers->running, key);
    pthread_mutex_unlock(&informers->lock);
    return informer;
}

void ec_informers_destroy(ec_informers *informers)
{
    if (!informers)
        return;
    size_t at = 0;
    const char *key;
    void *value;
    while (cat_map_next(informers->running, &at, &key, &value)) {
        ec_informer_record(value, NULL);
        ec_informer_stop(value);
    }
    cat_map_destroy(informers->running);
    pthread_mutex_destroy(&informers->lock);
    free(informers);
}

size_t ec_informers_count(ec_informers *informers)
{
    pthread_mutex_lock(&informers->lock);
    size_t count = cat_map_count(informers->running);
    pthread_mutex_unlock(&informers->lock);
    return count;
}

/* Environments whose stream is there, sorted: none when the Organization is gone or not that far. */
static int wanted_environments(ec_informers *informers, const char *organization, cat_strings *names, cat_error *error)
{
    cat_autojson json_t *object = NULL, *environments = NULL;
    int code = ec_observe_object(informers->controller, "Organization", NULL, organization, &object, error);
    if (code < 0 || !object)
        return code;
    code = cat_kube_list_json(informers->controller->kube, ec_resource("Environment"), organization, NULL, &environments, error);
    if (code < 0)
        return code;
    size_t index;
    json_t *environment;
    json_array_foreach(environments, index, environment)
    {
        const char *spine = cat_condition_status(environment, "SpineReady");
        bool has_stream = cat_text_equal(spine, "True") || cat_text_equal(spine, "Unknown");
        if (has_stream && !cat_object_is_deleting(environment) && names->count < EC_MAX_INFORMED)
            cat_strings_add(names, cat_object_name(environment));
    }
    cat_strings_sort(names);
    return 0;
}

static bool fits(const ec_informer *informer, const cat_strings *environments, const ec_cluster *client)
{
    if (atomic_load((atomic_bool *)&informer->stale) || informer->environment_count != environments->count ||
        strcmp(ec_cluster_digest(informer->client), ec_cluster_digest(client)) != 0)
        return false;
    for (size_t i = 0; i < environments->count; i++)
        if (strcmp(informer->environments[i], environments->items[i]) != 0)
            return false;
    return true;
}

static void tell_environments(ec_informers *informers, const char *organization, const cat_strings *environments)
{
    for (size_t i = 0; i < environments->count; i++)
        ec_queue_add(informers->controller->queue, "Environment", organization, environments->items[i]);
}

static int renew(ec_informers *informers, const char *organization, const char *cluster, const char *key, ec_cluster *client,
                 const cat_strings *environments, cat_error *error)
{
    ec_informer_stop(take(informers, key));
    ec_informer *informer = NULL;
    int code = ec_informer_start(informers->controller, organization, cluster, client, environments, &informer, error);
    if (code < 0)
        return code;
    pthread_mutex_lock(&informers->lock);
    cat_map_set(informers->running, key, informer);
    pthread_mutex_unlock(&informers->lock);
    cat_log_info("informer started", CAT_FIELD("cluster", cluster), CAT_FIELD("organization", organization),
                 CAT_FIELD_INT("epoch", informer->epoch), CAT_FIELD_INT("environments", environments->count));
    tell_environments(informers, organization, environments);
    return 0;
}

static ec_informer *find(ec_informers *informers, const char *key)
{
    pthread_mutex_lock(&informers->lock);
    ec_informer *informer = cat_map_get(informers->running, key);
    pthread_mutex_unlock(&informers->lock);
    return informer;
}

int ec_informers_reconcile(ec_informers *informers, const char *organization, const char *cluster, int64_t *again_ms,
                           cat_error *error)
{
    cat_autofree char *key = cat_printf("%s %s", organization, cluster);
    cat_auto(cat_strings) environments = {0};
    int code = wanted_environments(informers, organization, &environments, error);
    if (code < 0)
        return code;
    if (!environments.count) {
        ec_informer_stop(take(informers, key));
        return 0;
    }
    ec_cluster *client = NULL;
    cat_error failed = {0};
    code = ec_clusters_acquire(informers->controller->clusters, organization, cluster, &client, &failed);
    if (code == CAT_E_NOT_FOUND) { /* the vcluster is gone, and its events with it */
        ec_informer_stop(take(informers, key));
        return 0;
    }
    if (code < 0)
        return cat_error_copy(error, &failed);
    ec_informer *running = find(informers, key);
    if (!running || !fits(running, &environments, client)) {
        code = renew(informers, organization, cluster, key, client, &environments, error);
    } else {
        ec_cluster_unref(client);
        code = ec_informer_record(running, error);
        if (code == 0)
            code = ec_informer_update_kinds(running, error);
    }
    if (code == 0)
        *again_ms = ec_informer_awaits_kinds(find(informers, key)) ? LOOK_EARLY_MS : LOOK_MS;
    return code;
}

static ec_informer *take_any_of(ec_informers *informers, const char *organization)
{
    ec_informer *found = NULL;
    pthread_mutex_lock(&informers->lock);
    size_t at = 0;
    const char *key;
    void *value;
    while (!found && cat_map_next(informers->running, &at, &key, &value))
        if (strcmp(((ec_informer *)value)->organization, organization) == 0) {
            cat_autofree char *name = cat_strdup(key);
            found = cat_map_take(informers->running, name);
        }
    pthread_mutex_unlock(&informers->lock);
    return found;
}

void ec_informers_drop(ec_informers *informers, const char *organization)
{
    for (ec_informer *informer; (informer = take_any_of(informers, organization));) {
        atomic_store(&informer->muted, true);
        ec_informer_stop(informer);
    }
}

json_t *ec_informers_of(ec_informers *informers, const char *organization, const char *environment)
{
    json_t *clusters = json_array();
    pthread_mutex_lock(&informers->lock);
    size_t at = 0;
    const char *key;
    void *value;
    while (cat_map_next(informers->running, &at, &key, &value)) {
        const ec_informer *informer = value;
        if (strcmp(informer->organization, organization) == 0 && ec_informer_environment(informer, environment) >= 0)
            json_array_append_new(clusters, json_string(informer->cluster));
    }
    pthread_mutex_unlock(&informers->lock);
    return clusters;
}

void ec_informers_look(ec_informers *informers, const char *organization)
{
    pthread_mutex_lock(&informers->lock);
    size_t at = 0;
    const char *key;
    void *value;
    while (cat_map_next(informers->running, &at, &key, &value)) {
        const ec_informer *informer = value;
        if (strcmp(informer->organization, organization) == 0)
            ec_queue_add(informers->controller->queue, "Informer", organization, informer->cluster);
    }
    pthread_mutex_unlock(&informers->lock);
}

void ec_informers_relist(ec_informers *informers, const char *organization, const char *environment)
{
    pthread_mutex_lock(&informers->lock);
    size_t at = 0;
    const char *key;
    void *value;
    while (cat_map_next(informers->running, &at, &key, &value)) {
        ec_informer *informer = value;
        if (strcmp(informer->organization, organization) == 0 && ec_informer_environment(informer, environment) >= 0)
            ec_informer_make_stale(informer);
    }
    pthread_mutex_unlock(&informers->lock);
}

static int request(ec_informers *informers, const char *organization, const char *cluster, const char *namespace,
                   const char *name, cat_error *error)
{
    ec_autocluster ec_cluster *client = NULL;
    cat_error failed = {0};
    int code = ec_clusters_acquire(informers->controller->clusters, organization, cluster, &client, &failed);
    if (code == CAT_E_NOT_FOUND)
        return 0;
    if (code < 0)
        return cat_error_copy(error, &failed);
    char now[CAT_TIME_TEXT_MAX];
    cat_time_format(cat_clock_system()->wall_ms(cat_clock_system()), now);
    cat_autojson json_t *patch = json_pack("{s:{s:{s:s}}}", "metadata", "annotations", EC_ANNOTATION_REQUESTED, now);
    code = cat_kube_patch(ec_cluster_kube(client), &(cat_kube_change){ec_resource("Kustomization"), namespace, name, patch}, NULL,
                          &failed);
    return code == CAT_E_NOT_FOUND || code == 0 ? 0 : cat_error_copy(error, &failed);
}

int ec_informers_ask_flux(ec_informers *informers, const char *organization, const char *what, int64_t *again_ms,
                          cat_error *error)
{
    cat_autofree char *text = cat_strdup(what);
    char *rest = NULL;
    const char *cluster = strtok_r(text, " ", &rest), *namespace = strtok_r(NULL, " ", &rest), *name = strtok_r(NULL, " ", &rest);
    const char *why = strtok_r(NULL, " ", &rest);
    if (!cluster || !namespace || !name || !why)
        return cat_error_set_class(error, CAT_E_INTERNAL, CAT_CLASS_STALLED, "Flux cannot be asked for %.200s", what);
    cat_autofree char *pace = cat_printf("flux/%s/%s", organization, what);
    *again_ms = strcmp(why, "drift") == 0
                    ? ec_asserted_backoff(informers->controller->asserted, pace, DRIFT_GAP_MS, DRIFT_FREE_STEPS, DRIFT_MOST_MS)
                    : ec_asserted_pace(informers->controller->asserted, pace, READY_GAP_MS);
    if (*again_ms > 0)
        return 0;
    const char *labels[] = {why};
    cat_metric_add(informers->controller->flux_requests, 1, labels);
    return request(informers, organization, cluster, namespace, name, error);
}
