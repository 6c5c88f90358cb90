#include "registry.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/condition.h"
#include "base/log.h"
#include "core/plan_rejection.h"

#define BUCKET "catalyst-blueprints"
#define FIRST_WAIT_SECONDS 10

struct bpc_registry {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    json_t *facts, *rejections;
    unsigned incarnation;
    bool ready;
    cat_kv_watch *watch;
};

/* What is kept of a value; `name` is its key without what tells the two kinds apart. */
static void keep(json_t *facts, const char *name, const json_t *value, const char *const *kept)
{
    if (!value) {
        json_object_del(facts, name);
        return;
    }
    json_t *fact = json_object();
    for (; *kept; kept++)
        cat_json_set_text(fact, *kept, cat_json_text(value, *kept));
    json_object_set_new(facts, name, fact);
}

static void on_entry(void *context, const cat_kv_entry *entry)
{
    bpc_registry *registry = context;
    cat_autojson json_t *value = NULL;
    cat_error error = {0};
    if (entry->value && cat_json_parse(entry->value, entry->length, &CAT_JSON_CAPS, &value, &error) < 0) {
        cat_log_warning("a registered Blueprint cannot be read", CAT_FIELD("key", entry->key), CAT_FIELD_ERROR(&error));
        return;
    }
    static const char *const REGISTERED[] = {"digest", "commit", "repository", "tag", "moved", "tagGone", NULL};
    static const char *const REJECTED[] = {"source", "version", "repository", "tag", "commit", "foundAt", NULL};
    pthread_mutex_lock(&registry->lock);
    if (cat_text_starts_with(entry->key, BPC_REJECTION_PREFIX))
        keep(registry->rejections, entry->key + strlen(BPC_REJECTION_PREFIX), value, REJECTED);
    else if (*entry->key != '_')
        keep(registry->facts, entry->key, value, REGISTERED);
    pthread_mutex_unlock(&registry->lock);
}

static void on_ready(void *context, uint64_t revision)
{
    (void)revision;
    bpc_registry *registry = context;
    pthread_mutex_lock(&registry->lock);
    registry->ready = true;
    pthread_cond_broadcast(&registry->changed);
    pthread_mutex_unlock(&registry->lock);
}

static void on_reset(void *context)
{
    bpc_registry *registry = context;
    pthread_mutex_lock(&registry->lock);
    json_object_clear(registry->facts);
    json_object_clear(registry->rejections);
    registry->incarnation++;
    registry->ready = false;
    pthread_mutex_unlock(&registry->lock);
}

static bool wait_ready(bpc_registry *registry)
{
    int64_t until_ms = cat_deadline_after_ms(FIRST_WAIT_SECONDS * 1000);
    pthread_mutex_lock(&registry->lock);
    while (!registry->ready && cat_condition_wait(&registry->changed, &registry->lock, until_ms))
        continue;
    bool ready = registry->ready;
    pthread_mutex_unlock(&registry->lock);
    return ready;
}

int bpc_registry_start(cat_spine *spine, bpc_registry **started, cat_error *error)
{
    bpc_registry *registry = cat_calloc(1, sizeof *registry);
    pthread_mutex_init(&registry->lock, NULL);
    cat_condition_init(&registry->changed);
    registry->facts = json_object();
    registry->rejections = json_object();
    cat_kv_watch_handlers handlers = {on_entry, on_ready, on_reset, registry};
    int code = cat_kv_watch_start(spine, BUCKET, NULL, 0, &handlers, &registry->watch, error);
    if (code == 0 && !wait_ready(registry))
        code = cat_error_set(error, CAT_E_TIMEOUT, "bucket " BUCKET " could not be read in %d s", FIRST_WAIT_SECONDS);
    if (code < 0)
        bpc_registry_stop(registry);
    else
        *started = registry;
    return code;
}

void bpc_registry_stop(bpc_registry *registry)
{
    if (!registry)
        return;
    cat_kv_watch_stop(registry->watch);
    json_decref(registry->facts);
    json_decref(registry->rejections);
    pthread_cond_destroy(&registry->changed);
    pthread_mutex_destroy(&registry->lock);
    free(registry);
}

json_t *bpc_registry_facts(bpc_registry *registry)
{
    pthread_mutex_lock(&registry->lock);
    json_t *facts = json_deep_copy(registry->facts);
    pthread_mutex_unlock(&registry->lock);
    return facts;
}

json_t *bpc_registry_rejections(bpc_registry *registry)
{
    pthread_mutex_lock(&registry->lock);
    json_t *rejections = json_deep_copy(registry->rejections);
    pthread_mutex_unlock(&registry->lock);
    return rejections;
}

bool bpc_registry_is_rejected(bpc_registry *registry, const char *key)
{
    pthread_mutex_lock(&registry->lock);
    bool rejected = json_object_get(registry->rejections, key) != NULL;
    pthread_mutex_unlock(&registry->lock);
    return rejected;
}

unsigned bpc_registry_incarnation(bpc_registry *registry)
{
    pthread_mutex_lock(&registry->lock);
    unsigned incarnation = registry->incarnation;
    pthread_mutex_unlock(&registry->lock);
    return incarnation;
}

size_t bpc_registry_count(bpc_registry *registry)
{
    pthread_mutex_lock(&registry->lock);
    size_t count = json_object_size(registry->facts);
    pthread_mutex_unlock(&registry->lock);
    return count;
}
