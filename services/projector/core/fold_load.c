/* A fold is taken over by its rows' texts, and looked at by them. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "core/fold_rows.h"
#include "core/fold_time.h"

/* In catalyst-state what is derived belongs to an Organization, which then stands for the Application here. */
static const char *index_name(const prj_fold *state, const prj_fold_row *row, cat_view view)
{
    if (row->derived || cat_text_starts_with(row->key, "operation."))
        return NULL;
    return cat_view_text(cat_view_member(view, strcmp(state->environment, "_") == 0 ? "organization" : "application"), NULL);
}

int prj_fold_load(prj_fold *state, const char *key, const char *text, size_t length, cat_error *error)
{
    cat_json_caps caps = {.max_bytes = 1024 * 1024, .max_depth = FOLD_ROW_MAX_DEPTH};
    cat_document *document = NULL;
    if (cat_document_parse(text, length, &caps, &document, error) < 0)
        return cat_error_wrap(error, "reading row %s", key);
    cat_view view = cat_document_root(document);
    if (!cat_view_is_object(view)) {
        cat_document_destroy(document);
        return cat_error_set(error, CAT_E_INVALID, "row %s is no object", key);
    }
    prj_fold_row *row = prj_fold_adopt(state, key, text, length, document);
    int64_t at_ms = 0;
    if (row->deleted && !row->derived && cat_time_parse(cat_view_text_or(view, "observedAt", ""), &at_ms))
        prj_fold_bury(state, row, at_ms);
    prj_fold_enter_index(state, row, index_name(state, row, view));
    return 0;
}

void prj_fold_derive_all(prj_fold *state)
{
    size_t at = 0;
    const char *key;
    void *value;
    while (cat_map_next(state->applications, &at, &key, &value))
        prj_fold_touch(state, key);
    at = 0;
    while (cat_map_next(state->rows, &at, &key, &value)) {
        const prj_fold_row *row = value;
        if (row->derived && !row->gone)
            prj_fold_touch(state, key + strlen("application._."));
    }
}

void prj_fold_trim(prj_fold *state)
{
    size_t at = 0;
    const char *key;
    void *value;
    while (cat_map_next(state->rows, &at, &key, &value)) {
        prj_fold_row *row = value;
        cat_document_destroy(cat_take(row->document));
    }
}

size_t prj_fold_rows(const prj_fold *state)
{
    return cat_map_count(state->rows);
}

static int by_key(const void *a, const void *b)
{
    return strcmp((*(prj_fold_row *const *)a)->key, (*(prj_fold_row *const *)b)->key);
}

void prj_fold_each(const prj_fold *state, void (*each)(void *context, const char *key, const char *text), void *context)
{
    size_t count = 0, at = 0;
    prj_fold_row **rows = cat_calloc(cat_map_count(state->rows) + 1, sizeof *rows);
    const char *key;
    void *value;
    while (cat_map_next(state->rows, &at, &key, &value)) {
        prj_fold_row *row = value;
        if (!row->gone && row->text)
            rows[count++] = row;
    }
    qsort(rows, count, sizeof(prj_fold_row *), by_key);
    for (size_t i = 0; i < count; i++)
        each(context, rows[i]->key, rows[i]->text);
    free(rows);
}
