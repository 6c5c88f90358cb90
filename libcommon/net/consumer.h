/* Pulling what a stream holds, in batches. A consumer may be used by any thread, by one at a time. Whoever reads a stream from
 * beginning to end has svc/follow.h, whoever works off a queue svc/consume.h: both are made of this. */
#ifndef CAT_NET_CONSUMER_H
#define CAT_NET_CONSUMER_H

#include "net/spine.h"

typedef struct cat_consumer cat_consumer;
typedef struct {
    const char *stream;
    const char *durable;             /* NULL: one of this name-less kind that the server removes after `inactive_ms` */
    const char *name;                /* for a name without durability, e.g. fold-7 */
    const char *filters[8];          /* NULL-ended; none: all */
    uint64_t start_sequence;         /* 0: everything… */
    bool only_new, last_per_subject; /* …unless one of these */
    bool no_ack, memory;
    int64_t ack_wait_ms;      /* default 30 s */
    int64_t inactive_ms;      /* default 60 s for non-durable */
    unsigned max_ack_pending; /* default 1,000 */
    int max_deliver;          /* 0: without end */
} cat_consumer_options;
int cat_consumer_create(cat_spine *spine, const cat_consumer_options *options, cat_consumer **consumer, cat_error *error);
void cat_consumer_destroy(cat_consumer *consumer);                    /* leaves a durable one in place */
uint64_t cat_consumer_waiting_at_start(const cat_consumer *consumer); /* messages that it had to deliver when it was made */
int cat_consumer_delete_named(cat_spine *spine, const char *stream, const char *name,
                              cat_error *error); /* not found is success */
CAT_DEFINE_AUTOPTR(cat_consumer)

typedef struct {
    const char *subject, *data;
    size_t length;
    uint64_t sequence, pending; /* pending: how many the consumer has still to deliver after this one */
    uint64_t order;             /* of the consumer's deliveries, from 1: without acks, a missing one was lost with a connection */
    int64_t time_ms;
    unsigned delivered; /* 1: the first time */
    void *handle;
} cat_message;
const char *cat_message_header(const cat_message *message, const char *name);
typedef struct {
    cat_message *items;
    size_t count;
    void *handle;
} cat_messages;
/* Up to `max` (≤ 1,000); returns when that many are there or `timeout_ms` passed: none is success with count 0. CAT_E_NOT_FOUND
 * when stream or consumer are gone, CAT_E_UNAVAILABLE while not connected. */
int cat_consumer_fetch(cat_consumer *consumer, size_t max, int64_t timeout_ms, cat_messages *messages, cat_error *error);
/* Asks for up to `max` now, unless some are on their way already: they come while the caller works, and the next fetch finds
 * them. */
int cat_consumer_ask(cat_consumer *consumer, size_t max, int64_t timeout_ms, cat_error *error);
void cat_messages_finish(cat_messages *messages);
static inline void cat_messages_cleanup(cat_messages *messages)
{
    cat_messages_finish(messages);
}
int cat_message_ack(cat_message *message, cat_error *error);
int cat_message_retry_after(cat_message *message, int64_t delay_ms, cat_error *error);
int cat_message_give_up(cat_message *message, cat_error *error);
int cat_message_in_progress(cat_message *message, cat_error *error);

#endif
