/* What the pods of a run or of a workload met, kept by who made them. */
#ifndef PROJECTOR_FOLD_RUN_H
#define PROJECTOR_FOLD_RUN_H

#include "core/fold_look.h"
#include "core/fold_members.h"
#include "core/fold_text.h"

/* `met` of the entry of who makes pods, {message, next, trouble, since}: what they said last when they were not well. A Job keeps
 * it; a workload as long as it is not well. */
void prj_fold_tell_maker(prj_fold *state, const prj_fold_step *step, const char *pod_key, const char *cluster);
/* A run that failed is told to its CronJob, whose own status may never say so: it is rid of the last when it makes the next. */
void prj_fold_tell_schedule(prj_fold *state, const prj_fold_step *step, const char *job_key, const char *cluster);
void prj_fold_keep_met(const prj_fold_look *seen, cat_string *out);
void prj_fold_keep_met_of_run(const prj_fold_look *seen, cat_string *out);
/* Since when the pods of `maker` say what this one says; `since_ms`: nothing earlier is known. */
int64_t prj_fold_trouble_since(const prj_fold_row *maker, const prj_fold_row *pod, int64_t since_ms);
/* No commit that came to the cluster later has a part in what the row says: it is a Pod that was made by then, and what a Pod
 * reads has not changed since then until `since_ms`. INT64_MAX: that is not known. */
int64_t prj_fold_made_ms(const prj_fold_members *members, const prj_fold_row *row, int64_t since_ms);

#endif
