/* What people should hear of first. The state of an Application is the worst of what it consists of; the words are those of the
 * deepest resource that explains it: a Pod whose image cannot be pulled says more than its Deployment that waits. */
#include "fold_cause.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

#define OWNER_STEPS_MAX 5
#define CLOCKS_DIFFER_MS 5000

bool fold_is_content(const fold_row *row)
{
    return row->kind != FOLD_KUSTOMIZATION && row->kind != FOLD_GITREPOSITORY && row->kind != FOLD_APPLICATION_OBJECT &&
           row->kind != FOLD_REPOSITORY && row->kind != FOLD_EVENT && row->kind != FOLD_NAMESPACE;
}

const char *fold_commit_of_revision(const char *revision)
{
    if (!revision)
        return NULL;
    const char *colon = strrchr(revision, ':'), *slash = strrchr(revision, '/');
    const char *commit = colon ? colon + 1 : slash ? slash + 1 : revision;
    size_t length = strlen(commit);
    return (length == 40 || length == 64) && strspn(commit, "0123456789abcdef") == length ? commit : NULL;
}

static int compare_key(const void *key, const void *member)
{
    return strcmp(key, (*(fold_row *const *)member)->key);
}

static const fold_row *find_member(const fold_members *members, const char *key)
{
    fold_row **found = bsearch(key, members->rows, members->count, sizeof *members->rows, compare_key);
    return found ? *found : NULL;
}

/* The row at the top of a chain of owners. What is made by something that runs does not speak: an evicted Pod that was replaced
 * is no problem. */
static const fold_row *top_of(const fold_members *members, const fold_row *row)
{
    for (int step = 0; step < OWNER_STEPS_MAX; step++) {
        const char *owner = row->owner;
        const fold_row *above = owner ? find_member(members, owner) : NULL;
        if (!above)
            return row;
        row = above;
    }
    return row;
}

/* How much a resource's own words explain; 0: it does not speak. */
static int speech_of(const fold_members *members, const fold_row *row)
{
    /* The Application's object sums up all Environments; it speaks only while nothing else does (quote_waiting). */
    if (row->kind == FOLD_REPOSITORY || row->kind == FOLD_EVENT || row->kind == FOLD_APPLICATION_OBJECT)
        return 0;
    if (row->owner && top_of(members, row)->status == CAT_STATUS_RUNNING && top_of(members, row) != row)
        return 0;
    if (row->kind == FOLD_POD)
        return 6;
    if (row->kind == FOLD_VOLUME_CLAIM || row->kind == FOLD_JOB)
        return 5;
    if (row->kind == FOLD_GITREPOSITORY)
        return 4;
    /* The Kustomization only says that something is not well when it waits for the health of what it applied. */
    if (row->kind == FOLD_KUSTOMIZATION)
        return strstr(cat_view_text_or(fold_seen(row), "reason", ""), "HealthCheck") || row->status == CAT_STATUS_PROGRESSING ? 1
                                                                                                                              : 4;
    return row->owner ? 2 : 3;
}

static void set_text(char **text, const char *value)
{
    free(*text);
    *text = value && *value ? cat_strdup(value) : NULL;
}

static void speak(fold_cause *cause, const char *reason, const char *next, char *message_taken)
{
    set_text(&cause->reason, reason);
    set_text(&cause->next, next);
    free(cause->message);
    cause->message = message_taken;
}

static const fold_row *loudest(const fold_members *members, cat_status *status)
{
    const fold_row *found = NULL;
    int found_speech = 0;
    *status = CAT_STATUS_RUNNING;
    for (size_t i = 0; i < members->count; i++) {
        const fold_row *row = members->rows[i];
        int speech = speech_of(members, row);
        cat_status here = row->status;
        /* What Kubernetes has no rule for cannot be called ill. */
        if (speech == 0 || here == CAT_STATUS_RUNNING || (here == CAT_STATUS_UNKNOWN && row->kind != FOLD_KUSTOMIZATION))
            continue;
        bool worse = here != *status && cat_status_worse(here, *status) == here;
        if (!found || worse || (here == *status && speech > found_speech)) {
            found = row;
            found_speech = speech;
            *status = here;
        }
    }
    return found;
}

/* An Event of Kubernetes about a resource says why when the resource itself has no words. */
static const char *words_of_event(const fold_members *members, const char *key)
{
    const char *found = NULL, *found_at = "";
    for (size_t i = 0; i < members->count; i++) {
        if (members->rows[i]->kind != FOLD_EVENT)
            continue;
        cat_view_iterator it = cat_view_each(members->rows[i]->clusters);
        cat_view entry;
        while (cat_view_next(&it, NULL, &entry)) {
            const char *at = cat_view_text_or(entry, "at", "");
            if (cat_text_equal(cat_view_text(entry, "involved"), key) && strcmp(at, found_at) > 0) {
                found = cat_view_text(entry, "message");
                found_at = at;
            }
        }
    }
    return found;
}

static bool touches_configuration(cat_view commit)
{
    static const char *const PLACES[] = {"values.yaml", "overlays/",     "blueprint/",
                                         "secrets/",    "catalyst.yaml", "kustomization.yaml"};
    cat_view_iterator it = cat_view_each(cat_view_member(commit, "files"));
    cat_view file;
    while (cat_view_next(&it, NULL, &file))
        for (size_t i = 0; i < sizeof PLACES / sizeof *PLACES; i++)
            if (cat_text_starts_with(cat_view_text_or(file, NULL, ""), PLACES[i]))
                return true;
    return false;
}

/* What Flux has tried to apply; nothing newer can be the cause of anything. NULL when that is not known. */
static const char *attempted_commit(const fold_members *members)
{
    for (size_t i = 0; i < members->count; i++) {
        if (members->rows[i]->kind != FOLD_KUSTOMIZATION)
            continue;
        cat_view_iterator it = cat_view_each(members->rows[i]->clusters);
        cat_view entry;
        while (cat_view_next(&it, NULL, &entry)) {
            const char *commit = fold_commit_of_revision(cat_view_text(entry, "attempted"));
            if (commit)
                return commit;
        }
    }
    return NULL;
}

/* The newest commit of the branch that changed what runs, not after `since` ("" when not known; some seconds for clocks that
 * differ). */
static cat_view commit_before(const fold_members *members, const char *since)
{
    int64_t since_ms = INT64_MAX, commit_ms;
    if (since && *since && cat_time_parse(since, &since_ms))
        since_ms += CLOCKS_DIFFER_MS;
    cat_view commits = cat_view_member(members->repository, "commits"), commit;
    const char *attempted = attempted_commit(members);
    size_t at = 0, first = 0;
    cat_view_iterator it = cat_view_each(commits);
    for (; attempted && cat_view_next(&it, NULL, &commit); at++)
        if (cat_text_equal(cat_view_text(commit, "id"), attempted))
            first = at;
    it = cat_view_each(commits);
    for (at = 0; cat_view_next(&it, NULL, &commit); at++)
        if (at >= first && touches_configuration(commit) && cat_time_parse(cat_view_text_or(commit, "time", ""), &commit_ms) &&
            commit_ms <= since_ms)
            return commit;
    return (cat_view){NULL};
}

static char *describe_commit(cat_view commit)
{
    const char *message = cat_view_text_or(commit, "message", ""), *author = cat_view_text_or(commit, "author.name", "somebody");
    return cat_printf("commit %.8s \"%.*s\" by %.64s", cat_view_text_or(commit, "id", ""),
                      (int)(strcspn(message, "\n") < 100 ? strcspn(message, "\n") : 100), message, author);
}

static void blame_commit(const fold_members *members, fold_cause *cause)
{
    cat_view commit = commit_before(members, cause->since);
    if (!commit.value)
        return;
    set_text(&cause->commit, cat_view_text(commit, "id"));
    free(cause->cause);
    cause->cause = describe_commit(commit);
    bool image = cause->reason && (strstr(cause->reason, "Image") || strstr(cause->reason, "ErrImage"));
    char *message = cat_printf("%s. %s %s", cause->message ? cause->message : "Something is not well",
                               image ? "It came with" : "The last change before it was", cause->cause);
    free(cause->message);
    cause->message = message;
}

static void quote_row(const fold_members *members, const fold_row *row, fold_cause *cause)
{
    cat_key key;
    const char *words = cat_view_text(fold_seen(row), "message");
    if (!words)
        words = words_of_event(members, row->key);
    if (cat_key_parse(row->key, &key, NULL) == 0) {
        free(cause->resource);
        cause->resource = cat_printf("%s/%s/%s", key.kind, key.namespace ? key.namespace : "_", key.name);
    }
    set_text(&cause->since, cat_view_text(fold_seen(row), "since"));
    speak(cause, cat_view_text(fold_seen(row), "reason"), cat_view_text(fold_seen(row), "next"),
          words ? cat_strdup(words)
                : cat_printf("%s is %s", cause->resource ? cause->resource : row->key,
                             cat_view_text_or(fold_seen(row), "status", "Unknown")));
    if (fold_is_content(row))
        blame_commit(members, cause);
}

static const fold_row *drifted(const fold_members *members)
{
    for (size_t i = 0; i < members->count; i++)
        if (cat_view_member(fold_seen(members->rows[i]), "drift").value)
            return members->rows[i];
    return NULL;
}

static bool is_flux_suspended(const fold_members *members)
{
    for (size_t i = 0; i < members->count; i++)
        if (members->rows[i]->kind == FOLD_KUSTOMIZATION && members->rows[i]->status == CAT_STATUS_SUSPENDED)
            return true;
    return false;
}

/* Whoever changed the object made it what it is: no commit did, what looks deliberate in it (no replicas) is not, and what is
 * under way comes of it. Something else that is broken still speaks first. */
static void quote_drift(const fold_members *members, const fold_row *row, fold_cause *cause)
{
    cat_key key;
    if (cat_key_parse(row->key, &key, NULL) < 0)
        return;
    bool stays = is_flux_suspended(members);
    free(cause->cause);
    cause->cause = cat_printf("%s/%s/%s %s", key.kind, key.namespace ? key.namespace : "_", key.name,
                              cat_view_text_or(fold_seen(row), "cause", "changed outside Git"));
    bool settled = cause->status == CAT_STATUS_DEGRADED || cause->status == CAT_STATUS_MISSING;
    if (settled && cause->row != row)
        return;
    cause->status = stays ? CAT_STATUS_SUSPENDED : CAT_STATUS_PROGRESSING;
    set_text(&cause->commit, NULL);
    set_text(&cause->resource, NULL);
    cause->resource = cat_printf("%s/%s/%s", key.kind, key.namespace ? key.namespace : "_", key.name);
    set_text(&cause->since, cat_view_text(fold_seen(row), "drift.at"));
    speak(cause, "ChangedOutsideGit",
          stays ? "Resume the Kustomization, and Flux puts back what Git says; to keep the change, make it in Git"
                : "Flux puts back what Git says; to keep the change, make it in Git",
          cat_printf("%s was changed outside Git by %s%s", cause->resource,
                     cat_view_text_or(fold_seen(row), "drift.manager", "somebody"),
                     stays ? ", and stays so while its Kustomization is suspended" : ""));
}

static void quote_waiting(const fold_members *members, const char *application, const char *wanted, const char *running,
                          fold_cause *cause)
{
    bool has_kustomization = false;
    const fold_row *object = NULL;
    for (size_t i = 0; i < members->count; i++) {
        has_kustomization |= members->rows[i]->kind == FOLD_KUSTOMIZATION;
        if (members->rows[i]->kind == FOLD_APPLICATION_OBJECT)
            object = members->rows[i];
    }
    if (!running && !has_kustomization && object && object->status != CAT_STATUS_RUNNING) {
        quote_row(members, object, cause);
        cause->status = CAT_STATUS_PROGRESSING;
        return;
    }
    if (!running) {
        cause->status = CAT_STATUS_PROGRESSING;
        speak(
            cause, "NotAppliedYet",
            has_kustomization ? "Wait for Flux; this takes a few seconds" : "Wait for the Environment to take it up",
            cat_printf(has_kustomization ? "Flux has not applied anything of %s yet" : "%s is not set up in this Environment yet",
                       application));
        return;
    }
    if (!wanted || strcmp(wanted, running) == 0)
        return;
    cause->status = CAT_STATUS_PROGRESSING;
    cat_view newest = cat_view_get(members->repository, "commits.0");
    cat_autofree char *commit = newest.value ? describe_commit(newest) : cat_printf("commit %.8s", wanted);
    set_text(&cause->since, cat_view_text(newest, "time"));
    set_text(&cause->commit, wanted);
    speak(cause, "NewerInGit", "Wait for Flux; this takes a few seconds", cat_printf("%s is in Git and not applied yet", commit));
}

void fold_find_cause(const fold_members *members, const char *application, const char *wanted, const char *running,
                     fold_cause *cause)
{
    *cause = (fold_cause){.status = CAT_STATUS_RUNNING};
    const fold_row *row = loudest(members, &cause->status);
    cause->row = row;
    if (row)
        quote_row(members, row, cause);
    else
        quote_waiting(members, application, wanted, running, cause);
    const fold_row *changed = drifted(members);
    if (changed)
        quote_drift(members, changed, cause);
}

void fold_cause_finish(fold_cause *cause)
{
    free(cause->reason);
    free(cause->message);
    free(cause->next);
    free(cause->since);
    free(cause->resource);
    free(cause->commit);
    free(cause->cause);
}
