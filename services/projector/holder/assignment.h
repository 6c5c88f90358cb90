/* Which Environments this replica folds: those of the Organizations that it holds (svc/shard.h), learnt from the view of
 * catalyst-state; `_`, catalyst-state itself, is folded by whoever holds the Sovereign's own work. One thread keeps holders and
 * wishes equal; the shard's callbacks come on its own. */
#ifndef PROJECTOR_ASSIGNMENT_H
#define PROJECTOR_ASSIGNMENT_H

#include "svc/accounts.h"
#include "svc/metrics.h"
#include "views/view.h"

typedef struct prj_assignment prj_assignment;
typedef struct {
    cat_spine *controlplane;
    cat_accounts *accounts;
    prj_views *views;
    const char *instance;
    cat_metrics *metrics;
} prj_assignment_options;
int prj_assignment_start(const prj_assignment_options *options, prj_assignment **made, cat_error *error);
void prj_assignment_stop(prj_assignment *all);
/* Organization and Environment of everything that this replica folds now, "_" left out. Copies. */
void prj_assignment_each(prj_assignment *all, void (*each)(void *context, const char *organization, const char *environment),
                         void *context);

#endif
