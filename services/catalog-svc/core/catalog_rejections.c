#include "core/catalog_rejections.h"

#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "base/memory.h"
#include "domain/source.h"
#include "wire/page.h"

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

/* What comes behind a time and a key is the next page, whatever came and went meanwhile. */
typedef struct {
    const entry *all;
    entry at;
} place;

static int stands(const void *context, size_t index)
{
    const place *cursor = context;
    return by_age(&cursor->all[index], &cursor->at);
}

static int find_page(const entry *all, size_t count, const ctg_rejections_query *query, cat_page *page, cat_error *error)
{
    const char *parts[2] = {0};
    cat_autofree char *bytes = NULL;
    if (query->cursor && cat_cursor_parse(query->cursor, 2, &bytes, parts, error) < 0)
        return CAT_E_INVALID;
    const place cursor = {all, {.found_at = parts[0], .key = parts[1]}};
    *page = cat_page_cut(count, query->limit, query->cursor ? stands : NULL, &cursor);
    return 0;
}

static json_t *cursor_of(const entry *last)
{
    cat_autofree char *text = cat_cursor_format((const char *const[]){last->found_at, last->key}, 2);
    return json_string(text);
}

int ctg_rejections_list(const ctg_rejections *rejections, const ctg_rejections_query *query, json_t **result, cat_error *error)
{
    cat_autofree entry *all = cat_calloc(cat_map_count(rejections->values) + 1, sizeof *all);
    size_t count = 0, at = 0;
    cat_page page = {0};
    const char *key;
    void *value;
    while (cat_map_next(rejections->values, &at, &key, &value))
        if (ctg_rejection_is_visible(cat_json_text_or(value, "source", ""), query->organization, query->runs_sovereign) &&
            (!query->blueprint || cat_text_equal(cat_json_text(value, "name"), query->blueprint)))
            all[count++] = (entry){key, cat_json_text_or(value, "foundAt", ""), value};
    qsort(all, count, sizeof *all, by_age);
    int code = find_page(all, count, query, &page, error);
    if (code < 0)
        return code;
    json_t *items = json_array();
    /* Copies: jansson's counts of references are not for several threads at a time. */
    for (size_t i = page.from; i < page.to; i++)
        json_array_append_new(items, json_deep_copy(all[i].value));
    *result = cat_json_object("items", items, "next", page.goes_on ? cursor_of(&all[page.to - 1]) : json_null(), "total",
                              json_integer((json_int_t)count), NULL);
    return 0;
}
