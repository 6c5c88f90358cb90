/* Publishing without waiting for each answer: what was sent is kept until the server has stored it, and published again with the
 * same message id after a lost answer or a lost connection. Any thread; one publisher keeps the order of what each thread sends.
 */
#ifndef CAT_NET_PUBLISHER_H
#define CAT_NET_PUBLISHER_H

#include "net/spine.h"

/* Pipelined publishing: at most `max_pending` unanswered. Lost answers and reconnections are republished with the same id. */
typedef struct cat_publisher cat_publisher;
typedef struct {
    size_t max_pending;       /* default 4,096 */
    size_t max_pending_bytes; /* default 32 MiB */
    /* A message that the server will not take (no stream, quota, too large). true: keep trying with back-off. NULL: it is logged
     * and given up. What the server may take later (it is starting, it is busy) is tried again without asking. On the publisher's
     * own thread. */
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

#endif
