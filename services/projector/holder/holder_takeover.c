/* Taking over: raise the epoch in `_fold`, then read all rows. A stream that was made anew or went backwards cannot prove the
 * rows any more: they are removed, the fold starts from the stream's first message, and the informers are asked to publish what
 * the rows then lack. */
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "domain/fold_mark.h"
#include "holder/holder_internal.h"

#define CLEAR_AT_ONCE 900

typedef struct {
    bool start_over;
    const char *reason; /* why a relist is needed; NULL: it is not */
    uint64_t cursor, revision;
    int64_t epoch, time_ms;
} standing;

static int read_standing(prj_holder *holder, const cat_stream_info *stream, standing *found, cat_error *error)
{
    cat_auto(cat_kv_entry) entry = {0};
    cat_error why = {0};
    int code = cat_kv_get(holder->options.spine, holder->bucket, CAT_FOLD_MARK, &entry, &why);
    *found = (standing){.revision = entry.revision};
    if (code == CAT_E_NOT_FOUND) {
        found->start_over = false;
        found->reason = stream->first_sequence > 1 ? "the beginning of the stream is gone" : NULL;
        return 0;
    }
    if (code < 0)
        return cat_error_copy(error, &why);
    cat_auto(cat_fold_mark) mark = {0}; /* also where it cannot be read */
    cat_fold_mark_parse(entry.value, entry.length, &mark, NULL);
    found->epoch = mark.epoch;
    found->cursor = mark.cursor;
    found->time_ms = mark.time_ms;
    cat_follow_break is = cat_follow_compare(mark.incarnation ? mark.incarnation : "", found->cursor, stream);
    if (is == CAT_FOLLOW_MADE_ANEW || is == CAT_FOLLOW_FIRST)
        found->reason = "the stream was made anew";
    else if (is == CAT_FOLLOW_WENT_BACKWARDS)
        found->reason = "the stream went backwards";
    else if (mark.clearing)
        found->reason = "an earlier holder had begun to start over";
    else if (mark.fold_version != FOLD_VERSION)
        found->reason = "rows were written by another version of the fold";
    found->start_over = found->reason != NULL;
    if (!found->reason && is == CAT_FOLLOW_DISCARDED)
        found->reason = "events were discarded before they were folded";
    return 0;
}

typedef struct {
    prj_holder *holder;
    cat_strings *keys; /* only to be removed */
    size_t broken;
} reading;

static bool read_row(void *context, const cat_kv_entry *entry)
{
    reading *into = context;
    if (!entry->value || strcmp(entry->key, CAT_FOLD_MARK) == 0)
        return !atomic_load(&into->holder->stopping);
    if (into->keys)
        cat_strings_add(into->keys, entry->key);
    else if (prj_fold_load(into->holder->state, entry->key, entry->value, entry->length, NULL) < 0)
        into->broken++;
    return !atomic_load(&into->holder->stopping);
}

/* All rows or an error: what was read of them when a stop came in between is of no use, and must not be derived from. */
static int read_rows(prj_holder *holder, reading *into, cat_error *error)
{
    int code = cat_kv_each(holder->options.spine, holder->bucket, NULL, read_row, into, error);
    if (code == 0 && atomic_load(&holder->stopping))
        return cat_error_set(error, CAT_E_CANCELLED, "stopping");
    return code;
}

static int remove_rows(prj_holder *holder, cat_error *error)
{
    cat_auto(cat_strings) keys = {0};
    reading into = {holder, &keys, 0};
    int code = read_rows(holder, &into, error);
    prj_fold_change changes[CLEAR_AT_ONCE];
    for (size_t at = 0; code == 0 && at < keys.count; at += CLEAR_AT_ONCE) {
        size_t count = keys.count - at < CLEAR_AT_ONCE ? keys.count - at : CLEAR_AT_ONCE;
        for (size_t i = 0; i < count; i++)
            changes[i] = (prj_fold_change){.key = keys.items[at + i]};
        code = prj_holder_write_changes(holder, changes, count, error);
    }
    return code;
}

static int claim(prj_holder *holder, const standing *found, const cat_stream_info *stream, cat_error *error)
{
    snprintf(holder->incarnation, sizeof holder->incarnation, "%s", stream->incarnation);
    holder->epoch = found->epoch + 1;
    holder->cursor = found->start_over ? 0 : found->cursor;
    holder->clearing = found->start_over;
    holder->write = 0;
    holder->fold_revision = found->revision;
    prj_fold_destroy(holder->state);
    holder->state = prj_fold_create(holder->organization, holder->environment);
    prj_fold_set_time_ms(holder->state, found->start_over ? 0 : found->time_ms);
    return prj_holder_write_changes(holder, NULL, 0, error);
}

/* Somebody deleted the bucket: whoever made it hears of that by the wish for a relist, and makes it anew. Told once; who starts
 * again makes what is missing without being told. */
static int find_bucket(prj_holder *holder, const cat_stream_info *stream, cat_error *error)
{
    cat_stream_info bucket = {0};
    char name[CAT_SUBJECT_MAX + 4];
    snprintf(name, sizeof name, "KV_%s", holder->bucket);
    int code = cat_stream_get_info(holder->options.spine, name, &bucket, error);
    if (code != CAT_E_NOT_FOUND) {
        holder->bucket_missed = false;
        return code;
    }
    snprintf(holder->incarnation, sizeof holder->incarnation, "%s", stream->incarnation);
    if (!holder->bucket_missed && (code = prj_holder_ask_relist(holder, "the bucket is not there", error)) < 0)
        return code;
    holder->bucket_missed = true;
    return cat_error_set_class(error, CAT_E_NOT_FOUND, CAT_CLASS_WAITING, "bucket %s is not there", holder->bucket);
}

int prj_holder_take_over(prj_holder *holder, cat_error *error)
{
    cat_stream_info stream = {0};
    standing found = {0};
    int code = cat_stream_get_info(holder->options.spine, holder->stream, &stream, error);
    if (code == 0)
        code = find_bucket(holder, &stream, error);
    if (code == 0)
        code = read_standing(holder, &stream, &found, error);
    if (code == 0)
        code = claim(holder, &found, &stream, error);
    if (code < 0)
        return code;
    if (found.start_over && (code = remove_rows(holder, error)) < 0)
        return code;
    if (found.reason && (code = prj_holder_ask_relist(holder, found.reason, error)) < 0)
        return code;
    holder->clearing = false;
    reading into = {holder, NULL, 0};
    if (!found.start_over && (code = read_rows(holder, &into, error)) < 0)
        return code;
    if (into.broken)
        cat_log_error("rows that are no rows were left out", CAT_FIELD("bucket", holder->bucket),
                      CAT_FIELD_INT("rows", into.broken));
    prj_fold_derive_all(holder->state);
    return prj_holder_write(holder, found.start_over, error);
}
