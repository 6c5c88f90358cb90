#include "listen.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "domain/events.h"
#include "net/consumer.h"
#include "wire/cloudevent.h"

#define FETCH_MAX 100
#define FETCH_MS 1000
#define RETRY_MS 2000

struct bpc_listener {
    bpc_controller *controller;
    pthread_t thread;
    atomic_bool stopping;
};

/* What is no push of a source is not ours; what cannot be read will not be readable later either. */
static void hear(bpc_controller *controller, const cat_message *message)
{
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
    if (bpc_plan_source_of(owner, slash + 1))
        cat_reconciler_add(controller->reconciler, repository);
}

static int fetch(bpc_listener *listener, cat_consumer *consumer, cat_error *error)
{
    cat_auto(cat_messages) messages = {0};
    int code = cat_consumer_fetch(consumer, FETCH_MAX, FETCH_MS, &messages, error);
    for (size_t i = 0; code == 0 && i < messages.count; i++) {
        hear(listener->controller, &messages.items[i]);
        code = cat_message_ack(&messages.items[i], error);
    }
    return code;
}

static int consume(bpc_listener *listener, cat_error *error)
{
    cat_autoptr(cat_consumer) consumer = NULL;
    char pushes[CAT_SUBJECT_MAX];
    cat_event_filter(CAT_EVENT_CATALOG_PUSH, pushes);
    cat_consumer_options options = {.stream = "catalyst-events", .durable = BPC_NAME, .filters = {pushes}, .only_new = true};
    int code = cat_consumer_create(listener->controller->spine, &options, &consumer, error);
    while (code == 0 && !atomic_load(&listener->stopping))
        code = fetch(listener, consumer, error);
    return code;
}

static void *run(void *context)
{
    bpc_listener *listener = context;
    const cat_clock *clock = cat_clock_system();
    while (!atomic_load(&listener->stopping)) {
        cat_error error = {0};
        if (consume(listener, &error) == 0)
            continue;
        cat_log_warning("pushes are not heard of", CAT_FIELD_ERROR(&error));
        for (int64_t waited = 0; waited < RETRY_MS && !atomic_load(&listener->stopping); waited += 100)
            clock->sleep_ms(clock, 100);
    }
    return NULL;
}

int bpc_listener_start(bpc_controller *controller, bpc_listener **started, cat_error *error)
{
    bpc_listener *listener = cat_calloc(1, sizeof *listener);
    listener->controller = controller;
    if (pthread_create(&listener->thread, NULL, run, listener) != 0) {
        free(listener);
        return cat_error_set(error, CAT_E_IO, "a thread could not be started");
    }
    *started = listener;
    return 0;
}

void bpc_listener_stop(bpc_listener *listener)
{
    if (!listener)
        return;
    atomic_store(&listener->stopping, true);
    pthread_join(listener->thread, NULL);
    free(listener);
}
