/* What a replica does about each key, from what it sees. Pure. */
#ifndef CAT_SVC_LEASE_PLAN_H
#define CAT_SVC_LEASE_PLAN_H

#include <stdbool.h>
#include <stddef.h>

/* Who a key's record names: nobody or somebody who is dead, this replica, or another that lives. */
typedef enum { CAT_LEASE_FREE, CAT_LEASE_MINE, CAT_LEASE_OTHERS } cat_lease_owner;
typedef enum {
    CAT_LEASE_NOTHING,
    CAT_LEASE_CLAIM,
    CAT_LEASE_RELEASE, /* stop, and write that it is free */
    CAT_LEASE_LOSE,    /* stop: the record is not this replica's any more */
} cat_lease_action;

/* How many of `keys` the replica keeps that is the `rank`th of `alive` by name: all together keep every key, and no two shares
 * differ by more than one. */
size_t cat_lease_share(size_t keys, size_t alive, size_t rank);

typedef struct {
    size_t keys;
    size_t share; /* of cat_lease_share */
    size_t first; /* where it begins to look for free ones, so that replicas do not all want the same */
    const cat_lease_owner *owners;
    const bool *held;
} cat_lease_view;
void cat_lease_plan(const cat_lease_view *view, cat_lease_action *actions);
/* Of a key that is shared apart: whoever finds it free takes it, and keeps it. */
cat_lease_action cat_lease_plan_apart(cat_lease_owner owner, bool held);

#endif
