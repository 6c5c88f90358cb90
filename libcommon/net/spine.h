/* A connection to the spine (NATS JetStream) with one account's credentials: streams, publishing, pulling, atomic batches. Any thread.
 *
 * What is in flight when a server dies may get neither an answer nor an error: publishers keep what is pending and publish it again with the
 * same message id. Rates and reasons: docs/spine.md.
 */
#ifndef CAT_NET_SPINE_H
#define CAT_NET_SPINE_H

#include <stdint.h>

#include "base/memory.h"
#include "base/string.h"
#include "base/error.h"

typedef struct cat_spine cat_spine;
typedef struct {
    const char *url;
    const char *name;                 /* shown by the server */
    const char *credentials_path;     /* a file, read anew at each reconnection: the server ends a connection whose user expires, and who was renewed by then goes on… */
    const char *credentials_text;     /* …or its text */
    void (*on_state)(void *context, bool connected); /* at each change after the first connection, on a thread of the library: must not block; may be NULL */
    void *context;
} cat_spine_options;
/* Waits for the first connection up to 5 s; later it reconnects for ever by itself. */
int cat_spine_connect(const cat_spine_options *options, cat_spine **spine, cat_error *error);
void cat_spine_destroy(cat_spine *spine); /* drains */
CAT_DEFINE_AUTOPTR(cat_spine)
bool cat_spine_is_connected(const cat_spine *spine);
/* For a spine that was connected with `credentials_text`: what its next connection signs in with. A file is read anew each time. */
void cat_spine_set_credentials(cat_spine *spine, const char *text);
/* Plain request and reply: `*reply` is the caller's text. */
int cat_spine_request(cat_spine *spine, const char *subject, const void *body, size_t length, int64_t timeout_ms, char **reply, size_t *reply_length, cat_error *error);
/* JetStream's limits of this account ($JS.API.INFO): CAT_E_UNAVAILABLE while the account has no JetStream. */
typedef struct {
    int64_t max_memory_bytes, max_storage_bytes, storage_bytes, max_streams, streams, max_consumers;
    bool max_bytes_required;
} cat_spine_account;
int cat_spine_account_info(cat_spine *spine, cat_spine_account *account, cat_error *error);

typedef struct {
    const char *name;
    const char *subjects[8];        /* NULL-ended */
    const char *description;
    int64_t max_bytes;              /* required by accounts of Organizations */
    int64_t max_age_ms;             /* 0: no limit */
    int64_t max_message_bytes;      /* 0: the server's */
    int64_t max_messages_per_subject; /* 0: no limit; 1 for a bucket */
    int64_t duplicate_window_ms;    /* 0: two minutes */
    int64_t marker_ttl_ms;          /* SubjectDeleteMarkerTTL; needs allow_ttl */
    unsigned replicas;              /* 0: 1 */
    bool discard_new, work_queue, deny_delete, deny_purge, allow_direct, allow_rollup, allow_atomic, allow_ttl, memory;
} cat_stream_config;
/* Makes it, or updates what may be updated; the same configuration twice changes nothing. */
int cat_stream_ensure(cat_spine *spine, const cat_stream_config *config, cat_error *error);
int cat_stream_delete(cat_spine *spine, const char *name, cat_error *error);
typedef struct {
    int64_t created_ms;
    char incarnation[40];     /* differs when the stream was made anew: its creation time as the server prints it, hashed short */
    uint64_t first_sequence, last_sequence, messages;
    int64_t bytes;
} cat_stream_info;
int cat_stream_get_info(cat_spine *spine, const char *name, cat_stream_info *info, cat_error *error);
int cat_stream_names(cat_spine *spine, cat_strings *names, cat_error *error);

/* One message whose stored sequence the caller waits for. `message_id` NULL: none. `expected` -1: any; 0: the subject must not exist yet. */
typedef struct {
    const char *subject, *message_id, *traceparent, *content_type;
    const void *body;
    size_t length;
    int64_t expected_subject_sequence; /* -1: not checked */
    int64_t ttl_ms;                    /* 0: none */
    const char *kv_operation;          /* "DEL" or "PURGE": a bucket's marker; NULL: a value */
} cat_publication;
/* CAT_E_CONFLICT when the expectation failed, CAT_E_LIMIT at a quota, CAT_E_NOT_FOUND without a stream, CAT_E_TIMEOUT when it is not known. */
int cat_spine_publish(cat_spine *spine, const cat_publication *publication, uint64_t *sequence, bool *duplicate, cat_error *error);
/* All or none, in order, at most 1,000 to one stream with allow_atomic. `*sequence` is the last one's. CAT_E_CONFLICT when an expectation
 * failed: nothing is stored. CAT_E_TIMEOUT: not known. Messages are sent pipelined and copied before this returns. */
int cat_spine_publish_batch(cat_spine *spine, const cat_publication *publications, size_t count, uint64_t *sequence, cat_error *error);

/* Pipelined publishing: at most `max_pending` unanswered. Lost answers and reconnections are republished with the same id. */
typedef struct cat_publisher cat_publisher;
typedef struct {
    size_t max_pending;     /* default 4,096 */
    size_t max_pending_bytes; /* default 32 MiB */
    /* A message that the server will not take (no stream, quota, too large). true: keep trying with back-off. NULL: it is logged and
     * given up. What the server may take later (it is starting, it is busy) is tried again without asking. On the publisher's own thread. */
    bool (*on_refused)(void *context, const char *subject, const char *message_id, const cat_error *error);
    void *context;
} cat_publisher_options;
cat_publisher *cat_publisher_create(cat_spine *spine, const cat_publisher_options *options);
/* Copies. Waits for room up to 30 s, then CAT_E_UNAVAILABLE. */
int cat_publisher_send(cat_publisher *publisher, const cat_publication *publication, cat_error *error);
/* Waits until everything sent before is stored (or refused and given up). */
int cat_publisher_flush(cat_publisher *publisher, int64_t timeout_ms, cat_error *error);
size_t cat_publisher_pending(cat_publisher *publisher);
void cat_publisher_destroy(cat_publisher *publisher); /* what is pending is lost: flush before */
CAT_DEFINE_AUTOPTR(cat_publisher)

/* Pulling in batches. */
typedef struct cat_consumer cat_consumer;
typedef struct {
    const char *stream;
    const char *durable;          /* NULL: one of this name-less kind that the server removes after `inactive_ms` */
    const char *name;             /* for a name without durability, e.g. fold-7 */
    const char *filters[8];       /* NULL-ended; none: all */
    uint64_t start_sequence;      /* 0: everything… */
    bool only_new, last_per_subject; /* …unless one of these */
    bool no_ack, memory;
    int64_t ack_wait_ms;          /* default 30 s */
    int64_t inactive_ms;          /* default 60 s for non-durable */
    unsigned max_ack_pending;     /* default 1,000 */
    int max_deliver;              /* 0: without end */
} cat_consumer_options;
int cat_consumer_create(cat_spine *spine, const cat_consumer_options *options, cat_consumer **consumer, cat_error *error);
void cat_consumer_destroy(cat_consumer *consumer); /* leaves a durable one in place */
uint64_t cat_consumer_waiting_at_start(const cat_consumer *consumer); /* messages that it had to deliver when it was made */
int cat_consumer_delete_named(cat_spine *spine, const char *stream, const char *name, cat_error *error); /* not found is success */
CAT_DEFINE_AUTOPTR(cat_consumer)

typedef struct {
    const char *subject, *data;
    size_t length;
    uint64_t sequence, pending; /* pending: how many the consumer has still to deliver after this one */
    uint64_t order;             /* of the consumer's deliveries, from 1: without acks, a missing one was lost with a connection */
    int64_t time_ms;
    unsigned delivered;         /* 1: the first time */
    void *handle;
} cat_message;
const char *cat_message_header(const cat_message *message, const char *name);
typedef struct {
    cat_message *items;
    size_t count;
    void *handle;
} cat_messages;
/* Up to `max` (≤ 1,000); returns when that many are there or `timeout_ms` passed: none is success with count 0. CAT_E_NOT_FOUND when stream or
 * consumer are gone, CAT_E_UNAVAILABLE while not connected. */
int cat_consumer_fetch(cat_consumer *consumer, size_t max, int64_t timeout_ms, cat_messages *messages, cat_error *error);
/* Asks for up to `max` now, unless some are on their way already: they come while the caller works, and the next fetch finds them. */
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
