/* Which EnvironmentPolicies govern an Environment. One meaning for who protects branches and for who writes them: what
 * `spec.appliesTo.environments` of a policy names is governed by it, whatever the policy and its file are called; several that
 * name one hold together. An Environment's `spec.policyRef` chooses nothing: it says which policy its people count on, and has to
 * agree. One that does not agree closes the Environment as a policy would, until it is mended: to let changes through would be
 * what nobody asked for.
 *
 * Policies are objects (an array; NULL: none); one that is being removed has left Git and does not count. Pure; any thread. */
#ifndef CAT_DOMAIN_POLICY_H
#define CAT_DOMAIN_POLICY_H

#include "wire/json.h"

#define CAT_POLICY_WORDS_MAX 400

bool cat_policy_applies(const json_t *policy, const char *environment);
/* The names of those that govern it, sorted: the caller's. */
json_t *cat_policies_of(const json_t *policies, const char *environment);
/* `reference`: its policyRef's name, NULL when it has none. false: `why` says in a sentence what is wrong and what to do. */
bool cat_policy_reference_agrees(const json_t *policies, const char *environment, const char *reference,
                                 char why[CAT_POLICY_WORDS_MAX]);
/* Do changes reach its branch by promotion alone? */
bool cat_is_governed(const json_t *policies, const char *environment, const char *reference);

#endif
