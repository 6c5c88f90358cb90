/* Finds webhooks that were lost: now and then each branch's head in Gitea is compared with the head that the rows know, for the
 * Environments that this replica folds, and what differs is published as a push. One thread. */
#ifndef PROJECTOR_SWEEP_H
#define PROJECTOR_SWEEP_H

#include "holder/sharing.h"
#include "http/hooks.h"
#include "net/gitea.h"

typedef struct sweep sweep;
typedef struct {
    cat_gitea *gitea;
    cat_accounts *accounts;
    sharing *sharing;
    hooks *hooks;
    int64_t interval_ms;
    cat_metrics *metrics;
} sweep_options;
sweep *sweep_start(const sweep_options *options);
void sweep_stop(sweep *all);

#endif
