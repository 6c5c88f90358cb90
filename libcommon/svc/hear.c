#include "svc/hear.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/task.h"
#include "svc/follow.h"

#define AT_ONCE 64
#define FETCH_MS 1000 /* a stop waits for as long */
#define RETRY_MS 1000

struct cat_hear {
    cat_hear_options options;
    cat_task *task;
    /* The task's alone. */
    cat_follow *follow;
    char incarnation[40]; /* of the stream that `after` is of; "": none yet */
    uint64_t after;
};

static int begin(cat_hear *hear, cat_error *error)
{
    cat_stream_info info = {0};
    int code = cat_stream_get_info(hear->options.spine, hear->options.stream, &info, error);
    if (code < 0)
        return code;
    /* From its end at first; from its beginning where it was made anew meanwhile. */
    cat_follow_break broken = cat_follow_compare(hear->incarnation, hear->after, &info);
    if (broken == CAT_FOLLOW_FIRST)
        hear->after = info.last_sequence;
    else if (broken != CAT_FOLLOW_GOES_ON)
        hear->after = info.first_sequence ? info.first_sequence - 1 : 0;
    snprintf(hear->incarnation, sizeof hear->incarnation, "%s", info.incarnation);
    cat_follow_options follow = {
        .spine = hear->options.spine, .stream = hear->options.stream, .filters = {hear->options.filter}, .after = hear->after};
    return cat_follow_create(&follow, &hear->follow, error);
}

static int64_t listen(void *context, cat_task *task)
{
    (void)task;
    cat_hear *hear = context;
    cat_auto(cat_messages) messages = {0};
    cat_error failed = {0};
    int code = hear->follow ? 0 : begin(hear, &failed);
    if (code == 0)
        code = cat_follow_read(hear->follow, AT_ONCE, FETCH_MS, FETCH_MS, &messages, &failed);
    if (code < 0) {
        cat_log_warning("events cannot be heard", CAT_FIELD("what", hear->options.what), CAT_FIELD_ERROR(&failed));
        cat_follow_destroy(cat_take(hear->follow));
        return RETRY_MS;
    }
    for (size_t i = 0; i < messages.count; i++) {
        hear->options.handle(hear->options.context, &messages.items[i]);
        hear->after = messages.items[i].sequence;
    }
    return 0;
}

cat_hear *cat_hear_start(const cat_hear_options *options)
{
    cat_hear *hear = cat_calloc(1, sizeof *hear);
    hear->options = *options;
    hear->task = cat_task_start(&(cat_task_options){.interval_ms = 1, .run = listen, .context = hear});
    return hear;
}

void cat_hear_stop(cat_hear *hear)
{
    if (!hear)
        return;
    cat_task_stop(hear->task);
    cat_follow_destroy(hear->follow);
    free(hear);
}
