/* Whether a sentence names an Environment: by its name, by an Application's namespace there, by its branch or by a path of its
 * own. Pure; any thread. */
#ifndef PROVISIONING_PLAN_SPEAKS_H
#define PROVISIONING_PLAN_SPEAKS_H

#include "wire/json.h"

/* Every name that an Environment of the Organization can have, whether there is one or not. The caller's. */
json_t *prv_environments_of(const char *organization);
/* `applications`: names, `["blog"]`, of those whose namespaces count; may be NULL. develop is everybody's branch. */
bool prv_speaks_of(const char *words, const char *environment, const json_t *applications);

#endif
