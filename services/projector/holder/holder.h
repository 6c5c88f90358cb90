/* The holder of one Environment's fold: takes it over, reads what is there, consumes what is new, and writes rows in atomic
 * batches. One thread each; start and stop from any other.
 *
 * `_fold` in the bucket is the fence: a take-over raises its epoch, every batch carries it with the revision that this holder
 * knows, and whoever finds another epoch stops at once. No acknowledgement of the broker is part of correctness: after an error
 * or silence `_fold` says what happened.
 *
 *     prj_holder_start(&(prj_holder_options){.spine = account, .organization = "acme", .environment = "acme-dev", .holder =
 * "projector-0"}, &holder, &error);
 */
#ifndef PROJECTOR_HOLDER_H
#define PROJECTOR_HOLDER_H

#include "net/spine.h"
#include "svc/metrics.h"

typedef struct prj_holder prj_holder;
typedef struct {
    cat_spine *spine;                       /* the account of the stream and the bucket; borrowed */
    cat_spine *controlplane;                /* where a relist is asked for; borrowed, may be NULL */
    const char *organization, *environment; /* "_": catalyst-events into catalyst-state */
    const char *holder;
    cat_metrics *metrics; /* may be NULL */
} prj_holder_options;
int prj_holder_start(const prj_holder_options *options, prj_holder **made, cat_error *error);
/* true until it stopped by itself, because another holder took the Environment over. */
bool prj_holder_is_running(prj_holder *holder);
/* Returns when it will write nothing more; its thread may need some seconds to end. */
void prj_holder_halt(prj_holder *holder);
void prj_holder_stop(prj_holder *holder); /* as prj_holder_halt, and waits for the thread; NULL allowed */

#endif
