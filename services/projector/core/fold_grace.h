/* New is not broken: how long an Application's trouble may last before people hear that something is broken, by kind of cause.
 * Until then it is being installed or updated. Pure.
 *
 * The fold has no clock: trouble is as old as the newest event says. Where nothing happens until a time of grace has passed,
 * whoever folds publishes `time.passed` when it has (prj_fold_due_ms in fold.h), which is an event like every other. */
#ifndef PROJECTOR_FOLD_GRACE_H
#define PROJECTOR_FOLD_GRACE_H

#include "domain/object_status.h"

typedef enum {
    FOLD_UNCHANGED,  /* it was well as it stands: nobody has changed it since */
    FOLD_UPDATING,   /* changed since it was last well, or added to something that is well */
    FOLD_INSTALLING, /* nothing of the Application has been well yet */
} prj_fold_phase;

/* After so many milliseconds what is Degraded counts as such; 0: at once. */
int64_t prj_fold_grace_ms(const char *reason, prj_fold_phase phase);
/* After so many milliseconds what is Progressing counts as Degraded; 0: never. `reading`: it is Flux that reads a branch. */
int64_t prj_fold_patience_ms(const char *reason, bool reading);

#endif
