#ifndef PROJECTOR_FOLD_LOOK_H
#define PROJECTOR_FOLD_LOOK_H

#include "domain/object_status.h"
#include "wire/json.h"

/* An object as it was told, for those who write a part of its row's entry. */
typedef struct {
    cat_view object, old; /* as it is, and what its row's entry said of it before (absent: nothing) */
    const char *at;       /* the event's time */
    cat_status status;    /* what it is told to be, with what words (NULL: none) */
    const char *reason, *message;
} prj_fold_look;

#endif
