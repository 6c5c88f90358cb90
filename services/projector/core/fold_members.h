/* The rows that belong to one Application, and what each of them is to it. Pure; rows are lent. */
#ifndef PROJECTOR_FOLD_MEMBERS_H
#define PROJECTOR_FOLD_MEMBERS_H

#include "core/fold_rows.h"

/* So many steps from a Pod to who made who made it, at most. */
#define FOLD_OWNER_STEPS_MAX 5

/* The living rows of one Application, sorted by key, so that the order in which they came does not show; each has been looked
 * at. */
typedef struct {
    prj_fold_row **rows;
    size_t count;
    cat_view repository; /* its row; absent when no push was seen */
    int64_t time_ms;     /* the newest event's */
} prj_fold_members;

static inline cat_view prj_fold_seen(const prj_fold_row *row)
{
    return cat_document_root(row->document);
}

/* What makes an Application exist here: its object or its Flux objects. A push alone does not, nor does what it left behind, such
 * as a volume. */
bool prj_fold_is_anchor(const prj_fold_row *row);
/* Neither Flux's, nor Catalyst's, nor an Event: something that the Application consists of. */
bool prj_fold_is_content(const prj_fold_row *row);
bool prj_fold_is_counted(const prj_fold_row *row);              /* among what the Application consists of */
bool prj_fold_has(const prj_fold_row *row, const char *member); /* one of its vclusters' copies has it */
/* Its place among them; SIZE_MAX: it is none of them. */
size_t prj_fold_place_of(const prj_fold_members *members, const prj_fold_row *row);
const prj_fold_row *prj_fold_owner_of(const prj_fold_members *members, const prj_fold_row *row); /* who made it; NULL: nobody */
const prj_fold_row *prj_fold_top_of(const prj_fold_members *members,
                                    const prj_fold_row *row); /* who made it, and who made that; itself: nobody */

#endif
