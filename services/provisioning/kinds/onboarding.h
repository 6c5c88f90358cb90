/* What the kinds that onboard share: an Organization is made with its first Environments. Pure; any thread. */
#ifndef PROVISIONING_ONBOARDING_H
#define PROVISIONING_ONBOARDING_H

#include "core/plan_parts.h"

/* The Organization's name. Lent. */
static inline const char *prv_onboarded(const prv_draft *draft)
{
    return cat_json_text_or(draft->facts, "organization.name", "");
}

/* An object that is to be committed to a branch of system/catalyst-config. */
static inline void prv_declare(prv_draft *draft, const char *branch, const char *path, json_t *object_taken)
{
    json_array_append_new(draft->objects, cat_json_object("action", json_string("apply"), "branch", json_string(branch), "path",
                                                          json_string(path), "object", object_taken, NULL));
}

/* One Environment; `wish` stands at `pointer` of the request. CAT_E_INVALID: there are two of its type, or its policyRef does
 * not agree with `facts.policies`. */
int prv_add_environment(prv_draft *draft, const json_t *wish, const char *pointer, cat_error *error);

#endif
