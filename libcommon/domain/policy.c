#include "domain/policy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "wire/kubernetes.h"

bool cat_policy_applies(const json_t *policy, const char *environment)
{
    return environment && !cat_object_is_deleting(policy) &&
           cat_json_is_text_in(cat_json_get(policy, "spec.appliesTo.environments"), environment);
}

static int by_text(const void *left, const void *right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

json_t *cat_policies_of(const json_t *policies, const char *environment)
{
    size_t count = 0, index;
    json_t *policy, *names = json_array();
    cat_autofree const char **found = cat_calloc(json_array_size(policies) + 1, sizeof *found);
    json_array_foreach((json_t *)policies, index, policy) if (cat_policy_applies(policy, environment)) found[count++] =
        cat_object_name(policy);
    qsort(found, count, sizeof *found, by_text);
    for (size_t i = 0; i < count; i++)
        json_array_append_new(names, json_string(found[i]));
    return names;
}

static const json_t *find(const json_t *policies, const char *name)
{
    size_t index;
    json_t *policy;
    json_array_foreach((json_t *)policies, index, policy)
    {
        if (cat_text_equal(cat_object_name(policy), name))
            return policy;
    }
    return NULL;
}

bool cat_policy_reference_agrees(const json_t *policies, const char *environment, const char *reference,
                                 char why[CAT_POLICY_WORDS_MAX])
{
    const json_t *policy = reference ? find(policies, reference) : NULL;
    why[0] = 0;
    if (!reference || cat_policy_applies(policy, environment))
        return true;
    if (!policy)
        snprintf(why, CAT_POLICY_WORDS_MAX,
                 "%.80s names the policy %.120s, and there is none of this name: add it, or take policyRef away", environment,
                 reference);
    else
        snprintf(why, CAT_POLICY_WORDS_MAX,
                 "%.80s names the policy %.120s, which does not apply to it: add %.80s to its appliesTo.environments, or take "
                 "policyRef away",
                 environment, reference, environment);
    return false;
}

bool cat_is_governed(const json_t *policies, const char *environment, const char *reference)
{
    size_t index;
    json_t *policy;
    json_array_foreach((json_t *)policies, index, policy)
    {
        if (cat_policy_applies(policy, environment))
            return true;
    }
    return reference != NULL;
}
