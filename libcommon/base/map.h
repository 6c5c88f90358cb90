/* A hash map from text to pointer, keyed hashing (SipHash with a process key), insertion order kept.
 * Belongs to one thread.
 */
#ifndef CAT_BASE_MAP_H
#define CAT_BASE_MAP_H

#include <stdbool.h>
#include <stddef.h>

typedef struct cat_map cat_map;
typedef void (*cat_map_release)(void *value);

/* `release` is called for each value that the map drops; NULL: values are borrowed. */
cat_map *cat_map_create(cat_map_release release);
void cat_map_destroy(cat_map *map);                               /* NULL allowed */
void cat_map_set(cat_map *map, const char *key, void *value);     /* copies the key, takes the value, releases an older one */
void *cat_map_get(const cat_map *map, const char *key);           /* lends; NULL when absent */
void *cat_map_take(cat_map *map, const char *key);                /* removes without release */
bool cat_map_remove(cat_map *map, const char *key);
size_t cat_map_count(const cat_map *map);
void cat_map_clear(cat_map *map);
/* Walks in insertion order: `size_t at = 0; while (cat_map_next(map, &at, &key, &value)) ...`. Removing the entry
 * just seen is allowed while walking; adding is not. */
bool cat_map_next(const cat_map *map, size_t *at, const char **key, void **value);
static inline void cat_map_destroy_cleanup(cat_map **map)
{
    cat_map_destroy(*map);
}

#endif
