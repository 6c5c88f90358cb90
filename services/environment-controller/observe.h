/* Fetching what a planner asks for, until it asks for nothing more. On a reconciler's worker; calls block. */
#ifndef EC_OBSERVE_H
#define EC_OBSERVE_H

#include "controller.h"
#include "core/plan.h"

typedef void (*ec_planner)(const void *facts, const ec_observed *observed, ec_plan *plan);
/* `organization` owns the vclusters named. A cluster that does not answer is noted in `observed`, not an error, unless it is the
 * management cluster. */
int ec_observe(ec_controller *controller, const char *organization, ec_planner planner, const void *facts, ec_observed *observed,
               ec_plan *plan, cat_error *error);
/* One object of the management cluster; NULL when it is not there. */
int ec_observe_object(ec_controller *controller, const char *kind, const char *namespace, const char *name, json_t **object,
                      cat_error *error);
/* The Sovereign that this process is configured for; NULL when it is not there yet. */
int ec_observe_sovereign(ec_controller *controller, json_t **sovereign, cat_error *error);
/* A text from a Secret, decoded, the caller's; NULL when the Secret or the key is not there. */
int ec_observe_secret(ec_controller *controller, const char *namespace, const char *name, const char *key, char **text,
                      cat_error *error);

#endif
