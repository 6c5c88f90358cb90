/* What a replica does about each partition, from what it sees. Pure. */
#ifndef CAT_SVC_LEASE_PLAN_H
#define CAT_SVC_LEASE_PLAN_H

#include <stdbool.h>

/* Who a partition's record names: nobody or somebody who is dead, this replica, or another that lives. */
typedef enum { CAT_LEASE_FREE, CAT_LEASE_MINE, CAT_LEASE_OTHERS } cat_lease_owner;
typedef enum {
    CAT_LEASE_NOTHING,
    CAT_LEASE_CLAIM,
    CAT_LEASE_RELEASE, /* stop, and write that it is free */
    CAT_LEASE_LOSE,    /* stop: the record is not this replica's any more */
} cat_lease_action;

/* `alive` counts this replica too. `first`: where it begins to look for free ones, so that replicas do not all want the same. */
void cat_lease_plan(unsigned partitions, unsigned alive, unsigned first, const cat_lease_owner *owners, const bool *held,
                    cat_lease_action *actions);

#endif
