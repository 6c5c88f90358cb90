/* One message: how it is written down for the server, and what the server says to it. */

#include "net/spine_internal.h"
#include "wire/subjects.h"

static bool is_header_text(const char *text, size_t max)
{
    size_t length = 0;
    for (const unsigned char *at = (const unsigned char *)text; *at; at++) {
        if (*at < 0x20 || *at == 0x7f || ++length > max)
            return false;
    }
    return length > 0;
}

static bool is_literal_subject(const char *subject)
{
    size_t length = strlen(subject);
    if (length == 0 || length >= CAT_SUBJECT_MAX || subject[0] == '.' || subject[length - 1] == '.' || strstr(subject, ".."))
        return false;
    for (const unsigned char *at = (const unsigned char *)subject; *at; at++) {
        bool wildcard =
            (*at == '*' || *at == '>') && (at == (const unsigned char *)subject || at[-1] == '.') && (!at[1] || at[1] == '.');
        if (*at <= 0x20 || *at == 0x7f || wildcard)
            return false;
    }
    return true;
}

int spine_check_publication(const cat_publication *publication, cat_error *error)
{
    if (!publication->subject || !is_literal_subject(publication->subject))
        return cat_error_set(error, CAT_E_INVALID, "\"%.100s\" is no subject to publish on",
                             publication->subject ? publication->subject : "");
    if (publication->message_id && !is_header_text(publication->message_id, 1024))
        return cat_error_set(error, CAT_E_INVALID, "a message id on %s is empty, too long or holds control characters",
                             publication->subject);
    if (publication->content_type && !is_header_text(publication->content_type, 256))
        return cat_error_set(error, CAT_E_INVALID, "the content type on %s is no header", publication->subject);
    if (publication->traceparent && !is_header_text(publication->traceparent, 256))
        return cat_error_set(error, CAT_E_INVALID, "the traceparent on %s is no header", publication->subject);
    if (publication->kv_operation && !cat_text_equal(publication->kv_operation, "DEL") &&
        !cat_text_equal(publication->kv_operation, "PURGE"))
        return cat_error_set(error, CAT_E_INVALID, "\"%s\" is no operation of a bucket", publication->kv_operation);
    if (publication->length > 64u << 20)
        return cat_error_set(error, CAT_E_TOO_LARGE, "a message of %zu bytes on %s is too large", publication->length,
                             publication->subject);
    return 0;
}

static natsStatus set_number(natsMsg *message, const char *header, unsigned long long number, const char *unit)
{
    char text[40];
    snprintf(text, sizeof(text), "%llu%s", number, unit);
    return natsMsgHeader_Set(message, header, text);
}

static natsStatus set_batch(natsMsg *message, const spine_batch_part *part)
{
    natsStatus status = natsMsgHeader_Set(message, "Nats-Batch-Id", part->id);
    if (status == NATS_OK)
        status = set_number(message, "Nats-Batch-Sequence", part->sequence, "");
    if (status == NATS_OK && part->commit)
        status = natsMsgHeader_Set(message, "Nats-Batch-Commit", "1");
    return status;
}

static natsStatus set_headers(natsMsg *message, const cat_publication *publication)
{
    natsStatus status = NATS_OK;
    if (publication->message_id)
        status = natsMsgHeader_Set(message, "Nats-Msg-Id", publication->message_id);
    if (status == NATS_OK && publication->content_type)
        status = natsMsgHeader_Set(message, "Content-Type", publication->content_type);
    if (status == NATS_OK && publication->traceparent)
        status = natsMsgHeader_Set(message, "traceparent", publication->traceparent);
    if (status == NATS_OK && publication->expected_subject_sequence >= 0)
        status = set_number(message, "Nats-Expected-Last-Subject-Sequence",
                            (unsigned long long)publication->expected_subject_sequence, "");
    /* The server counts whole seconds. */
    if (status == NATS_OK && publication->ttl_ms > 0)
        status = set_number(message, "Nats-TTL", ((unsigned long long)publication->ttl_ms + 999) / 1000, "s");
    if (status == NATS_OK && publication->kv_operation)
        status = natsMsgHeader_Set(message, "KV-Operation", publication->kv_operation);
    return status;
}

natsStatus spine_message_make(const cat_publication *publication, const char *reply, const spine_batch_part *part,
                              natsMsg **message)
{
    natsMsg *made = NULL;
    natsStatus status = natsMsg_Create(&made, publication->subject, reply, publication->body, (int)publication->length);
    if (status == NATS_OK)
        status = set_headers(made, publication);
    if (status == NATS_OK && part && part->id)
        status = set_batch(made, part);
    if (status == NATS_OK)
        *message = made;
    else
        natsMsg_Destroy(made);
    return status;
}

int spine_read_acknowledgement(natsMsg *answer, const char *subject, uint64_t *sequence, bool *duplicate, cat_error *error)
{
    if (natsMsg_IsNoResponders(answer))
        return cat_error_set(error, CAT_E_NOT_FOUND, "no stream takes %s", subject);
    static const cat_json_caps CAPS = {.max_bytes = 64 * 1024, .max_depth = 8};
    __attribute__((cleanup(cat_document_destroy_cleanup))) cat_document *document = NULL;
    if (cat_document_parse(natsMsg_GetData(answer), (size_t)natsMsg_GetDataLength(answer), &CAPS, &document, NULL) < 0)
        return cat_error_set_peer(error, CAT_PEER_SPINE, CAT_E_PROTOCOL, "the acknowledgement for %s is not JSON", subject);
    cat_view root = cat_document_root(document), failed = cat_view_member(root, "error");
    if (failed.value)
        return spine_api_error(failed, error, subject);
    int64_t stored = cat_view_int_or(root, "seq", 0);
    if (stored <= 0)
        return cat_error_set_peer(error, CAT_PEER_SPINE, CAT_E_PROTOCOL, "the acknowledgement for %s names no sequence", subject);
    if (sequence)
        *sequence = (uint64_t)stored;
    if (duplicate)
        *duplicate = cat_view_bool_or(root, "duplicate", false);
    return 0;
}

int cat_spine_publish(cat_spine *spine, const cat_publication *publication, uint64_t *sequence, bool *duplicate, cat_error *error)
{
    int checked = spine_check_publication(publication, error);
    if (checked < 0)
        return checked;
    if (!cat_spine_is_connected(spine))
        return cat_error_set_peer(error, CAT_PEER_SPINE, CAT_E_UNAVAILABLE, "publishing on %s: the spine is not connected",
                                  publication->subject);
    natsMsg *message = NULL, *answer = NULL;
    natsStatus status = spine_message_make(publication, NULL, NULL, &message);
    if (status == NATS_OK)
        status = natsConnection_RequestMsg(&answer, spine->connection, message, SPINE_API_TIMEOUT_MS);
    natsMsg_Destroy(message);
    if (status == NATS_NO_RESPONDERS)
        return cat_error_set(error, CAT_E_NOT_FOUND, "no stream takes %s", publication->subject);
    if (status != NATS_OK)
        return spine_status_error(status, error, "publishing on %s", publication->subject);
    int result = spine_read_acknowledgement(answer, publication->subject, sequence, duplicate, error);
    natsMsg_Destroy(answer);
    return result;
}
