/* Streams: made and changed through the JSON API, as nats.c's structs lag behind the server's fields. */

#include "base/clock.h"
#include "net/spine_internal.h"
#include "wire/digest.h"

#define NANOSECONDS(ms) ((ms)*INT64_C(1000000))
#define DEFAULT_WINDOW_MS (2 * 60 * 1000)

static json_t *stream_config_json(const cat_stream_config *config)
{
    json_t *json = json_object(), *subjects = json_array();
    for (size_t i = 0; i < sizeof(config->subjects) / sizeof(config->subjects[0]) && config->subjects[i]; i++)
        json_array_append_new(subjects, json_string(config->subjects[i]));
    cat_json_set_text(json, "name", config->name);
    cat_json_set_text(json, "description", config->description);
    cat_json_set(json, "subjects", subjects);
    cat_json_set_text(json, "retention", config->work_queue ? "workqueue" : "limits");
    cat_json_set_int(json, "max_consumers", -1);
    cat_json_set_int(json, "max_msgs", -1);
    cat_json_set_int(json, "max_bytes", config->max_bytes > 0 ? config->max_bytes : -1);
    cat_json_set_int(json, "max_age", NANOSECONDS(config->max_age_ms));
    cat_json_set_int(json, "max_msgs_per_subject", config->max_messages_per_subject > 0 ? config->max_messages_per_subject : -1);
    cat_json_set_int(json, "max_msg_size", config->max_message_bytes > 0 ? config->max_message_bytes : -1);
    cat_json_set_text(json, "storage", config->memory ? "memory" : "file");
    cat_json_set_text(json, "discard", config->discard_new ? "new" : "old");
    cat_json_set_int(json, "num_replicas", config->replicas ? config->replicas : 1);
    int64_t window_ms = config->duplicate_window_ms > 0 ? config->duplicate_window_ms : DEFAULT_WINDOW_MS;
    if (config->max_age_ms > 0 && window_ms > config->max_age_ms)
        window_ms = config->max_age_ms; /* the server refuses a window longer than messages live */
    cat_json_set_int(json, "duplicate_window", NANOSECONDS(window_ms));
    cat_json_set_bool(json, "deny_delete", config->deny_delete);
    cat_json_set_bool(json, "deny_purge", config->deny_purge);
    cat_json_set_bool(json, "allow_rollup_hdrs", config->allow_rollup);
    cat_json_set_bool(json, "allow_direct", config->allow_direct);
    cat_json_set_bool(json, "allow_atomic", config->allow_atomic);
    cat_json_set_bool(json, "allow_msg_ttl", config->allow_ttl);
    if (config->marker_ttl_ms > 0)
        cat_json_set_int(json, "subject_delete_marker_ttl", NANOSECONDS(config->marker_ttl_ms));
    return json;
}

int cat_stream_ensure(cat_spine *spine, const cat_stream_config *config, cat_error *error)
{
    int checked = spine_check_name("stream", config->name, error);
    if (checked < 0)
        return checked;
    cat_autojson json_t *json = stream_config_json(config);
    char subject[160];
    snprintf(subject, sizeof(subject), "STREAM.CREATE.%s", config->name);
    cat_error create_error = {0};
    int result = spine_api(spine, subject, json, NULL, &create_error);
    if (result == CAT_E_EXISTS) {
        cat_error_clear(&create_error);
        snprintf(subject, sizeof(subject), "STREAM.UPDATE.%s", config->name);
        result = spine_api(spine, subject, json, NULL, &create_error);
    }
    if (result < 0) {
        cat_error_wrap(&create_error, "stream %s", config->name);
        return cat_error_copy(error, &create_error);
    }
    return 0;
}

int cat_stream_delete(cat_spine *spine, const char *name, cat_error *error)
{
    cat_error local = {0};
    int result = spine_check_name("stream", name, &local);
    if (result == 0) {
        char subject[160];
        snprintf(subject, sizeof(subject), "STREAM.DELETE.%s", name);
        result = spine_api(spine, subject, NULL, NULL, &local);
    }
    if (result == CAT_E_NOT_FOUND)
        return 0;
    return result < 0 ? cat_error_copy(error, &local) : 0;
}

int spine_stream_state_get(cat_spine *spine, const char *name, spine_stream_state *state, cat_error *error)
{
    cat_error local = {0};
    char subject[160];
    snprintf(subject, sizeof(subject), "STREAM.INFO.%s", name ? name : "");
    __attribute__((cleanup(cat_document_destroy_cleanup))) cat_document *answer = NULL;
    if (spine_check_name("stream", name, &local) < 0 || spine_api(spine, subject, NULL, &answer, &local) < 0)
        return cat_error_copy(error, &local);
    cat_view root = cat_document_root(answer);
    const char *created = cat_view_text(root, "created");
    spine_stream_state found = {0};
    if (!created || !cat_time_parse(created, &found.info.created_ms))
        return cat_error_set_peer(error, CAT_PEER_SPINE, CAT_E_PROTOCOL, "stream %s has no time of creation", name);
    char hex[CAT_SHA256_HEX];
    cat_sha256_hex(created, strlen(created), hex);
    snprintf(found.info.incarnation, sizeof(found.info.incarnation), "%.16s", hex);
    found.info.first_sequence = (uint64_t)cat_view_int_or(root, "state.first_seq", 0);
    found.info.last_sequence = (uint64_t)cat_view_int_or(root, "state.last_seq", 0);
    found.info.messages = (uint64_t)cat_view_int_or(root, "state.messages", 0);
    found.info.bytes = cat_view_int_or(root, "state.bytes", 0);
    found.marker_ttl_ms = cat_view_int_or(root, "config.subject_delete_marker_ttl", 0) / 1000000;
    *state = found;
    return 0;
}

int cat_stream_get_info(cat_spine *spine, const char *name, cat_stream_info *info, cat_error *error)
{
    spine_stream_state state;
    cat_error local = {0};
    if (spine_stream_state_get(spine, name, &state, &local) < 0)
        return cat_error_copy(error, &local);
    *info = state.info;
    return 0;
}

int cat_stream_last(cat_spine *spine, const char *name, const char *subject, uint64_t *sequence, cat_error *error)
{
    char call[160];
    snprintf(call, sizeof call, "STREAM.MSG.GET.%s", name);
    __attribute__((cleanup(cat_document_destroy_cleanup))) cat_document *answer = NULL;
    cat_autojson json_t *body = cat_json_object("last_by_subj", json_string(subject), NULL);
    int code = spine_check_name("stream", name, error);
    if (code == 0)
        code = spine_api(spine, call, body, &answer, error);
    if (code == 0 && sequence)
        *sequence = (uint64_t)cat_view_int_or(cat_document_root(answer), "message.seq", 0);
    return code;
}

int cat_stream_names(cat_spine *spine, cat_strings *names, cat_error *error)
{
    cat_auto(cat_strings) found = {0};
    for (;;) {
        cat_autojson json_t *body = cat_json_object("offset", json_integer((json_int_t)found.count), NULL);
        __attribute__((cleanup(cat_document_destroy_cleanup))) cat_document *answer = NULL;
        cat_error local = {0};
        if (spine_api(spine, "STREAM.NAMES", body, &answer, &local) < 0)
            return cat_error_copy(error, &local);
        cat_view list = cat_view_get(cat_document_root(answer), "streams"), item;
        int64_t total = cat_view_int_or(cat_document_root(answer), "total", 0);
        size_t before = found.count;
        cat_view_iterator each = cat_view_each(list);
        const char *member;
        while (cat_view_next(&each, &member, &item))
            cat_strings_add(&found, cat_view_text_or(item, NULL, ""));
        if (found.count == before || (int64_t)found.count >= total)
            break;
    }
    for (size_t i = 0; i < found.count; i++)
        cat_strings_add(names, found.items[i]);
    return 0;
}
