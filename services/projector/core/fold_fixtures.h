/* An Application `blog` in acme-dev for tests of what rows say, with the objects that such tests are about: its Flux objects,
 * Deployment `web`, CronJob `backup`, pushes. Header only. */
#ifndef PROJECTOR_FOLD_FIXTURES_H
#define PROJECTOR_FOLD_FIXTURES_H

#include "base/clock.h"
#include "core/fold_bench.h"

#define A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define C "cccccccccccccccccccccccccccccccccccccccc"
#define D "dddddddddddddddddddddddddddddddddddddddd"
#define ZERO "0000000000000000000000000000000000000000"
#define BY_FLUX ",\"labels\":{\"kustomize.toolkit.fluxcd.io/name\":\"blog-dev\"}"
#define OWNED(api, kind, name)                                                                                                   \
    ",\"ownerReferences\":[{\"apiVersion\":\"" api "\",\"kind\":\"" kind "\",\"name\":\"" name "\",\"controller\":true}]"

/* Of a Ready condition. */
#define CONDITION(status, reason, message)                                                                                       \
    "{\"type\":\"Ready\",\"status\":\"" status "\",\"reason\":\"" reason "\",\"message\":\"" message "\"}"

static inline void give_source(bench *used, const char *commit, const char *reads)
{
    cat_autofree char *metadata =
        cat_printf(",\"labels\":{\"openova.io/application\":\"blog\"},\"annotations\":{\"openova.io/reads\":\"%s\"}", reads);
    cat_autofree char *rest = cat_printf(",\"spec\":{\"ref\":{\"branch\":\"develop\",\"commit\":\"%s\"}},\"status\":{"
                                         "\"observedGeneration\":1,\"conditions\":[{\"type\":\"Ready\",\"status\":\"True\"}]}",
                                         commit);
    give_object(used, "c1", "GitRepository", "source.toolkit.fluxcd.io/v1", "flux-system", "blog-dev", metadata, rest, "");
}

static inline void give_flux(bench *used, const char *commit)
{
    cat_autofree char *rest = cat_printf(",\"status\":{\"observedGeneration\":1,\"lastAppliedRevision\":\"develop@sha1:%s\","
                                         "\"lastAttemptedRevision\":\"develop@sha1:%s\",\"conditions\":[{\"type\":\"Ready\","
                                         "\"status\":\"True\"}]}",
                                         commit, commit);
    give_object(used, "c1", "Kustomization", "kustomize.toolkit.fluxcd.io/v1", "flux-system", "blog-dev",
                ",\"labels\":{\"openova.io/application\":\"blog\"}", rest, "");
}

/* In generation `generation`, with `ready` of one pod. */
static inline void give_web(bench *used, int generation, int ready)
{
    cat_autofree char *data = cat_printf(
        "{\"cluster\":\"c1\",\"epoch\":1,\"uid\":\"web\",\"resourceVersion\":\"%llu\",\"kind\":\"Deployment\",\"group\":\"apps\","
        "\"namespace\":\"blog-dev\",\"name\":\"web\",\"object\":{\"apiVersion\":\"apps/"
        "v1\",\"kind\":\"Deployment\",\"metadata\":{"
        "\"name\":\"web\",\"namespace\":\"blog-dev\",\"generation\":%d},\"spec\":{\"replicas\":1},\"status\":{"
        "\"observedGeneration\":%d,\"replicas\":1,\"updatedReplicas\":1,\"readyReplicas\":%d,\"availableReplicas\":%d,"
        "\"conditions\":[{\"type\":\"Available\",\"status\":\"%s\"}]}}}",
        (unsigned long long)used->sequence + 1, generation, generation, ready, ready, ready ? "True" : "False");
    give(used, "k8s.object", data);
}

static inline void take_object(bench *used, const char *kind, const char *group, const char *name)
{
    cat_autofree char *data =
        cat_printf("{\"cluster\":\"c1\",\"epoch\":1,\"uid\":\"u\",\"resourceVersion\":\"%llu\",\"kind\":\"%s\",\"group\":\"%s\","
                   "\"namespace\":\"blog-dev\",\"name\":\"%s\"}",
                   (unsigned long long)used->sequence + 1, kind, group, name);
    give(used, "k8s.deleted", data);
}

static inline void give_set(bench *used, const char *name)
{
    give_object(used, "c1", "ReplicaSet", "apps/v1", "blog-dev", name, OWNED("apps/v1", "Deployment", "web"),
                ",\"spec\":{\"replicas\":1},\"status\":{\"observedGeneration\":1,\"replicas\":1,\"fullyLabeledReplicas\":1}", "");
}

static inline void give_ready_set(bench *used, const char *name)
{
    give_object(used, "c1", "ReplicaSet", "apps/v1", "blog-dev", name, OWNED("apps/v1", "Deployment", "web"),
                ",\"spec\":{\"replicas\":1},\"status\":{\"observedGeneration\":1,\"replicas\":1,\"fullyLabeledReplicas\":1,"
                "\"readyReplicas\":1,\"availableReplicas\":1}",
                "");
}

static inline void give_pod(bench *used, const char *name, const char *api, const char *kind, const char *owner,
                            const char *reason)
{
    cat_autofree char *metadata = cat_printf(",\"ownerReferences\":[{\"apiVersion\":\"%s\",\"kind\":\"%s\",\"name\":\"%s\","
                                             "\"controller\":true}]",
                                             api, kind, owner);
    cat_autofree char *rest = cat_printf(",\"status\":{\"phase\":\"Pending\",\"containerStatuses\":[{\"name\":\"c\",\"image\":"
                                         "\"i:1\",\"state\":{\"waiting\":{\"reason\":\"%s\"}}}]}",
                                         reason);
    give_object(used, "c1", "Pod", "v1", "blog-dev", name, metadata, rest, "");
}

static inline void give_push(bench *used, const char *before, const char *commit, const char *file, const char *author_time)
{
    cat_autofree char *data = cat_printf(
        "{\"application\":\"blog\",\"repository\":\"acme/blog\",\"branch\":\"develop\",\"before\":\"%s\",\"after\":\"%s\","
        "\"commits\":[{\"id\":\"%s\",\"message\":\"Change "
        "%.1s\",\"time\":\"%s\",\"author\":{\"name\":\"Alice\"},\"files\":[\"%s\"]}]}",
        before, commit, commit, commit, author_time, file);
    cat_autofree char *id = cat_printf("push-%.4s", commit);
    test_event event = test_event_make("ws.acme-dev.git.x", "git.push", id, NOW + (int64_t)used->sequence, "", data);
    EXPECT_INT(test_apply(used->state, &event, ++used->sequence, NULL), 0);
    test_event_finish(&event);
    test_write(used->state, used->bucket);
}

/* What the sweep tells: the branch from its head on. */
static inline void give_found(bench *used, const char *author_time)
{
    cat_autofree char *data = cat_printf(
        "{\"application\":\"blog\",\"repository\":\"acme/blog\",\"branch\":\"develop\",\"before\":\"" A "\",\"after\":\"" B
        "\",\"forced\":true,\"whole\":true,\"commits\":[{\"id\":\"" A "\",\"message\":\"Change a\",\"time\":\"%s\","
        "\"files\":[\"values.yaml\"]},{\"id\":\"" B "\",\"message\":\"Change b\",\"time\":\"%s\",\"files\":[\"web.yaml\"]}]}",
        author_time, author_time);
    test_event event = test_event_make("ws.acme-dev.git.x", "git.push", "sweep", NOW + (int64_t)used->sequence, "", data);
    EXPECT_INT(test_apply(used->state, &event, ++used->sequence, NULL), 0);
    test_event_finish(&event);
    test_write(used->state, used->bucket);
}

static inline void give_warning(bench *used, const char *api, const char *kind, const char *name, const char *reason,
                                const char *message)
{
    cat_autofree char *rest = cat_printf(
        ",\"type\":\"Warning\",\"reason\":\"%s\",\"message\":\"%s\",\"involvedObject\":{\"apiVersion\":\"%s\",\"kind\":"
        "\"%s\",\"namespace\":\"blog-dev\",\"name\":\"%s\"}",
        reason, message, api, kind, name);
    cat_autofree char *event = cat_printf("%s.%s", name, reason);
    give_object(used, "c1", "Event", "v1", "blog-dev", event, "", rest, "");
}

/* A run of a minute that ended at `at`. */
static inline void give_run(bench *used, const char *name, const char *outcome, const char *at)
{
    int64_t ended_ms = 0;
    char started[CAT_TIME_TEXT_MAX];
    cat_time_parse(at, &ended_ms);
    cat_time_format(ended_ms - 60000, started);
    cat_autofree char *rest = cat_printf(",\"status\":{\"startTime\":\"%s\",\"conditions\":[{\"type\":\"%s\",\"status\":\"True\","
                                         "\"reason\":\"BackoffLimitExceeded\",\"message\":\"too often\",\"lastTransitionTime\":"
                                         "\"%s\"}]}",
                                         started, outcome, at);
    give_object(used, "c1", "Job", "batch/v1", "blog-dev", name, OWNED("batch/v1", "CronJob", "backup"), rest, "");
}

static inline void give_cron_job(bench *used, const char *suspend)
{
    cat_autofree char *rest = cat_printf(",\"spec\":{\"suspend\":%s},\"status\":{}", suspend);
    give_object(used, "c1", "CronJob", "batch/v1", "blog-dev", "backup", BY_FLUX, rest, "");
}

#define EXPECT_ROW(used, key, member, wanted)                                                                                    \
    do {                                                                                                                         \
        cat_autojson json_t *shown = row_of(used, key);                                                                          \
        EXPECT_TEXT(cat_json_text(shown, member), wanted);                                                                       \
    } while (0)
#define EXPECT_APPLICATION(used, member, wanted) EXPECT_ROW(used, "application._.blog", member, wanted)
#define EXPECT_APPLICATION_HAS(used, member, part)                                                                               \
    do {                                                                                                                         \
        cat_autojson json_t *shown = row_of(used, "application._.blog");                                                         \
        EXPECT(strstr(cat_json_text_or(shown, member, ""), part) != NULL);                                                       \
    } while (0)

static inline void break_web(bench *used)
{
    give_web(used, 2, 0);
    give_set(used, "web-2");
    give_pod(used, "web-2-a", "apps/v1", "ReplicaSet", "web-2", "ImagePullBackOff");
    pass_seconds(used, 40);
}

#endif
