/* CloudEvents 1.0: structured JSON out, structured and binary mode in. Pure; any thread. */
#ifndef CAT_WIRE_CLOUDEVENT_H
#define CAT_WIRE_CLOUDEVENT_H

#include "wire/json.h"

#define CAT_CLOUDEVENT_CONTENT_TYPE "application/cloudevents+json"
#define CAT_CLOUDEVENT_MAX_BYTES (320 * 1024) /* an object of at most 256 KiB and its envelope */

/* All text is borrowed. NULL: left out (required: id, source, type). */
typedef struct {
    const char *id, *source, *type, *subject;
    int64_t time_ms;
    const char *organization, *environment, *application, *commit;
    json_t *data;        /* borrowed; NULL: no data, or… */
    cat_slice data_text; /* …data that is JSON text already, and goes out as it is: one for several events */
} cat_cloudevent;
/* Structured JSON text, owned by the caller. */
char *cat_cloudevent_format(const cat_cloudevent *event);

/* A parsed event: views into a document that it owns. */
typedef struct {
    cat_document *document;
    const char *id, *source, *type, *subject, *time;
    int64_t time_ms; /* 0 when absent */
    const char *organization, *environment, *application, *commit;
    cat_view data;
} cat_cloudevent_in;
/* CAT_E_INVALID (stalled) on what is not a CloudEvent 1.0, CAT_E_TOO_LARGE above the maximum. */
int cat_cloudevent_parse(const char *text, size_t length, cat_cloudevent_in *event, cat_error *error);
/* Binary mode: attributes by `lookup(context, "ce-id")`, the data is the body. */
int cat_cloudevent_parse_binary(const char *(*lookup)(void *context, const char *header), void *context, const char *body,
                                size_t length, cat_cloudevent_in *event, cat_error *error);
void cat_cloudevent_in_finish(cat_cloudevent_in *event);
static inline void cat_cloudevent_in_cleanup(cat_cloudevent_in *event)
{
    cat_cloudevent_in_finish(event);
}

#endif
