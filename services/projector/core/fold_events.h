/* What becomes of each group of event types: one function each. They return 0 or poison. */
#ifndef PROJECTOR_FOLD_EVENTS_H
#define PROJECTOR_FOLD_EVENTS_H

#include "core/fold_text.h"

int prj_fold_object(prj_fold *state, const prj_fold_step *step, cat_view data, bool deleted, cat_error *error);
int prj_fold_notice(prj_fold *state, const prj_fold_step *step, cat_error *error);
int prj_fold_push(prj_fold *state, const prj_fold_step *step, cat_error *error);
int prj_fold_pull_request(prj_fold *state, const prj_fold_step *step, cat_error *error);
int prj_fold_operation(prj_fold *state, const prj_fold_step *step, cat_error *error);
int prj_fold_organization(prj_fold *state, const prj_fold_step *step, cat_error *error);
int prj_fold_environment(prj_fold *state, const prj_fold_step *step, cat_error *error);

#endif
