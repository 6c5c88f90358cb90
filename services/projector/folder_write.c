/* One atomic batch a step: `_fold` first with the revision that this holder knows, then rows. */
#include <string.h>

#include "base/log.h"
#include "folder_internal.h"
#include "wire/json.h"

#define MARKER_TTL_MS (24 * 60 * 60 * 1000)

static char *format_fold(const folder *holder, size_t rows)
{
    cat_autojson json_t *json =
        cat_json_object("cursor", json_integer((json_int_t)holder->cursor), "incarnation", json_string(holder->incarnation),
                        "epoch", json_integer(holder->epoch), "holder", json_string(holder->holder), "foldVersion",
                        json_integer(FOLD_VERSION), "time", json_integer(fold_time_ms(holder->state)), "write",
                        json_integer(holder->write), "rows", json_integer((json_int_t)rows), NULL);
    if (holder->clearing)
        cat_json_set_bool(json, "clearing", true);
    return cat_json_format(json);
}

typedef struct {
    cat_publication *publications;
    char **subjects;
    char *fold;
    size_t count;
} batch;

static void batch_finish(batch *made)
{
    for (size_t i = 0; i < made->count; i++)
        free(made->subjects[i]);
    free(made->subjects);
    free(made->publications);
    free(made->fold);
}

static void batch_make(folder *holder, const fold_change *changes, size_t count, batch *made)
{
    *made = (batch){.publications = cat_calloc(count + 1, sizeof(cat_publication)),
                    .subjects = cat_calloc(count + 1, sizeof(char *)),
                    .fold = format_fold(holder, count),
                    .count = count + 1};
    made->subjects[0] = cat_printf("$KV.%s._fold", holder->bucket);
    made->publications[0] = (cat_publication){.subject = made->subjects[0], .body = made->fold, .length = strlen(made->fold)};
    for (size_t i = 0; i < count; i++) {
        bool marker = !changes[i].value;
        made->subjects[i + 1] = cat_printf("$KV.%s.%s", holder->bucket, changes[i].key);
        made->publications[i + 1] = (cat_publication){.subject = made->subjects[i + 1],
                                                      .body = marker ? "" : changes[i].value,
                                                      .length = changes[i].length,
                                                      .expected_subject_sequence = -1,
                                                      .kv_operation = marker ? "DEL" : NULL,
                                                      .ttl_ms = marker ? MARKER_TTL_MS : 0};
    }
}

typedef enum { SETTLED_DONE, SETTLED_AGAIN, SETTLED_LOST, SETTLED_STOP } settled;

/* What `_fold` says happened. Asks until it answers. */
static settled settle(folder *holder)
{
    for (unsigned attempt = 0;; attempt++) {
        cat_auto(cat_kv_entry) entry = {0};
        cat_error error = {0};
        int code = cat_kv_get(holder->options.spine, holder->bucket, "_fold", &entry, &error);
        if (code == CAT_E_NOT_FOUND)
            return SETTLED_LOST; /* the bucket was emptied or made anew: start over */
        if (code == 0) {
            cat_autojson json_t *json = NULL;
            if (cat_json_parse(entry.value, entry.length, &CAT_JSON_CAPS, &json, NULL) < 0 ||
                cat_json_int_or(json, "epoch", -1) != holder->epoch ||
                !cat_text_equal(cat_json_text(json, "holder"), holder->holder))
                return SETTLED_LOST;
            if (cat_json_int_or(json, "write", -1) != holder->write)
                return SETTLED_AGAIN;
            holder->fold_revision = entry.revision;
            return SETTLED_DONE;
        }
        if (attempt == 0)
            cat_log_warning("waiting to read _fold", CAT_FIELD("bucket", holder->bucket), CAT_FIELD_ERROR(&error));
        if (!folder_wait(holder, attempt < 5 ? 200 : 2000))
            return SETTLED_STOP;
    }
}

/* Whether an error is one of being second: only who still stands in `_fold` may take over again. */
bool folder_is_lost(folder *holder)
{
    return holder->epoch > 0 && settle(holder) == SETTLED_LOST;
}

static int send_until_settled(folder *holder, batch *made, cat_error *error)
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
        if (why.code == CAT_E_LIMIT && !folder_wait(holder, 2000))
            return cat_error_set(error, CAT_E_CANCELLED, "stopping");
        switch (settle(holder)) {
        case SETTLED_DONE:
            return 0;
        case SETTLED_LOST:
            return cat_error_set(error, CAT_E_CONFLICT, "another holder took %s over", holder->environment);
        case SETTLED_STOP:
            return cat_error_set(error, CAT_E_CANCELLED, "stopping");
        case SETTLED_AGAIN:
            if (!folder_wait(holder, attempt < 10 ? 20 : 500))
                return cat_error_set(error, CAT_E_CANCELLED, "stopping");
        }
    }
}

int folder_write_changes(folder *holder, const fold_change *changes, size_t count, cat_error *error)
{
    batch made;
    holder->write++;
    batch_make(holder, changes, count, &made);
    int code = send_until_settled(holder, &made, error);
    batch_finish(&made);
    if (code == 0 && holder->rows)
        cat_metric_set(holder->rows, (double)fold_rows(holder->state), (const char *const[]){holder->environment});
    return code;
}

/* After a take-over more may have changed than one batch takes; while events are folded one is always enough. */
int folder_write(folder *holder, bool even_if_nothing_changed, cat_error *error)
{
    fold_change *changes = cat_calloc(FOLDER_CHANGES_MAX, sizeof *changes);
    int code = 0;
    for (bool first = true;; first = false) {
        size_t count = fold_take(holder->state, changes, FOLDER_CHANGES_MAX);
        if (count == 0 && !(first && even_if_nothing_changed))
            break;
        code = folder_write_changes(holder, changes, count, error);
        if (code < 0 || count < FOLDER_CHANGES_MAX)
            break;
    }
    free(changes);
    return code;
}
