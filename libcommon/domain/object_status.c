#include "domain/object_status.h"

#include <stdio.h>
#include <string.h>

#include "domain/kinds.h"
#include "domain/object_status_internal.h"
#include "wire/kubernetes.h"

static const char *const names[] = {"Running", "Progressing", "Degraded", "Suspended", "Missing", "Unknown"};
#define STATUS_COUNT (sizeof(names) / sizeof(*names))

const char *cat_status_name(cat_status status)
{
    return status < STATUS_COUNT ? names[status] : "Unknown";
}

bool cat_status_parse(const char *text, cat_status *status)
{
    for (size_t i = 0; text && i < STATUS_COUNT; i++)
        if (strcmp(names[i], text) == 0) {
            *status = (cat_status)i;
            return true;
        }
    return false;
}

cat_status cat_status_worse(cat_status a, cat_status b)
{
    static const int urgency[] = {[CAT_STATUS_DEGRADED] = 5,    [CAT_STATUS_MISSING] = 4,   [CAT_STATUS_UNKNOWN] = 3,
                                  [CAT_STATUS_PROGRESSING] = 2, [CAT_STATUS_SUSPENDED] = 1, [CAT_STATUS_RUNNING] = 0};
    return urgency[a] >= urgency[b] ? a : b;
}

static bool is_of_older_generation(const status_subject *subject, cat_view condition)
{
    int64_t generation = cat_view_int_or(subject->object, "metadata.generation", 0);
    return cat_view_int_or(condition, "observedGeneration", generation) < generation;
}

cat_view status_condition(const status_subject *subject, const char *type)
{
    cat_view item;
    if (!cat_view_is_array(subject->conditions))
        return (cat_view){NULL};
    for (cat_view_iterator it = cat_view_each(subject->conditions); cat_view_next(&it, NULL, &item);)
        if (cat_text_equal(cat_view_text(item, "type"), type) && !is_of_older_generation(subject, item))
            return item;
    return (cat_view){NULL};
}

bool status_condition_is(const status_subject *subject, const char *type, const char *value)
{
    return cat_text_equal(cat_view_text(status_condition(subject, type), "status"), value);
}

/* vsnprintf cuts anywhere; half a character at the end would make the row no JSON. */
static void cut_whole(char *out)
{
    for (size_t length = strlen(out), tries = 0; length && tries < 4 && !cat_text_is_utf8(out, length); tries++)
        out[--length] = 0;
}

void status_set(cat_object_status *out, cat_status status, const char *reason, const char *format, ...)
{
    out->status = status;
    snprintf(out->reason, sizeof(out->reason), "%s", reason);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(out->message, sizeof(out->message), format, arguments);
    va_end(arguments);
    cut_whole(out->message);
    cut_whole(out->reason);
}

void status_next(cat_object_status *out, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(out->next, sizeof(out->next), format, arguments);
    va_end(arguments);
    cut_whole(out->next);
}

void status_since(cat_object_status *out, cat_view condition)
{
    snprintf(out->since, sizeof(out->since), "%s", cat_view_text_or(condition, "lastTransitionTime", ""));
    cut_whole(out->since);
}

/* Do conditions speak of an older generation alone? Then nobody has looked at the newest spec yet. */
static bool has_only_old_conditions(const status_subject *subject)
{
    cat_view item;
    bool old = false;
    if (!cat_view_is_array(subject->conditions))
        return false;
    for (cat_view_iterator it = cat_view_each(subject->conditions); cat_view_next(&it, NULL, &item);) {
        if (!is_of_older_generation(subject, item))
            return false;
        old = true;
    }
    return old;
}

bool status_is_observed(const status_subject *subject)
{
    int64_t generation = cat_view_int_or(subject->object, "metadata.generation", 0);
    return cat_view_int_or(subject->status, "observedGeneration", generation) == generation && !has_only_old_conditions(subject);
}

static void fail_condition(const status_subject *subject, cat_view condition, cat_object_status *out)
{
    const char *reason = cat_view_text_or(condition, "reason", "NotReady"), *message = cat_view_text_or(condition, "message", "");
    status_set(out, CAT_STATUS_DEGRADED, reason, "%s %s is not ready%s%s", subject->kind, subject->name, *message ? ": " : "",
               message);
    status_next(out, "Read the message; it comes from the controller of %s", subject->kind);
    status_since(out, condition);
}

static void set_reconciling(const status_subject *subject, cat_view condition, cat_object_status *out)
{
    status_set(out, CAT_STATUS_PROGRESSING, cat_view_text_or(condition, "reason", "Reconciling"),
               "%s %s is being brought up to date: %s", subject->kind, subject->name,
               cat_view_text_or(condition, "message", "the work has begun"));
    status_next(out, "Wait for it to end");
    status_since(out, condition);
}

/* What kstatus asks of every kind before its own rule: the newest generation was seen; Reconciling is on its way, Stalled fails,
 * and of both the first in the list counts. false: nothing is decided. */
static bool status_of_any(const status_subject *subject, cat_object_status *out)
{
    if (!status_is_observed(subject)) {
        status_set(out, CAT_STATUS_PROGRESSING, "GenerationNotObserved", "The latest change of %s %s has not been taken up yet",
                   subject->kind, subject->name);
        status_next(out, "Wait; if it stays so, look whether the controller of %s runs", subject->kind);
        return true;
    }
    cat_view item;
    if (!cat_view_is_array(subject->conditions))
        return false;
    for (cat_view_iterator it = cat_view_each(subject->conditions); cat_view_next(&it, NULL, &item);) {
        const char *type = cat_view_text_or(item, "type", "");
        if (!cat_text_equal(cat_view_text(item, "status"), "True") || is_of_older_generation(subject, item))
            continue;
        if (strcmp(type, "Reconciling") == 0)
            return set_reconciling(subject, item, out), true;
        if (strcmp(type, "Stalled") == 0)
            return fail_condition(subject, item, out), true;
    }
    return false;
}

/* Of kinds without a rule Ready decides: what is not True yet is on its way, as its controller calls what will not come Stalled.
 * Without any of these conditions an object that is there is well. */
void status_of_conditions(const status_subject *subject, cat_object_status *out)
{
    cat_view ready = status_condition(subject, "Ready");
    const char *value = cat_view_text_or(ready, "status", "True"), *message = cat_view_text_or(ready, "message", "");
    if (strcmp(value, "True") == 0)
        return;
    status_set(out, CAT_STATUS_PROGRESSING, cat_view_text_or(ready, "reason", "NotReady"),
               strcmp(value, "False") == 0 ? "%s %s is not ready yet%s%s" : "%s %s is not known to be ready yet%s%s",
               subject->kind, subject->name, *message ? ": " : "", message);
    if (strstr(message, "Correct ")) /* it says itself what to do, and no waiting helps */
        status_next(out, "Do what the message says; it is tried again by itself");
    else
        status_next(out, "Wait; if it stays so, read the message, which comes from the controller of %s", subject->kind);
    status_since(out, ready);
}

/* Catalyst's own objects say False for what failed, and for what waits for something that goes on elsewhere. */
void status_of_catalyst(const status_subject *subject, cat_object_status *out)
{
    cat_view ready = status_condition(subject, "Ready");
    if (cat_text_equal(cat_view_text(ready, "status"), "False") && !cat_text_equal(cat_view_text(ready, "reason"), "Waiting"))
        fail_condition(subject, ready, out);
    else
        status_of_conditions(subject, out);
}

/* Flux's kinds say more with the same conditions than kstatus reads. */
static bool has_own_conditions(const status_subject *subject)
{
    return strstr(subject->group, "toolkit.fluxcd.io") != NULL;
}

static void judge(const status_subject *subject, cat_object_status *out)
{
    if (!has_own_conditions(subject) && status_of_any(subject, out))
        return;
    cat_kind_rule(subject->group, subject->kind)(subject, out);
}

/* The finalizer that keeps it, but for those that Kubernetes itself takes off; NULL: there is none. */
static const char *finalizer_of(cat_view object)
{
    cat_view_iterator it = cat_view_each(cat_view_get(object, "metadata.finalizers"));
    cat_view one;
    while (cat_view_next(&it, NULL, &one)) {
        const char *name = cat_view_text_or(one, NULL, "");
        if (*name && strcmp(name, "foregroundDeletion") != 0 && strcmp(name, "orphan") != 0 &&
            strncmp(name, "kubernetes.io/", 14) != 0)
            return name;
    }
    return NULL;
}

/* `message`: what its controller says of its removal; "": nothing. */
static void say_what_holds(const status_subject *subject, const char *message, cat_object_status *status)
{
    const char *finalizer = finalizer_of(subject->object);
    if (strstr(message, "finalizer"))
        status_next(status, "If what set the finalizer is gone, take it off the object that the message names (kubectl edit, "
                            "metadata.finalizers)");
    else if (finalizer && strcmp(subject->group, CAT_GROUP) != 0 && !has_own_conditions(subject))
        status_next(status,
                    "Wait for what set the finalizer %.80s; if that is gone, take it off (kubectl edit, metadata.finalizers)",
                    finalizer);
    else
        status_next(status, "Wait until it is gone");
}

void cat_object_status_of(cat_view object, cat_object_status *status)
{
    *status = (cat_object_status){.status = CAT_STATUS_RUNNING, .wanted = -1, .ready = -1};
    const char *api_version = cat_view_text_or(object, "apiVersion", ""), *slash = strchr(api_version, '/');
    char group[128] = "";
    if (slash)
        snprintf(group, sizeof(group), "%.*s", (int)(slash - api_version), api_version);
    cat_view status_view = cat_view_get(object, "status");
    const status_subject subject = {.object = object,
                                    .spec = cat_view_get(object, "spec"),
                                    .status = status_view,
                                    .conditions = cat_view_get(status_view, "conditions"),
                                    .kind = cat_view_text_or(object, "kind", "The object"),
                                    .name = cat_view_text_or(object, "metadata.name", ""),
                                    .group = group};
    if (!cat_view_is_object(object)) {
        status_set(status, CAT_STATUS_UNKNOWN, "NoObject", "What arrived is no Kubernetes object");
        status_next(status, "Wait for the next event");
        return;
    }
    judge(&subject, status);
    if (cat_view_text(object, "metadata.deletionTimestamp")) {
        /* What a removal waits for, the control plane says at its own objects. */
        cat_view ready = strcmp(group, CAT_GROUP) == 0 ? status_condition(&subject, "Ready") : (cat_view){NULL};
        bool waits = cat_text_equal(cat_view_text(ready, "status"), "False") && cat_view_text(ready, "message");
        status_set(status, CAT_STATUS_PROGRESSING, "Terminating", "%s %s is being removed%s%s", subject.kind, subject.name,
                   waits ? ": " : "", waits ? cat_view_text(ready, "message") : "");
        say_what_holds(&subject, waits ? cat_view_text(ready, "message") : "", status);
        snprintf(status->since, sizeof(status->since), "%s", cat_view_text(object, "metadata.deletionTimestamp"));
        cut_whole(status->since);
    }
}
