/* What is still done after something failed. */
#include "core/plan_going.h"

#include "base/memory.h"
#include "base/test.h"

/* A plan in short: "part:section verb" each, carried out with those failing whose place has an x. */
static char *carried_out(const ec_plan *plan, const char *fails, int code)
{
    cat_auto(ec_going) going = {0};
    cat_auto(cat_string) done = CAT_STRING(64);
    for (size_t i = 0; i < plan->count; i++) {
        cat_error failed = {0};
        bool may = ec_going_may(&going, &plan->items[i]);
        cat_string_append_char(&done, !may ? '-' : fails[i] == 'x' ? 'x' : '+');
        if (may && fails[i] == 'x') {
            cat_error_set(&failed, code, "no");
            ec_going_failed(&going, &plan->items[i], &failed);
        }
    }
    return cat_string_take(&done);
}

static void add(ec_plan *plan, ec_section section, ec_step step)
{
    ec_do(plan, section, step, NULL);
}

TEST("what fails in one Environment stops what rests on it there, the other Environments go on, and the finalizer waits for all")
{
    cat_auto(ec_plan) plan = {0};
    static const char *const environments[] = {"dev", "stg", "prod"};
    for (size_t i = 0; i < 3; i++) {
        ec_part(&plan, "c1", environments[i]);
        ec_delete(&plan, EC_REMOVAL, "c1", "Kustomization", "flux-system", environments[i]);
        ec_delete(&plan, EC_REMOVAL, "c1", "Namespace", NULL, environments[i]);
    }
    ec_part(&plan, NULL, NULL);
    add(&plan, EC_REMOVAL, EC_STEP_FINALIZER);
    add(&plan, EC_PROTECTION, EC_STEP_GIT_PROTECTION);
    static const struct {
        const char *fails, *done;
    } rows[] = {
        {"........", "++++++++"}, {"x.......", "x-++++-+"}, {".x......", "+x++++-+"},
        {"x.x.....", "x-x-++-+"}, {"......x.", "++++++x+"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cat_autofree char *done = carried_out(&plan, rows[i].fails, CAT_E_UNAVAILABLE);
        EXPECT_TEXT(done, rows[i].done);
    }
}

TEST("one place in two clusters is two parts, and a section of another part of the plan is not touched")
{
    cat_auto(ec_plan) plan = {0};
    ec_part(&plan, "c1", "dev");
    add(&plan, EC_FLUX, EC_STEP_STORE_TOKEN);
    add(&plan, EC_SECRETS, EC_STEP_STORE_TOKEN);
    add(&plan, EC_FLUX, EC_STEP_STORE_TOKEN);
    ec_part(&plan, "c2", "dev");
    add(&plan, EC_FLUX, EC_STEP_STORE_TOKEN);
    cat_autofree char *done = carried_out(&plan, "x...", CAT_E_INVALID);
    EXPECT_TEXT(done, "x+-+");
}

TEST("steps in Git stand on their own unless Git is away, and that all was asserted is remembered only when it was")
{
    cat_auto(ec_plan) plan = {0};
    add(&plan, EC_GIT, EC_STEP_GIT_TEAM);
    add(&plan, EC_GIT, EC_STEP_GIT_TEAM);
    add(&plan, EC_GIT, EC_STEP_GIT_ASSERTED);
    add(&plan, EC_ACCOUNT, EC_STEP_ACCOUNT_CHECK);
    cat_autofree char *odd = carried_out(&plan, "x...", CAT_E_CONFLICT), *away = carried_out(&plan, "x...", CAT_E_TIMEOUT),
                      *well = carried_out(&plan, "....", 0);
    EXPECT_TEXT(odd, "x+-+");
    EXPECT_TEXT(away, "x--+");
    EXPECT_TEXT(well, "++++");
}

TEST("nothing is done when the base failed")
{
    cat_auto(ec_plan) plan = {0};
    add(&plan, EC_BASE, EC_STEP_FINALIZER);
    ec_part(&plan, "c1", "dev");
    add(&plan, EC_FLUX, EC_STEP_STORE_TOKEN);
    cat_autofree char *done = carried_out(&plan, "x.", CAT_E_CONFLICT);
    EXPECT_TEXT(done, "x-");
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
