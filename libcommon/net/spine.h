/* A connection to the spine (NATS JetStream) with one account's credentials: streams, a message or an atomic batch whose
 * stored sequence is waited for. Any thread. Publishing without waiting: net/publisher.h; pulling: net/consumer.h; buckets:
 * net/kv.h.
 *
 * What is in flight when a server dies may get neither an answer nor an error (CAT_E_TIMEOUT). Rates and reasons: docs/spine.md.
 */
#ifndef CAT_NET_SPINE_H
#define CAT_NET_SPINE_H

#include <stdint.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/string.h"

typedef struct cat_spine cat_spine;
typedef struct {
    const char *url;
    const char *name;             /* shown by the server */
    const char *credentials_path; /* a file, read anew at each reconnection: the server ends a connection whose user expires, and
                                     who was renewed by then goes on… */
    const char *credentials_text; /* …or its text */
    void (*on_state)(
        void *context,
        bool connected); /* at each change after the first connection, on a thread of the library: must not block; may be NULL */
    void *context;
} cat_spine_options;
/* Waits for the first connection up to 5 s; later it reconnects for ever by itself. */
int cat_spine_connect(const cat_spine_options *options, cat_spine **spine, cat_error *error);
void cat_spine_destroy(cat_spine *spine); /* drains */
CAT_DEFINE_AUTOPTR(cat_spine)
bool cat_spine_is_connected(const cat_spine *spine);
/* For a spine that was connected with `credentials_text`: what its next connection signs in with. A file is read anew each time.
 */
void cat_spine_set_credentials(cat_spine *spine, const char *text);
typedef struct {
    const char *subject;
    const void *body;
    size_t length;
    int64_t timeout_ms;
} cat_spine_question;
/* Plain request and reply: `*reply` is the caller's text. */
int cat_spine_request(cat_spine *spine, const cat_spine_question *question, char **reply, size_t *reply_length, cat_error *error);
/* JetStream's limits of this account ($JS.API.INFO): CAT_E_UNAVAILABLE while the account has no JetStream. */
typedef struct {
    int64_t max_memory_bytes, max_storage_bytes, storage_bytes, max_streams, streams, max_consumers;
    bool max_bytes_required;
} cat_spine_account;
int cat_spine_account_info(cat_spine *spine, cat_spine_account *account, cat_error *error);

typedef struct {
    const char *name;
    const char *subjects[8]; /* NULL-ended */
    const char *description;
    int64_t max_bytes;                /* required by accounts of Organizations */
    int64_t max_age_ms;               /* 0: no limit */
    int64_t max_message_bytes;        /* 0: the server's */
    int64_t max_messages_per_subject; /* 0: no limit; 1 for a bucket */
    int64_t duplicate_window_ms;      /* 0: two minutes */
    int64_t marker_ttl_ms;            /* SubjectDeleteMarkerTTL; needs allow_ttl */
    unsigned replicas;                /* 0: 1 */
    bool discard_new, work_queue, deny_delete, deny_purge, allow_direct, allow_rollup, allow_atomic, allow_ttl, memory;
} cat_stream_config;
/* Makes it, or updates what may be updated; the same configuration twice changes nothing. */
int cat_stream_ensure(cat_spine *spine, const cat_stream_config *config, cat_error *error);
int cat_stream_delete(cat_spine *spine, const char *name, cat_error *error);
typedef struct {
    int64_t created_ms;
    char incarnation[40]; /* differs when the stream was made anew: its creation time as the server prints it, hashed short */
    uint64_t first_sequence, last_sequence, messages;
    int64_t bytes;
} cat_stream_info;
int cat_stream_get_info(cat_spine *spine, const char *name, cat_stream_info *info, cat_error *error);
/* The newest message of a subject, as the stream's leader has it. CAT_E_NOT_FOUND: none. `sequence` may be NULL. */
int cat_stream_last(cat_spine *spine, const char *name, const char *subject, uint64_t *sequence, cat_error *error);
int cat_stream_names(cat_spine *spine, cat_strings *names, cat_error *error);

/* One message whose stored sequence the caller waits for. `message_id` NULL: none. `expected` -1: any; 0: the subject must not
 * exist yet. */
typedef struct {
    const char *subject, *message_id, *traceparent, *content_type;
    const void *body;
    size_t length;
    int64_t expected_subject_sequence; /* -1: not checked */
    int64_t ttl_ms;                    /* 0: none */
    const char *kv_operation;          /* "DEL" or "PURGE": a bucket's marker; NULL: a value */
} cat_publication;
/* CAT_E_CONFLICT when the expectation failed, CAT_E_LIMIT at a quota, CAT_E_NOT_FOUND without a stream, CAT_E_TIMEOUT when it is
 * not known. */
int cat_spine_publish(cat_spine *spine, const cat_publication *publication, uint64_t *sequence, bool *duplicate,
                      cat_error *error);
/* All or none, in order, at most 1,000 to one stream with allow_atomic. `*sequence` is the last one's. CAT_E_CONFLICT when an
 * expectation failed: nothing is stored. CAT_E_TIMEOUT: not known. Messages are sent pipelined and copied before this returns. */
int cat_spine_publish_batch(cat_spine *spine, const cat_publication *publications, size_t count, uint64_t *sequence,
                            cat_error *error);

#endif
