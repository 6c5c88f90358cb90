/* Pulling. What nats.c's own calls get wrong is mostly counting: here every message that was asked for is outstanding until it
 * came, until the server said how many will not come, or until the request's time is over. */
#include "net/spine_internal.h"

/* At most half of a request's time. Hundreds of watches lie idle: rarely is cheap. */
#define HEARTBEAT_MS 15000
/* How long after its end the server may take to say that a request is over. */
#define GRACE_MS 500
/* A request for less time than this is not worth sending. */
#define LEAST_MS 5
#define NANOSECONDS(ms) ((ms)*INT64_C(1000000))

static natsStatus ask_for_messages(cat_consumer *consumer, const spine_pull_plan *plan, int64_t expires_ms)
{
    char subject[300], reply[SPINE_INBOX_MAX + 24], body[160];
    snprintf(subject, sizeof(subject), SPINE_API "CONSUMER.MSG.NEXT.%s.%s", consumer->stream, consumer->name);
    snprintf(reply, sizeof(reply), "%s.%llx", consumer->inbox_subject, (unsigned long long)++consumer->pulls);
    size_t count = plan->want - consumer->outstanding;
    int length;
    if (expires_ms <= 0)
        length = snprintf(body, sizeof(body), "{\"batch\":%zu,\"max_bytes\":%d,\"no_wait\":true}", count, SPINE_PULL_MAX_BYTES);
    else
        length = snprintf(body, sizeof(body), "{\"batch\":%zu,\"max_bytes\":%d,\"expires\":%lld,\"idle_heartbeat\":%lld}", count,
                          SPINE_PULL_MAX_BYTES, (long long)NANOSECONDS(expires_ms),
                          plan->heartbeat ? (long long)NANOSECONDS(HEARTBEAT_MS) : 0LL);
    natsStatus status = natsConnection_PublishRequest(consumer->spine->connection, subject, reply, body, length);
    if (status == NATS_OK) {
        consumer->outstanding += count;
        consumer->outstanding_until_ms = spine_now_ms() + (expires_ms > 0 ? expires_ms : 0) + GRACE_MS;
    }
    return status;
}

/* "503" for a pull: no such consumer, no such stream, or a JetStream that is not there yet. */
static int why_nobody(cat_consumer *consumer, cat_error *error)
{
    char subject[280];
    snprintf(subject, sizeof(subject), "CONSUMER.INFO.%s.%s", consumer->stream, consumer->name);
    cat_error local = {0};
    int result = spine_api(consumer->spine, subject, NULL, NULL, &local);
    if (result == 0)
        return cat_error_set_peer(error, CAT_PEER_SPINE, CAT_E_UNAVAILABLE,
                                  "stream %s did not take a request, but its consumer is there", consumer->stream);
    cat_error_copy(error, &local);
    return result;
}

/* A message to the inbox itself: a word of the server about requests, or our own wake-up. 0, or the error that it means. */
static int take_status(cat_consumer *consumer, natsMsg *message, cat_error *error)
{
    const char *status = NULL, *description = NULL, *left = NULL;
    natsMsgHeader_Get(message, "Status", &status);
    natsMsgHeader_Get(message, "Description", &description);
    natsMsgHeader_Get(message, "Nats-Pending-Messages", &left);
    if (!status || strcmp(status, "100") == 0)
        return 0;
    long long missing = 0;
    if (left && cat_text_to_int64(left, 0, INT32_MAX, &missing) && (size_t)missing <= consumer->outstanding)
        consumer->outstanding -= (size_t)missing;
    else
        consumer->outstanding = 0;
    if (strcmp(status, "404") == 0 || strcmp(status, "408") == 0)
        return 0;
    const char *says = description ? description : "";
    if (strcmp(status, "409") == 0 && strstr(says, "Consumer Deleted"))
        return cat_error_set(error, CAT_E_NOT_FOUND, "the consumer on stream %s was deleted", consumer->stream);
    if (strcmp(status, "409") == 0 && (strstr(says, "MaxBytes") || strstr(says, "Leadership") || strstr(says, "Completed")))
        return 0;
    if (strcmp(status, "409") == 0)
        return cat_error_set_peer(error, CAT_PEER_SPINE, CAT_E_UNAVAILABLE, "stream %s: %s", consumer->stream, says);
    return cat_error_set_peer(error, CAT_PEER_SPINE, CAT_E_PROTOCOL, "stream %s answers %s %s", consumer->stream, status, says);
}

static bool is_status(const cat_consumer *consumer, natsMsg *message)
{
    const char *subject = natsMsg_GetSubject(message);
    return strncmp(subject, consumer->inbox_subject, consumer->inbox_length) == 0 && subject[consumer->inbox_length] == '.';
}

int spine_pull_ask(cat_consumer *consumer, spine_pull_plan *plan, int64_t deadline_ms, cat_error *error)
{
    uint64_t epoch = consumer->spine->epoch;
    int64_t now_ms = spine_now_ms();
    if (epoch != consumer->epoch) {
        consumer->epoch = epoch;
        consumer->outstanding = 0;
        consumer->heard_ms = now_ms;
        plan->asked = false;
        if (plan->fail_on_reconnect)
            return cat_error_set_peer(error, CAT_PEER_SPINE, CAT_E_UNAVAILABLE, "the connection is a new one");
    }
    if (!cat_spine_is_connected(consumer->spine)) {
        consumer->heard_ms = now_ms;
        return 0;
    }
    if (plan->heartbeat && consumer->outstanding && now_ms - consumer->heard_ms > 3 * HEARTBEAT_MS)
        return cat_error_set_peer(error, CAT_PEER_SPINE, CAT_E_UNAVAILABLE, "stream %s has been silent for %d s",
                                  consumer->stream, 3 * HEARTBEAT_MS / 1000);
    if (consumer->outstanding && now_ms > consumer->outstanding_until_ms)
        consumer->outstanding = 0;
    bool enough = consumer->outstanding > 0 && consumer->outstanding >= plan->refill_below;
    int64_t left_ms = deadline_ms - now_ms;
    if (enough || (plan->asked && left_ms <= LEAST_MS))
        return 0;
    if (!consumer->outstanding)
        consumer->heard_ms = now_ms;
    natsStatus status = ask_for_messages(consumer, plan, plan->expires_ms > 0 ? plan->expires_ms : left_ms);
    plan->asked = true;
    return status == NATS_OK ? 0 : spine_status_error(status, error, "pulling from stream %s", consumer->stream);
}

/* How long the next message may take: to the deadline, and a grace for the server's word that the request is over. */
static int64_t wait_of(const cat_consumer *consumer, const spine_pull_plan *plan, int64_t deadline_ms)
{
    int64_t now_ms = spine_now_ms(), left_ms = deadline_ms - now_ms;
    if (consumer->outstanding && plan->expires_ms <= 0 && cat_spine_is_connected(consumer->spine))
        left_ms = consumer->outstanding_until_ms - now_ms;
    int64_t most_ms = plan->heartbeat ? HEARTBEAT_MS + GRACE_MS : left_ms;
    if (left_ms > most_ms)
        left_ms = most_ms;
    return left_ms > 0 ? left_ms : 0;
}

int spine_pull(cat_consumer *consumer, spine_pull_plan *plan, int64_t deadline_ms, natsMsg **message, cat_error *error)
{
    for (int64_t wait_ms = 0;;) {
        natsMsg *found = NULL;
        natsStatus status = natsSubscription_NextMsg(&found, consumer->inbox, wait_ms);
        if (status == NATS_OK && !is_status(consumer, found)) {
            consumer->heard_ms = spine_now_ms();
            if (consumer->outstanding)
                consumer->outstanding--;
            *message = found;
            return 1;
        }
        int result = 0;
        if (status == NATS_OK) {
            consumer->heard_ms = spine_now_ms();
            result = take_status(consumer, found, error);
            natsMsg_Destroy(found);
        } else if (status == NATS_NO_RESPONDERS) {
            /* nats.c keeps that message to itself. */
            result = why_nobody(consumer, error);
        } else if (status != NATS_TIMEOUT) {
            return cat_error_set(error, CAT_E_CANCELLED, "stream %s: the subscription has ended", consumer->stream);
        }
        if (result == 0)
            result = spine_pull_ask(consumer, plan, deadline_ms, error);
        if (result < 0) {
            consumer->outstanding = 0;
            return result;
        }
        wait_ms = wait_of(consumer, plan, deadline_ms);
        if (wait_ms == 0 && spine_now_ms() >= deadline_ms && status != NATS_OK)
            return 0;
    }
}

/* $JS.ACK.{stream}.{consumer}.{delivered}.{stream sequence}.{consumer sequence}.{time}.{pending}; newer servers put domain and
 * account in front of the stream and may add a token behind. */
bool spine_delivery_parse(const char *reply, spine_delivery *delivery)
{
    static const char PREFIX[] = "$JS.ACK.";
    if (!reply || strncmp(reply, PREFIX, sizeof(PREFIX) - 1) != 0)
        return false;
    const char *tokens[16];
    size_t count = 0;
    for (const char *at = reply; at && count < 16; count++) {
        tokens[count] = at;
        at = strchr(at, '.');
        at = at ? at + 1 : NULL;
    }
    if (count < 9 || count == 10)
        return false;
    size_t first = count >= 11 ? 6 : 4;
    uint64_t numbers[5];
    for (size_t i = 0; i < 5; i++) {
        char *end = NULL;
        numbers[i] = strtoull(tokens[first + i], &end, 10);
        if (end == tokens[first + i] || (*end != '.' && *end != '\0'))
            return false;
    }
    *delivery = (spine_delivery){.delivered = numbers[0],
                                 .stream_sequence = numbers[1],
                                 .consumer_sequence = numbers[2],
                                 .time_ms = (int64_t)(numbers[3] / 1000000),
                                 .pending = numbers[4]};
    return true;
}
