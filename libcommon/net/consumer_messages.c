/* Fetched messages and what becomes of them. */
#include "net/spine_internal.h"

#define FETCH_MAX 1000

typedef struct {
    natsMsg *message;
    cat_spine *spine;
    bool needs_answer;
} fetched;

typedef struct {
    fetched *handles;
    cat_message items[];
} fetch_block;

static bool fill(cat_message *item, fetched *handle, natsMsg *message, const cat_consumer *consumer)
{
    spine_delivery delivery;
    if (!spine_delivery_parse(natsMsg_GetReply(message), &delivery))
        return false;
    *handle = (fetched){.message = message, .spine = consumer->spine, .needs_answer = !consumer->no_ack};
    *item = (cat_message){.subject = natsMsg_GetSubject(message),
                          .data = natsMsg_GetData(message),
                          .length = (size_t)natsMsg_GetDataLength(message),
                          .sequence = delivery.stream_sequence,
                          .pending = delivery.pending,
                          .order = delivery.consumer_sequence,
                          .time_ms = delivery.time_ms,
                          .delivered = (unsigned)delivery.delivered,
                          .handle = handle};
    return true;
}

/* Returns how many came, or an error when none did. */
static int collect(cat_consumer *consumer, size_t max, int64_t timeout_ms, fetch_block *block, cat_error *error)
{
    int64_t deadline_ms = spine_now_ms() + (timeout_ms > 0 ? timeout_ms : 0);
    spine_pull_plan plan = {.refill_below = 1};
    size_t count = 0, bytes = 0;
    while (count < max && bytes < SPINE_PULL_MAX_BYTES) {
        natsMsg *message = NULL;
        plan.want = max - count;
        cat_error local = {0};
        int result = spine_pull(consumer, &plan, deadline_ms, &message, &local);
        /* What has come counts; the error comes again at the next fetch. */
        if (result < 0 && count == 0)
            return cat_error_copy(error, &local);
        if (result <= 0)
            break;
        bytes += (size_t)natsMsg_GetDataLength(message);
        if (fill(&block->items[count], &block->handles[count], message, consumer))
            count++;
        else
            natsMsg_Destroy(message);
    }
    if (count == 0 && !cat_spine_is_connected(consumer->spine))
        return cat_error_set_peer(error, CAT_PEER_SPINE, CAT_E_UNAVAILABLE, "pulling from stream %s: the spine is not connected",
                                  consumer->stream);
    return (int)count;
}

int cat_consumer_fetch(cat_consumer *consumer, size_t max, int64_t timeout_ms, cat_messages *messages, cat_error *error)
{
    if (max == 0 || max > FETCH_MAX)
        return cat_error_set(error, CAT_E_INVALID, "a fetch takes 1 to %d messages, not %zu", FETCH_MAX, max);
    fetch_block *block = cat_malloc(sizeof(*block) + max * sizeof(cat_message));
    block->handles = cat_malloc(max * sizeof(fetched));
    pthread_mutex_lock(&consumer->lock);
    int count = collect(consumer, max, timeout_ms, block, error);
    pthread_mutex_unlock(&consumer->lock);
    if (count <= 0) {
        free(block->handles);
        free(block);
        if (count == 0)
            *messages = (cat_messages){0};
        return count;
    }
    *messages = (cat_messages){.items = block->items, .count = (size_t)count, .handle = block};
    return 0;
}

int cat_consumer_ask(cat_consumer *consumer, size_t max, int64_t timeout_ms, cat_error *error)
{
    pthread_mutex_lock(&consumer->lock);
    spine_pull_plan plan = {.want = max, .refill_below = 1, .expires_ms = timeout_ms};
    int result = spine_pull_ask(consumer, &plan, spine_now_ms() + timeout_ms, error);
    pthread_mutex_unlock(&consumer->lock);
    return result;
}

void cat_messages_finish(cat_messages *messages)
{
    fetch_block *block = messages->handle;
    if (block) {
        for (size_t i = 0; i < messages->count; i++)
            natsMsg_Destroy(block->handles[i].message);
        free(block->handles);
        free(block);
    }
    *messages = (cat_messages){0};
}

const char *cat_message_header(const cat_message *message, const char *name)
{
    const fetched *handle = message->handle;
    const char *value = NULL;
    natsMsgHeader_Get(handle->message, name, &value);
    return value;
}

/* natsMsg_Ack wants a subscription that nats.c made itself; the words are the protocol's. */
static int answer(cat_message *message, const char *word, bool final, cat_error *error)
{
    fetched *handle = message->handle;
    if (!handle->needs_answer)
        return 0;
    natsStatus status = natsConnection_PublishString(handle->spine->connection, natsMsg_GetReply(handle->message), word);
    if (status != NATS_OK)
        return spine_status_error(status, error, "answering for %s", message->subject);
    handle->needs_answer = !final;
    return 0;
}

int cat_message_ack(cat_message *message, cat_error *error)
{
    return answer(message, "+ACK", true, error);
}

int cat_message_retry_after(cat_message *message, int64_t delay_ms, cat_error *error)
{
    char word[64];
    if (delay_ms <= 0)
        return answer(message, "-NAK", true, error);
    snprintf(word, sizeof(word), "-NAK {\"delay\":%lld}", (long long)delay_ms * 1000000);
    return answer(message, word, true, error);
}

int cat_message_give_up(cat_message *message, cat_error *error)
{
    return answer(message, "+TERM", true, error);
}

int cat_message_in_progress(cat_message *message, cat_error *error)
{
    return answer(message, "+WPI", false, error);
}
