#include "base/map.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/string.h"
#include "base/test.h"

static int released;

static void release(void *value)
{
    released++;
    free(value);
}

TEST("values are found, replaced, taken and removed")
{
    released = 0;
    cat_map *map = cat_map_create(release);
    EXPECT(cat_map_get(map, "a") == NULL);
    cat_map_set(map, "a", cat_strdup("1"));
    cat_map_set(map, "b", cat_strdup("2"));
    cat_map_set(map, "a", cat_strdup("3"));
    EXPECT_INT(released, 1);
    EXPECT_TEXT(cat_map_get(map, "a"), "3");
    EXPECT_INT(cat_map_count(map), 2);
    cat_autofree char *taken = cat_map_take(map, "a");
    EXPECT_TEXT(taken, "3");
    EXPECT_INT(released, 1);
    EXPECT(cat_map_take(map, "a") == NULL);
    EXPECT(cat_map_remove(map, "b") && !cat_map_remove(map, "b"));
    EXPECT_INT(released, 2);
    cat_map_set(map, "c", cat_strdup("4"));
    cat_map_clear(map);
    EXPECT_INT(released, 3);
    EXPECT_INT(cat_map_count(map), 0);
    cat_map_set(map, "", cat_strdup("empty key"));
    EXPECT_TEXT(cat_map_get(map, ""), "empty key");
    cat_map_destroy(map);
    EXPECT_INT(released, 4);
    cat_map_destroy(NULL);
}

TEST("setting the value that is there already keeps it")
{
    released = 0;
    cat_map *map = cat_map_create(release);
    char *value = cat_strdup("x");
    cat_map_set(map, "a", value);
    cat_map_set(map, "a", value);
    EXPECT_INT(released, 0);
    cat_map_destroy(map);
    EXPECT_INT(released, 1);
}

TEST("walking goes in insertion order and stands removal of what was just seen")
{
    cat_map *map = cat_map_create(NULL);
    static const char *const keys[] = {"z", "a", "m", "b", "y"};
    for (size_t i = 0; i < 5; i++)
        cat_map_set(map, keys[i], (void *)keys[i]);
    cat_map_set(map, "a", (void *)keys[1]);
    cat_auto(cat_string) seen = CAT_STRING(100);
    size_t at = 0;
    const char *key;
    void *value;
    while (cat_map_next(map, &at, &key, &value)) {
        EXPECT(strcmp(key, value) == 0);
        cat_string_append(&seen, key);
        if (*key == 'a' || *key == 'b')
            cat_map_remove(map, value);
    }
    EXPECT_TEXT(cat_string_get(&seen), "zamby");
    cat_string_clear(&seen);
    for (at = 0; cat_map_next(map, &at, &key, NULL);)
        cat_string_append(&seen, key);
    EXPECT_TEXT(cat_string_get(&seen), "zmy");
    cat_map_destroy(map);
}

TEST("a hundred thousand random changes leave what a plain array holds")
{
    enum { KEYS = 500 };
    static uintptr_t model[KEYS];
    memset(model, 0, sizeof model);
    cat_map *map = cat_map_create(NULL);
    unsigned seed = 7;
    size_t live = 0;
    for (uintptr_t i = 1; i <= 100000; i++) {
        seed = seed * 1103515245 + 12345;
        unsigned key_number = (seed >> 8) % KEYS;
        char key[16];
        snprintf(key, sizeof key, "key-%u", key_number);
        if ((seed >> 20) % 3) {
            cat_map_set(map, key, (void *)i);
            live += model[key_number] == 0;
            model[key_number] = i;
        } else {
            EXPECT_INT(cat_map_remove(map, key), model[key_number] != 0);
            live -= model[key_number] != 0;
            model[key_number] = 0;
        }
    }
    EXPECT_INT(cat_map_count(map), live);
    for (unsigned i = 0; i < KEYS; i++) {
        char key[16];
        snprintf(key, sizeof key, "key-%u", i);
        EXPECT_INT((uintptr_t)cat_map_get(map, key), model[i]);
    }
    cat_map_destroy(map);
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
