/* What waiting operations keep of their work. */
#include "steps/briefs.h"

#include "base/memory.h"
#include "base/test.h"
#include "core/operation.h"
#include "kinds/kinds.h"
#include "steps/steps.h"

static json_t *work_here(void)
{
    return json_pack("{s:{s:[{s:s,s:s,s:[s],s:{s:s}}],s:[s],s:[{s:s}],s:s},s:{s:s},s:s}", "plan", "applications", "name", "blog",
                     "action", "create", "environments", "acme-dev", "values", "title", "long", "environments", "acme-dev",
                     "trees", "repository", "acme/blog", "signature", "s", "principal", "user", "dana", "appliedAt",
                     "2026-11-30T00:00:00.000Z");
}

TEST("a brief has who is in the plan and who asked, none of its files, and is read anew after an hour")
{
    prv_briefs *briefs = prv_briefs_create();
    cat_autojson json_t *work = work_here();
    EXPECT(!prv_briefs_get(briefs, "op", 0));
    prv_briefs_keep(briefs, "op", work, 1000);
    cat_autojson json_t *brief = prv_briefs_get(briefs, "op", 2000);
    cat_autofree char *text = cat_json_format(brief);
    EXPECT_TEXT(text,
                "{\"plan\":{\"applications\":[{\"name\":\"blog\",\"action\":\"create\",\"environments\":[\"acme-dev\"]}],"
                "\"environments\":[\"acme-dev\"]},\"principal\":{\"user\":\"dana\"},\"appliedAt\":\"2026-11-30T00:00:00.000Z\"}");
    EXPECT(!prv_briefs_get(briefs, "op", 1000 + 3600 * 1000));
    prv_briefs_drop(briefs, "op");
    EXPECT(!prv_briefs_get(briefs, "op", 2000));
    prv_briefs_destroy(briefs);
}

TEST("an operation needs its whole work until only steps are left that wait for others or archive")
{
    static const struct {
        const char *kind, *next;
        bool brief;
    } ROWS[] = {{"install", "objects", false},   {"install", "reconcile", true}, {"install", "protected", true},
                {"install", "running", true},    {"configure", "commit", false}, {"configure", "running", true},
                {"uninstall", "objects", false}, {"uninstall", "gone", true},    {"uninstall", "archive", true},
                {"organization", "ready", true}};
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        cat_test_row("%s at %s", ROWS[i].kind, ROWS[i].next);
        cat_autojson json_t *plan = json_pack("{s:s,s:s,s:[{}]}", "kind", ROWS[i].kind, "organization", "acme", "objects"),
                            *operation = prv_operation_make(prv_kind_of(plan), "op", plan, NULL, 1000);
        for (json_t *step;
             (step = prv_operation_next_step(operation)) && !cat_text_equal(cat_json_text(step, "name"), ROWS[i].next);)
            prv_operation_set(operation, step, "Succeeded", NULL, NULL, 2000);
        EXPECT(prv_operation_next_step(operation) != NULL);
        EXPECT(prv_steps_left_are_brief(operation) == ROWS[i].brief);
    }
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
