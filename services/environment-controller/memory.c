#include "memory.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "base/memory.h"

/* Far above what a Sovereign has of keys; then all is forgotten at once and asserted anew. */
#define MAX_ENTRIES 200000

struct ec_memory {
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

ec_memory *ec_memory_create(const cat_clock *clock)
{
    ec_memory *memory = cat_calloc(1, sizeof *memory);
    pthread_mutex_init(&memory->lock, NULL);
    memory->entries = cat_map_create(entry_destroy);
    memory->clock = clock ? clock : cat_clock_system();
    return memory;
}

void ec_memory_destroy(ec_memory *memory)
{
    if (!memory)
        return;
    cat_map_destroy(memory->entries);
    pthread_mutex_destroy(&memory->lock);
    free(memory);
}

static int64_t now(const ec_memory *memory)
{
    return memory->clock->monotonic_ms(memory->clock);
}

static entry *put(ec_memory *memory, const char *key, const char *digest)
{
    if (cat_map_count(memory->entries) >= MAX_ENTRIES)
        cat_map_clear(memory->entries);
    entry *made = cat_calloc(1, sizeof *made);
    made->at_ms = now(memory);
    size_t length = strlen(digest);
    memcpy(made->digest, digest, length < sizeof made->digest ? length : sizeof made->digest - 1);
    cat_map_set(memory->entries, key, made);
    return made;
}

bool ec_memory_holds(ec_memory *memory, const char *key, const char *digest, int64_t max_age_ms)
{
    pthread_mutex_lock(&memory->lock);
    const entry *found = cat_map_get(memory->entries, key);
    bool holds = found && strcmp(found->digest, digest) == 0 && (max_age_ms == 0 || now(memory) - found->at_ms < max_age_ms);
    pthread_mutex_unlock(&memory->lock);
    return holds;
}

void ec_memory_set(ec_memory *memory, const char *key, const char *digest)
{
    pthread_mutex_lock(&memory->lock);
    put(memory, key, digest);
    pthread_mutex_unlock(&memory->lock);
}

void ec_memory_set_text(ec_memory *memory, const char *key, const char *digest, const char *text)
{
    pthread_mutex_lock(&memory->lock);
    put(memory, key, digest)->text = text ? cat_strdup(text) : NULL;
    pthread_mutex_unlock(&memory->lock);
}

char *ec_memory_text(ec_memory *memory, const char *key, const char *digest)
{
    pthread_mutex_lock(&memory->lock);
    const entry *found = cat_map_get(memory->entries, key);
    char *text = found && found->text && strcmp(found->digest, digest) == 0 ? cat_strdup(found->text) : NULL;
    pthread_mutex_unlock(&memory->lock);
    return text;
}

void ec_memory_forget(ec_memory *memory, const char *key)
{
    pthread_mutex_lock(&memory->lock);
    cat_map_remove(memory->entries, key);
    pthread_mutex_unlock(&memory->lock);
}

int64_t ec_memory_pace(ec_memory *memory, const char *key, int64_t gap_ms)
{
    pthread_mutex_lock(&memory->lock);
    const entry *found = cat_map_get(memory->entries, key);
    int64_t left = found ? found->at_ms + gap_ms - now(memory) : 0;
    if (left <= 0)
        put(memory, key, "");
    pthread_mutex_unlock(&memory->lock);
    return left > 0 ? left : 0;
}

#define QUIET_MS 60000

int64_t ec_memory_backoff(ec_memory *memory, const char *key, int64_t gap_ms, unsigned free_steps, int64_t most_ms)
{
    pthread_mutex_lock(&memory->lock);
    const entry *found = cat_map_get(memory->entries, key);
    unsigned steps = found ? found->steps : 0;
    for (unsigned i = free_steps; i < steps && gap_ms < most_ms; i++)
        gap_ms = gap_ms * 2 < most_ms ? gap_ms * 2 : most_ms;
    int64_t since = found ? now(memory) - found->at_ms : gap_ms, left = gap_ms - since;
    if (left <= 0)
        put(memory, key, "")->steps = since > gap_ms + QUIET_MS ? 1 : steps + 1;
    pthread_mutex_unlock(&memory->lock);
    return left > 0 ? left : 0;
}
