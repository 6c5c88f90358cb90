/* An Application is at home in its namespace (domain/home.h): the account that Flux applies it as, what that account may do
 * there, and the marks that keep Flux off what is Catalyst's. Pure. */
#ifndef EC_PLAN_CONFINEMENT_H
#define EC_PLAN_CONFINEMENT_H

#include "core/plan_facts.h"

/* ServiceAccount `namespace` in flux-system, Role and RoleBinding in the namespace; ClusterRole and ClusterRoleBinding for what
 * `scope` says that it was granted besides (domain/cluster_scope.h). Takes `labels`. */
void ec_confine(const ec_observed *observed, ec_plan *plan, const char *cluster, const char *namespace, const json_t *scope,
                json_t *labels);
/* Takes the account and its rights away, once Flux has removed what it applied with them. */
void ec_unconfine(const ec_observed *observed, ec_plan *plan, const char *cluster, const char *namespace);
/* Marks an object as one that Flux neither changes nor prunes, whatever a repository holds. Gives `object` back. */
json_t *ec_keep_from_flux(json_t *object);
/* The Namespace of an Application; pods that ask for more of the machine than `baseline` allows are not made in it. Takes
 * `labels`. */
json_t *ec_application_namespace(const char *name, json_t *labels);

/* What an Organization's vcluster admits, whoever brings it. Takes `labels`. */
void ec_admit(const ec_observed *observed, ec_plan *plan, const char *cluster, json_t *labels);

#endif
