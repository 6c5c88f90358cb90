/* Where an Application's secrets lie and which one it offers to those that depend on it: the one answer for who writes their
 * paths, who grants them and who checks Blueprints. Pure; any thread.
 *
 *     cat_autofree char *base = cat_secret_base("acme", "dev", "blog");    // org/acme/env/dev/blog
 *     cat_autofree char *key = cat_secret_key("org/acme/env/dev/blog/db"); // org.acme.env.dev.blog.db
 */
#ifndef CAT_DOMAIN_SECRETS_H
#define CAT_DOMAIN_SECRETS_H

#include "wire/json.h"

/* What an Application's secrets lie below, in an Environment. The caller's. */
char *cat_secret_base(const char *organization, const char *env_type, const char *application);
/* What Kubernetes calls the secret at a path: its names have no slash. The caller's. */
char *cat_secret_key(const char *path);
/* Does `rotation` of a Blueprint's spec have this secret? */
bool cat_secret_is_own(const json_t *spec, const char *secret);
/* What a Blueprint's output `secretPath` is for an Application: NULL when there is none. It has to be one of the Blueprint's own
 * secrets, and may not depend on config, which is for its users to write: else CAT_E_INVALID. `*path` is the caller's. */
int cat_secret_output(const json_t *spec, const char *organization, const char *env_type, const char *application, char **path,
                      cat_error *error);

#endif
