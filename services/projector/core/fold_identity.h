/* The object that an event tells of. */
#ifndef PROJECTOR_FOLD_IDENTITY_H
#define PROJECTOR_FOLD_IDENTITY_H

#include "base/error.h"
#include "domain/kinds.h"
#include "wire/json.h"
#include "wire/subjects.h"

/* Texts are lent by the event. */
typedef struct {
    const char *cluster, *uid, *resource_version, *kind, *group, *namespace, *name;
    int64_t epoch;
    char token[CAT_KEY_MAX];
    cat_kind known;
    char key[CAT_KEY_MAX];
} prj_fold_identity;

int prj_fold_identity_read(cat_view data, prj_fold_identity *id, cat_error *error); /* CAT_E_INVALID, CAT_E_TOO_LARGE */
/* What is not newer than what the row knows changes nothing. */
bool prj_fold_is_stale(cat_view row, const prj_fold_identity *id, bool deleted);
/* What the row remembers of the same object in the same vcluster; absent when it is another one. */
cat_view prj_fold_remembered(cat_view row, const prj_fold_identity *id);

#endif
