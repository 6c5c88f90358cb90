#include "store.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "domain/events.h"
#include "net/consumer.h"
#include "wire/cloudevent.h"

#define STREAM "billing-ledger"
#define FETCH_MAX 1000
#define FETCH_MS 1000
#define RETRY_MS 2000

struct bil_store {
    cat_service *service;
    cat_spine *spine;
    pthread_t thread;
    atomic_bool stopping;
    pthread_rwlock_t lock; /* of what follows */
    bil_ledger *ledger;
    uint64_t sequence;
    char incarnation[sizeof(((cat_stream_info *)NULL)->incarnation)]; /* of the stream that was read; "" at first */
    bool ready;
    cat_metric *records;
};

static void hear(bil_store *store, const cat_message *message)
{
    cat_auto(cat_cloudevent_in) event = {0};
    cat_error error = {0};
    if (cat_cloudevent_parse(message->data, message->length, &event, &error) < 0)
        cat_log_warning("a record cannot be read", CAT_FIELD("subject", message->subject), CAT_FIELD_ERROR(&error));
    pthread_rwlock_wrlock(&store->lock);
    if (error.code == 0 && cat_event_is(event.type, CAT_EVENT_USAGE_RECORDED))
        bil_ledger_add(store->ledger, event.organization, event.data);
    store->sequence = message->sequence;
    pthread_rwlock_unlock(&store->lock);
}

static void be_ready(bil_store *store)
{
    pthread_rwlock_wrlock(&store->lock);
    bool first = !store->ready;
    store->ready = true;
    double count = (double)bil_ledger_count(store->ledger);
    pthread_rwlock_unlock(&store->lock);
    cat_metric_set(store->records, count, NULL);
    if (first)
        cat_service_set_ready(store->service, "ledger", NULL);
}

/* A ledger that was made anew, or came back from an older copy, is read from its beginning. */
static void begin(bil_store *store, const cat_stream_info *info)
{
    pthread_rwlock_wrlock(&store->lock);
    bool anew =
        *store->incarnation && (strcmp(store->incarnation, info->incarnation) != 0 || info->last_sequence < store->sequence);
    snprintf(store->incarnation, sizeof store->incarnation, "%s", info->incarnation);
    if (anew) {
        bil_ledger_destroy(store->ledger);
        store->ledger = bil_ledger_create(BIL_LEDGER_MAX);
        store->sequence = 0;
        store->ready = false;
    }
    pthread_rwlock_unlock(&store->lock);
    if (!anew)
        return;
    cat_log_warning("the ledger is another one than before: it is read from its beginning");
    cat_service_set_ready(store->service, "ledger", "reading the ledger");
}

static int follow(bil_store *store, cat_error *error)
{
    cat_autoptr(cat_consumer) consumer = NULL;
    cat_consumer_options options = {.stream = STREAM, .no_ack = true, .memory = true};
    cat_stream_info info = {0};
    int code = cat_stream_get_info(store->spine, STREAM, &info, error);
    if (code < 0)
        return code;
    begin(store, &info);
    options.start_sequence = store->sequence + 1;
    code = cat_consumer_create(store->spine, &options, &consumer, error);
    if (code == 0 && info.last_sequence <= store->sequence)
        be_ready(store);
    uint64_t waiting = code == 0 ? cat_consumer_waiting_at_start(consumer) : 0, order = 0;
    while (code == 0 && !atomic_load(&store->stopping)) {
        cat_auto(cat_messages) messages = {0};
        /* A fetch comes back when it has as many as it asked for: one that asks for more than there are holds readiness up. */
        size_t want = waiting == 0 ? 1 : waiting < FETCH_MAX ? (size_t)waiting : FETCH_MAX;
        code = cat_consumer_fetch(consumer, want, FETCH_MS, &messages, error);
        if (code == 0 && messages.count == 0 && waiting > 0)
            code = cat_error_set(error, CAT_E_TIMEOUT, "the ledger has records that did not come in %d ms", FETCH_MS);
        for (size_t i = 0; code == 0 && i < messages.count; i++) {
            if (messages.items[i].order == ++order)
                hear(store, &messages.items[i]);
            else
                code = cat_error_set(error, CAT_E_UNAVAILABLE, "records were lost on the way: they are read again");
        }
        waiting = code == 0 && messages.count ? messages.items[messages.count - 1].pending : waiting;
        /* When nothing came, that is all only when the server said that nothing waits. */
        if (code == 0 && waiting == 0)
            be_ready(store);
    }
    return code;
}

static void *run(void *context)
{
    bil_store *store = context;
    const cat_clock *clock = cat_clock_system();
    while (!atomic_load(&store->stopping)) {
        cat_error error = {0};
        if (follow(store, &error) == 0)
            continue;
        cat_log_warning("the ledger is not read", CAT_FIELD_ERROR(&error));
        for (int64_t waited = 0; waited < RETRY_MS && !atomic_load(&store->stopping); waited += 100)
            clock->sleep_ms(clock, 100);
    }
    return NULL;
}

int bil_store_start(cat_service *service, cat_spine *spine, bil_store **started, cat_error *error)
{
    bil_store *store = cat_calloc(1, sizeof *store);
    store->service = service;
    store->spine = spine;
    store->ledger = bil_ledger_create(BIL_LEDGER_MAX);
    store->records = cat_metric_get(cat_service_metrics(service), CAT_METRIC_GAUGE, "catalyst_billing_ledger_records",
                                    "Records that are held.", NULL);
    pthread_rwlock_init(&store->lock, NULL);
    cat_service_set_ready(service, "ledger", "reading the ledger");
    if (pthread_create(&store->thread, NULL, run, store) != 0) {
        bil_ledger_destroy(store->ledger);
        pthread_rwlock_destroy(&store->lock);
        free(store);
        return cat_error_set(error, CAT_E_IO, "a thread could not be started");
    }
    *started = store;
    return 0;
}

void bil_store_stop(bil_store *store)
{
    if (!store)
        return;
    atomic_store(&store->stopping, true);
    pthread_join(store->thread, NULL);
    bil_ledger_destroy(store->ledger);
    pthread_rwlock_destroy(&store->lock);
    free(store);
}

int bil_store_search(bil_store *store, const bil_ledger_query *query, json_t **result, uint64_t *sequence, cat_error *error)
{
    pthread_rwlock_rdlock(&store->lock);
    int code = store->ready ? bil_ledger_search(store->ledger, query, result, error)
                            : cat_error_set(error, CAT_E_UNAVAILABLE, "the ledger is being read");
    *sequence = store->sequence;
    pthread_rwlock_unlock(&store->lock);
    return code;
}
