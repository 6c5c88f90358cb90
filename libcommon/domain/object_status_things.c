/* What is no workload: claims, Services, definitions of kinds. */
#include <string.h>

#include "domain/object_status_internal.h"
#include "wire/kubernetes.h"

/* Kubernetes' volume controller writes who makes the volume as soon as it asks for it, and the scheduler the node of the first
 * consumer (volume.kubernetes.io/storage-provisioner, .../selected-node). A claim of a class with neither has nobody at work: its
 * class waits for a first consumer. That the class is missing is told by an Event, not by the claim. */
static bool waits_for_consumer(const status_subject *subject)
{
    static const char *const SIGNS[] = {"volume.kubernetes.io/storage-provisioner",
                                        "volume.beta.kubernetes.io/storage-provisioner", "volume.kubernetes.io/selected-node"};
    cat_view annotations = cat_view_get(subject->object, "metadata.annotations");
    for (size_t i = 0; i < sizeof SIGNS / sizeof *SIGNS; i++)
        if (cat_view_member(annotations, SIGNS[i]).value)
            return false;
    return *cat_view_text_or(subject->spec, "storageClassName", "") && !*cat_view_text_or(subject->spec, "volumeName", "");
}

/* Nothing is wrong with it, but Git and the cluster say different things. */
static void say_larger(const status_subject *subject, cat_object_status *out)
{
    const char *size = cat_view_text_or(subject->spec, "resources.requests.storage", "more");
    if (!cat_view_member(cat_view_get(subject->object, "metadata.annotations"), CAT_ANNOTATION_LARGER).value)
        return;
    status_set(out, CAT_STATUS_RUNNING, "LargerThanGit",
               "PersistentVolumeClaim %s has %s, more than Git says: as a volume cannot become smaller, Flux leaves it as it is "
               "and applies everything else; to have both agree, ask for %s in the Application's configuration",
               subject->name, size, size);
}

void status_of_volume_claim(const status_subject *subject, cat_object_status *out)
{
    const char *phase = cat_view_text_or(subject->status, "phase", "Pending");
    if (strcmp(phase, "Bound") == 0) {
        say_larger(subject, out);
        return;
    }
    if (strcmp(phase, "Lost") == 0) {
        status_set(out, CAT_STATUS_DEGRADED, "VolumeLost", "The volume of PersistentVolumeClaim %s is gone", subject->name);
        status_next(out, "Restore it from a backup");
        return;
    }
    if (waits_for_consumer(subject)) {
        status_set(out, CAT_STATUS_RUNNING, "WaitsForConsumer",
                   "PersistentVolumeClaim %s gets its volume of storage class %s with the first Pod that uses it", subject->name,
                   cat_view_text_or(subject->spec, "storageClassName", ""));
        return;
    }
    status_set(out, CAT_STATUS_PROGRESSING, "VolumePending",
               "PersistentVolumeClaim %s waits for a volume of %s, storage class %s", subject->name,
               cat_view_text_or(subject->spec, "resources.requests.storage", "unknown size"),
               cat_view_text_or(subject->spec, "storageClassName", "default"));
    status_next(out, "Check that the storage class exists and has room");
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

/* kstatus has no rule for it. With AbleToScale its controller says whether it finds what it scales; metrics that are missing
 * leave everything as it is, and are told by its events. */
void status_of_autoscaler(const status_subject *subject, cat_object_status *out)
{
    cat_view able = status_condition(subject, "AbleToScale");
    if (!cat_text_equal(cat_view_text(able, "status"), "False") ||
        !cat_text_equal(cat_view_text(able, "reason"), "FailedGetScale") ||
        !strstr(cat_view_text_or(able, "message", ""), "not found")) {
        status_of_conditions(subject, out);
        return;
    }
    status_set(out, CAT_STATUS_DEGRADED, "TargetMissing", "HorizontalPodAutoscaler %s finds no %s %s to scale", subject->name,
               cat_view_text_or(subject->spec, "scaleTargetRef.kind", "target"),
               cat_view_text_or(subject->spec, "scaleTargetRef.name", "?"));
    status_next(out, "Correct its scaleTargetRef, or add what it names");
    status_since(out, able);
}

/* Established with names that nobody else has; Installing is the time between. */
void status_of_definition(const status_subject *subject, cat_object_status *out)
{
    cat_view names = status_condition(subject, "NamesAccepted"), established = status_condition(subject, "Established");
    const char *reason = cat_view_text_or(established, "reason", "");
    bool refused = cat_text_equal(cat_view_text(names, "status"), "False");
    bool failed = cat_text_equal(cat_view_text(established, "status"), "False") && strcmp(reason, "Installing") != 0;
    if (refused || failed) {
        cat_view why = refused ? names : established;
        status_set(out, CAT_STATUS_DEGRADED, cat_view_text_or(why, "reason", "NotAccepted"), "%s %s is not served: %s",
                   subject->kind, subject->name, cat_view_text_or(why, "message", "no reason is given"));
        status_next(out, refused ? "Choose names that no other kind has" : "Correct the definition as the message says");
        status_since(out, why);
        return;
    }
    if (cat_text_equal(cat_view_text(established, "status"), "True"))
        return;
    status_set(out, CAT_STATUS_PROGRESSING, "Installing", "%s %s is being installed", subject->kind, subject->name);
    status_next(out, "Wait; it takes a few seconds");
}
