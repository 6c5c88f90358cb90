/* Why an Application is as it is: the rows that belong to it, and the one problem that people should hear of first. Pure; rows
 * are lent. */
#ifndef PROJECTOR_FOLD_CAUSE_H
#define PROJECTOR_FOLD_CAUSE_H

#include "fold_internal.h"

/* The living rows of one Application, sorted by key, so that the order in which they came does not show; each has been looked
 * at. */
typedef struct {
    fold_row **rows;
    size_t count;
    cat_view repository; /* its row; absent when no push was seen */
} fold_members;

static inline cat_view fold_seen(const fold_row *row)
{
    return cat_document_root(row->document);
}

typedef struct {
    cat_status status;
    char *reason, *message, *next, *since, *resource; /* NULL: none */
    char *commit, *cause;
    const fold_row *row; /* the one that speaks; NULL: none. Lent */
} fold_cause;

/* Neither Flux's, nor Catalyst's, nor an Event: something that the Application consists of. */
bool fold_is_content(const fold_row *row);
/* `develop@sha1:0123…` → the commit; NULL when there is none. Lends. */
const char *fold_commit_of_revision(const char *revision);

void fold_find_cause(const fold_members *members, const char *application, const char *wanted, const char *running,
                     fold_cause *cause);
void fold_cause_finish(fold_cause *cause);
static inline void fold_cause_cleanup(fold_cause *cause)
{
    fold_cause_finish(cause);
}

#endif
