/* Pipelined publishing. A message stays here until the server has spoken about it; what got no answer, or was under way when the
 * connection broke, is published again with the same id.
 *
 * Three kinds of threads meet here. Senders publish; nats.c's thread takes the answers and never waits; the publisher's own
 * thread sends again and asks about what was refused. `sending` keeps the order of what goes out and may be held while the socket
 * blocks; `lock` guards the rest and is held briefly; `sending` is taken first. A slot that is `busy` is read without the lock:
 * whoever settles it then leaves that to the one who made it so. */
#include "base/condition.h"
#include "base/log.h"
#include "base/random.h"
#include "net/spine_internal.h"

#define DEFAULT_PENDING 4096
#define DEFAULT_PENDING_BYTES (32u << 20)
#define MAX_PENDING 65536
#define ROOM_WAIT_MS 30000
#define ANSWER_WAIT_MS 5000
#define LOOK_MS 100
/* A server that has just started may not know its streams yet: this often nobody's answering is not taken for an answer. */
#define PATIENCE_ATTEMPTS 6

typedef struct slot slot;
struct slot {
    natsMsg *message; /* NULL: free */
    size_t bytes;
    uint64_t
        serial; /* rises with each message; in the reply subject, so that a late answer does not meet the slot's next message */
    uint64_t sent_epoch; /* the connection that it went out on; 0: none yet */
    int64_t due_ms;      /* when it is published again */
    unsigned refusals;
    bool busy, settled;
    cat_error *why;        /* refused, and the publisher's thread has to see to it */
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
    pthread_mutex_t sending;
    uint64_t serial;      /* under `sending` */
    uint64_t seen_epoch;  /* under `sending`: what was lost with older connections was sent again */
    pthread_mutex_t lock; /* of all below */
    pthread_cond_t room, done, work;
    bool stopping, completed;
    slot *slots, **free_slots;
    size_t free_count, pending_bytes;
    slot *first, *last;
    uint64_t newest; /* serial of the last one in the list */
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
    publisher->newest = item->serial;
}

static void unlink_slot(cat_publisher *publisher, slot *item)
{
    if (item->previous)
        item->previous->next = item->next;
    else
        publisher->first = item->next;
    if (item->next)
        item->next->previous = item->previous;
    else
        publisher->last = item->previous;
}

static void give_back(cat_publisher *publisher, slot *item)
{
    natsMsg_Destroy(item->message);
    free(item->why);
    publisher->pending_bytes -= item->bytes;
    *item = (slot){0};
    publisher->free_slots[publisher->free_count++] = item;
    pthread_cond_signal(&publisher->room);
    pthread_cond_broadcast(&publisher->done);
}

static void settle(cat_publisher *publisher, slot *item)
{
    item->settled = true;
    if (item->busy)
        return;
    unlink_slot(publisher, item);
    give_back(publisher, item);
}

static void release(cat_publisher *publisher, slot *item)
{
    item->busy = false;
    if (item->settled)
        settle(publisher, item);
}

/* The client's own refusal of what the server would not take; no answer will come. Without `lock`. */
static void refuse(cat_publisher *publisher, slot *item)
{
    cat_error error = {0};
    spine_status_error(NATS_MAX_PAYLOAD, &error, "a message of %zu bytes", item->bytes);
    pthread_mutex_lock(&publisher->lock);
    if (!item->why)
        item->why = cat_memdup(&error, sizeof(error));
    pthread_cond_signal(&publisher->work);
    pthread_mutex_unlock(&publisher->lock);
}

/* Holding `sending` and not `lock`; the slot is busy. */
static void transmit(cat_publisher *publisher, slot *item, uint64_t epoch)
{
    natsStatus status = cat_spine_is_connected(publisher->spine)
                            ? natsConnection_PublishMsg(publisher->spine->connection, item->message)
                            : NATS_CONNECTION_DISCONNECTED;
    item->sent_epoch = status == NATS_OK ? epoch : 0;
    item->due_ms = spine_now_ms() + ANSWER_WAIT_MS;
    if (status == NATS_MAX_PAYLOAD)
        refuse(publisher, item);
}

/* Holding `sending` and `lock`, which it gives up for each that it sends: senders wait meanwhile, so that the order stays. */
static void retransmit(cat_publisher *publisher)
{
    uint64_t epoch = publisher->spine->epoch;
    if (!cat_spine_is_connected(publisher->spine))
        return;
    for (slot *item = publisher->first; item;) {
        bool lost = item->sent_epoch != epoch && item->refusals == 0;
        bool due = !item->why && !item->settled && !item->busy && (lost || item->due_ms <= spine_now_ms());
        if (due) {
            item->busy = true;
            pthread_mutex_unlock(&publisher->lock);
            transmit(publisher, item, epoch);
            pthread_mutex_lock(&publisher->lock);
        }
        slot *next = item->next;
        if (due)
            release(publisher, item);
        item = next;
    }
    publisher->seen_epoch = epoch;
}

/* Holding `lock`, given up for the callback. true: try again. */
static bool ask_about(cat_publisher *publisher, slot *item)
{
    const cat_error why = *item->why;
    item->refusals++;
    if (why.code == CAT_E_UNAVAILABLE || why.code == CAT_E_PROTOCOL ||
        (why.code == CAT_E_NOT_FOUND && item->refusals < PATIENCE_ATTEMPTS))
        return true;
    const char *id = NULL, *subject = natsMsg_GetSubject(item->message);
    natsMsgHeader_Get(item->message, "Nats-Msg-Id", &id);
    bool again = false;
    pthread_mutex_unlock(&publisher->lock);
    if (publisher->options.on_refused)
        again = publisher->options.on_refused(publisher->options.context, subject, id, &why);
    else
        cat_log_error("a message was refused and is lost", CAT_FIELD("subject", subject), CAT_FIELD("id", id),
                      CAT_FIELD_ERROR(&why));
    pthread_mutex_lock(&publisher->lock);
    return again;
}

static void see_to_refused(cat_publisher *publisher)
{
    for (slot *item = publisher->first; item;) {
        bool refused = item->why && !item->busy;
        if (refused) {
            item->busy = true;
            bool again = ask_about(publisher, item);
            free(cat_take(item->why));
            item->due_ms = spine_now_ms() + cat_backoff_ms(item->refusals - 1, 50, 5000);
            if (!again)
                item->settled = true;
        }
        slot *next = item->next;
        if (refused)
            release(publisher, item);
        item = next;
    }
}

static void *tend(void *argument)
{
    cat_publisher *publisher = argument;
    pthread_mutex_lock(&publisher->lock);
    while (!publisher->stopping) {
        see_to_refused(publisher);
        pthread_mutex_unlock(&publisher->lock);
        pthread_mutex_lock(&publisher->sending);
        pthread_mutex_lock(&publisher->lock);
        retransmit(publisher);
        pthread_mutex_unlock(&publisher->sending);
        if (publisher->stopping)
            break;
        if (publisher->first)
            cat_condition_wait(&publisher->work, &publisher->lock, cat_deadline_after_ms(LOOK_MS));
        else
            pthread_cond_wait(&publisher->work, &publisher->lock);
    }
    pthread_mutex_unlock(&publisher->lock);
    nats_ReleaseThreadMemory();
    return NULL;
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
    return item->message && item->serial == serial && !item->settled ? item : NULL;
}

static void take_answer(natsConnection *connection, natsSubscription *subscription, natsMsg *answer, void *context)
{
    (void)connection;
    (void)subscription;
    cat_publisher *publisher = context;
    cat_error error = {0};
    int result = spine_read_acknowledgement(answer, "the message", NULL, NULL, &error);
    pthread_mutex_lock(&publisher->lock);
    slot *item = slot_of(publisher, natsMsg_GetSubject(answer));
    if (item && result == 0) {
        settle(publisher, item);
    } else if (item && !item->why) {
        item->why = cat_memdup(&error, sizeof(error));
        pthread_cond_signal(&publisher->work);
    }
    pthread_mutex_unlock(&publisher->lock);
    natsMsg_Destroy(answer);
}

static void when_completed(void *context)
{
    cat_publisher *publisher = context;
    pthread_mutex_lock(&publisher->lock);
    publisher->completed = true;
    pthread_cond_broadcast(&publisher->done);
    pthread_mutex_unlock(&publisher->lock);
}

static void wake(void *context)
{
    cat_publisher *publisher = context;
    pthread_mutex_lock(&publisher->lock);
    pthread_cond_signal(&publisher->work);
    pthread_mutex_unlock(&publisher->lock);
}

static void listen_for_answers(cat_publisher *publisher)
{
    char subject[SPINE_INBOX_MAX + 8];
    spine_inbox(publisher->spine, publisher->inbox);
    publisher->inbox_length = strlen(publisher->inbox);
    snprintf(subject, sizeof(subject), "%s.*.*", publisher->inbox);
    /* It fails on a closed connection alone: then no answer comes, and sends find no room. */
    if (natsConnection_Subscribe(&publisher->answers, publisher->spine->connection, subject, take_answer, publisher) != NATS_OK) {
        publisher->completed = true;
        return;
    }
    natsSubscription_SetPendingLimits(publisher->answers, -1, -1);
    natsSubscription_SetOnCompleteCB(publisher->answers, when_completed, publisher);
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
    pthread_mutex_init(&publisher->sending, NULL);
    pthread_mutex_init(&publisher->lock, NULL);
    cat_condition_init(&publisher->room);
    cat_condition_init(&publisher->done);
    cat_condition_init(&publisher->work);
    publisher->seen_epoch = spine->epoch;
    listen_for_answers(publisher);
    publisher->listener = (spine_listener){.on_reconnect = wake, .context = publisher};
    spine_listen(spine, &publisher->listener);
    if (pthread_create(&publisher->thread, NULL, tend, publisher) != 0)
        abort();
    return publisher;
}

/* One message may be larger than all the room there is; then it goes alone. */
static bool has_room(const cat_publisher *publisher, size_t bytes)
{
    bool alone = publisher->free_count == publisher->options.max_pending;
    return publisher->free_count > 0 && (alone || publisher->pending_bytes + bytes <= publisher->options.max_pending_bytes);
}

/* NULL when there is no room for too long. */
static slot *wait_for_room(cat_publisher *publisher, size_t bytes)
{
    slot *item = NULL;
    pthread_mutex_lock(&publisher->lock);
    bool room = has_room(publisher, bytes);
    if (!room) {
        int64_t until_ms = cat_deadline_after_ms(ROOM_WAIT_MS);
        while (!room && cat_condition_wait(&publisher->room, &publisher->lock, until_ms))
            room = has_room(publisher, bytes);
    }
    if (room) {
        item = publisher->free_slots[--publisher->free_count];
        publisher->pending_bytes += bytes;
        item->bytes = bytes;
        /* A wake-up that found more room than it used is passed on. */
        if (has_room(publisher, 0))
            pthread_cond_signal(&publisher->room);
    }
    pthread_mutex_unlock(&publisher->lock);
    return item;
}

static natsStatus make_message(cat_publisher *publisher, const cat_publication *publication, slot *item, natsMsg **message)
{
    char reply[SPINE_INBOX_MAX + 40], id[48];
    snprintf(reply, sizeof(reply), "%s.%zx.%llx", publisher->inbox, (size_t)(item - publisher->slots),
             (unsigned long long)publisher->serial);
    cat_publication wanted = *publication;
    if (!wanted.message_id) {
        /* Without an id of its own a second sending would be a second message. */
        snprintf(id, sizeof(id), "%s-%llx", publisher->spine->unique, (unsigned long long)publisher->spine->counter++);
        wanted.message_id = id;
    }
    return spine_message_make(&wanted, reply, NULL, message);
}

static natsStatus send_in_order(cat_publisher *publisher, const cat_publication *publication, slot *item)
{
    natsMsg *message = NULL;
    publisher->serial++;
    natsStatus status = make_message(publisher, publication, item, &message);
    pthread_mutex_lock(&publisher->lock);
    if (status != NATS_OK) {
        give_back(publisher, item);
        pthread_mutex_unlock(&publisher->lock);
        return status;
    }
    item->message = message;
    item->serial = publisher->serial;
    item->busy = true;
    if (!publisher->first)
        pthread_cond_signal(&publisher->work); /* the publisher's thread sleeps while nothing is pending */
    link_last(publisher, item);
    pthread_mutex_unlock(&publisher->lock);
    /* On a new connection what went before is sent again first, by the publisher's thread, and this with it. */
    uint64_t epoch = publisher->spine->epoch;
    if (epoch == publisher->seen_epoch)
        transmit(publisher, item, epoch);
    pthread_mutex_lock(&publisher->lock);
    release(publisher, item);
    pthread_mutex_unlock(&publisher->lock);
    return NATS_OK;
}

int cat_publisher_send(cat_publisher *publisher, const cat_publication *publication, cat_error *error)
{
    int result = spine_check_publication(publication, error);
    if (result < 0)
        return result;
    slot *item = wait_for_room(publisher, publication->length + strlen(publication->subject) + 256);
    if (!item)
        return cat_error_set_peer(error, CAT_PEER_SPINE, CAT_E_UNAVAILABLE,
                                  "the spine has not taken what was sent to it for %d s", ROOM_WAIT_MS / 1000);
    pthread_mutex_lock(&publisher->sending);
    natsStatus status = send_in_order(publisher, publication, item);
    pthread_mutex_unlock(&publisher->sending);
    return status == NATS_OK ? 0 : spine_status_error(status, error, "publishing on %s", publication->subject);
}

int cat_publisher_flush(cat_publisher *publisher, int64_t timeout_ms, cat_error *error)
{
    int64_t until_ms = cat_deadline_after_ms(timeout_ms);
    pthread_mutex_lock(&publisher->lock);
    uint64_t mark = publisher->newest;
    bool settled = !publisher->first || publisher->first->serial > mark;
    while (!settled && cat_condition_wait(&publisher->done, &publisher->lock, until_ms))
        settled = !publisher->first || publisher->first->serial > mark;
    size_t left = publisher->options.max_pending - publisher->free_count;
    pthread_mutex_unlock(&publisher->lock);
    if (!settled)
        return cat_error_set_peer(error, CAT_PEER_SPINE, CAT_E_TIMEOUT, "%zu messages are still not stored", left);
    return 0;
}

size_t cat_publisher_pending(cat_publisher *publisher)
{
    pthread_mutex_lock(&publisher->lock);
    size_t pending = publisher->options.max_pending - publisher->free_count;
    pthread_mutex_unlock(&publisher->lock);
    return pending;
}

static void stop_listening(cat_publisher *publisher)
{
    natsSubscription_Unsubscribe(publisher->answers);
    pthread_mutex_lock(&publisher->lock);
    while (!publisher->completed)
        pthread_cond_wait(&publisher->done, &publisher->lock);
    pthread_mutex_unlock(&publisher->lock);
    natsSubscription_Destroy(publisher->answers);
}

void cat_publisher_destroy(cat_publisher *publisher)
{
    if (!publisher)
        return;
    spine_unlisten(publisher->spine, &publisher->listener);
    pthread_mutex_lock(&publisher->lock);
    publisher->stopping = true;
    pthread_cond_broadcast(&publisher->work);
    pthread_mutex_unlock(&publisher->lock);
    pthread_join(publisher->thread, NULL);
    stop_listening(publisher);
    while (publisher->first)
        settle(publisher, publisher->first);
    pthread_cond_destroy(&publisher->work);
    pthread_cond_destroy(&publisher->done);
    pthread_cond_destroy(&publisher->room);
    pthread_mutex_destroy(&publisher->lock);
    pthread_mutex_destroy(&publisher->sending);
    free(publisher->free_slots);
    free(publisher->slots);
    free(publisher);
}
