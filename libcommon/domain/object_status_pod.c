#include <stdio.h>
#include <string.h>

#include "base/string.h"
#include "domain/event_words.h"
#include "domain/object_status_internal.h"
#include "domain/scheduler_words.h"

/* What a container waits for, and what helps. The image is named where it is the cause. */
static const struct {
    const char *reason;
    bool about_image, fails;
    const char *sentence, *next;
} waits[] = {
    {"ImagePullBackOff", true, true, "cannot fetch its image",
     "Check the image's name and tag, and the credentials for its registry"},
    {"InvalidImageName", true, true, "has an image name that is not valid", "Correct the image's name"},
    {"ErrImageNeverPull", true, true, "may not fetch its image", "Load the image onto the node, or change imagePullPolicy"},
    {"ImageInspectError", true, true, "has an image that cannot be read", "Push the image again"},
    {"CrashLoopBackOff", false, true, "keeps ending", "Read its log, and the log of its previous run"},
    {"CreateContainerConfigError", false, true, "refers to settings that are missing",
     "Check the ConfigMaps and Secrets that it names"},
    {"CreateContainerError", false, true, "could not be made", "Check its command and its volumes"},
    {"RunContainerError", false, true, "could not be started", "Check its command and its volumes"},
    {"ContainerCreating", false, false, "is being made", "Wait; volumes and images may take a while"},
    {"PodInitializing", false, false, "waits for the init containers", "Wait; if it stays so, read the init containers' logs"}};

/* What a program on the node says of its own insides is not for people: the sentence before it, and the next step, are. */
static const char *plain(const char *text)
{
    return cat_text_has_address(text) || strstr(text, "rpc error") || strstr(text, "unix /") ? "" : text;
}

static void end_of_last_run(cat_view container, char *out, size_t size)
{
    cat_view last = cat_view_get(container, "lastState.terminated");
    const char *reason = cat_view_text(last, "reason");
    long long code = cat_view_int_or(last, "exitCode", -1), restarts = cat_view_int_or(container, "restartCount", 0);
    if (!last.value)
        snprintf(out, size, "started %lld times", restarts + 1);
    else if (cat_text_equal(reason, "OOMKilled"))
        snprintf(out, size, "it ran out of memory, restarted %lld times", restarts);
    else
        snprintf(out, size, "last exit code %lld, restarted %lld times", code, restarts);
}

static bool judge_waiting(const status_subject *subject, cat_view container, cat_view waiting, cat_object_status *out)
{
    const char *reason = cat_view_text_or(waiting, "reason", "Waiting"), *name = cat_view_text_or(container, "name", "");
    /* The kubelet says the two in turns; people hear of one. */
    if (strcmp(reason, "ErrImagePull") == 0)
        reason = "ImagePullBackOff";
    for (size_t i = 0; i < sizeof(waits) / sizeof(*waits); i++) {
        if (strcmp(waits[i].reason, reason) != 0)
            continue;
        const char *words = plain(cat_view_text_or(waiting, "message", ""));
        char detail[200] = "";
        if (waits[i].about_image)
            snprintf(detail, sizeof(detail), "%s", cat_view_text_or(container, "image", "unknown"));
        else if (strcmp(reason, "CrashLoopBackOff") == 0)
            end_of_last_run(container, detail, sizeof(detail));
        else
            snprintf(detail, sizeof(detail), "%.*s", (int)cat_text_cut(words, sizeof detail - 1), words);
        status_set(out, waits[i].fails ? CAT_STATUS_DEGRADED : CAT_STATUS_PROGRESSING, reason, "Container %s of Pod %s %s%s%s",
                   name, subject->name, waits[i].sentence, *detail ? ": " : "", detail);
        status_next(out, "%s", waits[i].next);
        if (cat_text_equal(cat_view_text(container, "lastState.terminated.reason"), "OOMKilled"))
            status_next(out, "Raise the container's memory limit, or make it use less");
        return true;
    }
    status_set(out, CAT_STATUS_PROGRESSING, reason, "Container %s of Pod %s waits: %s", name, subject->name,
               *plain(cat_view_text_or(waiting, "message", "")) ? cat_view_text_or(waiting, "message", "") : reason);
    status_next(out, "Wait; if it stays so, look at the Pod's events");
    return true;
}

static bool judge_terminated(const status_subject *subject, cat_view container, cat_view terminated, cat_object_status *out)
{
    long long code = cat_view_int_or(terminated, "exitCode", 0);
    if (code == 0)
        return false;
    const char *reason = cat_view_text_or(terminated, "reason", "Error"), *name = cat_view_text_or(container, "name", "");
    /* Between its end and the next start it is the same trouble as while it waits for it. */
    bool again = cat_view_int_or(container, "restartCount", 0) > 0 &&
                 !cat_text_equal(cat_view_text(subject->spec, "restartPolicy"), "Never");
    bool memory = strcmp(reason, "OOMKilled") == 0;
    status_set(out, CAT_STATUS_DEGRADED, again ? "CrashLoopBackOff" : reason,
               "Container %s of Pod %s ended with exit code %lld%s", name, subject->name, code,
               memory ? ": it ran out of memory" : "");
    status_next(out, memory ? "Raise the container's memory limit, or make it use less" : "Read its log");
    return true;
}

static bool judge_containers(const status_subject *subject, const char *path, cat_object_status *out)
{
    cat_view list = cat_view_get(subject->status, path), container;
    if (!cat_view_is_array(list))
        return false;
    cat_object_status worst = *out;
    bool found = false;
    for (cat_view_iterator it = cat_view_each(list); cat_view_next(&it, NULL, &container);) {
        cat_object_status one = *out;
        cat_view waiting = cat_view_get(container, "state.waiting"), terminated = cat_view_get(container, "state.terminated");
        bool bad = waiting.value ? judge_waiting(subject, container, waiting, &one)
                                 : terminated.value && judge_terminated(subject, container, terminated, &one);
        if (bad && (!found || (one.status == CAT_STATUS_DEGRADED && worst.status != CAT_STATUS_DEGRADED)))
            worst = one;
        found = found || bad;
    }
    if (found)
        *out = worst;
    return found;
}

/* The scheduler does not say which labels it looked for. */
static void name_labels(cat_view spec, char *out, size_t size)
{
    enum { NAMED_MAX = 3 };
    cat_view_iterator it = cat_view_each(cat_view_member(spec, "nodeSelector"));
    cat_view value;
    const char *label;
    *out = 0;
    for (int count = 0; count < NAMED_MAX && cat_view_next(&it, &label, &value); count++) {
        size_t length = strlen(out);
        snprintf(out + length, size - length, "%s%.80s=%.63s", count ? ", " : "; nodeSelector asks for ", label,
                 cat_view_text_or(value, NULL, ""));
    }
}

static void judge_pending(const status_subject *subject, cat_object_status *out)
{
    cat_view scheduled = status_condition(subject, "PodScheduled");
    if (cat_text_equal(cat_view_text(scheduled, "reason"), "Unschedulable")) {
        cat_pod_requests asked = cat_pod_requests_of(subject->spec);
        cat_scheduler_words words;
        cat_scheduler_words_of(cat_view_text_or(scheduled, "message", ""), &asked, &words);
        char labels[480] = "";
        if (strstr(cat_view_text_or(scheduled, "message", ""), "node affinity/selector"))
            name_labels(subject->spec, labels, sizeof labels);
        status_set(out, CAT_STATUS_DEGRADED, "Unschedulable", "No node can take Pod %s: %s%s", subject->name, words.cause,
                   labels);
        status_next(out, "%s", words.next);
        status_since(out, scheduled);
        return;
    }
    status_set(out, CAT_STATUS_PROGRESSING, "Pending",
               scheduled.value ? "Pod %s has a node and is about to start" : "Pod %s waits for a node", subject->name);
    status_next(out, "Wait; if it stays so, look at the Pod's events");
}

/* A Pod that has failed stays so, whatever its other containers still wait for. */
static void judge_failed(const status_subject *subject, cat_object_status *out)
{
    const char *reason = cat_view_text(subject->status, "reason"), *message = cat_view_text(subject->status, "message");
    cat_view list = cat_view_get(subject->status, "containerStatuses"), container;
    for (cat_view_iterator it = cat_view_each(list); !reason && cat_view_next(&it, NULL, &container);) {
        cat_view terminated = cat_view_get(container, "state.terminated");
        if (terminated.value && judge_terminated(subject, container, terminated, out))
            return;
    }
    status_set(out, CAT_STATUS_DEGRADED, reason ? reason : "PodFailed", "Pod %s failed: %s", subject->name,
               message && *plain(message) ? message
               : reason                   ? reason
                                          : "no reason is given");
    status_next(out, "Read its log and its events");
}

void status_of_pod(const status_subject *subject, cat_object_status *out)
{
    const char *phase = cat_view_text_or(subject->status, "phase", "Pending");
    cat_view ready = status_condition(subject, "Ready");
    bool is_ready = cat_text_equal(cat_view_text(ready, "status"), "True");
    if (strcmp(phase, "Succeeded") == 0 || (strcmp(phase, "Running") == 0 && is_ready))
        return;
    status_since(out, ready);
    if (strcmp(phase, "Failed") == 0)
        judge_failed(subject, out);
    else if (judge_containers(subject, "initContainerStatuses", out) || judge_containers(subject, "containerStatuses", out))
        return;
    else if (strcmp(phase, "Pending") == 0)
        judge_pending(subject, out);
    else if (strcmp(phase, "Unknown") == 0) {
        status_set(out, CAT_STATUS_UNKNOWN, "NodeLost", "Nothing is heard from the node of Pod %s", subject->name);
        status_next(out, "Check the node %s", cat_view_text_or(subject->spec, "nodeName", ""));
    } else {
        status_set(out, CAT_STATUS_PROGRESSING, "NotReady", "Pod %s runs, but its readiness check does not succeed yet",
                   subject->name);
        status_next(out, "Wait; if it stays so, compare the readiness probe with the log");
    }
}
