/* Which commit led to trouble. */
#ifndef PROJECTOR_FOLD_BLAME_H
#define PROJECTOR_FOLD_BLAME_H

#include "core/fold_cause.h"
#include "core/fold_grace.h"

typedef struct {
    int64_t since_ms, made_ms; /* prj_fold_trouble_since, prj_fold_made_ms */
    prj_fold_phase phase;
} prj_fold_trouble;

/* Names in `cause`, which has a status and words, the commit that led there, if one did. */
void prj_fold_blame(const prj_fold_members *members, const prj_fold_trouble *trouble, prj_fold_cause *cause);
/* The same where Flux says that what it was given cannot be built or is refused. */
void prj_fold_blame_refused(const prj_fold_members *members, int64_t since_ms, prj_fold_cause *cause);
/* The same where a commit was kept from Flux: its words begin with which it was. */
void prj_fold_name_not_built(const prj_fold_members *members, prj_fold_cause *cause);

#endif
