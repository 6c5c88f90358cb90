#include "svc/follow.h"

#include <stdlib.h>
#include <string.h>

struct cat_follow {
    cat_consumer *consumer;
    char *stream;
    uint64_t waiting;
    uint64_t order; /* of the consumer's last message: without acknowledgements, a missing one was lost */
};

cat_follow_break cat_follow_compare(const char *incarnation, uint64_t cursor, const cat_stream_info *info)
{
    if (!*incarnation)
        return CAT_FOLLOW_FIRST;
    if (strcmp(incarnation, info->incarnation) != 0)
        return CAT_FOLLOW_MADE_ANEW;
    if (info->last_sequence < cursor)
        return CAT_FOLLOW_WENT_BACKWARDS;
    return info->first_sequence > cursor + 1 ? CAT_FOLLOW_DISCARDED : CAT_FOLLOW_GOES_ON;
}

int cat_follow_create(const cat_follow_options *options, cat_follow **follow, cat_error *error)
{
    cat_consumer *consumer = NULL;
    cat_consumer_options wanted = {
        .stream = options->stream, .name = options->name, .start_sequence = options->after + 1, .no_ack = true, .memory = true};
    memcpy(wanted.filters, options->filters, sizeof wanted.filters);
    int code = cat_consumer_create(options->spine, &wanted, &consumer, error);
    if (code < 0)
        return code;
    cat_follow *made = cat_calloc(1, sizeof *made);
    *made = (cat_follow){
        .consumer = consumer, .stream = cat_strdup(options->stream), .waiting = cat_consumer_waiting_at_start(consumer)};
    *follow = made;
    return 0;
}

void cat_follow_destroy(cat_follow *follow)
{
    if (!follow)
        return;
    cat_consumer_destroy(follow->consumer);
    free(follow->stream);
    free(follow);
}

uint64_t cat_follow_waiting(const cat_follow *follow)
{
    return follow->waiting;
}

/* A fetch comes back when as many are there as it asked for: more than there are would hold up those that are. */
static size_t how_many(const cat_follow *follow, size_t max)
{
    return follow->waiting == 0 ? 1 : follow->waiting < max ? (size_t)follow->waiting : max;
}

static int check_order(cat_follow *follow, const cat_messages *messages, cat_error *error)
{
    for (size_t i = 0; i < messages->count; i++)
        if (messages->items[i].order != ++follow->order)
            return cat_error_set_class(error, CAT_E_GONE, CAT_CLASS_TRANSIENT,
                                       "messages of %s were lost with a connection: they are read again", follow->stream);
    return 0;
}

int cat_follow_read(cat_follow *follow, size_t max, int64_t busy_ms, int64_t idle_ms, cat_messages *messages, cat_error *error)
{
    cat_auto(cat_messages) found = {0};
    bool busy = follow->waiting > 0;
    int code = cat_consumer_fetch(follow->consumer, how_many(follow, max), busy ? busy_ms : idle_ms, &found, error);
    if (code == 0)
        code = check_order(follow, &found, error);
    if (code < 0)
        return code;
    follow->waiting = found.count ? found.items[found.count - 1].pending : 0;
    if (busy && found.count == 0)
        return cat_error_set(error, CAT_E_TIMEOUT, "%s has messages that did not come in %lld ms", follow->stream,
                             (long long)busy_ms);
    *messages = found;
    found = (cat_messages){0};
    return 0;
}

void cat_follow_ask(cat_follow *follow, size_t max, int64_t busy_ms)
{
    if (follow->waiting > 0)
        cat_consumer_ask(follow->consumer, how_many(follow, max), busy_ms, NULL);
}
