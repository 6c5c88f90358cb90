/* A plan as one person may see it: who sees one Environment of an Application alone learns of no other. Pure; any thread. */
#ifndef PROVISIONING_PLAN_SHOWN_H
#define PROVISIONING_PLAN_SHOWN_H

#include "domain/access.h"

/* Those of them that the person may see; the caller's. */
json_t *prv_visible(const cat_principal *principal, const char *organization, const json_t *environments);
/* Without what is the worker's alone, and without what names an Environment that the person may not see, of which `elsewhere`
 * says that there are such. The caller's; shares with `plan` what is left as it is. */
json_t *prv_shown_plan(const cat_principal *principal, const json_t *plan);

#endif
