/* A fold on a bench, for tests of what rows say: objects go in, rows come out. Header only. */
#ifndef PROJECTOR_FOLD_BENCH_H
#define PROJECTOR_FOLD_BENCH_H

#include "base/test.h"
#include "core/fold_testing.h"
#include "wire/json.h"

#define NOW FOLD_TEST_START_MS

typedef struct {
    prj_fold *state;
    cat_map *bucket;
    uint64_t sequence;
} bench;

static inline bench bench_make(void)
{
    return (bench){prj_fold_create("acme", "acme-dev"), cat_map_create(free), 0};
}

static inline void bench_finish(bench *used)
{
    prj_fold_destroy(used->state);
    cat_map_destroy(used->bucket);
}

static inline void give(bench *used, const char *type, const char *data)
{
    test_event event = test_event_make("ws.acme-dev.k8s.x.y.z", type, "id", NOW + (int64_t)used->sequence, "", data);
    cat_error error = {0};
    if (test_apply(used->state, &event, ++used->sequence, &error) < 0)
        cat_test_fail(__FILE__, __LINE__, "%s", error.message);
    test_event_finish(&event);
    test_write(used->state, used->bucket);
}

/* `rest`: everything of the object behind its name and namespace in metadata. */
static inline void give_object(bench *used, const char *cluster, const char *kind, const char *api, const char *namespace,
                               const char *name, const char *metadata, const char *rest, const char *more)
{
    const char *slash = strchr(api, '/');
    cat_autofree char *group = slash ? cat_strndup(api, (size_t)(slash - api)) : cat_strdup("");
    cat_autofree char *data = cat_printf("{\"cluster\":\"%s\",\"epoch\":1,\"uid\":\"u\",\"resourceVersion\":\"%llu\",\"kind\":\"%"
                                         "s\",\"group\":\"%s\",\"namespace\":\"%s\",\"name\":\"%s\"%s,"
                                         "\"object\":{\"apiVersion\":\"%s\",\"kind\":\"%s\",\"metadata\":{\"name\":\"%s\","
                                         "\"namespace\":\"%s\",\"generation\":1%s}%s}}",
                                         cluster, (unsigned long long)used->sequence + 1, kind, group, namespace, name, more, api,
                                         kind, name, namespace, metadata, rest);
    give(used, "k8s.object", data);
}

/* Nothing happens for so long, and the fold is told. */
static inline void pass_seconds(bench *used, int seconds)
{
    used->sequence += (uint64_t)seconds * 1000; /* the bench's clock, too */
    give(used, "time.passed", "{}");
}

static inline json_t *row_of(const bench *used, const char *key)
{
    const char *text = cat_map_get(used->bucket, key);
    json_t *json = NULL;
    if (text)
        cat_json_parse(text, strlen(text), &CAT_JSON_CAPS, &json, NULL);
    return json;
}

static inline json_t *application_of(const bench *used)
{
    return row_of(used, "application._.blog");
}

#endif
