/* Which rows people hear of, and as what. */
#ifndef PROJECTOR_FOLD_VOICE_H
#define PROJECTOR_FOLD_VOICE_H

#include "core/fold_grace.h"
#include "core/fold_members.h"

/* A row as people should hear of it at members->time_ms. */
typedef struct {
    cat_status status;    /* with grace and patience (fold_grace.h) */
    int speech;           /* how much its own words explain; 0: it does not speak */
    bool late;            /* Degraded by having been on its way for too long */
    cat_view unsettled;   /* what it was told to be, where it has not been better for long; absent: nothing */
    prj_fold_phase phase; /* of what it belongs to */
    int64_t since_ms;     /* since when what it belongs to, or it alone, has not been well; INT64_MAX: not known, as below */
    int64_t own_ms;       /* since when the row itself has not been well */
    int64_t change_ms;    /* as since_ms, but of what was made for the newest change: a Deployment may have been ill before */
    int64_t due_ms;       /* when its status changes by time alone; 0: never */
} prj_fold_voice;
prj_fold_voice prj_fold_voice_of(const prj_fold_members *members, const prj_fold_row *row);
/* All that the Application runs rests on purpose: the first of it; NULL: something does not. */
const prj_fold_row *prj_fold_resting(const prj_fold_members *members);

#endif
