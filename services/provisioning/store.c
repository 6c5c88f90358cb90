#include "store.h"

#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/memory.h"
#include "core/operation.h"
#include "wire/subjects.h"

#define QUEUE "provisioning-work"
#define HALF_A_DAY_MS (INT64_C(12) * 3600 * 1000)

const char *const prv_added_to_plans[] = {"request", "principal", "operation", NULL};

static const cat_json_caps CAPS = {.max_bytes = 2 * PRV_RECORD_MAX_BYTES, .max_depth = 80};

/* Ids are ULIDs or digests; whatever else somebody asks for is not there. */
static bool is_id(const char *id)
{
    size_t length = id ? strlen(id) : 0;
    return length > 0 && length <= 64 && strspn(id, "abcdefghijklmnopqrstuvwxyz0123456789-") == length;
}

static void key_of(const char *prefix, const char *id, char key[128])
{
    snprintf(key, 128, "%s%s%s", prefix, *prefix ? "." : "", id);
}

static int read_record(const prv_store *store, const char *key, const cat_kv_entry *entry, json_t **record, cat_error *error)
{
    cat_autojson json_t *found = NULL;
    cat_error failed = {0};
    if (cat_json_parse(entry->value, entry->length, &CAPS, &found, &failed) < 0 || !json_is_object(found) ||
        !prv_unseal(store->signer, key, found))
        return cat_error_set_class(error, CAT_E_FORBIDDEN, CAT_CLASS_STALLED,
                                   "what is stored as %s is not what Catalyst wrote there, and is not used: plan again", key);
    *record = cat_take(found);
    return 0;
}

int prv_store_get(const prv_store *store, const char *prefix, const char *id, json_t **value, uint64_t *revision,
                  cat_error *error)
{
    char key[128];
    cat_auto(cat_kv_entry) entry = {0};
    if (!is_id(id))
        return cat_error_set(error, CAT_E_NOT_FOUND, "there is no such id");
    key_of(prefix, id, key);
    int code = cat_kv_get(store->spine, PRV_BUCKET, key, &entry, error);
    cat_autojson json_t *found = NULL;
    if (code == 0)
        code = read_record(store, key, &entry, &found, error);
    if (code < 0)
        return code;
    if (revision)
        *revision = entry.revision;
    *value = cat_take(found);
    return 0;
}

int prv_store_put(const prv_store *store, const char *prefix, const char *id, const json_t *value, int64_t expected,
                  uint64_t *revision, cat_error *error)
{
    char key[128];
    key_of(prefix, id, key);
    cat_autojson json_t *sealed = json_copy((json_t *)value);
    int code = prv_seal(store->signer, key, sealed, error);
    if (code < 0)
        return code;
    cat_autofree char *text = cat_json_format(sealed);
    size_t length = strlen(text);
    if (length > PRV_RECORD_MAX_BYTES)
        return cat_error_set(error, CAT_E_TOO_LARGE, "the plan takes %zu bytes, and %zu are the most: install in several steps",
                             length, PRV_RECORD_MAX_BYTES);
    return cat_kv_put(store->spine, PRV_BUCKET, &(cat_kv_write){key, text, length, expected}, revision, error);
}

int prv_store_delete(const prv_store *store, const char *prefix, const char *id, cat_error *error)
{
    char key[128];
    key_of(prefix, id, key);
    return cat_kv_delete(store->spine, PRV_BUCKET, key, -1, error);
}

int prv_store_keep_work(const prv_store *store, const char *id, int64_t now_ms, cat_error *error)
{
    char key[128];
    cat_auto(cat_kv_entry) entry = {0};
    key_of("work", id, key);
    int code = cat_kv_get(store->spine, PRV_BUCKET, key, &entry, error);
    if (code < 0 || now_ms - entry.time_ms < HALF_A_DAY_MS)
        return code;
    return cat_kv_put(store->spine, PRV_BUCKET, &(cat_kv_write){key, entry.value, entry.length, -1}, NULL, error);
}

/* One of its own for each operation: whether it waits can be asked. */
static void queue_subject(const char *operation, char subject[CAT_SUBJECT_MAX])
{
    snprintf(subject, CAT_SUBJECT_MAX, "catalyst.command.provisioning.%s", operation);
}

int prv_store_is_queued(const prv_store *store, const char *operation, bool *queued, cat_error *error)
{
    char subject[CAT_SUBJECT_MAX];
    cat_error failed = {0};
    queue_subject(operation, subject);
    int code = cat_stream_last(store->spine, QUEUE, subject, NULL, &failed);
    if (code < 0 && code != CAT_E_NOT_FOUND)
        return cat_error_copy(error, &failed);
    *queued = code == 0;
    return 0;
}

int prv_store_enqueue(const prv_store *store, const char *operation, int64_t ticket, cat_error *error)
{
    cat_autojson json_t *body = cat_json_object("operation", json_string(operation), "ticket", json_integer(ticket), NULL);
    cat_autofree char *text = cat_json_format(body);
    char id[128], subject[CAT_SUBJECT_MAX];
    queue_subject(operation, subject);
    snprintf(id, sizeof id, "%s/%lld", operation, (long long)ticket);
    cat_publication publication = {.subject = subject,
                                   .message_id = id,
                                   .content_type = "application/json",
                                   .body = text,
                                   .length = strlen(text),
                                   .expected_subject_sequence = -1};
    return cat_spine_publish(store->spine, &publication, NULL, NULL, error);
}

typedef struct {
    const prv_store *store;
    void (*each)(void *context, const json_t *operation, uint64_t revision);
    void *context;
    bool running; /* these alone */
} walk;

static bool on_operation(void *context, const cat_kv_entry *entry)
{
    walk *to = context;
    cat_autojson json_t *operation = NULL;
    cat_error error = {0};
    if (!entry->value)
        return true;
    if (read_record(to->store, entry->key, entry, &operation, &error) < 0)
        cat_log_warning("an operation cannot be read", CAT_FIELD("key", entry->key), CAT_FIELD_ERROR(&error));
    else if (!to->running || !prv_operation_has_ended(operation))
        to->each(to->context, operation, entry->revision);
    return true;
}

int prv_store_each(const prv_store *store, void (*each)(void *context, const json_t *operation, uint64_t revision), void *context,
                   cat_error *error)
{
    walk to = {store, each, context, false};
    return cat_kv_each(store->spine, PRV_BUCKET, "operation.>", on_operation, &to, error);
}

int prv_store_each_running(const prv_store *store, void (*each)(void *context, const json_t *operation, uint64_t revision),
                           void *context, cat_error *error)
{
    walk to = {store, each, context, true};
    return cat_kv_each(store->spine, PRV_BUCKET, "operation.>", on_operation, &to, error);
}
