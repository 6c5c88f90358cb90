/* Rows of Kubernetes objects: order, tombstones, merging of vclusters, what is poison. */
#include "base/test.h"
#include "core/fold_testing.h"
#include "wire/json.h"

#define DEPLOYMENT "deployment.blog-dev.blog"
#define NOW FOLD_TEST_START_MS

typedef struct {
    prj_fold *state;
    cat_map *bucket;
    uint64_t sequence;
} bench;

static bench bench_make(void)
{
    return (bench){prj_fold_create("acme", "acme-dev"), cat_map_create(free), 0};
}

static void bench_finish(bench *used)
{
    prj_fold_destroy(used->state);
    cat_map_destroy(used->bucket);
}

static size_t give(bench *used, const char *type, int64_t time_ms, const char *data)
{
    test_event event = test_event_make("ws.acme-dev.k8s.deployment.blog-dev.blog", type, "id", time_ms, "", data);
    cat_error error = {0};
    if (test_apply(used->state, &event, ++used->sequence, &error) < 0)
        cat_test_fail(__FILE__, __LINE__, "%s", error.message);
    test_event_finish(&event);
    return test_write(used->state, used->bucket);
}

static char *deployment(const char *cluster, int epoch, int version, int ready, const char *more)
{
    return cat_printf("{\"cluster\":\"%s\",\"epoch\":%d,\"uid\":\"u1\",\"resourceVersion\":\"%d\",\"kind\":\"Deployment\","
                      "\"group\":\"apps\",\"version\":\"v1\","
                      "\"namespace\":\"blog-dev\",\"name\":\"blog\"%s,\"object\":{\"apiVersion\":\"apps/"
                      "v1\",\"kind\":\"Deployment\",\"metadata\":{\"name\":\"blog\","
                      "\"namespace\":\"blog-dev\",\"generation\":1},\"spec\":{\"replicas\":2,\"template\":{\"spec\":{"
                      "\"containers\":[{\"image\":\"nginx:1\"}]}}},"
                      "\"status\":{\"observedGeneration\":1,\"replicas\":2,\"updatedReplicas\":2,\"readyReplicas\":%d,"
                      "\"availableReplicas\":%d,\"conditions\":[{\"type\":\"Available\",\"status\":\"%s\"}]}}}",
                      cluster, epoch, version, more, ready, ready, ready == 2 ? "True" : "False");
}

static char *gone(const char *cluster, int epoch, int version)
{
    return cat_printf("{\"cluster\":\"%s\",\"epoch\":%d,\"uid\":\"u1\",\"resourceVersion\":\"%d\",\"kind\":\"Deployment\","
                      "\"group\":\"apps\",\"version\":\"v1\","
                      "\"namespace\":\"blog-dev\",\"name\":\"blog\"}",
                      cluster, epoch, version);
}

static json_t *row_of(const bench *used, const char *key)
{
    const char *text = cat_map_get(used->bucket, key);
    json_t *json = NULL;
    if (text)
        cat_json_parse(text, strlen(text), &CAT_JSON_CAPS, &json, NULL);
    return json;
}

TEST("an object becomes a row with its Application, status, images and replicas")
{
    bench used = bench_make();
    cat_autofree char *data = deployment("c1", 1, 5, 2, "");
    give(&used, "k8s.object", NOW, data);
    cat_autojson json_t *row = row_of(&used, DEPLOYMENT);
    EXPECT_TEXT(cat_json_text(row, "status"), "Running");
    EXPECT_TEXT(cat_json_text(row, "application"), "blog");
    EXPECT_TEXT(cat_json_text(row, "clusters.c1.images.0"), "nginx:1");
    EXPECT_INT(cat_json_int_or(row, "clusters.c1.replicas.ready", -1), 2);
    EXPECT_INT(cat_json_int_or(row, "seq", 0), 1);
    EXPECT_TEXT(cat_json_text(row, "observedAt"), "2025-11-24T16:00:00.000Z");
    bench_finish(&used);
}

TEST("only what is newer by epoch, then resourceVersion, changes a row")
{
    static const struct {
        const char *name;
        int epoch, version;
        bool deleted, changes;
    } ROWS[] = {
        {"the same again", 2, 50, false, false},
        {"an older version", 2, 49, false, false},
        {"a version that is smaller as text", 2, 6, false, false},
        {"an older epoch", 1, 900, false, false},
        {"a newer version", 2, 100, false, true},
        {"a newer epoch, smaller version", 3, 1, false, true},
        {"a delete of before", 2, 49, true, false},
        {"a delete of now", 2, 50, true, true},
        {"a delete of an older epoch", 1, 99, true, false},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        cat_test_row("%s", ROWS[i].name);
        bench used = bench_make();
        cat_autofree char *first = deployment("c1", 2, 50, 2, "");
        give(&used, "k8s.object", NOW, first);
        cat_autofree char *next = ROWS[i].deleted ? gone("c1", ROWS[i].epoch, ROWS[i].version)
                                                  : deployment("c1", ROWS[i].epoch, ROWS[i].version, 1, "");
        EXPECT(ROWS[i].changes == (give(&used, ROWS[i].deleted ? "k8s.deleted" : "k8s.object", NOW + 1, next) > 0));
        bench_finish(&used);
    }
}

TEST("a deleted object stays a tombstone for an hour of event time, then leaves")
{
    bench used = bench_make();
    cat_autofree char *there = deployment("c1", 1, 5, 2, ""), *deleted = gone("c1", 1, 6), *late = deployment("c1", 1, 5, 2, "");
    give(&used, "k8s.object", NOW, there);
    give(&used, "k8s.deleted", NOW + 1000, deleted);
    cat_autojson json_t *row = row_of(&used, DEPLOYMENT);
    EXPECT(cat_json_bool_or(row, "deleted", false));
    EXPECT_TEXT(cat_json_text(row, "resourceVersion"), "6");
    EXPECT_INT(give(&used, "k8s.object", NOW + 2000, late), 0);
    cat_autofree char *other = cat_printf("{\"operation\":\"x\",\"sequence\":1}"),
                      *other2 = cat_printf("{\"operation\":\"x\",\"sequence\":2}");
    give(&used, "operation.step", NOW + 1000 + FOLD_TOMBSTONE_MS - 1, other);
    EXPECT(cat_map_get(used.bucket, DEPLOYMENT) != NULL);
    give(&used, "operation.step", NOW + 1000 + FOLD_TOMBSTONE_MS, other2);
    EXPECT(cat_map_get(used.bucket, DEPLOYMENT) == NULL);
    bench_finish(&used);
}

TEST("a row merges its vclusters, and the worst of them speaks")
{
    bench used = bench_make();
    cat_autofree char *well = deployment("c1", 1, 5, 2, ""), *ill = deployment("c2", 1, 5, 1, ""), *deleted = gone("c2", 1, 6),
                      *late = deployment("c2", 1, 5, 1, "");
    give(&used, "k8s.object", NOW, well);
    give(&used, "k8s.object", NOW, ill);
    cat_autojson json_t *both = row_of(&used, DEPLOYMENT);
    EXPECT_TEXT(cat_json_text(both, "status"), "Progressing");
    EXPECT(cat_json_text(both, "message") != NULL);
    give(&used, "k8s.deleted", NOW, deleted);
    cat_autojson json_t *one = row_of(&used, DEPLOYMENT);
    EXPECT_TEXT(cat_json_text(one, "status"), "Running");
    EXPECT(!cat_json_get(one, "clusters.c2"));
    EXPECT(!cat_json_get(one, "deleted"));
    EXPECT_INT(give(&used, "k8s.object", NOW, late), 0);
    bench_finish(&used);
}

TEST("fields that nobody knows yet pass through")
{
    bench used = bench_make();
    cat_autofree char *data = deployment("c1", 1, 5, 2, ",\"tomorrow\":{\"a\":1}");
    give(&used, "k8s.object", NOW, data);
    cat_autojson json_t *row = row_of(&used, DEPLOYMENT);
    EXPECT_INT(cat_json_int_or(row, "clusters.c1.tomorrow.a", 0), 1);
    bench_finish(&used);
}

TEST("an object that was changed behind Git's back says by whom until it is put back")
{
    bench used = bench_make();
    cat_autofree char *drifted =
                          deployment("c1", 1, 5, 2, ",\"drift\":{\"manager\":\"kubectl-edit\",\"at\":\"2025-11-24T15:59:00Z\"}"),
                      *back = deployment("c1", 1, 6, 2, "");
    give(&used, "k8s.object", NOW, drifted);
    cat_autojson json_t *row = row_of(&used, DEPLOYMENT);
    EXPECT_TEXT(cat_json_text(row, "cause"), "changed outside Git by kubectl-edit at 2025-11-24T15:59:00Z");
    give(&used, "k8s.object", NOW, back);
    cat_autojson json_t *mended = row_of(&used, DEPLOYMENT);
    EXPECT(!cat_json_get(mended, "cause") && !cat_json_get(mended, "drift"));
    bench_finish(&used);
}

TEST("a repair counts like the event that was missing")
{
    bench used = bench_make();
    cat_autofree char *inner = deployment("c1", 1, 5, 2, ""), *data = cat_printf("{\"repair\":%s}", inner),
                      *inner_gone = gone("c1", 1, 7), *data_gone = cat_printf("{\"repair\":%s}", inner_gone);
    give(&used, "sync.repair", NOW, data);
    EXPECT(cat_map_get(used.bucket, DEPLOYMENT) != NULL);
    give(&used, "sync.repair", NOW, data_gone);
    cat_autojson json_t *row = row_of(&used, DEPLOYMENT);
    EXPECT(cat_json_bool_or(row, "deleted", false));
    bench_finish(&used);
}

TEST("poison is named and changes nothing")
{
    static const struct {
        const char *name, *data;
    } ROWS[] = {
        {"no JSON", "{"},
        {"no CloudEvent", "{\"a\":1}"},
        {"a wrong version of CloudEvents",
         "{\"specversion\":\"0.3\",\"id\":\"a\",\"source\":\"b\",\"type\":\"io.openova.catalyst.k8s.object.v1\"}"},
        {"no data", "{\"specversion\":\"1.0\",\"id\":\"a\",\"source\":\"b\",\"type\":\"io.openova.catalyst.k8s.object.v1\"}"},
        {"a cluster that is a number", "{\"specversion\":\"1.0\",\"id\":\"a\",\"source\":\"b\",\"type\":\"io.openova.catalyst."
                                       "k8s.object.v1\",\"data\":{\"cluster\":1}}"},
        {"no object", "{\"specversion\":\"1.0\",\"id\":\"a\",\"source\":\"b\",\"type\":\"io.openova.catalyst.k8s.object.v1\","
                      "\"data\":{\"cluster\":\"c\",\"epoch\":1,"
                      "\"resourceVersion\":\"1\",\"kind\":\"Pod\",\"name\":\"a\"}}"},
        {"another Organization", "{\"specversion\":\"1.0\",\"id\":\"a\",\"source\":\"b\",\"organization\":\"umbrella\",\"type\":"
                                 "\"io.openova.catalyst.operation.step.v1\","
                                 "\"data\":{\"operation\":\"a\",\"sequence\":1}}"},
        {"an operation without a sequence", "{\"specversion\":\"1.0\",\"id\":\"a\",\"source\":\"b\",\"type\":\"io.openova."
                                            "catalyst.operation.step.v1\",\"data\":{\"operation\":\"a\"}}"},
        {"a push without commits", "{\"specversion\":\"1.0\",\"id\":\"a\",\"source\":\"b\",\"type\":\"io.openova.catalyst.git."
                                   "push.v1\",\"data\":{\"application\":\"blog\","
                                   "\"branch\":\"develop\",\"before\":\"x\",\"after\":\"y\"}}"},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        cat_test_row("%s", ROWS[i].name);
        bench used = bench_make();
        cat_error error = {0};
        prj_fold_event event = {"ws.acme-dev.k8s.pod.x.y", ROWS[i].data, strlen(ROWS[i].data), 1, NULL, NULL};
        EXPECT_INT(prj_fold_apply(used.state, &event, &error), CAT_E_INVALID);
        EXPECT(error.message[0] != '\0');
        EXPECT_INT(test_write(used.state, used.bucket), 0);
        bench_finish(&used);
    }
}

TEST("a type that nobody knows yet is no poison")
{
    bench used = bench_make();
    EXPECT_INT(give(&used, "tomorrow.thing", NOW, "{}"), 0);
    bench_finish(&used);
}

TEST("what Flux said stands beside its Kustomization, the newest of it")
{
    bench used = bench_make();
    static const char KUSTOMIZATION[] =
        "{\"cluster\":\"c1\",\"epoch\":1,\"uid\":\"k\",\"resourceVersion\":\"1\",\"kind\":\"Kustomization\","
        "\"group\":\"kustomize.toolkit.fluxcd.io\",\"namespace\":\"flux-system\",\"name\":\"blog-dev\",\"object\":{"
        "\"apiVersion\":"
        "\"kustomize.toolkit.fluxcd.io/"
        "v1\",\"kind\":\"Kustomization\",\"metadata\":{\"name\":\"blog-dev\",\"namespace\":\"flux-system\"}}}";
    static const char NOTICE[] = "{\"cluster\":\"c1\",\"kustomization\":\"blog-dev\",\"namespace\":\"flux-system\",\"severity\":"
                                 "\"error\",\"reason\":\"BuildFailed\",\"message\":\"unable to clone 'http://127.0.0.1:3000/'\"}";
    EXPECT_INT(give(&used, "flux.notice", NOW, NOTICE), 0);
    give(&used, "k8s.object", NOW, KUSTOMIZATION);
    EXPECT_INT(give(&used, "flux.notice", NOW + 1, NOTICE), 1);
    EXPECT_INT(give(&used, "flux.notice", NOW + 1, NOTICE), 0);
    /* sent again later with the time that it was signed with, and another one of the same second */
    static const char GOOD[] = "{\"cluster\":\"c1\",\"kustomization\":\"blog-dev\",\"namespace\":\"flux-system\",\"severity\":"
                               "\"info\",\"reason\":\"Progressing\",\"message\":\"yes\"}";
    EXPECT_INT(give(&used, "flux.notice", NOW, GOOD), 0);
    EXPECT_INT(give(&used, "flux.notice", NOW + 1, GOOD), 0);
    EXPECT_INT(give(&used, "flux.notice", NOW + 2, GOOD), 1);
    EXPECT_INT(give(&used, "flux.notice", NOW + 2, NOTICE), 1);
    EXPECT_INT(give(&used, "flux.notice", NOW + 2, GOOD), 0);
    cat_autojson json_t *row = row_of(&used, "kustomization_kustomize_toolkit_fluxcd_io.flux-system.blog-dev");
    EXPECT_TEXT(cat_json_text(row, "notices.c1.reason"), "BuildFailed");
    EXPECT(!cat_json_text(row, "notices.c1.message"));
    bench_finish(&used);
}

TEST("what Flux writes into conditions of its own objects stays with it, as it holds inner addresses; others' is shown")
{
    bench used = bench_make();
    static const char OBJECT[] =
        "{\"cluster\":\"c1\",\"epoch\":1,\"uid\":\"%s\",\"resourceVersion\":\"1\",\"kind\":\"%s\",\"group\":\"%s\","
        "\"namespace\":\"blog-dev\",\"name\":\"x\",\"object\":{\"apiVersion\":\"%s/v1\",\"kind\":\"%s\",\"metadata\":{"
        "\"name\":\"x\",\"namespace\":\"blog-dev\"},\"status\":{\"conditions\":[{\"type\":\"Ready\",\"status\":\"False\","
        "\"reason\":\"GitOperationFailed\",\"message\":\"unable to clone 'http://127.0.0.1:3000/acme/x'\"}]}}}";
    static const struct {
        const char *kind, *group, *row;
        bool shown;
    } KINDS[] = {
        {"GitRepository", "source.toolkit.fluxcd.io", "gitrepository_source_toolkit_fluxcd_io.blog-dev.x", false},
        {"HelmRelease", "helm.toolkit.fluxcd.io", "helmrelease_helm_toolkit_fluxcd_io.blog-dev.x", false},
        {"Bucket", "store.example.org", "bucket_store_example_org.blog-dev.x", true},
    };
    for (size_t i = 0; i < sizeof KINDS / sizeof *KINDS; i++) {
        cat_test_row("%s", KINDS[i].kind);
        char event[2048];
        snprintf(event, sizeof event, OBJECT, KINDS[i].kind, KINDS[i].kind, KINDS[i].group, KINDS[i].group, KINDS[i].kind);
        EXPECT(give(&used, "k8s.object", NOW, event) > 0);
        cat_autojson json_t *row = row_of(&used, KINDS[i].row);
        cat_autofree char *text = json_dumps(row, 0);
        EXPECT(text != NULL);
        EXPECT(strstr(text, "GitOperationFailed") != NULL);
        EXPECT_INT(strstr(text, "127.0.0.1") != NULL, KINDS[i].shown);
    }
    bench_finish(&used);
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
