/* Starting an informer so that it says only what differs: the cluster's epoch, the rows as they are, then the watches. On a
 * reconciler's worker. */
#include <stdlib.h>
#include <string.h>

#include "base/condition.h"
#include "base/encoding.h"
#include "base/memory.h"
#include "informers/informer_internal.h"
#include "net/kv.h"
#include "observe.h"

#define EPOCHS "catalyst-informers"
#define LIST_WAIT_MS 30000
#define FLUSH_MS 5000
/* How long a fold that lags is waited for: rows behind the log would miss what was deleted meanwhile. */
#define FOLD_WAIT_MS 5000

uint64_t ec_informer_mark(int64_t epoch, const char *uid, const char *resource_version)
{
    char text[160];
    snprintf(text, sizeof text, "%lld/%s/%s", (long long)epoch, uid, resource_version);
    uint64_t hash = 14695981039346656037u; /* FNV-1a: what it must tell apart is our own */
    for (const char *at = text; *at; at++)
        hash = (hash ^ (unsigned char)*at) * 1099511628211u;
    return hash ? hash : 1;
}

int64_t ec_informer_epoch(int64_t kept_epoch, const char *kept_uid, const char *kept_version, const char *uid,
                          const char *resource_version)
{
    if (kept_epoch <= 0)
        return 1;
    bool same_cluster = cat_text_equal(kept_uid, uid);
    bool went_back = kept_version && *kept_version && cat_resource_version_compare(resource_version, kept_version) < 0;
    return same_cluster && !went_back ? kept_epoch : kept_epoch + 1;
}

int ec_informer_environment(const ec_informer *informer, const char *name)
{
    for (size_t i = 0; i < informer->environment_count; i++)
        if (strcmp(informer->environments[i], name) == 0)
            return (int)i;
    return -1;
}

void ec_informer_make_stale(ec_informer *informer)
{
    if (!atomic_exchange(&informer->stale, true))
        ec_queue_add(informer->controller->queue, "Informer", informer->organization, informer->cluster);
}

void ec_informer_trigger(const ec_informer *informer, ec_trigger_on on, cat_watch_kind what, const char *label)
{
    ec_seen seen = what == CAT_WATCH_LISTED ? EC_SEEN_LISTED : what == CAT_WATCH_DELETED ? EC_SEEN_DELETED : EC_SEEN_CHANGED;
    const ec_seen_object of = {
        .namespace = informer->organization, .name = informer->cluster, .organization = informer->organization, .label = label};
    ec_wanted wanted[EC_WANTED_MAX];
    size_t count = ec_triggers_decide(on, seen, &of, wanted);
    for (size_t i = 0; i < count; i++)
        ec_queue_add(informer->controller->queue, wanted[i].kind, wanted[i].namespace, wanted[i].name);
}

int ec_informer_probe(cat_kube *kube, char uid[64], char resource_version[32], cat_error *error)
{
    cat_autojson json_t *namespace = NULL, *list = NULL;
    int code = cat_kube_get(kube, ec_resource("Namespace"), NULL, "kube-system", &namespace, error);
    if (code < 0)
        return code;
    cat_autofree char *body = NULL;
    size_t length = 0;
    code = cat_kube_raw(kube, "/api/v1/namespaces?limit=1", &body, &length, error);
    if (code == 0)
        code = cat_json_parse(body, length, &CAT_JSON_CAPS, &list, error);
    if (code < 0)
        return code;
    snprintf(uid, 64, "%s", cat_object_uid(namespace) ? cat_object_uid(namespace) : "");
    snprintf(resource_version, 32, "%s", cat_json_text_or(list, "metadata.resourceVersion", ""));
    return 0;
}

static int put_record(ec_informer *informer, const char *resource_version, cat_error *error)
{
    cat_autojson json_t *record = json_pack("{s:I, s:s, s:s}", "epoch", (json_int_t)informer->epoch, "kubeSystemUid",
                                            informer->kube_system_uid, "resourceVersion", resource_version);
    cat_autofree char *text = cat_json_format(record);
    int code = cat_kv_put(informer->controller->spine, EPOCHS, informer->record, text, strlen(text), -1, NULL, error);
    if (code < 0)
        return code;
    pthread_mutex_lock(&informer->lock);
    snprintf(informer->recorded, sizeof informer->recorded, "%s", resource_version);
    pthread_mutex_unlock(&informer->lock);
    return 0;
}

int ec_informer_record(ec_informer *informer, cat_error *error)
{
    char version[32];
    pthread_mutex_lock(&informer->lock);
    strcpy(version, informer->resource_version);
    bool same = strcmp(version, informer->recorded) == 0;
    pthread_mutex_unlock(&informer->lock);
    return same || atomic_load(&informer->muted) ? 0 : put_record(informer, version, error);
}

static int find_epoch(ec_informer *informer, cat_error *error)
{
    char version[32];
    int code = ec_informer_probe(informer->kube, informer->kube_system_uid, version, error);
    if (code < 0)
        return code;
    cat_auto(cat_kv_entry) entry = {0};
    cat_autojson json_t *kept = NULL;
    cat_error failed = {0};
    code = cat_kv_get(informer->controller->spine, EPOCHS, informer->record, &entry, &failed);
    if (code < 0 && code != CAT_E_NOT_FOUND)
        return cat_error_copy(error, &failed);
    if (code == 0)
        cat_json_parse(entry.value, entry.length, &CAT_JSON_CAPS, &kept, NULL);
    informer->epoch = ec_informer_epoch(cat_json_int_or(kept, "epoch", 0), cat_json_text(kept, "kubeSystemUid"),
                                        cat_json_text(kept, "resourceVersion"), informer->kube_system_uid, version);
    snprintf(informer->resource_version, sizeof informer->resource_version, "%s", version);
    return put_record(informer, version, error);
}

typedef struct {
    ec_informer *informer;
    unsigned index;
    size_t rows;
    json_t *orphans; /* [{token, namespace, name, uid}] */
} seeding;

static void seed(seeding *to, ec_kind_watch *kind, const char *namespace, const char *name, cat_view copy)
{
    cat_autofree char *key = cat_printf("%s/%s", strcmp(namespace, "_") == 0 ? "" : namespace, name);
    const char *uid = cat_view_text_or(copy, "uid", "");
    uint64_t mark = ec_informer_mark(cat_view_int_or(copy, "epoch", 0), uid, cat_view_text_or(copy, "resourceVersion", ""));
    ec_entry *entry = cat_map_get(kind->entries, key);
    if (!entry) {
        entry = cat_calloc(1, sizeof *entry);
        entry->mark = mark;
        entry->applied = ec_fields_kept(cat_view_text(copy, "flux.at"), cat_view_text(copy, "flux.digest"));
        cat_map_set(kind->entries, key, entry);
    }
    /* One of several Environments is behind: all are told again. */
    if (entry->mark != mark)
        entry->mark = 0;
    /* Told by one who did not remember what Flux applied. */
    if (cat_view_member(copy, "drift").value && !entry->applied)
        entry->mark = 0;
    entry->environments |= (uint16_t)(1u << to->index);
    snprintf(entry->uid, sizeof entry->uid, "%s", uid);
    to->rows++;
}

/* Nobody watches its kind: its definition may have gone while nobody looked. */
static void note_orphan(seeding *to, const cat_key *key, cat_view copy)
{
    json_array_append_new(to->orphans,
                          json_pack("{s:s, s:s, s:s, s:s}", "token", key->kind, "namespace", key->namespace ? key->namespace : "",
                                    "name", key->name, "uid", cat_view_text_or(copy, "uid", "")));
}

static bool each_row(void *context, const cat_kv_entry *row)
{
    seeding *to = context;
    cat_key key;
    if (!row->value || cat_key_parse(row->key, &key, NULL) < 0)
        return true;
    ec_kind_watch *kind = ec_informer_kind_of(to->informer, key.kind);
    if (!kind && !strchr(key.kind, '_'))
        return true;
    cat_document *document __attribute__((cleanup(cat_document_destroy_cleanup))) = NULL;
    if (cat_document_parse(row->value, row->length, &CAT_JSON_CAPS, &document, NULL) < 0)
        return true;
    cat_view root = cat_document_root(document);
    cat_view copy = cat_view_member(cat_view_get(root, "clusters"), to->informer->cluster);
    if (cat_view_is_object(copy) && !cat_view_bool_or(root, "deleted", false))
        kind ? seed(to, kind, key.namespace, key.name, copy) : note_orphan(to, &key, copy);
    return true;
}

/* Has the fold taken in all that the stream holds? True also when nobody folds yet. */
static bool is_folded(cat_spine *spine, const char *bucket, const char *stream)
{
    cat_stream_info info = {0};
    cat_auto(cat_kv_entry) entry = {0};
    cat_autojson json_t *fold = NULL;
    if (cat_kv_get(spine, bucket, "_fold", &entry, NULL) < 0 || cat_stream_get_info(spine, stream, &info, NULL) < 0 ||
        cat_json_parse(entry.value, entry.length, &CAT_JSON_CAPS, &fold, NULL) < 0)
        return true;
    return cat_json_int_or(fold, "cursor", 0) >= (int64_t)info.last_sequence;
}

static int each_definition(void *context, cat_view definition, cat_error *error)
{
    (void)error;
    char token[CAT_KEY_MAX];
    cat_kind_token(cat_view_text_or(definition, "spec.names.kind", ""), cat_view_text_or(definition, "spec.group", ""), token,
                   sizeof token);
    cat_strings_add(context, token);
    return 0;
}

/* Objects of kinds that no definition defines are gone. */
static int tell_orphans(ec_informer *informer, unsigned index, const json_t *orphans, cat_error *error)
{
    if (!json_array_size(orphans) || informer->is_management)
        return 0;
    cat_auto(cat_strings) defined = {0};
    int code = cat_kube_list(informer->kube, ec_resource("CustomResourceDefinition"), NULL, NULL, each_definition, &defined, NULL,
                             error);
    size_t at;
    json_t *orphan;
    json_array_foreach(orphans, at, orphan)
    {
        const char *token = cat_json_text_or(orphan, "token", "");
        if (code < 0 || cat_strings_has(&defined, token))
            continue;
        /* The token is what is left of kind and group, and stands for both. */
        ec_kind_watch kind = {.informer = informer, .resource = {"", "", token, "", true}};
        ec_informer_tell_deleted(&kind, cat_json_text_or(orphan, "namespace", ""), cat_json_text_or(orphan, "name", ""),
                                 cat_json_text_or(orphan, "uid", ""), informer->resource_version, (uint16_t)(1u << index));
    }
    return code;
}

static int read_rows(ec_informer *informer, unsigned index, const char *token, cat_error *error)
{
    char bucket[CAT_KEY_MAX], stream[CAT_KEY_MAX];
    cat_bucket_of_environment(informer->environments[index], bucket, sizeof bucket);
    cat_stream_of_environment(informer->environments[index], stream, sizeof stream);
    const cat_clock *clock = cat_clock_system();
    int64_t until = clock->monotonic_ms(clock) + FOLD_WAIT_MS;
    while (!is_folded(informer->spine, bucket, stream) && clock->monotonic_ms(clock) < until)
        clock->sleep_ms(clock, 100);
    cat_autojson json_t *orphans = json_array();
    seeding to = {informer, index, 0, orphans};
    cat_autofree char *filter = token ? cat_printf("%s.>", token) : NULL;
    cat_error failed = {0};
    int code = cat_kv_each(informer->spine, bucket, filter, each_row, &to, &failed);
    /* One Environment's bucket that is gone is made anew, and holds up no other Environment: its rows are none. */
    if (code < 0 && code != CAT_E_NOT_FOUND)
        return cat_error_copy(error, &failed);
    if (code == 0)
        code = tell_orphans(informer, index, orphans, error);
    if (code == 0 && !token)
        cat_log_info("rows read before informing", CAT_FIELD("cluster", informer->cluster),
                     CAT_FIELD("environment", informer->environments[index]), CAT_FIELD_INT("rows", to.rows),
                     CAT_FIELD_INT("epoch", informer->epoch));
    return code == CAT_E_NOT_FOUND ? 0 : code;
}

int ec_informer_read_rows(ec_informer *informer, const char *token, cat_error *error)
{
    int code = 0;
    for (unsigned i = 0; i < informer->environment_count && code == 0; i++)
        code = read_rows(informer, i, token, error);
    return code;
}

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

int ec_informer_wait_listed(ec_informer *informer, const bool *listed, const char *what, cat_error *error)
{
    int64_t until_ms = cat_deadline_after_ms(LIST_WAIT_MS);
    pthread_mutex_lock(&informer->lock);
    while (!*listed && cat_condition_wait(&informer->listed, &informer->lock, until_ms))
        continue;
    bool done = *listed;
    pthread_mutex_unlock(&informer->lock);
    return done ? 0
                : cat_error_set(error, CAT_E_TIMEOUT, "the %s of %s were not listed within %d s", what, informer->cluster,
                                LIST_WAIT_MS / 1000);
}

static int start_namespaces(ec_informer *informer, cat_error *error)
{
    cat_kube_watch_handlers handlers = ec_informer_namespace_handlers;
    handlers.context = informer;
    int code = cat_kube_watch_start(informer->controller->watcher, informer->kube, ec_resource("Namespace"), NULL, NULL,
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
        code = find_epoch(informer, error);
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
