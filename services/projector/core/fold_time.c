/* What time alone does: tombstones leave, and Applications are looked at again. A heap of tombstones by (time, key), so that the
 * same ones leave at the same event whatever the order in which rows were loaded. */
#include "core/fold_time.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

int64_t prj_fold_time_ms(const prj_fold *state)
{
    return state->time_ms;
}

void prj_fold_set_time_ms(prj_fold *state, int64_t time_ms)
{
    state->time_ms = time_ms;
}

static bool earlier(const prj_fold_grave *a, const prj_fold_grave *b)
{
    return a->expires_ms != b->expires_ms ? a->expires_ms < b->expires_ms : strcmp(a->key, b->key) < 0;
}

static void swap_graves(prj_fold_grave *a, prj_fold_grave *b)
{
    prj_fold_grave held = *a;
    *a = *b;
    *b = held;
}

void prj_fold_bury(prj_fold *state, prj_fold_row *row, int64_t at_ms)
{
    row->deleted = true;
    row->expires_ms = at_ms + FOLD_TOMBSTONE_MS;
    if (state->grave_count == state->grave_capacity) {
        state->grave_capacity = state->grave_capacity ? state->grave_capacity * 2 : 16;
        state->graves = cat_realloc(state->graves, state->grave_capacity * sizeof *state->graves);
    }
    size_t at = state->grave_count++;
    state->graves[at] = (prj_fold_grave){row->expires_ms, cat_strdup(row->key)};
    for (; at > 0 && earlier(&state->graves[at], &state->graves[(at - 1) / 2]); at = (at - 1) / 2)
        swap_graves(&state->graves[at], &state->graves[(at - 1) / 2]);
}

static prj_fold_grave pop_grave(prj_fold *state)
{
    prj_fold_grave top = state->graves[0];
    state->graves[0] = state->graves[--state->grave_count];
    for (size_t at = 0;;) {
        size_t least = at;
        for (size_t child = 2 * at + 1; child <= 2 * at + 2; child++)
            if (child < state->grave_count && earlier(&state->graves[child], &state->graves[least]))
                least = child;
        if (least == at)
            return top;
        swap_graves(&state->graves[at], &state->graves[least]);
        at = least;
    }
}

static void expire(prj_fold *state)
{
    for (int left = FOLD_EXPIRE_MAX; left > 0 && state->grave_count > 0 && state->graves[0].expires_ms <= state->time_ms;) {
        prj_fold_grave grave = pop_grave(state);
        prj_fold_row *row = prj_fold_find(state, grave.key);
        /* A row that lives again, or died again later, has another time than this grave. */
        if (row && row->expires_ms == grave.expires_ms) {
            prj_fold_remove(state, row);
            left--;
        }
        free(grave.key);
    }
}

void prj_fold_set_due(prj_fold *state, const char *application, int64_t due_ms)
{
    if (due_ms == 0) {
        cat_map_remove(state->dues, application);
        return;
    }
    int64_t *due = cat_malloc(sizeof *due);
    *due = due_ms;
    cat_map_set(state->dues, application, due);
    if (state->next_due_ms == 0 || due_ms < state->next_due_ms)
        state->next_due_ms = due_ms;
}

int64_t prj_fold_due_ms(const prj_fold *state)
{
    int64_t earliest = 0;
    size_t at = 0;
    const char *application;
    void *due;
    while (cat_map_next(state->dues, &at, &application, &due))
        if (earliest == 0 || *(int64_t *)due < earliest)
            earliest = *(int64_t *)due;
    return earliest;
}

/* Whatever the batches: each Application whose time has come is derived with the event that says so. */
static void touch_due(prj_fold *state)
{
    if (state->next_due_ms == 0 || state->next_due_ms > state->time_ms)
        return;
    size_t at = 0;
    const char *application;
    void *due;
    state->next_due_ms = 0;
    while (cat_map_next(state->dues, &at, &application, &due)) {
        int64_t due_ms = *(int64_t *)due;
        if (due_ms <= state->time_ms)
            prj_fold_touch(state, application);
        else if (state->next_due_ms == 0 || due_ms < state->next_due_ms)
            state->next_due_ms = due_ms;
    }
}

void prj_fold_pass_time(prj_fold *state)
{
    expire(state);
    touch_due(state);
}
