#include "core/progress.h"

#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "wire/kubernetes.h"

/* Newest first, as the row has them; -1: not there. */
static int place_of(const json_t *repository, const char *commit)
{
    size_t index;
    json_t *one;
    json_array_foreach(json_object_get(repository, "commits"), index,
                       one) if (cat_text_equal(cat_json_text(one, "id"), commit)) return (int)index;
    return -1;
}

/* The trailer that Catalyst's commits end with. */
static void operation_of(const json_t *commit, char operation[65])
{
    static const char TRAILER[] = "\nOperation: ";
    const char *message = cat_json_text_or(commit, "message", ""), *found = strstr(message, TRAILER);
    size_t length = found ? strspn(found + strlen(TRAILER), "abcdefghijklmnopqrstuvwxyz0123456789-") : 0;
    snprintf(operation, 65, "%.*s", length <= 64 ? (int)length : 0, found ? found + strlen(TRAILER) : "");
}

static bool overtaken(const prv_progress_facts *facts, const char *running, prv_progress *progress)
{
    int own = place_of(facts->repository, facts->commit), later = place_of(facts->repository, running);
    if (own < 0 || later < 0 || later >= own)
        return false;
    const json_t *commit = json_array_get(json_object_get(facts->repository, "commits"), (size_t)later);
    const char *message = cat_json_text_or(commit, "message", "");
    progress->kind = PRV_PROGRESS_OVERTAKEN;
    snprintf(progress->commit, sizeof progress->commit, "%s", running);
    operation_of(commit, progress->operation);
    snprintf(progress->message, sizeof progress->message,
             "%s in %s runs the later commit %.12s \"%.*s\" by %.60s, which this operation's commit %.12s is part of",
             facts->application, facts->environment, running, (int)(strcspn(message, "\n") < 80 ? strcspn(message, "\n") : 80),
             message, cat_json_text_or(commit, "author.name", "somebody"), facts->commit);
    return true;
}

/* What Flux has applied and found not well: it calls that neither applied nor refused. NULL: nothing is. */
static const char *unwell_commit(const prv_progress_facts *facts)
{
    const char *cluster, *commit = NULL;
    json_t *entry;
    json_object_foreach(json_object_get(facts->kustomization, "clusters"), cluster, entry)
    {
        const char *attempted = cat_json_text_or(entry, "attempted", ""), *colon = strrchr(attempted, ':');
        if (!cat_text_equal(cat_json_text(entry, "reason"), "HealthCheckFailed") || !colon)
            return NULL;
        commit = commit ? commit : colon + 1;
        if (strcmp(commit, colon + 1) != 0)
            return NULL;
    }
    return commit;
}

static const char *status_of(const json_t *row)
{
    return cat_json_text_or(row, "status", "");
}

/* Which of Flux's objects is suspended, by what, and how it goes on; "" when none is. */
static void say_suspended(const prv_progress_facts *facts, char *text, size_t size)
{
    bool source = strcmp(status_of(facts->source), "Suspended") == 0,
         kustomization = strcmp(status_of(facts->kustomization), "Suspended") == 0;
    const json_t *row = kustomization ? facts->kustomization : facts->source;
    const char *kind = kustomization ? "Kustomization" : "GitRepository";
    snprintf(text, size, "%s", "");
    if (facts->suspended_in_git)
        snprintf(text, size,
                 ". Its Application is suspended: take \"suspended\" out of applications/%s.yaml in system/catalyst-config to "
                 "go on",
                 facts->application);
    else if (source || kustomization)
        snprintf(text, size, ". Its %s flux-system/%s is suspended: flux resume %s %s -n flux-system in its vcluster goes on",
                 kind, cat_json_text_or(row, "name", "?"), kustomization ? "kustomization" : "source git",
                 cat_json_text_or(row, "name", "?"));
}

static void wait_for_commit(const prv_progress_facts *facts, prv_progress *progress)
{
    char suspended[300];
    const char *message = cat_json_text(facts->row, "message");
    say_suspended(facts, suspended, sizeof suspended);
    snprintf(progress->message, sizeof progress->message, "%s in %s has yet to take commit %.12s (it is %s%s%.320s)%s",
             facts->application, facts->environment, facts->commit ? facts->commit : "", status_of(facts->row),
             message ? ": " : "", message ? message : "", suspended);
}

/* Flux calls a commit applied when all that it made is well; until then it has only tried it. */
static bool is_tried(const prv_progress_facts *facts)
{
    const char *cluster;
    json_t *entry;
    json_object_foreach(json_object_get(facts->kustomization, "clusters"), cluster, entry)
    {
        const char *attempted = cat_json_text_or(entry, "attempted", ""), *colon = strrchr(attempted, ':');
        if (!colon || !cat_text_equal(colon + 1, facts->commit) || !cat_text_equal(cat_json_text(entry, "status"), "Progressing"))
            return false;
    }
    return json_object_size(json_object_get(facts->kustomization, "clusters")) > 0;
}

static void wait_for_flux(const prv_progress_facts *facts, prv_progress *progress)
{
    const char *message = cat_json_text(facts->row, "message"), *next = cat_json_text(facts->row, "next");
    snprintf(
        progress->message, sizeof progress->message,
        "Flux is at work on commit %.12s of %s in %s, and waits until all that it applies is well (now it is %s%s%.280s%s%.160s)",
        facts->commit, facts->application, facts->environment, status_of(facts->row), message ? ": " : "", message ? message : "",
        next ? ". " : "", next ? next : "");
}

static void wait_for_health(const prv_progress_facts *facts, prv_progress *progress)
{
    const char *next = cat_json_text(facts->row, "next");
    snprintf(progress->message, sizeof progress->message, "%s in %s is %s: %.300s%s%.160s", facts->application,
             facts->environment, status_of(facts->row), cat_json_text_or(facts->row, "message", "no reason is known"),
             next ? ". " : "", next ? next : "");
}

void prv_progress_of(const prv_progress_facts *facts, prv_progress *progress)
{
    *progress = (prv_progress){.kind = PRV_PROGRESS_WAITS, .environment = facts->environment};
    if (!facts->row || cat_json_bool_or(facts->row, "deleted", false)) {
        snprintf(progress->message, sizeof progress->message,
                 "nothing is known of %s in %s yet: its Application object has to be "
                 "taken up there",
                 facts->application, facts->environment);
        return;
    }
    const char *running = cat_json_text(facts->row, "running.commit"), *unwell = unwell_commit(facts);
    running = unwell ? unwell : running;
    bool own = running && (!facts->commit || strcmp(running, facts->commit) == 0);
    if (!own && running && facts->commit && overtaken(facts, running, progress)) {
        if (!facts->may_be_followed)
            return;
        *progress = (prv_progress){.kind = PRV_PROGRESS_WAITS, .environment = facts->environment};
        own = true;
    }
    if (!own) {
        if (is_tried(facts))
            wait_for_flux(facts, progress);
        else
            wait_for_commit(facts, progress);
        return;
    }
    /* What the commit itself wants to be at rest is what it should be; Flux's objects say nothing against what runs already. */
    if (strcmp(status_of(facts->row), "Running") == 0 || strcmp(status_of(facts->row), "Suspended") == 0)
        progress->kind = PRV_PROGRESS_RUNS;
    else
        wait_for_health(facts, progress);
}

/* Who owns a field of `spec`, by what Kubernetes keeps. */
static const char *owner_of(const json_t *object, const char *field)
{
    size_t index;
    json_t *entry;
    cat_autofree char *path = cat_printf("f:%s", field);
    json_array_foreach(cat_json_get(object, "metadata.managedFields"), index, entry)
    {
        const json_t *spec = json_object_get(json_object_get(entry, "fieldsV1"), "f:spec");
        if (json_object_get(spec, path))
            return cat_json_text_or(entry, "manager", "somebody");
    }
    return "somebody";
}

bool prv_progress_blocked(const json_t *object, const char *kind, const char *namespace, char *text, size_t size)
{
    const char *name = cat_object_name(object) ? cat_object_name(object) : "?";
    if (cat_json_bool_or(object, "spec.suspend", false)) {
        snprintf(text, size, ": %s %s/%s was suspended by %.60s; flux resume %s %s -n %s goes on", kind, namespace, name,
                 owner_of(object, "suspend"), strcmp(kind, "GitRepository") == 0 ? "source git" : "kustomization", name,
                 namespace);
        return true;
    }
    if (!cat_text_equal(cat_condition_status(object, "Ready"), "False"))
        return false;
    snprintf(text, size, ": %s %s/%s says: %.250s", kind, namespace, name,
             cat_json_text_or(cat_condition_find(object, "Ready"), "message", "not ready"));
    return true;
}
