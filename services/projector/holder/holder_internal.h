/* What taking over, writing and consuming share. A holder's thread owns everything here but `stopping`, `ended` and `working`. */
#ifndef PROJECTOR_HOLDER_INTERNAL_H
#define PROJECTOR_HOLDER_INTERNAL_H

#include <pthread.h>
#include <stdatomic.h>

#include "core/fold.h"
#include "holder/holder.h"
#include "net/kv.h"
#include "svc/follow.h"
#include "wire/subjects.h"

/* At most so many events' changes in one batch: with what expires, what is derived from them and what they explain
 * (fold_explain.c) they stay below a batch's 1,000.
 */
#define HOLDER_ROWS_MAX 290
#define HOLDER_CHANGES_MAX 990

typedef struct prj_holder_batch prj_holder_batch;
/* Sends behind the folding. `lock` guards batch, code, error and ending; what is sent belongs to the writer until `batch` is NULL
 * again. */
typedef struct {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    prj_holder_batch *batch; /* under way */
    int code;                /* of the last one */
    cat_error error;
    bool ending;
    bool runs; /* the holder's thread alone */
    pthread_t thread;
} prj_holder_writer;

struct prj_holder {
    prj_holder_options options;
    char *organization, *environment, *holder;
    char stream[CAT_SUBJECT_MAX], bucket[CAT_SUBJECT_MAX], consumer_name[64];
    pthread_t thread;
    atomic_bool stopping, ended;
    pthread_mutex_t working; /* held while it does anything but wait for messages */

    prj_fold *state;
    cat_follow *follow;
    uint64_t cursor;
    prj_holder_writer writer;
    int64_t told_due_ms;    /* the moment that prj_holder_tell_time told of last; 0: none */
    int64_t oldest_ms;      /* time of the first event that is not written yet; 0: none */
    uint64_t fold_revision; /* of `_fold`; the writer's while it sends */
    int64_t epoch, write;
    char incarnation[40];
    bool clearing;      /* rows of an earlier stream are being removed */
    bool bucket_missed; /* and told so */
    cat_metric *lag, *events, *poison, *rows, *latency, *failures;
};

bool prj_holder_wait(prj_holder *holder, int64_t ms); /* false: it is to stop */
/* Fetches, folds and writes until that fails, or it is to stop (CAT_E_CANCELLED). */
int prj_holder_consume(prj_holder *holder, cat_error *error);
/* Becomes the holder and reads the rows. CAT_E_CONFLICT: somebody else was faster. */
int prj_holder_take_over(prj_holder *holder, cat_error *error);
/* Publishes `time.passed` when rows change by time alone and their time has come (prj_fold_due_ms). */
void prj_holder_tell_time(prj_holder *holder);
/* Writes what changed, with `_fold`, until it is known to be there. CAT_E_CONFLICT: lost to another holder. CAT_E_CANCELLED: to
 * stop. */
int prj_holder_write(prj_holder *holder, bool even_if_nothing_changed, cat_error *error);
int prj_holder_write_changes(prj_holder *holder, const prj_fold_change *changes, size_t count, cat_error *error);
bool prj_holder_is_lost(prj_holder *holder); /* `_fold` names another holder, or is gone */
/* From now on batches are sent by a thread behind the folding (or again by the folding itself, after the last one is stored). */
void prj_holder_write_behind(prj_holder *holder, bool behind);
int prj_holder_flush(prj_holder *holder, cat_error *error); /* waits for what is under way, and tells how it went */
int prj_holder_ask_relist(prj_holder *holder, const char *reason, cat_error *error);

#endif
