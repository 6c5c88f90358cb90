/* What a row cannot know from its object alone: why pods may not be made, why a claim gets no volume, how a CronJob's last runs
 * ended. A pure function of the rows of one Application, like what is derived from them; the row keeps what its object said in
 * `clusters`, and `explained` marks that its words are from here. */
#include "core/fold_explain.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "core/fold_standing.h"
#include "core/fold_text.h"

/* Events and objects come by different ways. */
#define APART_MS 5000
#define SECOND_MS 1000

typedef struct {
    const char *reason, *since; /* lent */
    char *message;
    char next[200];
} explanation;

static int64_t time_of(const char *text)
{
    int64_t time_ms = 0;
    return text && cat_time_parse(text, &time_ms) ? time_ms : 0;
}

static cat_view first_entry(const prj_fold_row *row)
{
    cat_view_iterator it = cat_view_each(row->clusters);
    cat_view entry;
    return cat_view_next(&it, NULL, &entry) ? entry : (cat_view){NULL};
}

static const char *name_of(const prj_fold_row *row)
{
    return cat_view_text_or(prj_fold_seen(row), "name", "");
}

/* Kubernetes tells an Event's time in whole seconds: the end of that one. */
static int64_t told_ms(cat_view event)
{
    int64_t told = time_of(cat_view_text(event, "toldAt"));
    return told == 0 ? time_of(cat_view_text(event, "at")) : told % SECOND_MS == 0 ? told + SECOND_MS - 1 : told;
}

/* Whether an Event is about the object as it is: not about another one that had its name, and not about what it asked for before
 * it was changed. One that quotes what is asked for is about that, however close to the change it was told. */
static bool is_about(cat_view event, const prj_fold_row *row, const char *asked)
{
    const char *uid = cat_view_text(event, "involvedUid"), *own = cat_view_text_or(first_entry(row), "uid", "");
    if (!cat_text_equal(cat_view_text(event, "involved"), row->key) || (uid && *own && strcmp(uid, own) != 0))
        return false;
    return told_ms(event) >= time_of(cat_view_text(first_entry(row), "generationAt")) ||
           (asked && *asked && strstr(cat_view_text_or(event, "message", ""), asked));
}

/* The newest Event with one of these reasons about a row, not older than its trouble. `asked`: what the row asks for and such an
 * Event quotes; NULL: it does not. */
static cat_view event_about(const prj_fold_members *members, const prj_fold_row *row, const char *const reasons[], size_t count,
                            const char *asked)
{
    cat_view found = {NULL}, entry;
    int64_t newest_ms = time_of(cat_view_text(first_entry(row), "since")) - APART_MS;
    for (size_t i = 0; i < members->count; i++) {
        if (members->rows[i]->kind != CAT_KIND_EVENT)
            continue;
        cat_view_iterator it = cat_view_each(members->rows[i]->clusters);
        while (cat_view_next(&it, NULL, &entry)) {
            int64_t at_ms = told_ms(entry);
            bool told = false;
            for (size_t at = 0; at < count; at++)
                told |= cat_text_equal(cat_view_text(entry, "reason"), reasons[at]);
            if (told && at_ms >= newest_ms && is_about(entry, row, asked)) {
                newest_ms = at_ms;
                found = entry;
            }
        }
    }
    return found;
}

/* What was said before the newest commit was given to the cluster is about what was there then: whoever makes pods tries again,
 * after minutes at worst, and says what is missing now. */
static bool is_overtaken(const prj_fold_members *members, cat_view event)
{
    for (size_t i = 0; i < members->count; i++) {
        cat_view newest = cat_view_get(first_entry(members->rows[i]), "attempts.0");
        if (members->rows[i]->kind == CAT_KIND_KUSTOMIZATION && !cat_view_bool_or(newest, "refused", false) &&
            told_ms(event) + APART_MS < time_of(cat_view_text(newest, "at")))
            return true;
    }
    return false;
}

static const char *kind_name(const prj_fold_row *row)
{
    return row->kind == CAT_KIND_STATEFUL_SET  ? "StatefulSet"
           : row->kind == CAT_KIND_DAEMON_SET  ? "DaemonSet"
           : row->kind == CAT_KIND_REPLICA_SET ? "ReplicaSet"
           : row->kind == CAT_KIND_JOB         ? "Job"
                                               : "Deployment";
}

/* Pods are missing, and whoever makes them says why not. */
static bool explain_missing_pods(const prj_fold_members *members, const prj_fold_row *row, explanation *why)
{
    static const char *const REASONS[] = {"FailedCreate", "CreateNotAnswered"};
    if (cat_view_int_or(first_entry(row), "missing", 0) <= 0 || cat_view_text(first_entry(row), "finished"))
        return false;
    cat_view warning = event_about(members, row, REASONS, sizeof REASONS / sizeof *REASONS, NULL);
    if (!warning.value || is_overtaken(members, warning))
        return false;
    why->reason = cat_view_text(warning, "reason");
    why->message = cat_printf("%s %s cannot make its pods: %s", kind_name(row), name_of(row),
                              cat_view_text_or(warning, "message", "no reason is given"));
    snprintf(why->next, sizeof why->next, "%s", cat_view_text_or(warning, "next", ""));
    why->since = cat_view_text(first_entry(row), "since");
    if (!why->since)
        why->since = cat_view_text(first_entry(row), "startedAt");
    return true;
}

/* Events stay for an hour: one that says that a consumer is waited for is later than the failures that somebody mended. */
static bool explain_missing_volume(const prj_fold_members *members, const prj_fold_row *row, explanation *why)
{
    static const char *const REASONS[] = {"ProvisioningFailed", "FailedBinding"}, *const WAITS[] = {"WaitForFirstConsumer"};
    const char *reason = cat_view_text_or(first_entry(row), "reason", "");
    if (strcmp(reason, "WaitsForConsumer") != 0 && strcmp(reason, "VolumePending") != 0)
        return false;
    cat_view warning = event_about(members, row, REASONS, 2, NULL), waits = event_about(members, row, WAITS, 1, NULL);
    if (!warning.value || told_ms(waits) > told_ms(warning))
        return false;
    why->reason = "ProvisioningFailed";
    why->message = cat_printf("PersistentVolumeClaim %s gets no volume: %s", name_of(row),
                              cat_view_text_or(warning, "message", "no reason is given"));
    snprintf(why->next, sizeof why->next, "%s", cat_view_text_or(warning, "next", ""));
    why->since = cat_view_text(first_entry(row), "since");
    return true;
}

/* What its pods met, when it has failed; absent: nothing is known of that. */
static cat_view met_by_run(const prj_fold_row *job)
{
    return cat_text_equal(cat_view_text(first_entry(job), "finished"), "Failed") ? cat_view_member(first_entry(job), "met")
                                                                                 : (cat_view){NULL};
}

/* A Job says that it was given up; its pods, which are gone, knew why. */
static bool explain_failed_run(const prj_fold_row *job, explanation *why)
{
    cat_view met = met_by_run(job);
    const char *message = cat_view_text(first_entry(job), "message");
    if (!cat_view_text(met, "message") || !message)
        return false;
    why->reason = cat_view_text(first_entry(job), "reason");
    why->since = cat_view_text(first_entry(job), "since");
    why->message = cat_printf("%s. Before that: %s", message, cat_view_text(met, "message"));
    snprintf(why->next, sizeof why->next, "%s", cat_view_text_or(met, "next", ""));
    return true;
}

/* The newest run that ended decides; it has failed since the first failure after the last success. */
static bool explain_failed_runs(const prj_fold_members *members, const prj_fold_row *row, explanation *why)
{
    int64_t good_ms = time_of(cat_view_text(first_entry(row), "succeededAt")), first_ms = 0, last_ms = 0;
    const prj_fold_row *last = NULL, *first = NULL;
    for (int round = 0; round < 2; round++)
        for (size_t i = 0; i < members->count; i++) {
            const prj_fold_row *job = members->rows[i];
            const char *finished = cat_view_text(first_entry(job), "finished");
            if (job->kind != CAT_KIND_JOB || !finished || prj_fold_has(job, "byHand") || !cat_text_equal(job->owner, row->key))
                continue;
            int64_t at_ms = time_of(cat_view_text(first_entry(job), "finishedAt"));
            bool good = strcmp(finished, "Complete") == 0;
            if (round == 0 && good && at_ms > good_ms)
                good_ms = at_ms;
            if (round == 0 || good || at_ms <= good_ms)
                continue;
            if (!last || at_ms > last_ms) {
                last = job;
                last_ms = at_ms;
            }
            if (!first || at_ms < first_ms) {
                first = job;
                first_ms = at_ms;
            }
        }
    const char *failed = cat_view_text(first_entry(row), "failedAt");
    if (!last && time_of(failed) <= good_ms)
        return false;
    why->reason = "LastRunFailed";
    if (!last) {
        why->since = failed;
        why->message = cat_printf("The last run of CronJob %s did not succeed, and its Job is not there any more", name_of(row));
        snprintf(why->next, sizeof why->next,
                 "Let it run once more and read that Job's log; the next good run makes it well again");
        return true;
    }
    cat_view met = met_by_run(last);
    /* Jobs are cleaned away, the first that failed before the last. */
    bool kept = failed && time_of(failed) > good_ms && time_of(failed) < time_of(cat_view_text(first_entry(first), "startedAt"));
    why->since = kept ? failed : cat_view_text(first_entry(first), "finishedAt");
    why->message =
        cat_printf("The last run of CronJob %s, Job %s, failed: %s", name_of(row), name_of(last),
                   cat_view_text_or(met, "message", cat_view_text_or(first_entry(last), "message", "no reason is given")));
    const char *next = cat_view_text(met, "next");
    if (next)
        snprintf(why->next, sizeof why->next, "%.140s; the next good run makes it well again", next);
    else
        snprintf(why->next, sizeof why->next, "Read the log of Job %.64s; the next good run makes it well again", name_of(last));
    return true;
}

/* A run that is at work and may make no pods is none: the first of them tells since when. */
static bool explain_stuck_run(const prj_fold_members *members, const prj_fold_row *row, explanation *why)
{
    int64_t first_ms = INT64_MAX;
    for (size_t i = 0; i < members->count; i++) {
        const prj_fold_row *job = members->rows[i];
        explanation stuck = {0};
        if (job->kind != CAT_KIND_JOB || !cat_text_equal(job->owner, row->key) || !explain_missing_pods(members, job, &stuck))
            continue;
        if (!why->message || time_of(stuck.since) < first_ms) {
            first_ms = time_of(stuck.since);
            free(why->message);
            *why = stuck;
            why->reason = "RunCannotStart";
            why->message = cat_printf("CronJob %s cannot run: %s", name_of(row), stuck.message);
        }
        free(stuck.message);
    }
    return why->message != NULL;
}

static bool explain_schedule(const prj_fold_members *members, const prj_fold_row *row, explanation *why)
{
    static const char *const REASONS[] = {"InvalidSchedule", "UnparseableSchedule", "UnparseableCronJobSchedule"};
    cat_view warning =
        event_about(members, row, REASONS, sizeof REASONS / sizeof *REASONS, cat_view_text(first_entry(row), "schedule"));
    if (!warning.value)
        return false;
    const char *words = cat_view_text_or(warning, "message", "");
    why->reason = "InvalidSchedule";
    why->message = cat_printf("CronJob %s does not run, as no time fits its schedule: %.*s", name_of(row),
                              (int)cat_text_cut(words, 200), words);
    why->since = cat_view_text_or(warning, "firstAt", cat_view_text(warning, "at"));
    snprintf(why->next, sizeof why->next, "Correct spec.schedule");
    return true;
}

static bool explain_runs(const prj_fold_members *members, const prj_fold_row *row, explanation *why)
{
    return row->status != CAT_STATUS_SUSPENDED && (explain_stuck_run(members, row, why) || explain_schedule(members, row, why) ||
                                                   explain_failed_runs(members, row, why));
}

/* A StatefulSet does not replace a Pod that never got ready, whatever is mended in Git (Kubernetes, "Forced rollback" of
 * StatefulSets): it goes on to say what was wrong then. */
static bool explain_left_behind(prj_fold *state, const prj_fold_row *row, explanation *why)
{
    prj_fold_row *set = row->owner ? prj_fold_find(state, row->owner) : NULL;
    const char *made_of = cat_view_text(first_entry(row), "madeOf");
    if (!prj_fold_view(set).value || set->kind != CAT_KIND_STATEFUL_SET || set->deleted || !made_of ||
        !cat_text_equal(cat_view_text(first_entry(row), "status"), "Degraded"))
        return false;
    const char *newest = cat_view_text(first_entry(set), "newest");
    if (!newest || strcmp(newest, made_of) == 0)
        return false;
    why->reason = cat_view_text(first_entry(row), "reason");
    why->since = cat_view_text(first_entry(row), "since");
    why->message = cat_printf("%s. It is of a former version, which its StatefulSet does not replace while it is not ready",
                              cat_view_text_or(first_entry(row), "message", "The Pod is not well"));
    snprintf(why->next, sizeof why->next, "Delete Pod %.100s: it is made anew as Git has it now", name_of(row));
    return true;
}

/* What is wrong in its branch of this Environment, where no Flux object is there to say it, or none is given the commit: its
 * catalyst.yaml cannot be read, or no commit has passed yet. */
static bool explain_not_built(const prj_fold_members *members, const prj_fold_row *row, explanation *why)
{
    const char *environment = cat_view_text_or(prj_fold_seen(row), "environment", "");
    cat_view said = cat_view_member(cat_view_member(first_entry(row), "notBuilt"), environment);
    if (!said.value)
        return false;
    for (size_t i = 0; i < members->count; i++)
        if (members->rows[i]->kind == CAT_KIND_KUSTOMIZATION &&
            cat_text_equal(cat_view_text(prj_fold_seen(members->rows[i]), "reason"), "NotBuilt"))
            return false;
    why->reason = "NotBuilt";
    why->since = cat_view_text(said, "since");
    why->message = cat_printf("Application %s: the newest commit is not built: %s", name_of(row),
                              cat_view_text_or(said, "message", "no reason is given"));
    snprintf(why->next, sizeof why->next, "Correct the file that the message names, and commit");
    return true;
}

static bool explain(prj_fold *state, const prj_fold_members *members, const prj_fold_row *row, explanation *why)
{
    switch (row->kind) {
    case CAT_KIND_POD:
        return explain_left_behind(state, row, why);
    case CAT_KIND_APPLICATION:
        return explain_not_built(members, row, why);
    case CAT_KIND_STATEFUL_SET:
    case CAT_KIND_DAEMON_SET:
    case CAT_KIND_REPLICA_SET:
        return explain_missing_pods(members, row, why);
    case CAT_KIND_JOB:
        return explain_missing_pods(members, row, why) || explain_failed_run(row, why);
    case CAT_KIND_PERSISTENT_VOLUME_CLAIM:
        return explain_missing_volume(members, row, why);
    case CAT_KIND_CRON_JOB:
        return explain_runs(members, row, why);
    default:
        return false;
    }
}

/* The row with other words; nothing when it stands like that already. */
static void rewrite(prj_fold *state, prj_fold_row *row, const explanation *why)
{
    static const char *const HEAD[] = {"kind",        "namespace", "name",    "environment",
                                       "application", "blueprint", "version", "commit"};
    static const char *const WRITTEN[] = {"kind",    "namespace", "name",   "environment", "application", "blueprint",
                                          "version", "commit",    "status", "reason",      "message",     "next",
                                          "since",   "drift",     "cause",  "explained"};
    cat_view view = prj_fold_seen(row);
    cat_string *out = prj_fold_begin(state);
    for (size_t i = 0; i < sizeof HEAD / sizeof *HEAD; i++)
        cat_write_view(out, HEAD[i], cat_view_member(view, HEAD[i]));
    if (why) {
        cat_write_text(out, "status", cat_status_name(CAT_STATUS_DEGRADED));
        prj_fold_put(out, "reason", why->reason);
        prj_fold_put(out, "message", why->message);
        prj_fold_put(out, "next", why->next);
        prj_fold_put(out, "since", why->since);
        cat_write_bool(out, "explained", true);
    } else {
        prj_fold_put_standing(out, row->clusters);
    }
    cat_write_members(out, view, WRITTEN, sizeof WRITTEN / sizeof *WRITTEN);
    if (row->length == out->length + 1 && memcmp(row->text, out->data, out->length) == 0)
        return;
    cat_autofree char *index = row->application ? cat_strdup(row->application) : NULL;
    prj_fold_store(state, row->key, index);
    prj_fold_view(row);
}

void prj_fold_explain(prj_fold *state, const prj_fold_members *members)
{
    for (size_t i = 0; i < members->count; i++) {
        prj_fold_row *row = members->rows[i];
        explanation why = {0};
        bool told = explain(state, members, row, &why);
        if (told || cat_view_bool_or(prj_fold_seen(row), "explained", false))
            rewrite(state, row, told ? &why : NULL);
        free(why.message);
    }
}
