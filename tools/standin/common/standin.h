/* What both stand-ins share: flags, the host cluster, waiting for the end.
 *
 *     int main(int argc, char **argv) { … standin_setup(argc, argv, "vcluster-standin", &standin); …; standin_wait(); … }
 */
#ifndef CATALYST_STANDIN_H
#define CATALYST_STANDIN_H

#include "net/kube.h"

typedef struct {
    const char *host_cluster, *cluster_script;
    cat_kube *host;
} standin;

/* Flags --kubeconfig FILE --host-cluster NAME [--cluster-script FILE] [--log-level LEVEL]. Blocks SIGTERM and SIGINT for
 * standin_wait, so it comes before any thread. 0, or the exit status plus one after a line that says why. */
int standin_setup(int argc, char **argv, const char *name, standin *out);
/* Until SIGTERM or SIGINT. */
void standin_wait(void);
void standin_finish(standin *self);

/* "namespace/name" into its parts; false when it is none. `name` lies inside `key`. */
bool standin_split(const char *key, char *namespace, size_t size, const char **name);
/* Writes the condition Ready, with observedGeneration and `extra` members of the status (may be NULL), when it differs from what
 * is there. */
int standin_set_ready(cat_kube *kube, const cat_resource *resource, const json_t *object, const char *status, const char *reason,
                      const char *message, const json_t *extra, cat_error *error);

#endif
