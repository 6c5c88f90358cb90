#include "base/map.h"

#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/random.h"

/* Entries stand in an array in insertion order; slots are indexes into it, found by linear probing over a table of a
 * power of two that is at most two thirds full. A removed entry leaves a hole (key NULL) in the array and a grave in the
 * table; both go when the table is made anew. */
typedef struct {
    char *key;
    void *value;
    uint64_t hash;
} entry;

#define SLOT_FREE 0u
#define SLOT_GRAVE UINT32_MAX

struct cat_map {
    entry *entries;
    uint32_t *slots; /* index + 1 */
    size_t entry_count, entry_capacity, live, slot_count;
    cat_map_release release;
};

/* SipHash-1-3: keys come from outside, so the table must not be filled on purpose with keys that collide. */
static uint64_t sip_key[2];
static pthread_once_t sip_once = PTHREAD_ONCE_INIT;

static void make_sip_key(void)
{
    cat_random_bytes(sip_key, sizeof sip_key);
}

static inline uint64_t rotate(uint64_t x, unsigned bits)
{
    return x << bits | x >> (64 - bits);
}

static inline void sip_round(uint64_t v[4])
{
    v[0] += v[1];
    v[1] = rotate(v[1], 13) ^ v[0];
    v[0] = rotate(v[0], 32);
    v[2] += v[3];
    v[3] = rotate(v[3], 16) ^ v[2];
    v[0] += v[3];
    v[3] = rotate(v[3], 21) ^ v[0];
    v[2] += v[1];
    v[1] = rotate(v[1], 17) ^ v[2];
    v[2] = rotate(v[2], 32);
}

static uint64_t hash_of(const char *key, size_t length)
{
    uint64_t v[4] = {sip_key[0] ^ 0x736f6d6570736575u, sip_key[1] ^ 0x646f72616e646f6du, sip_key[0] ^ 0x6c7967656e657261u,
                     sip_key[1] ^ 0x7465646279746573u};
    size_t whole = length & ~(size_t)7;
    uint64_t word;
    for (size_t i = 0; i < whole; i += 8) {
        memcpy(&word, key + i, 8);
        v[3] ^= word;
        sip_round(v);
        v[0] ^= word;
    }
    word = 0;
    memcpy(&word, key + whole, length - whole);
    word |= (uint64_t)length << 56;
    v[3] ^= word;
    sip_round(v);
    v[0] ^= word;
    v[2] ^= 0xFF;
    for (int i = 0; i < 3; i++)
        sip_round(v);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}

cat_map *cat_map_create(cat_map_release release)
{
    pthread_once(&sip_once, make_sip_key);
    cat_map *map = cat_calloc(1, sizeof *map);
    map->release = release;
    return map;
}

void cat_map_destroy(cat_map *map)
{
    if (!map)
        return;
    cat_map_clear(map);
    free(map);
}

static void release_value(const cat_map *map, void *value)
{
    if (map->release && value)
        map->release(value);
}

void cat_map_clear(cat_map *map)
{
    for (size_t i = 0; i < map->entry_count; i++) {
        if (!map->entries[i].key)
            continue;
        free(map->entries[i].key);
        release_value(map, map->entries[i].value);
    }
    free(map->entries);
    free(map->slots);
    *map = (cat_map){.release = map->release};
}

/* The slot that holds `key`, or slot_count when it is absent. */
static size_t find_slot(const cat_map *map, const char *key, uint64_t hash)
{
    if (map->slot_count == 0)
        return 0;
    size_t mask = map->slot_count - 1;
    for (size_t at = hash & mask;; at = (at + 1) & mask) {
        uint32_t slot = map->slots[at];
        if (slot == SLOT_FREE)
            return map->slot_count;
        if (slot == SLOT_GRAVE)
            continue;
        const entry *found = &map->entries[slot - 1];
        if (found->hash == hash && strcmp(found->key, key) == 0)
            return at;
    }
}

static void place(cat_map *map, uint64_t hash, uint32_t index)
{
    size_t mask = map->slot_count - 1, at = hash & mask;
    while (map->slots[at] != SLOT_FREE)
        at = (at + 1) & mask;
    map->slots[at] = index + 1;
}

/* Closes the holes and makes the table fit: called when the array of entries is full. */
static void rebuild(cat_map *map)
{
    size_t kept = 0;
    for (size_t i = 0; i < map->entry_count; i++)
        if (map->entries[i].key)
            map->entries[kept++] = map->entries[i];
    map->entry_count = kept;
    size_t slot_count = 8;
    while (slot_count < kept * 3)
        slot_count *= 2;
    if (slot_count > (size_t)UINT32_MAX / 2)
        abort();
    map->entry_capacity = slot_count * 2 / 3;
    map->entries = cat_realloc(map->entries, map->entry_capacity * sizeof *map->entries);
    free(map->slots);
    map->slots = cat_calloc(slot_count, sizeof *map->slots);
    map->slot_count = slot_count;
    for (size_t i = 0; i < kept; i++)
        place(map, map->entries[i].hash, (uint32_t)i);
}

void cat_map_set(cat_map *map, const char *key, void *value)
{
    size_t length = strlen(key);
    uint64_t hash = hash_of(key, length);
    size_t at = find_slot(map, key, hash);
    if (at < map->slot_count) {
        entry *found = &map->entries[map->slots[at] - 1];
        void *older = found->value;
        found->value = value;
        if (older != value)
            release_value(map, older);
        return;
    }
    if (map->entry_count == map->entry_capacity)
        rebuild(map);
    map->entries[map->entry_count] = (entry){cat_strndup(key, length), value, hash};
    place(map, hash, (uint32_t)map->entry_count++);
    map->live++;
}

void *cat_map_get(const cat_map *map, const char *key)
{
    size_t at = find_slot(map, key, hash_of(key, strlen(key)));
    return at < map->slot_count ? map->entries[map->slots[at] - 1].value : NULL;
}

static bool detach(cat_map *map, const char *key, void **value)
{
    size_t at = find_slot(map, key, hash_of(key, strlen(key)));
    if (at >= map->slot_count)
        return false;
    entry *found = &map->entries[map->slots[at] - 1];
    *value = found->value;
    free(found->key);
    *found = (entry){0};
    map->slots[at] = SLOT_GRAVE;
    map->live--;
    return true;
}

void *cat_map_take(cat_map *map, const char *key)
{
    void *value = NULL;
    detach(map, key, &value);
    return value;
}

bool cat_map_remove(cat_map *map, const char *key)
{
    void *value;
    if (!detach(map, key, &value))
        return false;
    release_value(map, value);
    return true;
}

size_t cat_map_count(const cat_map *map)
{
    return map->live;
}

bool cat_map_next(const cat_map *map, size_t *at, const char **key, void **value)
{
    for (; *at < map->entry_count; (*at)++) {
        const entry *found = &map->entries[*at];
        if (!found->key)
            continue;
        if (key)
            *key = found->key;
        if (value)
            *value = found->value;
        (*at)++;
        return true;
    }
    return false;
}
