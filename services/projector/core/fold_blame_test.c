/* Which commit is named as the cause of trouble, and where none is. */
#include "base/clock.h"
#include "core/fold_commit.h"
#include "core/fold_fixtures.h"

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

TEST("of more commits in one push than a row keeps none alone is blamed")
{
    enum { PUSHED = FOLD_COMMITS_MAX + 10 };
    bench used = bench_make();
    give_push(&used, ZERO, A, "values.yaml", "2025-11-24T15:00:00Z");
    give_flux(&used, A);
    give_web(&used, 1, 1);
    char before[41] = A, id[41];
    for (int i = 0; i < PUSHED; i++) {
        snprintf(id, sizeof id, "%04x%036d", i + 1, 0);
        give_push(&used, before, id, i % 2 ? "notes.md" : "web.yaml", "2025-11-24T15:10:00Z");
        memcpy(before, id, sizeof before);
    }
    give_flux(&used, id);
    break_web(&used);
    EXPECT_APPLICATION_HAS(&used, "cause", "one of 25 changes that were applied together");
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

/* A Pod of Deployment `web`, made at the bench's time, that ends again and again. */
static void give_made_pod(bench *used, const char *made_at, bool bad)
{
    cat_autofree char *metadata = cat_printf(",\"creationTimestamp\":\"%s\"" OWNED("apps/v1", "ReplicaSet", "web-1"), made_at);
    give_object(used, "c1", "Pod", "v1", "blog-dev", "web-1-a", metadata,
                bad ? ",\"status\":{\"phase\":\"Running\",\"containerStatuses\":[{\"name\":\"c\",\"image\":\"i:1\",\"state\":{"
                      "\"waiting\":{\"reason\":\"CrashLoopBackOff\"}}}]}"
                    : ",\"status\":{\"phase\":\"Running\",\"conditions\":[{\"type\":\"Ready\",\"status\":\"True\"}]}",
                "");
}

TEST("what came after a Pod was made is not to blame for it, unless it changed what a Pod reads")
{
    static const struct {
        bool settings; /* commit B changes a ConfigMap */
        const char *blamed;
    } rows[] = {{false, A}, {true, B}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cat_test_row("%zu", i);
        bench used = bench_make();
        char now[CAT_TIME_TEXT_MAX];
        give_push(&used, ZERO, A, "values.yaml", "2025-11-24T15:00:00Z");
        give_flux(&used, A);
        give_web(&used, 1, 1);
        give_ready_set(&used, "web-1");
        cat_time_format((NOW + (int64_t)used.sequence) / 1000 * 1000, now);
        give_made_pod(&used, now, false);
        pass_seconds(&used, 60);
        give_push(&used, A, B, "web.yaml", "2025-11-24T15:10:00Z"); /* what runs is as before */
        give_flux(&used, B);
        if (rows[i].settings)
            give_object(&used, "c1", "ConfigMap", "v1", "blog-dev", "settings", BY_FLUX, ",\"data\":{\"a\":\"b\"}", "");
        pass_seconds(&used, 60);
        give_web(&used, 1, 0);
        give_made_pod(&used, now, true);
        pass_seconds(&used, 100);
        EXPECT_APPLICATION(&used, "status", "Degraded");
        EXPECT_APPLICATION(&used, "commit", rows[i].blamed);
        bench_finish(&used);
    }
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
