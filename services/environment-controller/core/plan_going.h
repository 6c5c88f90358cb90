/* What of a plan is still done after some of it failed. Pure.
 *
 * Within a section an action rests on those before it, so nothing runs without its limits and rights; what is there many times
 * (an Application's Environments, an Organization's vclusters) is a part each, and one that fails keeps no other from being done.
 * What stands for all of them (a finalizer, that all was asserted) is done only when nothing failed.
 *
 *     if (!ec_going_may(&going, action)) continue;
 *     if (carry_out(action, &failed) < 0) ec_going_failed(&going, action, &failed);
 */
#ifndef EC_PLAN_GOING_H
#define EC_PLAN_GOING_H

#include "core/plan.h"

typedef struct {
    bool left[EC_SECTION_COUNT];       /* nothing more of the section */
    size_t failures[EC_SECTION_COUNT]; /* sentences of a plan (WAIT, UNKNOWN, REFUSE) are none */
    bool broken[EC_SECTION_COUNT];     /* a part failed */
    cat_strings parts;                 /* those, with their sections */
} ec_going;
void ec_going_finish(ec_going *going);
static inline void ec_going_cleanup(ec_going *going)
{
    ec_going_finish(going);
}

bool ec_going_may(const ec_going *going, const ec_action *action);
/* Not for sentences: what a plan waits for was decided with all in view, and the actions behind it are meant. */
void ec_going_failed(ec_going *going, const ec_action *action, const cat_error *failed);

#endif
