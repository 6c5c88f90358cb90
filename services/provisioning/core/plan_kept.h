/* What an uninstall leaves, by name, as a plan says it. Pure. */
#ifndef PROVISIONING_PLAN_KEPT_H
#define PROVISIONING_PLAN_KEPT_H

#include "core/plan_parts.h"

/* Paths of the secrets that an Application's Blueprint makes in its Environments: ["org/acme/env/dev/blog/db"], the caller's.
 * NULL: what it is made from is not known. */
json_t *prv_secrets_of(const json_t *facts, const char *application);
/* The claims of what a branch builds to: [{name, goes}], the caller's; those of a StatefulSet too. Flux takes those away (`goes`)
 * that it made, but for which say otherwise (annotation kustomize.toolkit.fluxcd.io/prune: disabled). */
json_t *prv_claims_of(const json_t *objects);
/* Adds what stays and what goes to the plan's warnings. `kept`: {volumes: [{environment, name, goes}], secrets: [path], unknown}:
 * what is there; `unknown` (a boolean): not all could be looked at. */
void prv_tell_kept(json_t *plan, const json_t *kept);

#endif
