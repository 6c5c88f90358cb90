#include "svc/spine_layout.h"

#include "base/test.h"

TEST("everything that a plan allows for takes at most 90 % of its account")
{
    static const char *const PLANS[] = {"small", "medium", "large"};
    for (size_t i = 0; i < sizeof(PLANS) / sizeof(PLANS[0]); i++) {
        cat_test_row("%s", PLANS[i]);
        const cat_layout_plan *plan = cat_layout_plan_find(PLANS[i]);
        int64_t taken = plan->environments * (plan->bucket_bytes + plan->stream_bytes) + plan->dead_letter_bytes;
        EXPECT(taken * 10 <= plan->disk_bytes * 9);
        EXPECT(taken * 10 >= plan->disk_bytes * 7);
    }
}

TEST("a plan gives consumers for three replicas at least, and an Environment for each env type")
{
    static const char *const PLANS[] = {"small", "medium", "large"};
    for (size_t i = 0; i < sizeof(PLANS) / sizeof(PLANS[0]); i++) {
        cat_test_row("%s", PLANS[i]);
        EXPECT(cat_layout_plan_find(PLANS[i])->consumers_per_stream >= 3 * 2 + 4);
        EXPECT(cat_layout_plan_find(PLANS[i])->environments >= 5);
    }
}

TEST("a plan that nobody knows is the small one")
{
    EXPECT(cat_layout_plan_find("enormous") == cat_layout_plan_find("small"));
    EXPECT(cat_layout_plan_find(NULL) == cat_layout_plan_find("small"));
    EXPECT(cat_layout_plan_find("large") != cat_layout_plan_find("small"));
}

TEST("a name that is not in the layout is a mistake of ours and says so")
{
    cat_error error = {0};
    EXPECT_INT(cat_layout_ensure_stream(NULL, "catalyst-evnets", &error), CAT_E_INTERNAL);
    EXPECT_TEXT(error.message, "the layout has no stream catalyst-evnets");
    EXPECT_INT(cat_layout_ensure_bucket(NULL, "catalyst-events", &error), CAT_E_INTERNAL);
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
