/* From an ExternalSecret to the Secret that it names. Pure: sources are looked up by the caller. */
#ifndef CATALYST_STANDIN_SOURCE_H
#define CATALYST_STANDIN_SOURCE_H

#include "wire/kubernetes.h"

/* A source is named as Kubernetes names its Secret: `org.acme.env.dev.blog.db`. CAT_E_INVALID for what can be no Secret's name.
 */
int source_check_name(const char *key, cat_error *error);
/* `*data`: the base64 values of the source Secret called `name`, a new reference. CAT_E_NOT_FOUND when it is not there. */
typedef int (*source_lookup)(void *context, const char *name, json_t **data, cat_error *error);
/* The Secret as it has to be applied: data, type, owner. */
int source_build(const json_t *external_secret, source_lookup look_up, void *context, json_t **secret, cat_error *error);

#endif
