/* Projector tells Flux in a vcluster of a push. For that it has an account of its own there, which may ask the GitRepositories of
 * flux-system to look, and nothing else; the vcluster's kubeconfig is an administrator's and stays with environment-controller.
 * Pure. */
#ifndef EC_PLAN_RECONCILE_REQUESTER_H
#define EC_PLAN_RECONCILE_REQUESTER_H

#include "core/plan_facts.h"

#define EC_RECONCILE_REQUESTER                                                                                                   \
    "catalyst-projector" /* the account in flux-system, and projector's own namespace on the management cluster */
#define EC_RECONCILE_REQUESTER_TOKEN_SECONDS (INT64_C(24) * 3600)
#define EC_ANNOTATION_CLUSTER                                                                                                    \
    "openova.io/kubeconfig" /* on Secrets catalyst-projector/vc-…: the digest of what it was made from */
#define EC_ANNOTATION_REQUESTER_RENEW_AT "openova.io/renew-at"

/* `kubeconfig` is Secret vc-… of the Organization. */
void ec_plan_reconcile_requester(const ec_settings *settings, const json_t *kubeconfig, int64_t now_ms,
                                 const ec_observed *observed, ec_plan *plan, const ec_vcluster *vcluster,
                                 const char *organization);
/* Secret catalyst-projector/vc-{vcluster}. The caller's. */
json_t *ec_reconcile_requester_secret(const char *vcluster, const char *server, const char *authority_pem, const char *token,
                                      const char *digest, int64_t now_ms);

#endif
