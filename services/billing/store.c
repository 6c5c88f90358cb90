#include "store.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/task.h"
#include "domain/events.h"
#include "svc/follow.h"
#include "wire/cloudevent.h"

#define STREAM "billing-ledger"
#define FETCH_MAX 1000
#define FETCH_MS 1000
#define RETRY_MS 2000

struct bil_store {
    cat_service *service;
    cat_spine *spine;
    cat_task *task;
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
    cat_follow_break found = cat_follow_compare(store->incarnation, store->sequence, info);
    bool anew = found == CAT_FOLLOW_MADE_ANEW || found == CAT_FOLLOW_WENT_BACKWARDS;
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

static int read_next(bil_store *store, cat_follow *follow, cat_error *error)
{
    cat_auto(cat_messages) messages = {0};
    int code = cat_follow_read(follow, FETCH_MAX, FETCH_MS, FETCH_MS, &messages, error);
    for (size_t i = 0; i < messages.count; i++)
        hear(store, &messages.items[i]);
    /* When nothing came, that is all only when the server said that nothing waits. */
    if (code == 0 && cat_follow_waiting(follow) == 0)
        be_ready(store);
    return code;
}

static int read_ledger(bil_store *store, cat_task *task, cat_error *error)
{
    cat_autoptr(cat_follow) follow = NULL;
    cat_stream_info info = {0};
    int code = cat_stream_get_info(store->spine, STREAM, &info, error);
    if (code < 0)
        return code;
    begin(store, &info);
    code = cat_follow_create(&(cat_follow_options){.spine = store->spine, .stream = STREAM, .after = store->sequence}, &follow,
                             error);
    if (code == 0 && info.last_sequence <= store->sequence)
        be_ready(store);
    while (code == 0 && !cat_task_is_stopping(task))
        code = read_next(store, follow, error);
    return code;
}

static int64_t keep_reading(void *context, cat_task *task)
{
    cat_error error = {0};
    if (read_ledger(context, task, &error) < 0)
        cat_log_warning("the ledger is not read", CAT_FIELD_ERROR(&error));
    return 0;
}

bil_store *bil_store_start(cat_service *service, cat_spine *spine)
{
    bil_store *store = cat_calloc(1, sizeof *store);
    store->service = service;
    store->spine = spine;
    store->ledger = bil_ledger_create(BIL_LEDGER_MAX);
    store->records = cat_metric_get(cat_service_metrics(service), CAT_METRIC_GAUGE, "catalyst_billing_ledger_records",
                                    "Records that are held.", NULL);
    pthread_rwlock_init(&store->lock, NULL);
    cat_service_set_ready(service, "ledger", "reading the ledger");
    store->task = cat_task_start(&(cat_task_options){.interval_ms = RETRY_MS, .run = keep_reading, .context = store});
    return store;
}

void bil_store_stop(bil_store *store)
{
    if (!store)
        return;
    cat_task_stop(store->task);
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
