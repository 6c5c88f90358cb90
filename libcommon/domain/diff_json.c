#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "domain/diff.h"

/* Deeper values are told as replaced whole. */
#define MAX_DEPTH 64

static void note(json_t *list, const char *pointer, const json_t *from, const json_t *to)
{
    json_array_append_new(list, cat_json_object("pointer", json_string(pointer), "op",
                                                json_string(!from ? "add"
                                                            : !to ? "remove"
                                                                  : "replace"),
                                                "from", json_deep_copy(from), "to", json_deep_copy(to), NULL));
}

static void compare(const json_t *before, const json_t *after, const char *pointer, unsigned depth, json_t *list);

static void compare_objects(const json_t *before, const json_t *after, const char *pointer, unsigned depth, json_t *list)
{
    cat_auto(cat_strings) names = {0};
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)before, name, value) cat_strings_add(&names, name);
    json_object_foreach((json_t *)after, name, value) if (!json_object_get(before, name)) cat_strings_add(&names, name);
    cat_strings_sort(&names);
    for (size_t i = 0; i < names.count; i++) {
        cat_autofree char *inner = cat_json_pointer_join(pointer, names.items[i]);
        compare(json_object_get(before, names.items[i]), json_object_get(after, names.items[i]), inner, depth + 1, list);
    }
}

/* What is too many is removed from the end, so that each pointer holds when its turn comes. */
static void compare_arrays(const json_t *before, const json_t *after, const char *pointer, unsigned depth, json_t *list)
{
    size_t had = json_array_size(before), has = json_array_size(after);
    for (size_t i = 0; i < has; i++) {
        cat_autofree char *inner = cat_printf("%s/%zu", pointer, i);
        compare(i < had ? json_array_get(before, i) : NULL, json_array_get(after, i), inner, depth + 1, list);
    }
    for (size_t i = had; i-- > has;) {
        cat_autofree char *inner = cat_printf("%s/%zu", pointer, i);
        note(list, inner, json_array_get(before, i), NULL);
    }
}

static void compare(const json_t *before, const json_t *after, const char *pointer, unsigned depth, json_t *list)
{
    if (before && after && json_equal(before, after))
        return;
    bool walk = before && after && depth < MAX_DEPTH && json_typeof(before) == json_typeof(after);
    if (walk && json_is_object(before))
        compare_objects(before, after, pointer, depth, list);
    else if (walk && json_is_array(before))
        compare_arrays(before, after, pointer, depth, list);
    else
        note(list, pointer, before, after);
}

json_t *cat_diff_json(const json_t *before, const json_t *after)
{
    json_t *list = json_array();
    if (before || after)
        compare(before, after, "", 0, list);
    return list;
}
