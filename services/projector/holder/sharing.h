/* Which Environments this replica folds: the partitions that its leases hold, and in them every Environment that catalyst-state
 * names, learnt from the view of catalyst-state; `_` itself is folded by whoever holds its partition. One thread keeps folders
 * and wishes equal; leases' callbacks come on theirs. */
#ifndef PROJECTOR_SHARING_H
#define PROJECTOR_SHARING_H

#include "svc/accounts.h"
#include "svc/metrics.h"
#include "views/view.h"

typedef struct sharing sharing;
typedef struct {
    cat_spine *controlplane;
    cat_accounts *accounts;
    views *views;
    const char *instance;
    cat_metrics *metrics;
} sharing_options;
int sharing_start(const sharing_options *options, sharing **made, cat_error *error);
void sharing_stop(sharing *all);
/* Organization and Environment of everything that this replica folds now, "_" left out. Copies. */
void sharing_each(sharing *all, void (*each)(void *context, const char *organization, const char *environment), void *context);

#endif
