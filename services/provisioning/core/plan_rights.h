/* May somebody ask for a change of these Environments? Pure; any thread. */
#ifndef PROVISIONING_PLAN_RIGHTS_H
#define PROVISIONING_PLAN_RIGHTS_H

#include "core/kind.h"
#include "domain/access.h"

typedef struct {
    const cat_principal *principal;
    const char *organization;
    const char *application; /* that it is about */
    bool apply;              /* and not only plan, which who may propose may do too */
    bool named;              /* the request names the Environments: else they are all that the Application runs in */
    bool divisible;          /* it can be asked for in one Environment alone */
} prv_asking;

/* What stands in no Environment is for those who may change anything at all. CAT_E_NOT_FOUND for an Environment, or an
 * Application, that the person may not see; CAT_E_FORBIDDEN for what the roles do not allow. No Environment that neither the
 * request nor a role names is named. */
int prv_may_change(const prv_asking *ask, const json_t *environments, cat_error *error);
/* The right that a kind needs; of its Environments where they are what is changed. */
int prv_may_ask(const prv_kind *kind, const prv_asking *ask, const json_t *environments, cat_error *error);

#endif
