/* Carries out what ask.h decides: a few threads that annotate GitRepositories with `reconcile.fluxcd.io/requestedAt`. One at a
 * time in a vcluster, so that one which does not answer holds up only itself. Any thread adds. */
#ifndef PROJECTOR_ASKER_H
#define PROJECTOR_ASKER_H

#include "core/ask.h"
#include "net/kube.h"
#include "svc/metrics.h"

typedef struct asker asker;
/* `management`: borrowed; vclusters' kubeconfigs are read from its Secrets `vc-{vcluster}`. `metrics` may be NULL. */
/* `namespace`: where its kubeconfigs of vclusters are. */
asker *asker_create(cat_kube *management, const char *namespace, cat_metrics *metrics);
void asker_destroy(asker *all);
/* `vcluster` "": the management cluster. `quiet`: only environment-controller is to look, and Flux when that has. */
void asker_add(asker *all, const char *organization, const char *vcluster, const char *namespace, const char *name, bool quiet);

#endif
