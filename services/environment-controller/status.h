/* Conditions and the controller's events: the only place that writes either. On a reconciler's worker; calls block. */
#ifndef EC_STATUS_H
#define EC_STATUS_H

#include "apply/apply.h"
#include "core/plan_application.h"
#include "core/plan_environment.h"
#include "core/plan_organization.h"

/* Each writes status where it differs, and publishes where what others are told differs from what they were told last. */
int ec_status_sovereign(ec_controller *controller, const json_t *sovereign, const cat_error *failed, cat_error *error);
int ec_status_organization(ec_controller *controller, const ec_organization_facts *facts, const ec_observed *observed,
                           const ec_outcome *outcome, cat_error *error);
int ec_status_environment(ec_controller *controller, const ec_environment_facts *facts, const ec_observed *observed,
                          const ec_outcome *outcome, cat_error *error);
int ec_status_application(ec_controller *controller, const ec_application_facts *facts, const ec_observed *observed,
                          const ec_outcome *outcome, cat_error *error);
int ec_status_policy(ec_controller *controller, const json_t *policy, cat_error *error);
/* It is gone: what, e.g. "environment", with its object as last seen. */
int ec_status_deleted(ec_controller *controller, const char *what, const json_t *object, cat_error *error);

#endif
