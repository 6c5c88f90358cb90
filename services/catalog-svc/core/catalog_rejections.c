#include "core/catalog_rejections.h"

#include <stdlib.h>
#include <string.h>

#include "base/encoding.h"
#include "base/map.h"
#include "base/memory.h"
#include "domain/source.h"

#define CURSOR_MAX 1024

struct ctg_rejections {
    cat_map *values; /* key → json_t */
};

static void release(void *value)
{
    json_decref(value);
}

ctg_rejections *ctg_rejections_create(void)
{
    ctg_rejections *rejections = cat_calloc(1, sizeof *rejections);
    rejections->values = cat_map_create(release);
    return rejections;
}

void ctg_rejections_destroy(ctg_rejections *rejections)
{
    if (!rejections)
        return;
    cat_map_destroy(rejections->values);
    free(rejections);
}

int ctg_rejections_put(ctg_rejections *rejections, const char *key, json_t *value_taken, cat_error *error)
{
    static const char *const NEEDED[] = {"source", "name", "version", "tag", "commit", "reason", "foundAt"};
    cat_autojson json_t *value = value_taken;
    bool whole = json_is_array(json_object_get(value, "errors"));
    for (size_t i = 0; i < sizeof NEEDED / sizeof *NEEDED; i++)
        whole = whole && cat_json_text(value, NEEDED[i]);
    if (!whole) {
        cat_map_remove(rejections->values, key);
        return cat_error_set(error, CAT_E_INVALID,
                             "a rejected version has source, name, version, tag, commit, reason and errors");
    }
    cat_map_set(rejections->values, key, json_incref(value));
    return 0;
}

void ctg_rejections_remove(ctg_rejections *rejections, const char *key)
{
    cat_map_remove(rejections->values, key);
}

void ctg_rejections_clear(ctg_rejections *rejections)
{
    cat_map_clear(rejections->values);
}

/* --- what is shown --- */

bool ctg_rejection_is_visible(const char *source, const char *organization, bool runs_sovereign)
{
    return cat_text_equal(cat_source_keeper(source), organization) && (runs_sovereign || !cat_source_is_sovereigns(source));
}

typedef struct {
    const char *key, *found_at;
    json_t *value;
} entry;

static int by_age(const void *left, const void *right)
{
    const entry *a = left, *b = right;
    int found = strcmp(b->found_at, a->found_at);
    return found ? found : strcmp(a->key, b->key);
}

/* {foundAt} 0x1f {key}: what comes behind it is the next page, whatever came and went meanwhile. */
static int find_page(const entry *all, size_t count, const char *cursor, size_t *from, cat_error *error)
{
    *from = 0;
    if (!cursor)
        return 0;
    size_t length = 0;
    cat_autofree char *plain =
        strlen(cursor) <= CURSOR_MAX ? (char *)cat_base64url_decode(cursor, strlen(cursor), &length) : NULL;
    char *key = plain && strlen(plain) == length ? strchr(plain, 0x1f) : NULL;
    if (!key)
        return cat_error_set(error, CAT_E_INVALID, "cursor is not one that this list gave");
    *key++ = '\0';
    entry before = {.key = key, .found_at = plain};
    while (*from < count && by_age(&all[*from], &before) <= 0)
        ++*from;
    return 0;
}

int ctg_rejections_list(const ctg_rejections *rejections, const ctg_rejections_query *query, json_t **result, cat_error *error)
{
    cat_autofree entry *all = cat_calloc(cat_map_count(rejections->values) + 1, sizeof *all);
    size_t count = 0, at = 0, from;
    const char *key;
    void *value;
    while (cat_map_next(rejections->values, &at, &key, &value))
        if (ctg_rejection_is_visible(cat_json_text_or(value, "source", ""), query->organization, query->runs_sovereign) &&
            (!query->blueprint || cat_text_equal(cat_json_text(value, "name"), query->blueprint)))
            all[count++] = (entry){key, cat_json_text_or(value, "foundAt", ""), value};
    qsort(all, count, sizeof *all, by_age);
    int code = find_page(all, count, query->cursor, &from, error);
    if (code < 0)
        return code;
    size_t to = query->limit < count - from ? from + query->limit : count;
    json_t *items = json_array(), *next = json_null();
    /* Copies: jansson's counts of references are not for several threads at a time. */
    for (size_t i = from; i < to; i++)
        json_array_append_new(items, json_deep_copy(all[i].value));
    if (to < count && to > from) {
        cat_autofree char *plain = cat_printf("%s\x1f%s", all[to - 1].found_at, all[to - 1].key),
                          *text = cat_base64url_encode(plain, strlen(plain));
        next = json_string(text);
    }
    *result = cat_json_object("items", items, "next", next, "total", json_integer((json_int_t)count), NULL);
    return 0;
}
