/* Carrying a plan out: each action is what it is once and again. On a reconciler's worker; calls block. */
#ifndef EC_APPLY_H
#define EC_APPLY_H

#include "controller.h"
#include "core/plan_facts.h"

/* How each section went: code 0, or the first error or wait of it. */
typedef struct {
    cat_error sections[EC_SECTION_COUNT];
    bool changed; /* an action was carried out */
} ec_outcome;

/* `object` is the one reconciled; `organization` owns the vclusters that the plan names. A section that failed is left; an error
 * in BASE ends all. */
void ec_apply(ec_controller *controller, const char *organization, const json_t *object, const ec_plan *plan,
              ec_outcome *outcome);
/* The outcome that decides when the key comes again: transient before waiting before stalled. 0: none failed. */
int ec_outcome_worst(const ec_outcome *outcome, cat_error *error);

/* Steps outside Kubernetes, by file. */
int ec_apply_git(ec_controller *controller, ec_step step, const json_t *arguments, cat_error *error);
int ec_apply_reconcile_requester(ec_controller *controller, const json_t *arguments, cat_error *error);
int ec_apply_account(ec_controller *controller, ec_step step, const json_t *arguments, cat_error *error);
int ec_apply_store_token(ec_controller *controller, const json_t *arguments, cat_error *error);

/* Plan's limits as they stand in an account's JWT, and as JetStream shows them. */
json_t *ec_account_limits(const char *plan);
/* Facts of an Organization's account for its planner: NULL while its keys are not made. The caller's. */
int ec_account_observe(ec_controller *controller, const char *organization, const char *plan, json_t **account, cat_error *error);

/* Under which a team that was made is remembered. The caller's. */
char *ec_team_key(const char *organization, const char *team);

#endif
