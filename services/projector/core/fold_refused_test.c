/* Which commit is named for what Flux cannot build or the cluster refuses, and since when. */
#include "core/fold_fixtures.h"

/* `applied` "": nothing yet. */
static void give_attempt(bench *used, const char *applied, const char *attempted, const char *condition)
{
    cat_autofree char *done = *applied ? cat_printf("\"lastAppliedRevision\":\"develop@sha1:%s\",", applied) : cat_strdup("");
    cat_autofree char *rest =
        cat_printf(",\"status\":{\"observedGeneration\":1,%s\"lastAttemptedRevision\":\"develop@sha1:%s\",\"conditions\":[%s]}",
                   done, attempted, condition);
    give_object(used, "c1", "Kustomization", "kustomize.toolkit.fluxcd.io/v1", "flux-system", "blog-dev",
                ",\"labels\":{\"openova.io/application\":\"blog\"}", rest, "");
}

#define REFUSED CONDITION("False", "ReconciliationFailed", "ConfigMap/blog-dev/big dry-run failed (Invalid): too long")
#define UNDER_WAY CONDITION("Unknown", "Progressing", "Reconciliation in progress")

TEST("a retry of what the cluster refused clears nothing, another commit does")
{
    bench used = bench_make();
    give_push(&used, ZERO, A, "values.yaml", "2025-11-24T15:00:00Z");
    give_attempt(&used, "", A, REFUSED);
    EXPECT_APPLICATION(&used, "status", "Degraded");
    for (int retry = 0; retry < 3; retry++) {
        give_attempt(&used, "", A, UNDER_WAY);
        EXPECT_APPLICATION(&used, "status", "Degraded");
        EXPECT_APPLICATION(&used, "reason", "ReconciliationFailed");
        give_attempt(&used, "", A, REFUSED);
    }
    give_attempt(&used, "", B, UNDER_WAY);
    EXPECT_APPLICATION(&used, "status", "Progressing");
    give_push(&used, A, B, "values.yaml", "2025-11-24T15:10:00Z");
    give_attempt(&used, B, B, CONDITION("True", "ReconciliationSucceeded", ""));
    EXPECT_APPLICATION(&used, "reason", NULL);
    give_attempt(&used, B, B, UNDER_WAY);
    EXPECT_APPLICATION(&used, "status", "Progressing");
    bench_finish(&used);
}

TEST("what the cluster refuses is the commit's that came with it, and nobody's where it took the same before")
{
    bench used = bench_make();
    give_push(&used, ZERO, A, "values.yaml", "2025-11-24T15:00:00Z");
    give_attempt(&used, A, A, CONDITION("True", "ReconciliationSucceeded", ""));
    EXPECT_APPLICATION(&used, "status", "Running");
    give_push(&used, A, B, "values.yaml", "2025-11-24T15:10:00Z");
    give_attempt(&used, A, B, REFUSED);
    EXPECT_APPLICATION(&used, "commit", B);
    EXPECT_APPLICATION_HAS(&used, "cause", "commit bbbbbbbb");
    EXPECT_APPLICATION_HAS(&used, "message", "too long. It came with commit bbbbbbbb");
    give_push(&used, B, C, "README.md", "2025-11-24T15:20:00Z");
    give_attempt(&used, A, C, REFUSED);
    EXPECT_APPLICATION(&used, "commit", B);
    give_attempt(&used, C, C, CONDITION("True", "ReconciliationSucceeded", ""));
    give_attempt(&used, C, C, REFUSED);
    EXPECT_APPLICATION(&used, "reason", "ReconciliationFailed");
    EXPECT_APPLICATION(&used, "cause", NULL);
    give_push(&used, C, D, "values.yaml", "2025-11-24T15:30:00Z");
    give_attempt(&used, C, D,
                 CONDITION("False", "ReconciliationFailed",
                           "Deployment/blog-dev/web dry-run failed: failed calling webhook \\\"check.example\\\": refused"));
    EXPECT_APPLICATION(&used, "reason", "ApplyNotAnswered");
    EXPECT_APPLICATION(&used, "cause", NULL);
    bench_finish(&used);
}

TEST("each fault of a run of failing commits is that of the commit that it came with, and told since then")
{
    static const char *const COMMITS[] = {B, C, D};
    static const char *const SAYS[] = {"one", "another", "another"};
    static const char *const BLAMED[] = {B, C, C};
    bench used = bench_make();
    give_push(&used, ZERO, A, "values.yaml", "2025-11-24T15:00:00Z");
    give_attempt(&used, A, A, CONDITION("True", "ReconciliationSucceeded", ""));
    cat_autofree char *since = NULL;
    for (int i = 0; i < 3; i++) {
        cat_test_row("%d", i);
        pass_seconds(&used, 20);
        give_push(&used, i ? COMMITS[i - 1] : A, COMMITS[i], "values.yaml", "2025-11-24T15:10:00Z");
        cat_autofree char *said = cat_printf(
            CONDITION("False", "ReconciliationFailed", "ConfigMap/blog-dev/%s dry-run failed (Invalid): too long"), SAYS[i]);
        give_attempt(&used, A, COMMITS[i], UNDER_WAY);
        give_attempt(&used, A, COMMITS[i], said);
        EXPECT_APPLICATION(&used, "commit", BLAMED[i]);
        cat_autojson json_t *row = application_of(&used);
        EXPECT(cat_text_starts_with(cat_json_text_or(row, "cause", ""), "commit "));
        const char *now = cat_json_text_or(row, "since", "");
        if (since)
            EXPECT((strcmp(now, since) == 0) == (i == 2));
        free(since);
        since = cat_strdup(now);
    }
    bench_finish(&used);
}

TEST("pods that fail of the same image are blamed on the commit that brought it, though a later one made them anew")
{
    bench used = bench_make();
    give_push(&used, ZERO, A, "values.yaml", "2025-11-24T15:00:00Z");
    give_attempt(&used, A, A, CONDITION("True", "ReconciliationSucceeded", ""));
    give_web(&used, 1, 1);
    static const char *const COMMITS[] = {A, B, C}, *const SETS[] = {"", "web-2", "web-3"},
                             *const PODS[] = {"", "web-2-a", "web-3-a"};
    for (int i = 1; i < 3; i++) {
        pass_seconds(&used, 20);
        give_push(&used, COMMITS[i - 1], COMMITS[i], "web.yaml", "2025-11-24T15:10:00Z");
        give_attempt(&used, A, COMMITS[i], UNDER_WAY);
        give_web(&used, 1 + i, 0);
        give_set(&used, SETS[i]);
        if (i == 2) {
            take_object(&used, "Pod", "", PODS[1]);
            take_object(&used, "ReplicaSet", "apps", SETS[1]);
        }
        give_pod(&used, PODS[i], "apps/v1", "ReplicaSet", SETS[i], "ImagePullBackOff");
    }
    pass_seconds(&used, 60);
    EXPECT_APPLICATION(&used, "commit", B);
    EXPECT_APPLICATION_HAS(&used, "message", "Pod web-3-a cannot fetch its image: i:1. It came with commit bbbbbbbb");
    bench_finish(&used);
}

TEST("what Flux may not have come to before, for what the cluster refused first, is blamed on no commit alone")
{
    static const struct {
        const char *first, *second; /* what the cluster refuses of B, and then of C */
        const char *cause;
    } rows[] = {
        {"ResourceQuota/blog-dev/all", "Service/blog-dev/lb", "one of 2 changes that are not applied: commit cccccccc"},
        {"Service/blog-dev/a", "Service/blog-dev/b", "one of 2 changes"},
        {"Service/blog-dev/lb", "ResourceQuota/blog-dev/all", "commit cccccccc"}, /* it would have been told first */
        {"Widget.example.org/blog-dev/x", "CronJob/blog-dev/b", "commit cccccccc"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cat_test_row("%s, then %s", rows[i].first, rows[i].second);
        bench used = bench_make();
        give_push(&used, ZERO, A, "values.yaml", "2025-11-24T15:00:00Z");
        give_attempt(&used, A, A, CONDITION("True", "ReconciliationSucceeded", ""));
        static const char *const COMMITS[] = {B, C};
        for (int at = 0; at < 2; at++) {
            cat_autofree char *said =
                cat_printf(CONDITION("False", "ReconciliationFailed", "%s dry-run failed (Invalid): too long"),
                           at ? rows[i].second : rows[i].first);
            pass_seconds(&used, 20);
            give_push(&used, at ? B : A, COMMITS[at], "extra.yaml", "2025-11-24T15:10:00Z");
            give_attempt(&used, A, COMMITS[at], UNDER_WAY);
            give_attempt(&used, A, COMMITS[at], said);
        }
        cat_autojson json_t *row = application_of(&used);
        EXPECT(cat_text_starts_with(cat_json_text_or(row, "cause", ""), rows[i].cause));
        bench_finish(&used);
    }
}

TEST("a fault that another one hid for a while is still that of the commit that brought it")
{
    static const char *const COMMITS[] = {A, B, C, D},
                             *const OBJECTS[] = {"", "Job/blog-dev/stay", "StatefulSet/blog-dev/parked", "Job/blog-dev/stay"},
                             *const BLAMED[] = {"", B, C, B};
    bench used = bench_make();
    give_push(&used, ZERO, A, "values.yaml", "2025-11-24T15:00:00Z");
    give_attempt(&used, A, A, CONDITION("True", "ReconciliationSucceeded", ""));
    for (int i = 1; i < 4; i++) {
        cat_test_row("%d", i);
        cat_autofree char *said =
            cat_printf(CONDITION("False", "ReconciliationFailed", "%s dry-run failed (Invalid): too long"), OBJECTS[i]);
        pass_seconds(&used, 20);
        give_push(&used, COMMITS[i - 1], COMMITS[i], "extra.yaml", "2025-11-24T15:10:00Z");
        give_attempt(&used, A, COMMITS[i], UNDER_WAY);
        give_attempt(&used, A, COMMITS[i], said);
        EXPECT_APPLICATION(&used, "commit", BLAMED[i]);
    }
    bench_finish(&used);
}

TEST("of commits that came to the cluster together none alone is blamed")
{
    static const struct {
        bool refused; /* the cluster refused B, so C was applied with it */
        const char *says;
    } rows[] = {
        {true,
         "It came with one of 2 changes that were applied together: commit cccccccc \"Change c\" by Alice, commit bbbbbbbb"},
        {false, "It came with commit cccccccc"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cat_test_row("%d", rows[i].refused);
        bench used = bench_make();
        give_push(&used, ZERO, A, "values.yaml", "2025-11-24T15:00:00Z");
        give_attempt(&used, A, A, CONDITION("True", "ReconciliationSucceeded", ""));
        give_web(&used, 1, 1);
        give_push(&used, A, B, "huge.yaml", "2025-11-24T15:05:00Z");
        give_attempt(&used, rows[i].refused ? A : B, B,
                     rows[i].refused ? REFUSED : CONDITION("True", "ReconciliationSucceeded", ""));
        give_push(&used, B, C, "ingress.yaml", "2025-11-24T15:10:00Z");
        give_attempt(&used, C, C, CONDITION("True", "ReconciliationSucceeded", ""));
        break_web(&used);
        EXPECT_APPLICATION(&used, "commit", C);
        cat_autojson json_t *row = application_of(&used);
        EXPECT(strstr(cat_json_text_or(row, "message", ""), rows[i].says) != NULL);
        bench_finish(&used);
    }
}

TEST("what is tried one after another is blamed one by one, though none of it was well")
{
    bench used = bench_make();
    give_push(&used, ZERO, A, "values.yaml", "2025-11-24T15:00:00Z");
    give_attempt(&used, A, A, CONDITION("True", "ReconciliationSucceeded", ""));
    give_web(&used, 1, 1);
    static const char *const COMMITS[] = {A, B, C, D};
    for (int i = 1; i < 4; i++) {
        pass_seconds(&used, 20);
        give_push(&used, COMMITS[i - 1], COMMITS[i], "web.yaml", "2025-11-24T15:10:00Z");
        give_attempt(&used, A, COMMITS[i], UNDER_WAY);
        if (i == 2)
            break_web(&used);
    }
    pass_seconds(&used, 60);
    EXPECT_APPLICATION(&used, "commit", C);
    EXPECT_APPLICATION_HAS(&used, "message", "It came with commit cccccccc");
    bench_finish(&used);
}

TEST("a source that cannot be read is told before what it cannot be the cause of")
{
    bench used = bench_make();
    give_flux(&used, A);
    give_web(&used, 1, 1);
    give_object(&used, "c1", "PersistentVolumeClaim", "v1", "blog-dev", "data", BY_FLUX, ",\"status\":{\"phase\":\"Lost\"}", "");
    EXPECT_APPLICATION(&used, "reason", "VolumeLost");
    give_object(
        &used, "c1", "GitRepository", "source.toolkit.fluxcd.io/v1", "flux-system", "blog-dev",
        ",\"labels\":{\"openova.io/application\":\"blog\"}",
        ",\"status\":{\"observedGeneration\":1,\"conditions\":[" CONDITION("False", "GitOperationFailed", "invalid path") "]}",
        "");
    EXPECT_APPLICATION(&used, "reason", "GitOperationFailed");
    bench_finish(&used);
}

TEST("what was not well for another reason is not blamed for what is refused next")
{
    bench used = bench_make();
    give_push(&used, ZERO, A, "values.yaml", "2025-11-24T15:00:00Z");
    give_attempt(&used, A, A, CONDITION("True", "ReconciliationSucceeded", ""));
    give_push(&used, A, B, "values.yaml", "2025-11-24T15:10:00Z");
    give_attempt(&used, A, B,
                 CONDITION("False", "HealthCheckFailed", "timeout waiting for: [Pod/blog-dev/a status: 'InProgress']"));
    give_push(&used, B, C, "values.yaml", "2025-11-24T15:20:00Z");
    give_attempt(&used, A, C, UNDER_WAY);
    give_attempt(&used, A, C, REFUSED);
    EXPECT_APPLICATION_HAS(&used, "message", "It came with commit cccccccc");
    bench_finish(&used);
}

static void give_not_built(bench *used, const char *words)
{
    cat_autofree char *metadata =
        cat_printf(",\"labels\":{\"openova.io/application\":\"blog\"},\"annotations\":{\"openova.io/not-built\":\"%s\"}", words);
    give_object(used, "c1", "Kustomization", "kustomize.toolkit.fluxcd.io/v1", "flux-system", "blog-dev", metadata, "", "");
}

TEST("a fault for which a commit is kept from Flux is that commit's, whatever comes on top, until it is another")
{
    bench used = bench_make();
    give_push(&used, ZERO, A, "values.yaml", "2025-11-24T15:00:00Z");
    give_flux(&used, A);
    give_web(&used, 1, 1);
    give_push(&used, A, B, "notes.txt", "2025-11-24T15:10:00Z");
    give_not_built(&used, "bbbbbbbb: the repository holds more than 5000 files");
    EXPECT_APPLICATION(&used, "commit", B);
    give_push(&used, B, C, "values.yaml", "2025-11-24T15:20:00Z");
    give_not_built(&used, "cccccccc: the repository holds more than 5000 files");
    EXPECT_APPLICATION(&used, "commit", B);
    give_push(&used, C, D, "a.yaml", "2025-11-24T15:30:00Z");
    give_not_built(&used, "dddddddd: a.yaml, line 1: it is too large");
    EXPECT_APPLICATION(&used, "commit", D);
    bench_finish(&used);
}

TEST("a commit that is kept from Flux is named")
{
    bench used = bench_make();
    give_push(&used, ZERO, A, "values.yaml", "2025-11-24T15:00:00Z");
    give_flux(&used, A);
    give_web(&used, 1, 1);
    give_push(&used, A, B, "a.yaml", "2025-11-24T15:10:00Z");
    give_object(&used, "c1", "Kustomization", "kustomize.toolkit.fluxcd.io/v1", "flux-system", "blog-dev",
                ",\"labels\":{\"openova.io/application\":\"blog\"},\"annotations\":{\"openova.io/not-built\":\"bbbbbbbb: a.yaml, "
                "line 1: it is too large\"}",
                "", "");
    EXPECT_APPLICATION(&used, "reason", "NotBuilt");
    EXPECT_APPLICATION(&used, "commit", B);
    EXPECT_APPLICATION_HAS(&used, "cause", "commit bbbbbbbb");
    bench_finish(&used);
}

TEST("what somebody changed by hand is not the cause of other trouble")
{
    bench used = bench_make();
    give_push(&used, ZERO, A, "values.yaml", "2025-11-24T15:00:00Z");
    give_attempt(&used, A, A, CONDITION("True", "ReconciliationSucceeded", ""));
    give_web(&used, 1, 1);
    give_push(&used, A, B, "values.yaml", "2025-11-24T15:10:00Z");
    give_attempt(&used, A, B, REFUSED);
    give_object(&used, "c1", "ConfigMap", "v1", "blog-dev", "own", BY_FLUX, "",
                ",\"drift\":{\"manager\":\"kubectl\",\"at\":\"2025-11-24T15:11:00Z\"}");
    EXPECT_APPLICATION(&used, "reason", "ReconciliationFailed");
    EXPECT_APPLICATION_HAS(&used, "cause", "commit bbbbbbbb");
    bench_finish(&used);
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
