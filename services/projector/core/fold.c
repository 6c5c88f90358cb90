/* The state of the fold: rows by key, which of them changed, what is derived from them, and when tombstones leave. */
#include "core/fold.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "core/fold_internal.h"
#include "domain/events.h"

/* Far above what an event's cap lets through: reaching it is a mistake of ours. */
#define ROW_MAX_BYTES ((size_t)64 * 1024 * 1024)
/* What nobody knows yet passes through, a few levels deeper in the row than in its event. */
#define ROW_MAX_DEPTH 80

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

/* Rows */

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

cat_view prj_fold_view(prj_fold_row *row)
{
    if (!row)
        return (cat_view){NULL};
    if (!row->document && row->text) {
        cat_json_caps caps = {.max_bytes = row->length + 1, .max_depth = ROW_MAX_DEPTH};
        if (cat_document_parse(row->text, row->length, &caps, &row->document, NULL) == 0)
            note_facts(row);
    }
    return row->document ? cat_document_root(row->document) : (cat_view){NULL};
}

static void prj_list_add(prj_fold_list *list, prj_fold_row *row)
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
        prj_list_add(&state->dirty, row);
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

static void enter_index(prj_fold *state, prj_fold_row *row, const char *name)
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

/* Writing */

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
    enter_index(state, row, index); /* first: `index` may stand in the old text */
    cat_document_destroy(cat_take(row->document));
    free(row->text);
    row->text = cat_strndup(state->out.data, state->out.length);
    row->length = state->out.length;
    row->gone = row->deleted = false;
    row->expires_ms = 0;
    mark_dirty(state, row);
    return row;
}

/* Tombstones: a heap by (time, key), so that the same ones leave at the same event whatever the order in which rows were loaded.
 */

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

/* What changes by time alone */

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

/* Loading and leaving */

/* In catalyst-state what is derived belongs to an Organization, which then stands for the Application here. */
static const char *index_name(const prj_fold *state, const prj_fold_row *row, cat_view view)
{
    if (row->derived || cat_text_starts_with(row->key, "operation."))
        return NULL;
    return cat_view_text(cat_view_member(view, strcmp(state->environment, "_") == 0 ? "organization" : "application"), NULL);
}

int prj_fold_load(prj_fold *state, const char *key, const char *text, size_t length, cat_error *error)
{
    cat_json_caps caps = {.max_bytes = 1024 * 1024, .max_depth = ROW_MAX_DEPTH};
    cat_document *document = NULL;
    if (cat_document_parse(text, length, &caps, &document, error) < 0)
        return cat_error_wrap(error, "reading row %s", key);
    cat_view view = cat_document_root(document);
    if (!cat_view_is_object(view)) {
        cat_document_destroy(document);
        return cat_error_set(error, CAT_E_INVALID, "row %s is no object", key);
    }
    prj_fold_row *row = make_row(state, key);
    row->document = document;
    note_facts(row);
    row->text = cat_strndup(text, length);
    row->length = length;
    row->deleted = cat_view_bool_or(view, "deleted", false);
    int64_t at_ms = 0;
    if (row->deleted && !row->derived && cat_time_parse(cat_view_text_or(view, "observedAt", ""), &at_ms))
        prj_fold_bury(state, row, at_ms);
    enter_index(state, row, index_name(state, row, view));
    return 0;
}

int64_t prj_fold_time_ms(const prj_fold *state)
{
    return state->time_ms;
}

void prj_fold_set_time_ms(prj_fold *state, int64_t time_ms)
{
    state->time_ms = time_ms;
}

int64_t prj_fold_last_event_ms(const prj_fold *state)
{
    return state->last_event_ms;
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

size_t prj_fold_waiting(const prj_fold *state)
{
    return state->dirty.count;
}

size_t prj_fold_rows(const prj_fold *state)
{
    return cat_map_count(state->rows);
}

static void derive(prj_fold *state)
{
    bool controlplane = strcmp(state->environment, "_") == 0;
    size_t at = 0;
    const char *name;
    void *unused;
    while (cat_map_next(state->stale, &at, &name, &unused)) {
        if (controlplane)
            prj_fold_derive_organization(state, name);
        else
            prj_fold_derive_application(state, name);
    }
    cat_map_clear(state->stale);
}

enum { TAKE_BASE, TAKE_DERIVED, TAKE_DELETED, TAKE_KINDS };

static int take_kind(const prj_fold_row *row)
{
    if (row->gone || row->deleted)
        return TAKE_DELETED;
    return row->derived ? TAKE_DERIVED : TAKE_BASE;
}

/* Forgets what was handed out as a delete marker the last time, unless it came back meanwhile. */
static void forget_gone(prj_fold *state)
{
    for (size_t i = 0; i < state->departed.count; i++) {
        const prj_fold_row *row = state->departed.items[i];
        if (row->gone && !row->dirty)
            cat_map_remove(state->rows, row->key);
    }
    state->departed.count = 0;
}

static void hand_out(prj_fold *state, prj_fold_row *row, prj_fold_change *change)
{
    row->dirty = false;
    *change = (prj_fold_change){row->key, row->text, row->length};
    if (row->gone)
        prj_list_add(&state->departed, row);
}

size_t prj_fold_take(prj_fold *state, prj_fold_change *changes, size_t max)
{
    forget_gone(state);
    derive(state);
    size_t count = 0, kept = 0;
    prj_fold_list *dirty = &state->dirty;
    for (int kind = TAKE_BASE; kind < TAKE_KINDS; kind++)
        for (size_t i = 0; i < dirty->count && count < max; i++)
            if (dirty->items[i]->dirty && take_kind(dirty->items[i]) == kind)
                hand_out(state, dirty->items[i], &changes[count++]);
    for (size_t i = 0; i < dirty->count; i++)
        if (dirty->items[i]->dirty)
            dirty->items[kept++] = dirty->items[i];
    dirty->count = kept;
    return count;
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

/* Helpers of the other files */

size_t prj_fold_cut(const char *text, size_t max_bytes)
{
    size_t length = strlen(text);
    if (length > max_bytes) {
        length = max_bytes;
        while (length > 0 && ((unsigned char)text[length] & 0xC0) == 0x80)
            length--;
    }
    return length;
}

void prj_fold_put_cut(cat_string *out, const char *name, const char *text, size_t max_bytes)
{
    if (text)
        cat_write_textn(out, name, text, prj_fold_cut(text, max_bytes));
}

void prj_fold_put(cat_string *out, const char *name, const char *text)
{
    if (text && *text)
        prj_fold_put_cut(out, name, text, FOLD_MESSAGE_MAX);
}

void prj_fold_stamp(const prj_fold *state, cat_string *out, const char *kind, const char *namespace, const char *name)
{
    cat_write_text(out, "kind", kind);
    cat_write_text(out, "namespace", namespace && *namespace ? namespace : "_");
    cat_write_text(out, "name", name);
    if (strcmp(state->environment, "_") != 0)
        cat_write_text(out, "environment", state->environment);
}

void prj_fold_seal(cat_string *out, const prj_fold_step *step)
{
    cat_write_int(out, "seq", (int64_t)step->sequence);
    cat_write_text(out, "observedAt", step->time_text);
}

void prj_fold_put_replaced(cat_string *out, const char *member, cat_view object, const char *name, const cat_string *text)
{
    cat_view_iterator it = cat_view_each(cat_view_is_object(object) ? object : (cat_view){NULL});
    const char *other;
    cat_view value;
    bool replaced = text == NULL;
    cat_write_begin(out, member, '{');
    while (cat_view_next(&it, &other, &value)) {
        if (strcmp(other, name) != 0)
            cat_write_view(out, other, value);
        else if (!replaced)
            cat_write_raw(out, name, cat_string_get(text), text->length);
        replaced |= strcmp(other, name) == 0;
    }
    if (!replaced)
        cat_write_raw(out, name, cat_string_get(text), text->length);
    cat_write_end(out, '}');
}

/* Events */

static int repair(prj_fold *state, const prj_fold_step *step, cat_error *error)
{
    cat_view object = cat_view_get(step->event->data, "repair");
    if (!cat_view_is_object(object))
        return cat_error_set(error, CAT_E_INVALID, "a repair without the object repair");
    return prj_fold_object(state, step, object, !cat_view_get(object, "object").value, error);
}

static int object(prj_fold *state, const prj_fold_step *step, cat_error *error)
{
    return prj_fold_object(state, step, step->event->data, false, error);
}

static int removal(prj_fold *state, const prj_fold_step *step, cat_error *error)
{
    return prj_fold_object(state, step, step->event->data, true, error);
}

/* What becomes of each event, in the fold of an Environment and in the control plane's. */
static const struct {
    int (*here)(prj_fold *state, const prj_fold_step *step, cat_error *error);
    int (*of_all)(prj_fold *state, const prj_fold_step *step, cat_error *error);
} FOLDED[CAT_FOLDED_COUNT] = {
    [CAT_FOLDED_AS_OBJECT] = {object, NULL},
    [CAT_FOLDED_AS_REMOVAL] = {removal, NULL},
    [CAT_FOLDED_AS_REPAIR] = {repair, NULL},
    [CAT_FOLDED_AS_NOTICE] = {prj_fold_notice, NULL},
    [CAT_FOLDED_AS_PUSH] = {prj_fold_push, NULL},
    [CAT_FOLDED_AS_PULL_REQUEST] = {prj_fold_pull_request, NULL},
    [CAT_FOLDED_AS_OPERATION] = {prj_fold_operation, prj_fold_operation},
    [CAT_FOLDED_AS_ORGANIZATION] = {NULL, prj_fold_organization},
    [CAT_FOLDED_AS_ENVIRONMENT] = {NULL, prj_fold_environment},
};

static int dispatch(prj_fold *state, const prj_fold_step *step, cat_error *error)
{
    const cat_event *event = cat_event_get(cat_event_kind_of(step->event->type));
    if (!event) /* a type of a newer publisher: its events stay in the stream for a newer fold */
        return 0;
    bool of_all = strcmp(state->environment, "_") == 0;
    int (*folded)(prj_fold *, const prj_fold_step *, cat_error *) =
        of_all ? FOLDED[event->folded].of_all : FOLDED[event->folded].here;
    return folded ? folded(state, step, error) : 0;
}

static int parse(const prj_fold_event *event, cat_cloudevent_in *parsed, cat_error *error)
{
    if (event->header && event->header(event->context, "ce-id"))
        return cat_cloudevent_parse_binary(event->header, event->context, event->data, event->length, parsed, error);
    return cat_cloudevent_parse(event->data, event->length, parsed, error);
}

int prj_fold_apply(prj_fold *state, const prj_fold_event *event, cat_error *error)
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
    prj_fold_step step = {&parsed, &subject, event->sequence, time_ms, time_text};
    if ((code = dispatch(state, &step, error)) < 0)
        return code;
    state->last_event_ms = time_ms;
    if (time_ms > state->time_ms)
        state->time_ms = time_ms;
    expire(state);
    touch_due(state);
    return 0;
}
