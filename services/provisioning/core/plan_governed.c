#include "core/plan_governed.h"

#include "base/memory.h"
#include "core/plan_parts.h"
#include "domain/policy.h"

static char *names_of(const json_t *policies)
{
    cat_auto(cat_string) text = CAT_STRING(16 * 1024);
    size_t index, last = json_array_size(policies) - 1;
    json_t *name;
    json_array_foreach((json_t *)policies, index, name) cat_string_appendf(&text, "%s%s",
                                                                           index == 0      ? ""
                                                                           : index == last ? " and "
                                                                                           : ", ",
                                                                           json_string_value(name));
    return cat_string_take(&text);
}

char *prv_governed_words(const json_t *facts, const char *environment, const char *consequence)
{
    const json_t *policies = cat_json_get(facts, "policies");
    const char *reference = cat_json_text(prv_facts_environment(facts, environment), "policyRef");
    char why[CAT_POLICY_WORDS_MAX];
    if (!cat_is_governed(policies, environment, reference))
        return NULL;
    if (!cat_policy_reference_agrees(policies, environment, reference, why))
        return cat_strdup(why);
    cat_autojson json_t *governing = cat_policies_of(policies, environment);
    cat_autofree char *names = names_of(governing);
    return cat_printf("%s is governed by %.300s: %s", environment, names, consequence);
}
