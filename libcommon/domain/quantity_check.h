/* Quantities in the manifests of an Application's tree. Of one that is none the API server says neither the field nor the value,
 * so it is found before, where it is sure that it stays as it is. Pure; any thread. */
#ifndef CAT_DOMAIN_QUANTITY_CHECK_H
#define CAT_DOMAIN_QUANTITY_CHECK_H

#include "wire/json.h"

/* `files` as of cat_kustomization_check, which they pass, and `reads` what that says of them (NULL: not known, and nothing is
 * looked at). Looked at are `resources` and the `sizeLimit` of volumes in Kubernetes' own kinds that make Pods and claims. What a
 * patch, a binding or any other text of what is read may still change is left to the cluster. false: `*errors` (the caller's) as
 * of cat_kustomization_check; NULL when there are none. */
bool cat_quantities_check(const json_t *files, const char *reads, json_t **errors);

#endif
