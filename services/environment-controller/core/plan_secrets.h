/* Whose secrets an Application may read in an Environment: its own, and those that its dependencies' outputs name. On the
 * management cluster a ServiceAccount and a Role in `catalyst-secrets-{org}`, both called `{app}-{env type}`, that may get
 * exactly these Secrets; in each vcluster the credential of that ServiceAccount and SecretStore `catalyst`, which uses it. Pure.
 *
 * What may be read is never taken from a path that somebody wrote down. An Application's own are those of its Blueprint's
 * `rotation` below its own path. A dependency counts when the branch's catalyst.yaml names it under an alias that the
 * Application's registered Blueprint declares, it runs in the same Environment, and it is of the Blueprint declared; of it counts
 * the one secret that its own registered Blueprint's output `secretPath` names, which has to be one of its own. So no commit
 * grants anything of another Environment or Organization, and none of another Application more than a plan would. */
#ifndef EC_PLAN_SECRETS_H
#define EC_PLAN_SECRETS_H

#include "core/plan_application.h"

#define EC_STORE "catalyst"
#define EC_STORE_SECRET "catalyst-secrets"
#define EC_STORE_TOKEN "token"
/* Lost secrets of a vcluster are made again for at least half of it after this service stopped. */
#define EC_STORE_TOKEN_SECONDS (24 * 60 * 60)

/* The identity and what it may read. Once for each Environment. */
void ec_secrets_grant(const ec_application_facts *facts, const ec_application_environment *of, const ec_observed *observed,
                      ec_plan *plan);
/* Whether there is no such version of a Blueprint as catalyst.yaml names ({source, name, version}); false while nobody has
 * looked, which ec_secrets_grant does. */
bool ec_secrets_blueprint_is_missing(const ec_observed *observed, const char *organization, const json_t *blueprint);
/* Credential and store in the Application's namespace of a vcluster. `labels` is taken. */
void ec_secrets_give(const ec_application_facts *facts, const ec_application_environment *of, const ec_observed *observed,
                     ec_plan *plan, const char *cluster, json_t *labels);
/* Takes the credential from a namespace that stays. */
void ec_secrets_take(const ec_observed *observed, ec_plan *plan, const char *cluster, const char *namespace);
/* Takes the identities of Environments that the Application does not want any more; all when it is being deleted. */
void ec_secrets_remove(const ec_application_facts *facts, const ec_observed *observed, ec_plan *plan);

/* The Secret that the store signs in with. `labels` is taken; `token` is in base64. */
json_t *ec_secrets_credential(const char *namespace, const char *token, json_t *labels);
/* Is this token of that very ServiceAccount, and not half over yet? `token` is in base64, as a Secret holds it; NULL is none. */
bool ec_secrets_token_holds(const char *token, const char *namespace, const char *account, const char *uid, int64_t now_s);

#endif
