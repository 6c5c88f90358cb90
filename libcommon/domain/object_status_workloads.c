#include <string.h>

#include "domain/object_status_internal.h"

static bool not_observed(const status_subject *subject, cat_object_status *out)
{
    if (status_is_observed(subject))
        return false;
    status_set(out, CAT_STATUS_PROGRESSING, "GenerationNotObserved", "The latest change of %s %s has not been taken up yet",
               subject->kind, subject->name);
    status_next(out, "Wait for the cluster's controller");
    return true;
}

static void replicas(const status_subject *subject, cat_object_status *out, const char *wanted_path, const char *ready_path)
{
    out->wanted = (int)cat_view_int_or(subject->object, wanted_path, 1);
    out->ready = (int)cat_view_int_or(subject->object, ready_path, 0);
}

/* Wanted are none: it was scaled to nothing on purpose. */
static bool is_scaled_down(const status_subject *subject, cat_object_status *out)
{
    if (out->wanted != 0 || cat_view_int_or(subject->status, "replicas", 0) != 0)
        return false;
    status_set(out, CAT_STATUS_SUSPENDED, "ScaledToZero", "%s %s is scaled to no replicas", subject->kind, subject->name);
    status_next(out, "Raise the number of replicas to start it");
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

static bool too_few_ready(const status_subject *subject, cat_object_status *out)
{
    if (out->ready >= out->wanted)
        return false;
    status_set(out, CAT_STATUS_PROGRESSING, "ReplicasNotReady", "%s %s has %d of %d replicas ready", subject->kind, subject->name,
               out->ready, out->wanted);
    status_next(out, "Look at its pods to see why %d %s not ready", out->wanted - out->ready,
                out->wanted - out->ready == 1 ? "is" : "are");
    return true;
}

void status_of_deployment(const status_subject *subject, cat_object_status *out)
{
    replicas(subject, out, "spec.replicas", "status.readyReplicas");
    cat_view progressing = status_condition(subject, "Progressing"), available = status_condition(subject, "Available"),
             failure = status_condition(subject, "ReplicaFailure");
    status_since(out, available.value ? available : progressing);
    if (not_observed(subject, out))
        return;
    if (cat_text_equal(cat_view_text(progressing, "reason"), "ProgressDeadlineExceeded")) {
        status_set(out, CAT_STATUS_DEGRADED, "ProgressDeadlineExceeded",
                   "Deployment %s did not finish its rollout in time: %d of %d replicas are ready", subject->name, out->ready,
                   out->wanted);
        status_next(out, "Look at the newest pods; if the new version is at fault, roll back");
        status_since(out, progressing);
        return;
    }
    if (cat_text_equal(cat_view_text(failure, "status"), "True")) {
        status_set(out, CAT_STATUS_DEGRADED, cat_view_text_or(failure, "reason", "ReplicaFailure"),
                   "Deployment %s cannot make its pods: %s", subject->name,
                   cat_view_text_or(failure, "message", "no reason is given"));
        status_next(out, "Check quotas and the pod's settings");
        status_since(out, failure);
        return;
    }
    if (cat_view_bool_or(subject->spec, "paused", false)) {
        status_set(out, CAT_STATUS_SUSPENDED, "Paused", "The rollout of Deployment %s is paused", subject->name);
        status_next(out, "Resume the rollout");
        return;
    }
    if (is_scaled_down(subject, out) ||
        too_few_updated(subject, out, (int)cat_view_int_or(subject->status, "updatedReplicas", 0)) || too_few_ready(subject, out))
        return;
    int64_t all = cat_view_int_or(subject->status, "replicas", 0);
    if (all > out->wanted) {
        status_set(out, CAT_STATUS_PROGRESSING, "OldReplicasTerminating",
                   "Deployment %s still has %lld replicas of the old version", subject->name, (long long)(all - out->wanted));
        status_next(out, "Wait until they have ended");
    }
}

void status_of_stateful_set(const status_subject *subject, cat_object_status *out)
{
    replicas(subject, out, "spec.replicas", "status.readyReplicas");
    if (not_observed(subject, out) || is_scaled_down(subject, out) || too_few_ready(subject, out))
        return;
    bool by_hand = cat_text_equal(cat_view_text(subject->spec, "updateStrategy.type"), "OnDelete");
    int64_t partition = cat_view_int_or(subject->spec, "updateStrategy.rollingUpdate.partition", 0);
    const char *current = cat_view_text(subject->status, "currentRevision"),
               *update = cat_view_text(subject->status, "updateRevision");
    int updated = (int)cat_view_int_or(subject->status, "updatedReplicas", 0);
    if (!by_hand && update && current && strcmp(current, update) != 0 && updated < out->wanted - partition) {
        status_set(out, CAT_STATUS_PROGRESSING, "RolloutInProgress",
                   "StatefulSet %s has brought %d of %d replicas to the new version", subject->name, updated, out->wanted);
        status_next(out, "Wait for the rollout; it goes one pod after the other");
    }
}

void status_of_daemon_set(const status_subject *subject, cat_object_status *out)
{
    replicas(subject, out, "status.desiredNumberScheduled", "status.numberReady");
    out->wanted = (int)cat_view_int_or(subject->status, "desiredNumberScheduled", 0);
    if (not_observed(subject, out) ||
        too_few_updated(subject, out, (int)cat_view_int_or(subject->status, "updatedNumberScheduled", out->wanted)))
        return;
    too_few_ready(subject, out);
}

void status_of_replica_set(const status_subject *subject, cat_object_status *out)
{
    replicas(subject, out, "spec.replicas", "status.readyReplicas");
    cat_view failure = status_condition(subject, "ReplicaFailure");
    if (not_observed(subject, out))
        return;
    if (cat_text_equal(cat_view_text(failure, "status"), "True")) {
        status_set(out, CAT_STATUS_DEGRADED, cat_view_text_or(failure, "reason", "ReplicaFailure"),
                   "ReplicaSet %s cannot make its pods: %s", subject->name,
                   cat_view_text_or(failure, "message", "no reason is given"));
        status_next(out, "Check quotas and the pod's settings");
        status_since(out, failure);
        return;
    }
    /* An old ReplicaSet of a Deployment wants none: that is no suspension, it is the past. */
    too_few_ready(subject, out);
}

void status_of_job(const status_subject *subject, cat_object_status *out)
{
    cat_view failed = status_condition(subject, "Failed"), complete = status_condition(subject, "Complete");
    if (cat_text_equal(cat_view_text(failed, "status"), "True")) {
        status_set(out, CAT_STATUS_DEGRADED, cat_view_text_or(failed, "reason", "JobFailed"), "Job %s failed: %s", subject->name,
                   cat_view_text_or(failed, "message", "no reason is given"));
        status_next(out, "Read the log of its last pod");
        status_since(out, failed);
    } else if (cat_text_equal(cat_view_text(complete, "status"), "True")) {
        status_since(out, complete);
    } else if (cat_view_bool_or(subject->spec, "suspend", false)) {
        status_set(out, CAT_STATUS_SUSPENDED, "JobSuspended", "Job %s is suspended", subject->name);
        status_next(out, "Resume it");
    } else {
        status_set(out, CAT_STATUS_PROGRESSING, "JobRunning", "Job %s has not finished: %lld pods at work, %lld failed",
                   subject->name, (long long)cat_view_int_or(subject->status, "active", 0),
                   (long long)cat_view_int_or(subject->status, "failed", 0));
        status_next(out, "Wait for it to end");
    }
}

void status_of_cron_job(const status_subject *subject, cat_object_status *out)
{
    if (!cat_view_bool_or(subject->spec, "suspend", false))
        return;
    status_set(out, CAT_STATUS_SUSPENDED, "Suspended", "CronJob %s is suspended", subject->name);
    status_next(out, "Resume it");
}

void status_of_volume_claim(const status_subject *subject, cat_object_status *out)
{
    const char *phase = cat_view_text_or(subject->status, "phase", "Pending");
    if (strcmp(phase, "Bound") == 0)
        return;
    bool lost = strcmp(phase, "Lost") == 0;
    status_set(out, lost ? CAT_STATUS_DEGRADED : CAT_STATUS_PROGRESSING, lost ? "VolumeLost" : "VolumePending",
               lost ? "The volume of PersistentVolumeClaim %s is gone%s%s"
                    : "PersistentVolumeClaim %s waits for a volume of %s, storage class %s",
               subject->name, lost ? "" : cat_view_text_or(subject->spec, "resources.requests.storage", "unknown size"),
               lost ? "" : cat_view_text_or(subject->spec, "storageClassName", "default"));
    status_next(out, lost ? "Restore it from a backup" : "Check that the storage class exists and has room");
}

void status_of_service(const status_subject *subject, cat_object_status *out)
{
    if (!cat_text_equal(cat_view_text(subject->spec, "type"), "LoadBalancer") ||
        cat_view_count(cat_view_get(subject->status, "loadBalancer.ingress")) > 0)
        return;
    status_set(out, CAT_STATUS_PROGRESSING, "AddressPending", "Service %s waits for the address of its load balancer",
               subject->name);
    status_next(out, "Wait; if it stays so, check the cluster's load balancer controller");
}
