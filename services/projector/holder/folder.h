/* The holder of one Environment's fold: takes it over, reads what is there, consumes what is new, and writes rows in atomic
 * batches. One thread each; start and stop from any other.
 *
 * `_fold` in the bucket is the fence: a take-over raises its epoch, every batch carries it with the revision that this holder
 * knows, and whoever finds another epoch stops at once. No acknowledgement of the broker is part of correctness: after an error
 * or silence `_fold` says what happened.
 *
 *     folder_start(&(folder_options){.spine = account, .organization = "acme", .environment = "acme-dev", .holder =
 * "projector-0"}, &folder, &error);
 */
#ifndef PROJECTOR_FOLDER_H
#define PROJECTOR_FOLDER_H

#include "net/spine.h"
#include "svc/metrics.h"

typedef struct folder folder;
typedef struct {
    cat_spine *spine;                       /* the account of the stream and the bucket; borrowed */
    cat_spine *controlplane;                /* where a relist is asked for; borrowed, may be NULL */
    const char *organization, *environment; /* "_": catalyst-events into catalyst-state */
    const char *holder;
    cat_metrics *metrics; /* may be NULL */
} folder_options;
int folder_start(const folder_options *options, folder **folder_made, cat_error *error);
/* true until it stopped by itself, because another holder took the Environment over. */
bool folder_is_running(folder *holder);
/* Returns when it will write nothing more; its thread may need some seconds to end. */
void folder_halt(folder *holder);
void folder_stop(folder *holder); /* as folder_halt, and waits for the thread; NULL allowed */

#endif
