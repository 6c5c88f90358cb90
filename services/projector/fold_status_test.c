/* What people hear of an Application: its parts merged by meaning, with time to begin, the right commit and the right address. */
#include "fold_bench.h"

#define A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define C "cccccccccccccccccccccccccccccccccccccccc"
#define ZERO "0000000000000000000000000000000000000000"
#define BY_FLUX ",\"labels\":{\"kustomize.toolkit.fluxcd.io/name\":\"blog-dev\"}"
#define OWNED(api, kind, name)                                                                                                   \
    ",\"ownerReferences\":[{\"apiVersion\":\"" api "\",\"kind\":\"" kind "\",\"name\":\"" name "\",\"controller\":true}]"

static void give_source(bench *used, const char *commit, const char *reads)
{
    cat_autofree char *metadata =
        cat_printf(",\"labels\":{\"openova.io/application\":\"blog\"},\"annotations\":{\"openova.io/reads\":\"%s\"}", reads);
    cat_autofree char *rest = cat_printf(",\"spec\":{\"ref\":{\"branch\":\"develop\",\"commit\":\"%s\"}},\"status\":{"
                                         "\"observedGeneration\":1,\"conditions\":[{\"type\":\"Ready\",\"status\":\"True\"}]}",
                                         commit);
    give_object(used, "c1", "GitRepository", "source.toolkit.fluxcd.io/v1", "flux-system", "blog-dev", metadata, rest, "");
}

static void give_flux(bench *used, const char *commit)
{
    cat_autofree char *rest = cat_printf(",\"status\":{\"observedGeneration\":1,\"lastAppliedRevision\":\"develop@sha1:%s\","
                                         "\"lastAttemptedRevision\":\"develop@sha1:%s\",\"conditions\":[{\"type\":\"Ready\","
                                         "\"status\":\"True\"}]}",
                                         commit, commit);
    give_object(used, "c1", "Kustomization", "kustomize.toolkit.fluxcd.io/v1", "flux-system", "blog-dev",
                ",\"labels\":{\"openova.io/application\":\"blog\"}", rest, "");
}

/* In generation `generation`, with `ready` of one pod. */
static void give_web(bench *used, int generation, int ready)
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

static void give_set(bench *used, const char *name)
{
    give_object(used, "c1", "ReplicaSet", "apps/v1", "blog-dev", name, OWNED("apps/v1", "Deployment", "web"),
                ",\"spec\":{\"replicas\":1},\"status\":{\"observedGeneration\":1,\"replicas\":1,\"fullyLabeledReplicas\":1}", "");
}

static void give_pod(bench *used, const char *name, const char *api, const char *kind, const char *owner, const char *reason)
{
    cat_autofree char *metadata = cat_printf(",\"ownerReferences\":[{\"apiVersion\":\"%s\",\"kind\":\"%s\",\"name\":\"%s\","
                                             "\"controller\":true}]",
                                             api, kind, owner);
    cat_autofree char *rest = cat_printf(",\"status\":{\"phase\":\"Pending\",\"containerStatuses\":[{\"name\":\"c\",\"image\":"
                                         "\"i:1\",\"state\":{\"waiting\":{\"reason\":\"%s\"}}}]}",
                                         reason);
    give_object(used, "c1", "Pod", "v1", "blog-dev", name, metadata, rest, "");
}

static void give_push(bench *used, const char *before, const char *commit, const char *file, const char *author_time)
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
static void give_found(bench *used, const char *author_time)
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

static void give_warning(bench *used, const char *api, const char *kind, const char *name, const char *reason,
                         const char *message)
{
    cat_autofree char *rest = cat_printf(
        ",\"type\":\"Warning\",\"reason\":\"%s\",\"message\":\"%s\",\"involvedObject\":{\"apiVersion\":\"%s\",\"kind\":"
        "\"%s\",\"namespace\":\"blog-dev\",\"name\":\"%s\"}",
        reason, message, api, kind, name);
    cat_autofree char *event = cat_printf("%s.%s", name, reason);
    give_object(used, "c1", "Event", "v1", "blog-dev", event, "", rest, "");
}

static void give_run(bench *used, const char *name, const char *outcome, const char *at)
{
    cat_autofree char *rest = cat_printf(",\"status\":{\"startTime\":\"%s\",\"conditions\":[{\"type\":\"%s\",\"status\":\"True\","
                                         "\"reason\":\"BackoffLimitExceeded\",\"message\":\"too often\",\"lastTransitionTime\":"
                                         "\"%s\"}]}",
                                         at, outcome, at);
    give_object(used, "c1", "Job", "batch/v1", "blog-dev", name, OWNED("batch/v1", "CronJob", "backup"), rest, "");
}

static void give_cron_job(bench *used, const char *suspend)
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

TEST("one part that rests on purpose does not suspend the Application, and lacks nothing")
{
    bench used = bench_make();
    give_flux(&used, A);
    give_web(&used, 1, 1);
    give_cron_job(&used, "true");
    EXPECT_APPLICATION(&used, "status", "Running");
    cat_autojson json_t *row = application_of(&used);
    EXPECT_INT(cat_json_int_or(row, "resources.total", 0), 2);
    EXPECT_INT(cat_json_int_or(row, "resources.ready", 0), 2);
    bench_finish(&used);
}

TEST("where all rests on purpose the Application does")
{
    bench used = bench_make();
    give_flux(&used, A);
    give_cron_job(&used, "true");
    EXPECT_APPLICATION(&used, "status", "Suspended");
    EXPECT_APPLICATION(&used, "resource", "cronjob/blog-dev/backup");
    give_web(&used, 1, 1);
    EXPECT_APPLICATION(&used, "status", "Running");
    bench_finish(&used);
}

TEST("a CronJob says which run failed and of what, until the next good one; what failed before that is history")
{
    bench used = bench_make();
    give_flux(&used, A);
    give_web(&used, 1, 1);
    give_cron_job(&used, "false");
    give_run(&used, "backup-1", "Failed", "2025-11-24T13:00:00Z");
    give_run(&used, "backup-2", "Complete", "2025-11-24T14:00:00Z");
    EXPECT_ROW(&used, "cronjob.blog-dev.backup", "status", "Running");
    EXPECT_APPLICATION(&used, "status", "Running");
    give_run(&used, "backup-3", "Failed", "2025-11-24T15:00:00Z");
    give_run(&used, "backup-4", "Failed", "2025-11-24T15:30:00Z");
    give_pod(&used, "backup-4-x", "batch/v1", "Job", "backup-4", "CreateContainerConfigError");
    EXPECT_ROW(&used, "cronjob.blog-dev.backup", "reason", "LastRunFailed");
    EXPECT_ROW(&used, "cronjob.blog-dev.backup", "message",
               "The last run of CronJob backup, Job backup-4, failed: Container c of Pod backup-4-x refers to settings that are "
               "missing");
    EXPECT_ROW(&used, "cronjob.blog-dev.backup", "since", "2025-11-24T15:00:00Z");
    EXPECT_APPLICATION(&used, "status", "Degraded");
    EXPECT_APPLICATION(&used, "resource", "cronjob/blog-dev/backup");
    give_run(&used, "backup-5", "Complete", "2025-11-24T15:45:00Z");
    EXPECT_ROW(&used, "cronjob.blog-dev.backup", "status", "Running");
    EXPECT_ROW(&used, "cronjob.blog-dev.backup", "message", NULL);
    EXPECT_APPLICATION(&used, "status", "Running");
    bench_finish(&used);
}

TEST("a Pod that a person made by hand is no part of the Application")
{
    bench used = bench_make();
    give_flux(&used, A);
    give_web(&used, 1, 1);
    give_object(&used, "c1", "Pod", "v1", "blog-dev", "debug", "", ",\"status\":{\"phase\":\"Failed\"}", "");
    EXPECT_APPLICATION(&used, "status", "Running");
    cat_autojson json_t *row = application_of(&used);
    EXPECT_INT(cat_json_int_or(row, "resources.total", 0), 1);
    give_object(&used, "c1", "Pod", "v1", "blog-dev", "own", BY_FLUX, ",\"status\":{\"phase\":\"Failed\"}", "");
    EXPECT_APPLICATION(&used, "status", "Degraded");
    bench_finish(&used);
}

TEST("where pods may not be made, whoever makes them says why and what to do")
{
    static const struct {
        const char *api, *kind, *key, *rest;
    } rows[] = {
        {"apps/v1", "StatefulSet", "statefulset.blog-dev.db", ",\"spec\":{\"replicas\":1},\"status\":{\"observedGeneration\":1}"},
        {"apps/v1", "DaemonSet", "daemonset.blog-dev.db",
         ",\"status\":{\"observedGeneration\":1,\"desiredNumberScheduled\":1,\"currentNumberScheduled\":0}"},
        {"batch/v1", "Job", "job.blog-dev.db", ",\"spec\":{},\"status\":{\"startTime\":\"2025-11-24T16:00:00Z\"}"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cat_test_row("%s", rows[i].kind);
        bench used = bench_make();
        give_flux(&used, A);
        give_object(&used, "c1", rows[i].kind, rows[i].api, "blog-dev", "db", BY_FLUX, rows[i].rest, "");
        give_warning(
            &used, rows[i].api, rows[i].kind, "db", "FailedCreate",
            "pods \\\"db-0\\\" is forbidden: error looking up service account blog-dev/x: serviceaccount \\\"x\\\" not found");
        cat_autofree char *message = cat_printf("%s db cannot make its pods: its ServiceAccount x does not exist", rows[i].kind);
        EXPECT_ROW(&used, rows[i].key, "message", message);
        EXPECT_ROW(&used, rows[i].key, "next", "Add the ServiceAccount to the repository, or correct serviceAccountName");
        EXPECT_APPLICATION(&used, "status", "Progressing");
        pass_seconds(&used, 31);
        EXPECT_APPLICATION(&used, "status", "Degraded");
        EXPECT_APPLICATION(&used, "reason", "FailedCreate");
        bench_finish(&used);
    }
}

TEST("a claim that waits for its first consumer holds nobody up; one whose class is missing says so")
{
    bench used = bench_make();
    give_flux(&used, A);
    give_object(&used, "c1", "PersistentVolumeClaim", "v1", "blog-dev", "data", BY_FLUX,
                ",\"spec\":{\"storageClassName\":\"fast\"},\"status\":{\"phase\":\"Pending\"}", "");
    EXPECT_APPLICATION(&used, "status", "Running");
    give_warning(&used, "v1", "PersistentVolumeClaim", "data", "ProvisioningFailed", "storageclass fast not found");
    EXPECT_ROW(&used, "persistentvolumeclaim.blog-dev.data", "message",
               "PersistentVolumeClaim data gets no volume: storageclass fast not found");
    bench_finish(&used);
}

TEST("what is new is being installed, and broken only when its time of grace has passed")
{
    bench used = bench_make();
    give_flux(&used, A);
    give_web(&used, 1, 0);
    give_set(&used, "web-1");
    give_pod(&used, "web-1-a", "apps/v1", "ReplicaSet", "web-1", "CrashLoopBackOff");
    EXPECT_APPLICATION(&used, "status", "Progressing");
    EXPECT_APPLICATION(&used, "reason", "Installing");
    cat_autojson json_t *first = application_of(&used);
    EXPECT_INT(fold_due_ms(used.state), NOW + 1 + 90000);
    pass_seconds(&used, 60);
    give_pod(&used, "web-1-b", "apps/v1", "ReplicaSet", "web-1", "CrashLoopBackOff");
    EXPECT_APPLICATION(&used, "status", "Progressing");
    pass_seconds(&used, 31);
    EXPECT_APPLICATION(&used, "status", "Degraded");
    EXPECT_APPLICATION(&used, "reason", "CrashLoopBackOff");
    EXPECT_APPLICATION(&used, "since", cat_json_text(first, "since"));
    EXPECT_INT(fold_due_ms(used.state), 0);
    bench_finish(&used);
}

TEST("a fresh change is an update; what nobody touched is called broken sooner")
{
    bench used = bench_make();
    give_flux(&used, A);
    give_web(&used, 1, 1);
    pass_seconds(&used, 3600);
    give_web(&used, 2, 0);
    give_set(&used, "web-1");
    give_pod(&used, "web-1-a", "apps/v1", "ReplicaSet", "web-1", "CrashLoopBackOff");
    EXPECT_APPLICATION(&used, "reason", "Updating");
    give_web(&used, 2, 1);
    EXPECT_APPLICATION(&used, "status", "Running");
    pass_seconds(&used, 3600);
    give_web(&used, 2, 0);
    EXPECT_APPLICATION(&used, "reason", "CrashLoopBackOff");
    EXPECT_APPLICATION(&used, "status", "Progressing");
    pass_seconds(&used, 16);
    EXPECT_APPLICATION(&used, "status", "Degraded");
    bench_finish(&used);
}

TEST("of two troubles alike the older one speaks until it is gone, and since stays")
{
    bench used = bench_make();
    give_flux(&used, A);
    give_web(&used, 1, 0);
    give_set(&used, "web-1");
    give_pod(&used, "web-1-m", "apps/v1", "ReplicaSet", "web-1", "ImagePullBackOff");
    pass_seconds(&used, 40);
    EXPECT_APPLICATION(&used, "resource", "pod/blog-dev/web-1-m");
    cat_autojson json_t *first = application_of(&used);
    give_pod(&used, "web-1-a", "apps/v1", "ReplicaSet", "web-1", "ErrImagePull");
    give_pod(&used, "web-1-m", "apps/v1", "ReplicaSet", "web-1", "ErrImagePull");
    EXPECT_APPLICATION(&used, "resource", "pod/blog-dev/web-1-m");
    EXPECT_APPLICATION(&used, "reason", "ImagePullBackOff");
    EXPECT_APPLICATION(&used, "since", cat_json_text(first, "since"));
    bench_finish(&used);
}

TEST("a commit that is not built keeps the time of the first failure")
{
    bench used = bench_make();
    give_flux(&used, A);
    for (int i = 0; i < 3; i++) {
        pass_seconds(&used, 100);
        give_object(&used, "c1", "Kustomization", "kustomize.toolkit.fluxcd.io/v1", "flux-system", "blog-dev",
                    ",\"labels\":{\"openova.io/application\":\"blog\"},\"annotations\":{\"openova.io/not-built\":\"a.yaml: no\"}",
                    i % 2
                        ? ",\"status\":{\"conditions\":[{\"type\":\"Ready\",\"status\":\"True\",\"lastTransitionTime\":\"2025-01-"
                          "01T00:00:00Z\"}]}"
                        : ",\"status\":{}",
                    "");
        EXPECT_APPLICATION(&used, "since", "2025-11-24T16:01:40.002Z");
    }
    EXPECT_APPLICATION(&used, "reason", "NotBuilt");
    bench_finish(&used);
}

static void break_web(bench *used)
{
    give_web(used, 2, 0);
    give_set(used, "web-2");
    give_pod(used, "web-2-a", "apps/v1", "ReplicaSet", "web-2", "ImagePullBackOff");
    pass_seconds(used, 40);
}

TEST("Git's order says which commit it was, not authors' clocks, and any file may be configuration")
{
    bench used = bench_make();
    give_push(&used, ZERO, A, "values.yaml", "2025-11-24T15:00:00Z");
    give_flux(&used, A);
    give_web(&used, 1, 1);
    pass_seconds(&used, 600);
    give_push(&used, A, B, "web/deploy.yaml", "2031-01-01T00:00:00Z"); /* its author's clock is ahead */
    give_flux(&used, B);
    break_web(&used);
    EXPECT_APPLICATION(&used, "commit", B);
    give_push(&used, B, C, "web/deploy.yaml", "2025-11-24T15:10:00Z"); /* mends it, and its clock is behind */
    give_flux(&used, C);
    EXPECT_APPLICATION(&used, "commit", B);
    bench_finish(&used);
}

TEST("a commit counts for the files that the root reached then, whatever they are called, and for no others")
{
    static const struct {
        const char *first, *second; /* files of commits B and C */
        const char *reads[3], *blamed;
    } rows[] = {
        {"notes/plan.txt", "overlays/prod/values.yaml", {"kustomization.yaml overlays/dev/", NULL, NULL}, A},
        {"sql/schema.md", "other.yaml", {"kustomization.yaml sql/", NULL, NULL}, B},
        {"web.yaml", "kustomization.yaml", {"kustomization.yaml web.yaml", NULL, "kustomization.yaml"}, C},
        {"web.yaml", "notes.txt", {"kustomization.yaml web.yaml", NULL, "kustomization.yaml"}, B}, /* it was reached then */
        {"web.yaml", "notes.txt", {"kustomization.yaml", "kustomization.yaml web.yaml", NULL}, B},
        {"web.yaml", "notes.txt", {"kustomization.yaml", NULL, NULL}, A},
        {"web.yaml", "notes.txt", {"", NULL, NULL}, C}, /* not known: any file may be among them */
        {"catalyst.yaml", "notes.txt", {"kustomization.yaml", NULL, NULL}, B},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        static const char *const COMMITS[] = {A, B, C};
        const char *files[] = {"kustomization.yaml", rows[i].first, rows[i].second}, *reads = "";
        cat_test_row("%zu: %s, %s", i, rows[i].first, rows[i].second);
        bench used = bench_make();
        for (int k = 0; k < 3; k++) {
            reads = rows[i].reads[k] ? rows[i].reads[k] : reads;
            give_push(&used, k ? COMMITS[k - 1] : ZERO, COMMITS[k], files[k], "2025-11-24T15:00:00Z");
            give_source(&used, COMMITS[k], reads);
            give_flux(&used, COMMITS[k]);
            if (k == 0)
                give_web(&used, 1, 1);
        }
        break_web(&used);
        EXPECT_APPLICATION(&used, "commit", rows[i].blamed);
        bench_finish(&used);
    }
}

TEST("a commit that only the sweep found was there when Flux had it, and those that were known keep their time")
{
    bench used = bench_make();
    give_push(&used, ZERO, A, "values.yaml", "2025-11-24T15:00:00Z");
    give_flux(&used, A);
    give_web(&used, 1, 1);
    pass_seconds(&used, 600);
    cat_autojson json_t *before = row_of(&used, "repository._.blog");
    give_flux(&used, B); /* nobody told of its push */
    break_web(&used);
    EXPECT_APPLICATION(&used, "status", "Degraded");
    pass_seconds(&used, 20);
    give_found(&used, "2031-01-01T00:00:00Z");
    EXPECT_APPLICATION(&used, "commit", B);
    cat_autojson json_t *after = row_of(&used, "repository._.blog"), *application = application_of(&used);
    EXPECT_TEXT(cat_json_text(json_array_get(json_object_get(after, "commits"), 1), "seenAt"),
                cat_json_text(json_array_get(json_object_get(before, "commits"), 0), "seenAt"));
    EXPECT_TEXT(cat_json_text(application, "wanted.at"),
                cat_json_text(json_array_get(json_object_get(after, "commits"), 0), "seenAt"));
    bench_finish(&used);
}

TEST("prose is no configuration, and nothing is blamed for what no commit did")
{
    bench used = bench_make();
    give_push(&used, ZERO, A, "values.yaml", "2025-11-24T15:00:00Z");
    give_push(&used, A, B, "docs/README.md", "2025-11-24T15:01:00Z");
    give_flux(&used, B);
    give_web(&used, 1, 1);
    pass_seconds(&used, 7200);
    give_web(&used, 1, 0); /* nobody changed it */
    give_set(&used, "web-1");
    give_pod(&used, "web-1-a", "apps/v1", "ReplicaSet", "web-1", "CrashLoopBackOff");
    pass_seconds(&used, 40);
    EXPECT_APPLICATION(&used, "status", "Degraded");
    EXPECT_APPLICATION(&used, "cause", NULL);
    break_web(&used);
    EXPECT_APPLICATION(&used, "commit", A);
    bench_finish(&used);
}

TEST("an ExternalSecret with a foreign path is blamed on the commit that brought it")
{
    bench used = bench_make();
    give_push(&used, ZERO, A, "values.yaml", "2025-11-24T15:00:00Z");
    give_flux(&used, A);
    give_web(&used, 1, 1);
    pass_seconds(&used, 600);
    give_push(&used, A, B, "secrets/db.yaml", "2025-11-24T16:10:00Z");
    give_flux(&used, B);
    give_object(
        &used, "c1", "ExternalSecret", "external-secrets.io/v1", "blog-dev", "db", BY_FLUX,
        ",\"status\":{\"conditions\":[{\"type\":\"Ready\",\"status\":\"False\",\"reason\":\"SecretSyncedError\",\"message\":"
        "\"forbidden\",\"lastTransitionTime\":\"2025-11-24T16:10:02Z\"}]}",
        "");
    pass_seconds(&used, 61);
    EXPECT_APPLICATION(&used, "status", "Degraded");
    EXPECT_APPLICATION(&used, "commit", B);
    bench_finish(&used);
}

TEST("an object that is too large to judge says so")
{
    bench used = bench_make();
    give_flux(&used, A);
    give_object(&used, "c1", "Deployment", "apps/v1", "blog-dev", "web", BY_FLUX, "", ",\"cut\":true,\"tooLarge\":true");
    EXPECT_ROW(&used, "deployment.blog-dev.web", "status", "Unknown");
    EXPECT_ROW(&used, "deployment.blog-dev.web", "reason", "TooLarge");
    EXPECT_APPLICATION(&used, "status", "Unknown");
    bench_finish(&used);
}

static void give_ingress(bench *used, const char *name, const char *metadata, const char *hosts, const char *tls)
{
    cat_autofree char *rest = cat_printf(",\"spec\":{\"rules\":[%s],\"tls\":[%s]}", hosts, tls);
    give_object(used, "c1", "Ingress", "networking.k8s.io/v1", "blog-dev", name, metadata, rest, "");
}

TEST("the address is of the Application's own Ingress, a host without wildcard, with https where that host has it")
{
    bench used = bench_make();
    give_flux(&used, A);
    give_object(&used, "c1", "HTTPRoute", "gateway.networking.k8s.io/v1", "blog-dev", "aaa", "",
                ",\"spec\":{\"hostnames\":[\"route.example.org\"]}", "");
    EXPECT_APPLICATION(&used, "host", "route.example.org");
    EXPECT_APPLICATION(&used, "url", NULL);
    give_ingress(&used, "aaa", "", "{\"host\":\"other.example.org\"}", "{\"hosts\":[\"other.example.org\"]}");
    EXPECT_APPLICATION(&used, "url", "https://other.example.org");
    give_ingress(&used, "blog", "", "{\"host\":\"*.example.org\"},{\"host\":\"blog.example.org\"}",
                 "{\"hosts\":[\"other.example.org\"]}");
    EXPECT_APPLICATION(&used, "url", "http://blog.example.org");
    give_ingress(&used, "blog", "", "{\"host\":\"blog.example.org\"}", "{\"hosts\":[\"*.example.org\"]}");
    EXPECT_APPLICATION(&used, "url", "https://blog.example.org");
    give_ingress(&used, "blog", OWNED("acme.cert-manager.io/v1", "Challenge", "x"), "{\"host\":\"proof.example.org\"}", "");
    EXPECT_APPLICATION(&used, "url", "https://other.example.org");
    bench_finish(&used);
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
