/* What a kind shows beside its status: conditions, images, owner, and the few fields that people look for. */
#include "core/fold_details.h"

#include <string.h>

#include "base/memory.h"
#include "core/fold_commit.h"
#include "core/fold_fault.h"
#include "core/fold_run.h"
#include "core/fold_text.h"
#include "core/fold_unsettled.h"
#include "domain/event_words.h"
#include "domain/kustomization_reads.h"
#include "wire/kubernetes.h"

#define CONDITIONS_MAX 32
#define IMAGES_MAX 64
#define HOSTS_MAX 16
#define PATH_BYTES_MAX 256

/* Flux writes its tools' texts, inner addresses and temporary paths into its messages, and so do the scheduler and whoever makes
 * pods; the row's own message says them in words. */
static bool speaks_of_insides(cat_view object, cat_view condition)
{
    static const char *const TYPES[] = {"PodScheduled", "ReplicaFailure"};
    const char *type = cat_view_text_or(condition, "type", "");
    for (size_t i = 0; i < sizeof TYPES / sizeof *TYPES; i++)
        if (strcmp(type, TYPES[i]) == 0)
            return true;
    return strstr(cat_view_text_or(object, "apiVersion", ""), ".toolkit.fluxcd.io/") != NULL ||
           cat_text_has_address(cat_view_text_or(condition, "message", ""));
}

void prj_fold_conditions(cat_view object, cat_string *out)
{
    static const char *const COPIED[] = {"type", "status", "reason", "lastTransitionTime", "message"};
    cat_view_iterator it = cat_view_each(cat_view_get(object, "status.conditions"));
    cat_view condition;
    cat_write_begin(out, "conditions", '[');
    for (size_t count = 0; count < CONDITIONS_MAX && cat_view_next(&it, NULL, &condition);) {
        if (!cat_view_text(condition, "type"))
            continue;
        count++;
        size_t copied = sizeof COPIED / sizeof *COPIED - (speaks_of_insides(object, condition) ? 1 : 0);
        cat_write_begin(out, NULL, '{');
        for (size_t i = 0; i < copied; i++)
            prj_fold_put(out, COPIED[i], cat_view_text(condition, COPIED[i]));
        cat_write_end(out, '}');
    }
    cat_write_end(out, ']');
}

/* Texts that differ, in the order in which they come. */
typedef struct {
    const char *items[IMAGES_MAX];
    size_t count;
} unique;

static void put_unique(cat_string *out, unique *seen, const char *text, size_t max)
{
    bool known = !text || !*text || seen->count >= max;
    for (size_t i = 0; i < seen->count && !known; i++)
        known = strcmp(seen->items[i], text) == 0;
    if (known)
        return;
    seen->items[seen->count++] = text;
    prj_fold_put_cut(out, NULL, text, 512);
}

void prj_fold_images(cat_view object, cat_string *out)
{
    static const char *const PATHS[] = {"spec.initContainers", "spec.containers", "spec.template.spec.initContainers",
                                        "spec.template.spec.containers", "spec.jobTemplate.spec.template.spec.containers"};
    unique seen = {.count = 0};
    cat_write_begin(out, "images", '[');
    for (size_t i = 0; i < sizeof PATHS / sizeof *PATHS; i++) {
        cat_view_iterator it = cat_view_each(cat_view_get(object, PATHS[i]));
        cat_view container;
        while (cat_view_next(&it, NULL, &container))
            put_unique(out, &seen, cat_view_text(container, "image"), IMAGES_MAX);
    }
    cat_write_end(out, ']');
}

bool prj_fold_owner(cat_view object, char key[CAT_KEY_MAX])
{
    cat_view_iterator it = cat_view_each(cat_view_get(object, "metadata.ownerReferences"));
    cat_view owner;
    while (cat_view_next(&it, NULL, &owner)) {
        const char *kind = cat_view_text(owner, "kind"), *name = cat_view_text(owner, "name");
        if (!cat_view_bool_or(owner, "controller", false) || !kind || !name)
            continue;
        char group[254], version[64], token[CAT_KEY_MAX];
        cat_api_version_split(cat_view_text_or(owner, "apiVersion", "v1"), group, sizeof group, version, sizeof version);
        cat_kind_token(kind, group, token, sizeof token);
        if (cat_key_make(token, cat_view_text(object, "metadata.namespace"), name, key, NULL) == 0)
            return true;
    }
    return false;
}

/* `member` of each element, or the elements themselves. */
static void put_hosts(cat_string *out, const char *name, unique *seen, cat_view list, const char *member)
{
    cat_view_iterator it = cat_view_each(list);
    cat_view item;
    cat_write_begin(out, name, '[');
    while (cat_view_next(&it, NULL, &item))
        put_unique(out, seen, cat_view_text(item, member), HOSTS_MAX);
    cat_write_end(out, ']');
}

/* The name that the object's parts share, which tells whose it is when an Application has several of a kind. */
static void put_named(cat_view object, cat_string *out)
{
    cat_view labels = cat_view_get(object, "metadata.labels");
    const char *instance = cat_view_text(cat_view_member(labels, "app.kubernetes.io/instance"), NULL);
    prj_fold_put(out, "named", instance ? instance : cat_view_text(cat_view_member(labels, "app.kubernetes.io/name"), NULL));
}

/* What a browser can ask for of a rule's path: of a pattern what stands before it. */
static size_t plain_part(const char *path)
{
    size_t length = strspn(path, "/abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.~");
    while (path[length] && length > 0 && path[length - 1] != '/')
        length--;
    return length;
}

/* `paths`, {host: path}: the shortest that a host's rules serve, where that is not all. */
static void paths_of_ingress(cat_view object, cat_string *out)
{
    cat_view_iterator it = cat_view_each(cat_view_get(object, "spec.rules"));
    cat_view rule, entry;
    cat_map *told = cat_map_create(NULL);
    cat_write_begin(out, "paths", '{');
    for (size_t count = 0; count < HOSTS_MAX && cat_view_next(&it, NULL, &rule); count++) {
        const char *host = cat_view_text(rule, "host"), *found = NULL;
        cat_view_iterator paths = cat_view_each(cat_view_get(rule, "http.paths"));
        while (cat_view_next(&paths, NULL, &entry)) {
            const char *path = cat_view_text_or(entry, "path", "/");
            found = !found || plain_part(path) < plain_part(found) ? path : found;
        }
        /* Of several rules for one host the first tells: more are rare. */
        if (!host || strlen(host) > 253 || !found || cat_map_get(told, host))
            continue;
        cat_map_set(told, host, told);
        cat_autofree char *plain = cat_strndup(found, plain_part(found));
        if (*plain && strcmp(plain, "/") != 0)
            prj_fold_put_cut(out, host, plain, PATH_BYTES_MAX);
    }
    cat_write_end(out, '}');
    cat_map_destroy(told);
}

/* `secure`: hosts for which it has a certificate. */
static void hosts_of_ingress(const prj_fold_look *seen, cat_string *out)
{
    cat_view object = seen->object;
    unique all = {.count = 0}, secure = {.count = 0};
    put_hosts(out, "hosts", &all, cat_view_get(object, "spec.rules"), "host");
    cat_view_iterator it = cat_view_each(cat_view_get(object, "spec.tls"));
    cat_view item, host;
    cat_write_begin(out, "secure", '[');
    while (cat_view_next(&it, NULL, &item)) {
        cat_view_iterator hosts = cat_view_each(cat_view_member(item, "hosts"));
        while (cat_view_next(&hosts, NULL, &host))
            put_unique(out, &secure, cat_view_text(host, NULL), HOSTS_MAX);
    }
    cat_write_end(out, ']');
    paths_of_ingress(object, out);
    put_named(object, out);
}

/* Whether it has a certificate stands in a Gateway, which is not an Application's. */
static void hosts_of_route(const prj_fold_look *seen, cat_string *out)
{
    cat_view object = seen->object;
    unique all = {.count = 0};
    put_hosts(out, "hosts", &all, cat_view_get(object, "spec.hostnames"), NULL);
    put_named(object, out);
}

static void restarts_of_pod(const prj_fold_look *seen, cat_string *out)
{
    cat_view object = seen->object;
    int64_t restarts = 0;
    cat_view_iterator it = cat_view_each(cat_view_get(object, "status.containerStatuses"));
    cat_view container;
    while (cat_view_next(&it, NULL, &container))
        restarts += cat_view_int_or(container, "restartCount", 0);
    cat_write_int(out, "restarts", restarts);
    prj_fold_put(out, "node", cat_view_text(object, "spec.nodeName"));
    prj_fold_put_unsettled(seen, out);
    prj_fold_put(out, "madeOf",
                 cat_view_text(cat_view_member(cat_view_get(object, "metadata.labels"), "controller-revision-hash"), NULL));
    if (cat_text_equal(cat_view_text(object, "status.phase"), "Failed"))
        cat_write_bool(out, "ended", true);
    prj_fold_put(out, "madeAt", cat_view_text(object, "metadata.creationTimestamp"));
}

static void run_of_job(const prj_fold_look *seen, cat_string *out)
{
    cat_view object = seen->object;
    cat_view_iterator it = cat_view_each(cat_view_get(object, "status.conditions"));
    cat_view condition;
    prj_fold_put(out, "startedAt", cat_view_text(object, "status.startTime"));
    prj_fold_keep_met_of_run(seen, out);
    while (cat_view_next(&it, NULL, &condition)) {
        const char *type = cat_view_text_or(condition, "type", "");
        if ((strcmp(type, "Complete") != 0 && strcmp(type, "Failed") != 0) ||
            !cat_text_equal(cat_view_text(condition, "status"), "True"))
            continue;
        const char *at = cat_view_text(object, "status.completionTime");
        prj_fold_put(out, "finished", type);
        prj_fold_put(out, "finishedAt", at ? at : cat_view_text(condition, "lastTransitionTime"));
        return;
    }
}

/* `failedAt`: since when runs have failed, as the CronJob itself tells it: nothing is at work, and the last that was scheduled is
 * later than the last good one. Failed Jobs are cleaned away (failedJobsHistoryLimit, ttlSecondsAfterFinished), and that they
 * were there is no less true. While a run is at work nothing is known but what was before. */
static void runs_of_cron_job(const prj_fold_look *seen, cat_string *out)
{
    const char *good = cat_view_text(seen->object, "status.lastSuccessfulTime");
    const char *scheduled = cat_view_text(seen->object, "status.lastScheduleTime"), *kept = cat_view_text(seen->old, "failedAt");
    bool at_work = cat_view_count(cat_view_get(seen->object, "status.active")) > 0;
    prj_fold_put(out, "succeededAt", good);
    prj_fold_put(out, "schedule", cat_view_text(seen->object, "spec.schedule"));
    kept = kept && (!good || strcmp(kept, good) > 0) ? kept : NULL;
    if (kept)
        prj_fold_put(out, "failedAt", kept);
    else if (!at_work && scheduled && (!good || strcmp(scheduled, good) > 0))
        prj_fold_put(out, "failedAt", scheduled);
}

/* What it asks for; provisioning tells of a volume that is larger than a plan's. */
static void room_of_claim(const prj_fold_look *seen, cat_string *out)
{
    prj_fold_put(out, "storage", cat_view_text(seen->object, "spec.resources.requests.storage"));
}

/* `newest`: the revision that pods are to be made of; a Pod's own is `madeOf`. */
static void revision_of_stateful_set(const prj_fold_look *seen, cat_string *out)
{
    prj_fold_keep_met(seen, out);
    if (cat_view_int_or(seen->object, "status.observedGeneration", -1) == cat_view_int_or(seen->object, "metadata.generation", 0))
        prj_fold_put(out, "newest", cat_view_text(seen->object, "status.updateRevision"));
}

/* The row of what an autoscaler scales. */
static void target_of_autoscaler(const prj_fold_look *seen, cat_string *out)
{
    cat_view target = cat_view_get(seen->object, "spec.scaleTargetRef");
    char group[254], version[64], token[CAT_KEY_MAX], key[CAT_KEY_MAX];
    const char *kind = cat_view_text(target, "kind"), *name = cat_view_text(target, "name");
    if (!kind || !name)
        return;
    cat_api_version_split(cat_view_text_or(target, "apiVersion", "apps/v1"), group, sizeof group, version, sizeof version);
    cat_kind_token(kind, group, token, sizeof token);
    if (cat_key_make(token, cat_view_text(seen->object, "metadata.namespace"), name, key, NULL) == 0)
        prj_fold_put(out, "scales", key);
}

/* When it was last seen, by its writer: informers tell of old ones again. NULL: not said. */
static const char *time_of_event(cat_view object)
{
    static const char *const MEMBERS[] = {"lastTimestamp", "series.lastObservedTime", "eventTime", "firstTimestamp"};
    const char *found = NULL;
    for (size_t i = 0; i < sizeof MEMBERS / sizeof *MEMBERS && !found; i++)
        found = cat_view_text(cat_view_get(object, MEMBERS[i]), NULL);
    return found;
}

static void involved_in_event(const prj_fold_look *seen, cat_string *out)
{
    cat_view object = seen->object;
    char group[254], version[64], token[CAT_KEY_MAX], key[CAT_KEY_MAX];
    const char *kind = cat_view_text(object, "involvedObject.kind"), *name = cat_view_text(object, "involvedObject.name");
    if (!kind || !name)
        return;
    cat_api_version_split(cat_view_text_or(object, "involvedObject.apiVersion", "v1"), group, sizeof group, version,
                          sizeof version);
    cat_kind_token(kind, group, token, sizeof token);
    if (cat_key_make(token, cat_view_text(object, "involvedObject.namespace"), name, key, NULL) < 0)
        return;
    prj_fold_put(out, "involved", key);
    prj_fold_put(out, "involvedUid", cat_view_text(object, "involvedObject.uid"));
    prj_fold_put(out, "toldAt", time_of_event(object));
    prj_fold_put(out, "firstAt", cat_view_text(object, "firstTimestamp"));
}

static void flux_kustomization(const prj_fold_look *seen, cat_string *out)
{
    cat_view object = seen->object;
    prj_fold_put(out, "applied", cat_view_text(object, "status.lastAppliedRevision"));
    const char *attempted = cat_view_text(object, "status.lastAttemptedRevision"),
               *kept = cat_view_text(seen->old, "attemptedAt");
    prj_fold_put(out, "attempted", attempted);
    /* What ran before what runs: between both lie the commits that may have changed something. */
    const char *applied = cat_view_text(object, "status.lastAppliedRevision"), *was = cat_view_text(seen->old, "applied");
    prj_fold_put(out, "before", was && !cat_text_equal(was, applied) ? was : cat_view_text(seen->old, "before"));
    if (attempted && *attempted)
        prj_fold_put(out, "attemptedAt",
                     kept && cat_text_equal(cat_view_text(seen->old, "attempted"), attempted) ? kept : seen->at);
    prj_fold_put_fault(seen, out);
    prj_fold_put_attempts(seen, out);
}

/* The files that make up what is applied, newest first, each from a commit on until the next: what was a part once is the cause
 * of what began then. A list that is as the one before is none of its own; one that is not known has no text. */
static void put_reads(const prj_fold_look *seen, cat_string *out)
{
    cat_view annotations = cat_view_get(seen->object, "metadata.annotations"), old = cat_view_member(seen->old, "reads"), entry;
    const char *files = cat_view_text_or(cat_view_member(annotations, CAT_ANNOTATION_READS), NULL, "");
    const char *commit = cat_view_text(seen->object, "spec.ref.commit"), *before = cat_view_text_or(old, "0.files", "");
    bool same = !commit || strlen(files) > CAT_KUSTOMIZATION_READS_MAX || strcmp(files, before) == 0;
    size_t count = 0;
    if (same && cat_view_count(old) == 0)
        return;
    cat_write_begin(out, "reads", '[');
    if (!same) {
        cat_write_begin(out, NULL, '{');
        prj_fold_put(out, "from", commit);
        prj_fold_put_cut(out, "files", files, CAT_KUSTOMIZATION_READS_MAX);
        cat_write_end(out, '}');
        count++;
    }
    cat_view_iterator it = cat_view_each(old);
    for (; count < FOLD_READS_MAX && cat_view_next(&it, NULL, &entry); count++)
        cat_write_view(out, NULL, entry);
    cat_write_end(out, ']');
}

static void flux_repository(const prj_fold_look *seen, cat_string *out)
{
    cat_view object = seen->object;
    prj_fold_put(out, "revision", cat_view_text(object, "status.artifact.revision"));
    prj_fold_put(out, "branch", cat_view_text(object, "spec.ref.branch"));
    put_reads(seen, out);
}

/* "{commit}: {what is wrong}" without the commit. */
static const char *without_commit(const char *message)
{
    size_t length = strspn(message, "0123456789abcdef");
    return length == FOLD_SHORT_ID && cat_text_starts_with(message + length, ": ") ? message + length + strlen(": ") : message;
}

/* What is wrong in one Environment's branch, since when and from which commit on it is the same. */
static void put_kept(cat_string *out, const char *name, const char *message, cat_view old, const char *at)
{
    const char *words = without_commit(message);
    bool same = old.value && strcmp(without_commit(cat_view_text_or(old, "message", "")), words) == 0;
    cat_autofree char *commit = words > message ? cat_strndup(message, FOLD_SHORT_ID) : NULL;
    cat_write_begin(out, name, '{');
    prj_fold_put(out, "message", message);
    prj_fold_put(out, "from", same && cat_view_text(old, "from") ? cat_view_text(old, "from") : commit);
    prj_fold_put(out, "since", same ? cat_view_text(old, "since") : at);
    cat_write_end(out, '}');
}

/* The Environment where its branch's head may not be built, {name: {message, from, since}}. */
static void put_not_built(const prj_fold_look *seen, cat_string *out)
{
    cat_view_iterator it = cat_view_each(cat_view_get(seen->object, "status.environments"));
    cat_view of, old = cat_view_member(seen->old, "notBuilt");
    bool begun = false;
    while (cat_view_next(&it, NULL, &of)) {
        const char *name = cat_view_text(of, "name");
        if (!name || !cat_text_equal(cat_view_text(of, "reason"), "NotBuilt"))
            continue;
        if (!begun)
            cat_write_begin(out, "notBuilt", '{');
        begun = true;
        put_kept(out, name, cat_view_text_or(of, "message", "no reason is given"), cat_view_member(old, name), seen->at);
    }
    if (begun)
        cat_write_end(out, '}');
}

/* Environments whose catalyst.yaml names a version that nobody registered, {name: what is said of it}. */
static void put_unregistered(const prj_fold_look *seen, cat_string *out)
{
    cat_view_iterator it = cat_view_each(cat_view_get(seen->object, "status.environments"));
    cat_view of;
    bool begun = false;
    while (cat_view_next(&it, NULL, &of)) {
        const char *name = cat_view_text(of, "name");
        if (!name || !cat_text_equal(cat_view_text(of, "reason"), "BlueprintUnknown"))
            continue;
        if (!begun)
            cat_write_begin(out, "unregistered", '{');
        begun = true;
        prj_fold_put(out, name, cat_view_text(of, "message"));
    }
    if (begun)
        cat_write_end(out, '}');
}

static void catalyst_application(const prj_fold_look *seen, cat_string *out)
{
    cat_view object = seen->object;
    put_not_built(seen, out);
    put_unregistered(seen, out);
    prj_fold_put(out, "displayName", cat_view_text(object, "spec.displayName"));
    if (cat_view_bool_or(object, "spec.suspended", false))
        cat_write_bool(out, "suspended", true);
}

void prj_fold_details(const prj_fold_look *seen, cat_kind kind, cat_string *out)
{
    static void (*const DETAILS[CAT_KIND_COUNT])(const prj_fold_look *seen, cat_string *out) = {
        [CAT_KIND_INGRESS] = hosts_of_ingress,
        [CAT_KIND_HTTP_ROUTE] = hosts_of_route,
        [CAT_KIND_POD] = restarts_of_pod,
        [CAT_KIND_JOB] = run_of_job,
        [CAT_KIND_CRON_JOB] = runs_of_cron_job,
        [CAT_KIND_PERSISTENT_VOLUME_CLAIM] = room_of_claim,
        [CAT_KIND_EVENT] = involved_in_event,
        [CAT_KIND_HORIZONTAL_POD_AUTOSCALER] = target_of_autoscaler,
        [CAT_KIND_DEPLOYMENT] = prj_fold_keep_met,
        [CAT_KIND_STATEFUL_SET] = revision_of_stateful_set,
        [CAT_KIND_DAEMON_SET] = prj_fold_keep_met,
        [CAT_KIND_KUSTOMIZATION] = flux_kustomization,
        [CAT_KIND_GIT_REPOSITORY] = flux_repository,
        [CAT_KIND_APPLICATION] = catalyst_application,
    };
    if (DETAILS[kind])
        DETAILS[kind](seen, out);
}
