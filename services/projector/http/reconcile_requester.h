/* Carries out what reconcile_turns.h decides: a few threads that annotate GitRepositories with `reconcile.fluxcd.io/requestedAt`.
 * One at a time in a vcluster, so that one which does not answer holds up only itself. Any thread adds. */
#ifndef PROJECTOR_RECONCILE_REQUESTER_H
#define PROJECTOR_RECONCILE_REQUESTER_H

#include "core/reconcile_turns.h"
#include "net/kube.h"
#include "svc/metrics.h"

typedef struct prj_reconcile_requester prj_reconcile_requester;
/* `management`: borrowed; vclusters' kubeconfigs are read from its Secrets `vc-{vcluster}`. `metrics` may be NULL. */
/* `namespace`: where its kubeconfigs of vclusters are. */
prj_reconcile_requester *prj_reconcile_requester_create(cat_kube *management, const char *namespace, cat_metrics *metrics);
void prj_reconcile_requester_destroy(prj_reconcile_requester *all);
/* `vcluster` "": the management cluster. `quiet`: only environment-controller is to look, and Flux when that has. */
void prj_reconcile_requester_add(prj_reconcile_requester *all, const char *organization, const char *vcluster,
                                 const char *namespace, const char *name, bool quiet);

#endif
