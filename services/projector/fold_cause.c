/* What people should hear of first. The state of an Application is the worst of what it consists of; the words are those of the
 * deepest resource that explains it: a Pod whose image cannot be pulled says more than its Deployment that waits. */
#include "fold_cause.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

#define OWNER_STEPS_MAX 5
#define CLOCKS_DIFFER_MS 5000

bool fold_kind_is(const fold_row *row, const char *kind)
{
    size_t length = strlen(kind);
    return strncmp(row->key, kind, length) == 0 && row->key[length] == '.';
}

bool fold_is_content(const fold_row *row)
{
    static const char *const NOT_CONTENT[] = {
        FOLD_KIND_KUSTOMIZATION, FOLD_KIND_GITREPOSITORY, FOLD_KIND_APPLICATION_OBJECT, "repository", "event", "namespace"};
    for (size_t i = 0; i < sizeof NOT_CONTENT / sizeof *NOT_CONTENT; i++)
        if (fold_kind_is(row, NOT_CONTENT[i]))
            return false;
    return true;
}

static const char *owner_of(const fold_row *row)
{
    const char *name;
    json_t *entry;
    json_object_foreach(json_object_get(row->json, "clusters"), name, entry)
    {
        const char *owner = cat_json_text(entry, "owner");
        if (owner)
            return owner;
    }
    return NULL;
}

bool fold_is_owned(const fold_row *row)
{
    return owner_of(row) != NULL;
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

static cat_status status_of(const json_t *row)
{
    cat_status status = CAT_STATUS_UNKNOWN;
    cat_status_parse(cat_json_text_or(row, "status", "Unknown"), &status);
    return status;
}

/* The row at the top of a chain of owners. What is made by something that runs does not speak: an evicted Pod that was replaced
 * is no problem. */
static const fold_row *top_of(const fold_members *members, const fold_row *row)
{
    for (int step = 0; step < OWNER_STEPS_MAX; step++) {
        const char *owner = owner_of(row);
        const fold_row *above = owner ? cat_map_get(members->by_key, owner) : NULL;
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
    if (fold_kind_is(row, "repository") || fold_kind_is(row, "event") || fold_kind_is(row, FOLD_KIND_APPLICATION_OBJECT))
        return 0;
    if (fold_is_owned(row) && status_of(top_of(members, row)->json) == CAT_STATUS_RUNNING && top_of(members, row) != row)
        return 0;
    if (fold_kind_is(row, "pod"))
        return 6;
    if (fold_kind_is(row, "persistentvolumeclaim") || fold_kind_is(row, "job"))
        return 5;
    if (fold_kind_is(row, FOLD_KIND_GITREPOSITORY))
        return 4;
    /* The Kustomization only says that something is not well when it waits for the health of what it applied. */
    if (fold_kind_is(row, FOLD_KIND_KUSTOMIZATION))
        return strstr(cat_json_text_or(row->json, "reason", ""), "HealthCheck") || status_of(row->json) == CAT_STATUS_PROGRESSING
                   ? 1
                   : 4;
    return fold_is_owned(row) ? 2 : 3;
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
        cat_status here = status_of(row->json);
        /* What Kubernetes has no rule for cannot be called ill. */
        if (speech == 0 || here == CAT_STATUS_RUNNING ||
            (here == CAT_STATUS_UNKNOWN && !fold_kind_is(row, FOLD_KIND_KUSTOMIZATION)))
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
        if (!fold_kind_is(members->rows[i], "event"))
            continue;
        const char *name;
        json_t *entry;
        json_object_foreach(json_object_get(members->rows[i]->json, "clusters"), name, entry)
        {
            const char *at = cat_json_text_or(entry, "at", "");
            if (cat_text_equal(cat_json_text(entry, "involved"), key) && strcmp(at, found_at) > 0) {
                found = cat_json_text(entry, "message");
                found_at = at;
            }
        }
    }
    return found;
}

static bool touches_configuration(const json_t *commit)
{
    static const char *const PLACES[] = {"values.yaml", "overlays/",     "blueprint/",
                                         "secrets/",    "catalyst.yaml", "kustomization.yaml"};
    size_t at;
    json_t *file;
    json_array_foreach(json_object_get(commit, "files"), at, file)
    {
        for (size_t i = 0; i < sizeof PLACES / sizeof *PLACES; i++)
            if (cat_text_starts_with(json_string_value(file), PLACES[i]))
                return true;
    }
    return false;
}

/* What Flux has tried to apply; nothing newer can be the cause of anything. NULL when that is not known. */
static const char *attempted_commit(const fold_members *members)
{
    for (size_t i = 0; i < members->count; i++) {
        if (!fold_kind_is(members->rows[i], FOLD_KIND_KUSTOMIZATION))
            continue;
        const char *name;
        json_t *entry;
        json_object_foreach(json_object_get(members->rows[i]->json, "clusters"), name, entry)
        {
            const char *commit = fold_commit_of_revision(cat_json_text(entry, "attempted"));
            if (commit)
                return commit;
        }
    }
    return NULL;
}

/* The newest commit of the branch that changed what runs, not after `since` ("" when not known; some seconds for clocks that
 * differ). */
static const json_t *commit_before(const fold_members *members, const char *since)
{
    int64_t since_ms = INT64_MAX, commit_ms;
    if (since && *since && cat_time_parse(since, &since_ms))
        since_ms += CLOCKS_DIFFER_MS;
    const json_t *commits = json_object_get(members->repository, "commits");
    const char *attempted = attempted_commit(members);
    size_t at, first = 0;
    json_t *commit;
    json_array_foreach(commits, at, commit) if (attempted && cat_text_equal(cat_json_text(commit, "id"), attempted)) first = at;
    json_array_foreach(commits, at, commit)
    {
        if (at >= first && touches_configuration(commit) && cat_time_parse(cat_json_text_or(commit, "time", ""), &commit_ms) &&
            commit_ms <= since_ms)
            return commit;
    }
    return NULL;
}

static char *describe_commit(const json_t *commit)
{
    const char *message = cat_json_text_or(commit, "message", ""), *author = cat_json_text_or(commit, "author.name", "somebody");
    return cat_printf("commit %.8s \"%.*s\" by %.64s", cat_json_text_or(commit, "id", ""),
                      (int)(strcspn(message, "\n") < 100 ? strcspn(message, "\n") : 100), message, author);
}

static void blame_commit(const fold_members *members, fold_cause *cause)
{
    const json_t *commit = commit_before(members, cause->since);
    if (!commit)
        return;
    set_text(&cause->commit, cat_json_text(commit, "id"));
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
    const char *words = cat_json_text(row->json, "message");
    if (!words)
        words = words_of_event(members, row->key);
    if (cat_key_parse(row->key, &key, NULL) == 0) {
        free(cause->resource);
        cause->resource = cat_printf("%s/%s/%s", key.kind, key.namespace ? key.namespace : "_", key.name);
    }
    set_text(&cause->since, cat_json_text(row->json, "since"));
    speak(cause, cat_json_text(row->json, "reason"), cat_json_text(row->json, "next"),
          words ? cat_strdup(words)
                : cat_printf("%s is %s", cause->resource ? cause->resource : row->key,
                             cat_json_text_or(row->json, "status", "Unknown")));
    if (fold_is_content(row))
        blame_commit(members, cause);
}

static const fold_row *drifted(const fold_members *members)
{
    for (size_t i = 0; i < members->count; i++)
        if (json_object_get(members->rows[i]->json, "drift"))
            return members->rows[i];
    return NULL;
}

static void quote_drift(const fold_row *row, fold_cause *cause)
{
    cat_key key;
    if (cat_key_parse(row->key, &key, NULL) < 0)
        return;
    free(cause->cause);
    cause->cause = cat_printf("%s/%s/%s %s", key.kind, key.namespace ? key.namespace : "_", key.name,
                              cat_json_text_or(row->json, "cause", "changed outside Git"));
    if (cause->status != CAT_STATUS_RUNNING)
        return;
    cause->status = CAT_STATUS_PROGRESSING;
    set_text(&cause->resource, NULL);
    cause->resource = cat_printf("%s/%s/%s", key.kind, key.namespace ? key.namespace : "_", key.name);
    set_text(&cause->since, cat_json_text(row->json, "drift.at"));
    speak(cause, "ChangedOutsideGit", "Flux puts back what Git says; to keep the change, make it in Git",
          cat_printf("%s was changed outside Git by %s", cause->resource,
                     cat_json_text_or(row->json, "drift.manager", "somebody")));
}

static void quote_waiting(const fold_members *members, const char *application, const char *wanted, const char *running,
                          fold_cause *cause)
{
    bool has_kustomization = false;
    const fold_row *object = NULL;
    for (size_t i = 0; i < members->count; i++) {
        has_kustomization |= fold_kind_is(members->rows[i], FOLD_KIND_KUSTOMIZATION);
        if (fold_kind_is(members->rows[i], FOLD_KIND_APPLICATION_OBJECT))
            object = members->rows[i];
    }
    if (!running && !has_kustomization && object && status_of(object->json) != CAT_STATUS_RUNNING) {
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
    const json_t *newest = json_array_get(json_object_get(members->repository, "commits"), 0);
    cat_autofree char *commit = newest ? describe_commit(newest) : cat_printf("commit %.8s", wanted);
    set_text(&cause->since, cat_json_text(newest, "time"));
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
        quote_drift(changed, cause);
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
