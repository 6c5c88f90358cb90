/* Kubernetes objects: one row for each, with an entry for every vcluster that has it. What is not newer than what the row knows
 * (fold_identity.c) changes nothing. What a vcluster had is remembered in `gone` as long as a tombstone would stay, so that a
 * late event does not bring it back. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "core/fold_entry.h"
#include "core/fold_events.h"
#include "core/fold_here.h"
#include "core/fold_own.h"
#include "core/fold_run.h"
#include "core/fold_time.h"
#include "domain/event_words.h"
#include "wire/kubernetes.h"

/* The namespace of an Application is `{app}-{env type}`. */
static char *application_of_namespace(const prj_fold *state, const char *namespace)
{
    const char *type = strrchr(state->environment, '-');
    size_t length = strlen(namespace), tail = type ? strlen(type) : 0;
    if (tail == 0 || length <= tail || strcmp(namespace + length - tail, type) != 0)
        return NULL;
    return cat_strndup(namespace, length - tail);
}

/* What the row says at its top, from the event or as before. */
typedef struct {
    const char *application, *blueprint, *version, *commit; /* NULL or "": none */
    char *by_namespace;
} belonging;

static const char *label_or(cat_view labels, const char *label, cat_view row, const char *member)
{
    const char *text = cat_view_text(cat_view_member(labels, label), NULL);
    return text ? text : cat_view_text(row, member);
}

static belonging belonging_of(const prj_fold *state, const prj_fold_step *step, const prj_fold_identity *id, cat_view object,
                              cat_view row)
{
    cat_view labels = cat_view_get(object, "metadata.labels");
    belonging found = {.application = step->event->application,
                       .blueprint = label_or(labels, CAT_LABEL_BLUEPRINT, row, "blueprint"),
                       .version = label_or(labels, CAT_LABEL_BLUEPRINT_VERSION, row, "version"),
                       .commit = object.value ? step->event->commit : cat_view_text(row, "commit")};
    const char *name = found.application;
    if (object.value && (!name || !*name)) {
        name = cat_view_text(cat_view_member(labels, CAT_LABEL_APPLICATION), NULL);
        if (!name || !*name)
            name = found.by_namespace = application_of_namespace(state, id->namespace);
        if (!name && id->known == CAT_KIND_APPLICATION)
            name = id->name;
    }
    found.application = name && *name ? name : cat_view_text(row, "application");
    return found;
}

static void put_gone_entry(cat_string *out, const prj_fold_step *step, const prj_fold_identity *id, cat_view row)
{
    cat_view left = cat_view_member(cat_view_member(row, "clusters"), id->cluster),
             before = cat_view_member(cat_view_member(row, "gone"), id->cluster);
    cat_write_begin(out, id->cluster, '{');
    cat_write_int(out, "epoch", id->epoch);
    cat_write_text(out, "resourceVersion", id->resource_version);
    cat_write_text(out, "at", step->time_text);
    prj_fold_put(out, "uid", id->uid);
    if (left.value ? cat_view_member(left, "wellGeneration").value != NULL : cat_view_bool_or(before, "well", false))
        cat_write_bool(out, "well", true);
    cat_write_end(out, '}');
}

/* What vclusters had, as long as a tombstone would stay. */
static void put_gone(const prj_fold *state, cat_string *out, const prj_fold_step *step, const prj_fold_identity *id, cat_view row,
                     bool deleted)
{
    bool begun = false;
    cat_view_iterator it = cat_view_each(cat_view_member(row, "gone"));
    const char *name;
    cat_view entry;
    while (cat_view_next(&it, &name, &entry)) {
        int64_t at_ms = 0;
        bool old = cat_time_parse(cat_view_text_or(entry, "at", ""), &at_ms) && at_ms + FOLD_TOMBSTONE_MS <= state->time_ms;
        if (old || strcmp(name, id->cluster) == 0)
            continue;
        if (!begun)
            cat_write_begin(out, "gone", '{');
        begun = true;
        cat_write_view(out, name, entry);
    }
    if (deleted && !begun)
        cat_write_begin(out, "gone", '{');
    if (deleted)
        put_gone_entry(out, step, id, row);
    if (deleted || begun)
        cat_write_end(out, '}');
}

/* What is left of a row when its last vcluster lost it. */
static void store_tombstone(prj_fold *state, const prj_fold_step *step, const prj_fold_identity *id, cat_view row,
                            const belonging *to)
{
    cat_string *out = prj_fold_begin(state);
    prj_fold_stamp(state, out, id->token, id->namespace, id->name);
    prj_fold_put(out, "application", to->application);
    put_gone(state, out, step, id, row, true);
    cat_write_bool(out, "deleted", true);
    prj_fold_put(out, "uid", id->uid);
    cat_write_int(out, "epoch", id->epoch);
    cat_write_text(out, "resourceVersion", id->resource_version);
    prj_fold_seal(out, step);
    prj_fold_bury(state, prj_fold_store(state, id->key, to->application), step->time_ms);
}

/* `changed` NULL: the vcluster has lost its copy. Its new entry stands in `state->part`. */
static void store_row(prj_fold *state, const prj_fold_step *step, const prj_fold_identity *id, cat_view row, const belonging *to,
                      const prj_fold_standing *changed)
{
    static const char *const KNOWN[] = {
        "kind",   "namespace", "name",    "environment", "application", "blueprint",  "version",         "commit",
        "status", "reason",    "message", "next",        "since",       "drift",      "cause",           "clusters",
        "gone",   "deleted",   "uid",     "epoch",       "seq",         "observedAt", "resourceVersion", "explained"};
    cat_view clusters = cat_view_member(row, "clusters");
    cat_string *out = prj_fold_begin(state);
    prj_fold_stamp(state, out, id->token, id->namespace, id->name);
    prj_fold_put(out, "application", to->application);
    prj_fold_put(out, "blueprint", to->blueprint);
    prj_fold_put(out, "version", to->version);
    prj_fold_put(out, "commit", to->commit);
    prj_fold_put_merged(out, clusters, id->cluster, changed);
    prj_fold_put_replaced(out, "clusters", clusters, id->cluster, changed ? &state->part : NULL);
    put_gone(state, out, step, id, row, !changed);
    cat_write_members(out, row, KNOWN, sizeof KNOWN / sizeof *KNOWN);
    prj_fold_seal(out, step);
    prj_fold_store(state, id->key, to->application);
}

/* Of an object that is too large for an event the informer sends what its status needs, and says when that does not fit either.
 */
static void judge_cut(cat_view data, cat_view object, const prj_fold_identity *id, cat_object_status *status)
{
    if (!cat_view_bool_or(data, "tooLarge", false) || cat_view_text(object, "metadata.deletionTimestamp"))
        return;
    *status = (cat_object_status){.status = CAT_STATUS_UNKNOWN, .wanted = -1, .ready = -1};
    snprintf(status->reason, sizeof status->reason, "TooLarge");
    snprintf(status->message, sizeof status->message, "%.63s %.253s is too large to judge: its status is not known here",
             id->kind, id->name);
    snprintf(status->next, sizeof status->next, "Look at it in the cluster, or make it smaller");
}

/* An Event of Kubernetes is never ill itself: it says something about another object. */
static void quote_event(cat_view object, const prj_fold_identity *id, cat_object_status *status)
{
    if (id->known != CAT_KIND_EVENT)
        return;
    cat_event_words words;
    const char *reason = cat_view_text_or(object, "reason", "");
    cat_event_words_of(reason, cat_view_text_or(object, "message", ""), &words);
    snprintf(status->reason, sizeof status->reason, "%s", words.unanswered ? "CreateNotAnswered" : reason);
    snprintf(status->message, sizeof status->message, "%s", words.message);
    snprintf(status->next, sizeof status->next, "%s", words.next);
}

static void lose_copy(prj_fold *state, const prj_fold_step *step, const prj_fold_identity *id, cat_view row, const belonging *to)
{
    cat_view clusters = cat_view_member(row, "clusters");
    bool last = cat_view_count(clusters) == (cat_view_member(clusters, id->cluster).value != NULL);
    if (last)
        store_tombstone(state, step, id, row, to);
    else
        store_row(state, step, id, row, to, NULL);
}

static void see_copy(prj_fold *state, const prj_fold_step *step, const prj_fold_identity *id, cat_view data, cat_view object,
                     cat_view row, const belonging *to)
{
    cat_object_status status = {0};
    cat_object_status_of(object, &status);
    judge_cut(data, object, id, &status);
    quote_event(object, id, &status);
    char since[CAT_TIME_TEXT_MAX];
    prj_fold_standing here = prj_fold_standing_of_object(step, id, data, object, prj_fold_remembered(row, id), &status, since);
    cat_string_clear(&state->part);
    prj_fold_put_entry(&state->part, step, id, data, object, row, &status, &here);
    store_row(state, step, id, row, to, &here);
    prj_fold_tell_maker(state, step, id->key, id->cluster);
    prj_fold_tell_schedule(state, step, id->key, id->cluster);
    prj_fold_tell_branch(state, step, id->key);
}

int prj_fold_object(prj_fold *state, const prj_fold_step *step, cat_view data, bool deleted, cat_error *error)
{
    prj_fold_identity id;
    int code = prj_fold_identity_read(data, &id, error);
    if (code < 0)
        return code;
    cat_view object = deleted ? (cat_view){NULL} : cat_view_get(data, "object");
    cat_autoptr(cat_document) own = NULL;
    if (!deleted && id.known == CAT_KIND_APPLICATION)
        object = prj_fold_own_application(state, object, &own);
    if (!deleted && !cat_view_is_object(object))
        return cat_error_set(error, CAT_E_INVALID, "an object event without the object");
    cat_view row = prj_fold_view(prj_fold_find(state, id.key));
    if (prj_fold_is_stale(row, &id, deleted))
        return 0;
    belonging to = belonging_of(state, step, &id, object, row);
    if (deleted)
        lose_copy(state, step, &id, row, &to);
    else
        see_copy(state, step, &id, data, object, row, &to);
    free(to.by_namespace);
    return 0;
}
