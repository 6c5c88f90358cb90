/* How often Flux is asked to look. */
#include "core/reconcile_turns.h"

#include <stdio.h>

#include "base/test.h"

static prj_reconcile_turns_target *next(prj_reconcile_turns_schedule *schedule, int64_t now_ms)
{
    int64_t wait_ms = 0;
    return prj_reconcile_turns_next(schedule, now_ms, &wait_ms);
}

static void wish(prj_reconcile_turns_schedule *schedule, const char *cluster, const char *name)
{
    prj_reconcile_turns_target target = {(char *)cluster, "acme", "flux-system", (char *)name, 0, 0, false};
    EXPECT(prj_reconcile_turns_add(schedule, &target));
}

TEST("one GitRepository is asked at once, and again after a second at the earliest")
{
    prj_reconcile_turns_schedule *schedule = prj_reconcile_turns_schedule_create();
    int64_t wait_ms = 0;
    wish(schedule, "c1", "blog-dev");
    prj_reconcile_turns_target *target = next(schedule, 1000);
    REQUIRE(target != NULL);
    prj_reconcile_turns_done(schedule, target, 1010, false);
    wish(schedule, "c1", "blog-dev");
    wish(schedule, "c1", "blog-dev");
    EXPECT_INT(prj_reconcile_turns_waiting(schedule), 1);
    EXPECT(prj_reconcile_turns_next(schedule, 1500, &wait_ms) == NULL);
    EXPECT_INT(wait_ms, 500);
    target = next(schedule, 2000);
    REQUIRE(target != NULL);
    prj_reconcile_turns_done(schedule, target, 2000, false);
    EXPECT(prj_reconcile_turns_next(schedule, 9000, &wait_ms) == NULL);
    EXPECT_INT(wait_ms, -1);
    prj_reconcile_turns_schedule_destroy(schedule);
}

TEST("a vcluster is asked twenty times a second at most, and others do not wait for it")
{
    prj_reconcile_turns_schedule *schedule = prj_reconcile_turns_schedule_create();
    for (int i = 0; i < 100; i++) {
        char name[32];
        snprintf(name, sizeof name, "app%d-dev", i);
        wish(schedule, "c1", name);
    }
    wish(schedule, "c2", "blog-dev");
    int asked = 0, asked_other = 0;
    for (int64_t now_ms = 0; now_ms < 1000; now_ms++) {
        for (prj_reconcile_turns_target *target; (target = next(schedule, now_ms));) {
            asked += strcmp(target->cluster, "c1") == 0;
            asked_other += strcmp(target->cluster, "c2") == 0;
            prj_reconcile_turns_done(schedule, target, now_ms, false);
        }
        if (now_ms == 0)
            EXPECT_INT(asked_other, 1);
    }
    EXPECT(asked >= 38 && asked <= 40); /* what was saved up, and a second's worth */
    prj_reconcile_turns_schedule_destroy(schedule);
}

TEST("a vcluster that does not answer holds up only itself")
{
    prj_reconcile_turns_schedule *schedule = prj_reconcile_turns_schedule_create();
    wish(schedule, "c1", "a-dev");
    wish(schedule, "c1", "b-dev");
    wish(schedule, "c2", "c-dev");
    prj_reconcile_turns_target *stuck = next(schedule, 0);
    REQUIRE(stuck != NULL);
    prj_reconcile_turns_target *other = next(schedule, 0);
    REQUIRE(other != NULL);
    EXPECT_TEXT(other->cluster, "c2");
    EXPECT(next(schedule, 0) == NULL);
    prj_reconcile_turns_done(schedule, other, 0, false);
    prj_reconcile_turns_done(schedule, stuck, 0, true);
    prj_reconcile_turns_target *second = next(schedule, 0);
    REQUIRE(second != NULL);
    EXPECT_TEXT(second->name, "b-dev");
    prj_reconcile_turns_done(schedule, second, 0, false);
    prj_reconcile_turns_target *again = next(schedule, 1000);
    REQUIRE(again != NULL);
    EXPECT_TEXT(again->name, "a-dev");
    prj_reconcile_turns_done(schedule, again, 1000, false);
    prj_reconcile_turns_schedule_destroy(schedule);
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
