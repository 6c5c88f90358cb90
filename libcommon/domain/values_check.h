/* The values of an Application's tree (docs/seams.md, "Application repository"), as a cluster and a plan have to agree on them:
 * what kustomize would build otherwise than they are read, or refuses without saying where. Pure; any thread. */
#ifndef CAT_DOMAIN_VALUES_CHECK_H
#define CAT_DOMAIN_VALUES_CHECK_H

#include "wire/json.h"

/* `files` as of cat_kustomization_check (kustomization.h), which they pass; `env_type` says which overlay is built. Of
 * values.yaml and of the overlay's files, where they are there: each is one document whose `spec` is a group of fields, and no
 * null takes away what the Blueprint's bindings (blueprint/bind/) read, and no whole number that they read is written as 2.0 or
 * 1e2. A null in an overlay removes everybody's value there, as kustomize's strategic merge has it, and a binding whose field is
 * null or missing ends the build (kustomize 5.8). false:
 * `*errors` (the caller's) as of cat_kustomization_check; NULL when there are none. */
bool cat_values_check(const json_t *files, const char *env_type, json_t **errors);
/* Whether one of these bindings reads the values at all. */
bool cat_values_are_read(const json_t *files);

#endif
