/* Why an Application is as it is: the one problem that people should hear of first. Pure; rows are lent. */
#ifndef PROJECTOR_FOLD_CAUSE_H
#define PROJECTOR_FOLD_CAUSE_H

#include "core/fold_members.h"

typedef struct {
    cat_status status;
    char *reason, *message, *next, *since, *resource; /* NULL: none */
    char *commit, *cause;
    const prj_fold_row *row; /* the one that speaks; NULL: none. Lent */
    int64_t due_ms;          /* when it is another one by time alone; 0: never */
} prj_fold_cause;

void prj_fold_find_cause(const prj_fold_members *members, const char *application, const char *wanted, const char *running,
                         prj_fold_cause *cause);
void prj_fold_cause_finish(prj_fold_cause *cause);
static inline void prj_fold_cause_cleanup(prj_fold_cause *cause)
{
    prj_fold_cause_finish(cause);
}

#endif
