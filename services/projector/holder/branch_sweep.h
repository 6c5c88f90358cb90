/* Finds webhooks that were lost: now and then each branch's head in Gitea is compared with the head that the rows know, for the
 * Environments that this replica folds, and what differs is published as a push. One thread. */
#ifndef PROJECTOR_BRANCH_SWEEP_H
#define PROJECTOR_BRANCH_SWEEP_H

#include "holder/assignment.h"
#include "http/hooks.h"
#include "net/gitea.h"

typedef struct prj_branch_sweep prj_branch_sweep;
typedef struct {
    cat_gitea *gitea;
    cat_accounts *accounts;
    prj_assignment *assignment;
    prj_hooks *hooks;
    int64_t interval_ms;
    cat_metrics *metrics;
} prj_branch_sweep_options;
prj_branch_sweep *prj_branch_sweep_start(const prj_branch_sweep_options *options);
void prj_branch_sweep_stop(prj_branch_sweep *all);

#endif
