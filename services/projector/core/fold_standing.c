/* How a vcluster's copy of an object stands, since when, and how the row does that has several. */
#include "core/fold_standing.h"

#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "core/fold_fault.h"
#include "core/fold_unsettled.h"

#define MANAGER_MAX 128

static prj_fold_standing standing_of_entry(const char *cluster, cat_view entry)
{
    prj_fold_standing here = {cluster,
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

prj_fold_spell prj_fold_spell_of(cat_status status)
{
    return status == CAT_STATUS_RUNNING ? FOLD_SPELL_WELL : status == CAT_STATUS_SUSPENDED ? FOLD_SPELL_RESTING : FOLD_SPELL_ILL;
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
    if (kept && cat_status_parse(cat_view_text(old, "status"), &before) &&
        prj_fold_spell_of(before) == prj_fold_spell_of(status->status))
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
static bool is_retried(const prj_fold_identity *id, cat_view object, cat_view old, const cat_object_status *status)
{
    const char *before = cat_view_text_or(old, "reason", "");
    return id->known == CAT_KIND_KUSTOMIZATION && status->status == CAT_STATUS_PROGRESSING &&
           cat_text_starts_with(status->reason, "Progressing") && cat_text_equal(cat_view_text(old, "status"), "Degraded") &&
           (strcmp(before, "ReconciliationFailed") == 0 || strcmp(before, "HealthCheckFailed") == 0 ||
            strcmp(before, "ApplyNotAnswered") == 0 || strcmp(before, "NotAtHome") == 0 || strcmp(before, "BuildFailed") == 0) &&
           cat_view_int_or(old, "generation", -1) == cat_view_int_or(object, "metadata.generation", 0) &&
           cat_text_equal(cat_view_text(old, "attempted"), cat_view_text(object, "status.lastAttemptedRevision"));
}

prj_fold_standing prj_fold_standing_of_object(const prj_fold_step *step, const prj_fold_identity *id, cat_view data,
                                              cat_view object, cat_view old, const cat_object_status *status,
                                              char since[CAT_TIME_TEXT_MAX])
{
    prj_fold_standing here = {id->cluster,    status->status,
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

void prj_fold_put_words(cat_string *out, const prj_fold_standing *here)
{
    prj_fold_put(out, "status", cat_status_name(here->status));
    prj_fold_put(out, "reason", here->reason);
    prj_fold_put(out, "message", here->message);
    prj_fold_put(out, "next", here->next);
    prj_fold_put(out, "since", here->since);
}

void prj_fold_put_drift(cat_string *out, const prj_fold_standing *here)
{
    if (!here->manager)
        return;
    cat_write_begin(out, "drift", '{');
    prj_fold_put_cut(out, "manager", here->manager, MANAGER_MAX);
    prj_fold_put(out, "at", here->drifted_at);
    cat_write_end(out, '}');
}

static void hear(const prj_fold_standing *here, prj_fold_standing *worst, prj_fold_standing *drifted)
{
    if (!worst->cluster || (cat_status_worse(here->status, worst->status) == here->status && here->status != worst->status) ||
        (here->status == worst->status && strcmp(here->cluster, worst->cluster) < 0))
        *worst = *here;
    if (here->manager && (!drifted->cluster || strcmp(here->cluster, drifted->cluster) < 0))
        *drifted = *here;
}

void prj_fold_put_merged(cat_string *out, cat_view clusters, const char *cluster, const prj_fold_standing *changed)
{
    prj_fold_standing worst = {.status = CAT_STATUS_RUNNING}, drifted = {0};
    cat_view_iterator it = cat_view_each(clusters);
    const char *name;
    cat_view entry;
    if (changed)
        hear(changed, &worst, &drifted);
    while (cat_view_next(&it, &name, &entry)) {
        if (strcmp(name, cluster) == 0)
            continue;
        prj_fold_standing here = standing_of_entry(name, entry);
        hear(&here, &worst, &drifted);
    }
    cat_autofree char *changed_by = NULL;
    if (drifted.cluster && worst.status == CAT_STATUS_SUSPENDED) { /* nobody meant it so */
        changed_by =
            cat_printf("it was changed outside Git by %.*s", (int)prj_fold_cut(drifted.manager, MANAGER_MAX), drifted.manager);
        worst = (prj_fold_standing){.cluster = worst.cluster,
                                    .status = CAT_STATUS_PROGRESSING,
                                    .reason = "ChangedOutsideGit",
                                    .message = changed_by,
                                    .next = "Flux puts back what Git says; to keep the change, make it in Git",
                                    .since = worst.since};
    }
    prj_fold_put_words(out, &worst);
    if (!drifted.cluster)
        return;
    prj_fold_put_drift(out, &drifted);
    bool timed = drifted.drifted_at && *drifted.drifted_at;
    cat_autofree char *cause = cat_printf("changed outside Git by %.*s%s%s", (int)prj_fold_cut(drifted.manager, MANAGER_MAX),
                                          drifted.manager, timed ? " at " : "", timed ? drifted.drifted_at : "");
    prj_fold_put(out, "cause", cause);
}

void prj_fold_put_standing(cat_string *out, cat_view clusters)
{
    prj_fold_put_merged(out, clusters, "", NULL);
}
