/* The mark of the fold: what stands beside the rows in a bucket of them, how far they were folded and by whom. It is the fence of
 * holders (services/projector/holder) and the first entry of each of their batches; all who read rows read it here. Pure; any
 * thread. */
#ifndef CAT_DOMAIN_FOLD_MARK_H
#define CAT_DOMAIN_FOLD_MARK_H

#include "wire/json.h"

#define CAT_FOLD_MARK "_fold" /* its key, which no row can have */

typedef struct {
    uint64_t cursor;         /* the last message of the stream that is in the rows */
    const char *incarnation; /* of the stream */
    int64_t epoch;           /* raised by each take-over */
    const char *holder;
    int64_t fold_version; /* rows of another one cannot be folded on */
    int64_t time_ms;      /* of the fold */
    int64_t write;        /* batches of this epoch */
    uint64_t rows;        /* entries that follow it in its batch */
    bool clearing;        /* rows of an earlier stream are being removed */

    cat_document *text; /* of one that was parsed: what the words stand in */
} cat_fold_mark;

/* What is not said is 0, NULL or false. */
int cat_fold_mark_parse(const char *text, size_t length, cat_fold_mark *mark, cat_error *error);
void cat_fold_mark_finish(cat_fold_mark *mark);
static inline void cat_fold_mark_cleanup(cat_fold_mark *mark)
{
    cat_fold_mark_finish(mark);
}
char *cat_fold_mark_format(const cat_fold_mark *mark); /* the caller's */

#endif
