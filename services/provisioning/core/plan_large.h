/* Is what a plan would run small enough for any cluster to take? Pure. */
#ifndef PROVISIONING_PLAN_LARGE_H
#define PROVISIONING_PLAN_LARGE_H

#include "wire/json.h"

/* Values of one ConfigMap or Secret together, as Kubernetes' MaxSecretSize has it. */
#define PRV_VALUES_MAX_BYTES ((size_t)1024 * 1024)

/* Judges the rendered `objects` of one Application, which `where` names ("blog in acme-dev"). What the plan brings is a complaint
 * ({pointer, message}, added to `complaints`); what `was` there already (NULL: nothing was, or it is not known) is a warning of
 * the plan, as the wish did not bring it. */
void prv_plan_large(json_t *plan, const json_t *was, const json_t *objects, const char *where, json_t *complaints);

/* Quantities that a pod or a volume of `objects` asks for and nobody can count (beyond 2^63): a complaint where `values`, which
 * stand at `pointer` of the request, say it, else at `pointer`. What `was` asks for alike is no fault of the wish. */
void prv_plan_uncountable(const json_t *was, const json_t *objects, const json_t *values, const char *pointer, const char *where,
                          json_t *complaints);

#endif
