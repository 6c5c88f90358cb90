#ifndef PROJECTOR_FOLD_EXPLAIN_H
#define PROJECTOR_FOLD_EXPLAIN_H

#include "core/fold_members.h"

/* What rows cannot know from their object alone is written into them. */
void prj_fold_explain(prj_fold *state, const prj_fold_members *members);

#endif
