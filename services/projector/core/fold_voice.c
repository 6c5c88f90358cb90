/* Which rows people hear of, and as what. The state of an Application is the worst of what it consists of, by meaning: what rests
 * on purpose, what has ended, what a person made by hand and what is somebody else's run does not count; what is new is not
 * broken.
 */
#include "core/fold_voice.h"

#include <string.h>

#include "base/clock.h"
#include "core/fold_unsettled.h"

#define SPEECH_OF_PODS 6
#define TOLD_TOGETHER_MS 1000

static bool is_workload(const prj_fold_row *row)
{
    return cat_kind_get(row->kind)->part == CAT_PART_WORKLOAD;
}

const prj_fold_row *prj_fold_resting(const prj_fold_members *members)
{
    const prj_fold_row *first = NULL;
    for (size_t i = 0; i < members->count; i++) {
        const prj_fold_row *row = members->rows[i];
        if (row->owner || (!is_workload(row) && cat_kind_get(row->kind)->part != CAT_PART_SCHEDULE))
            continue;
        if (row->status != CAT_STATUS_SUSPENDED)
            return NULL;
        first = first ? first : row;
    }
    return first;
}

/* Whether its status is somebody's judgement: an object of a kind without a rule and without conditions counts as running because
 * nothing is known of it. */
static bool is_judged(const prj_fold_row *row)
{
    if (cat_kind_get(row->kind)->part != CAT_PART_CONTENT)
        return true;
    cat_view_iterator it = cat_view_each(row->clusters);
    cat_view entry;
    while (cat_view_next(&it, NULL, &entry))
        if (cat_view_count(cat_view_member(entry, "conditions")) > 0)
            return true;
    return false;
}

static const char *made_at(const prj_fold_row *row)
{
    cat_view_iterator it = cat_view_each(row->clusters);
    cat_view entry;
    return cat_view_next(&it, NULL, &entry) ? cat_view_text_or(entry, "madeAt", "") : "";
}

/* Siblings have the name of who made them in front, and stand together. */
#define SIBLINGS_MAX 64

static bool is_younger(const prj_fold_row *other, const prj_fold_row *row)
{
    return other->kind == CAT_KIND_POD && cat_text_equal(other->owner, row->owner) && !prj_fold_has(other, "ended") &&
           strcmp(made_at(other), made_at(row)) > 0;
}

/* A Pod that has ended for good, by eviction for one, and another was made in its place: whatever is wrong now, it is not this.
 */
static bool is_replaced(const prj_fold_members *members, const prj_fold_row *row)
{
    if (row->kind != CAT_KIND_POD || !row->owner || !prj_fold_has(row, "ended"))
        return false;
    size_t place = prj_fold_place_of(members, row), at = place == SIZE_MAX ? 0 : place,
           first = at > SIBLINGS_MAX ? at - SIBLINGS_MAX : 0;
    for (size_t i = first; i < members->count && i <= at + SIBLINGS_MAX; i++)
        if (i != at && is_younger(members->rows[i], row))
            return true;
    return false;
}

/* What is made by something that runs does not speak: an evicted Pod that was replaced is no problem. A Job that has started
 * counts as running, and what its pods meet is told all the same; those of a CronJob are told with it (fold_explain.c). */
static bool is_history(const prj_fold_members *members, const prj_fold_row *row)
{
    const prj_fold_row *top = prj_fold_top_of(members, row);
    if (row->owner && cat_kind_has_key(CAT_KIND_CRON_JOB, row->owner))
        return true;
    /* What ended once more is told before who made it is known not to run. */
    if (top == row || (is_workload(top) && prj_fold_has(row, "again")))
        return false;
    if (is_workload(top) && is_replaced(members, row))
        return true;
    return top->kind == CAT_KIND_CRON_JOB || (top->owner && cat_kind_has_key(CAT_KIND_CRON_JOB, top->owner)) ||
           (top->status == CAT_STATUS_RUNNING && is_judged(top) && (top->kind != CAT_KIND_JOB || prj_fold_has(top, "finished")));
}

/* What keeps every commit from the cluster comes first: nothing else can be mended before. Of the health of what it applied Flux
 * only says that something is not well. */
static int speech_of_applier(const prj_fold_row *row)
{
    bool waits =
        strstr(cat_view_text_or(prj_fold_seen(row), "reason", ""), "HealthCheck") || row->status == CAT_STATUS_PROGRESSING;
    return waits ? 1 : 7;
}

static int speech_of(const prj_fold_members *members, const prj_fold_row *row)
{
    cat_kind_voice voice = cat_kind_get(row->kind)->voice;
    /* The Application's object sums up all Environments; of this one it speaks when its branch cannot be built, and while nothing
     * else does (quote_waiting). */
    if (voice == CAT_VOICE_BRANCH)
        return cat_text_equal(cat_view_text(prj_fold_seen(row), "reason"), "NotBuilt") ? 4 : 0;
    if (voice == CAT_VOICE_NONE || is_history(members, row) || prj_fold_has(prj_fold_top_of(members, row), "byHand"))
        return 0;
    switch (voice) {
    case CAT_VOICE_POD:
        return SPEECH_OF_PODS;
    case CAT_VOICE_CAUSE:
        return 5;
    case CAT_VOICE_SOURCE:
        return row->status == CAT_STATUS_DEGRADED ? 7 : 4;
    case CAT_VOICE_APPLIER:
        return speech_of_applier(row);
    default:
        return row->owner ? 2 : 3;
    }
}

/* Phase */

static bool was_ever_well(const prj_fold_members *members, const prj_fold_row *top)
{
    bool any = false;
    for (size_t i = 0; i < members->count; i++) {
        if (members->rows[i]->owner || !is_workload(members->rows[i]))
            continue;
        any = true;
        if (prj_fold_has(members->rows[i], "wellGeneration"))
            return true;
    }
    return !any && prj_fold_has(top, "wellGeneration");
}

static prj_fold_phase phase_of(const prj_fold_members *members, const prj_fold_row *top)
{
    cat_view_iterator it = cat_view_each(top->clusters);
    cat_view entry;
    if (!was_ever_well(members, top))
        return FOLD_INSTALLING;
    while (cat_view_next(&it, NULL, &entry)) {
        int64_t well = cat_view_int_or(entry, "wellGeneration", -1);
        if (well < 0 || cat_view_int_or(entry, "generation", 0) > well)
            return FOLD_UPDATING;
    }
    return FOLD_UNCHANGED;
}

/* Since */

/* The time of what it belongs to, where that is not well either: pods come and go, and the trouble stays. Of what ends again and
 * again its own, as what it belongs to is well in between. */
static void look_back(const prj_fold_members *members, const prj_fold_row *row, prj_fold_voice *voice)
{
    bool replica_set = false, again = prj_fold_has(row, "again");
    voice->since_ms = voice->change_ms = voice->own_ms = INT64_MAX;
    for (int step = 0; row && step < FOLD_OWNER_STEPS_MAX; step++, row = prj_fold_owner_of(members, row)) {
        const char *since = cat_view_text(prj_fold_seen(row), "since");
        int64_t since_ms = 0;
        if (!since || row->status == CAT_STATUS_RUNNING || !cat_time_parse(since, &since_ms))
            continue;
        replica_set |= row->kind == CAT_KIND_REPLICA_SET;
        if (step == 0)
            voice->own_ms = since_ms;
        /* A Pod and who made it tell of one end within moments, the Pod first. */
        bool alike = since_ms >= voice->since_ms && since_ms - voice->since_ms < TOLD_TOGETHER_MS;
        if (alike || (again && voice->since_ms <= since_ms))
            continue;
        if (!(replica_set && row->kind == CAT_KIND_DEPLOYMENT))
            voice->change_ms = since_ms;
        voice->since_ms = since_ms;
    }
}

static void forgive(const prj_fold_members *members, const prj_fold_row *row, const prj_fold_row *top, prj_fold_voice *voice)
{
    const char *reason = cat_view_text_or(prj_fold_seen(row), "reason", "");
    bool degraded = voice->status == CAT_STATUS_DEGRADED;
    /* A Deployment has a deadline of its own, and says when it is over. */
    int64_t after_ms = 0;
    if (degraded)
        after_ms = prj_fold_grace_ms(reason, voice->phase);
    else if (voice->status == CAT_STATUS_PROGRESSING && top->kind != CAT_KIND_DEPLOYMENT)
        after_ms = prj_fold_patience_ms(reason, row->kind == CAT_KIND_GIT_REPOSITORY);
    if (after_ms == 0 || voice->since_ms == INT64_MAX)
        return;
    bool over = members->time_ms >= voice->since_ms + after_ms;
    voice->late = !degraded && over;
    voice->status = over ? CAT_STATUS_DEGRADED : CAT_STATUS_PROGRESSING;
    voice->due_ms = over ? 0 : voice->since_ms + after_ms;
}

/* What has not been better for long speaks as it did, if that had lasted; else it is not told. */
static bool speaks_again(const prj_fold_members *members, const prj_fold_row *row, prj_fold_voice *voice)
{
    int64_t until_ms = 0, since_ms = 0;
    const prj_fold_row *top = prj_fold_top_of(members, row);
    cat_view kept = prj_fold_unsettled(members, row, &until_ms);
    if (!kept.value || !is_workload(top) || prj_fold_has(top, "byHand") ||
        !cat_time_parse(cat_view_text_or(kept, "since", ""), &since_ms))
        return false;
    voice->phase = phase_of(members, top);
    if (members->time_ms < since_ms + prj_fold_grace_ms(cat_view_text(kept, "reason"), voice->phase))
        return false;
    voice->status = CAT_STATUS_DEGRADED;
    voice->speech = SPEECH_OF_PODS;
    voice->since_ms = voice->own_ms = voice->change_ms = since_ms;
    voice->due_ms = until_ms;
    voice->unsettled = kept;
    return true;
}

prj_fold_voice prj_fold_voice_of(const prj_fold_members *members, const prj_fold_row *row)
{
    prj_fold_voice voice = {.status = row->status, .speech = speech_of(members, row)};
    if (speaks_again(members, row, &voice))
        return voice;
    /* What Kubernetes has no rule for cannot be called ill; what is too large to judge is not known. */
    bool silent = row->status == CAT_STATUS_RUNNING ||
                  (row->status == CAT_STATUS_UNKNOWN && row->kind != CAT_KIND_KUSTOMIZATION && row->kind != CAT_KIND_POD &&
                   !cat_text_equal(cat_view_text(prj_fold_seen(row), "reason"), "TooLarge")) ||
                  (row->status == CAT_STATUS_SUSPENDED && prj_fold_is_content(row));
    if (silent)
        voice.speech = 0;
    if (voice.speech == 0)
        return voice;
    const prj_fold_row *top = prj_fold_top_of(members, row);
    look_back(members, row, &voice);
    if (prj_fold_is_content(row)) {
        voice.phase = phase_of(members, top);
        forgive(members, row, top, &voice);
    } else if (row->kind == CAT_KIND_GIT_REPOSITORY) {
        forgive(members, row, row, &voice);
    }
    return voice;
}
