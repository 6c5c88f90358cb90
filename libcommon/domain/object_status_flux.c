#include <string.h>

#include "base/memory.h"
#include "domain/apply_words.h"
#include "domain/home.h"
#include "domain/kustomize_words.h"
#include "domain/object_status_internal.h"
#include "domain/volume_growth.h"
#include "wire/kubernetes.h"

/* Reasons of Flux's Ready condition: what they mean to people, and whether time alone can heal them. */
static const struct {
    const char *reason;
    cat_status status;
    const char *sentence, *next;
} reasons[] = {
    {"HealthCheckFailed", CAT_STATUS_DEGRADED, "what was applied is not well", "Look at the objects that the message names"},
    {"HealthCheckCanceled", CAT_STATUS_PROGRESSING, "a newer change came before what was applied was well",
     "Wait; Flux begins anew with the newer change"},
    {"ReconciliationFailed", CAT_STATUS_DEGRADED, "the cluster refuses the manifests",
     "Correct the object that the message names, and commit"},
    {"PruneFailed", CAT_STATUS_DEGRADED, "old objects cannot be removed", "Look at the objects that the message names"},
    {"SourceNotReady", CAT_STATUS_PROGRESSING, "the source is not ready", "Look at the GitRepository"},
    {"AuthenticationFailed", CAT_STATUS_DEGRADED, "the repository refuses the credentials", "Renew the read token"},
    {"InstallFailed", CAT_STATUS_DEGRADED, "the chart cannot be installed", "Correct the values or the chart"},
    {"UpgradeFailed", CAT_STATUS_DEGRADED, "the chart cannot be upgraded",
     "Correct the values, or go back to the version before"},
    {"Progressing", CAT_STATUS_PROGRESSING, "work is under way", "Wait for it to end"},
    {"ProgressingWithRetry", CAT_STATUS_PROGRESSING, "it is tried again", "Wait; if it stays so, look at its objects"}};

/* What source-controller (and go-git, which it uses) says of a repository that it cannot read: its own words name folders and
 * addresses. The last stands for all others. */
static const struct {
    const char *mark, *sentence, *next;
} unreadable[] = {{"repository not found", "the repository is not there: it was renamed, moved or deleted",
                   "Give it its name back, or uninstall the Application"},
                  {"authentication required", "the repository refuses the read token", "Wait until it is renewed"},
                  {"authorization failed", "the repository refuses the read token", "Wait until it is renewed"},
                  {"invalid path",
                   "a file has a name that Git does not write into a folder: one with a control character, or one of Git's own",
                   "Give the file another name, and commit"},
                  {"reference not found", "the branch is not there", "Push the branch anew"},
                  {"couldn't find remote ref", "the branch is not there", "Push the branch anew"},
                  {"connection refused", "the Git server does not answer", "Wait; Flux tries again"},
                  {"i/o timeout", "the Git server does not answer", "Wait; Flux tries again"},
                  {"deadline exceeded", "the Git server does not answer in time", "Wait; Flux tries again"},
                  {"", "the repository cannot be read",
                   "Look at what was pushed last, links above all; the Sovereign's people find more in source-controller's log"}};

static void judge_unreadable_source(const status_subject *subject, const char *message, cat_object_status *out)
{
    size_t i = 0;
    while (!strstr(message, unreadable[i].mark))
        i++;
    status_set(out, CAT_STATUS_DEGRADED, "GitOperationFailed", "%s %s: %s", subject->kind, subject->name, unreadable[i].sentence);
    status_next(out, "%s", unreadable[i].next);
}

/* A new Kustomization is looked at before its source was read for the first time. */
static void judge_missing_artifact(const status_subject *subject, const char *message, cat_object_status *out)
{
    bool is_new = strstr(message, "artifact not found") != NULL;
    status_set(out, is_new ? CAT_STATUS_PROGRESSING : CAT_STATUS_DEGRADED, "ArtifactFailed", "%s %s: %s", subject->kind,
               subject->name, is_new ? "its source has not been read yet" : "the source's content cannot be had");
    status_next(out, is_new ? "Wait for Flux; if it stays so, look at the GitRepository" : "Look at the GitRepository");
}

/* "dependency 'flux-system/shop-db-dev' is not ready": the Kustomization of an Application in this Environment. */
static void judge_waiting_for_dependency(const status_subject *subject, const char *message, cat_object_status *out)
{
    const char *start = strstr(message, "'" CAT_HOME_FLUX_NAMESPACE "/");
    start = start ? start + strlen("'" CAT_HOME_FLUX_NAMESPACE "/") : "";
    size_t length = strcspn(start, "'"), name = length;
    while (name > 0 && start[name] != '-')
        name--;
    if (name == 0 || start[length] != '\'') {
        status_set(out, CAT_STATUS_PROGRESSING, "DependencyNotReady", "%s %s: it waits for an Application that it depends on",
                   subject->kind, subject->name);
        status_next(out, "Look at the Applications that it uses");
        return;
    }
    status_set(out, CAT_STATUS_PROGRESSING, "DependencyNotReady", "%s %s: it waits for Application %.*s, which it depends on",
               subject->kind, subject->name, (int)name, start);
    status_next(out, "Look at Application %.*s", (int)name, start);
}

static void judge_unanswered(const status_subject *subject, const char *message, cat_object_status *out)
{
    cat_autofree char *means = cat_apply_words(message);
    status_set(out, CAT_STATUS_DEGRADED, "ApplyNotAnswered", "%s %s: the manifests could not be applied: %s", subject->kind,
               subject->name, means);
    status_next(out, strstr(message, "webhook") ? "Have whoever set the webhook up in this cluster mend it, or take it away"
                                                : "Wait; if it stays so, tell the Sovereign's people");
}

static void judge_not_ready(const status_subject *subject, cat_view ready, cat_object_status *out)
{
    const char *reason = cat_view_text_or(ready, "reason", "NotReady"), *message = cat_view_text_or(ready, "message", "");
    char refused[CAT_HOME_SENTENCE_MAX], namespace[CAT_VOLUME_NAME_MAX], volume[CAT_VOLUME_NAME_MAX];
    if (cat_volume_refused(message, namespace, volume)) {
        status_set(out, CAT_STATUS_PROGRESSING, "VolumeLarger",
                   "%s %s: volume %s is larger than Git says and cannot become smaller, so it is being left as it is",
                   subject->kind, subject->name, volume);
        status_next(out, "Wait a few seconds; what else was changed goes on then");
        return;
    }
    if (cat_home_explain(message, refused)) {
        status_set(out, CAT_STATUS_DEGRADED, "NotAtHome", "%s %s: the cluster refuses %s", subject->kind, subject->name, refused);
        status_next(out, "%s",
                    strstr(refused, "It is tried again by itself")
                        ? "Wait a minute; if it stays so, tell the Sovereign's people"
                        : "Take the object that the message names out of the repository, or correct it, and commit");
        return;
    }
    if (strcmp(reason, "GitOperationFailed") == 0) {
        judge_unreadable_source(subject, message, out);
        return;
    }
    if (strcmp(reason, "BuildFailed") == 0) {
        cat_autofree char *means = cat_kustomize_words(message);
        status_set(out, CAT_STATUS_DEGRADED, reason, "%s %s: the manifests cannot be built%s%s", subject->kind, subject->name,
                   means ? ": " : "", means ? means : "");
        status_next(
            out, "Correct what the message names, or go back to the commit before; the plan of a change says what can be said");
        return;
    }
    if (strcmp(reason, "ArtifactFailed") == 0) {
        judge_missing_artifact(subject, message, out);
        return;
    }
    if (strcmp(reason, "DependencyNotReady") == 0) {
        judge_waiting_for_dependency(subject, message, out);
        return;
    }
    if (strcmp(reason, "ReconciliationFailed") == 0 && cat_apply_is_unanswered(message)) {
        judge_unanswered(subject, message, out);
        return;
    }
    cat_autofree char *means = strcmp(reason, "ReconciliationFailed") == 0 && *message ? cat_apply_words(message)
                               : strcmp(reason, "HealthCheckFailed") == 0              ? cat_health_words(message)
                                                                                       : NULL;
    if (means)
        message = means;
    for (size_t i = 0; i < sizeof(reasons) / sizeof(*reasons); i++)
        if (strcmp(reasons[i].reason, reason) == 0) {
            /* Of work under way Flux' own words say nothing that people can use. */
            if (reasons[i].status == CAT_STATUS_PROGRESSING)
                message = "";
            status_set(out, reasons[i].status, reason, "%s %s: %s%s%.400s", subject->kind, subject->name, reasons[i].sentence,
                       *message ? ": " : "", message);
            status_next(out, "%s", reasons[i].next);
            return;
        }
    bool unknown = cat_text_equal(cat_view_text(ready, "status"), "Unknown");
    status_set(out, unknown ? CAT_STATUS_PROGRESSING : CAT_STATUS_DEGRADED, reason, "%s %s is not ready%s%.300s", subject->kind,
               subject->name, *message ? ": " : "", message);
    status_next(out, unknown ? "Wait for Flux" : "Read the message and correct what it names");
}

void status_of_flux(const status_subject *subject, cat_object_status *out)
{
    cat_view ready = status_condition(subject, "Ready"), stalled = status_condition(subject, "Stalled");
    bool is_stalled = cat_text_equal(cat_view_text(stalled, "status"), "True");
    const char *not_built = cat_view_text_or(
        cat_view_member(cat_view_get(subject->object, "metadata.annotations"), CAT_ANNOTATION_NOT_BUILT), NULL, "");
    status_since(out, ready);
    if (*not_built) {
        status_set(out, CAT_STATUS_DEGRADED, "NotBuilt", "%s %s: the newest commit is not built: %.300s", subject->kind,
                   subject->name, not_built);
        status_next(out, strstr(not_built, "holds more than")
                             ? "Take out what is no part of it, or keep it in a repository of its own, and commit"
                             : "Correct the file that the message names, and commit");
        return;
    }
    if (cat_view_bool_or(subject->spec, "suspend", false)) {
        status_set(out, CAT_STATUS_SUSPENDED, "Suspended", "%s %s is suspended: changes in Git are not applied", subject->kind,
                   subject->name);
        status_next(out, "Resume its Application; where that is not suspended, this was done by hand, and Catalyst resumes it "
                         "within a minute");
    } else if (ready.value && !cat_text_equal(cat_view_text(ready, "status"), "True")) {
        judge_not_ready(subject, ready, out);
    } else if (is_stalled) {
        status_since(out, stalled);
        judge_not_ready(subject, stalled, out); /* Ready says nothing of it, so its own words have to */
    } else if (!ready.value || !status_is_observed(subject) || status_condition_is(subject, "Reconciling", "True")) {
        status_set(out, CAT_STATUS_PROGRESSING, "Progressing", "%s %s has not been brought up to date yet", subject->kind,
                   subject->name);
        status_next(out, "Wait for Flux");
    }
    if (is_stalled)
        out->status = CAT_STATUS_DEGRADED; /* Flux itself says that waiting does not help */
}

void status_of_external_secret(const status_subject *subject, cat_object_status *out)
{
    cat_view ready = status_condition(subject, "Ready");
    status_since(out, ready);
    if (cat_text_equal(cat_view_text(ready, "status"), "True"))
        return;
    if (!ready.value) {
        status_set(out, CAT_STATUS_PROGRESSING, "SecretPending", "%s %s has not been filled from the secret store yet",
                   subject->kind, subject->name);
        status_next(out, "Wait for External Secrets");
        return;
    }
    status_set(out, CAT_STATUS_DEGRADED, cat_view_text_or(ready, "reason", "SecretSyncedError"),
               "%s %s cannot be filled from the secret store: %.300s", subject->kind, subject->name,
               cat_view_text_or(ready, "message", "no reason is given"));
    status_next(out, "Check that the secret exists in the store and that the SecretStore is ready");
}
