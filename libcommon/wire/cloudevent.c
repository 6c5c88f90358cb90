#include "wire/cloudevent.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/encoding.h"
#include "base/memory.h"
#include "wire/json_writer.h"

/* The envelope adds three levels to an object's. */
static const cat_json_caps event_caps = {.max_bytes = CAT_CLOUDEVENT_MAX_BYTES, .max_depth = 72};

static void set(json_t *json, const char *name, const char *value)
{
    if (value)
        json_object_set_new(json, name, json_string(value));
}

/* As cat_json_format's: far above what is let through, so that who sends says so of what is too large. */
#define FORMAT_MAX_BYTES ((size_t)256 * 1024 * 1024)
#define ENVELOPE_BYTES 1024

/* What is no text in UTF-8 is left out. */
static void write(cat_string *out, const char *name, const char *value)
{
    if (value && cat_text_is_utf8(value, strlen(value)))
        cat_write_text(out, name, value);
}

static void write_attributes(cat_string *out, const cat_cloudevent *event)
{
    char time[CAT_TIME_TEXT_MAX];
    write(out, "specversion", "1.0");
    write(out, "id", event->id);
    write(out, "source", event->source);
    write(out, "type", event->type);
    write(out, "subject", event->subject);
    if (event->time_ms) {
        cat_time_format(event->time_ms, time);
        write(out, "time", time);
    }
    write(out, "organization", event->organization);
    write(out, "environment", event->environment);
    write(out, "application", event->application);
    write(out, "commit", event->commit);
}

char *cat_cloudevent_format(const cat_cloudevent *event)
{
    cat_autofree char *formatted = event->data ? cat_json_format(event->data) : NULL;
    cat_slice data = formatted ? cat_slice_of(formatted) : event->data_text;
    cat_auto(cat_string) out = CAT_STRING(FORMAT_MAX_BYTES);
    cat_string_reserve(&out, data.length + ENVELOPE_BYTES);
    cat_write_begin(&out, NULL, '{');
    write_attributes(&out, event);
    if (data.length) {
        write(&out, "datacontenttype", "application/json");
        cat_write_raw(&out, "data", data.data, data.length);
    }
    cat_write_end(&out, '}');
    return cat_string_take(&out);
}

static int refuse(cat_error *error, const char *why)
{
    return cat_error_set(error, CAT_E_INVALID, "not a CloudEvent 1.0: %s", why);
}

/* An attribute that may be left out, or null, which is the same; when it is there, it is text and not empty.
 */
static bool optional(cat_view root, const char *name, const char **value)
{
    cat_view found = cat_view_member(root, name);
    *value = found.value ? cat_view_text(found, NULL) : NULL;
    if (*value)
        return **value != '\0';
    if (!found.value)
        return true;
    cat_autofree char *written = cat_view_format(found);
    return strcmp(written, "null") == 0;
}

static int read_attributes(cat_view root, cat_cloudevent_in *event, cat_error *error)
{
    const char *version;
    if (!cat_view_is_object(root))
        return refuse(error, "it is no object");
    if (!optional(root, "specversion", &version) || !cat_text_equal(version, "1.0"))
        return refuse(error, "specversion is not \"1.0\"");
    if (!optional(root, "id", &event->id) || !event->id)
        return refuse(error, "id is missing");
    if (!optional(root, "source", &event->source) || !event->source)
        return refuse(error, "source is missing");
    if (!optional(root, "type", &event->type) || !event->type)
        return refuse(error, "type is missing");
    if (!optional(root, "subject", &event->subject))
        return refuse(error, "subject is no text");
    if (!optional(root, "time", &event->time) || (event->time && !cat_time_parse(event->time, &event->time_ms)))
        return refuse(error, "time is no RFC 3339 time");
    if (!optional(root, "organization", &event->organization) || !optional(root, "environment", &event->environment) ||
        !optional(root, "application", &event->application) || !optional(root, "commit", &event->commit))
        return refuse(error, "an extension attribute is no text");
    return 0;
}

static int parse_whole(const char *text, size_t length, cat_cloudevent_in *event, cat_error *error)
{
    cat_cloudevent_in parsed = {0};
    int result = cat_document_parse(text, length, &event_caps, &parsed.document, error);
    if (result < 0) {
        cat_error_wrap(error, "not a CloudEvent");
        return result;
    }
    cat_view root = cat_document_root(parsed.document);
    result = read_attributes(root, &parsed, error);
    if (result < 0) {
        cat_cloudevent_in_finish(&parsed);
        return result;
    }
    parsed.data = cat_view_member(root, "data");
    *event = parsed;
    return 0;
}

static bool is_json_type(const char *content_type)
{
    size_t length = strcspn(content_type, "; \t");
    return (length == 16 && strncasecmp(content_type, "application/json", 16) == 0) ||
           (length == 9 && strncasecmp(content_type, "text/json", 9) == 0) ||
           (length > 5 && strncasecmp(content_type + length - 5, "+json", 5) == 0);
}

/* Data that came as bytes is put in place: as JSON when it says so, else as the text it is. */
static int with_bytes(json_t *envelope, const char *content_type, const char *bytes, size_t length, cat_cloudevent_in *event,
                      cat_error *error)
{
    json_t *data = NULL;
    if (!content_type || is_json_type(content_type)) {
        int result = length ? cat_json_parse(bytes, length, &event_caps, &data, error) : 0;
        if (result < 0) {
            cat_error_wrap(error, "not a CloudEvent: its data");
            return result;
        }
    } else if (!cat_text_is_utf8(bytes, length) || memchr(bytes, '\0', length)) {
        return refuse(error, "its data is neither JSON nor text");
    } else {
        data = json_stringn(bytes, length);
    }
    if (data)
        json_object_set_new(envelope, "data", data);
    cat_autofree char *text = cat_json_format(envelope);
    return parse_whole(text, strlen(text), event, error);
}

static int inline_base64(cat_view root, const char *encoded, cat_cloudevent_in *event, cat_error *error)
{
    size_t length;
    cat_autofree unsigned char *bytes = cat_base64_decode(encoded, strlen(encoded), &length);
    if (!bytes)
        return refuse(error, "data_base64 is no base64");
    cat_autojson json_t *envelope = cat_view_to_json(root);
    json_object_del(envelope, "data_base64");
    return with_bytes(envelope, cat_view_text(root, "datacontenttype"), (const char *)bytes, length, event, error);
}

int cat_cloudevent_parse(const char *text, size_t length, cat_cloudevent_in *event, cat_error *error)
{
    cat_cloudevent_in parsed = {0};
    int result = parse_whole(text, length, &parsed, error);
    if (result < 0)
        return result;
    cat_view root = cat_document_root(parsed.document), base64 = cat_view_member(root, "data_base64");
    if (!base64.value) {
        *event = parsed;
        return 0;
    }
    const char *encoded = cat_view_text(base64, NULL);
    result = !encoded || parsed.data.value ? refuse(error, "data and data_base64 exclude each other, and the latter is text")
                                           : inline_base64(root, encoded, event, error);
    cat_cloudevent_in_finish(&parsed);
    return result;
}

int cat_cloudevent_parse_binary(const char *(*lookup)(void *context, const char *header), void *context, const char *body,
                                size_t length, cat_cloudevent_in *event, cat_error *error)
{
    static const char *const attributes[] = {"specversion", "id",           "source",      "type",        "subject",
                                             "time",        "organization", "environment", "application", "commit"};
    if (length > CAT_CLOUDEVENT_MAX_BYTES)
        return cat_error_set(error, CAT_E_TOO_LARGE, "the event has %zu bytes, at most %d are allowed", length,
                             CAT_CLOUDEVENT_MAX_BYTES);
    cat_autojson json_t *envelope = json_object();
    for (size_t i = 0; i < sizeof attributes / sizeof *attributes; i++) {
        char header[32] = "ce-";
        strcat(header, attributes[i]);
        const char *value = lookup(context, header);
        if (!value)
            continue;
        /* The binding writes what is not printable ASCII in percent form. */
        cat_autofree char *decoded = cat_strdup(value);
        if (!cat_percent_decode(decoded, false) || !cat_text_is_utf8(decoded, strlen(decoded)))
            return refuse(error, "an attribute's header is broken");
        set(envelope, attributes[i], decoded);
    }
    return with_bytes(envelope, lookup(context, "content-type"), body, length, event, error);
}

void cat_cloudevent_in_finish(cat_cloudevent_in *event)
{
    cat_document_destroy(event->document);
    *event = (cat_cloudevent_in){0};
}
