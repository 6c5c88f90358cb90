/* Any bytes as a structured event; the same bytes as the body of a binary one. */
#include <string.h>

#include "base/memory.h"
#include "fuzz.h"
#include "wire/cloudevent.h"

static const char *lookup(void *context, const char *header)
{
    const char *type = context;
    if (strcmp(header, "content-type") == 0)
        return type;
    return strcmp(header, "ce-specversion") == 0 ? "1.0"
           : strcmp(header, "ce-time") == 0      ? "2026-11-24T08:00:00Z"
           : strcmp(header, "ce-subject") == 0   ? NULL
                                                 : "x%20y";
}

static void check_round_trip(const cat_cloudevent_in *in)
{
    cat_autojson json_t *data = cat_view_to_json(in->data);
    cat_cloudevent out = {.id = in->id,
                          .source = in->source,
                          .type = in->type,
                          .subject = in->subject,
                          .time_ms = in->time_ms,
                          .organization = in->organization,
                          .data = data};
    cat_autofree char *text = cat_cloudevent_format(&out);
    cat_auto(cat_cloudevent_in) again = {0};
    CLAIM(strlen(text) > CAT_CLOUDEVENT_MAX_BYTES || cat_cloudevent_parse(text, strlen(text), &again, NULL) == 0);
    CLAIM(!again.document || strcmp(again.id, in->id) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    cat_auto(cat_cloudevent_in) in = {0}, binary = {0}, text = {0};
    if (cat_cloudevent_parse((const char *)data, size, &in, NULL) == 0)
        check_round_trip(&in);
    if (cat_cloudevent_parse_binary(lookup, "application/json", (const char *)data, size, &binary, NULL) == 0)
        check_round_trip(&binary);
    cat_cloudevent_parse_binary(lookup, "text/plain", (const char *)data, size, &text, NULL);
    return 0;
}
