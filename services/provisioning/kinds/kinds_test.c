/* The table of kinds, and what a row is enough for. */
#include "kinds/kinds.h"

#include "base/memory.h"
#include "base/test.h"
#include "core/operation.h"
#include "core/plan.h"
#include "core/plan_parts.h"

TEST("each kind has a plan, steps without a repeat, a right and words, and is found by its name alone")
{
    size_t count = 0;
    for (; prv_kind_at(count); count++) {
        const prv_kind *kind = prv_kind_at(count);
        cat_test_row("%s", kind->name);
        cat_autojson json_t *record = json_pack("{s:s}", "kind", kind->name);
        EXPECT(prv_kind_of(record) == kind);
        EXPECT(kind->plan != NULL);
        EXPECT(kind->right == PRV_RIGHT_CHANGE || kind->right == PRV_RIGHT_MANAGE || kind->right == PRV_RIGHT_ONBOARD);
        EXPECT((kind->right == PRV_RIGHT_CHANGE) == !kind->onboards);
        EXPECT(kind->verb && *kind->verb);
        EXPECT(kind->steps && kind->steps->name);
        for (const prv_kind_step *step = kind->steps; step->name; step++) {
            EXPECT(step->title && *step->title);
            for (const prv_kind_step *other = kind->steps; other < step; other++)
                EXPECT(!cat_text_equal(other->name, step->name));
        }
    }
    EXPECT(count >= 5);
}

TEST("what takes an Application away, or makes one, has words for what it is at and what it left")
{
    for (size_t i = 0; prv_kind_at(i); i++) {
        const prv_kind *kind = prv_kind_at(i);
        cat_test_row("%s", kind->name);
        EXPECT((kind->makes || kind->removes) == (kind->being != NULL && kind->left != NULL));
        EXPECT(kind->removes == (kind->supersedes != NULL));
    }
}

TEST("what onboards is asked for at a place of its own, and what is not known has neither plan nor steps")
{
    cat_autojson json_t *none = json_pack("{s:s}", "kind", "reorganise");
    EXPECT_TEXT(prv_kind_asked_at("/v1/organizations")->name, "organization");
    EXPECT_TEXT(prv_kind_asked_at("/v1/environments")->name, "environment");
    EXPECT_TEXT(prv_kind_asked_at("/v1/installs")->name, "");
    EXPECT(!prv_kind_of(none)->plan && !prv_kind_of(none)->steps->name);
    EXPECT(!prv_kind_of(NULL)->plan);
}

/* --- a kind of this test's own: one function and one row --- */

static int plan_rename(prv_draft *draft, cat_error *error)
{
    (void)error;
    json_array_append_new(draft->applications,
                          cat_json_object("name", json_string("blog"), "action", json_string("rename"), NULL));
    return 0;
}

static const prv_kind_step RENAME[] = {{"commit", "Write the new name", NULL},
                                       {"links", "Tell who serves it", "links"},
                                       {"running", "Wait until it runs", NULL},
                                       {0}};
static const prv_kind RENAMES = {.name = "rename", .plan = plan_rename, .steps = RENAME, .verb = "Rename"};

TEST("a kind is a plan and a row: what makes plans and operations needs no more of it")
{
    cat_autojson json_t *facts = json_pack("{s:{s:s}}", "organization", "name", "acme"),
                        *wish = json_pack("{s:s,s:s}", "kind", "rename", "application", "blog"), *plan = NULL,
                        *who = json_pack("{s:s}", "user", "dana");
    EXPECT_INT(prv_plan_make(&RENAMES, facts, wish, &plan, NULL, NULL, NULL), 0);
    EXPECT_TEXT(cat_json_text(plan, "kind"), "rename");
    EXPECT_TEXT(cat_json_text(plan, "applications.0.action"), "rename");
    cat_autojson json_t *operation = prv_operation_make(&RENAMES, "op", plan, who, 1000);
    EXPECT_INT(json_array_size(json_object_get(operation, "steps")), 2);
    EXPECT_TEXT(cat_json_text(operation, "steps.0.title"), "Write the new name");
    EXPECT_TEXT(cat_json_text(operation, "steps.1.name"), "running");
}

TEST("an Organization's plan declares it, its branch and its Environments, and takes no type of Environment twice")
{
    cat_autojson json_t *facts = json_pack("{s:{s:s}}", "organization", "name", "acme"),
                        *wish = json_pack("{s:s,s:[{s:s},{s:s}]}", "name", "acme", "environments", "envType", "dev", "envType",
                                          "stg"),
                        *twice = json_pack("{s:[{s:s},{s:s}]}", "environments", "envType", "dev", "envType", "dev"),
                        *named = json_pack("{s:s}", "kind", "organization"), *plan = NULL, *none = NULL, *errors = NULL;
    const char *problem = NULL;
    cat_error error = {0};
    EXPECT_INT(prv_plan_make(prv_kind_of(named), facts, wish, &plan, NULL, NULL, NULL), 0);
    EXPECT_TEXT(cat_json_text(plan, "objects.0.path"), "organizations/acme.yaml");
    EXPECT_TEXT(cat_json_text(plan, "objects.1.path"), "README.md");
    EXPECT_TEXT(cat_json_text(plan, "objects.3.path"), "environments/acme-stg.yaml");
    EXPECT_TEXT(cat_json_text(plan, "environments.1"), "acme-stg");
    EXPECT_TEXT(cat_json_text(plan, "subject"), "acme");
    EXPECT_INT(prv_plan_make(prv_kind_of(named), facts, twice, &none, &errors, &problem, &error), CAT_E_INVALID);
    EXPECT_TEXT(error.message, "/environments/1/envType: is there twice");
    EXPECT_TEXT(cat_json_text(errors, "0.pointer"), "/environments/1/envType");
    EXPECT_TEXT(problem, "schema-invalid");
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
