/* What people have reported of systems that show how Applications are: each test is a case of theirs, as its object looked. */
#include "base/clock.h"
#include "core/fold_fixtures.h"

static void give_runs(bench *used, const char *status)
{
    cat_autofree char *rest = cat_printf(
        ",\"spec\":{\"schedule\":\"*/30 * * * *\",\"suspend\":false,\"concurrencyPolicy\":\"Forbid\"},\"status\":{%s}", status);
    give_object(used, "c1", "CronJob", "batch/v1", "blog-dev", "backup", BY_FLUX, rest, "");
}

#define ACTIVE(job) ",\"active\":[{\"apiVersion\":\"batch/v1\",\"kind\":\"Job\",\"namespace\":\"blog-dev\",\"name\":\"" job "\"}]"

TEST("a CronJob whose failed run somebody deleted while the next is at work has not become well")
{
    bench used = bench_make();
    give_flux(&used, A);
    give_runs(&used, "\"lastScheduleTime\":\"2025-11-24T15:00:00Z\"" ACTIVE("backup-1"));
    give_run(&used, "backup-1", "Failed", "2025-11-24T15:01:00Z");
    give_runs(&used, "\"lastScheduleTime\":\"2025-11-24T15:30:00Z\"" ACTIVE("backup-2"));
    take_object(&used, "Job", "batch", "backup-1");
    EXPECT_APPLICATION(&used, "status", "Degraded");
    EXPECT_APPLICATION(&used, "reason", "LastRunFailed");
    give_runs(&used, "\"lastScheduleTime\":\"2025-11-24T15:30:00Z\",\"lastSuccessfulTime\":\"2025-11-24T15:31:00Z\"");
    EXPECT_APPLICATION(&used, "status", "Running");
    bench_finish(&used);
}

TEST("argo-cd 24429: a CronJob whose run failed stays so while the next one is at work")
{
    bench used = bench_make();
    give_flux(&used, A);
    give_runs(&used, "\"lastScheduleTime\":\"2025-11-24T15:00:00Z\"");
    give_run(&used, "backup-1", "Failed", "2025-11-24T15:01:00Z");
    EXPECT_APPLICATION(&used, "status", "Degraded");
    give_runs(&used, "\"lastScheduleTime\":\"2025-11-24T15:30:00Z\"" ACTIVE("backup-2"));
    give_object(
        &used, "c1", "Job", "batch/v1", "blog-dev", "backup-2", OWNED("batch/v1", "CronJob", "backup"),
        ",\"spec\":{\"parallelism\":1,\"completions\":1},\"status\":{\"startTime\":\"2025-11-24T15:30:00Z\",\"active\":1}", "");
    EXPECT_APPLICATION(&used, "status", "Degraded");
    EXPECT_APPLICATION(&used, "reason", "LastRunFailed");
    EXPECT_APPLICATION(&used, "since", "2025-11-24T15:01:00.000Z");
    give_run(&used, "backup-2", "Complete", "2025-11-24T15:31:00Z");
    give_runs(&used, "\"lastScheduleTime\":\"2025-11-24T15:30:00Z\",\"lastSuccessfulTime\":\"2025-11-24T15:31:00Z\"");
    EXPECT_APPLICATION(&used, "status", "Running");
    bench_finish(&used);
}

TEST("argo-cd 11571, otaru 3155: a failed run is told after its Job was cleaned away, and no longer than until the next good one")
{
    bench used = bench_make();
    give_flux(&used, A);
    give_runs(&used, "\"lastScheduleTime\":\"2025-11-24T14:30:00Z\",\"lastSuccessfulTime\":\"2025-11-24T14:31:00Z\"");
    EXPECT_APPLICATION(&used, "status", "Running");
    give_run(&used, "backup-1", "Failed", "2025-11-24T15:01:00Z");
    give_runs(&used, "\"lastScheduleTime\":\"2025-11-24T15:00:00Z\",\"lastSuccessfulTime\":\"2025-11-24T14:31:00Z\"");
    EXPECT_APPLICATION(&used, "status", "Degraded");
    take_object(&used, "Job", "batch", "backup-1");
    EXPECT_ROW(&used, "cronjob.blog-dev.backup", "reason", "LastRunFailed");
    EXPECT_ROW(&used, "cronjob.blog-dev.backup", "message",
               "The last run of CronJob backup did not succeed, and its Job is not there any more");
    EXPECT_ROW(&used, "cronjob.blog-dev.backup", "since", "2025-11-24T15:01:00Z");
    EXPECT_APPLICATION(&used, "status", "Degraded");
    give_run(&used, "backup-x", "Failed", "2025-11-24T15:21:00Z"); /* of the next one only its Job is there */
    EXPECT_ROW(&used, "cronjob.blog-dev.backup", "since", "2025-11-24T15:01:00Z");
    take_object(&used, "Job", "batch", "backup-x");
    give_runs(&used,
              "\"lastScheduleTime\":\"2025-11-24T15:30:00Z\",\"lastSuccessfulTime\":\"2025-11-24T14:31:00Z\"" ACTIVE("backup-2"));
    EXPECT_ROW(&used, "cronjob.blog-dev.backup", "since", "2025-11-24T15:01:00Z");
    give_runs(&used, "\"lastScheduleTime\":\"2025-11-24T15:30:00Z\",\"lastSuccessfulTime\":\"2025-11-24T15:31:00Z\"");
    EXPECT_APPLICATION(&used, "status", "Running");
    EXPECT_ROW(&used, "cronjob.blog-dev.backup", "message", NULL);
    bench_finish(&used);
}

TEST("a failed Job of nobody's is no trouble any more once it was cleaned away")
{
    bench used = bench_make();
    give_flux(&used, A);
    give_web(&used, 1, 1);
    give_object(&used, "c1", "Job", "batch/v1", "blog-dev", "migrate", BY_FLUX,
                ",\"spec\":{\"ttlSecondsAfterFinished\":60},\"status\":{\"startTime\":\"2025-11-24T15:00:00Z\",\"conditions\":[{"
                "\"type\":\"Failed\",\"status\":\"True\",\"reason\":\"BackoffLimitExceeded\",\"message\":\"Job has reached the "
                "specified backoff limit\",\"lastTransitionTime\":\"2025-11-24T15:00:30Z\"}]}",
                "");
    EXPECT_APPLICATION(&used, "status", "Degraded");
    take_object(&used, "Job", "batch", "migrate");
    EXPECT_APPLICATION(&used, "status", "Running");
    EXPECT_APPLICATION(&used, "message", NULL);
    bench_finish(&used);
}

static void give_claim(bench *used, const char *annotations)
{
    cat_autofree char *metadata =
        cat_printf(BY_FLUX ",\"finalizers\":[\"kubernetes.io/pvc-protection\"],\"annotations\":{%s}", annotations);
    give_object(used, "c1", "PersistentVolumeClaim", "v1", "blog-dev", "data", metadata,
                ",\"spec\":{\"accessModes\":[\"ReadWriteOnce\"],\"resources\":{\"requests\":{\"storage\":\"1Gi\"}},"
                "\"storageClassName\":\"gp3\",\"volumeMode\":\"Filesystem\"},\"status\":{\"phase\":\"Pending\"}",
                "");
}

TEST("argo-cd 29201: a claim whose consumer is a CronJob that rests waits without an Event, and holds nobody up")
{
    bench used = bench_make();
    give_flux(&used, A);
    give_web(&used, 1, 1);
    give_cron_job(&used, "true");
    give_claim(&used, "");
    pass_seconds(&used, 7200);
    EXPECT_APPLICATION(&used, "status", "Running");
    EXPECT_ROW(&used, "persistentvolumeclaim.blog-dev.data", "status", "Running");
    EXPECT_ROW(&used, "persistentvolumeclaim.blog-dev.data", "reason", "WaitsForConsumer");
    give_claim(&used,
               "\"volume.kubernetes.io/selected-node\":\"n1\",\"volume.kubernetes.io/storage-provisioner\":\"ebs.csi.aws.com\"");
    EXPECT_ROW(&used, "persistentvolumeclaim.blog-dev.data", "status", "Progressing");
    pass_seconds(&used, 601);
    EXPECT_APPLICATION(&used, "status", "Degraded");
    bench_finish(&used);
}

TEST("a claim whose storage class was missing waits for its consumer once the class is there, whatever Events still say")
{
    bench used = bench_make();
    give_flux(&used, A);
    give_claim(&used, "");
    give_warning(&used, "v1", "PersistentVolumeClaim", "data", "ProvisioningFailed", "storageclass gp3 not found");
    EXPECT_ROW(&used, "persistentvolumeclaim.blog-dev.data", "status", "Degraded");
    give_warning(&used, "v1", "PersistentVolumeClaim", "data", "WaitForFirstConsumer",
                 "waiting for first consumer to be created");
    EXPECT_ROW(&used, "persistentvolumeclaim.blog-dev.data", "reason", "WaitsForConsumer");
    EXPECT_APPLICATION(&used, "status", "Running");
    bench_finish(&used);
}

/* A Deployment `web` with this in its spec and status. */
static void give_rollout(bench *used, const char *spec, const char *status)
{
    cat_autofree char *rest =
        cat_printf(",\"spec\":{\"progressDeadlineSeconds\":600,%s},\"status\":{\"observedGeneration\":1,%s}", spec, status);
    give_object(used, "c1", "Deployment", "apps/v1", "blog-dev", "web", BY_FLUX, rest, "");
}

#define IS(type, status, reason) "{\"type\":\"" type "\",\"status\":\"" status "\",\"reason\":\"" reason "\"}"

TEST("argo-cd 17208, 14266, 10259: a rollout is what its numbers and conditions say, and what is paused or wants none rests")
{
    static const struct {
        const char *what, *spec, *status, *shown, *reason;
    } rows[] = {
        {"done", "\"replicas\":2",
         "\"replicas\":2,\"updatedReplicas\":2,\"readyReplicas\":2,\"availableReplicas\":2,\"conditions\":[" IS(
             "Available", "True", "MinimumReplicasAvailable") "," IS("Progressing", "True", "NewReplicaSetAvailable") "]",
         "Running", NULL},
        {"one of two is not ready, which is enough for Kubernetes", "\"replicas\":2",
         "\"replicas\":2,\"updatedReplicas\":2,\"readyReplicas\":1,\"availableReplicas\":1,\"unavailableReplicas\":1,"
         "\"conditions\":[" IS("Available", "True", "MinimumReplicasAvailable") "," IS("Progressing", "True",
                                                                                       "NewReplicaSetAvailable") "]",
         "Progressing", "Updating"},
        {"too late", "\"replicas\":2",
         "\"replicas\":3,\"updatedReplicas\":1,\"readyReplicas\":2,\"availableReplicas\":2,\"conditions\":[" IS(
             "Available", "True", "MinimumReplicasAvailable") "," IS("Progressing", "False", "ProgressDeadlineExceeded") "]",
         "Degraded", "ProgressDeadlineExceeded"},
        {"paused", "\"replicas\":2,\"paused\":true",
         "\"replicas\":2,\"updatedReplicas\":0,\"readyReplicas\":2,\"availableReplicas\":2,"
         "\"conditions\":[" IS("Available", "True", "MinimumReplicasAvailable") "," IS("Progressing", "Unknown",
                                                                                       "DeploymentPaused") "]",
         "Suspended", "Paused"},
        {"KEDA wants none", "\"replicas\":0",
         "\"conditions\":[" IS("Available", "True", "MinimumReplicasAvailable") "," IS("Progressing", "True",
                                                                                       "NewReplicaSetAvailable") "]",
         "Suspended", "ScaledToZero"},
        {"KEDA wants one again", "\"replicas\":1",
         "\"replicas\":1,\"updatedReplicas\":1,\"unavailableReplicas\":1,\"conditions\":[" IS(
             "Available", "False", "MinimumReplicasUnavailable") "," IS("Progressing", "True", "ReplicaSetUpdated") "]",
         "Progressing", "Updating"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cat_test_row("%s", rows[i].what);
        bench used = bench_make();
        give_flux(&used, A);
        give_rollout(&used, rows[0].spec, rows[0].status);
        give_rollout(&used, rows[i].spec, rows[i].status);
        EXPECT_APPLICATION(&used, "status", rows[i].shown);
        if (strcmp(rows[i].shown, "Progressing") != 0)
            EXPECT_APPLICATION(&used, "reason", rows[i].reason);
        EXPECT_APPLICATION(&used, "cause", NULL);
        bench_finish(&used);
    }
}

TEST("argo-cd 14594: pods that a custom resource owns are as their own conditions say, and so is the resource")
{
    bench used = bench_make();
    give_flux(&used, A);
    give_object(&used, "c1", "ArangoDeployment", "database.arangodb.com/v1", "blog-dev", "arangodb-cluster", BY_FLUX,
                ",\"spec\":{\"mode\":\"Single\"},\"status\":{\"phase\":\"Running\",\"conditions\":[" IS(
                    "Ready", "True", "Spec") "," IS("UpToDate", "True", "Spec") "]}",
                "");
    static const char POD[] =
        ",\"spec\":{\"restartPolicy\":\"Never\",\"containers\":[{\"name\":\"server\",\"image\":\"arangodb:3.11\"}]},\"status\":{"
        "\"phase\":\"Running\",\"conditions\":[" IS("Initialized", "True", "") "," IS(
            "Ready", "%s", "") "],\"containerStatuses\":[{"
                               "\"name\":\"server\",\"image\":\"arangodb:3.11\",\"ready\":%s,\"state\":{\"running\":{}}}]}";
    for (int ready = 1; ready >= 0; ready--) {
        cat_autofree char *rest = cat_printf(POD, ready ? "True" : "False", ready ? "true" : "false");
        give_object(&used, "c1", "Pod", "v1", "blog-dev", "arangodb-cluster-sngl-amktj5ia-4c8580",
                    OWNED("database.arangodb.com/v1", "ArangoDeployment", "arangodb-cluster"), rest, "");
        EXPECT_ROW(&used, "pod.blog-dev.arangodb-cluster-sngl-amktj5ia-4c8580", "status", ready ? "Running" : "Progressing");
        EXPECT_APPLICATION(&used, "status", "Running"); /* its owner says that it is well */
    }
    cat_autojson json_t *application = application_of(&used);
    EXPECT_INT(cat_json_int_or(application, "resources.total", 0), 1);
    EXPECT_INT(cat_json_int_or(application, "resources.ready", 0), 1);
    bench_finish(&used);
}

TEST("pods of a custom resource that says nothing of itself are heard")
{
    bench used = bench_make();
    give_flux(&used, A);
    give_object(&used, "c1", "Quiet", "example.org/v1", "blog-dev", "quiet", BY_FLUX, ",\"spec\":{},\"status\":{\"phase\":\"x\"}",
                "");
    EXPECT_APPLICATION(&used, "status", "Running");
    give_pod(&used, "quiet-1", "example.org/v1", "Quiet", "quiet", "ImagePullBackOff");
    pass_seconds(&used, 40);
    EXPECT_APPLICATION(&used, "status", "Degraded");
    EXPECT_APPLICATION(&used, "resource", "pod/blog-dev/quiet-1");
    bench_finish(&used);
}

TEST("a Deployment that somebody deleted and Flux made anew is an update of what was well, no installation")
{
    bench used = bench_make();
    give_flux(&used, A);
    give_web(&used, 4, 1);
    take_object(&used, "Deployment", "apps", "web");
    EXPECT_ROW(&used, "application._.blog", "status", "Running");
    give_rollout(&used, "\"replicas\":1",
                 "\"replicas\":1,\"updatedReplicas\":1,\"conditions\":[" IS("Available", "False", "X") "]");
    EXPECT_APPLICATION(&used, "status", "Progressing");
    EXPECT_APPLICATION(&used, "reason", "Updating");
    give_web(&used, 1, 1);
    EXPECT_APPLICATION(&used, "status", "Running");
    bench_finish(&used);
}

TEST("what rests before it was rolled out is named where Flux waits for it")
{
    static const struct {
        const char *ready, *reason, *message, *status, *says;
    } rows[] = {{"Unknown", "Progressing", "Reconciliation in progress", "Progressing",
                 "Installing: Flux waits for Deployment web, whose rollout is paused"},
                {"False", "HealthCheckFailed", "timeout waiting for: [Deployment/blog-dev/web status: 'InProgress']", "Degraded",
                 "Flux waits for Deployment web, whose rollout is paused"},
                {"False", "ReconciliationFailed",
                 "Job/blog-dev/a dry-run failed (Invalid): Job.batch \"a\" is invalid: spec: wrong", "Degraded",
                 "Kustomization blog-dev: the cluster refuses the manifests: Job a: spec: wrong"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cat_test_row("%s", rows[i].reason);
        bench used = bench_make();
        cat_autojson json_t *status =
            json_pack("{s:i, s:[{s:s, s:s, s:s, s:s}]}", "observedGeneration", 1, "conditions", "type", "Ready", "status",
                      rows[i].ready, "reason", rows[i].reason, "message", rows[i].message);
        cat_autofree char *text = cat_json_format(status), *rest = cat_printf(",\"status\":%s", text);
        give_push(&used, ZERO, A, "values.yaml", "2025-11-24T15:00:00Z");
        give_object(&used, "c1", "Kustomization", "kustomize.toolkit.fluxcd.io/v1", "flux-system", "blog-dev",
                    ",\"labels\":{\"openova.io/application\":\"blog\"}", rest, "");
        give_object(&used, "c1", "Deployment", "apps/v1", "blog-dev", "web", BY_FLUX,
                    ",\"spec\":{\"replicas\":1,\"paused\":true},\"status\":{\"observedGeneration\":1}", "");
        EXPECT_APPLICATION(&used, "status", rows[i].status);
        EXPECT_APPLICATION(&used, "message", rows[i].says);
        bench_finish(&used);
    }
}

TEST("what Flux does not end to read is told, with what may be the reason")
{
    bench used = bench_make();
    give_flux(&used, A);
    give_web(&used, 1, 1);
    give_object(&used, "c1", "GitRepository", "source.toolkit.fluxcd.io/v1", "flux-system", "blog-dev",
                ",\"labels\":{\"openova.io/application\":\"blog\"},\"generation\":3",
                ",\"status\":{\"observedGeneration\":2,\"conditions\":[" CONDITION("True", "Succeeded", "") "]}", "");
    EXPECT_APPLICATION(&used, "status", "Progressing");
    pass_seconds(&used, 181);
    EXPECT_APPLICATION(&used, "status", "Degraded");
    EXPECT_APPLICATION_HAS(&used, "message", "not changed for too long");
    EXPECT_APPLICATION_HAS(&used, "next", "many thousand files");
    bench_finish(&used);
}

TEST("what is being removed says so since it was asked for, and what holds it, whatever else is not well")
{
    bench used = bench_make();
    give_flux(&used, A);
    give_web(&used, 1, 0);
    give_object(&used, "c1", "Kustomization", "kustomize.toolkit.fluxcd.io/v1", "flux-system", "blog-dev",
                ",\"labels\":{\"openova.io/application\":\"blog\"},\"annotations\":{\"openova.io/not-built\":\"a.yaml: it is too "
                "large\"}",
                "", "");
    EXPECT_APPLICATION(&used, "reason", "NotBuilt");
    give_object(&used, "c1", "Application", "catalyst.openova.io/v1alpha1", "acme", "blog",
                ",\"labels\":{\"openova.io/application\":\"blog\"}",
                ",\"status\":{\"conditions\":[" CONDITION("False", "Progressing", "a change is on its way") "]}", "");
    give_object(
        &used, "c1", "Application", "catalyst.openova.io/v1alpha1", "acme", "blog",
        ",\"labels\":{\"openova.io/application\":\"blog\"},\"deletionTimestamp\":\"2025-11-24T15:30:00Z\"",
        ",\"status\":{\"conditions\":[" CONDITION("False", "Waiting", "Flux waits for ConfigMap a with finalizer b/c") "]}", "");
    EXPECT_APPLICATION(&used, "status", "Progressing");
    EXPECT_APPLICATION(&used, "reason", "Removing");
    EXPECT_APPLICATION(&used, "since", "2025-11-24T15:30:00.999Z");
    EXPECT_APPLICATION(&used, "message", "Application blog is being removed: Flux waits for ConfigMap a with finalizer b/c");
    bench_finish(&used);
}

#define BY_CRON OWNED("batch/v1", "CronJob", "backup")

TEST("a CronJob whose runs may make no pods, or whose schedule no time fits, says so")
{
    bench used = bench_make();
    give_flux(&used, A);
    give_runs(&used, "\"lastScheduleTime\":\"2025-11-24T16:00:00Z\"" ACTIVE("backup-1"));
    give_object(&used, "c1", "Job", "batch/v1", "blog-dev", "backup-1", BY_CRON,
                ",\"spec\":{},\"status\":{\"startTime\":\"2025-11-24T16:00:00Z\"}", "");
    EXPECT_ROW(&used, "cronjob.blog-dev.backup", "status", "Running");
    give_warning(
        &used, "batch/v1", "Job", "backup-1", "FailedCreate",
        "Error creating: pods is forbidden: error looking up service account blog-dev/x: serviceaccount \\\"x\\\" not found");
    EXPECT_ROW(&used, "cronjob.blog-dev.backup", "reason", "RunCannotStart");
    EXPECT_ROW(&used, "cronjob.blog-dev.backup", "message",
               "CronJob backup cannot run: Job backup-1 cannot make its pods: its ServiceAccount x does not exist");
    give_run(&used, "backup-1", "Complete", "2025-11-24T16:01:00Z");
    give_runs(&used, "\"lastScheduleTime\":\"2025-11-24T16:00:00Z\",\"lastSuccessfulTime\":\"2025-11-24T16:01:00Z\"");
    EXPECT_ROW(&used, "cronjob.blog-dev.backup", "status", "Running");
    give_warning(&used, "batch/v1", "CronJob", "backup", "InvalidSchedule", "invalid schedule: 0 0 30 2 *");
    EXPECT_ROW(&used, "cronjob.blog-dev.backup", "reason", "InvalidSchedule");
    bench_finish(&used);
}

/* In generation `generation` of the object `uid`. */
static void give_schedule(bench *used, const char *uid, int generation, const char *schedule)
{
    cat_autofree char *data = cat_printf(
        "{\"cluster\":\"c1\",\"epoch\":1,\"uid\":\"%s\",\"resourceVersion\":\"%llu\",\"kind\":\"CronJob\",\"group\":\"batch\","
        "\"namespace\":\"blog-dev\",\"name\":\"backup\",\"object\":{\"apiVersion\":\"batch/"
        "v1\",\"kind\":\"CronJob\",\"metadata\":{"
        "\"name\":\"backup\",\"namespace\":\"blog-dev\",\"generation\":%d},\"spec\":{\"schedule\":\"%s\"},\"status\":{}}}",
        uid, (unsigned long long)used->sequence + 1, generation, schedule);
    give(used, "k8s.object", data);
}

static void refuse_schedule(bench *used, const char *uid, const char *schedule, int64_t at_ms)
{
    char at[CAT_TIME_TEXT_MAX];
    cat_time_format(at_ms / 1000 * 1000, at);
    cat_autofree char *rest = cat_printf(
        ",\"type\":\"Warning\",\"reason\":\"InvalidSchedule\",\"message\":\"invalid schedule: %s\",\"firstTimestamp\":\"%s\","
        "\"lastTimestamp\":\"%s\",\"involvedObject\":{\"apiVersion\":\"batch/v1\",\"kind\":\"CronJob\",\"namespace\":"
        "\"blog-dev\",\"name\":\"backup\",\"uid\":\"%s\"}",
        schedule, at, at, uid);
    cat_autofree char *name = cat_printf("backup.%llu", (unsigned long long)used->sequence);
    give_object(used, "c1", "Event", "v1", "blog-dev", name, "", rest, "");
}

TEST("what an Event said of an object before it was changed, or of another one of its name, is not said of it any more")
{
    static const char ROW[] = "cronjob.blog-dev.backup";
    bench used = bench_make();
    give_flux(&used, A);
    give_schedule(&used, "one", 1, "0 0 30 2 *");
    refuse_schedule(&used, "one", "0 0 30 2 *", NOW);
    EXPECT_ROW(&used, ROW, "reason", "InvalidSchedule");
    pass_seconds(&used, 20);
    give_schedule(&used, "one", 2, "0 0 27 2 *");
    EXPECT_ROW(&used, ROW, "status", "Running");
    EXPECT_APPLICATION(&used, "status", "Running");
    pass_seconds(&used, 20);
    give_schedule(&used, "one", 3, "0 0 31 4 *");
    EXPECT_ROW(&used, ROW, "status", "Running");
    refuse_schedule(&used, "one", "0 0 31 4 *", NOW + (int64_t)used.sequence - 2000); /* told by another clock */
    EXPECT_ROW(&used, ROW, "reason", "InvalidSchedule");
    take_object(&used, "CronJob", "batch", "backup");
    pass_seconds(&used, 20);
    give_schedule(&used, "two", 1, "0 0 27 2 *");
    EXPECT_ROW(&used, ROW, "status", "Running");
    bench_finish(&used);
}

TEST("a Pod that its StatefulSet leaves behind says that somebody has to delete it")
{
    static const char SET[] =
        ",\"spec\":{\"replicas\":1},\"status\":{\"observedGeneration\":1,\"replicas\":1,\"updateRevision\":\"db-%d\"}";
    static const char POD[] = ",\"labels\":{\"controller-revision-hash\":\"db-1\"}" OWNED("apps/v1", "StatefulSet", "db");
    static const char BAD[] =
        ",\"status\":{\"phase\":\"Pending\",\"containerStatuses\":[{\"name\":\"c\",\"image\":\"i:1\",\"state\":{"
        "\"waiting\":{\"reason\":\"ImagePullBackOff\"}}}]}";
    bench used = bench_make();
    give_flux(&used, A);
    cat_autofree char *first = cat_printf(SET, 1), *second = cat_printf(SET, 2);
    give_object(&used, "c1", "StatefulSet", "apps/v1", "blog-dev", "db", BY_FLUX, first, "");
    give_object(&used, "c1", "Pod", "v1", "blog-dev", "db-0", POD, BAD, "");
    EXPECT_ROW(&used, "pod.blog-dev.db-0", "message", "Container c of Pod db-0 cannot fetch its image: i:1");
    give_object(&used, "c1", "StatefulSet", "apps/v1", "blog-dev", "db", BY_FLUX, second, "");
    EXPECT_ROW(&used, "pod.blog-dev.db-0", "message",
               "Container c of Pod db-0 cannot fetch its image: i:1. It is of a former version, which its StatefulSet does not "
               "replace while it is "
               "not ready");
    EXPECT_ROW(&used, "pod.blog-dev.db-0", "next", "Delete Pod db-0: it is made anew as Git has it now");
    take_object(&used, "Pod", "", "db-0");
    bench_finish(&used);
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
