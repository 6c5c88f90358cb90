#include "core/plan_rejection.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "domain/source.h"
#include "wire/semver.h"

/* So much of a text is kept; with six bytes for each control character one error still fits into an entry. */
#define MESSAGE_MAX 500
#define PLACE_MAX 250

/* --- an entry --- */

static void copy_cut(json_t *to, const char *name, const json_t *from, size_t max)
{
    const char *text = cat_json_text_or(from, name, "");
    size_t length = strnlen(text, max);
    while (length && !cat_text_is_utf8(text, length))
        length--;
    json_object_set_new(to, name, json_stringn(text, length));
}

static json_t *copy_error(const json_t *error)
{
    json_t *kept = json_object();
    copy_cut(kept, "file", error, PLACE_MAX);
    json_object_set_new(kept, "line", json_integer(cat_json_int_or(error, "line", 1)));
    json_object_set_new(kept, "column", json_integer(cat_json_int_or(error, "column", 1)));
    copy_cut(kept, "pointer", error, PLACE_MAX);
    copy_cut(kept, "message", error, MESSAGE_MAX);
    return kept;
}

static bool fits(const json_t *entry)
{
    cat_autofree char *text = cat_json_format(entry);
    return strlen(text) <= BPC_REJECTION_MAX_BYTES;
}

json_t *bpc_rejection_make(const json_t *item, const char *git_url, const char *found_at)
{
    static const char *const KEPT[] = {"source", "name", "version", "repository", "path", "tag", "commit", "digest", "reason"};
    json_t *entry = json_object(), *errors = json_array(), *error;
    size_t index;
    for (size_t i = 0; i < sizeof KEPT / sizeof *KEPT; i++)
        cat_json_set_text(entry, KEPT[i], cat_json_text(item, KEPT[i]));
    const char *path = cat_json_text_or(item, "path", "");
    cat_autofree char *url =
        cat_printf("%s/%s/src/commit/%s%s%s", git_url ? git_url : "", cat_json_text_or(item, "repository", ""),
                   cat_json_text_or(item, "commit", ""), *path ? "/" : "", path);
    cat_json_set_text(entry, "url", git_url ? url : NULL);
    cat_json_set_text(entry, "foundAt", found_at);
    json_array_foreach(json_object_get(item, "errors"), index, error) json_array_append_new(errors, copy_error(error));
    json_object_set_new(entry, "errors", errors);
    for (json_int_t more = 1; json_array_size(errors) > 1 && !fits(entry); more++) {
        json_array_remove(errors, json_array_size(errors) - 1);
        json_object_set_new(entry, "moreErrors", json_integer(more));
    }
    return entry;
}

/* --- for how long --- */

json_t *bpc_rejection_over(const char *repository, const json_t *tags, const json_t *registered, const json_t *rejected)
{
    json_t *over = json_array(), *kept;
    const char *key;
    json_object_foreach((json_t *)rejected, key, kept)
    {
        bool there = json_object_get(tags, cat_json_text_or(kept, "tag", "")) != NULL;
        if (cat_text_equal(cat_json_text(kept, "repository"), repository) && (!there || json_object_get(registered, key)))
            json_array_append_new(over, json_string(key));
    }
    return over;
}

json_t *bpc_rejection_away(const cat_strings *repositories, const json_t *rejected)
{
    json_t *away = json_array(), *kept;
    bool organizations = false;
    const char *key;
    for (size_t i = 0; i < repositories->count; i++)
        organizations |= cat_source_has_folders(repositories->items[i]);
    json_object_foreach((json_t *)rejected, key, kept)
    {
        const char *repository = cat_json_text_or(kept, "repository", "");
        if (!cat_strings_has(repositories, repository) && (organizations || !cat_source_has_folders(repository)))
            json_array_append_new(away, json_string(key));
    }
    return away;
}

typedef struct {
    const char *key;
    const json_t *kept;
} candidate;

/* Newest first; of those that were found in one look the higher version. */
static int by_age(const void *left, const void *right)
{
    const candidate *a = left, *b = right;
    int found = strcmp(cat_json_text_or(b->kept, "foundAt", ""), cat_json_text_or(a->kept, "foundAt", ""));
    if (found)
        return found;
    cat_semver one = {0}, other = {0};
    cat_semver_parse(cat_json_text_or(a->kept, "version", ""), &one, NULL);
    cat_semver_parse(cat_json_text_or(b->kept, "version", ""), &other, NULL);
    int versions = cat_semver_compare(&other, &one);
    return versions ? versions : strcmp(a->key, b->key);
}

json_t *bpc_rejection_excess(const char *source, const json_t *rejected)
{
    json_t *excess = json_array(), *kept;
    cat_autofree candidate *all = cat_calloc(json_object_size(rejected) + 1, sizeof *all);
    size_t count = 0;
    const char *key;
    json_object_foreach((json_t *)rejected, key, kept)
    {
        if (cat_text_equal(cat_json_text(kept, "source"), source))
            all[count++] = (candidate){key, kept};
    }
    qsort(all, count, sizeof *all, by_age);
    for (size_t i = BPC_REJECTIONS_MAX; i < count; i++)
        json_array_append_new(excess, json_string(all[i].key));
    return excess;
}
