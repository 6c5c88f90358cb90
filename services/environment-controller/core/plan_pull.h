/* Pull credentials: what the Sovereign's Secret and the Organization's own say of registries, merged, in each namespace of an
 * Application as Secret `catalyst-pull`, which the namespace's ServiceAccounts give to pods: `default`, and by a patch of Flux
 * those that the Application brings. Pure.
 *
 * A Secret is taken whole or not at all. One that is broken is told of by the Environment; until it is mended a namespace keeps
 * the registries that only this one may have named, so that a slip of the pen takes nothing from what runs. One that is not there
 * gives nothing. */
#ifndef EC_PLAN_PULL_H
#define EC_PLAN_PULL_H

#include "core/plan_facts.h"

#define EC_PULL_SECRET "catalyst-pull"                   /* in a vcluster */
#define EC_PULL_OWN "pull-credentials"                   /* an Organization's own, in its namespace on the management cluster */
#define EC_PULL_ACCOUNT "default"                        /* whose pods it is given to */
#define EC_ANNOTATION_PULL "openova.io/pull-credentials" /* on a ServiceAccount, `own`: it gives others, and is left alone */
#define EC_PULL_TYPE "kubernetes.io/dockerconfigjson"
#define EC_PULL_KEY ".dockerconfigjson"

typedef struct {
    size_t bytes, registries;
} ec_pull_caps;
extern const ec_pull_caps EC_PULL_CAPS; /* of a Secret that somebody gives: 64 KiB, 64 registries */

/* {registry as written: {auth, username, password, email}}, of which each is what kubelets read. CAT_E_INVALID or CAT_E_TOO_LARGE
 * say what is wrong, never what the Secret holds. `registries` is the caller's. */
int ec_pull_parse(const json_t *secret, const ec_pull_caps *caps, json_t **registries, cat_error *error);
/* Adds to `registries` those of `more` that it does not name yet, in whichever spelling. */
void ec_pull_add(json_t *registries, const json_t *more);
/* A docker config with these registries as the value of a Secret's key. The caller's secret. */
char *ec_pull_format(const json_t *registries);

/* Says what is wrong with the Secrets that an Organization's credentials come from. */
void ec_pull_tell(const ec_settings *settings, const char *organization, const ec_observed *observed, ec_plan *plan);
/* Makes, mends or removes what one namespace in a vcluster has. Takes `labels`. false: it has none. */
bool ec_pull_give(const ec_settings *settings, const char *organization, const ec_observed *observed, ec_plan *plan,
                  const char *cluster, const char *namespace, json_t *labels);
/* What Flux does to the ServiceAccounts that an Application brings, as spec.patches of its Kustomization; a list, maybe empty.
 * The caller's. */
json_t *ec_pull_patches(bool given);
/* Takes away what the namespace has, the ServiceAccount's entry first. */
void ec_pull_take(const ec_observed *observed, ec_plan *plan, ec_section section, const char *cluster, const char *namespace);

#endif
