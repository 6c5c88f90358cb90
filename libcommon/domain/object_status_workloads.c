#include <string.h>

#include "domain/object_status_internal.h"
#include "domain/pod_refusal.h"

static int count(const status_subject *subject, const char *member)
{
    return (int)cat_view_int_or(subject->status, member, 0);
}

static void replicas(const status_subject *subject, cat_object_status *out)
{
    out->wanted = (int)cat_view_int_or(subject->spec, "replicas", 1);
    out->ready = count(subject, "readyReplicas");
}

/* Wanted are none: it was scaled to nothing on purpose. */
static bool is_scaled_down(const status_subject *subject, cat_object_status *out)
{
    if (out->wanted != 0 || count(subject, "replicas") != 0)
        return false;
    status_set(out, CAT_STATUS_SUSPENDED, "ScaledToZero", "%s %s is scaled to no replicas", subject->kind, subject->name);
    status_next(out, "Raise the number of replicas to start it");
    return true;
}

/* Fewer pods are there than there should be: whoever makes them has not, or may not. */
static bool too_few_made(const status_subject *subject, cat_object_status *out, int made)
{
    if (made >= out->wanted)
        return false;
    out->missing = out->wanted - made;
    status_set(out, CAT_STATUS_PROGRESSING, "PodsNotMade", "%s %s has %d of %d pods", subject->kind, subject->name, made,
               out->wanted);
    status_next(out, "Wait for its pods to be made; if they are not, its events say why");
    return true;
}

static bool too_few_updated(const status_subject *subject, cat_object_status *out, int updated)
{
    if (updated >= out->wanted)
        return false;
    status_set(out, CAT_STATUS_PROGRESSING, "RolloutInProgress", "%s %s has brought %d of %d replicas to the new version",
               subject->kind, subject->name, updated, out->wanted);
    status_next(out, "Wait for the rollout; its pods show what holds it up");
    return true;
}

static bool too_many_made(const status_subject *subject, cat_object_status *out)
{
    int left = count(subject, "replicas") - out->wanted;
    if (left <= 0)
        return false;
    status_set(out, CAT_STATUS_PROGRESSING, "OldReplicasTerminating", "%s %s still has %d %s that %s to end", subject->kind,
               subject->name, left, left == 1 ? "pod" : "pods", left == 1 ? "has" : "have");
    status_next(out, "Wait until %s ended", left == 1 ? "it has" : "they have");
    return true;
}

/* `enough` of its pods are ready, or available, which they are when they stayed ready for minReadySeconds. */
static bool too_few(const status_subject *subject, cat_object_status *out, const char *what, int found, int enough)
{
    int lack = enough - found;
    if (lack <= 0)
        return false;
    status_set(out, CAT_STATUS_PROGRESSING, "ReplicasNotReady", "%s %s has %d of %d replicas %s", subject->kind, subject->name,
               found, enough, what);
    status_next(out, "Look at its pods to see why %d %s not %s", lack, lack == 1 ? "is" : "are", what);
    return true;
}

static bool too_few_ready(const status_subject *subject, cat_object_status *out)
{
    return too_few(subject, out, "ready", out->ready, out->wanted);
}

/* A condition says since when only while it says what is wrong. */
static void since_condition_is(const status_subject *subject, const char *type, const char *value, cat_object_status *out)
{
    if (status_condition_is(subject, type, value))
        status_since(out, status_condition(subject, type));
}

static bool cannot_make_pods(const status_subject *subject, cat_object_status *out)
{
    cat_view failure = status_condition(subject, "ReplicaFailure");
    if (!cat_text_equal(cat_view_text(failure, "status"), "True"))
        return false;
    cat_pod_refusal refusal;
    cat_pod_refusal_of(cat_view_text_or(failure, "message", ""), &refusal);
    status_set(out, CAT_STATUS_DEGRADED,
               refusal.unanswered ? "CreateNotAnswered" : cat_view_text_or(failure, "reason", "ReplicaFailure"),
               "%s %s cannot make its pods: %s", subject->kind, subject->name, refusal.cause);
    status_next(out, "%s", refusal.next);
    status_since(out, failure);
    return true;
}

static bool is_late(const status_subject *subject, cat_object_status *out)
{
    cat_view progressing = status_condition(subject, "Progressing");
    if (!cat_text_equal(cat_view_text(progressing, "reason"), "ProgressDeadlineExceeded"))
        return false;
    status_set(out, CAT_STATUS_DEGRADED, "ProgressDeadlineExceeded",
               "Deployment %s did not finish its rollout in time: %d of %d replicas are ready", subject->name, out->ready,
               out->wanted);
    status_next(out, "Look at the newest pods; if the new version is at fault, roll back");
    status_since(out, progressing);
    return true;
}

/* The counts are right, and the conditions do not say so yet. Without a deadline (the controller takes 2^31-1 for none) nobody
 * sets Progressing. */
static void wait_for_conditions(const status_subject *subject, cat_object_status *out)
{
    int64_t deadline = cat_view_int_or(subject->spec, "progressDeadlineSeconds", INT32_MAX);
    bool done = deadline == INT32_MAX ||
                (status_condition_is(subject, "Progressing", "True") &&
                 cat_text_equal(cat_view_text(status_condition(subject, "Progressing"), "reason"), "NewReplicaSetAvailable"));
    if (done && status_condition_is(subject, "Available", "True"))
        return;
    status_set(out, CAT_STATUS_PROGRESSING, done ? "NotAvailable" : "RolloutInProgress",
               done ? "Deployment %s has its replicas, but is not available yet"
                    : "The rollout of Deployment %s has not ended yet",
               subject->name);
    status_next(out, "Wait; its pods have to stay ready for a while");
    since_condition_is(subject, "Available", "False", out);
}

void status_of_deployment(const status_subject *subject, cat_object_status *out)
{
    replicas(subject, out);
    int updated = count(subject, "updatedReplicas");
    if (is_late(subject, out) || cannot_make_pods(subject, out))
        return;
    if (cat_view_bool_or(subject->spec, "paused", false)) {
        status_set(out, CAT_STATUS_SUSPENDED, "Paused", "The rollout of Deployment %s is paused", subject->name);
        status_next(out, "Resume the rollout");
        return;
    }
    since_condition_is(subject, "Available", "False", out);
    if (is_scaled_down(subject, out) || too_few_made(subject, out, count(subject, "replicas")) ||
        too_few_updated(subject, out, updated) || too_many_made(subject, out) || too_few_ready(subject, out) ||
        too_few(subject, out, "available", count(subject, "availableReplicas"), updated))
        return;
    wait_for_conditions(subject, out);
}

void status_of_stateful_set(const status_subject *subject, cat_object_status *out)
{
    replicas(subject, out);
    if (is_scaled_down(subject, out) || too_few_made(subject, out, count(subject, "replicas")) || too_few_ready(subject, out) ||
        too_many_made(subject, out))
        return;
    if (cat_text_equal(cat_view_text(subject->spec, "updateStrategy.type"), "OnDelete"))
        return;
    int64_t partition = cat_view_int_or(subject->spec, "updateStrategy.rollingUpdate.partition", -1);
    const char *current = cat_view_text_or(subject->status, "currentRevision", ""),
               *update = cat_view_text_or(subject->status, "updateRevision", "");
    int updated = count(subject, "updatedReplicas");
    bool done = partition >= 0 ? updated >= out->wanted - partition
                               : strcmp(current, update) == 0 && count(subject, "currentReplicas") >= out->wanted;
    if (done)
        return;
    status_set(out, CAT_STATUS_PROGRESSING, "RolloutInProgress",
               "StatefulSet %s has brought %d of %d replicas to the new version", subject->name, updated, out->wanted);
    status_next(out, "Wait for the rollout; it goes one pod after the other");
}

/* As long as its controller has not said how many nodes should have a pod, none of its numbers means anything. */
static bool is_counted(const status_subject *subject, cat_object_status *out)
{
    if (cat_view_int_or(subject->object, "metadata.generation", -1) >= 0 &&
        cat_view_int_or(subject->status, "observedGeneration", -1) >= 0 &&
        cat_view_int_or(subject->status, "desiredNumberScheduled", -1) >= 0)
        return true;
    out->wanted = out->ready = -1;
    status_set(out, CAT_STATUS_PROGRESSING, "GenerationNotObserved", "DaemonSet %s has not been taken up yet", subject->name);
    status_next(out, "Wait for the cluster's controller");
    return false;
}

/* kstatus calls it work under way all the same, and so does Flux, which waits for it. */
static bool waits_for_deletion(const status_subject *subject, cat_object_status *out, int updated)
{
    if (updated >= out->wanted || !cat_text_equal(cat_view_text(subject->spec, "updateStrategy.type"), "OnDelete"))
        return false;
    status_set(out, CAT_STATUS_PROGRESSING, "WaitsForDeletion",
               "DaemonSet %s has %d of %d pods of the new version, and makes the others when somebody deletes the old ones "
               "(updateStrategy OnDelete)",
               subject->name, updated, out->wanted);
    status_next(out, "Delete its old pods, or take updateStrategy OnDelete out of Git");
    return true;
}

void status_of_daemon_set(const status_subject *subject, cat_object_status *out)
{
    out->wanted = count(subject, "desiredNumberScheduled");
    out->ready = count(subject, "numberReady");
    if (!is_counted(subject, out) || too_few_made(subject, out, count(subject, "currentNumberScheduled")) ||
        waits_for_deletion(subject, out, count(subject, "updatedNumberScheduled")) ||
        too_few_updated(subject, out, count(subject, "updatedNumberScheduled")) || too_few_ready(subject, out))
        return;
    too_few(subject, out, "available", count(subject, "numberAvailable"), out->wanted);
}

void status_of_replica_set(const status_subject *subject, cat_object_status *out)
{
    replicas(subject, out);
    /* An old ReplicaSet of a Deployment wants none: that is no suspension, it is the past. */
    if (cannot_make_pods(subject, out) || too_few_made(subject, out, count(subject, "replicas")))
        return;
    if (count(subject, "fullyLabeledReplicas") < out->wanted) {
        status_set(out, CAT_STATUS_PROGRESSING, "PodsNotLabelled", "ReplicaSet %s has %d of %d pods with all their labels",
                   subject->name, count(subject, "fullyLabeledReplicas"), out->wanted);
        status_next(out, "Wait for its pods to be made anew");
        return;
    }
    if (!too_few_ready(subject, out) && !too_few(subject, out, "available", count(subject, "availableReplicas"), out->wanted))
        too_many_made(subject, out);
}

/* How many pods a Job should have at work now. */
static int pods_of_job(const status_subject *subject)
{
    int64_t parallelism = cat_view_int_or(subject->spec, "parallelism", 1);
    int64_t left = cat_view_int_or(subject->spec, "completions", parallelism) - count(subject, "succeeded");
    return (int)(left < parallelism ? left > 0 ? left : 0 : parallelism);
}

/* Why Kubernetes gave a Job up (batch/v1, JobReason…), in words for people. */
static void judge_failed_job(const status_subject *subject, cat_view failed, cat_object_status *out)
{
    const char *reason = cat_view_text_or(failed, "reason", "JobFailed");
    bool late = strcmp(reason, "DeadlineExceeded") == 0;
    if (late)
        status_set(out, CAT_STATUS_DEGRADED, reason,
                   "Job %s failed: it did not end within %lld s (activeDeadlineSeconds), and its pods were removed",
                   subject->name, (long long)cat_view_int_or(subject->spec, "activeDeadlineSeconds", 0));
    else if (strcmp(reason, "BackoffLimitExceeded") == 0)
        status_set(out, CAT_STATUS_DEGRADED, reason,
                   "Job %s failed: its pods failed too often (%lld), and it is not tried again (backoffLimit)", subject->name,
                   (long long)cat_view_int_or(subject->status, "failed", 1));
    else
        status_set(out, CAT_STATUS_DEGRADED, reason, "Job %s failed: %s", subject->name,
                   cat_view_text_or(failed, "message", "no reason is given"));
    status_next(out, late ? "Check its image and what it waits for, or give it more time; a log is there only if it began"
                          : "Read the log of its last pod");
}

/* As kstatus has it, a Job that has started is as it should be; its pods tell what they meet. */
void status_of_job(const status_subject *subject, cat_object_status *out)
{
    cat_view failed = status_condition(subject, "Failed");
    if (status_condition_is(subject, "Complete", "True"))
        return;
    if (cat_text_equal(cat_view_text(failed, "status"), "True")) {
        judge_failed_job(subject, failed, out);
        status_since(out, failed);
        return;
    }
    if (cat_view_bool_or(subject->spec, "suspend", false)) {
        status_set(out, CAT_STATUS_SUSPENDED, "JobSuspended", "Job %s is suspended", subject->name);
        status_next(out, "Resume it");
        return;
    }
    int missing = pods_of_job(subject) - count(subject, "active");
    out->missing = missing > 0 ? missing : 0;
    if (cat_view_text(subject->status, "startTime"))
        return;
    status_set(out, CAT_STATUS_PROGRESSING, "JobNotStarted", "Job %s has not started yet", subject->name);
    status_next(out, "Wait for the cluster's controller");
}

void status_of_cron_job(const status_subject *subject, cat_object_status *out)
{
    if (!cat_view_bool_or(subject->spec, "suspend", false))
        return;
    status_set(out, CAT_STATUS_SUSPENDED, "Suspended", "CronJob %s is suspended", subject->name);
    status_next(out, "Resume it");
}
