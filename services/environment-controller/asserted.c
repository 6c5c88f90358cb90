#include "asserted.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "base/memory.h"

/* Far above what a Sovereign has of keys; then all is forgotten at once and asserted anew. */
#define MAX_ENTRIES 200000

struct ec_asserted {
    pthread_mutex_t lock;
    cat_map *entries;
    const cat_clock *clock;
};

typedef struct {
    int64_t at_ms;
    unsigned steps; /* granted in a row */
    char digest[65];
    char *text; /* NULL: none */
} entry;

static void entry_destroy(void *made)
{
    free(((entry *)made)->text);
    free(made);
}

ec_asserted *ec_asserted_create(const cat_clock *clock)
{
    ec_asserted *asserted = cat_calloc(1, sizeof *asserted);
    pthread_mutex_init(&asserted->lock, NULL);
    asserted->entries = cat_map_create(entry_destroy);
    asserted->clock = clock ? clock : cat_clock_system();
    return asserted;
}

void ec_asserted_destroy(ec_asserted *asserted)
{
    if (!asserted)
        return;
    cat_map_destroy(asserted->entries);
    pthread_mutex_destroy(&asserted->lock);
    free(asserted);
}

static int64_t now(const ec_asserted *asserted)
{
    return asserted->clock->monotonic_ms(asserted->clock);
}

static entry *put(ec_asserted *asserted, const char *key, const char *digest)
{
    if (cat_map_count(asserted->entries) >= MAX_ENTRIES)
        cat_map_clear(asserted->entries);
    entry *made = cat_calloc(1, sizeof *made);
    made->at_ms = now(asserted);
    size_t length = strlen(digest);
    memcpy(made->digest, digest, length < sizeof made->digest ? length : sizeof made->digest - 1);
    cat_map_set(asserted->entries, key, made);
    return made;
}

bool ec_asserted_holds(ec_asserted *asserted, const char *key, const char *digest, int64_t max_age_ms)
{
    pthread_mutex_lock(&asserted->lock);
    const entry *found = cat_map_get(asserted->entries, key);
    bool holds = found && strcmp(found->digest, digest) == 0 && (max_age_ms == 0 || now(asserted) - found->at_ms < max_age_ms);
    pthread_mutex_unlock(&asserted->lock);
    return holds;
}

void ec_asserted_set(ec_asserted *asserted, const char *key, const char *digest)
{
    pthread_mutex_lock(&asserted->lock);
    put(asserted, key, digest);
    pthread_mutex_unlock(&asserted->lock);
}

void ec_asserted_set_text(ec_asserted *asserted, const char *key, const char *digest, const char *text)
{
    pthread_mutex_lock(&asserted->lock);
    put(asserted, key, digest)->text = text ? cat_strdup(text) : NULL;
    pthread_mutex_unlock(&asserted->lock);
}

char *ec_asserted_text(ec_asserted *asserted, const char *key, const char *digest)
{
    pthread_mutex_lock(&asserted->lock);
    const entry *found = cat_map_get(asserted->entries, key);
    char *text = found && found->text && strcmp(found->digest, digest) == 0 ? cat_strdup(found->text) : NULL;
    pthread_mutex_unlock(&asserted->lock);
    return text;
}

void ec_asserted_forget_all(ec_asserted *asserted)
{
    pthread_mutex_lock(&asserted->lock);
    cat_map_clear(asserted->entries);
    pthread_mutex_unlock(&asserted->lock);
}

void ec_asserted_forget(ec_asserted *asserted, const char *key)
{
    pthread_mutex_lock(&asserted->lock);
    cat_map_remove(asserted->entries, key);
    pthread_mutex_unlock(&asserted->lock);
}

int64_t ec_asserted_pace(ec_asserted *asserted, const char *key, int64_t gap_ms)
{
    pthread_mutex_lock(&asserted->lock);
    const entry *found = cat_map_get(asserted->entries, key);
    int64_t left = found ? found->at_ms + gap_ms - now(asserted) : 0;
    if (left <= 0)
        put(asserted, key, "");
    pthread_mutex_unlock(&asserted->lock);
    return left > 0 ? left : 0;
}

#define QUIET_MS 60000

int64_t ec_asserted_backoff(ec_asserted *asserted, const char *key, int64_t gap_ms, unsigned free_steps, int64_t most_ms)
{
    pthread_mutex_lock(&asserted->lock);
    const entry *found = cat_map_get(asserted->entries, key);
    unsigned steps = found ? found->steps : 0;
    for (unsigned i = free_steps; i < steps && gap_ms < most_ms; i++)
        gap_ms = gap_ms * 2 < most_ms ? gap_ms * 2 : most_ms;
    int64_t since = found ? now(asserted) - found->at_ms : gap_ms, left = gap_ms - since;
    if (left <= 0)
        put(asserted, key, "")->steps = since > gap_ms + QUIET_MS ? 1 : steps + 1;
    pthread_mutex_unlock(&asserted->lock);
    return left > 0 ? left : 0;
}
