/* Events are fetched, folded and written; what cannot be folded goes to the dead letters. */
#include <stdio.h>
#include <string.h>

#include "base/encoding.h"
#include "base/log.h"
#include "base/memory.h"
#include "holder/holder_internal.h"
#include "wire/json.h"

#define FETCH_MAX 500
/* How long an idle fetch waits, which is how long a stop may take. */
#define IDLE_FETCH_MS 3000
#define BUSY_FETCH_MS 1000
#define TRIM_AFTER_IDLE_FETCHES 3

/* Poison */

static char *describe_poison(const prj_holder *holder, const cat_message *message, const cat_error *why)
{
    bool text = cat_text_is_utf8(message->data, message->length);
    cat_autofree char *encoded = text ? NULL : cat_base64_encode(message->data, message->length);
    cat_autojson json_t *json =
        cat_json_object("stream", json_string(holder->stream), "sequence", json_integer((json_int_t)message->sequence), "subject",
                        json_string(message->subject), "reason", json_string(why->message), "original",
                        text ? json_stringn(message->data, message->length) : json_string(encoded), NULL);
    if (!text)
        cat_json_set_text(json, "encoding", "base64");
    return cat_json_format(json);
}

/* Tells and counts it; only a spine that is away holds the fold up. */
static int bury_poison(prj_holder *holder, const cat_message *message, const cat_error *why, cat_error *error)
{
    cat_log_warning("poison", CAT_FIELD("stream", holder->stream), CAT_FIELD_INT("sequence", message->sequence),
                    CAT_FIELD("subject", message->subject), CAT_FIELD_ERROR(why));
    if (holder->poison)
        cat_metric_add(holder->poison, 1, (const char *const[]){cat_error_name(why->code)});
    if (strcmp(holder->environment, "_") == 0)
        return 0; /* the control plane's account has no dead letters: the event stays in catalyst-events */
    cat_autofree char *subject = cat_printf("dead-letter.%s", holder->environment);
    cat_autofree char *id = cat_printf("%s/%s/%llu", holder->stream, holder->incarnation, (unsigned long long)message->sequence);
    cat_autofree char *body = describe_poison(holder, message, why);
    cat_publication publication = {.subject = subject,
                                   .message_id = id,
                                   .body = body,
                                   .length = strlen(body),
                                   .content_type = "application/json",
                                   .expected_subject_sequence = -1};
    cat_error local = {0};
    if (cat_spine_publish(holder->options.spine, &publication, NULL, NULL, &local) == 0)
        return 0;
    if (local.code == CAT_E_TIMEOUT || local.code == CAT_E_UNAVAILABLE)
        return cat_error_copy(error, &local);
    cat_log_error("poison could not be kept", CAT_FIELD("stream", holder->stream), CAT_FIELD_INT("sequence", message->sequence),
                  CAT_FIELD_ERROR(&local));
    return 0;
}

/* Folding */

static const char *header_of(void *context, const char *name)
{
    return cat_message_header(context, name);
}

static int fold_one(prj_holder *holder, const cat_message *message, cat_error *error)
{
    cat_error why = {0};
    prj_fold_event event = {message->subject, message->data, message->length, message->sequence, header_of, (void *)message};
    int code = 0;
    if (message->sequence > holder->cursor + 1 && holder->cursor > 0)
        code = prj_holder_ask_relist(holder, "events were discarded before they were folded", error);
    if (code == 0 && prj_fold_apply(holder->state, &event, &why) < 0)
        code = bury_poison(holder, message, &why, error);
    if (code == 0)
        holder->cursor = message->sequence;
    return code;
}

static int fold_messages(prj_holder *holder, const cat_messages *messages, cat_error *error)
{
    int code = 0;
    bool moved = false;
    for (size_t i = 0; i < messages->count && code == 0; i++) {
        if (messages->items[i].sequence <= holder->cursor)
            continue;
        code = fold_one(holder, &messages->items[i], error);
        moved = true;
        if (holder->oldest_ms == 0)
            holder->oldest_ms = prj_fold_last_event_ms(holder->state);
        if (code == 0 && prj_fold_waiting(holder->state) >= HOLDER_ROWS_MAX)
            code = prj_holder_write(holder, true, error);
    }
    if (code == 0 && moved)
        code = prj_holder_write(holder, true, error);
    if (holder->events)
        cat_metric_add(holder->events, (double)messages->count, NULL);
    return code;
}

/* Waits without holding anybody up who wants it to stop. What was lost with a connection (CAT_E_GONE) does not come again: the
 * next take-over starts behind the cursor. */
static int fetch(prj_holder *holder, cat_messages *messages, cat_error *error)
{
    pthread_mutex_unlock(&holder->working);
    int code = cat_follow_read(holder->follow, FETCH_MAX, BUSY_FETCH_MS, IDLE_FETCH_MS, messages, error);
    if (code == CAT_E_UNAVAILABLE || code == CAT_E_TIMEOUT)
        code = prj_holder_wait(holder, 200) ? 0 : code;
    pthread_mutex_lock(&holder->working);
    return atomic_load(&holder->stopping) ? cat_error_set(error, CAT_E_CANCELLED, "stopping") : code;
}

int prj_holder_consume(prj_holder *holder, cat_error *error)
{
    int idle = 0, code = 0;
    while (code == 0) {
        cat_auto(cat_messages) messages = {0};
        if ((code = fetch(holder, &messages, error)) < 0)
            break;
        uint64_t waiting = cat_follow_waiting(holder->follow);
        if (waiting >= FETCH_MAX)
            prj_holder_write_behind(holder, true);
        /* The next ones come while these are folded; that it failed the next fetch finds out. */
        cat_follow_ask(holder->follow, FETCH_MAX, BUSY_FETCH_MS);
        if (messages.count)
            code = fold_messages(holder, &messages, error);
        if (code == 0 && waiting == 0 && holder->writer.runs && (code = prj_holder_flush(holder, error)) == 0)
            prj_holder_write_behind(holder, false);
        if (code == 0 && waiting == 0)
            prj_holder_tell_time(holder);
        idle = messages.count ? 0 : idle + 1;
        if (idle == TRIM_AFTER_IDLE_FETCHES)
            prj_fold_trim(holder->state);
        if (holder->lag)
            cat_metric_set(holder->lag, (double)waiting, (const char *const[]){holder->environment});
    }
    return code;
}
