/* What an Application needs: protected branches, and in each vcluster of each of its Environments a namespace and Flux objects on
 * the right branch. What is no longer wanted is taken away, Flux objects first so that Flux removes what it made. Pure. */
#ifndef EC_PLAN_APPLICATION_H
#define EC_PLAN_APPLICATION_H

#include "core/plan_facts.h"

#define EC_MAX_ENVIRONMENTS 8
typedef struct {
    const char *name;
    const json_t *environment; /* NULL: not there */
    const char *branch, *env_type;
    char commit[65];       /* the branch's head; "" when there is none */
    const json_t *source;  /* catalyst.yaml there; NULL with… */
    const char *problem;   /* …why */
    bool refused;          /* the problem is in the file: only a commit helps */
    const char *not_built; /* why Flux may not be given the head's tree; NULL: it may */
    bool too_large;        /* Flux may not even fetch the branch */
    const char *reads;     /* which files of the head's tree a build reads; NULL: not known */
    const json_t *running; /* catalyst.yaml at the commit that runs; NULL unknown */
} ec_application_environment;

typedef struct {
    const ec_settings *settings;
    const json_t *application, *organization, *sovereign;
    ec_application_environment environments[EC_MAX_ENVIRONMENTS];
    size_t environment_count;
    const json_t *policies, *environment_objects; /* arrays: EnvironmentPolicies, the Organization's Environments */
    int64_t repository;                           /* its id on the Git server; 0: not there */
    bool protection_asserted;
    int64_t now_s;  /* since 1970 */
    bool has_teams; /* the Organization's, which rules name, are made */
} ec_application_facts;

void ec_plan_application(const ec_application_facts *facts, const ec_observed *observed, ec_plan *plan);
/* Branch protection as Gitea takes it: an array of rules. The caller's. */
json_t *ec_application_protection(const ec_application_facts *facts);
/* Of the rules and of what they are for: another repository of the same name is another matter. */
void ec_application_protection_digest(const ec_application_facts *facts, char digest[65]);
/* status.environments. `*ready` false when one is not running what its branch wants; `*why` is the first reason (the caller's,
 * may be NULL). */
json_t *ec_application_environments(const ec_application_facts *facts, const ec_observed *observed, bool *ready, char **why);
/* Commit that runs in an Environment, from the Kustomization of its first vcluster; NULL. Lends from `observed`. */
const char *ec_application_running_commit(const ec_application_facts *facts, const ec_observed *observed, size_t environment);

#endif
