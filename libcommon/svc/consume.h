/* A queue that is worked off: a durable consumer of a stream, each of its messages handled by one of a few threads and then
 * acknowledged, or given back to come again. Replicas that name the same durable consumer share its messages. What a thread dies
 * with comes to another one when the consumer's `ack_wait_ms` is over; a queue that cannot be read (the server is away, the
 * consumer was deleted) is tried again each second.
 *
 *     static bool hear(void *context, const cat_message *message, int64_t *again_ms) { …; return true; }
 *
 *     cat_consume *pushes = cat_consume_start(&(cat_consume_options){
 *         .spine = spine, .what = "pushes", .consumer = {.stream = "catalyst-events", .durable = "me"}, .handle = hear, .context
 * = all}); … cat_consume_stop(pushes);
 */
#ifndef CAT_SVC_CONSUME_H
#define CAT_SVC_CONSUME_H

#include "net/consumer.h"

typedef struct cat_consume cat_consume;
typedef struct {
    cat_spine *spine;              /* lent, as all of the options' texts are, for as long as it runs */
    const char *what;              /* what the queue holds, for the log: "pushes" */
    cat_consumer_options consumer; /* with a `durable` name, and with acknowledgements; made where it is missing */
    unsigned threads;              /* each handles one message at a time; 0: one */
    size_t at_once; /* that a thread fetches together; 0: one. They have to be handled within `ack_wait_ms`, all of them */
    int64_t in_progress_ms; /* so often the server is told that the message in hand is still being handled; 0: never. Take
                               `at_once` 1 */
    /* On one of the threads. The message is lent. true: done with, it never comes again. false: it comes again after `*again_ms`,
     * which is 0 at first. What cannot be read is done with: it will not be readable later either. */
    bool (*handle)(void *context, const cat_message *message, int64_t *again_ms);
    void *context;
} cat_consume_options;
cat_consume *cat_consume_start(const cat_consume_options *options);
/* What is in hand is handled to its end: a `handle` that takes long is told by its owner before. Then frees it, within about a
 * second. NULL allowed. */
void cat_consume_stop(cat_consume *consume);

#endif
