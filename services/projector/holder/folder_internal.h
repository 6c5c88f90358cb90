/* What taking over, writing and consuming share. A folder's thread owns everything here but `stopping`, `ended` and `working`. */
#ifndef PROJECTOR_FOLDER_INTERNAL_H
#define PROJECTOR_FOLDER_INTERNAL_H

#include <pthread.h>
#include <stdatomic.h>

#include "core/fold.h"
#include "holder/folder.h"
#include "net/kv.h"
#include "svc/follow.h"
#include "wire/subjects.h"

/* At most so many events' changes in one batch: with what expires, what is derived from them and what they explain
 * (fold_explain.c) they stay below a batch's 1,000.
 */
#define FOLDER_ROWS_MAX 290
#define FOLDER_CHANGES_MAX 990

typedef struct folder_batch folder_batch;
/* Sends behind the folding. `lock` guards batch, code, error and ending; what is sent belongs to the writer until `batch` is NULL
 * again. */
typedef struct {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    folder_batch *batch; /* under way */
    int code;            /* of the last one */
    cat_error error;
    bool ending;
    bool runs; /* the folder's thread alone */
    pthread_t thread;
} folder_writer;

struct folder {
    folder_options options;
    char *organization, *environment, *holder;
    char stream[CAT_SUBJECT_MAX], bucket[CAT_SUBJECT_MAX], consumer_name[64];
    pthread_t thread;
    atomic_bool stopping, ended;
    pthread_mutex_t working; /* held while it does anything but wait for messages */

    fold *state;
    cat_follow *follow;
    uint64_t cursor;
    folder_writer writer;
    int64_t told_due_ms;    /* the moment that folder_tell_time told of last; 0: none */
    int64_t oldest_ms;      /* time of the first event that is not written yet; 0: none */
    uint64_t fold_revision; /* of `_fold`; the writer's while it sends */
    int64_t epoch, write;
    char incarnation[40];
    bool clearing;      /* rows of an earlier stream are being removed */
    bool bucket_missed; /* and told so */
    cat_metric *lag, *events, *poison, *rows, *latency, *failures;
};

bool folder_wait(folder *holder, int64_t ms); /* false: it is to stop */
/* Becomes the holder and reads the rows. CAT_E_CONFLICT: somebody else was faster. */
int folder_take_over(folder *holder, cat_error *error);
/* Publishes `time.passed` when rows change by time alone and their time has come (fold_due_ms). */
void folder_tell_time(folder *holder);
/* Writes what changed, with `_fold`, until it is known to be there. CAT_E_CONFLICT: lost to another holder. CAT_E_CANCELLED: to
 * stop. */
int folder_write(folder *holder, bool even_if_nothing_changed, cat_error *error);
int folder_write_changes(folder *holder, const fold_change *changes, size_t count, cat_error *error);
bool folder_is_lost(folder *holder); /* `_fold` names another holder, or is gone */
/* From now on batches are sent by a thread behind the folding (or again by the folding itself, after the last one is stored). */
void folder_write_behind(folder *holder, bool behind);
int folder_flush(folder *holder, cat_error *error); /* waits for what is under way, and tells how it went */
int folder_ask_relist(folder *holder, const char *reason, cat_error *error);

#endif
