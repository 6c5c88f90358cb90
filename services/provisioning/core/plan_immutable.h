/* What a plan would change and no cluster takes: a field that Kubernetes fixes when the object is made. Pure. */
#ifndef PROVISIONING_PLAN_IMMUTABLE_H
#define PROVISIONING_PLAN_IMMUTABLE_H

#include "wire/json.h"

/* Compares what an Environment's branch renders to with what the plan makes of it, and adds {pointer, message} to `complaints`
 * for what cannot be changed. `changes`: as prv_config_changes gives them; `where`: "blog in acme-dev". Objects that are made
 * anew (annotation kustomize.toolkit.fluxcd.io/force) may change. */
void prv_plan_immutable(const json_t *before, const json_t *after, const json_t *changes, const char *where, json_t *complaints);
/* What a claim asked for before the plan; NULL: it was not there, or is made anew. Lent. */
const char *prv_volume_before(const json_t *before, const json_t *claim);
/* Which field of the request made the object have this value: the only change there is, or the only one whose value stands in it.
 * Lent. */
const char *prv_pointer_of_change(const json_t *changes, const json_t *value);
/* What the request changed, by comparing the files ({path: text}) of the branch: [{pointer, value}], the pointers into the
 * request
 * ("/config/storage", "/size"). The caller's. */
json_t *prv_config_changes(const json_t *before, const json_t *after, const char *env_type);

#endif
