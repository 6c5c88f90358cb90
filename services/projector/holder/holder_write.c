/* One atomic batch a step: `_fold` first with the revision that this holder knows, then rows. */
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "domain/fold_mark.h"
#include "holder/holder_internal.h"

#define MARKER_TTL_MS (24 * 60 * 60 * 1000)

static char *format_mark(const prj_holder *holder, size_t rows)
{
    return cat_fold_mark_format(&(cat_fold_mark){.cursor = holder->cursor,
                                                 .incarnation = holder->incarnation,
                                                 .epoch = holder->epoch,
                                                 .holder = holder->holder,
                                                 .fold_version = FOLD_VERSION,
                                                 .time_ms = prj_fold_time_ms(holder->state),
                                                 .write = holder->write,
                                                 .rows = rows,
                                                 .clearing = holder->clearing});
}

/* A batch owns its texts: the fold goes on while it is under way. */
struct prj_holder_batch {
    cat_publication *publications;
    size_t count;
    char *texts;
    int64_t oldest_ms; /* time of the first event in it; 0: none */
};

static void batch_free(prj_holder_batch *batch)
{
    if (!batch)
        return;
    free(batch->publications);
    free(batch->texts);
    free(batch);
}

static const char *put_text(char **at, const char *prefix, size_t prefix_length, const char *text, size_t length)
{
    char *start = *at;
    memcpy(start, prefix, prefix_length);
    memcpy(start + prefix_length, text, length);
    start[prefix_length + length] = '\0';
    *at += prefix_length + length + 1;
    return start;
}

static prj_holder_batch *batch_make(prj_holder *holder, const prj_fold_change *changes, size_t count)
{
    char prefix[CAT_SUBJECT_MAX];
    size_t prefix_length = (size_t)snprintf(prefix, sizeof prefix, "$KV.%s.", holder->bucket);
    cat_autofree char *mark = format_mark(holder, count);
    size_t bytes = prefix_length + strlen(CAT_FOLD_MARK) + strlen(mark) + 2;
    for (size_t i = 0; i < count; i++)
        bytes += prefix_length + strlen(changes[i].key) + changes[i].length + 2;
    prj_holder_batch *batch = cat_calloc(1, sizeof *batch);
    *batch = (prj_holder_batch){
        .publications = cat_calloc(count + 1, sizeof(cat_publication)), .count = count + 1, .texts = cat_malloc(bytes)};
    char *at = batch->texts;
    batch->publications[0] =
        (cat_publication){.subject = put_text(&at, prefix, prefix_length, CAT_FOLD_MARK, strlen(CAT_FOLD_MARK)),
                          .body = put_text(&at, "", 0, mark, strlen(mark)),
                          .length = strlen(mark)};
    for (size_t i = 0; i < count; i++) {
        bool marker = !changes[i].value;
        batch->publications[i + 1] =
            (cat_publication){.subject = put_text(&at, prefix, prefix_length, changes[i].key, strlen(changes[i].key)),
                              .body = put_text(&at, "", 0, marker ? "" : changes[i].value, changes[i].length),
                              .length = changes[i].length,
                              .expected_subject_sequence = -1,
                              .kv_operation = marker ? "DEL" : NULL,
                              .ttl_ms = marker ? MARKER_TTL_MS : 0};
    }
    return batch;
}

typedef enum { SETTLED_DONE, SETTLED_AGAIN, SETTLED_LOST, SETTLED_STOP } settled;

/* What `_fold` says happened. Asks until it answers. */
static settled settle(prj_holder *holder)
{
    for (unsigned attempt = 0;; attempt++) {
        cat_auto(cat_kv_entry) entry = {0};
        cat_error error = {0};
        int code = cat_kv_get(holder->options.spine, holder->bucket, CAT_FOLD_MARK, &entry, &error);
        if (code == CAT_E_NOT_FOUND)
            return SETTLED_LOST; /* the bucket was emptied or made anew: start over */
        if (code == 0) {
            cat_auto(cat_fold_mark) mark = {0};
            if (cat_fold_mark_parse(entry.value, entry.length, &mark, NULL) < 0 || mark.epoch != holder->epoch ||
                !cat_text_equal(mark.holder, holder->holder))
                return SETTLED_LOST;
            if (mark.write != holder->write)
                return SETTLED_AGAIN;
            holder->fold_revision = entry.revision;
            return SETTLED_DONE;
        }
        if (attempt == 0)
            cat_log_warning("waiting to read " CAT_FOLD_MARK, CAT_FIELD("bucket", holder->bucket), CAT_FIELD_ERROR(&error));
        if (!prj_holder_wait(holder, attempt < 5 ? 200 : 2000))
            return SETTLED_STOP;
    }
}

/* Whether an error is one of being second: only who still stands in `_fold` may take over again. */
bool prj_holder_is_lost(prj_holder *holder)
{
    return holder->epoch > 0 && settle(holder) == SETTLED_LOST;
}

static int send_until_settled(prj_holder *holder, prj_holder_batch *made, cat_error *error)
{
    for (unsigned attempt = 0;; attempt++) {
        cat_error why = {0};
        uint64_t sequence = 0;
        made->publications[0].expected_subject_sequence = (int64_t)holder->fold_revision;
        int code = cat_spine_publish_batch(holder->options.spine, made->publications, made->count, &sequence, &why);
        if (code == 0) {
            holder->fold_revision = sequence - (made->count - 1);
            return 0;
        }
        if (holder->failures)
            cat_metric_add(holder->failures, 1, (const char *const[]){cat_error_name(why.code)});
        if (why.code == CAT_E_INVALID || why.code == CAT_E_TOO_LARGE)
            return cat_error_copy(error, &why);
        if (attempt == 0 || attempt % 30 == 0)
            cat_log_warning(why.code == CAT_E_LIMIT ? "bucket is full: rows wait until there is room" : "batch not confirmed",
                            CAT_FIELD("bucket", holder->bucket), CAT_FIELD_ERROR(&why));
        if (why.code == CAT_E_LIMIT && !prj_holder_wait(holder, 2000))
            return cat_error_set(error, CAT_E_CANCELLED, "stopping");
        switch (settle(holder)) {
        case SETTLED_DONE:
            return 0;
        case SETTLED_LOST:
            return cat_error_set(error, CAT_E_CONFLICT, "another holder took %s over", holder->environment);
        case SETTLED_STOP:
            return cat_error_set(error, CAT_E_CANCELLED, "stopping");
        case SETTLED_AGAIN:
            if (!prj_holder_wait(holder, attempt < 10 ? 20 : 500))
                return cat_error_set(error, CAT_E_CANCELLED, "stopping");
        }
    }
}

static void observe_latency(const prj_holder *holder, int64_t event_ms)
{
    if (!holder->latency || event_ms <= 0)
        return;
    const cat_clock *clock = cat_clock_system();
    double seconds = (double)(clock->wall_ms(clock) - event_ms) / 1000.0;
    cat_metric_observe(holder->latency, seconds > 0 ? seconds : 0, NULL);
}

static int send_batch(prj_holder *holder, prj_holder_batch *batch, cat_error *error)
{
    int code = send_until_settled(holder, batch, error);
    if (code == 0)
        observe_latency(holder, batch->oldest_ms);
    batch_free(batch);
    return code;
}

/* While there is a backlog a second thread sends, so that folding and storing go on at the same time; one batch is under way at
 * most. */

static void *run_writer(void *argument)
{
    prj_holder *holder = argument;
    prj_holder_writer *writer = &holder->writer;
    pthread_mutex_lock(&writer->lock);
    for (;;) {
        while (!writer->batch && !writer->ending)
            pthread_cond_wait(&writer->changed, &writer->lock);
        if (!writer->batch)
            break;
        pthread_mutex_unlock(&writer->lock);
        cat_error error = {0};
        int code = send_batch(holder, writer->batch, &error);
        pthread_mutex_lock(&writer->lock);
        writer->batch = NULL;
        writer->code = code;
        writer->error = error;
        pthread_cond_broadcast(&writer->changed);
    }
    pthread_mutex_unlock(&writer->lock);
    return NULL;
}

int prj_holder_flush(prj_holder *holder, cat_error *error)
{
    prj_holder_writer *writer = &holder->writer;
    pthread_mutex_lock(&writer->lock);
    while (writer->batch)
        pthread_cond_wait(&writer->changed, &writer->lock);
    int code = writer->code;
    if (code < 0)
        cat_error_copy(error, &writer->error);
    pthread_mutex_unlock(&writer->lock);
    return code;
}

void prj_holder_write_behind(prj_holder *holder, bool behind)
{
    prj_holder_writer *writer = &holder->writer;
    if (behind == writer->runs)
        return;
    if (behind) {
        writer->ending = false;
        writer->code = 0;
        writer->runs = pthread_create(&writer->thread, NULL, run_writer, holder) == 0;
        return;
    }
    pthread_mutex_lock(&writer->lock);
    writer->ending = true;
    pthread_cond_broadcast(&writer->changed);
    pthread_mutex_unlock(&writer->lock);
    pthread_join(writer->thread, NULL);
    writer->runs = false;
}

static void hand_over(prj_holder_writer *writer, prj_holder_batch *batch)
{
    pthread_mutex_lock(&writer->lock);
    writer->batch = batch;
    pthread_cond_broadcast(&writer->changed);
    pthread_mutex_unlock(&writer->lock);
}

int prj_holder_write_changes(prj_holder *holder, const prj_fold_change *changes, size_t count, cat_error *error)
{
    int code = holder->writer.runs ? prj_holder_flush(holder, error) : 0;
    if (code < 0)
        return code;
    holder->write++;
    prj_holder_batch *batch = batch_make(holder, changes, count);
    batch->oldest_ms = holder->oldest_ms;
    holder->oldest_ms = 0;
    if (holder->rows)
        cat_metric_set(holder->rows, (double)prj_fold_rows(holder->state), (const char *const[]){holder->environment});
    if (!holder->writer.runs)
        return send_batch(holder, batch, error);
    hand_over(&holder->writer, batch);
    return 0;
}

/* After a take-over more may have changed than one batch takes; while events are folded one is always enough. */
int prj_holder_write(prj_holder *holder, bool even_if_nothing_changed, cat_error *error)
{
    prj_fold_change *changes = cat_calloc(HOLDER_CHANGES_MAX, sizeof *changes);
    int code = 0;
    for (bool first = true;; first = false) {
        size_t count = prj_fold_take(holder->state, changes, HOLDER_CHANGES_MAX);
        if (count == 0 && !(first && even_if_nothing_changed))
            break;
        code = prj_holder_write_changes(holder, changes, count, error);
        if (code < 0 || count < HOLDER_CHANGES_MAX)
            break;
    }
    free(changes);
    return code;
}
