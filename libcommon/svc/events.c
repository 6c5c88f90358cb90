#include "svc/events.h"

#include <string.h>

#include "base/clock.h"
#include "domain/events.h"
#include "wire/subjects.h"

static int check_size(const char *text, const char *subject, cat_error *error)
{
    if (strlen(text) > CAT_CLOUDEVENT_MAX_BYTES)
        return cat_error_set(error, CAT_E_TOO_LARGE, "an event of %zu bytes for %s is above the maximum of %d", strlen(text),
                             subject, CAT_CLOUDEVENT_MAX_BYTES);
    return 0;
}

static cat_publication publication_of(const char *subject, const cat_cloudevent *event, const char *text, const char *traceparent)
{
    return (cat_publication){.subject = subject,
                             .message_id = event->id,
                             .traceparent = traceparent,
                             .content_type = CAT_CLOUDEVENT_CONTENT_TYPE,
                             .body = text,
                             .length = strlen(text),
                             .expected_subject_sequence = -1};
}

/* NULL without a trace. */
static const char *traceparent_of(const cat_trace *trace, char text[CAT_TRACEPARENT_MAX])
{
    if (!trace)
        return NULL;
    cat_trace_format(trace, text);
    return text;
}

int cat_event_publish(cat_spine *spine, const char *subject, const cat_cloudevent *event, const cat_trace *trace,
                      cat_error *error)
{
    cat_autofree char *text = cat_cloudevent_format(event);
    int result = check_size(text, subject, error);
    if (result < 0)
        return result;
    char traceparent[CAT_TRACEPARENT_MAX];
    cat_publication publication = publication_of(subject, event, text, traceparent_of(trace, traceparent));
    return cat_spine_publish(spine, &publication, NULL, NULL, error);
}

int cat_event_send(cat_publisher *publisher, const char *subject, const cat_cloudevent *event, const cat_trace *trace,
                   cat_error *error)
{
    cat_autofree char *text = cat_cloudevent_format(event);
    int result = check_size(text, subject, error);
    if (result < 0)
        return result;
    char traceparent[CAT_TRACEPARENT_MAX];
    cat_publication publication = publication_of(subject, event, text, traceparent_of(trace, traceparent));
    return cat_publisher_send(publisher, &publication, error);
}

static json_t *audit_data(const cat_audit *audit, int64_t now_ms)
{
    char when[CAT_TIME_TEXT_MAX];
    cat_time_format(now_ms, when);
    json_t *data = json_object();
    cat_json_set_text(data, "who", audit->who ? audit->who->user : "catalyst");
    cat_json_set_text(data, "organization", audit->organization);
    cat_auto(cat_strings) roles = {0};
    if (audit->who && audit->organization) { /* those that count there */
        cat_principal_roles(audit->who, audit->organization, &roles);
        cat_json_set(data, "roles", cat_json_strings(&roles));
    }
    cat_json_set_text(data, "what", audit->what);
    cat_json_set_text(data, "object", audit->object);
    cat_json_set_text(data, "when", when);
    cat_json_set_text(data, "from", audit->from);
    cat_json_set_text(data, "result", audit->result);
    cat_json_set_text(data, "operation", audit->operation);
    if (audit->count > 1)
        cat_json_set_int(data, "count", audit->count);
    return data;
}

int cat_audit_write(cat_spine *spine, const cat_audit *audit, cat_error *error)
{
    char subject[CAT_SUBJECT_MAX];
    int result = cat_event_subject(CAT_EVENT_AUDIT_RECORDED, audit->organization, audit->service, subject, error);
    if (result < 0)
        return result;
    int64_t now_ms = cat_clock_system()->wall_ms(cat_clock_system());
    cat_autojson json_t *data = audit_data(audit, now_ms);
    cat_cloudevent event = {.id = audit->id,
                            .source = audit->service,
                            .type = cat_event_type(CAT_EVENT_AUDIT_RECORDED),
                            .subject = audit->object,
                            .time_ms = now_ms,
                            .organization = audit->organization,
                            .environment = audit->environment,
                            .data = data};
    return cat_event_publish(spine, subject, &event, NULL, error);
}
