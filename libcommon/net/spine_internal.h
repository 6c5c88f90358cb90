/* What the files of the spine share; nobody else includes it. JetStream is spoken as its published JSON API over plain NATS
 * requests: nats.c gives the connection, its reconnecting and the request that waits for an answer. */
#ifndef CAT_NET_SPINE_INTERNAL_H
#define CAT_NET_SPINE_INTERNAL_H

#include <nats/nats.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "domain/spine_rights.h"
#include "net/consumer.h"
#include "net/kv.h"
#include "net/publisher.h"
#include "wire/json.h"
#include "wire/subjects.h"

#define SPINE_API "$JS.API."
#define SPINE_API_TIMEOUT_MS 5000
#define SPINE_ANSWER_MAX_BYTES (8u << 20) /* a stored message of 1 MiB comes back in base64 with its headers */

/* Somebody who has to act when the connection is new: what was asked for on the old one is lost. */
typedef struct spine_listener spine_listener;
struct spine_listener {
    void (*on_reconnect)(void *context); /* on nats.c's thread, with the list locked: publish and return */
    void *context;
    spine_listener *next;
};

struct cat_spine {
    natsConnection *connection;
    void (*on_state)(void *context, bool connected);
    void *context;
    char inbox[CAT_SPINE_INBOX_MAX]; /* what its inboxes begin with: no other user may listen there */
    char *credentials; /* their text, unless they are a file; under `lock` */
    char unique[24];          /* of this connection: in inboxes, batch ids and consumers' names */
    _Atomic uint64_t counter; /* makes them differ */
    _Atomic uint64_t epoch;   /* rises with each reconnection; first 1 */
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool closed; /* nats.c has called back for the last time */
    spine_listener *listeners;
};

int64_t spine_now_ms(void); /* monotonic */
void spine_listen(cat_spine *spine, spine_listener *listener);
void spine_unlisten(cat_spine *spine, spine_listener *listener); /* its callback does not run after this */
/* A subject that only this connection hears, without a final dot. */
#define SPINE_INBOX_MAX 160
void spine_inbox(cat_spine *spine, char inbox[SPINE_INBOX_MAX]);

/* Fills `error` from a status of nats.c: "what: …". */
int spine_status_error(natsStatus status, cat_error *error, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* Fills `error` from the `error` member of an answer. */
int spine_api_error(cat_view answer_error, cat_error *error, const char *what);
/* One call of the API: `subject` without "$JS.API.", `body` NULL for none. `*answer` (may be NULL) is the caller's document. */
int spine_api(cat_spine *spine, const char *subject, const json_t *body, cat_document **answer, cat_error *error);
/* Names of streams, buckets and consumers become tokens of subjects. */
int spine_check_name(const char *what, const char *name, cat_error *error);

/* Publishing. */
typedef struct {
    const char *id; /* NULL: no batch */
    size_t sequence;
    bool commit;
} spine_batch_part;
int spine_check_publication(const cat_publication *publication, cat_error *error);
natsStatus spine_message_make(const cat_publication *publication, const char *reply, const spine_batch_part *part,
                              natsMsg **message);
/* What the server says about a stored message. */
int spine_read_acknowledgement(natsMsg *answer, const char *subject, uint64_t *sequence, bool *duplicate, cat_error *error);

typedef struct {
    cat_stream_info info;
    int64_t marker_ttl_ms;
} spine_stream_state;
int spine_stream_state_get(cat_spine *spine, const char *name, spine_stream_state *state, cat_error *error);

/* Pulling, with requests of our own on one inbox. */
struct cat_consumer {
    cat_spine *spine;
    char *stream, *name;
    bool durable, no_ack;
    natsSubscription *inbox;
    char inbox_subject[SPINE_INBOX_MAX];
    size_t inbox_length;
    spine_listener listener;
    uint64_t pending_at_start;
    pthread_mutex_t lock; /* one fetch at a time; what follows belongs to it */
    uint64_t epoch, pulls;
    size_t outstanding;
    int64_t outstanding_until_ms, heard_ms;
};
/* So much at once and no more: rows are up to 256 KiB. */
#define SPINE_PULL_MAX_BYTES (32 << 20)
typedef struct {
    size_t want;            /* to have asked for… */
    size_t refill_below;    /* …when fewer than these are outstanding */
    int64_t expires_ms;     /* of each request; 0: what is left until the deadline */
    bool heartbeat;         /* the server says that it is there, and silence is an error */
    bool fail_on_reconnect; /* what was lost with the old connection cannot be told: stop */
    bool asked;             /* set by spine_pull */
} spine_pull_plan;
/* Forgets what will not come any more, and asks for more where the plan wants it. */
int spine_pull_ask(cat_consumer *consumer, spine_pull_plan *plan, int64_t deadline_ms, cat_error *error);
/* 1: `*message` is the caller's; 0: the deadline passed; negative: an error. */
int spine_pull(cat_consumer *consumer, spine_pull_plan *plan, int64_t deadline_ms, natsMsg **message, cat_error *error);
/* What a delivered message's reply subject says. */
typedef struct {
    uint64_t delivered, stream_sequence, consumer_sequence, pending;
    int64_t time_ms;
} spine_delivery;
bool spine_delivery_parse(const char *reply, spine_delivery *delivery);
void spine_consumer_interrupt(cat_consumer *consumer); /* whoever waits in spine_pull returns with CAT_E_CANCELLED, for good */

/* KV. */
#define SPINE_KV_NAME_MAX 136
typedef struct {
    char stream[SPINE_KV_NAME_MAX]; /* KV_{bucket} */
    char prefix[SPINE_KV_NAME_MAX]; /* $KV.{bucket}. */
    size_t prefix_length;
} spine_bucket;
int spine_bucket_of(const char *bucket, spine_bucket *names, cat_error *error);
int spine_bucket_filter(const spine_bucket *names, const char *filter, char subject[CAT_SUBJECT_MAX], cat_error *error);
/* What stands in a delivered message, copied. Markers of deletion, the server's too, give value NULL. false: it is no delivery.
 */
bool spine_kv_entry_of(const spine_bucket *names, natsMsg *message, spine_delivery *delivery, cat_kv_entry *entry);

#endif
