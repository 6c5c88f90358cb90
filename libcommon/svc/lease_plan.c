#include "svc/lease_plan.h"

void cat_lease_plan(unsigned partitions, unsigned alive, unsigned first, const cat_lease_owner *owners, const bool *held,
                    cat_lease_action *actions)
{
    unsigned wanted = alive ? (partitions + alive - 1) / alive : partitions, count = 0;
    for (unsigned n = 0; n < partitions; n++) {
        bool keeps = held[n] && owners[n] == CAT_LEASE_MINE;
        actions[n] = held[n] && !keeps ? CAT_LEASE_LOSE : CAT_LEASE_NOTHING;
        if (!keeps)
            continue;
        if (count < wanted)
            count++;
        else
            actions[n] = CAT_LEASE_RELEASE;
    }
    /* A record that names this replica although it holds nothing is left from before: it is claimed like a free one. */
    for (unsigned i = 0; i < partitions && count < wanted; i++) {
        unsigned n = (first + i) % partitions;
        if (actions[n] == CAT_LEASE_NOTHING && !held[n] && owners[n] != CAT_LEASE_OTHERS) {
            actions[n] = CAT_LEASE_CLAIM;
            count++;
        }
    }
}
