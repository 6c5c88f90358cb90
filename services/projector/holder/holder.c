#include "holder/holder.h"

#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/encoding.h"
#include "base/log.h"
#include "base/random.h"
#include "holder/holder_internal.h"
#include "wire/json.h"

#define FETCH_MAX 500
/* How long an idle fetch waits, which is how long a stop may take. */
#define IDLE_FETCH_MS 3000
#define BUSY_FETCH_MS 1000
#define TRIM_AFTER_IDLE_FETCHES 3
#define STACK_BYTES (512 * 1024)

bool prj_holder_wait(prj_holder *holder, int64_t ms)
{
    for (int64_t waited = 0; waited < ms && !atomic_load(&holder->stopping); waited += 20)
        nanosleep(&(struct timespec){.tv_nsec = 20 * 1000 * 1000}, NULL);
    return !atomic_load(&holder->stopping);
}

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
        if (code == 0 && prj_fold_waiting(holder->state) >= FOLDER_ROWS_MAX)
            code = prj_holder_write(holder, true, error);
    }
    if (code == 0 && moved)
        code = prj_holder_write(holder, true, error);
    if (holder->events)
        cat_metric_add(holder->events, (double)messages->count, NULL);
    return code;
}

static int begin_following(prj_holder *holder, cat_error *error)
{
    char old[64];
    snprintf(old, sizeof old, "fold-%lld", (long long)holder->epoch - 1);
    snprintf(holder->consumer_name, sizeof holder->consumer_name, "fold-%lld", (long long)holder->epoch);
    cat_error ignored = {0};
    if (cat_consumer_delete_named(holder->options.spine, holder->stream, old, &ignored) < 0)
        cat_log_debug("the old consumer leaves by itself", CAT_FIELD("stream", holder->stream), CAT_FIELD_ERROR(&ignored));
    cat_follow_options options = {
        .spine = holder->options.spine, .stream = holder->stream, .name = holder->consumer_name, .after = holder->cursor};
    return cat_follow_create(&options, &holder->follow, error);
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

static int consume(prj_holder *holder, cat_error *error)
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

static int hold(prj_holder *holder, cat_error *error)
{
    int code = prj_holder_take_over(holder, error);
    if (code == 0)
        code = begin_following(holder, error);
    if (code < 0)
        return code;
    cat_log_info("folding", CAT_FIELD("environment", holder->environment), CAT_FIELD_INT("epoch", holder->epoch),
                 CAT_FIELD_INT("cursor", holder->cursor), CAT_FIELD_INT("rows", prj_fold_rows(holder->state)));
    code = consume(holder, error);
    prj_holder_write_behind(holder, false);
    cat_follow_destroy(cat_take(holder->follow));
    return code;
}

static void *run(void *argument)
{
    prj_holder *holder = argument;
    unsigned failures = 0;
    pthread_mutex_lock(&holder->working);
    while (!atomic_load(&holder->stopping)) {
        cat_error error = {0};
        int code = hold(holder, &error);
        if (code == 0 || code == CAT_E_CANCELLED)
            break;
        if (code == CAT_E_CONFLICT || prj_holder_is_lost(holder)) {
            cat_log_info("gave way to another holder", CAT_FIELD("environment", holder->environment));
            break;
        }
        if (failures < 3 || failures % 20 == 0)
            cat_log_warning("folding is interrupted", CAT_FIELD("environment", holder->environment), CAT_FIELD_ERROR(&error));
        pthread_mutex_unlock(&holder->working);
        prj_holder_wait(holder, cat_backoff_ms(failures++, 200, 5000));
        pthread_mutex_lock(&holder->working);
    }
    pthread_mutex_unlock(&holder->working);
    if (holder->lag) /* whoever folds it now tells its lag */
        cat_metric_set(holder->lag, 0, (const char *const[]){holder->environment});
    prj_fold_destroy(cat_take(holder->state));
    atomic_store(&holder->ended, true);
    return NULL;
}

static void name_metrics(prj_holder *holder)
{
    cat_metrics *metrics = holder->options.metrics;
    if (!metrics)
        return;
    holder->lag = cat_metric_get(metrics, CAT_METRIC_GAUGE, "projector_fold_lag_events",
                                 "Events on the stream that are not folded yet", "environment");
    holder->rows = cat_metric_get(metrics, CAT_METRIC_GAUGE, "projector_fold_rows", "Rows of an Environment, tombstones included",
                                  "environment");
    holder->events = cat_metric_get(metrics, CAT_METRIC_COUNTER, "projector_fold_events_total", "Events folded", NULL);
    holder->poison = cat_metric_get(metrics, CAT_METRIC_COUNTER, "projector_fold_poison_total",
                                    "Events that went to the dead letters", "code");
    holder->failures = cat_metric_get(metrics, CAT_METRIC_COUNTER, "projector_fold_write_failures_total",
                                      "Batches that were not confirmed at once", "code");
    holder->latency = cat_metric_get(metrics, CAT_METRIC_HISTOGRAM, "projector_fold_latency_seconds",
                                     "From an event's time until its rows are stored", NULL);
}

static void folder_free(prj_holder *holder)
{
    pthread_mutex_destroy(&holder->working);
    pthread_mutex_destroy(&holder->writer.lock);
    pthread_cond_destroy(&holder->writer.changed);
    free(holder->organization);
    free(holder->environment);
    free(holder->holder);
    free(holder);
}

int prj_holder_start(const prj_holder_options *options, prj_holder **folder_made, cat_error *error)
{
    prj_holder *holder = cat_calloc(1, sizeof *holder);
    holder->options = *options;
    holder->organization = cat_strdup(options->organization);
    holder->environment = cat_strdup(options->environment);
    /* Unique, so that a restarted replica does not take its predecessor's batch for its own. */
    char id[CAT_ID_MAX];
    const cat_clock *clock = cat_clock_system();
    cat_id_make(clock->wall_ms(clock), id);
    holder->holder = cat_printf("%s/%s", options->holder, id);
    if (strcmp(options->environment, "_") == 0) {
        snprintf(holder->stream, sizeof holder->stream, "catalyst-events");
        snprintf(holder->bucket, sizeof holder->bucket, "catalyst-state");
    } else {
        cat_stream_of_environment(options->environment, holder->stream, sizeof holder->stream);
        cat_bucket_of_environment(options->environment, holder->bucket, sizeof holder->bucket);
    }
    name_metrics(holder);
    pthread_mutex_init(&holder->working, NULL);
    pthread_mutex_init(&holder->writer.lock, NULL);
    pthread_cond_init(&holder->writer.changed, NULL);
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, STACK_BYTES);
    int code = pthread_create(&holder->thread, &attributes, run, holder);
    pthread_attr_destroy(&attributes);
    if (code != 0) {
        folder_free(holder);
        return cat_error_set(error, CAT_E_LIMIT, "no thread for folding %s", options->environment);
    }
    *folder_made = holder;
    return 0;
}

bool prj_holder_is_running(prj_holder *holder)
{
    return !atomic_load(&holder->ended);
}

void prj_holder_halt(prj_holder *holder)
{
    atomic_store(&holder->stopping, true);
    pthread_mutex_lock(&holder->working);
    pthread_mutex_unlock(&holder->working);
    prj_holder_flush(holder, NULL);
}

void prj_holder_stop(prj_holder *holder)
{
    if (!holder)
        return;
    prj_holder_halt(holder);
    pthread_join(holder->thread, NULL);
    folder_free(holder);
}
