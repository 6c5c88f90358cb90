/* The rows of the fold by key, which of them changed, and whose derived row is to be computed for that. Calls nothing of the rest
 * of the fold. */
#include "core/fold_rows.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "wire/json_writer.h"

/* Far above what an event's cap lets through: reaching it is a mistake of ours. */
#define ROW_MAX_BYTES ((size_t)64 * 1024 * 1024)

static void row_release(void *value)
{
    prj_fold_row *row = value;
    cat_document_destroy(row->document);
    free(row->text);
    free(row->application);
    free(row->key);
    free(row);
}

static void index_release(void *value)
{
    cat_map_destroy(value);
}

prj_fold *prj_fold_create(const char *organization, const char *environment)
{
    prj_fold *state = cat_calloc(1, sizeof *state);
    state->organization = cat_strdup(organization);
    state->environment = cat_strdup(environment);
    state->rows = cat_map_create(row_release);
    state->applications = cat_map_create(index_release);
    state->stale = cat_map_create(NULL);
    state->dues = cat_map_create(free);
    state->out = CAT_STRING(ROW_MAX_BYTES);
    state->part = CAT_STRING(ROW_MAX_BYTES);
    return state;
}

void prj_fold_destroy(prj_fold *state)
{
    if (!state)
        return;
    free(state->departed.items);
    free(state->dirty.items);
    cat_string_finish(&state->out);
    cat_string_finish(&state->part);
    cat_map_destroy(state->stale);
    cat_map_destroy(state->dues);
    cat_map_destroy(state->applications);
    cat_map_destroy(state->rows);
    for (size_t i = 0; i < state->grave_count; i++)
        free(state->graves[i].key);
    free(state->graves);
    free(state->organization);
    free(state->environment);
    free(state);
}

prj_fold_row *prj_fold_find(const prj_fold *state, const char *key)
{
    prj_fold_row *row = cat_map_get(state->rows, key);
    return row && !row->gone ? row : NULL;
}

static prj_fold_row *make_row(prj_fold *state, const char *key)
{
    prj_fold_row *row = cat_calloc(1, sizeof *row);
    row->key = cat_strdup(key);
    row->kind = cat_kind_of_token((cat_slice){key, strcspn(key, ".")});
    row->derived = cat_text_starts_with(key, "application._.");
    cat_map_set(state->rows, key, row);
    return row;
}

static void note_facts(prj_fold_row *row)
{
    cat_view view = cat_document_root(row->document), entry;
    row->clusters = cat_view_member(view, "clusters");
    row->owner = NULL;
    cat_view_iterator it = cat_view_each(row->clusters);
    while (!row->owner && cat_view_next(&it, NULL, &entry))
        row->owner = cat_view_text(cat_view_member(entry, "owner"), NULL);
    row->status = CAT_STATUS_UNKNOWN;
    cat_status_parse(cat_view_text(cat_view_member(view, "status"), NULL), &row->status);
}

prj_fold_row *prj_fold_adopt(prj_fold *state, const char *key, const char *text, size_t length, cat_document *document)
{
    prj_fold_row *row = make_row(state, key);
    row->document = document;
    note_facts(row);
    row->text = cat_strndup(text, length);
    row->length = length;
    row->deleted = cat_view_bool_or(cat_document_root(document), "deleted", false);
    return row;
}

cat_view prj_fold_view(prj_fold_row *row)
{
    if (!row)
        return (cat_view){NULL};
    if (!row->document && row->text) {
        cat_json_caps caps = {.max_bytes = row->length + 1, .max_depth = FOLD_ROW_MAX_DEPTH};
        if (cat_document_parse(row->text, row->length, &caps, &row->document, NULL) == 0)
            note_facts(row);
    }
    return row->document ? cat_document_root(row->document) : (cat_view){NULL};
}

void prj_fold_list_add(prj_fold_list *list, prj_fold_row *row)
{
    if (list->count == list->capacity) {
        list->capacity = list->capacity ? list->capacity * 2 : 64;
        list->items = cat_realloc(list->items, list->capacity * sizeof(prj_fold_row *));
    }
    list->items[list->count++] = row;
}

static void mark_dirty(prj_fold *state, prj_fold_row *row)
{
    if (!row->dirty)
        prj_fold_list_add(&state->dirty, row);
    row->dirty = true;
}

void prj_fold_touch(prj_fold *state, const char *application)
{
    if (application && *application && !cat_map_get(state->stale, application))
        cat_map_set(state->stale, application, state);
}

static void unindex(prj_fold *state, prj_fold_row *row)
{
    if (!row->application)
        return;
    prj_fold_touch(state, row->application);
    cat_map *index = cat_map_get(state->applications, row->application);
    if (index) {
        cat_map_remove(index, row->key);
        if (cat_map_count(index) == 0)
            cat_map_remove(state->applications, row->application);
    }
    free(row->application);
    row->application = NULL;
}

void prj_fold_enter_index(prj_fold *state, prj_fold_row *row, const char *name)
{
    if (name && cat_text_equal(name, row->application)) {
        prj_fold_touch(state, name);
        return;
    }
    unindex(state, row);
    if (!name)
        return;
    row->application = cat_strdup(name);
    cat_map *index = cat_map_get(state->applications, name);
    if (!index)
        cat_map_set(state->applications, name, index = cat_map_create(NULL));
    cat_map_set(index, row->key, row);
    prj_fold_touch(state, name);
}

cat_string *prj_fold_begin(prj_fold *state)
{
    cat_string_clear(&state->out);
    cat_write_begin(&state->out, NULL, '{');
    return &state->out;
}

prj_fold_row *prj_fold_store(prj_fold *state, const char *key, const char *index)
{
    cat_write_end(&state->out, '}');
    if (state->out.overflowed)
        abort();
    prj_fold_row *row = cat_map_get(state->rows, key);
    if (!row)
        row = make_row(state, key);
    prj_fold_enter_index(state, row, index); /* first: `index` may stand in the old text */
    cat_document_destroy(cat_take(row->document));
    free(row->text);
    row->text = cat_strndup(state->out.data, state->out.length);
    row->length = state->out.length;
    row->gone = row->deleted = false;
    row->expires_ms = 0;
    mark_dirty(state, row);
    return row;
}

void prj_fold_remove(prj_fold *state, prj_fold_row *row)
{
    unindex(state, row);
    cat_document_destroy(cat_take(row->document));
    free(cat_take(row->text));
    row->length = 0;
    row->gone = true;
    row->expires_ms = 0;
    mark_dirty(state, row);
}
