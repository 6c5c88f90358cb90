/* What plans say of Environments that policies govern, whatever these and their files are called. */
#include "core/plan_governed.h"

#include <string.h>

#include "core/plan_testing.h"

static const char POLICIES[] =
    "[{'metadata': {'name': 'windows'}, 'spec': {'appliesTo': {'environments': ['acme-prod', 'acme-stg']}}},"
    " {'metadata': {'name': 'four-eyes'}, 'spec': {'appliesTo': {'environments': ['acme-prod']}}},"
    " {'metadata': {'name': 'acme-dev-policy'}, 'spec': {'appliesTo': {'environments': ['globex-dev']}}}]";

static json_t *governed_facts(const char *environment, const char *reference)
{
    json_t *facts = facts_with(ENVIRONMENTS, SITE);
    json_object_set_new(facts, "policies", json(POLICIES));
    if (reference)
        json_object_set_new(json_object_get(json_object_get(facts, "environments"), environment), "policyRef",
                            json_string(reference));
    return facts;
}

TEST("an install, a change in one Environment and a change in all of them say the same of who governs")
{
    static const struct {
        const char *environment, *reference, *install, *configure;
    } ROWS[] = {
        {"acme-dev", NULL, NULL, NULL},
        {"acme-stg", NULL,
         "/environments/0: acme-stg is governed by windows: what is to run there has to be promoted, and "
         "promotions are not offered yet",
         "/environment: acme-stg is governed by windows: changes there are promoted, which is not offered yet"},
        {"acme-prod", NULL,
         "/environments/0: acme-prod is governed by four-eyes and windows: what is to run there has to be "
         "promoted, and promotions are not offered yet",
         NULL},
        {"acme-stg", "windows",
         "/environments/0: acme-stg is governed by windows: what is to run there has to be promoted, and "
         "promotions are not offered yet",
         "/environment: acme-stg is governed by windows: changes there are promoted, which is not offered yet"},
        {"acme-stg", "four-eyes",
         "/environments/0: acme-stg names the policy four-eyes, which does not apply to it: add acme-stg "
         "to its appliesTo.environments, or take policyRef away",
         "/environment: acme-stg names the policy four-eyes, which does not apply to it: add acme-stg to its "
         "appliesTo.environments, or take policyRef away"},
        {"acme-dev", "nobody",
         "/environments/0: acme-dev names the policy nobody, and there is none of this name: add it, or "
         "take policyRef away",
         "/environment: acme-dev names the policy nobody, and there is none of this name: add it, or take policyRef away"},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        cat_test_row("%s, policyRef %s", ROWS[i].environment, ROWS[i].reference ? ROWS[i].reference : "-");
        cat_autojson json_t *facts = governed_facts(ROWS[i].environment, ROWS[i].reference), *wish = json(WISH),
                            *change = json("{'kind': 'configure', 'application': 'site', 'config': {'title': 'New'}}"),
                            *plan = NULL, *changed = NULL;
        cat_error error = {0}, failed = {0};
        json_object_set_new(wish, "application", json_string("fresh"));
        json_object_set_new(wish, "environments", json_pack("[s]", ROWS[i].environment));
        json_object_set_new(change, "environment", json_string(ROWS[i].environment));
        EXPECT_INT(prv_plan_make(prv_kind_of(wish), facts, wish, &plan, NULL, NULL, &error), ROWS[i].install ? CAT_E_INVALID : 0);
        EXPECT_TEXT(error.message, ROWS[i].install ? ROWS[i].install : "");
        if (cat_text_equal(ROWS[i].environment, "acme-prod"))
            continue; /* it does not run there */
        int code = prv_plan_make(prv_kind_of(change), facts, change, &changed, NULL, NULL, &failed);
        EXPECT_INT(code, ROWS[i].configure ? CAT_E_INVALID : 0);
        EXPECT_TEXT(failed.message, ROWS[i].configure ? ROWS[i].configure : "");
    }
}

TEST("where dev is governed nothing is written to develop: a change of all Environments is refused, and a link stays with a word")
{
    cat_autojson json_t *facts = facts_with(ENVIRONMENTS, SITE), *plan = NULL,
                        *change = json("{'kind': 'configure', 'application': 'site', 'config': {'title': 'New'}}");
    cat_error error = {0};
    json_object_set_new(facts, "policies",
                        json("[{'metadata': {'name': 'careful'}, 'spec': {'appliesTo': {'environments': ['acme-dev']}}}]"));
    EXPECT_INT(prv_plan_make(prv_kind_of(change), facts, change, &plan, NULL, NULL, &error), CAT_E_INVALID);
    EXPECT(strstr(error.message, "acme-dev is governed by careful: changes there are promoted, which is not offered yet"));
    cat_autojson json_t *gone = plan_of(facts, "{'kind': 'uninstall', 'application': 'site', 'confirm': 'site'}");
    EXPECT_INT(json_array_size(json_object_get(gone, "trees")), 0);
    EXPECT_TEXT(cat_json_text(gone, "warnings.0"),
                "acme-dev is governed by careful: links/site.yaml stays on branch develop of acme/pg until it is promoted away");
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
