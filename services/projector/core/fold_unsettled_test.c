/* What ends again and again, and what is told of it while it runs in between. */
#include "core/fold_fixtures.h"

/* Pod `web-1-a` of Deployment `web`, which ended `restarts` times. */
static void give_restarted(bench *used, int restarts, bool runs)
{
    if (restarts < 3) /* whichever is told first */
        give_web(used, 1, runs);
    cat_autofree char *rest =
        cat_printf(runs ? ",\"status\":{\"phase\":\"Running\",\"conditions\":[{\"type\":\"Ready\",\"status\":\"True\"}],"
                          "\"containerStatuses\":[{"
                          "\"name\":\"c\",\"image\":\"i:1\",\"ready\":true,\"restartCount\":%d,\"state\":{\"running\":{}}}]}"
                        : ",\"status\":{\"phase\":\"Running\",\"containerStatuses\":[{\"name\":\"c\",\"image\":\"i:1\","
                          "\"restartCount\":%d,\"state\":{"
                          "\"waiting\":{\"reason\":\"CrashLoopBackOff\"}}}]}",
                   restarts);
    give_object(used, "c1", "Pod", "v1", "blog-dev", "web-1-a", OWNED("apps/v1", "ReplicaSet", "web-1"), rest, "");
    if (restarts >= 3) {
        EXPECT_APPLICATION(used, "status", "Degraded");
        give_web(used, 1, runs);
    }
}

TEST("what ends again and again is not well for running in between, and is when that lasts")
{
    bench used = bench_make();
    give_flux(&used, A);
    give_web(&used, 1, 1);
    give_ready_set(&used, "web-1");
    give_restarted(&used, 0, true);
    EXPECT_APPLICATION(&used, "status", "Running");
    give_restarted(&used, 1, false);
    EXPECT_APPLICATION(&used, "status", "Progressing"); /* it may stumble */
    cat_autojson json_t *first = row_of(&used, "pod.blog-dev.web-1-a");
    pass_seconds(&used, 9);
    give_restarted(&used, 1, true);
    EXPECT_APPLICATION(&used, "status", "Running");
    for (int round = 2; round < 6; round++) {
        cat_test_row("round %d", round);
        pass_seconds(&used, 6);
        give_restarted(&used, round, false);
        pass_seconds(&used, 50);
        EXPECT_APPLICATION(&used, "status", "Degraded");
        EXPECT_APPLICATION(&used, "since", cat_json_text(first, "since"));
        give_restarted(&used, round, true);
        EXPECT_APPLICATION(&used, "status", "Degraded");
        EXPECT_APPLICATION(&used, "reason", "CrashLoopBackOff");
        EXPECT_APPLICATION(&used, "since", cat_json_text(first, "since"));
        EXPECT_APPLICATION_HAS(&used, "message", "It runs again, and counts as well when that lasts");
    }
    cat_autojson json_t *last = application_of(&used);
    EXPECT(cat_json_text(last, "next") != NULL);
    pass_seconds(&used, 31);
    EXPECT_APPLICATION(&used, "status", "Running");
    give_restarted(&used, 2, false); /* another time, another beginning */
    cat_autojson json_t *again = application_of(&used);
    EXPECT(strcmp(cat_json_text_or(again, "since", ""), cat_json_text_or(first, "since", "")) > 0);
    bench_finish(&used);
}

TEST("a push in the middle of it changes neither what is told nor since when")
{
    static const char UNDER_WAY[] =
        ",\"status\":{\"observedGeneration\":1,\"lastAppliedRevision\":\"develop@sha1:" A "\",\"lastAttemptedRevision\":"
        "\"develop@sha1:" A "\",\"conditions\":[" CONDITION("Unknown", "Progressing", "building") "]}";
    bench used = bench_make();
    give_push(&used, ZERO, A, "values.yaml", "2025-11-24T15:00:00Z");
    give_source(&used, A, "");
    give_flux(&used, A);
    give_web(&used, 1, 1);
    give_ready_set(&used, "web-1");
    give_restarted(&used, 0, true);
    give_restarted(&used, 1, false);
    cat_autojson json_t *first = row_of(&used, "pod.blog-dev.web-1-a");
    pass_seconds(&used, 40);
    give_restarted(&used, 1, true);
    for (int step = 0; step < 5; step++) {
        cat_test_row("step %d", step);
        if (step == 0)
            give_push(&used, A, B, "other.yaml", "2025-11-24T15:10:00Z");
        else if (step == 1)
            give_object(&used, "c1", "Kustomization", "kustomize.toolkit.fluxcd.io/v1", "flux-system", "blog-dev",
                        ",\"labels\":{\"openova.io/application\":\"blog\"}", UNDER_WAY, "");
        else if (step == 2)
            give_restarted(&used, 3, false);
        else if (step == 3)
            give_flux(&used, B);
        else
            give_restarted(&used, 3, true);
        EXPECT_APPLICATION(&used, "status", "Degraded");
        EXPECT_APPLICATION(&used, "reason", "CrashLoopBackOff");
        EXPECT_APPLICATION(&used, "since", cat_json_text(first, "since"));
    }
    bench_finish(&used);
}

TEST("an evicted Pod that was replaced has no part in what is wrong with another")
{
    static const char MADE[] = ",\"creationTimestamp\":\"%s\"" OWNED("apps/v1", "ReplicaSet", "web-1");
    cat_autofree char *early = cat_printf(MADE, "2025-11-24T14:00:00Z"), *late = cat_printf(MADE, "2025-11-24T15:00:00Z");
    bench used = bench_make();
    give_flux(&used, A);
    give_web(&used, 1, 1);
    give_set(&used, "web-1");
    give_object(&used, "c1", "Pod", "v1", "blog-dev", "web-1-a", early,
                ",\"status\":{\"phase\":\"Failed\",\"reason\":\"Evicted\",\"message\":\"The node was low on resource: memory\"}",
                "");
    pass_seconds(&used, 60);
    give_web(&used, 1, 0);
    give_object(&used, "c1", "Pod", "v1", "blog-dev", "web-1-b", late,
                ",\"status\":{\"phase\":\"Running\",\"containerStatuses\":[{\"name\":\"c\",\"image\":\"i:1\",\"restartCount\":3,"
                "\"state\":{"
                "\"waiting\":{\"reason\":\"CrashLoopBackOff\"}}}]}",
                "");
    pass_seconds(&used, 100);
    EXPECT_APPLICATION(&used, "reason", "CrashLoopBackOff");
    EXPECT_APPLICATION(&used, "resource", "pod/blog-dev/web-1-b");
    bench_finish(&used);
}

TEST("the first end began when the Pod told of it, though who made it tells of it a moment later")
{
    static const char BAD[] =
        ",\"status\":{\"phase\":\"Running\",\"containerStatuses\":[{\"name\":\"c\",\"image\":\"i:1\",\"restartCount\":1,"
        "\"state\":{\"waiting\":{\"reason\":\"CrashLoopBackOff\"}}}]}";
    bench used = bench_make();
    give_flux(&used, A);
    give_web(&used, 1, 1);
    give_ready_set(&used, "web-1");
    give_object(&used, "c1", "Pod", "v1", "blog-dev", "web-1-a", OWNED("apps/v1", "ReplicaSet", "web-1"), BAD, "");
    give_web(&used, 1, 0);
    cat_autojson json_t *pod = row_of(&used, "pod.blog-dev.web-1-a");
    EXPECT_APPLICATION(&used, "since", cat_json_text(pod, "since"));
    bench_finish(&used);
}

TEST("an evicted Pod makes nothing Degraded while another may still take its place")
{
    bench used = bench_make();
    give_flux(&used, A);
    give_web(&used, 1, 1);
    give_ready_set(&used, "web-1");
    pass_seconds(&used, 60);
    give_web(&used, 1, 0);
    give_object(&used, "c1", "Pod", "v1", "blog-dev", "web-1-a", OWNED("apps/v1", "ReplicaSet", "web-1"),
                ",\"status\":{\"phase\":\"Failed\",\"reason\":\"Evicted\",\"message\":\"The node was low on resource: memory\"}",
                "");
    EXPECT_APPLICATION(&used, "status", "Progressing");
    pass_seconds(&used, 11);
    EXPECT_APPLICATION(&used, "status", "Degraded");
    EXPECT_APPLICATION(&used, "reason", "Evicted");
    bench_finish(&used);
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
