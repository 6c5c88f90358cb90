/* Consumers: made, found again, removed. */
#include "net/spine_internal.h"

#define NANOSECONDS(ms) ((ms)*INT64_C(1000000))

static json_t *consumer_config_json(const cat_consumer_options *options, const char *name)
{
    json_t *config = json_object();
    cat_json_set_text(config, options->durable ? "durable_name" : "name", name);
    if (options->durable)
        cat_json_set_text(config, "name", name);
    const char *policy = options->only_new           ? "new"
                         : options->last_per_subject ? "last_per_subject"
                         : options->start_sequence   ? "by_start_sequence"
                                                     : "all";
    cat_json_set_text(config, "deliver_policy", policy);
    if (strcmp(policy, "by_start_sequence") == 0)
        cat_json_set_int(config, "opt_start_seq", (int64_t)options->start_sequence);
    cat_json_set_text(config, "ack_policy", options->no_ack ? "none" : "explicit");
    cat_json_set_text(config, "replay_policy", "instant");
    if (!options->no_ack) {
        cat_json_set_int(config, "ack_wait", NANOSECONDS(options->ack_wait_ms > 0 ? options->ack_wait_ms : 30000));
        cat_json_set_int(config, "max_ack_pending", options->max_ack_pending ? options->max_ack_pending : 1000);
        cat_json_set_int(config, "max_deliver", options->max_deliver > 0 ? options->max_deliver : -1);
    }
    if (!options->durable || options->inactive_ms > 0)
        cat_json_set_int(config, "inactive_threshold", NANOSECONDS(options->inactive_ms > 0 ? options->inactive_ms : 60000));
    if (options->memory) {
        cat_json_set_bool(config, "mem_storage", true);
        cat_json_set_int(config, "num_replicas", 1);
    }
    size_t filters = 0;
    while (filters < sizeof(options->filters) / sizeof(options->filters[0]) && options->filters[filters])
        filters++;
    /* The server wants to be told subjects whose last it shall give. */
    if (filters == 1 || options->last_per_subject)
        cat_json_set_text(config, "filter_subject", filters ? options->filters[0] : ">");
    if (filters > 1) {
        json_object_del(config, "filter_subject");
        json_t *list = json_array();
        for (size_t i = 0; i < filters; i++)
            json_array_append_new(list, json_string(options->filters[i]));
        cat_json_set(config, "filter_subjects", list);
    }
    return config;
}

static int ask_for_consumer(cat_consumer *consumer, const cat_consumer_options *options, cat_error *error)
{
    cat_autojson json_t *body = cat_json_object("stream_name", json_string(consumer->stream), "config",
                                                consumer_config_json(options, consumer->name), NULL);
    /* One filter stands in the call's subject too: what may be read of a stream is granted by it. */
    const char *filter = options->filters[0] && !options->filters[1] ? options->filters[0] : NULL;
    char subject[CAT_SUBJECT_MAX + 280];
    snprintf(subject, sizeof(subject), "CONSUMER.CREATE.%s.%s%s%s", consumer->stream, consumer->name, filter ? "." : "",
             filter ? filter : "");
    __attribute__((cleanup(cat_document_destroy_cleanup))) cat_document *answer = NULL;
    int result = spine_api(consumer->spine, subject, body, &answer, error);
    if (result == 0)
        consumer->pending_at_start = (uint64_t)cat_view_int_or(cat_document_root(answer), "num_pending", 0);
    return result;
}

/* A request that was under way on the old connection is forgotten by the server: whoever waits looks again. */
static void wake(void *context)
{
    cat_consumer *consumer = context;
    char subject[SPINE_INBOX_MAX + 8];
    snprintf(subject, sizeof(subject), "%s.wake", consumer->inbox_subject);
    natsConnection_Publish(consumer->spine->connection, subject, NULL, 0);
}

static int subscribe(cat_consumer *consumer, cat_error *error)
{
    spine_inbox(consumer->spine, consumer->inbox_subject);
    consumer->inbox_length = strlen(consumer->inbox_subject);
    char subject[SPINE_INBOX_MAX + 4];
    snprintf(subject, sizeof(subject), "%s.*", consumer->inbox_subject);
    natsStatus status = natsConnection_SubscribeSync(&consumer->inbox, consumer->spine->connection, subject);
    /* What may wait here is bounded by what was asked for. */
    if (status == NATS_OK)
        status = natsSubscription_SetPendingLimits(consumer->inbox, -1, -1);
    if (status != NATS_OK)
        return spine_status_error(status, error, "listening for stream %s", consumer->stream);
    return 0;
}

static void free_consumer(cat_consumer *consumer)
{
    natsSubscription_Destroy(consumer->inbox);
    pthread_mutex_destroy(&consumer->lock);
    free(consumer->stream);
    free(consumer->name);
    free(consumer);
}

int cat_consumer_create(cat_spine *spine, const cat_consumer_options *options, cat_consumer **consumer, cat_error *error)
{
    const char *name = options->durable ? options->durable : options->name;
    int result = spine_check_name("stream", options->stream, error);
    if (result == 0 && name)
        result = spine_check_name("consumer", name, error);
    if (result < 0)
        return result;
    cat_consumer *made = cat_calloc(1, sizeof(*made));
    made->spine = spine;
    made->stream = cat_strdup(options->stream);
    made->name = name ? cat_strdup(name) : cat_printf("c-%s-%llx", spine->unique, (unsigned long long)spine->counter++);
    made->durable = options->durable != NULL;
    made->no_ack = options->no_ack;
    made->epoch = spine->epoch;
    pthread_mutex_init(&made->lock, NULL);
    cat_error local = {0};
    result = subscribe(made, &local);
    if (result == 0)
        result = ask_for_consumer(made, options, &local);
    if (result < 0) {
        free_consumer(made);
        return cat_error_copy(error, &local);
    }
    made->heard_ms = spine_now_ms();
    made->listener = (spine_listener){.on_reconnect = wake, .context = made};
    spine_listen(spine, &made->listener);
    *consumer = made;
    return 0;
}

int cat_consumer_delete_named(cat_spine *spine, const char *stream, const char *name, cat_error *error)
{
    cat_error local = {0};
    int result = spine_check_name("stream", stream, &local);
    if (result == 0)
        result = spine_check_name("consumer", name, &local);
    if (result == 0) {
        char subject[280];
        snprintf(subject, sizeof(subject), "CONSUMER.DELETE.%s.%s", stream, name);
        result = spine_api(spine, subject, NULL, NULL, &local);
    }
    if (result == CAT_E_NOT_FOUND || result == 0)
        return 0;
    return cat_error_copy(error, &local);
}

void cat_consumer_destroy(cat_consumer *consumer)
{
    if (!consumer)
        return;
    spine_unlisten(consumer->spine, &consumer->listener);
    /* Where this does not reach the server, it removes the consumer itself after a while. */
    if (!consumer->durable && cat_spine_is_connected(consumer->spine))
        cat_consumer_delete_named(consumer->spine, consumer->stream, consumer->name, NULL);
    free_consumer(consumer);
}

uint64_t cat_consumer_waiting_at_start(const cat_consumer *consumer)
{
    return consumer->pending_at_start;
}

void spine_consumer_interrupt(cat_consumer *consumer)
{
    natsSubscription_Unsubscribe(consumer->inbox);
}
