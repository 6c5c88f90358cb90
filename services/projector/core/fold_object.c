/* Kubernetes objects: one row for each, with an entry for every vcluster that has it. Within a vcluster the order is (epoch,
 * resourceVersion, deleted); what is not newer than what the row knows changes nothing. What a vcluster had is remembered in
 * `gone` as long as a tombstone would stay, so that a late event does not bring it back. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "core/fold_internal.h"
#include "domain/event_words.h"
#include "domain/object_status.h"
#include "wire/kubernetes.h"

#define MANAGER_MAX 128

typedef struct {
    const char *cluster, *uid, *resource_version, *kind, *group, *namespace, *name;
    int64_t epoch;
    char token[CAT_KEY_MAX];
    cat_kind known;
    char key[CAT_KEY_MAX];
} identity;

static int read_identity(cat_view data, identity *id, cat_error *error)
{
    *id = (identity){
        .cluster = cat_view_text(data, "cluster"),
        .uid = cat_view_text_or(data, "uid", ""),
        .resource_version = cat_view_text(data, "resourceVersion"),
        .kind = cat_view_text(data, "kind"),
        .group = cat_view_text_or(data, "group", ""),
        .namespace = cat_view_text_or(data, "namespace", ""),
        .name = cat_view_text(data, "name"),
        .epoch = cat_view_int_or(data, "epoch", -1),
    };
    if (!id->cluster || !*id->cluster || !id->resource_version || !*id->resource_version || !id->kind || !*id->kind ||
        !id->name || !*id->name || id->epoch < 0)
        return cat_error_set(error, CAT_E_INVALID, "an object needs cluster, epoch, resourceVersion, kind and name");
    if (strlen(id->cluster) > 253 || strlen(id->uid) > 128 || strlen(id->resource_version) > 64)
        return cat_error_set(error, CAT_E_TOO_LARGE, "cluster, uid or resourceVersion is longer than any of Kubernetes");
    cat_kind_token(id->kind, id->group, id->token, sizeof id->token);
    id->known = cat_kind_of_token(cat_slice_of(id->token));
    if (strcmp(id->token, "application") == 0 || strcmp(id->token, "repository") == 0 || strcmp(id->token, "operation") == 0)
        return cat_error_set(error, CAT_E_INVALID, "kind %s of the built-in groups does not exist", id->token);
    return cat_key_make(id->token, id->namespace, id->name, id->key, error);
}

/* Below, equal or above what is known. A delete stands above the object of its own resourceVersion. */
static int compare(cat_view known, bool known_deleted, const identity *id, bool deleted)
{
    int64_t epoch = cat_view_int_or(known, "epoch", -1);
    if (epoch != id->epoch)
        return epoch < id->epoch ? 1 : -1;
    int order = cat_resource_version_compare(id->resource_version, cat_view_text_or(known, "resourceVersion", "0"));
    return order ? order : (int)deleted - (int)known_deleted;
}

static bool is_stale(cat_view row, const identity *id, bool deleted)
{
    cat_view here = cat_view_member(cat_view_member(row, "clusters"), id->cluster);
    cat_view gone = cat_view_member(cat_view_member(row, "gone"), id->cluster);
    return (here.value && compare(here, false, id, deleted) <= 0) || (gone.value && compare(gone, true, id, deleted) <= 0);
}

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

static belonging belonging_of(const prj_fold *state, const prj_fold_step *step, const identity *id, cat_view object, cat_view row)
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

/* How a vcluster's copy stands. */
typedef struct {
    const char *cluster;
    cat_status status;
    const char *reason, *message, *next, *since;
    const char *manager, *drifted_at; /* NULL: nobody changed it outside Git */
} standing;

static standing standing_of_entry(const char *cluster, cat_view entry)
{
    standing here = {cluster,
                     CAT_STATUS_UNKNOWN,
                     cat_view_text(entry, "reason"),
                     cat_view_text(entry, "message"),
                     cat_view_text(entry, "next"),
                     cat_view_text(entry, "since"),
                     cat_view_text(entry, "drift.manager"),
                     cat_view_text(entry, "drift.at")};
    cat_status_parse(cat_view_text_or(entry, "status", "Unknown"), &here.status);
    return here;
}

/* What the row remembers of the same object in the same vcluster; absent when it is another one. */
static cat_view remembered(cat_view row, const identity *id)
{
    cat_view old = cat_view_member(cat_view_member(row, "clusters"), id->cluster);
    return cat_text_equal(cat_view_text_or(old, "uid", ""), id->uid) ? old : (cat_view){NULL};
}

/* Well, resting on purpose, or neither: as long as that stays the same, so does its beginning. */
static int spell_of(cat_status status)
{
    return status == CAT_STATUS_RUNNING ? 0 : status == CAT_STATUS_SUSPENDED ? 1 : 2;
}

/* A removal is no part of what was before it. */
static bool begins_removal(cat_view old, const cat_object_status *status)
{
    return strcmp(status->reason, "Terminating") == 0 && !cat_text_equal(cat_view_text(old, "reason"), "Terminating");
}

/* Kubernetes cuts its times to whole seconds: taken as they stand they would lie before what led to them. Such a one may have
 * been until the end of its second, but not after it was told of. */
static int64_t end_of_second(const prj_fold_step *step, int64_t time_ms)
{
    int64_t end_ms = time_ms % 1000 == 0 ? time_ms + 999 : time_ms;
    return end_ms < step->time_ms ? end_ms : step->time_ms;
}

/* Since when it is as it is; lent, or written to `text`. A condition's time counts when a spell begins, unless it is older than
 * what was seen before: reasons come and go, and conditions are about other things, too. */
static const char *since_of(const prj_fold_step *step, cat_view old, const cat_object_status *status,
                            char text[CAT_TIME_TEXT_MAX])
{
    cat_status before = CAT_STATUS_RUNNING;
    if (status->status == CAT_STATUS_RUNNING)
        return NULL;
    const char *kept = begins_removal(old, status) ? NULL : cat_view_text(old, "since");
    if (kept && cat_status_parse(cat_view_text(old, "status"), &before) && spell_of(before) == spell_of(status->status))
        return kept;
    int64_t since_ms = 0, seen_ms = 0;
    bool told = cat_time_parse(status->since, &since_ms) && since_ms <= step->time_ms;
    cat_time_parse(cat_view_text_or(old, "at", ""), &seen_ms);
    /* What is of the second in which it was seen last may be what was seen then. */
    if (!told || (since_ms < seen_ms && !begins_removal(old, status)))
        return step->time_text;
    cat_time_format(end_of_second(step, since_ms), text);
    return text;
}

/* Flux tries again what it could not apply, and says meanwhile that work is under way: until that ends otherwise, or something
 * else is to be applied, what was wrong is. */
static bool is_retried(const identity *id, cat_view object, cat_view old, const cat_object_status *status)
{
    const char *before = cat_view_text_or(old, "reason", "");
    return id->known == CAT_KIND_KUSTOMIZATION && status->status == CAT_STATUS_PROGRESSING &&
           cat_text_starts_with(status->reason, "Progressing") && cat_text_equal(cat_view_text(old, "status"), "Degraded") &&
           (strcmp(before, "ReconciliationFailed") == 0 || strcmp(before, "HealthCheckFailed") == 0 ||
            strcmp(before, "ApplyNotAnswered") == 0 || strcmp(before, "NotAtHome") == 0 || strcmp(before, "BuildFailed") == 0) &&
           cat_view_int_or(old, "generation", -1) == cat_view_int_or(object, "metadata.generation", 0) &&
           cat_text_equal(cat_view_text(old, "attempted"), cat_view_text(object, "status.lastAttemptedRevision"));
}

static standing standing_of_object(const prj_fold_step *step, const identity *id, cat_view data, cat_view object, cat_view old,
                                   const cat_object_status *status, char since[CAT_TIME_TEXT_MAX])
{
    standing here = {id->cluster,    status->status,
                     status->reason, status->message,
                     status->next,   since_of(step, old, status, since),
                     NULL,           cat_view_text(data, "drift.at")};
    here.manager = cat_view_text(data, "drift.manager");
    const char *fault_since = prj_fold_fault_since(old, here.status, here.reason, here.message, step->time_text);
    if (fault_since && id->known == CAT_KIND_KUSTOMIZATION)
        here.since = fault_since;
    const char *unsettled_since = prj_fold_unsettled_since(old, here.status, step->time_ms);
    if (unsettled_since)
        here.since = unsettled_since;
    if (is_retried(id, object, old, status)) {
        here = standing_of_entry(id->cluster, old);
        here.manager = NULL;
    }
    return here;
}

static void put_words(cat_string *out, const standing *here)
{
    prj_fold_put(out, "status", cat_status_name(here->status));
    prj_fold_put(out, "reason", here->reason);
    prj_fold_put(out, "message", here->message);
    prj_fold_put(out, "next", here->next);
    prj_fold_put(out, "since", here->since);
}

static void put_drift(cat_string *out, const standing *here)
{
    if (!here->manager)
        return;
    cat_write_begin(out, "drift", '{');
    prj_fold_put_cut(out, "manager", here->manager, MANAGER_MAX);
    prj_fold_put(out, "at", here->drifted_at);
    cat_write_end(out, '}');
}

/* The generation that was last well, which tells a change from a mishap (fold_grace.h). What was deleted and made anew begins
 * with generation 1: it was well before the first. */
static void put_last_well(cat_string *out, cat_view object, const identity *id, cat_view row, const standing *here)
{
    cat_view gone = cat_view_member(cat_view_member(row, "gone"), id->cluster);
    int64_t known = cat_view_int_or(remembered(row, id), "wellGeneration", cat_view_bool_or(gone, "well", false) ? 0 : -1);
    if (spell_of(here->status) != 2)
        known = cat_view_int_or(object, "metadata.generation", 0);
    if (known >= 0)
        cat_write_int(out, "wellGeneration", known);
}

/* When its newest generation was seen; nothing when that is the first that was. */
static void put_generation_time(cat_string *out, const prj_fold_step *step, cat_view object, cat_view old)
{
    bool same = cat_view_int_or(old, "generation", 0) == cat_view_int_or(object, "metadata.generation", 0);
    prj_fold_put(out, "generationAt", same ? cat_view_text(old, "generationAt") : old.value ? step->time_text : NULL);
}

/* Events of before environment-controller told it have no `byHand`; a Pod shows it by itself. */
static bool is_bare_pod(const identity *id, cat_view object)
{
    return id->known == CAT_KIND_POD && cat_view_count(cat_view_get(object, "metadata.ownerReferences")) == 0 &&
           !cat_view_member(cat_view_get(object, "metadata.labels"), CAT_LABEL_FLUX_NAME).value;
}

/* What an entry says itself: of the event's other members those stay that this fold does not know. */
static const char *const OF_ENTRY[] = {"cluster",
                                       "kind",
                                       "group",
                                       "version",
                                       "namespace",
                                       "name",
                                       "object",
                                       "repair",
                                       "epoch",
                                       "uid",
                                       "status",
                                       "reason",
                                       "resourceVersion",
                                       "generation",
                                       "conditions",
                                       "observedGeneration",
                                       "ready",
                                       "next",
                                       "images",
                                       "message",
                                       "since",
                                       "replicas",
                                       "owner",
                                       "at",
                                       "drift",
                                       "hosts",
                                       "secure",
                                       "paths",
                                       "node",
                                       "restarts",
                                       "involved",
                                       "applied",
                                       "attempted",
                                       "suspended",
                                       "branch",
                                       "revision",
                                       "displayName",
                                       "wellGeneration",
                                       "missing",
                                       "byHand",
                                       "finished",
                                       "finishedAt",
                                       "startedAt",
                                       "succeededAt",
                                       "named",
                                       "attemptedAt",
                                       "reads",
                                       "notBuilt",
                                       "failedAt",
                                       "before",
                                       "storage",
                                       "fault",
                                       "attempts",
                                       "met",
                                       "scales",
                                       "madeAt",
                                       "ended",
                                       "madeOf",
                                       "newest",
                                       "unsettled",
                                       "again",
                                       "schedule",
                                       "involvedUid",
                                       "toldAt",
                                       "firstAt",
                                       "generationAt",
                                       "unregistered"};

static void put_entry(cat_string *out, const prj_fold_step *step, const identity *id, cat_view data, cat_view object,
                      cat_view row, const cat_object_status *status, const standing *here)
{
    cat_write_begin(out, NULL, '{');
    cat_write_int(out, "epoch", id->epoch);
    prj_fold_put(out, "uid", id->uid);
    cat_write_text(out, "resourceVersion", id->resource_version);
    cat_write_int(out, "generation", cat_view_int_or(object, "metadata.generation", 0));
    cat_write_int(out, "observedGeneration", cat_view_int_or(object, "status.observedGeneration", 0));
    cat_write_bool(out, "ready", here->status == CAT_STATUS_RUNNING);
    put_words(out, here);
    if (status->wanted >= 0) {
        cat_write_begin(out, "replicas", '{');
        cat_write_int(out, "wanted", status->wanted);
        cat_write_int(out, "ready", status->ready < 0 ? 0 : status->ready);
        cat_write_end(out, '}');
    }
    if (status->missing > 0)
        cat_write_int(out, "missing", status->missing);
    put_last_well(out, object, id, row, here);
    put_generation_time(out, step, object, remembered(row, id));
    prj_fold_conditions(object, out);
    prj_fold_images(object, out);
    char owner[CAT_KEY_MAX];
    if (prj_fold_owner(object, owner))
        prj_fold_put(out, "owner", owner);
    cat_write_text(out, "at", step->time_text);
    put_drift(out, here);
    if (cat_view_bool_or(data, "byHand", false) || is_bare_pod(id, object))
        cat_write_bool(out, "byHand", true);
    prj_fold_details(&(prj_fold_look){object, remembered(row, id), step->time_text, here->status, here->reason, here->message},
                     id->known, out);
    cat_write_members(out, data, OF_ENTRY, sizeof OF_ENTRY / sizeof *OF_ENTRY);
    cat_write_end(out, '}');
}

/* The row's own status is that of the vcluster that people should hear of first; `changed` (NULL: it left) stands for what the
 * row has of `cluster`. */
static void put_merged(cat_string *out, cat_view clusters, const char *cluster, const standing *changed)
{
    standing worst = {.status = CAT_STATUS_RUNNING}, drifted = {0};
    cat_view_iterator it = cat_view_each(clusters);
    const char *name;
    cat_view entry;
    bool once = changed != NULL;
    for (;;) {
        standing here;
        if (once)
            here = *changed;
        else if (!cat_view_next(&it, &name, &entry))
            break;
        else if (strcmp(name, cluster) == 0)
            continue;
        else
            here = standing_of_entry(name, entry);
        once = false;
        if (!worst.cluster || (cat_status_worse(here.status, worst.status) == here.status && here.status != worst.status) ||
            (here.status == worst.status && strcmp(here.cluster, worst.cluster) < 0))
            worst = here;
        if (here.manager && (!drifted.cluster || strcmp(here.cluster, drifted.cluster) < 0))
            drifted = here;
    }
    cat_autofree char *changed_by = NULL;
    if (drifted.cluster && worst.status == CAT_STATUS_SUSPENDED) { /* nobody meant it so */
        changed_by =
            cat_printf("it was changed outside Git by %.*s", (int)prj_fold_cut(drifted.manager, MANAGER_MAX), drifted.manager);
        worst = (standing){.cluster = worst.cluster,
                           .status = CAT_STATUS_PROGRESSING,
                           .reason = "ChangedOutsideGit",
                           .message = changed_by,
                           .next = "Flux puts back what Git says; to keep the change, make it in Git",
                           .since = worst.since};
    }
    put_words(out, &worst);
    if (!drifted.cluster)
        return;
    put_drift(out, &drifted);
    bool timed = drifted.drifted_at && *drifted.drifted_at;
    cat_autofree char *cause = cat_printf("changed outside Git by %.*s%s%s", (int)prj_fold_cut(drifted.manager, MANAGER_MAX),
                                          drifted.manager, timed ? " at " : "", timed ? drifted.drifted_at : "");
    prj_fold_put(out, "cause", cause);
}

void prj_fold_put_standing(cat_string *out, cat_view clusters)
{
    put_merged(out, clusters, "", NULL);
}

static void put_gone_entry(cat_string *out, const prj_fold_step *step, const identity *id, cat_view row)
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
static void put_gone(const prj_fold *state, cat_string *out, const prj_fold_step *step, const identity *id, cat_view row,
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
static void store_tombstone(prj_fold *state, const prj_fold_step *step, const identity *id, cat_view row, const belonging *to)
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
static void store_row(prj_fold *state, const prj_fold_step *step, const identity *id, cat_view row, const belonging *to,
                      const standing *changed)
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
    put_merged(out, clusters, id->cluster, changed);
    prj_fold_put_replaced(out, "clusters", clusters, id->cluster, changed ? &state->part : NULL);
    put_gone(state, out, step, id, row, !changed);
    cat_write_members(out, row, KNOWN, sizeof KNOWN / sizeof *KNOWN);
    prj_fold_seal(out, step);
    prj_fold_store(state, id->key, to->application);
}

/* Of an object that is too large for an event the informer sends what its status needs, and says when that does not fit either.
 */
static void judge_cut(cat_view data, cat_view object, const identity *id, cat_object_status *status)
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
static void quote_event(cat_view object, const identity *id, cat_object_status *status)
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

int prj_fold_object(prj_fold *state, const prj_fold_step *step, cat_view data, bool deleted, cat_error *error)
{
    identity id;
    int code = read_identity(data, &id, error);
    if (code < 0)
        return code;
    cat_view object = deleted ? (cat_view){NULL} : cat_view_get(data, "object");
    cat_autoptr(cat_document) own = NULL;
    if (!deleted && id.known == CAT_KIND_APPLICATION)
        object = prj_fold_own_application(state, object, &own);
    if (!deleted && !cat_view_is_object(object))
        return cat_error_set(error, CAT_E_INVALID, "an object event without the object");
    cat_view row = prj_fold_view(prj_fold_find(state, id.key));
    if (is_stale(row, &id, deleted))
        return 0;
    belonging to = belonging_of(state, step, &id, object, row);
    if (!deleted) {
        cat_object_status status = {0};
        cat_object_status_of(object, &status);
        judge_cut(data, object, &id, &status);
        quote_event(object, &id, &status);
        cat_view old = remembered(row, &id);
        char since[CAT_TIME_TEXT_MAX];
        standing here = standing_of_object(step, &id, data, object, old, &status, since);
        cat_string_clear(&state->part);
        put_entry(&state->part, step, &id, data, object, row, &status, &here);
        store_row(state, step, &id, row, &to, &here);
        prj_fold_tell_maker(state, step, id.key, id.cluster);
        prj_fold_tell_schedule(state, step, id.key, id.cluster);
        prj_fold_tell_branch(state, step, id.key);
    } else {
        cat_view clusters = cat_view_member(row, "clusters");
        bool last = cat_view_count(clusters) == (cat_view_member(clusters, id.cluster).value != NULL);
        if (last)
            store_tombstone(state, step, &id, row, &to);
        else
            store_row(state, step, &id, row, &to, NULL);
    }
    free(to.by_namespace);
    return 0;
}

/* Flux tells time in seconds: of two in one second an error comes last, then what they say, so that no order of delivery and no
 * repeat changes what stays. */
static bool is_later_notice(cat_view known, cat_view data, const char *time)
{
    int order = strcmp(time, cat_view_text_or(known, "at", ""));
    if (order == 0)
        order = strcmp(cat_view_text_or(known, "severity", ""), cat_view_text_or(data, "severity", ""));
    if (order == 0)
        order = strcmp(cat_view_text_or(data, "reason", ""), cat_view_text_or(known, "reason", ""));
    if (order == 0)
        order = strcmp(cat_view_text_or(data, "revision", ""), cat_view_text_or(known, "revision", ""));
    return order > 0;
}

/* A notice adds what Flux said to the row of its Kustomization, but for its text, which is that of its tools: the row's own
 * message says it in words. Without a row there is nothing to add it to. */
int prj_fold_notice(prj_fold *state, const prj_fold_step *step, cat_error *error)
{
    cat_view data = step->event->data;
    const char *cluster = cat_view_text(data, "cluster"), *name = cat_view_text(data, "kustomization");
    if (!cluster || !*cluster || strlen(cluster) > 253 || !name || !*name)
        return cat_error_set(error, CAT_E_INVALID, "a notice needs cluster and kustomization");
    char key[CAT_KEY_MAX];
    int code = cat_key_make(cat_kind_get(CAT_KIND_KUSTOMIZATION)->token, cat_view_text_or(data, "namespace", "flux-system"), name,
                            key, error);
    if (code < 0)
        return code;
    cat_view row = prj_fold_view(prj_fold_find(state, key));
    if (!cat_view_member(cat_view_member(row, "clusters"), cluster).value)
        return 0;
    cat_view notices = cat_view_member(row, "notices"), known = cat_view_member(notices, cluster);
    if (known.value && !is_later_notice(known, data, step->time_text))
        return 0;
    static const char *const COPIED[] = {"severity", "reason", "revision"};
    static const char *const CHANGED[] = {"notices", "seq", "observedAt"};
    cat_string_clear(&state->part);
    cat_write_begin(&state->part, NULL, '{');
    cat_write_text(&state->part, "at", step->time_text);
    for (size_t i = 0; i < sizeof COPIED / sizeof *COPIED; i++)
        prj_fold_put(&state->part, COPIED[i], cat_view_text(data, COPIED[i]));
    cat_write_end(&state->part, '}');
    cat_string *out = prj_fold_begin(state);
    cat_write_members(out, row, CHANGED, sizeof CHANGED / sizeof *CHANGED);
    prj_fold_put_replaced(out, "notices", notices, cluster, &state->part);
    prj_fold_seal(out, step);
    prj_fold_store(state, key, cat_view_text(row, "application"));
    return 0;
}
