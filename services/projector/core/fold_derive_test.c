/* The Application's row: what runs, since which commit, what is wrong, in words. */
#include "core/fold_bench.h"

#define A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

static void give_kustomization(bench *used, const char *cluster, const char *applied)
{
    cat_autofree char *rest = cat_printf(
        ",\"status\":{\"observedGeneration\":1,\"lastAppliedRevision\":\"develop@sha1:%s\",\"conditions\":[{\"type\":\"Ready\","
        "\"status\":"
        "\"True\",\"reason\":\"ReconciliationSucceeded\",\"message\":\"ok\",\"lastTransitionTime\":\"2025-11-24T15:00:00Z\"}]}",
        applied);
    give_object(used, cluster, "Kustomization", "kustomize.toolkit.fluxcd.io/v1", "flux-system", "blog-dev",
                ",\"labels\":{\"openova.io/application\":\"blog\",\"openova.io/blueprint\":\"bp-wordpress\",\"openova.io/"
                "blueprint-version\":\"1.3.0\"}",
                rest, "");
}

static void give_deployment(bench *used, int ready, const char *more)
{
    cat_autofree char *rest = cat_printf(
        ",\"spec\":{\"replicas\":1,\"template\":{\"spec\":{\"containers\":[{\"name\":\"web\",\"image\":\"nginx:9\"}]}}},"
        "\"status\":{\"observedGeneration\":1,\"replicas\":1,\"updatedReplicas\":1,\"readyReplicas\":%d,\"availableReplicas\":%"
        "d,\"conditions\":[{\"type\":\"Available\",\"status\":\"%s\"}]}",
        ready, ready, ready ? "True" : "False");
    give_object(used, "c1", "Deployment", "apps/v1", "blog-dev", "blog", "", rest, more);
}

static void give_replicaset(bench *used)
{
    give_object(
        used, "c1", "ReplicaSet", "apps/v1", "blog-dev", "blog-1",
        ",\"ownerReferences\":[{\"apiVersion\":\"apps/v1\",\"kind\":\"Deployment\",\"name\":\"blog\",\"controller\":true}]",
        ",\"spec\":{\"replicas\":1},\"status\":{\"observedGeneration\":1,\"replicas\":1}", "");
}

static void give_pod_that_cannot_pull(bench *used)
{
    give_object(
        used, "c1", "Pod", "v1", "blog-dev", "blog-1-x",
        ",\"ownerReferences\":[{\"apiVersion\":\"apps/v1\",\"kind\":\"ReplicaSet\",\"name\":\"blog-1\",\"controller\":true}]",
        ",\"spec\":{\"containers\":[{\"name\":\"web\",\"image\":\"nginx:9\"}]},\"status\":{\"phase\":\"Pending\",\"conditions\":["
        "{\"type\":\"Ready\",\"status\":\"False\","
        "\"reason\":\"ContainersNotReady\",\"lastTransitionTime\":\"2025-11-24T16:00:00Z\"}],\"containerStatuses\":[{\"name\":"
        "\"web\",\"image\":\"nginx:9\",\"ready\":false,"
        "\"restartCount\":0,\"state\":{\"waiting\":{\"reason\":\"ImagePullBackOff\",\"message\":\"Back-off pulling image\"}}}]}",
        "");
}

static void give_pushes(bench *used)
{
    give(used, "git.push",
         "{\"application\":\"blog\",\"repository\":\"acme/"
         "blog\",\"branch\":\"develop\",\"before\":\"0000000000000000000000000000000000000000\",\"after\":\"" B "\","
         "\"commits\":[{\"id\":\"" A "\",\"message\":\"Use nginx "
         "9\\n\\nmore\",\"time\":\"2025-11-24T15:20:00Z\",\"author\":{\"name\":\"Alice\"},\"files\":[\"values.yaml\"]},"
         "{\"id\":\"" B "\",\"message\":\"Correct the "
         "readme\",\"time\":\"2025-11-24T15:25:00Z\",\"author\":{\"name\":\"Bob\"},\"files\":[\"README.md\"]}]}");
}

TEST("an Application that is well says what runs, what it consists of and where it is")
{
    bench used = bench_make();
    give_pushes(&used);
    EXPECT(application_of(&used) == NULL);
    give_kustomization(&used, "c1", B);
    give_deployment(&used, 1, "");
    give_replicaset(&used);
    give_object(
        &used, "c1", "Ingress", "networking.k8s.io/v1", "blog-dev", "blog", "",
        ",\"spec\":{\"rules\":[{\"host\":\"blog.acme-dev.example.org\"}],\"tls\":[{\"hosts\":[\"blog.acme-dev.example.org\"]}]}",
        "");
    cat_autojson json_t *row = application_of(&used);
    EXPECT_TEXT(cat_json_text(row, "status"), "Running");
    EXPECT_TEXT(cat_json_text(row, "wanted.commit"), B);
    EXPECT_TEXT(cat_json_text(row, "wanted.author"), "Bob");
    EXPECT_TEXT(cat_json_text(row, "running.commit"), B);
    EXPECT_INT(cat_json_int_or(row, "resources.total", 0), 2);
    EXPECT_INT(cat_json_int_or(row, "resources.ready", 0), 2);
    EXPECT_TEXT(cat_json_text(row, "images.0"), "nginx:9");
    EXPECT_TEXT(cat_json_text(row, "url"), "https://blog.acme-dev.example.org");
    EXPECT_TEXT(cat_json_text(row, "blueprint"), "bp-wordpress");
    EXPECT_TEXT(cat_json_text(row, "version"), "1.3.0");
    EXPECT(!cat_json_text(row, "message"));
    bench_finish(&used);
}

TEST("an image that cannot be pulled is named with the commit that brought it")
{
    bench used = bench_make();
    give_pushes(&used);
    give_kustomization(&used, "c1", B);
    give_deployment(&used, 0, "");
    give_replicaset(&used);
    give_pod_that_cannot_pull(&used);
    pass_seconds(&used, 31);
    cat_autojson json_t *row = application_of(&used);
    EXPECT_TEXT(cat_json_text(row, "status"), "Degraded");
    EXPECT_TEXT(cat_json_text(row, "reason"), "ImagePullBackOff");
    EXPECT_TEXT(cat_json_text(row, "resource"), "pod/blog-dev/blog-1-x");
    EXPECT_TEXT(cat_json_text(row, "commit"), A);
    const char *message = cat_json_text_or(row, "message", "");
    EXPECT(strstr(message, "nginx:9") != NULL);
    EXPECT(strstr(message, "It came with commit aaaaaaaa \"Use nginx 9\" by Alice") != NULL);
    EXPECT(cat_json_text(row, "next") != NULL);
    EXPECT_TEXT(cat_json_text(row, "since"), "2025-11-24T16:00:00.002Z");
    bench_finish(&used);
}

TEST("a Pod that something well has replaced is no problem")
{
    bench used = bench_make();
    give_pushes(&used);
    give_kustomization(&used, "c1", B);
    give_deployment(&used, 1, "");
    give_replicaset(&used);
    give_pod_that_cannot_pull(&used);
    cat_autojson json_t *row = application_of(&used);
    EXPECT_TEXT(cat_json_text(row, "status"), "Running");
    bench_finish(&used);
}

TEST("a commit that Flux has not applied yet is progress, and is named")
{
    bench used = bench_make();
    give_pushes(&used);
    give_kustomization(&used, "c1", A);
    give_deployment(&used, 1, "");
    cat_autojson json_t *row = application_of(&used);
    EXPECT_TEXT(cat_json_text(row, "status"), "Progressing");
    EXPECT_TEXT(cat_json_text(row, "reason"), "Updating");
    EXPECT_TEXT(cat_json_text(row, "message"),
                "Updating: commit bbbbbbbb \"Correct the readme\" by Bob is in Git and not applied yet");
    EXPECT_TEXT(cat_json_text(row, "running.commit"), A);
    bench_finish(&used);
}

TEST("one vcluster that is behind is what runs, as long as it is behind")
{
    bench used = bench_make();
    give_pushes(&used);
    give_kustomization(&used, "c1", B);
    give_kustomization(&used, "c2", A);
    cat_autojson json_t *behind = application_of(&used);
    EXPECT_TEXT(cat_json_text(behind, "running.commit"), A);
    EXPECT_TEXT(cat_json_text(behind, "clusters.c1.commit"), B);
    give_kustomization(&used, "c2", B);
    cat_autojson json_t *level = application_of(&used);
    EXPECT_TEXT(cat_json_text(level, "running.commit"), B);
    EXPECT_TEXT(cat_json_text(level, "status"), "Running");
    bench_finish(&used);
}

TEST("what was changed outside Git shows in the Application until it is put back")
{
    bench used = bench_make();
    give_pushes(&used);
    give_kustomization(&used, "c1", B);
    give_deployment(&used, 1, ",\"drift\":{\"manager\":\"kubectl-edit\",\"at\":\"2025-11-24T15:59:00Z\"}");
    cat_autojson json_t *row = application_of(&used);
    EXPECT_TEXT(cat_json_text(row, "status"), "Progressing");
    EXPECT_TEXT(cat_json_text(row, "reason"), "ChangedOutsideGit");
    EXPECT_TEXT(cat_json_text(row, "cause"),
                "deployment/blog-dev/blog changed outside Git by kubectl-edit at 2025-11-24T15:59:00Z");
    give_deployment(&used, 1, "");
    cat_autojson json_t *back = application_of(&used);
    EXPECT_TEXT(cat_json_text(back, "status"), "Running");
    bench_finish(&used);
}

static void give_suspended_kustomization(bench *used)
{
    give_object(used, "c1", "Kustomization", "kustomize.toolkit.fluxcd.io/v1", "flux-system", "blog-dev",
                ",\"labels\":{\"openova.io/application\":\"blog\"}",
                ",\"spec\":{\"suspend\":true},\"status\":{\"observedGeneration\":1,\"lastAppliedRevision\":\"develop@sha1:" B
                "\",\"conditions\":[{\"type\":\"Ready\",\"status\":\"True\"}]}",
                "");
}

TEST("an Application that somebody scaled to nothing is not suspended, and no commit is to blame")
{
    static const struct {
        bool flux_suspended;
        const char *status, *words;
    } ROWS[] = {{false, "Progressing", "changed outside Git by kubectl"},
                {true, "Suspended", "stays so while its Kustomization is suspended"}};
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        cat_test_row("%s", ROWS[i].words);
        bench used = bench_make();
        give_pushes(&used);
        give_kustomization(&used, "c1", B);
        if (ROWS[i].flux_suspended)
            give_suspended_kustomization(&used);
        give_object(&used, "c1", "Deployment", "apps/v1", "blog-dev", "blog", "",
                    ",\"spec\":{\"replicas\":0},\"status\":{\"observedGeneration\":1}", ",\"drift\":{\"manager\":\"kubectl\"}");
        cat_autojson json_t *row = application_of(&used);
        EXPECT_TEXT(cat_json_text(row, "status"), ROWS[i].status);
        EXPECT_TEXT(cat_json_text(row, "reason"), "ChangedOutsideGit");
        EXPECT(strstr(cat_json_text_or(row, "message", ""), ROWS[i].words) != NULL);
        EXPECT_TEXT(cat_json_text(row, "cause"), "deployment/blog-dev/blog changed outside Git by kubectl");
        EXPECT(strstr(cat_json_text_or(row, "message", ""), "It came with") == NULL);
        bench_finish(&used);
    }
}

TEST("before Flux has applied anything the Application says what it waits for")
{
    bench used = bench_make();
    give_object(&used, "management", "Application", "catalyst.openova.io/v1alpha1", "acme", "blog",
                ",\"labels\":{\"openova.io/application\":\"blog\"}",
                ",\"spec\":{\"displayName\":\"Our blog\"},\"status\":{\"conditions\":[{\"type\":\"Ready\",\"status\":\"True\"}]}",
                "");
    cat_autojson json_t *row = application_of(&used);
    EXPECT_TEXT(cat_json_text(row, "status"), "Progressing");
    EXPECT_TEXT(cat_json_text(row, "displayName"), "Our blog");
    EXPECT(cat_json_text(row, "message") && cat_json_text(row, "next"));
    bench_finish(&used);
}

TEST("an Application leaves with its object and Flux's, though a volume of it stays")
{
    bench used = bench_make();
    give_kustomization(&used, "c1", B);
    give_object(&used, "c1", "PersistentVolumeClaim", "v1", "blog-dev", "data", "", ",\"status\":{\"phase\":\"Bound\"}", "");
    cat_autojson json_t *there = application_of(&used);
    EXPECT(!cat_json_bool_or(there, "deleted", false));
    give(&used, "k8s.deleted",
         "{\"cluster\":\"c1\",\"epoch\":1,\"uid\":\"u\",\"resourceVersion\":\"99\",\"kind\":\"Kustomization\",\"group\":"
         "\"kustomize.toolkit.fluxcd.io\","
         "\"namespace\":\"flux-system\",\"name\":\"blog-dev\"}");
    cat_autojson json_t *gone = application_of(&used);
    EXPECT(gone && cat_json_bool_or(gone, "deleted", false));
    used.sequence += 2 * FOLD_TOMBSTONE_MS; /* the bench's clock, too */
    give(&used, "operation.step", "{\"operation\":\"o\",\"sequence\":1}");
    EXPECT(application_of(&used) == NULL);
    EXPECT(cat_map_get(used.bucket, "persistentvolumeclaim.blog-dev.data") != NULL);
    bench_finish(&used);
}

TEST("a warning of Kubernetes explains a resource that has no words")
{
    bench used = bench_make();
    give_kustomization(&used, "c1", B);
    give_object(&used, "c1", "PersistentVolumeClaim", "v1", "blog-dev", "data", "", ",\"status\":{\"phase\":\"Pending\"}", "");
    cat_autojson json_t *row = application_of(&used);
    EXPECT(strcmp(cat_json_text_or(row, "status", ""), "Running") != 0);
    EXPECT_TEXT(cat_json_text(row, "resource"), "persistentvolumeclaim/blog-dev/data");
    bench_finish(&used);
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
