/* Which policies govern an Environment. */
#include "domain/policy.h"

#include <string.h>

#include "base/memory.h"
#include "base/test.h"

static json_t *of_text(const char *text)
{
    json_t *value = NULL;
    cat_json_parse(text, strlen(text), &CAT_JSON_CAPS, &value, NULL);
    return value;
}

static const char POLICIES[] =
    "[{\"metadata\": {\"name\": \"windows\"}, \"spec\": {\"appliesTo\": {\"environments\": [\"acme-prod\", \"acme-stg\"]}}},"
    " {\"metadata\": {\"name\": \"four-eyes\"}, \"spec\": {\"appliesTo\": {\"environments\": [\"acme-prod\"]}}},"
    " {\"metadata\": {\"name\": \"acme-dev-policy\"}, \"spec\": {\"appliesTo\": {\"environments\": [\"globex-dev\"]}}},"
    " {\"metadata\": {\"name\": \"leaving\", \"deletionTimestamp\": \"2026-11-30T00:00:00Z\"}, \"spec\": {\"appliesTo\": "
    "{\"environments\": [\"acme-dev\"]}}},"
    " {\"metadata\": {\"name\": \"broken\"}, \"spec\": {\"appliesTo\": {\"environments\": \"acme-uat\"}}}, 5]";

TEST("what a policy's appliesTo names is governed by it, whatever the policy is called, and by all that name it")
{
    cat_autojson json_t *policies = of_text(POLICIES);
    static const struct {
        const char *environment, *names;
    } ROWS[] = {{"acme-prod", "[\"four-eyes\",\"windows\"]"},
                {"acme-stg", "[\"windows\"]"},
                {"acme-dev", "[]"}, /* a policy is called like it, another one is being removed */
                {"acme-uat", "[]"}, /* a text is no list */
                {"acme", "[]"}};
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        cat_test_row("%s", ROWS[i].environment);
        cat_autojson json_t *names = cat_policies_of(policies, ROWS[i].environment);
        cat_autofree char *text = cat_json_format(names);
        EXPECT_TEXT(text, ROWS[i].names);
        EXPECT(cat_is_governed(policies, ROWS[i].environment, NULL) == (json_array_size(names) > 0));
        EXPECT(!cat_is_governed(NULL, ROWS[i].environment, NULL));
    }
}

TEST("a policyRef has to agree with what the policy says, and one that does not closes the Environment and says what to do")
{
    cat_autojson json_t *policies = of_text(POLICIES);
    static const struct {
        const char *environment, *reference, *why;
    } ROWS[] = {
        {"acme-prod", NULL, ""},
        {"acme-prod", "windows", ""},
        {"acme-prod", "four-eyes", ""},
        {"acme-stg", "four-eyes",
         "acme-stg names the policy four-eyes, which does not apply to it: add acme-stg to its appliesTo.environments, or take "
         "policyRef away"},
        {"acme-dev", "acme-dev-policy",
         "acme-dev names the policy acme-dev-policy, which does not apply to it: add acme-dev to its "
         "appliesTo.environments, or take policyRef away"},
        {"acme-dev", "nobody",
         "acme-dev names the policy nobody, and there is none of this name: add it, or take policyRef away"}};
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        char why[CAT_POLICY_WORDS_MAX];
        cat_test_row("%s %s", ROWS[i].environment, ROWS[i].reference ? ROWS[i].reference : "-");
        EXPECT(cat_policy_reference_agrees(policies, ROWS[i].environment, ROWS[i].reference, why) == !ROWS[i].why[0]);
        EXPECT_TEXT(why, ROWS[i].why);
        EXPECT(cat_is_governed(policies, ROWS[i].environment, ROWS[i].reference) ==
               (ROWS[i].reference || strcmp(ROWS[i].environment, "acme-dev") != 0));
    }
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
