/* The registered Blueprints, watched in KV catalyst-blueprints, and their files from the source repositories. Any thread. */
#ifndef PROVISIONING_BLUEPRINTS_H
#define PROVISIONING_BLUEPRINTS_H

#include "net/git.h"
#include "net/kv.h"

typedef struct prv_blueprints prv_blueprints;
struct prv_context;
/* Waits up to 5 s for what is registered. */
int prv_blueprints_start(struct prv_context *context, prv_blueprints **blueprints, cat_error *error);
void prv_blueprints_stop(prv_blueprints *blueprints);
/* What the Organization may install, the best of each name last: by source (domain/source.h), then by
 * version. The caller's array, of values of the bucket that are
 * lent to everybody and that nobody changes. */
json_t *prv_blueprints_visible(prv_blueprints *blueprints, const char *organization);
/* Files of one, `{"manifests/…" | "bind/…" | "sizes/…": text}`, from the commit and path that were registered, when they are
 * still the tree that was registered: CAT_E_CONFLICT otherwise. Kept by digest, and lent like these: nobody changes it. */
int prv_blueprints_files(prv_blueprints *blueprints, const json_t *blueprint, json_t **files, cat_error *error);

#endif
