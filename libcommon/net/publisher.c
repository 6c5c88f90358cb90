/* Pipelined publishing. A message stays here until the server has spoken about it; what got no answer, or was under way when the connection
 * broke, is published again with the same id. One thread a publisher reads the answers, so that what refuses or waits holds nobody else's up. */
#include "base/log.h"
#include "base/random.h"
#include "net/spine_internal.h"

#define DEFAULT_PENDING 4096
#define DEFAULT_PENDING_BYTES (32u << 20)
#define MAX_PENDING 65536
#define ROOM_WAIT_MS 30000
#define ANSWER_WAIT_MS 5000
/* A server that has just started may not know its streams yet: this often nobody's answering is not taken for an answer. */
#define PATIENCE_ATTEMPTS 6
#define ANSWERS_AT_ONCE 64

typedef struct slot slot;
struct slot {
    natsMsg *message; /* NULL: free */
    size_t bytes;
    uint64_t serial;     /* rises with each message; in the reply subject, so that a late answer does not meet the slot's next message */
    uint64_t sent_epoch; /* 0: not sent yet */
    int64_t due_ms;      /* when it is published again */
    unsigned attempts, unanswered;
    slot *previous, *next; /* in the order of sending */
};

struct cat_publisher {
    cat_spine *spine;
    cat_publisher_options options;
    spine_listener listener;
    natsSubscription *answers;
    char inbox[SPINE_INBOX_MAX];
    size_t inbox_length;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t room, done;
    bool stopping;
    slot *slots, **free_slots;
    size_t free_count, pending, pending_bytes;
    slot *first, *last;
    uint64_t serial;
    uint64_t seen_epoch; /* the thread's */
};

static void link_last(cat_publisher *publisher, slot *item)
{
    item->previous = publisher->last;
    item->next = NULL;
    if (publisher->last)
        publisher->last->next = item;
    else
        publisher->first = item;
    publisher->last = item;
    publisher->pending++;
    publisher->pending_bytes += item->bytes;
}

static void settle(cat_publisher *publisher, slot *item)
{
    natsMsg_Destroy(item->message);
    item->message = NULL;
    if (item->previous)
        item->previous->next = item->next;
    else
        publisher->first = item->next;
    if (item->next)
        item->next->previous = item->previous;
    else
        publisher->last = item->previous;
    publisher->pending--;
    publisher->pending_bytes -= item->bytes;
    publisher->free_slots[publisher->free_count++] = item;
    pthread_cond_signal(&publisher->room);
    pthread_cond_broadcast(&publisher->done);
}

/* What cannot be sent now is due at once when the connection is new, else when its time comes. */
static void transmit(cat_publisher *publisher, slot *item)
{
    item->attempts++;
    item->due_ms = spine_now_ms() + ANSWER_WAIT_MS;
    item->sent_epoch = 0;
    if (!cat_spine_is_connected(publisher->spine))
        return;
    uint64_t epoch = publisher->spine->epoch;
    if (natsConnection_PublishMsg(publisher->spine->connection, item->message) == NATS_OK)
        item->sent_epoch = epoch;
}

static void retransmit(cat_publisher *publisher)
{
    if (!cat_spine_is_connected(publisher->spine))
        return;
    uint64_t epoch = publisher->spine->epoch;
    int64_t now_ms = spine_now_ms();
    for (slot *item = publisher->first; item; item = item->next) {
        bool lost = item->sent_epoch != epoch && !item->unanswered;
        if (lost || item->due_ms <= now_ms)
            transmit(publisher, item);
    }
}

static void try_later(slot *item)
{
    item->due_ms = spine_now_ms() + cat_backoff_ms(item->attempts, 50, 5000);
}

/* Runs on the publisher's thread, the lock held; only this thread settles, so the slot stays while the lock is given up for the callback. */
static void refused(cat_publisher *publisher, slot *item, const cat_error *why)
{
    bool again = why->code == CAT_E_UNAVAILABLE || why->code == CAT_E_PROTOCOL ||
                 (why->code == CAT_E_NOT_FOUND && item->unanswered < PATIENCE_ATTEMPTS);
    item->unanswered++;
    if (!again) {
        const char *id = NULL, *subject = natsMsg_GetSubject(item->message);
        natsMsgHeader_Get(item->message, "Nats-Msg-Id", &id);
        pthread_mutex_unlock(&publisher->lock);
        if (publisher->options.on_refused)
            again = publisher->options.on_refused(publisher->options.context, subject, id, why);
        else
            cat_log_error("a message was refused and is lost", CAT_FIELD("subject", subject), CAT_FIELD("id", id), CAT_FIELD_ERROR(why));
        pthread_mutex_lock(&publisher->lock);
    }
    if (again)
        try_later(item);
    else
        settle(publisher, item);
}

/* `inbox.SLOT.SERIAL`, in hex. NULL for an answer to what is settled already. */
static slot *slot_of(cat_publisher *publisher, const char *subject)
{
    if (strlen(subject) <= publisher->inbox_length + 1)
        return NULL;
    char *end = NULL;
    unsigned long index = strtoul(subject + publisher->inbox_length + 1, &end, 16);
    if (*end != '.' || index >= publisher->options.max_pending)
        return NULL;
    uint64_t serial = strtoull(end + 1, NULL, 16);
    slot *item = &publisher->slots[index];
    return item->message && item->serial == serial ? item : NULL;
}

static void take_answer(cat_publisher *publisher, natsMsg *answer)
{
    slot *item = slot_of(publisher, natsMsg_GetSubject(answer));
    if (!item)
        return;
    cat_error error = {0};
    if (spine_read_acknowledgement(answer, natsMsg_GetSubject(item->message), NULL, NULL, &error) == 0)
        settle(publisher, item);
    else
        refused(publisher, item, &error);
}

static size_t next_answers(cat_publisher *publisher, natsMsg **answers, int64_t wait_ms, bool *closed)
{
    natsStatus status = natsSubscription_NextMsg(&answers[0], publisher->answers, wait_ms);
    size_t count = status == NATS_OK;
    while (count && count < ANSWERS_AT_ONCE && natsSubscription_NextMsg(&answers[count], publisher->answers, 0) == NATS_OK)
        count++;
    *closed = status != NATS_OK && status != NATS_TIMEOUT && status != NATS_SLOW_CONSUMER;
    return count;
}

static void *read_answers(void *argument)
{
    cat_publisher *publisher = argument;
    natsMsg *answers[ANSWERS_AT_ONCE];
    int64_t looked_ms = 0;
    bool closed = false;
    pthread_mutex_lock(&publisher->lock);
    while (!publisher->stopping && !closed) {
        int64_t wait_ms = publisher->pending ? 100 : 2000;
        pthread_mutex_unlock(&publisher->lock);
        size_t count = next_answers(publisher, answers, wait_ms, &closed);
        pthread_mutex_lock(&publisher->lock);
        for (size_t i = 0; i < count; i++) {
            take_answer(publisher, answers[i]);
            natsMsg_Destroy(answers[i]);
        }
        uint64_t epoch = publisher->spine->epoch;
        int64_t now_ms = spine_now_ms();
        if (!publisher->stopping && (epoch != publisher->seen_epoch || now_ms - looked_ms >= 100)) {
            publisher->seen_epoch = epoch;
            looked_ms = now_ms;
            retransmit(publisher);
        }
    }
    pthread_mutex_unlock(&publisher->lock);
    nats_ReleaseThreadMemory();
    return NULL;
}

static void wake(void *context)
{
    cat_publisher *publisher = context;
    char subject[SPINE_INBOX_MAX + 8];
    snprintf(subject, sizeof(subject), "%s.wake.0", publisher->inbox);
    natsConnection_Publish(publisher->spine->connection, subject, NULL, 0);
}

cat_publisher *cat_publisher_create(cat_spine *spine, const cat_publisher_options *options)
{
    cat_publisher *publisher = cat_calloc(1, sizeof(*publisher));
    publisher->spine = spine;
    if (options)
        publisher->options = *options;
    size_t max = publisher->options.max_pending ? publisher->options.max_pending : DEFAULT_PENDING;
    publisher->options.max_pending = max < MAX_PENDING ? max : MAX_PENDING;
    if (!publisher->options.max_pending_bytes)
        publisher->options.max_pending_bytes = DEFAULT_PENDING_BYTES;
    publisher->slots = cat_calloc(publisher->options.max_pending, sizeof(slot));
    publisher->free_slots = cat_calloc(publisher->options.max_pending, sizeof(slot *));
    for (size_t i = publisher->options.max_pending; i > 0; i--)
        publisher->free_slots[publisher->free_count++] = &publisher->slots[i - 1];
    pthread_mutex_init(&publisher->lock, NULL);
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&publisher->room, &attributes);
    pthread_cond_init(&publisher->done, &attributes);
    pthread_condattr_destroy(&attributes);
    spine_inbox(spine, publisher->inbox);
    publisher->inbox_length = strlen(publisher->inbox);
    publisher->seen_epoch = spine->epoch;
    char subject[SPINE_INBOX_MAX + 8];
    snprintf(subject, sizeof(subject), "%s.*.*", publisher->inbox);
    /* It fails on a closed connection alone; then the thread ends at once, and every send says that there is no room. */
    if (natsConnection_SubscribeSync(&publisher->answers, spine->connection, subject) == NATS_OK)
        natsSubscription_SetPendingLimits(publisher->answers, -1, -1);
    publisher->listener = (spine_listener){.on_reconnect = wake, .context = publisher};
    spine_listen(spine, &publisher->listener);
    if (pthread_create(&publisher->thread, NULL, read_answers, publisher) != 0)
        abort();
    return publisher;
}

static struct timespec in_ms(int64_t ms)
{
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    at.tv_sec += ms / 1000;
    at.tv_nsec += (ms % 1000) * 1000000;
    if (at.tv_nsec >= 1000000000) {
        at.tv_sec++;
        at.tv_nsec -= 1000000000;
    }
    return at;
}

/* One message may be larger than all the room there is; then it goes alone. */
static bool has_room(const cat_publisher *publisher, size_t bytes)
{
    return publisher->free_count > 0 && (publisher->pending == 0 || publisher->pending_bytes + bytes <= publisher->options.max_pending_bytes);
}

static int make_message(cat_publisher *publisher, const cat_publication *publication, slot *item, cat_error *error)
{
    char reply[SPINE_INBOX_MAX + 40], id[48];
    item->serial = ++publisher->serial;
    snprintf(reply, sizeof(reply), "%s.%zx.%llx", publisher->inbox, (size_t)(item - publisher->slots), (unsigned long long)item->serial);
    cat_publication wanted = *publication;
    if (!wanted.message_id) {
        /* Without an id of its own a second sending would be a second message. */
        snprintf(id, sizeof(id), "%s-%llx", publisher->spine->unique, (unsigned long long)publisher->spine->counter++);
        wanted.message_id = id;
    }
    natsStatus status = spine_message_make(&wanted, reply, NULL, &item->message);
    if (status != NATS_OK)
        return spine_status_error(status, error, "publishing on %s", publication->subject);
    return 0;
}

int cat_publisher_send(cat_publisher *publisher, const cat_publication *publication, cat_error *error)
{
    int result = spine_check_publication(publication, error);
    if (result < 0)
        return result;
    size_t bytes = publication->length + strlen(publication->subject) + 256;
    struct timespec until = in_ms(ROOM_WAIT_MS);
    pthread_mutex_lock(&publisher->lock);
    bool room = has_room(publisher, bytes);
    while (!room && pthread_cond_timedwait(&publisher->room, &publisher->lock, &until) == 0)
        room = has_room(publisher, bytes);
    if (!room) {
        pthread_mutex_unlock(&publisher->lock);
        return cat_error_set(error, CAT_E_UNAVAILABLE, "the spine has not taken %zu messages for %d s", publisher->options.max_pending,
                             ROOM_WAIT_MS / 1000);
    }
    slot *item = publisher->free_slots[publisher->free_count - 1];
    *item = (slot){.bytes = bytes};
    result = make_message(publisher, publication, item, error);
    if (result == 0) {
        publisher->free_count--;
        link_last(publisher, item);
        transmit(publisher, item);
    }
    pthread_mutex_unlock(&publisher->lock);
    return result;
}

int cat_publisher_flush(cat_publisher *publisher, int64_t timeout_ms, cat_error *error)
{
    struct timespec until = in_ms(timeout_ms);
    pthread_mutex_lock(&publisher->lock);
    uint64_t mark = publisher->serial;
    bool settled = !publisher->first || publisher->first->serial > mark;
    while (!settled && pthread_cond_timedwait(&publisher->done, &publisher->lock, &until) == 0)
        settled = !publisher->first || publisher->first->serial > mark;
    size_t left = publisher->pending;
    pthread_mutex_unlock(&publisher->lock);
    if (!settled)
        return cat_error_set(error, CAT_E_TIMEOUT, "%zu messages are still not stored", left);
    return 0;
}

size_t cat_publisher_pending(cat_publisher *publisher)
{
    pthread_mutex_lock(&publisher->lock);
    size_t pending = publisher->pending;
    pthread_mutex_unlock(&publisher->lock);
    return pending;
}

void cat_publisher_destroy(cat_publisher *publisher)
{
    if (!publisher)
        return;
    spine_unlisten(publisher->spine, &publisher->listener);
    pthread_mutex_lock(&publisher->lock);
    publisher->stopping = true;
    pthread_mutex_unlock(&publisher->lock);
    natsSubscription_Unsubscribe(publisher->answers);
    pthread_join(publisher->thread, NULL);
    natsSubscription_Destroy(publisher->answers);
    while (publisher->first)
        settle(publisher, publisher->first);
    pthread_cond_destroy(&publisher->done);
    pthread_cond_destroy(&publisher->room);
    pthread_mutex_destroy(&publisher->lock);
    free(publisher->free_slots);
    free(publisher->slots);
    free(publisher);
}
