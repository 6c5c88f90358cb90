/* What people hear of an Application: its parts merged by meaning, with time to begin and the right address. */
#include "core/fold_fixtures.h"

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

TEST("a run that was given up with its pods still says what they met, in its own row and its CronJob's")
{
    static const char GIVEN_UP[] = ",\"spec\":{\"activeDeadlineSeconds\":60},\"status\":{\"startTime\":\"2025-11-24T15:59:00Z\","
                                   "\"conditions\":[{\"type\":\"Failed\",\"status\":\"True\",\"reason\":\"DeadlineExceeded\","
                                   "\"message\":\"too long\",\"lastTransitionTime\":\"2025-11-24T16:00:00Z\"}]}";
    static const struct {
        bool recovers;
        const char *run, *job, *next;
    } rows[] = {
        {false, "The last run of CronJob backup, Job backup-1, failed: Container c of Pod backup-1-x cannot fetch its image: i:1",
         "Job backup-1 failed: it did not end within 60 s (activeDeadlineSeconds), and its pods were removed. Before that: "
         "Container c of Pod backup-1-x cannot fetch its image: i:1",
         "Check the image's name and tag, and the credentials for its registry; the next good run makes it well again"},
        {true,
         "The last run of CronJob backup, Job backup-1, failed: Job backup-1 failed: it did not end within 60 s "
         "(activeDeadlineSeconds), and its pods were removed",
         "Job backup-1 failed: it did not end within 60 s (activeDeadlineSeconds), and its pods were removed",
         "Read the log of Job backup-1; the next good run makes it well again"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cat_test_row("%d", rows[i].recovers);
        bench used = bench_make();
        give_flux(&used, A);
        give_cron_job(&used, "false");
        give_object(&used, "c1", "Job", "batch/v1", "blog-dev", "backup-1", OWNED("batch/v1", "CronJob", "backup"),
                    ",\"status\":{\"startTime\":\"2025-11-24T15:59:00Z\",\"active\":1}", "");
        give_pod(&used, "backup-1-x", "batch/v1", "Job", "backup-1", "ImagePullBackOff");
        if (rows[i].recovers)
            give_object(&used, "c1", "Pod", "v1", "blog-dev", "backup-1-x", OWNED("batch/v1", "Job", "backup-1"),
                        ",\"status\":{\"phase\":\"Running\",\"conditions\":[{\"type\":\"Ready\",\"status\":\"True\"}]}", "");
        take_object(&used, "Pod", "", "backup-1-x");
        give_object(&used, "c1", "Job", "batch/v1", "blog-dev", "backup-1", OWNED("batch/v1", "CronJob", "backup"), GIVEN_UP, "");
        EXPECT_ROW(&used, "cronjob.blog-dev.backup", "message", rows[i].run);
        EXPECT_ROW(&used, "cronjob.blog-dev.backup", "next", rows[i].next);
        EXPECT_ROW(&used, "job.blog-dev.backup-1", "message", rows[i].job);
        bench_finish(&used);
    }
}

TEST("what a person made by hand is no part of the Application, whatever its kind")
{
    static const struct {
        const char *api, *kind, *rest;
    } rows[] = {{"v1", "Pod", ",\"status\":{\"phase\":\"Failed\"}"},
                {"v1", "Service", ",\"spec\":{\"type\":\"LoadBalancer\"}"},
                {"v1", "PersistentVolumeClaim", ",\"status\":{\"phase\":\"Lost\"}"},
                {"batch/v1", "Job", ",\"status\":{\"conditions\":[{\"type\":\"Failed\",\"status\":\"True\"}]}"},
                {"apps/v1", "StatefulSet",
                 ",\"spec\":{\"replicas\":1,\"template\":{\"spec\":{\"containers\":[{\"image\":\"mine:1\"}]}}}"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cat_test_row("%s", rows[i].kind);
        bench used = bench_make();
        give_flux(&used, A);
        give_web(&used, 1, 1);
        give_object(&used, "c1", rows[i].kind, rows[i].api, "blog-dev", "debug", "", rows[i].rest, ",\"byHand\":true");
        EXPECT_APPLICATION(&used, "status", "Running");
        cat_autojson json_t *row = application_of(&used);
        EXPECT_INT(cat_json_int_or(row, "resources.total", 0), 1);
        EXPECT_INT(json_array_size(json_object_get(row, "images")), 0);
        give_object(&used, "c1", rows[i].kind, rows[i].api, "blog-dev", "own", BY_FLUX, rows[i].rest, "");
        cat_autojson json_t *now = application_of(&used);
        EXPECT(!cat_text_equal(cat_json_text(now, "status"), "Running"));
        bench_finish(&used);
    }
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
    give_warning(&used, "v1", "PersistentVolumeClaim", "data", "ProvisioningFailed",
                 "storageclass.storage.k8s.io \\\"fast\\\" not found");
    EXPECT_ROW(&used, "persistentvolumeclaim.blog-dev.data", "message",
               "PersistentVolumeClaim data gets no volume: there is no storage class fast");
    bench_finish(&used);
}

TEST("a time that Kubernetes cut to its second is not told as one before what led to it, nor after it was told of")
{
    static const struct {
        int after_ms; /* told of that much later */
        const char *since;
    } rows[] = {{300, "2025-11-24T16:00:00.300Z"}, {5000, "2025-11-24T16:00:00.999Z"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cat_test_row("%d ms", rows[i].after_ms);
        bench used = bench_make();
        used.sequence += (uint64_t)rows[i].after_ms; /* the bench's clock, too */
        give_object(&used, "c1", "Kustomization", "kustomize.toolkit.fluxcd.io/v1", "flux-system", "blog-dev",
                    ",\"labels\":{\"openova.io/application\":\"blog\"}",
                    ",\"status\":{\"observedGeneration\":1,\"conditions\":[{\"type\":\"Ready\",\"status\":\"False\",\"reason\":"
                    "\"BuildFailed\",\"message\":\"x\",\"lastTransitionTime\":\"2025-11-24T16:00:00Z\"}]}",
                    "");
        EXPECT_ROW(&used, "kustomization_kustomize_toolkit_fluxcd_io.flux-system.blog-dev", "since", rows[i].since);
        bench_finish(&used);
    }
}

TEST("a fault does not begin with what was seen well in the second of its condition's time")
{
    bench used = bench_make();
    used.sequence += 300; /* the bench's clock, too */
    static const char *const NOT_BUILT[] = {"", ",\"annotations\":{\"openova.io/not-built\":\"bbbbbbbb: a.yaml is not there\"}"};
    for (int i = 0; i < 2; i++) {
        cat_autofree char *metadata = cat_printf(",\"labels\":{\"openova.io/application\":\"blog\"}%s", NOT_BUILT[i]);
        give_object(&used, "c1", "Kustomization", "kustomize.toolkit.fluxcd.io/v1", "flux-system", "blog-dev", metadata,
                    ",\"status\":{\"observedGeneration\":1,\"conditions\":[{\"type\":\"Ready\",\"status\":\"True\",\"reason\":"
                    "\"ReconciliationSucceeded\",\"lastTransitionTime\":\"2025-11-24T16:00:00Z\"}]}",
                    "");
        if (i == 0)
            used.sequence += 120000;
    }
    cat_autojson json_t *row = row_of(&used, "kustomization_kustomize_toolkit_fluxcd_io.flux-system.blog-dev");
    EXPECT_TEXT(cat_json_text(row, "reason"), "NotBuilt");
    EXPECT_TEXT(cat_json_text(row, "since"), "2025-11-24T16:02:00.301Z");
    bench_finish(&used);
}

TEST("an autoscaler and Git that say both how many replicas there are are told as that, with what helps")
{
    static const struct {
        const char *manager, *reason;
    } rows[] = {{"kube-controller-manager", "ScaledTwice"}, {"kubectl-scale", "ChangedOutsideGit"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cat_test_row("%s", rows[i].manager);
        bench used = bench_make();
        give_flux(&used, A);
        give_object(&used, "c1", "HorizontalPodAutoscaler", "autoscaling/v2", "blog-dev", "scaler", BY_FLUX,
                    ",\"spec\":{\"scaleTargetRef\":{\"apiVersion\":\"apps/v1\",\"kind\":\"Deployment\",\"name\":\"web\"}}", "");
        cat_autofree char *drift =
            cat_printf(",\"drift\":{\"manager\":\"%s\",\"at\":\"2025-11-24T15:59:00.000Z\"}", rows[i].manager);
        give_object(&used, "c1", "Deployment", "apps/v1", "blog-dev", "web", BY_FLUX,
                    ",\"spec\":{\"replicas\":3},\"status\":{\"observedGeneration\":1,\"replicas\":3,\"updatedReplicas\":3,"
                    "\"readyReplicas\":3,\"availableReplicas\":3}",
                    drift);
        EXPECT_APPLICATION(&used, "reason", rows[i].reason);
        EXPECT_APPLICATION(&used, "resource", "deployment/blog-dev/web");
        bench_finish(&used);
    }
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
    EXPECT_INT(prj_fold_due_ms(used.state), NOW + 1 + 90000);
    pass_seconds(&used, 60);
    give_pod(&used, "web-1-b", "apps/v1", "ReplicaSet", "web-1", "CrashLoopBackOff");
    EXPECT_APPLICATION(&used, "status", "Progressing");
    pass_seconds(&used, 31);
    EXPECT_APPLICATION(&used, "status", "Degraded");
    EXPECT_APPLICATION(&used, "reason", "CrashLoopBackOff");
    EXPECT_APPLICATION(&used, "since", cat_json_text(first, "since"));
    EXPECT_INT(prj_fold_due_ms(used.state), 0);
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

static void give_application(bench *used, const char *environments)
{
    cat_autofree char *rest =
        cat_printf(",\"spec\":{},\"status\":{\"environments\":[%s],\"conditions\":[{\"type\":\"Ready\",\"status\":"
                   "\"False\",\"reason\":\"NotReady\",\"message\":\"acme-stg: waits\"}]}",
                   environments);
    give_object(used, "management", "Application", "catalyst.openova.io/v1alpha1", "acme", "blog", "", rest, "");
}

#define NOT_BUILT(environment)                                                                                                   \
    "{\"name\":\"" environment "\",\"ready\":false,\"reason\":\"NotBuilt\",\"message\":\"catalyst.yaml: line 3: no\"}"

TEST("a catalyst.yaml that cannot be read is told on the row of its own Environment, since when it is so")
{
    bench used = bench_make();
    give_application(&used, NOT_BUILT("acme-stg"));
    EXPECT_APPLICATION(&used, "status", "Progressing"); /* another Environment's */
    pass_seconds(&used, 60);
    for (int i = 0; i < 3; i++) {
        give_application(&used, NOT_BUILT("acme-stg") "," NOT_BUILT("acme-dev"));
        EXPECT_APPLICATION(&used, "status", "Degraded");
        EXPECT_APPLICATION(&used, "reason", "NotBuilt");
        EXPECT_APPLICATION(&used, "message", "Application blog: the newest commit is not built: catalyst.yaml: line 3: no");
        EXPECT_APPLICATION(&used, "next", "Correct the file that the message names, and commit");
        EXPECT_APPLICATION(&used, "since", "2025-11-24T16:01:00.002Z");
        pass_seconds(&used, 10);
        if (i == 1)
            give_flux(&used, A); /* an earlier commit runs */
    }
    give_application(&used, NOT_BUILT("acme-stg"));
    EXPECT_APPLICATION(&used, "status", "Running");
    EXPECT_APPLICATION(&used, "reason", NULL);
    bench_finish(&used);
}

TEST("an Application's object is told to each Environment, and its row there names no other")
{
    static const struct {
        const char *reason, *message, *shown;
    } rows[] = {
        {"Waiting", "Environment acme-prod is not ready yet",
         "something is waited for in another Environment of this Application"},
        {"Refused", "branch main: no", "something is not as it should be in another Environment of this Application"},
        {"Failed", "namespace blog-prod is gone", "something is not as it should be in another Environment of this Application"},
        {"Waiting", "Environment acme-dev is not ready yet", "Environment acme-dev is not ready yet"},
        {"Failed", "Gitea does not answer", "Gitea does not answer"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cat_test_row("%s", rows[i].message);
        bench used = bench_make();
        cat_autofree char *rest =
            cat_printf(",\"spec\":{\"environments\":[\"acme-dev\",\"acme-prod\"]},\"status\":{\"environments\":[" NOT_BUILT(
                           "acme-prod") "],\"conditions\":[{\"type\":\"Ready\",\"status\":\"False\",\"reason\":\"%s\","
                                        "\"message\":\"%s\"}]}",
                       rows[i].reason, rows[i].message);
        give_object(&used, "management", "Application", "catalyst.openova.io/v1alpha1", "acme", "blog", "", rest, "");
        cat_autojson json_t *row = row_of(&used, "application_catalyst_openova_io.acme.blog");
        cat_autofree char *text = cat_json_format(row);
        EXPECT_TEXT(cat_json_text(row, "clusters.management.conditions.0.message"), rows[i].shown);
        EXPECT(!strstr(text, "acme-prod") && !strstr(text, "blog-prod") && !strstr(text, "branch main"));
        bench_finish(&used);
    }
}

static void give_kept(bench *used, const char *words)
{
    cat_autofree char *environments =
        cat_printf("{\"name\":\"acme-dev\",\"ready\":false,\"reason\":\"NotBuilt\",\"message\":\"%s\"}", words);
    give_application(used, environments);
}

TEST("a catalyst.yaml that cannot be read names the commit that it came with, whatever comes on top, until it is another fault")
{
    bench used = bench_make();
    give_push(&used, ZERO, A, "values.yaml", "2025-11-24T15:00:00Z");
    give_flux(&used, A);
    give_push(&used, A, B, "catalyst.yaml", "2025-11-24T15:10:00Z");
    give_kept(&used, "bbbbbbbb: catalyst.yaml: line 3: no");
    EXPECT_APPLICATION(&used, "commit", B);
    EXPECT_APPLICATION_HAS(&used, "cause", "commit bbbbbbbb");
    EXPECT_APPLICATION(&used, "message", "Application blog: the newest commit is not built: bbbbbbbb: catalyst.yaml: line 3: no");
    give_push(&used, B, C, "values.yaml", "2025-11-24T15:20:00Z");
    give_kept(&used, "cccccccc: catalyst.yaml: line 3: no");
    EXPECT_APPLICATION(&used, "commit", B);
    give_push(&used, C, D, "catalyst.yaml", "2025-11-24T15:30:00Z");
    give_kept(&used, "dddddddd: catalyst.yaml is empty: bring back in Git what was in it");
    EXPECT_APPLICATION(&used, "commit", D);
    bench_finish(&used);
}

TEST("a version that nobody registered is told of what runs, in its own Environment, and makes nothing of it worse")
{
#define UNKNOWN(environment)                                                                                                     \
    "{\"name\":\"" environment                                                                                                   \
    "\",\"ready\":true,\"reason\":\"BlueprintUnknown\",\"message\":\"version 7.7.7 of Blueprint bp-blog "                        \
    "(of catalog) is not registered here\"}"
    bench used = bench_make();
    give_flux(&used, A);
    give_application(&used, UNKNOWN("acme-stg"));
    EXPECT_APPLICATION(&used, "status", "Running");
    EXPECT_APPLICATION(&used, "message", NULL); /* another Environment's */
    give_application(&used, UNKNOWN("acme-dev"));
    EXPECT_APPLICATION(&used, "status", "Running");
    EXPECT_APPLICATION(&used, "reason", "BlueprintUnknown");
    EXPECT_APPLICATION(&used, "message",
                       "blog runs as Git has it, and cannot be configured: version 7.7.7 of Blueprint bp-blog (of catalog) is "
                       "not registered here");
    EXPECT_APPLICATION_HAS(&used, "next", "Have that version registered");
    EXPECT_APPLICATION(&used, "since", NULL);
    give_kept(&used, "bbbbbbbb: catalyst.yaml: line 3: no");
    EXPECT_APPLICATION(&used, "reason", "NotBuilt");
    give_application(&used, "");
    EXPECT_APPLICATION(&used, "reason", NULL);
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

TEST("while Flux is at work with a commit one sentence stands, whichever of its objects is")
{
    static const char *const OBJECTS[][2] = {{"GitRepository", "source.toolkit.fluxcd.io/v1"},
                                             {"Kustomization", "kustomize.toolkit.fluxcd.io/v1"}};
    bench used = bench_make();
    give_push(&used, ZERO, A, "values.yaml", "2025-11-24T15:00:00Z");
    give_source(&used, A, "");
    give_flux(&used, A);
    give_web(&used, 1, 1);
    give_push(&used, A, B, "values.yaml", "2025-11-24T15:10:00Z");
    cat_autojson json_t *pushed = application_of(&used);
    EXPECT(cat_text_starts_with(cat_json_text_or(pushed, "message", ""), "Updating: commit bbbbbbbb"));
    for (size_t i = 0; i < sizeof OBJECTS / sizeof *OBJECTS; i++) {
        cat_test_row("%s", OBJECTS[i][0]);
        give_object(&used, "c1", OBJECTS[i][0], OBJECTS[i][1], "flux-system", "blog-dev",
                    ",\"labels\":{\"openova.io/application\":\"blog\"}",
                    ",\"status\":{\"observedGeneration\":1,\"lastAppliedRevision\":\"develop@sha1:" A
                    "\",\"lastAttemptedRevision\":"
                    "\"develop@sha1:" A "\",\"conditions\":[" CONDITION("Unknown", "Progressing", "building") "]}",
                    "");
        EXPECT_APPLICATION(&used, "message", cat_json_text(pushed, "message"));
        EXPECT_APPLICATION(&used, "since", cat_json_text(pushed, "since"));
    }
    bench_finish(&used);
}

TEST("the address has the path that its Ingress serves, of a pattern what stands before it")
{
    static const struct {
        const char *paths, *url;
    } rows[] = {{"", "http://blog.example.org"},
                {"{\"path\":\"/app\"}", "http://blog.example.org/app"},
                {"{\"path\":\"/app\"},{\"path\":\"/\"}", "http://blog.example.org"},
                {"{\"path\":\"/shop/api\"},{\"path\":\"/shop\"}", "http://blog.example.org/shop"},
                {"{\"path\":\"/app(/|$)(.*)\"}", "http://blog.example.org"},
                {"{\"path\":\"/shop/(.*)\"}", "http://blog.example.org/shop/"},
                {"{\"pathType\":\"Prefix\"}", "http://blog.example.org"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cat_test_row("%s", rows[i].paths);
        bench used = bench_make();
        give_flux(&used, A);
        cat_autofree char *rules = cat_printf("{\"host\":\"blog.example.org\",\"http\":{\"paths\":[%s]}}", rows[i].paths);
        give_ingress(&used, "blog", "", rules, "");
        EXPECT_APPLICATION(&used, "url", rows[i].url);
        bench_finish(&used);
    }
}

TEST("a branch's row says whether its Application runs here, whichever came first")
{
    for (int order = 0; order < 2; order++) {
        cat_test_row("%d", order);
        bench used = bench_make();
        if (order == 0)
            give_push(&used, ZERO, A, "values.yaml", "2025-11-24T15:00:00Z");
        cat_autojson json_t *before = row_of(&used, "repository._.blog");
        EXPECT(!cat_json_bool_or(before, "here", false));
        give_flux(&used, A);
        if (order == 1)
            give_push(&used, ZERO, A, "values.yaml", "2025-11-24T15:00:00Z");
        cat_autojson json_t *after = row_of(&used, "repository._.blog");
        EXPECT(cat_json_bool_or(after, "here", false));
        give_push(&used, A, B, "web.yaml", "2025-11-24T15:01:00Z");
        EXPECT(strstr(cat_map_get(used.bucket, "repository._.blog"), ",\"here\":true,\"seq\":") != NULL);
        give(&used, "k8s.deleted",
             "{\"cluster\":\"c1\",\"epoch\":1,\"uid\":\"u\",\"resourceVersion\":\"999\",\"kind\":\"Kustomization\",\"group\":"
             "\"kustomize.toolkit.fluxcd.io\",\"namespace\":\"flux-system\",\"name\":\"blog-dev\"}");
        cat_autojson json_t *left = row_of(&used, "repository._.blog");
        EXPECT(cat_json_bool_or(left, "here", false)); /* it was */
        bench_finish(&used);
    }
}

TEST("what rested before a change and rests after it does so since that change, and is Updating in between")
{
    static const char PAUSED[] = ",\"spec\":{\"replicas\":1,\"paused\":true},\"status\":{\"observedGeneration\":1,\"replicas\":1,"
                                 "\"updatedReplicas\":1,\"readyReplicas\":1,\"availableReplicas\":1}";
    bench used = bench_make();
    give_push(&used, ZERO, A, "values.yaml", "2025-11-24T15:00:00Z");
    give_flux(&used, A);
    give_object(&used, "c1", "Deployment", "apps/v1", "blog-dev", "web", BY_FLUX, PAUSED, "");
    EXPECT_APPLICATION(&used, "status", "Suspended");
    cat_autojson json_t *before = application_of(&used);
    pass_seconds(&used, 60);
    give_push(&used, A, B, "values.yaml", "2025-11-24T15:10:00Z");
    EXPECT_APPLICATION(&used, "reason", "Updating");
    cat_autojson json_t *under_way = application_of(&used);
    pass_seconds(&used, 5);
    give_flux(&used, B);
    EXPECT_APPLICATION(&used, "status", "Suspended");
    cat_autojson json_t *after = application_of(&used);
    EXPECT(strcmp(cat_json_text_or(before, "since", ""), cat_json_text_or(under_way, "since", "")) < 0);
    EXPECT(strcmp(cat_json_text_or(under_way, "since", ""), cat_json_text_or(after, "since", "")) < 0);
    bench_finish(&used);
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
