/* Events in, changed rows out: which event goes to which part of the fold, and what is derived before rows are handed out. */
#include "core/fold.h"

#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "core/fold_derive.h"
#include "core/fold_events.h"
#include "core/fold_time.h"
#include "domain/events.h"

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
    prj_fold_pass_time(state);
    return 0;
}

int64_t prj_fold_last_event_ms(const prj_fold *state)
{
    return state->last_event_ms;
}

size_t prj_fold_waiting(const prj_fold *state)
{
    return state->dirty.count;
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
        prj_fold_list_add(&state->departed, row);
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
