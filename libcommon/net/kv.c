/* Buckets: streams that keep one message a subject. They are made by hand, as the calls for buckets cannot ask for atomic
 * batches. */
#include "base/clock.h"
#include "base/encoding.h"
#include "net/spine_internal.h"

#define EACH_AT_ONCE 500

int spine_bucket_of(const char *bucket, spine_bucket *names, cat_error *error)
{
    int result = spine_check_name("bucket", bucket, error);
    if (result < 0)
        return result;
    snprintf(names->stream, sizeof(names->stream), "KV_%s", bucket);
    names->prefix_length = (size_t)snprintf(names->prefix, sizeof(names->prefix), "$KV.%s.", bucket);
    return 0;
}

int cat_bucket_ensure(cat_spine *spine, const cat_bucket_config *config, cat_error *error)
{
    spine_bucket names;
    int result = spine_bucket_of(config->bucket, &names, error);
    if (result < 0)
        return result;
    char subjects[SPINE_KV_NAME_MAX + 2];
    snprintf(subjects, sizeof(subjects), "%s>", names.prefix);
    cat_stream_config stream = {
        .name = names.stream,
        .subjects = {subjects},
        .description = config->description,
        .max_bytes = config->max_bytes,
        .max_age_ms = config->ttl_ms,
        .max_messages_per_subject = 1,
        .marker_ttl_ms = config->marker_ttl_ms,
        .replicas = config->replicas,
        .discard_new = true, /* a full bucket must say so instead of forgetting keys */
        .deny_delete = true,
        .allow_direct = true,
        .allow_rollup = true,
        .allow_atomic = config->allow_atomic,
        .allow_ttl = config->marker_ttl_ms > 0,
        .memory = config->memory,
    };
    return cat_stream_ensure(spine, &stream, error);
}

int cat_bucket_delete(cat_spine *spine, const char *bucket, cat_error *error)
{
    spine_bucket names;
    int result = spine_bucket_of(bucket, &names, error);
    return result < 0 ? result : cat_stream_delete(spine, names.stream, error);
}

int cat_bucket_get_info(cat_spine *spine, const char *bucket, cat_stream_info *info, cat_error *error)
{
    spine_bucket names;
    int result = spine_bucket_of(bucket, &names, error);
    return result < 0 ? result : cat_stream_get_info(spine, names.stream, info, error);
}

void cat_kv_entry_finish(cat_kv_entry *entry)
{
    free(entry->key);
    free(entry->value);
    *entry = (cat_kv_entry){0};
}

static int subject_of(const spine_bucket *names, const char *key, char subject[CAT_SUBJECT_MAX], cat_error *error)
{
    size_t length = key ? strlen(key) : 0;
    bool well = length > 0 && length < CAT_KEY_MAX && key[0] != '.' && key[length - 1] != '.' && !strstr(key, "..");
    for (const char *at = key; well && *at; at++) {
        bool letter = (*at >= 'a' && *at <= 'z') || (*at >= 'A' && *at <= 'Z') || (*at >= '0' && *at <= '9');
        well = letter || strchr("-/_=.", *at);
    }
    if (!well)
        return cat_error_set(error, CAT_E_INVALID, "\"%.100s\" is no key of a bucket", key ? key : "");
    int written = snprintf(subject, CAT_SUBJECT_MAX, "%s%s", names->prefix, key);
    if (written >= CAT_SUBJECT_MAX)
        return cat_error_set(error, CAT_E_TOO_LARGE, "key \"%.100s…\" is too long for its bucket", key);
    return 0;
}

int spine_bucket_filter(const spine_bucket *names, const char *filter, char subject[CAT_SUBJECT_MAX], cat_error *error)
{
    const char *rest = filter && *filter ? filter : ">";
    if (strpbrk(rest, " \t\r\n"))
        return cat_error_set(error, CAT_E_INVALID, "\"%.100s\" is no filter of keys", rest);
    if (snprintf(subject, CAT_SUBJECT_MAX, "%s%s", names->prefix, rest) >= CAT_SUBJECT_MAX)
        return cat_error_set(error, CAT_E_TOO_LARGE, "a filter of keys is too long");
    return 0;
}

/* The stored headers' text: "NATS/1.0\r\nName: value\r\n…". Markers are ours (KV-Operation) or the server's (Nats-Marker-Reason).
 */
static bool headers_mark_deletion(const char *headers)
{
    return strstr(headers, "KV-Operation:") || strstr(headers, "Nats-Marker-Reason:");
}

static int place_of(const char *bucket, const char *key, spine_bucket *names, char subject[CAT_SUBJECT_MAX], cat_error *error)
{
    int result = spine_bucket_of(bucket, names, error);
    return result < 0 ? result : subject_of(names, key, subject, error);
}

static int read_stored(const spine_bucket *names, cat_view message, const char *key, cat_kv_entry *entry, cat_error *error)
{
    const char *data = cat_view_text_or(message, "data", ""), *headers = cat_view_text_or(message, "hdrs", "");
    size_t length = 0, headers_length = 0;
    cat_autofree char *value = (char *)cat_base64_decode(data, strlen(data), &length);
    cat_autofree char *head = (char *)cat_base64_decode(headers, strlen(headers), &headers_length);
    int64_t revision = cat_view_int_or(message, "seq", 0);
    if (!value || !head || revision <= 0)
        return cat_error_set_peer(error, CAT_PEER_SPINE, CAT_E_PROTOCOL, "bucket's stream %s gave a message that cannot be read",
                                  names->stream);
    cat_kv_entry found = {.revision = (uint64_t)revision};
    cat_time_parse(cat_view_text_or(message, "time", ""), &found.time_ms);
    if (headers_mark_deletion(head)) {
        *entry = found;
        return cat_error_set(error, CAT_E_NOT_FOUND, "key \"%s\" was deleted", key);
    }
    found.key = cat_strdup(key);
    found.length = length;
    found.value = cat_take(value);
    *entry = found;
    return 0;
}

int cat_kv_get(cat_spine *spine, const char *bucket, const char *key, cat_kv_entry *entry, cat_error *error)
{
    spine_bucket names;
    char subject[CAT_SUBJECT_MAX];
    int result = place_of(bucket, key, &names, subject, error);
    if (result < 0)
        return result;
    /* Asked of the stream's leader: a direct read may come from a replica that lags, and cursors are compared with what is read
     * here. */
    cat_autojson json_t *body = cat_json_object("last_by_subj", json_string(subject), NULL);
    char call[160];
    snprintf(call, sizeof(call), "STREAM.MSG.GET.%s", names.stream);
    __attribute__((cleanup(cat_document_destroy_cleanup))) cat_document *answer = NULL;
    cat_error local = {0};
    result = spine_api(spine, call, body, &answer, &local);
    if (result < 0) {
        if (result == CAT_E_NOT_FOUND)
            entry->revision = 0;
        return cat_error_copy(error, &local);
    }
    return read_stored(&names, cat_view_get(cat_document_root(answer), "message"), key, entry, error);
}

static int put(cat_spine *spine, const spine_bucket *names, const cat_publication *publication, uint64_t *revision,
               cat_error *error)
{
    cat_error local = {0};
    int result = cat_spine_publish(spine, publication, revision, NULL, &local);
    if (result == CAT_E_NOT_FOUND)
        return cat_error_set(error, CAT_E_NOT_FOUND, "bucket %s does not exist", names->stream + strlen("KV_"));
    return result < 0 ? cat_error_copy(error, &local) : 0;
}

int cat_kv_put(cat_spine *spine, const char *bucket, const cat_kv_write *write, uint64_t *revision, cat_error *error)
{
    spine_bucket names;
    char subject[CAT_SUBJECT_MAX];
    int result = place_of(bucket, write->key, &names, subject, error);
    if (result < 0)
        return result;
    cat_publication publication = {
        .subject = subject, .body = write->value, .length = write->length, .expected_subject_sequence = write->expected};
    cat_error local = {0};
    result = put(spine, &names, &publication, revision, &local);
    if (result == CAT_E_CONFLICT && write->expected == 0) {
        /* A key that was deleted does not exist, but its marker does. */
        cat_auto(cat_kv_entry) marker = {0};
        if (cat_kv_get(spine, bucket, write->key, &marker, NULL) == CAT_E_NOT_FOUND && marker.revision > 0) {
            publication.expected_subject_sequence = (int64_t)marker.revision;
            result = put(spine, &names, &publication, revision, &local);
        }
    }
    return result < 0 ? cat_error_copy(error, &local) : 0;
}

int cat_kv_delete(cat_spine *spine, const char *bucket, const char *key, int64_t expected, cat_error *error)
{
    spine_bucket names;
    char subject[CAT_SUBJECT_MAX];
    int result = place_of(bucket, key, &names, subject, error);
    if (result < 0)
        return result;
    spine_stream_state state;
    result = spine_stream_state_get(spine, names.stream, &state, error);
    if (result < 0)
        return result;
    cat_publication publication = {
        .subject = subject, .expected_subject_sequence = expected, .kv_operation = "DEL", .ttl_ms = state.marker_ttl_ms};
    return put(spine, &names, &publication, NULL, error);
}

bool spine_kv_entry_of(const spine_bucket *names, natsMsg *message, spine_delivery *delivery, cat_kv_entry *entry)
{
    const char *subject = natsMsg_GetSubject(message);
    if (strncmp(subject, names->prefix, names->prefix_length) != 0 || !spine_delivery_parse(natsMsg_GetReply(message), delivery))
        return false;
    *entry = (cat_kv_entry){
        .key = cat_strdup(subject + names->prefix_length), .revision = delivery->stream_sequence, .time_ms = delivery->time_ms};
    const char *mark = NULL;
    bool deleted = natsMsgHeader_Get(message, "KV-Operation", &mark) == NATS_OK ||
                   natsMsgHeader_Get(message, "Nats-Marker-Reason", &mark) == NATS_OK;
    if (!deleted) {
        entry->length = (size_t)natsMsg_GetDataLength(message);
        entry->value = cat_strndup(natsMsg_GetData(message), entry->length);
    }
    return true;
}

/* Gives what `consumer` has until nothing is left. */
static int walk(cat_consumer *consumer, const spine_bucket *names, bool (*each)(void *context, const cat_kv_entry *entry),
                void *context, cat_error *error)
{
    spine_pull_plan plan = {
        .want = EACH_AT_ONCE, .refill_below = EACH_AT_ONCE / 2, .expires_ms = SPINE_API_TIMEOUT_MS, .fail_on_reconnect = true};
    uint64_t left = consumer->pending_at_start, sequence = 0;
    while (left > 0) {
        natsMsg *message = NULL;
        int result = spine_pull(consumer, &plan, spine_now_ms() + SPINE_API_TIMEOUT_MS, &message, error);
        if (result == 0)
            return cat_error_set_peer(error, CAT_PEER_SPINE, CAT_E_TIMEOUT, "bucket's stream %s gave nothing for %d s",
                                      names->stream, SPINE_API_TIMEOUT_MS / 1000);
        if (result < 0)
            return result;
        spine_delivery delivery = {0};
        cat_auto(cat_kv_entry) entry = {0};
        bool well = spine_kv_entry_of(names, message, &delivery, &entry);
        natsMsg_Destroy(message);
        if (!well || delivery.consumer_sequence != ++sequence)
            return cat_error_set_peer(error, CAT_PEER_SPINE, CAT_E_UNAVAILABLE, "bucket's stream %s left something out",
                                      names->stream);
        left = delivery.pending;
        if (entry.value && !each(context, &entry))
            return 0;
    }
    return 0;
}

int cat_kv_each(cat_spine *spine, const char *bucket, const char *filter, bool (*each)(void *context, const cat_kv_entry *entry),
                void *context, cat_error *error)
{
    spine_bucket names;
    char subject[CAT_SUBJECT_MAX];
    int result = spine_bucket_of(bucket, &names, error);
    if (result == 0)
        result = spine_bucket_filter(&names, filter, subject, error);
    if (result < 0)
        return result;
    cat_consumer_options options = {.stream = names.stream,
                                    .filters = {subject},
                                    .last_per_subject = true,
                                    .no_ack = true,
                                    .memory = true,
                                    .inactive_ms = 30000};
    cat_autoptr(cat_consumer) consumer = NULL;
    result = cat_consumer_create(spine, &options, &consumer, error);
    return result < 0 ? result : walk(consumer, &names, each, context, error);
}
