/* What the bucket says: who beats, and which key is whose. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "svc/lease_internal.h"
#include "wire/json.h"
#include "wire/subjects.h"

#define EXPIRED_MS 10000
#define FORGET_MS 600000
/* Silence of others counts while this replica hears itself: so many of its own heartbeats must have come back through the same
 * watch. After a pause of this process, or while the watch lags, everybody would look dead. */
#define ECHOES_LEAST 3

void cat_lease_beat_free(void *value)
{
    free(((cat_lease_beat *)value)->start);
    free(value);
}

void cat_lease_key_free(void *value)
{
    cat_lease_key *key = value;
    free(key->holder);
    free(key->start);
    free(key);
}

void cat_lease_bucket_key(const cat_leases *leases, const char *kind, const char *name, char key[CAT_KEY_MAX])
{
    snprintf(key, CAT_KEY_MAX, "%s.%s.%s", leases->service, kind, name);
}

cat_lease_key *cat_lease_key_of(cat_leases *leases, const char *name)
{
    cat_lease_key *key = cat_map_get(leases->keys, name);
    if (key || !*name || strlen(name) >= sizeof(key->name) || cat_map_count(leases->keys) >= CAT_LEASE_KEYS_MAX)
        return key;
    key = cat_calloc(1, sizeof(*key));
    snprintf(key->name, sizeof(key->name), "%s", name);
    key->unknown_ms = cat_lease_now(leases);
    cat_map_set(leases->keys, name, key);
    return key;
}

/* A record that is not newer than what is known is our own writing coming back. */
void cat_lease_learn(cat_leases *leases, cat_lease_key *key, uint64_t revision, const char *holder, const char *start)
{
    if (key->revision >= revision)
        return;
    free(key->holder);
    free(key->start);
    key->revision = revision;
    key->holder = holder ? cat_strdup(holder) : NULL;
    key->start = start ? cat_strdup(start) : NULL;
    leases->news = true;
}

static void hear(cat_leases *leases, const char *instance, uint64_t revision, const char *start)
{
    const cat_lease_beat *before = cat_map_get(leases->beats, instance);
    leases->news = leases->news || !before || !cat_text_equal(before->start, start);
    cat_lease_beat *beat = cat_calloc(1, sizeof(*beat));
    *beat = (cat_lease_beat){.revision = revision,
                             .start = start ? cat_strdup(start) : NULL,
                             .changed_ms = cat_lease_now(leases),
                             .echoes = leases->echoes};
    cat_map_set(leases->beats, instance, beat);
}

static void hear_beat(cat_leases *leases, const char *instance, uint64_t revision, const char *start)
{
    bool own = strcmp(instance, leases->instance) == 0;
    if (own && start && strcmp(start, leases->start) > 0)
        leases->superseded = true;
    leases->echoes += own && cat_text_equal(start, leases->start);
    hear(leases, instance, revision, start);
}

static void hear_key(cat_leases *leases, const char *name, const cat_kv_entry *entry, const json_t *body)
{
    cat_lease_key *key = entry->value || cat_map_get(leases->keys, name) ? cat_lease_key_of(leases, name) : NULL;
    if (!key)
        return;
    if (entry->revision >= key->revision)
        key->recorded = entry->value != NULL;
    cat_lease_learn(leases, key, entry->revision, cat_json_text(body, "holder"), cat_json_text(body, "start"));
}

static void on_entry(void *context, const cat_kv_entry *entry)
{
    cat_leases *leases = context;
    const char *name = entry->key + strlen(leases->service) + 1;
    cat_autojson json_t *body = NULL;
    if (entry->value && cat_json_parse(entry->value, entry->length, &CAT_JSON_CAPS, &body, NULL) < 0)
        return; /* nobody's: only leases write here */
    pthread_mutex_lock(&leases->lock);
    if (cat_text_starts_with(name, "alive."))
        hear_beat(leases, name + strlen("alive."), entry->revision, cat_json_text(body, "start"));
    else if (cat_text_starts_with(name, "key."))
        hear_key(leases, name + strlen("key."), entry, body);
    if (leases->news)
        pthread_cond_broadcast(&leases->changed);
    pthread_mutex_unlock(&leases->lock);
}

static void on_ready(void *context, uint64_t revision)
{
    (void)revision;
    cat_leases *leases = context;
    pthread_mutex_lock(&leases->lock);
    leases->ready = leases->news = true;
    pthread_cond_broadcast(&leases->changed);
    pthread_mutex_unlock(&leases->lock);
}

/* Revisions begin anew with the bucket. What is held stays so until the bucket's new records say otherwise. */
static void on_reset(void *context)
{
    cat_leases *leases = context;
    pthread_mutex_lock(&leases->lock);
    leases->ready = false;
    cat_map_clear(leases->beats);
    size_t at = 0;
    void *value;
    while (cat_map_next(leases->keys, &at, NULL, &value)) {
        cat_lease_key *key = value;
        key->revision = 0;
        key->recorded = false;
        free(cat_take(key->holder));
        free(cat_take(key->start));
    }
    pthread_mutex_unlock(&leases->lock);
}

const cat_kv_watch_handlers cat_lease_handlers = {.on_entry = on_entry, .on_ready = on_ready, .on_reset = on_reset};

static bool is_silent(const cat_leases *leases, const cat_lease_beat *beat)
{
    return cat_lease_now(leases) - beat->changed_ms >= EXPIRED_MS && leases->echoes - beat->echoes >= ECHOES_LEAST;
}

static bool lives(const cat_leases *leases, const char *holder, const char *start)
{
    const cat_lease_beat *beat = cat_map_get(leases->beats, holder);
    return beat && cat_text_equal(beat->start, start) && beat->start && !is_silent(leases, beat);
}

void cat_lease_count_alive(const cat_leases *leases, size_t *alive, size_t *rank)
{
    *alive = 1; /* this replica counts, whatever is known of it */
    *rank = 0;
    size_t at = 0;
    const char *instance;
    void *value;
    while (cat_map_next(leases->beats, &at, &instance, &value)) {
        const cat_lease_beat *beat = value;
        int order = strcmp(instance, leases->instance);
        bool counts = order != 0 && beat->start && !is_silent(leases, beat);
        *alive += counts;
        *rank += counts && order < 0;
    }
}

cat_lease_owner cat_lease_owner_of(const cat_leases *leases, const cat_lease_key *key)
{
    if (!key->holder)
        return CAT_LEASE_FREE;
    if (strcmp(key->holder, leases->instance) == 0)
        return cat_text_equal(key->start, leases->start) ? CAT_LEASE_MINE : CAT_LEASE_FREE;
    return lives(leases, key->holder, key->start) ? CAT_LEASE_OTHERS : CAT_LEASE_FREE;
}

bool cat_lease_find_dead(const cat_leases *leases, char instance[128], uint64_t *revision)
{
    size_t at = 0;
    const char *name;
    void *value;
    while (cat_map_next(leases->beats, &at, &name, &value)) {
        const cat_lease_beat *beat = value;
        if (strcmp(name, leases->instance) != 0 && beat->start && is_silent(leases, beat) &&
            cat_lease_now(leases) - beat->changed_ms >= FORGET_MS) {
            snprintf(instance, 128, "%s", name);
            *revision = beat->revision;
            return true;
        }
    }
    return false;
}
