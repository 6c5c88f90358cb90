/* Clients of clusters by name, made when first asked for: the management cluster, host clusters by the Sovereign's kubeconfig
 * Secrets, vclusters by Secret vc-{vcluster} in their Organization's namespace. A kubeconfig that changed gives a new client; who
 * holds the old one keeps it until it lets go. Any thread; calls block. */
#ifndef EC_CLUSTERS_H
#define EC_CLUSTERS_H

#include "net/kube.h"

typedef struct ec_clusters ec_clusters;
typedef struct ec_cluster ec_cluster;                  /* reference counted */
ec_clusters *ec_clusters_create(cat_kube *management); /* borrowed */
void ec_clusters_destroy(ec_clusters *clusters);

/* `organization` NULL: a host cluster. CAT_E_NOT_FOUND (waiting) while its Secret is not there. The reference is the caller's. */
int ec_clusters_acquire(ec_clusters *clusters, const char *organization, const char *name, ec_cluster **cluster,
                        cat_error *error);
void ec_cluster_unref(ec_cluster *cluster); /* NULL allowed */
cat_kube *ec_cluster_kube(ec_cluster *cluster);
/* Differs when the kubeconfig differs. */
const char *ec_cluster_digest(const ec_cluster *cluster);
static inline void ec_cluster_unref_cleanup(ec_cluster **cluster)
{
    ec_cluster_unref(*cluster);
}
#define ec_autocluster __attribute__((cleanup(ec_cluster_unref_cleanup)))

#endif
