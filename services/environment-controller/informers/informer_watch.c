/* What the watches tell, as events of Environments. On threads of the watcher. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "informers/informer_internal.h"

static const char *label(cat_view object, const char *name)
{
    return cat_view_text(cat_view_member(cat_view_get(object, "metadata.labels"), name), NULL);
}

static ec_namespace *namespace_of(const ec_informer *informer, cat_view object)
{
    ec_namespace *made = cat_calloc(1, sizeof *made);
    const char *environment = label(object, CAT_LABEL_ENVIRONMENT), *application = label(object, CAT_LABEL_APPLICATION);
    made->environment = environment ? ec_informer_environment(informer, environment) : -1;
    snprintf(made->application, sizeof made->application, "%s", application ? application : "");
    return made;
}

static void on_namespace(void *context, cat_watch_kind what, cat_view object)
{
    ec_informer *informer = context;
    ec_identity_of of = ec_event_identity(object);
    ec_namespace *made = namespace_of(informer, object);
    ec_informer_trigger(informer, EC_ON_NAMESPACE, what, made->application);
    pthread_mutex_lock(&informer->lock);
    if (what == CAT_WATCH_DELETED) {
        cat_map_remove(informer->namespaces, of.name);
        free(made);
    } else {
        cat_map_set(informer->namespaces, of.name, made);
    }
    pthread_mutex_unlock(&informer->lock);
}

static void on_namespaces_listed(void *context, const char *resource_version)
{
    (void)resource_version;
    ec_informer *informer = context;
    pthread_mutex_lock(&informer->lock);
    informer->namespaces_listed = true;
    pthread_cond_broadcast(&informer->listed);
    pthread_mutex_unlock(&informer->lock);
}

static void on_namespace_error(void *context, const cat_error *error)
{
    ec_informer *informer = context;
    cat_log_warning("watching namespaces", CAT_FIELD("cluster", informer->cluster), CAT_FIELD_ERROR(error));
}

const cat_kube_watch_handlers ec_informer_namespace_handlers = {
    .on_object = on_namespace, .on_listed = on_namespaces_listed, .on_error = on_namespace_error};

static bool known_namespace(ec_informer *informer, const char *name, ec_namespace *found)
{
    pthread_mutex_lock(&informer->lock);
    const ec_namespace *kept = cat_map_get(informer->namespaces, name);
    if (kept)
        *found = *kept;
    pthread_mutex_unlock(&informer->lock);
    return kept != NULL;
}

/* An object may be seen before its new namespace is: then the namespace is asked for. */
static void look_namespace_up(ec_informer *informer, const char *name, ec_namespace *found)
{
    *found = (ec_namespace){.environment = -1};
    if (known_namespace(informer, name, found) || informer->is_management || !*name)
        return;
    cat_autojson json_t *object = NULL;
    cat_error failed = {0};
    int code = cat_kube_get(informer->kube, ec_resource("Namespace"), NULL, name, &object, &failed);
    if (code < 0) {
        if (code != CAT_E_NOT_FOUND)
            ec_informer_make_stale(informer);
        return;
    }
    const char *environment = cat_object_label(object, CAT_LABEL_ENVIRONMENT),
               *application = cat_object_label(object, CAT_LABEL_APPLICATION);
    found->environment = environment ? ec_informer_environment(informer, environment) : -1;
    snprintf(found->application, sizeof found->application, "%s", application ? application : "");
    pthread_mutex_lock(&informer->lock);
    cat_map_set(informer->namespaces, name, cat_memdup(found, sizeof *found));
    pthread_mutex_unlock(&informer->lock);
}

static uint16_t bit_of(const ec_informer *informer, const char *environment)
{
    int index = environment ? ec_informer_environment(informer, environment) : -1;
    return index >= 0 ? (uint16_t)(1u << index) : 0;
}

/* Nobody but Catalyst writes there: in flux-system, and on the management cluster. */
static bool is_catalysts_own(const ec_informer *informer, const char *namespace)
{
    return informer->is_management || strcmp(namespace, EC_FLUX_NAMESPACE) == 0;
}

/* Bits of the Environments that an object belongs to; `application` gets whose it is ("" for nobody's). What its own labels say
 * counts only where nobody but Catalyst writes: elsewhere its namespace's labels do, which nobody else can change. */
static uint16_t environments_of(ec_kind_watch *kind, cat_view object, const ec_identity_of *of, char application[64])
{
    ec_informer *informer = kind->informer;
    bool believed = is_catalysts_own(informer, of->namespace);
    const char *whose = believed ? label(object, CAT_LABEL_APPLICATION) : NULL;
    snprintf(application, 64, "%s", whose ? whose : "");
    uint16_t bits = 0;
    if (strcmp(kind->resource.kind, "Application") == 0) {
        snprintf(application, 64, "%s", of->name);
        cat_view item;
        cat_view_iterator each = cat_view_each(cat_view_get(object, "spec.environments"));
        while (cat_view_next(&each, NULL, &item))
            bits |= bit_of(informer, cat_view_text_or(item, NULL, ""));
        return bits;
    }
    if (believed)
        return bit_of(informer, label(object, CAT_LABEL_ENVIRONMENT));
    ec_namespace found;
    look_namespace_up(informer, of->namespace, &found);
    snprintf(application, 64, "%s", found.application);
    return found.environment >= 0 ? (uint16_t)(1u << found.environment) : 0;
}

static void count_objects(const ec_kind_watch *kind)
{
    const char *labels[] = {kind->informer->cluster, kind->token};
    cat_metric_set(kind->informer->controller->informer_objects, (double)cat_map_count(kind->entries), labels);
}

static void note_version(ec_informer *informer, const char *resource_version)
{
    pthread_mutex_lock(&informer->lock);
    if (*resource_version && strlen(resource_version) < sizeof informer->resource_version &&
        cat_resource_version_compare(resource_version, informer->resource_version) > 0)
        strcpy(informer->resource_version, resource_version);
    pthread_mutex_unlock(&informer->lock);
}

static void present(ec_kind_watch *kind, cat_watch_kind what, cat_view object)
{
    ec_informer *informer = kind->informer;
    ec_identity_of of = ec_event_identity(object);
    if (ec_event_is_noise(&kind->resource, object))
        return;
    char application[64];
    uint16_t bits = environments_of(kind, object, &of, application);
    cat_autofree char *key = cat_printf("%s/%s", of.namespace, of.name);
    ec_entry *entry = cat_map_get(kind->entries, key);
    if (!entry && !bits)
        return;
    if (!entry) {
        entry = cat_calloc(1, sizeof *entry);
        cat_map_set(kind->entries, key, entry);
    }
    entry->round = kind->round;
    uint64_t mark = ec_informer_mark(informer->epoch, of.uid, of.resource_version);
    ec_informer_tell_deleted(kind, &of, (uint16_t)(entry->environments & ~bits));
    ec_drift drift;
    ec_informer_flux_judge(kind, what, object, entry, &drift);
    uint16_t news = mark != entry->mark ? bits : (uint16_t)(bits & ~entry->environments);
    char digest[EC_FIELDS_DIGEST_MAX];
    ec_event_flux flux;
    if (news) {
        ec_informer_flux_said(kind, object, entry, &drift, digest, &flux);
        ec_informer_tell_object(kind, object, &flux, application, news);
    }
    entry->mark = mark;
    entry->environments = bits;
    snprintf(entry->uid, sizeof entry->uid, "%s", of.uid);
    ec_informer_flux_object(kind, what, object);
    if (!bits)
        cat_map_remove(kind->entries, key);
    if (what != CAT_WATCH_LISTED)
        count_objects(kind);
}

static void on_object(void *context, cat_watch_kind what, cat_view object)
{
    ec_kind_watch *kind = context;
    ec_identity_of of = ec_event_identity(object);
    note_version(kind->informer, of.resource_version);
    if (what != CAT_WATCH_DELETED) {
        present(kind, what, object);
        return;
    }
    ec_informer_flux_gone(kind, object);
    cat_autofree char *key = cat_printf("%s/%s", of.namespace, of.name);
    const ec_entry *entry = cat_map_get(kind->entries, key);
    if (!entry)
        return;
    ec_informer_tell_deleted(kind, &of, entry->environments);
    cat_map_remove(kind->entries, key);
    count_objects(kind);
}

/* A list that starts anew asks whether this is still the same cluster, not an older copy of it. */
static void on_list_start(void *context)
{
    ec_kind_watch *kind = context;
    ec_informer *informer = kind->informer;
    kind->round++;
    const char *labels[] = {informer->cluster};
    cat_metric_add(informer->controller->informer_lists, 1, labels);
    if (!kind->listed_once)
        return;
    char uid[64], version[32], seen[32];
    pthread_mutex_lock(&informer->lock);
    strcpy(seen, informer->resource_version);
    pthread_mutex_unlock(&informer->lock);
    cat_error failed = {0};
    if (ec_informer_probe(informer->kube, uid, version, &failed) < 0)
        return; /* the list fails the same way, and comes again */
    if (ec_informer_epoch(informer->epoch, informer->kube_system_uid, seen, uid, version) != informer->epoch) {
        atomic_store(&informer->muted, true);
        ec_informer_make_stale(informer);
    }
}

static void on_listed(void *context, const char *resource_version)
{
    ec_kind_watch *kind = context;
    ec_informer *informer = kind->informer;
    note_version(informer, resource_version);
    kind->listed_once = true;
    atomic_store(&kind->failed, false);
    size_t at = 0;
    const char *key;
    void *value;
    while (cat_map_next(kind->entries, &at, &key, &value)) {
        const ec_entry *entry = value;
        const char *slash = strchr(key, '/');
        if (entry->round == kind->round || !slash)
            continue;
        cat_autofree char *namespace = cat_strndup(key, (size_t)(slash - key)), *name = cat_strdup(slash + 1);
        ec_informer_tell_deleted(kind, &(ec_identity_of){namespace, name, entry->uid, resource_version}, entry->environments);
        cat_map_remove(kind->entries, key);
    }
    count_objects(kind);
}

static void on_error(void *context, const cat_error *error)
{
    ec_kind_watch *kind = context;
    if (error->code == CAT_E_NOT_FOUND && kind->optional) { /* its definition may be gone */
        if (!atomic_exchange(&kind->failed, true))
            ec_queue_add(kind->informer->controller->queue, "Informer", kind->informer->organization, kind->informer->cluster);
        return;
    }
    /* Kubernetes sends no bookmarks of Events: where nothing happens their watch is silent, and begun anew. */
    bool is_quiet = error->code == CAT_E_TIMEOUT && strcmp(kind->resource.kind, "Event") == 0;
    if (is_quiet)
        return;
    cat_log_warning("watching", CAT_FIELD("cluster", kind->informer->cluster), CAT_FIELD("kind", kind->resource.kind),
                    CAT_FIELD_ERROR(error));
}

const cat_kube_watch_handlers ec_informer_kind_handlers = {
    .on_list_start = on_list_start, .on_object = on_object, .on_listed = on_listed, .on_error = on_error};
