/* What the tests and the fuzzer of the fold share: events as text, and a bucket that is a map. Header only. */
#ifndef PROJECTOR_FOLD_TESTING_H
#define PROJECTOR_FOLD_TESTING_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/map.h"
#include "base/memory.h"
#include "base/string.h"
#include "core/fold.h"

#define FOLD_TEST_START_MS INT64_C(1764000000000)
#define TEST_COMMIT "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

typedef struct {
    char *subject, *data;
} test_event;

/* `data` is JSON; `attributes` further members of the CloudEvent, e.g. ",\"application\":\"blog\"". */
static inline test_event test_event_make(const char *subject, const char *type, const char *id, int64_t time_ms,
                                         const char *attributes, const char *data)
{
    char time_text[CAT_TIME_TEXT_MAX];
    cat_time_format(time_ms, time_text);
    return (test_event){cat_strdup(subject), cat_printf("{\"specversion\":\"1.0\",\"id\":\"%s\",\"source\":\"test\",\"type\":"
                                                        "\"io.openova.catalyst.%s.v1\",\"time\":\"%s\"%s,\"data\":%s}",
                                                        id, type, time_text, attributes, data)};
}

static inline void test_event_finish(test_event *event)
{
    free(event->subject);
    free(event->data);
}

static inline int64_t test_event_time(const test_event *event)
{
    int64_t time_ms = 0;
    const char *at = strstr(event->data, "\"time\":\"");
    cat_autofree char *text = at ? cat_strndup(at + 8, 24) : NULL;
    return text && cat_time_parse(text, &time_ms) ? time_ms : 0;
}

static inline int test_apply(prj_fold *state, const test_event *event, uint64_t sequence, cat_error *error)
{
    prj_fold_event message = {event->subject, event->data, strlen(event->data), sequence, NULL, NULL};
    return prj_fold_apply(state, &message, error);
}

/* Writes what changed into `bucket` (key → text); returns how many rows. */
static inline size_t test_write(prj_fold *state, cat_map *bucket)
{
    prj_fold_change changes[900];
    size_t all = 0, count;
    while ((count = prj_fold_take(state, changes, 900)) > 0) {
        all += count;
        for (size_t i = 0; i < count; i++) {
            if (changes[i].value)
                cat_map_set(bucket, changes[i].key, cat_strdup(changes[i].value));
            else
                cat_map_remove(bucket, changes[i].key);
        }
    }
    return all;
}

static inline int test_by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Every key and row, sorted: what two buckets are compared by. */
static inline char *test_dump(const cat_map *bucket)
{
    size_t count = 0, at = 0;
    char **lines = cat_calloc(cat_map_count(bucket) + 1, sizeof *lines);
    const char *key;
    void *value;
    while (cat_map_next(bucket, &at, &key, &value))
        lines[count++] = cat_printf("%s %s\n", key, (char *)value);
    qsort(lines, count, sizeof *lines, test_by_text);
    cat_string dump = CAT_STRING(64u * 1024 * 1024);
    for (size_t i = 0; i < count; i++) {
        cat_string_append(&dump, lines[i]);
        free(lines[i]);
    }
    free(lines);
    return cat_string_take(&dump);
}

/* Random logs: repeatable by their seed. */
static uint64_t test_random_state;

static inline unsigned test_chance(unsigned limit)
{
    test_random_state = test_random_state * 6364136223846793005ULL + 1442695040888963407ULL;
    return (unsigned)(test_random_state >> 33) % limit;
}

/* A log of an Environment in which much happens: four Applications in two vclusters. */

static unsigned test_application_count = 4;

static inline char *test_application(void)
{
    return cat_printf("app%u", test_chance(test_application_count));
}

static const char *const TEST_CLUSTERS[] = {"hz-fsn-rtz-dev-acme", "hz-hel-rtz-dev-acme"};
static const char *const TEST_KINDS[][2] = {
    {"Deployment", "apps"}, {"Pod", ""}, {"Service", ""}, {"Kustomization", "kustomize.toolkit.fluxcd.io"}, {"Secret", ""}};

static inline char *test_object_data(const char *cluster, unsigned epoch, unsigned version, const char *kind, const char *group,
                                     const char *app, bool deleted, bool well)
{
    cat_autofree char *object =
        deleted
            ? NULL
            : cat_printf(
                  ",\"object\":{\"apiVersion\":\"%s%sv1\",\"kind\":\"%s\",\"metadata\":{\"name\":\"%s\",\"namespace\":\"%s-dev\","
                  "\"generation\":%u,\"labels\":{\"openova.io/application\":\"%s\",\"openova.io/blueprint\":\"bp-%s\"}},"
                  "\"spec\":{\"replicas\":2},\"status\":{\"observedGeneration\":%u,\"replicas\":2,\"updatedReplicas\":2,"
                  "\"readyReplicas\":%d,\"availableReplicas\":%d,\"lastAppliedRevision\":\"develop@sha1:" TEST_COMMIT "\"}}",
                  group, *group ? "/" : "", kind, app, app, version, app, app, version, well ? 2 : 1, well ? 2 : 1);
    return cat_printf("{\"cluster\":\"%s\",\"epoch\":%u,\"uid\":\"u-%s-%u\",\"resourceVersion\":\"%u\",\"kind\":\"%s\",\"group\":"
                      "\"%s\",\"version\":\"v1\","
                      "\"namespace\":\"%s-dev\",\"name\":\"%s\"%s}",
                      cluster, epoch, app, epoch, version, kind, group, app, app, object ? object : "");
}

static inline test_event test_random_object(size_t number, int64_t time_ms)
{
    cat_autofree char *app = test_application();
    const char *cluster = TEST_CLUSTERS[test_chance(2)];
    unsigned kind = test_chance(5), epoch = number > 300 ? 2 : 1,
             version = (unsigned)number - (test_chance(6) == 0 ? test_chance(20) % (unsigned)(number + 1) : 0);
    bool deleted = test_chance(4) == 0;
    cat_autofree char *data =
        test_object_data(cluster, epoch, version, TEST_KINDS[kind][0], TEST_KINDS[kind][1], app, deleted, test_chance(3) > 0);
    cat_autofree char *id = cat_printf("%s/%u/%u/%zu", cluster, epoch, version, number);
    return test_event_make("ws.acme-dev.k8s.x.y.z", deleted ? "k8s.deleted" : "k8s.object", id, time_ms, "", data);
}

/* Rows that speak of each other: a StatefulSet whose pods are refused, a CronJob and its runs. */
static inline test_event test_random_related(size_t number, int64_t time_ms)
{
    static const char *const OBJECTS[][4] = {
        {"StatefulSet", "apps", "db", "\"spec\":{\"replicas\":2},\"status\":{\"replicas\":1}"},
        {"StatefulSet", "apps", "db", "\"spec\":{\"replicas\":0},\"status\":{}"},
        {"Event", "", "db.1",
         "\"type\":\"Warning\",\"reason\":\"FailedCreate\",\"message\":\"exceeded quota: q\",\"involvedObject\":{\"apiVersion\":"
         "\"apps/v1\",\"kind\":\"StatefulSet\",\"name\":\"db\",\"namespace\":\"app0-dev\"}"},
        {"CronJob", "batch", "backup", "\"spec\":{}"},
        {"Job", "batch", "backup-1",
         "\"status\":{\"conditions\":[{\"type\":\"Failed\",\"status\":\"True\",\"lastTransitionTime\":\"2025-11-24T15:00:00Z\"}]"
         "}"},
        {"Job", "batch", "backup-2",
         "\"status\":{\"conditions\":[{\"type\":\"Complete\",\"status\":\"True\",\"lastTransitionTime\":\"2025-11-24T15:30:00Z\"}"
         "]}"}};
    const char *const *object = OBJECTS[test_chance(sizeof OBJECTS / sizeof *OBJECTS)];
    bool deleted = test_chance(3) == 0;
    cat_autofree char *text =
        cat_printf(",\"object\":{\"apiVersion\":\"%s%sv1\",\"kind\":\"%s\",\"metadata\":{\"name\":\"%s\",\"namespace\":"
                   "\"app0-dev\",\"ownerReferences\":[%s]},%s}",
                   object[1], *object[1] ? "/" : "", object[0], object[2],
                   strcmp(object[0], "Job") == 0
                       ? "{\"apiVersion\":\"batch/v1\",\"kind\":\"CronJob\",\"name\":\"backup\",\"controller\":true}"
                       : "",
                   object[3]);
    cat_autofree char *data =
        cat_printf("{\"cluster\":\"%s\",\"epoch\":3,\"uid\":\"%s\",\"resourceVersion\":\"%zu\",\"kind\":\"%s\",\"group\":\"%s\","
                   "\"version\":\"v1\",\"namespace\":\"app0-dev\",\"name\":\"%s\"%s}",
                   TEST_CLUSTERS[0], object[2], number, object[0], object[1], object[2], deleted ? "" : text);
    cat_autofree char *id = cat_printf("related/%zu", number);
    return test_event_make("ws.acme-dev.k8s.x.y.z", deleted ? "k8s.deleted" : "k8s.object", id, time_ms, "", data);
}

static inline test_event test_random_push(size_t number, int64_t time_ms)
{
    cat_autofree char *app = test_application();
    cat_autofree char *data = cat_printf(
        "{\"application\":\"%s\",\"repository\":\"acme/%s\",\"branch\":\"develop\",\"before\":\"%040zx\",\"after\":\"%040zx\","
        "\"commits\":[{\"id\":\"%040zx\",\"message\":\"change "
        "%zu\",\"time\":\"2025-11-24T16:00:00Z\",\"author\":{\"name\":\"Alice\"},"
        "\"files\":[\"values.yaml\"]}]}",
        app, app, number - test_chance(3), number + 1, number + 1, number);
    cat_autofree char *id = cat_printf("gitea/%zu", number);
    return test_event_make("ws.acme-dev.git.x", "git.push", id, time_ms, "", data);
}

static inline test_event test_random_operation(size_t number, int64_t time_ms)
{
    unsigned id = test_chance(6);
    cat_autofree char *data = cat_printf("{\"operation\":\"op%u\",\"kind\":\"install\",\"application\":\"blog\",\"status\":"
                                         "\"Running\",\"sequence\":%zu,\"steps\":[]}",
                                         id, number - test_chance(9) % (number + 1));
    cat_autofree char *event_id = cat_printf("op%u/%zu", id, number);
    return test_event_make("ws.acme-dev.operation.op", "operation.step", event_id, time_ms, "", data);
}

static inline test_event test_random_event(size_t number, int64_t *time_ms)
{
    *time_ms += test_chance(200) == 0 ? 90 * 60 * 1000 : test_chance(40000);
    unsigned what = test_chance(24);
    if (what >= 20)
        return what == 23 ? test_event_make("ws.acme-dev.sync.time", "time.passed", "time", *time_ms, "", "{\"due\":0}")
                          : test_random_related(number, *time_ms);
    if (what < 14)
        return test_random_object(number, *time_ms);
    if (what < 17)
        return test_random_push(number, *time_ms);
    if (what < 19)
        return test_random_operation(number, *time_ms);
    return test_event_make("ws.acme-dev.k8s.x.y.z", "k8s.object", "poison", *time_ms, "", "{\"cluster\":7}");
}

static inline test_event *test_random_log(size_t count)
{
    test_event *log = cat_calloc(count, sizeof *log);
    int64_t time_ms = FOLD_TEST_START_MS;
    for (size_t i = 0; i < count; i++)
        log[i] = test_random_event(i + 1, &time_ms);
    return log;
}

static inline void test_free_log(test_event *log, size_t count)
{
    for (size_t i = 0; i < count; i++)
        test_event_finish(&log[i]);
    free(log);
}

#endif
