/* What an Application was granted outside its namespace (domain/cluster_scope.h), as far as no other has it already: such objects
 * are one for a whole vcluster, and two that were granted in the same moment would write over each other. Pure. */
#ifndef EC_PLAN_GRANT_H
#define EC_PLAN_GRANT_H

#include "core/plan_facts.h"

/* [{kind, names}] in one Environment, the caller's; empty, and refused in the plan with the other's name, when an Application of
 * the Organization that was made before has one of them. */
json_t *ec_granted(const ec_observed *observed, ec_plan *plan, const json_t *application, const char *environment);

#endif
