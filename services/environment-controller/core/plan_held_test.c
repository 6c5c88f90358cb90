/* What holds a namespace of which Kubernetes tells nothing yet. */
#define EC_PLAN_TEST_MAIN
#include "core/plan_held.h"

#include "core/plan_test_parts.h"

#define SINCE_S INT64_C(1767225600) /* 2026-01-01T00:00:00Z */

TEST("a namespace whose Pods do not go names the one that a finalizer holds, once that takes long")
{
    static const struct {
        int after_s;
        const char *pods, *says;
    } rows[] = {
        {2, "[{metadata: {name: db-1, deletionTimestamp: now, finalizers: [example.org/stay]}}]", ""},
        {20,
         "[{metadata: {name: db-0, deletionTimestamp: now}}, {metadata: {name: db-1, deletionTimestamp: now, finalizers: "
         "[example.org/stay]}}]",
         ", and waits for Pod db-1 with finalizer example.org/stay: whoever set the finalizer takes it off"},
        {20, "[{metadata: {name: db-0, deletionTimestamp: now}}]", ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cat_test_row("%zu", i);
        cat_autojson json_t *namespace =
            test_json("{metadata: {name: blog-dev, deletionTimestamp: '2026-01-01T00:00:00Z'}, status: {phase: Terminating}}");
        cat_auto(ec_plan) plan = {0};
        cat_auto(ec_observed) observed;
        ec_observed_init(&observed);
        test_put(&observed, "c Pod blog-dev ?", rows[i].pods);
        cat_autofree char *said = ec_held_in(&plan, &observed, "c", namespace, SINCE_S + rows[i].after_s);
        EXPECT_TEXT(said, rows[i].says);
    }
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
