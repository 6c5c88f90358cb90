#include "listen.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "domain/events.h"
#include "domain/source.h"
#include "svc/consume.h"
#include "wire/cloudevent.h"

#define AT_ONCE 100

struct bpc_listener {
    cat_consume *pushes;
    char subject[CAT_SUBJECT_MAX];
};

/* What is no push of a source is not ours; what cannot be read will not be readable later either. */
static bool hear(void *context, const cat_message *message, int64_t *again_ms)
{
    (void)again_ms;
    bpc_controller *controller = context;
    cat_auto(cat_cloudevent_in) event = {0};
    cat_error error = {0};
    if (cat_cloudevent_parse(message->data, message->length, &event, &error) < 0) {
        cat_log_warning("an event cannot be read", CAT_FIELD("subject", message->subject), CAT_FIELD_ERROR(&error));
        return true;
    }
    const char *repository = cat_view_text_or(event.data, "repository", ""), *slash = strchr(repository, '/');
    if (!slash || strlen(repository) > 200)
        return true;
    cat_autofree char *owner = cat_strndup(repository, (size_t)(slash - repository));
    if (cat_source_of_repository(owner, slash + 1))
        cat_reconciler_add(controller->reconciler, repository);
    return true;
}

bpc_listener *bpc_listener_start(bpc_controller *controller)
{
    bpc_listener *listener = cat_calloc(1, sizeof *listener);
    cat_event_filter(CAT_EVENT_CATALOG_PUSH, listener->subject);
    listener->pushes = cat_consume_start(&(cat_consume_options){
        .spine = controller->spine,
        .what = "pushes",
        .consumer = {.stream = "catalyst-events", .durable = BPC_NAME, .filters = {listener->subject}, .only_new = true},
        .at_once = AT_ONCE,
        .handle = hear,
        .context = controller});
    return listener;
}

void bpc_listener_stop(bpc_listener *listener)
{
    if (!listener)
        return;
    cat_consume_stop(listener->pushes);
    free(listener);
}
