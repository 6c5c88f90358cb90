#include "svc/consume.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/task.h"

#define FETCH_MS 1000 /* a stop waits for as long, so that nothing is delivered to nobody */
#define RETRY_MS 1000

typedef struct {
    cat_consume *consume;
    cat_task *task;
    cat_consumer *consumer; /* the task's alone */
    pthread_mutex_t lock;   /* of what follows; it may be told of while it is held */
    cat_message *in_hand;
} hand;

struct cat_consume {
    cat_consume_options options;
    hand *hands;
    unsigned count;
    cat_task *telling;
};

static void put_in_hand(hand *own, cat_message *message)
{
    pthread_mutex_lock(&own->lock);
    own->in_hand = message;
    pthread_mutex_unlock(&own->lock);
}

static void handle(hand *own, cat_message *message)
{
    const cat_consume_options *options = &own->consume->options;
    int64_t again_ms = 0;
    cat_error error = {0};
    put_in_hand(own, message);
    bool done = options->handle(options->context, message, &again_ms);
    put_in_hand(own, NULL);
    int code = done ? cat_message_ack(message, &error) : cat_message_retry_after(message, again_ms, &error);
    if (code < 0) /* it comes again by itself */
        cat_log_warning("a queue was not told what became of its message", CAT_FIELD("queue", options->what),
                        CAT_FIELD_ERROR(&error));
}

static int fetch(hand *own, cat_messages *messages, cat_error *error)
{
    const cat_consume_options *options = &own->consume->options;
    int code = own->consumer ? 0 : cat_consumer_create(options->spine, &options->consumer, &own->consumer, error);
    return code < 0 ? code : cat_consumer_fetch(own->consumer, options->at_once, FETCH_MS, messages, error);
}

static int64_t work(void *context, cat_task *task)
{
    (void)task;
    hand *own = context;
    cat_auto(cat_messages) messages = {0};
    cat_error error = {0};
    if (fetch(own, &messages, &error) < 0) {
        cat_log_warning("a queue cannot be read", CAT_FIELD("queue", own->consume->options.what), CAT_FIELD_ERROR(&error));
        cat_consumer_destroy(cat_take(own->consumer));
        return RETRY_MS;
    }
    for (size_t i = 0; i < messages.count; i++)
        handle(own, &messages.items[i]);
    return 0;
}

static int64_t tell(void *context, cat_task *task)
{
    (void)task;
    cat_consume *consume = context;
    for (unsigned i = 0; i < consume->count; i++) {
        hand *one = &consume->hands[i];
        pthread_mutex_lock(&one->lock);
        if (one->in_hand)
            cat_message_in_progress(one->in_hand, NULL);
        pthread_mutex_unlock(&one->lock);
    }
    return 0;
}

cat_consume *cat_consume_start(const cat_consume_options *options)
{
    cat_consume *consume = cat_calloc(1, sizeof *consume);
    consume->options = *options;
    consume->options.at_once = options->at_once ? options->at_once : 1;
    consume->count = options->threads ? options->threads : 1;
    consume->hands = cat_calloc(consume->count, sizeof *consume->hands);
    for (unsigned i = 0; i < consume->count; i++) {
        hand *one = &consume->hands[i];
        one->consume = consume;
        pthread_mutex_init(&one->lock, NULL);
    }
    if (options->in_progress_ms > 0)
        consume->telling =
            cat_task_start(&(cat_task_options){.interval_ms = options->in_progress_ms, .run = tell, .context = consume});
    for (unsigned i = 0; i < consume->count; i++)
        consume->hands[i].task = cat_task_start(&(cat_task_options){.run = work, .context = &consume->hands[i]});
    return consume;
}

void cat_consume_stop(cat_consume *consume)
{
    if (!consume)
        return;
    for (unsigned i = 0; i < consume->count; i++)
        cat_task_ask_to_stop(consume->hands[i].task);
    for (unsigned i = 0; i < consume->count; i++)
        cat_task_stop(consume->hands[i].task);
    cat_task_stop(consume->telling);
    for (unsigned i = 0; i < consume->count; i++) {
        cat_consumer_destroy(consume->hands[i].consumer);
        pthread_mutex_destroy(&consume->hands[i].lock);
    }
    free(consume->hands);
    free(consume);
}
