/* The state of the fold: rows by key, which of them changed, what is derived from them, and when tombstones leave. */
#include "fold.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "fold_internal.h"

static void row_release(void *value)
{
    fold_row *row = value;
    json_decref(row->json);
    free(row->text);
    free(row->application);
    free(row->key);
    free(row);
}

static void index_release(void *value)
{
    cat_map_destroy(value);
}

fold *fold_create(const char *organization, const char *environment)
{
    fold *state = cat_calloc(1, sizeof *state);
    state->organization = cat_strdup(organization);
    state->environment = cat_strdup(environment);
    state->rows = cat_map_create(row_release);
    state->applications = cat_map_create(index_release);
    state->stale = cat_map_create(NULL);
    state->dirty = cat_map_create(NULL);
    state->departed = cat_map_create(NULL);
    return state;
}

void fold_destroy(fold *state)
{
    if (!state)
        return;
    cat_map_destroy(state->departed);
    cat_map_destroy(state->dirty);
    cat_map_destroy(state->stale);
    cat_map_destroy(state->applications);
    cat_map_destroy(state->rows);
    for (size_t i = 0; i < state->grave_count; i++)
        free(state->graves[i].key);
    free(state->graves);
    free(state->organization);
    free(state->environment);
    free(state);
}

/* Rows */

fold_row *fold_find(const fold *state, const char *key)
{
    fold_row *row = cat_map_get(state->rows, key);
    return row && !row->gone ? row : NULL;
}

json_t *fold_json(fold_row *row)
{
    if (!row->json && row->text) {
        cat_json_caps caps = {.max_bytes = row->length + 1, .max_depth = 80};
        if (cat_json_parse(row->text, row->length, &caps, &row->json, NULL) < 0)
            row->json = NULL;
    }
    if (!row->json)
        row->json = json_object();
    return row->json;
}

static void mark_dirty(fold *state, fold_row *row)
{
    if (row->dirty)
        return;
    row->dirty = true;
    cat_map_set(state->dirty, row->key, row);
}

fold_row *fold_edit(fold *state, const char *key)
{
    fold_row *row = cat_map_get(state->rows, key);
    if (!row) {
        row = cat_calloc(1, sizeof *row);
        row->key = cat_strdup(key);
        row->json = json_object();
        cat_map_set(state->rows, key, row);
    } else if (row->gone) {
        row->gone = false;
        json_decref(row->json);
        row->json = json_object();
    }
    fold_json(row);
    free(row->text);
    row->text = NULL;
    row->length = 0;
    row->expires_ms = 0;
    mark_dirty(state, row);
    return row;
}

void fold_touch(fold *state, const char *application)
{
    if (application && *application && !cat_map_get(state->stale, application))
        cat_map_set(state->stale, application, state);
}

static void unindex(fold *state, fold_row *row)
{
    if (!row->application)
        return;
    fold_touch(state, row->application);
    cat_map *index = cat_map_get(state->applications, row->application);
    if (index) {
        cat_map_remove(index, row->key);
        if (cat_map_count(index) == 0)
            cat_map_remove(state->applications, row->application);
    }
    free(row->application);
    row->application = NULL;
}

/* In catalyst-state what is derived belongs to an Organization, which then stands for the Application here. */
static const char *index_name(const fold *state, const fold_row *row)
{
    const char *member = strcmp(state->environment, "_") == 0 ? "organization" : "application";
    if (row->derived || cat_text_starts_with(row->key, "operation."))
        return NULL;
    return json_string_value(json_object_get(row->json, member));
}

void fold_index(fold *state, fold_row *row)
{
    fold_json(row);
    const char *name = index_name(state, row);
    if (!cat_text_equal(name, row->application)) {
        unindex(state, row);
        row->application = cat_strdup(name);
    }
    if (!name)
        return;
    cat_map *index = cat_map_get(state->applications, name);
    if (!index)
        cat_map_set(state->applications, name, index = cat_map_create(NULL));
    cat_map_set(index, row->key, row);
    fold_touch(state, name);
}

/* Tombstones: a heap by (time, key), so that the same ones leave at the same event whatever the order in which rows were loaded.
 */

static bool earlier(const fold_grave *a, const fold_grave *b)
{
    return a->expires_ms != b->expires_ms ? a->expires_ms < b->expires_ms : strcmp(a->key, b->key) < 0;
}

static void swap_graves(fold_grave *a, fold_grave *b)
{
    fold_grave held = *a;
    *a = *b;
    *b = held;
}

void fold_bury(fold *state, fold_row *row, int64_t at_ms)
{
    row->expires_ms = at_ms + FOLD_TOMBSTONE_MS;
    if (state->grave_count == state->grave_capacity) {
        state->grave_capacity = state->grave_capacity ? state->grave_capacity * 2 : 16;
        state->graves = cat_realloc(state->graves, state->grave_capacity * sizeof *state->graves);
    }
    size_t at = state->grave_count++;
    state->graves[at] = (fold_grave){row->expires_ms, cat_strdup(row->key)};
    for (; at > 0 && earlier(&state->graves[at], &state->graves[(at - 1) / 2]); at = (at - 1) / 2)
        swap_graves(&state->graves[at], &state->graves[(at - 1) / 2]);
}

static fold_grave pop_grave(fold *state)
{
    fold_grave top = state->graves[0];
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

void fold_remove(fold *state, fold_row *row)
{
    unindex(state, row);
    row->gone = true;
    row->expires_ms = 0;
    mark_dirty(state, row);
}

static void expire(fold *state)
{
    for (int left = FOLD_EXPIRE_MAX; left > 0 && state->grave_count > 0 && state->graves[0].expires_ms <= state->time_ms;) {
        fold_grave grave = pop_grave(state);
        fold_row *row = fold_find(state, grave.key);
        /* A row that lives again, or died again later, has another time than this grave. */
        if (row && row->expires_ms == grave.expires_ms) {
            fold_remove(state, row);
            left--;
        }
        free(grave.key);
    }
}

/* Loading and leaving */

int fold_load(fold *state, const char *key, const char *text, size_t length, cat_error *error)
{
    cat_json_caps caps = {.max_bytes = 1024 * 1024, .max_depth = 80};
    cat_autojson json_t *json = NULL;
    if (cat_json_parse(text, length, &caps, &json, error) < 0)
        return cat_error_wrap(error, "reading row %s", key);
    if (!json_is_object(json))
        return cat_error_set(error, CAT_E_INVALID, "row %s is no object", key);
    fold_row *row = cat_calloc(1, sizeof *row);
    row->key = cat_strdup(key);
    row->json = cat_take(json);
    row->text = cat_strndup(text, length);
    row->length = length;
    row->derived = cat_text_starts_with(key, "application._.");
    cat_map_set(state->rows, key, row);
    int64_t at_ms = 0;
    if (cat_json_bool_or(row->json, "deleted", false) && !row->derived &&
        cat_time_parse(cat_json_text_or(row->json, "observedAt", ""), &at_ms))
        fold_bury(state, row, at_ms);
    fold_index(state, row);
    return 0;
}

int64_t fold_time_ms(const fold *state)
{
    return state->time_ms;
}

void fold_set_time_ms(fold *state, int64_t time_ms)
{
    state->time_ms = time_ms;
}

int64_t fold_last_event_ms(const fold *state)
{
    return state->last_event_ms;
}

void fold_derive_all(fold *state)
{
    size_t at = 0;
    const char *key;
    void *value;
    while (cat_map_next(state->applications, &at, &key, &value))
        fold_touch(state, key);
    at = 0;
    while (cat_map_next(state->rows, &at, &key, &value)) {
        const fold_row *row = value;
        if (row->derived && !row->gone)
            fold_touch(state, key + strlen("application._."));
    }
}

size_t fold_waiting(const fold *state)
{
    return cat_map_count(state->dirty);
}

size_t fold_rows(const fold *state)
{
    return cat_map_count(state->rows);
}

static void derive(fold *state)
{
    bool controlplane = strcmp(state->environment, "_") == 0;
    size_t at = 0;
    const char *name;
    void *unused;
    while (cat_map_next(state->stale, &at, &name, &unused)) {
        if (controlplane)
            fold_derive_organization(state, name);
        else
            fold_derive_application(state, name);
    }
    cat_map_clear(state->stale);
}

enum { TAKE_BASE, TAKE_DERIVED, TAKE_DELETED, TAKE_KINDS };

static int take_kind(const fold_row *row)
{
    if (row->gone || json_is_true(json_object_get(row->json, "deleted")))
        return TAKE_DELETED;
    return row->derived ? TAKE_DERIVED : TAKE_BASE;
}

/* Forgets what was handed out as a delete marker the last time, unless it came back meanwhile. */
static void forget_gone(fold *state)
{
    size_t at = 0;
    const char *key;
    void *value;
    while (cat_map_next(state->departed, &at, &key, &value)) {
        const fold_row *row = value;
        if (row->gone && !row->dirty)
            cat_map_remove(state->rows, key);
    }
    cat_map_clear(state->departed);
}

static void hand_out(fold *state, fold_row *row, fold_change *change)
{
    row->dirty = false;
    if (!row->gone) {
        free(row->text);
        /* Members stand in the order in which events brought them, which reading the text again keeps: the same log gives the
         * same order. */
        row->text = cat_json_format(row->json);
        row->length = strlen(row->text);
    }
    *change = (fold_change){row->key, row->gone ? NULL : row->text, row->gone ? 0 : row->length};
    if (row->gone)
        cat_map_set(state->departed, row->key, row);
}

size_t fold_take(fold *state, fold_change *changes, size_t max)
{
    forget_gone(state);
    derive(state);
    size_t count = 0;
    for (int kind = TAKE_BASE; kind < TAKE_KINDS && count < max; kind++) {
        size_t at = 0;
        const char *key;
        void *value;
        while (count < max && cat_map_next(state->dirty, &at, &key, &value)) {
            fold_row *row = value;
            if (take_kind(row) != kind)
                continue;
            hand_out(state, row, &changes[count++]);
            cat_map_remove(state->dirty, row->key);
        }
    }
    return count;
}

void fold_trim(fold *state)
{
    size_t at = 0;
    const char *key;
    void *value;
    while (cat_map_next(state->rows, &at, &key, &value)) {
        fold_row *row = value;
        if (row->dirty || !row->text)
            continue;
        json_decref(row->json);
        row->json = NULL;
    }
}

static int by_key(const void *a, const void *b)
{
    return strcmp((*(fold_row *const *)a)->key, (*(fold_row *const *)b)->key);
}

void fold_each(const fold *state, void (*each)(void *context, const char *key, const char *text), void *context)
{
    size_t count = 0, at = 0;
    fold_row **rows = cat_calloc(cat_map_count(state->rows) + 1, sizeof *rows);
    const char *key;
    void *value;
    while (cat_map_next(state->rows, &at, &key, &value)) {
        fold_row *row = value;
        if (!row->gone && row->text)
            rows[count++] = row;
    }
    qsort(rows, count, sizeof(fold_row *), by_key);
    for (size_t i = 0; i < count; i++)
        each(context, rows[i]->key, rows[i]->text);
    free(rows);
}

/* Helpers of the other files */

json_t *fold_cut(const char *text, size_t max_bytes)
{
    if (!text)
        return NULL;
    size_t length = strlen(text);
    if (length > max_bytes) {
        length = max_bytes;
        while (length > 0 && ((unsigned char)text[length] & 0xC0) == 0x80)
            length--;
    }
    return json_stringn(text, length);
}

void fold_put(json_t *object, const char *name, const char *text)
{
    if (text && *text)
        json_object_set_new(object, name, fold_cut(text, FOLD_MESSAGE_MAX));
    else
        json_object_del(object, name);
}

void fold_stamp(fold *state, json_t *json, const fold_step *step, const char *kind, const char *namespace, const char *name)
{
    json_object_set_new(json, "kind", json_string(kind));
    json_object_set_new(json, "namespace", json_string(namespace && *namespace ? namespace : "_"));
    json_object_set_new(json, "name", json_string(name));
    if (strcmp(state->environment, "_") != 0)
        json_object_set_new(json, "environment", json_string(state->environment));
    json_object_set_new(json, "seq", json_integer((json_int_t)step->sequence));
    json_object_set_new(json, "observedAt", json_string(step->time_text));
}

/* Events */

static int repair(fold *state, const fold_step *step, cat_error *error)
{
    cat_view object = cat_view_get(step->event->data, "repair");
    if (!cat_view_is_object(object))
        return cat_error_set(error, CAT_E_INVALID, "a repair without the object repair");
    return fold_object(state, step, object, !cat_view_get(object, "object").value, error);
}

static int dispatch(fold *state, const fold_step *step, cat_error *error)
{
    const char *type = step->event->type;
    if (strcmp(type, CAT_EVENT_TYPE("operation.step")) == 0)
        return fold_operation(state, step, error);
    if (strcmp(state->environment, "_") == 0) {
        if (strcmp(type, CAT_EVENT_TYPE("organization.ready")) == 0)
            return fold_organization(state, step, error);
        if (strcmp(type, CAT_EVENT_TYPE("environment.ready")) == 0)
            return fold_environment(state, step, error);
        return 0;
    }
    if (strcmp(type, CAT_EVENT_TYPE("k8s.object")) == 0)
        return fold_object(state, step, step->event->data, false, error);
    if (strcmp(type, CAT_EVENT_TYPE("k8s.deleted")) == 0)
        return fold_object(state, step, step->event->data, true, error);
    if (strcmp(type, CAT_EVENT_TYPE("flux.notice")) == 0)
        return fold_notice(state, step, error);
    if (strcmp(type, CAT_EVENT_TYPE("git.push")) == 0)
        return fold_push(state, step, error);
    if (strcmp(type, CAT_EVENT_TYPE("git.pull-request")) == 0)
        return fold_pull_request(state, step, error);
    if (strcmp(type, CAT_EVENT_TYPE("sync.repair")) == 0)
        return repair(state, step, error);
    return 0; /* a type of a newer publisher: its events stay in the stream for a newer fold */
}

static int parse(const fold_event *event, cat_cloudevent_in *parsed, cat_error *error)
{
    if (event->header && event->header(event->context, "ce-id"))
        return cat_cloudevent_parse_binary(event->header, event->context, event->data, event->length, parsed, error);
    return cat_cloudevent_parse(event->data, event->length, parsed, error);
}

int fold_apply(fold *state, const fold_event *event, cat_error *error)
{
    cat_auto(cat_cloudevent_in) parsed = {0};
    cat_subject subject;
    int code = cat_subject_parse(event->subject, &subject, error);
    if (code < 0)
        return code;
    if ((code = parse(event, &parsed, error)) < 0)
        return code;
    if (parsed.organization && strcmp(state->environment, "_") != 0 && strcmp(parsed.organization, state->organization) != 0)
        return cat_error_set(error, CAT_E_INVALID, "an event of Organization %.40s in a stream of %s", parsed.organization,
                             state->organization);
    int64_t time_ms = parsed.time_ms > 0 ? parsed.time_ms : state->time_ms;
    char time_text[CAT_TIME_TEXT_MAX];
    cat_time_format(time_ms, time_text);
    fold_step step = {&parsed, &subject, event->sequence, time_ms, time_text};
    if ((code = dispatch(state, &step, error)) < 0)
        return code;
    state->last_event_ms = time_ms;
    if (time_ms > state->time_ms)
        state->time_ms = time_ms;
    expire(state);
    return 0;
}
