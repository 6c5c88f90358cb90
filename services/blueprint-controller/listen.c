#include "listen.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "domain/events.h"
#include "domain/source.h"
#include "svc/hear.h"
#include "wire/cloudevent.h"

struct bpc_listener {
    cat_hear *pushes;
    char subject[CAT_SUBJECT_MAX];
};

/* What is no push of a source is not ours. Every replica hears it, and whoever has the source looks at it. */
static void hear(void *context, const cat_message *message)
{
    bpc_controller *controller = context;
    cat_auto(cat_cloudevent_in) event = {0};
    cat_error error = {0};
    if (cat_cloudevent_parse(message->data, message->length, &event, &error) < 0) {
        cat_log_warning("an event cannot be read", CAT_FIELD("subject", message->subject), CAT_FIELD_ERROR(&error));
        return;
    }
    const char *repository = cat_view_text_or(event.data, "repository", ""), *slash = strchr(repository, '/');
    if (!slash || strlen(repository) > 200)
        return;
    cat_autofree char *owner = cat_strndup(repository, (size_t)(slash - repository));
    if (cat_source_of_repository(owner, slash + 1))
        cat_reconciler_add(controller->reconciler, repository);
}

bpc_listener *bpc_listener_start(bpc_controller *controller)
{
    bpc_listener *listener = cat_calloc(1, sizeof *listener);
    cat_event_filter(CAT_EVENT_CATALOG_PUSH, listener->subject);
    listener->pushes = cat_hear_start(&(cat_hear_options){.spine = controller->spine,
                                                          .stream = "catalyst-events",
                                                          .filter = listener->subject,
                                                          .what = "pushes",
                                                          .handle = hear,
                                                          .context = controller});
    return listener;
}

void bpc_listener_stop(bpc_listener *listener)
{
    if (!listener)
        return;
    cat_hear_stop(listener->pushes);
    free(listener);
}
