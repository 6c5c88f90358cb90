/* Is what a plan would run at home in its namespace (domain/home.h)? Pure. */
#ifndef PROVISIONING_PLAN_HOME_H
#define PROVISIONING_PLAN_HOME_H

#include "wire/json.h"

/* Judges the rendered `objects` of one Application in one Environment. What a new Application may not bring is a complaint
 * ({pointer, message}, added to `complaints`); what stands in a repository already, and what only the cluster can tell, is a
 * warning of the plan: the wish did not bring it, and the cluster refuses it anyway. */
void prv_plan_home(json_t *plan, const json_t *application, const char *environment, const char *namespace, const json_t *objects,
                   json_t *complaints);

/* --- where a rendered object comes from, as kustomize's origin annotations say --- */
/* Its file, or the kustomization that generates it; the caller's, NULL: it does not say. */
char *prv_plan_file_of(const json_t *object);
bool prv_plan_is_generated(const json_t *object);

#endif
