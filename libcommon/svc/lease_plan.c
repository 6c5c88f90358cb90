#include "svc/lease_plan.h"

size_t cat_lease_share(size_t keys, size_t alive, size_t rank)
{
    return alive ? keys / alive + (rank < keys % alive) : keys;
}

static size_t keep(const cat_lease_view *view, cat_lease_action *actions)
{
    size_t kept = 0;
    for (size_t n = 0; n < view->keys; n++) {
        bool keeps = view->held[n] && view->owners[n] == CAT_LEASE_MINE;
        actions[n] = view->held[n] && !keeps ? CAT_LEASE_LOSE : CAT_LEASE_NOTHING;
        if (keeps && kept == view->share)
            actions[n] = CAT_LEASE_RELEASE;
        else
            kept += keeps;
    }
    return kept;
}

void cat_lease_plan(const cat_lease_view *view, cat_lease_action *actions)
{
    size_t count = keep(view, actions);
    /* A record that names this replica although it holds nothing is left from before: it is claimed like a free one. */
    for (size_t i = 0; i < view->keys && count < view->share; i++) {
        size_t n = (view->first + i) % view->keys;
        if (actions[n] == CAT_LEASE_NOTHING && !view->held[n] && view->owners[n] != CAT_LEASE_OTHERS) {
            actions[n] = CAT_LEASE_CLAIM;
            count++;
        }
    }
}

cat_lease_action cat_lease_plan_apart(cat_lease_owner owner, bool held)
{
    if (held)
        return owner == CAT_LEASE_MINE ? CAT_LEASE_NOTHING : CAT_LEASE_LOSE;
    return owner == CAT_LEASE_OTHERS ? CAT_LEASE_NOTHING : CAT_LEASE_CLAIM;
}
