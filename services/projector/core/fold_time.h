/* What time alone does to rows. */
#ifndef PROJECTOR_FOLD_TIME_H
#define PROJECTOR_FOLD_TIME_H

#include "core/fold_rows.h"

void prj_fold_bury(prj_fold *state, prj_fold_row *row, int64_t at_ms);           /* it is a tombstone since then */
void prj_fold_set_due(prj_fold *state, const char *application, int64_t due_ms); /* 0: it does not change by time alone */
/* The event's time has come: tombstones leave whose hour is over, and Applications are touched that are due, whatever the
 * batches. */
void prj_fold_pass_time(prj_fold *state);

#endif
