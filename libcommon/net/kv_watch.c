/* Watching a bucket: an ordered consumer of our own, without acks, in memory, on one server, and a thread that pulls from it.
 * Whatever may have been lost (a gap in the consumer's count, a new connection, silence) leads to a new consumer that starts
 * behind the last revision given. */
#include "base/condition.h"
#include "base/random.h"
#include "net/spine_internal.h"

#define WANT 512
#define EXPIRES_MS 60000
#define WAIT_MS 120000

struct cat_kv_watch {
    cat_spine *spine;
    spine_bucket names;
    char filter[CAT_SUBJECT_MAX];
    cat_kv_watch_handlers handlers;
    pthread_t thread;
    pthread_mutex_t lock; /* of the two below */
    pthread_cond_t stopped;
    bool stopping;
    cat_consumer *consumer;
    /* The thread's alone. */
    char incarnation[40];
    uint64_t given;             /* everything up to this revision was given */
    uint64_t floor;             /* the last revision when the consumer was made */
    uint64_t consumer_sequence; /* of the last message */
    bool ready, reset;
    int64_t contact_ms; /* when the server was last heard of this bucket */
};

static bool is_stopping(cat_kv_watch *watch)
{
    pthread_mutex_lock(&watch->lock);
    bool stopping = watch->stopping;
    pthread_mutex_unlock(&watch->lock);
    return stopping;
}

/* Waits, but not longer than until the watch is stopped. */
static void pause_ms(cat_kv_watch *watch, int64_t ms)
{
    int64_t until_ms = cat_deadline_after_ms(ms);
    pthread_mutex_lock(&watch->lock);
    while (!watch->stopping && cat_condition_wait(&watch->stopped, &watch->lock, until_ms))
        ;
    pthread_mutex_unlock(&watch->lock);
}

static void drop_consumer(cat_kv_watch *watch)
{
    pthread_mutex_lock(&watch->lock);
    cat_consumer *consumer = cat_take(watch->consumer);
    pthread_mutex_unlock(&watch->lock);
    cat_consumer_destroy(consumer);
}

/* A bucket that was made anew, went backwards, or has forgotten deletions that we never saw cannot be continued. */
static bool must_reset(const cat_kv_watch *watch, const spine_stream_state *state)
{
    if (watch->incarnation[0] && strcmp(watch->incarnation, state->info.incarnation) != 0)
        return true;
    if (watch->given > state->info.last_sequence)
        return true;
    return watch->given > 0 && state->marker_ttl_ms > 0 && spine_now_ms() - watch->contact_ms >= state->marker_ttl_ms;
}

static int make_consumer(cat_kv_watch *watch, cat_error *error)
{
    cat_consumer_options options = {.stream = watch->names.stream,
                                    .filters = {watch->filter},
                                    .start_sequence = watch->given ? watch->given + 1 : 0,
                                    .last_per_subject = watch->given == 0,
                                    .no_ack = true,
                                    .memory = true};
    cat_consumer *consumer = NULL;
    int result = cat_consumer_create(watch->spine, &options, &consumer, error);
    if (result < 0)
        return result;
    watch->consumer_sequence = 0;
    pthread_mutex_lock(&watch->lock);
    watch->consumer = consumer;
    if (watch->stopping)
        spine_consumer_interrupt(consumer);
    pthread_mutex_unlock(&watch->lock);
    return 0;
}

static void become_ready(cat_kv_watch *watch)
{
    if (watch->floor > watch->given)
        watch->given = watch->floor;
    if (!watch->ready && watch->handlers.on_ready)
        watch->handlers.on_ready(watch->handlers.context, watch->given);
    watch->ready = true;
}

static int open_bucket(cat_kv_watch *watch, cat_error *error)
{
    spine_stream_state state;
    int result = spine_stream_state_get(watch->spine, watch->names.stream, &state, error);
    if (result < 0)
        return result;
    if (must_reset(watch, &state)) {
        watch->reset = true;
        watch->given = 0;
        watch->ready = false;
    }
    snprintf(watch->incarnation, sizeof(watch->incarnation), "%s", state.info.incarnation);
    watch->floor = state.info.last_sequence;
    result = make_consumer(watch, error);
    if (result == 0)
        watch->contact_ms = spine_now_ms();
    return result;
}

/* false: the consumer cannot be gone on with. */
static bool take(cat_kv_watch *watch, natsMsg *message)
{
    spine_delivery delivery = {0};
    cat_auto(cat_kv_entry) entry = {0};
    bool well = spine_kv_entry_of(&watch->names, message, &delivery, &entry) &&
                delivery.consumer_sequence == watch->consumer_sequence + 1;
    natsMsg_Destroy(message);
    if (!well)
        return false;
    watch->consumer_sequence++;
    watch->contact_ms = spine_now_ms();
    if (watch->handlers.on_entry)
        watch->handlers.on_entry(watch->handlers.context, &entry);
    watch->given = entry.revision;
    if (delivery.pending == 0 && !watch->ready)
        become_ready(watch);
    return true;
}

/* Until the consumer is lost or the watch stopped. Returns true when something came. */
static bool follow(cat_kv_watch *watch)
{
    if (watch->consumer->pending_at_start == 0)
        become_ready(watch);
    spine_pull_plan plan = {
        .want = WANT, .refill_below = WANT / 2, .expires_ms = EXPIRES_MS, .heartbeat = true, .fail_on_reconnect = true};
    bool came = false;
    for (;;) {
        natsMsg *message = NULL;
        int result = spine_pull(watch->consumer, &plan, spine_now_ms() + WAIT_MS, &message, NULL);
        if (result < 0 || is_stopping(watch)) {
            natsMsg_Destroy(message);
            return came;
        }
        if (result > 0 && !take(watch, message))
            return came;
        came = came || result > 0;
        if (result == 0 && cat_spine_is_connected(watch->spine))
            watch->contact_ms = spine_now_ms();
    }
}

static void *run(void *argument)
{
    cat_kv_watch *watch = argument;
    unsigned failures = 0;
    bool first = true;
    while (!is_stopping(watch)) {
        int result = first ? 0 : open_bucket(watch, NULL);
        first = false;
        if (watch->reset && watch->handlers.on_reset)
            watch->handlers.on_reset(watch->handlers.context);
        watch->reset = false;
        if (result == 0 && follow(watch))
            failures = 0;
        drop_consumer(watch);
        if (!is_stopping(watch))
            pause_ms(watch, cat_backoff_ms(failures++, 20, 3000));
    }
    nats_ReleaseThreadMemory();
    return NULL;
}

static void free_watch(cat_kv_watch *watch)
{
    cat_consumer_destroy(watch->consumer);
    pthread_cond_destroy(&watch->stopped);
    pthread_mutex_destroy(&watch->lock);
    free(watch);
}

int cat_kv_watch_start(cat_spine *spine, const char *bucket, const char *filter, uint64_t from_revision,
                       const cat_kv_watch_handlers *handlers, cat_kv_watch **watch, cat_error *error)
{
    cat_kv_watch *made = cat_calloc(1, sizeof(*made));
    made->spine = spine;
    made->handlers = *handlers;
    made->given = from_revision ? from_revision - 1 : 0;
    made->contact_ms = spine_now_ms();
    pthread_mutex_init(&made->lock, NULL);
    cat_condition_init(&made->stopped);
    cat_error local = {0};
    int result = spine_bucket_of(bucket, &made->names, &local);
    if (result == 0)
        result = spine_bucket_filter(&made->names, filter, made->filter, &local);
    if (result == 0)
        result = open_bucket(made, &local);
    if (result < 0) {
        free_watch(made);
        return cat_error_copy(error, &local);
    }
    if (pthread_create(&made->thread, NULL, run, made) != 0)
        abort();
    *watch = made;
    return 0;
}

void cat_kv_watch_stop(cat_kv_watch *watch)
{
    if (!watch)
        return;
    pthread_mutex_lock(&watch->lock);
    watch->stopping = true;
    if (watch->consumer)
        spine_consumer_interrupt(watch->consumer);
    pthread_cond_broadcast(&watch->stopped);
    pthread_mutex_unlock(&watch->lock);
    pthread_join(watch->thread, NULL);
    free_watch(watch);
}
