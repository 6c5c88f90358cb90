/* What an Application's repository says at the heads of its branches. On a reconciler's worker; calls block. */
#ifndef EC_REPOSITORY_H
#define EC_REPOSITORY_H

#include "controller.h"
#include "core/plan_application.h"

/* Fills in `repository`, and `environments` from spec.environments: the Environment's object, the branch's head, its
 * catalyst.yaml. A repository or a file that is not there yet is a problem of that Environment, not an error. What was filled in
 * is freed with ec_repository_finish. */
int ec_repository_gather(ec_controller *controller, ec_application_facts *facts, cat_error *error);
/* Reads catalyst.yaml of what runs where that is another commit than the head. What cannot be read stays unknown. */
void ec_repository_running(ec_controller *controller, ec_application_facts *facts, const ec_observed *observed);
void ec_repository_finish(ec_application_facts *facts);

#endif
