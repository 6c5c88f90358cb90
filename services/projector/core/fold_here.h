/* Whether an Application has run in this Environment. */
#ifndef PROJECTOR_FOLD_HERE_H
#define PROJECTOR_FOLD_HERE_H

#include "core/fold_text.h"

bool prj_fold_runs_here(const prj_fold *state, const char *application);
/* The row of the Application's repository is told that it does, if the object is what makes it so. */
void prj_fold_tell_branch(prj_fold *state, const prj_fold_step *step, const char *object_key);

#endif
