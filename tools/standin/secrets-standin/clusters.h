/* The vclusters whose ExternalSecrets are served, each with its watches. One thread calls these; what the watches see goes to the
 * reconciler. */
#ifndef CATALYST_STANDIN_CLUSTERS_H
#define CATALYST_STANDIN_CLUSTERS_H

#include "net/kube.h"
#include "svc/reconcile.h"

typedef struct vclusters vclusters;
typedef struct vcluster vcluster;
vclusters *clusters_create(cat_kube *host, cat_reconciler *reconciler);
/* Ends every watch. Before the reconciler is stopped: it adds no key afterwards, and opens none. */
void clusters_stop(vclusters *clusters);
void clusters_destroy(vclusters *clusters);

/* Starts, changes or ends what is done for the vcluster whose kubeconfig is in Secret `namespace/name`. */
int clusters_update(vclusters *clusters, const char *namespace, const char *name, cat_error *error);
/* Lent; NULL when it is not known (any more). */
vcluster *clusters_find(vclusters *clusters, const char *namespace, const char *name);
cat_kube *cluster_kube(vcluster *cluster);

/* Keys of the reconciler: "cluster {ns}/{secret}", "secret {ns}/{secret} {namespace}/{name}". */
#define CLUSTER_KEY "cluster "
#define SECRET_KEY "secret "

#endif
