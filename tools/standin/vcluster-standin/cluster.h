/* One cluster, by the script that starts and stops it. Any thread; calls block until the script has ended. */
#ifndef CATALYST_STANDIN_CLUSTER_H
#define CATALYST_STANDIN_CLUSTER_H

#include "base/error.h"

#include <stdbool.h>

/* Starts what does not run; `*kubeconfig` is the caller's text. */
int cluster_up(const char *script, const char *name, char **kubeconfig, cat_error *error);
/* Stops it and removes its data; one that was never there is success. */
int cluster_remove(const char *script, const char *name, cat_error *error);
/* Do all its programs run? */
int cluster_is_running(const char *script, const char *name, bool *running, cat_error *error);

#endif
