#include "wire/trace.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/encoding.h"
#include "base/memory.h"
#include "base/random.h"

#define TRACE_BYTES 16
#define SPAN_BYTES 8

/* Lower-case hex of exactly `digits`, with something in it: all zeros means none. */
static bool is_id(const char *text, size_t digits)
{
    bool any = false;
    for (size_t i = 0; i < digits; i++) {
        if (!((text[i] >= '0' && text[i] <= '9') || (text[i] >= 'a' && text[i] <= 'f')))
            return false;
        any = any || text[i] != '0';
    }
    return any;
}

bool cat_trace_parse(const char *traceparent, cat_trace *trace)
{
    unsigned char version, flags;
    /* version 2, trace 32, span 16, flags 2, with hyphens between. Later versions may go on behind another
     * hyphen. */
    if (!traceparent || strnlen(traceparent, 55) < 55 || !cat_hex_decode(traceparent, 2, &version) ||
        version == 0xFF)
        return false;
    if (traceparent[55] && (version == 0 || traceparent[55] != '-'))
        return false;
    if (traceparent[2] != '-' || traceparent[35] != '-' || traceparent[52] != '-' ||
        !is_id(traceparent + 3, TRACE_BYTES * 2) || !is_id(traceparent + 36, SPAN_BYTES * 2) ||
        !cat_hex_decode(traceparent + 53, 2, &flags))
        return false;
    memcpy(trace->trace_id, traceparent + 3, TRACE_BYTES * 2);
    trace->trace_id[TRACE_BYTES * 2] = '\0';
    memcpy(trace->span_id, traceparent + 36, SPAN_BYTES * 2);
    trace->span_id[SPAN_BYTES * 2] = '\0';
    trace->sampled = flags & 1;
    return true;
}

static void random_id(char *out, size_t bytes)
{
    unsigned char random[TRACE_BYTES];
    do {
        cat_random_bytes(random, bytes);
        cat_autofree char *hex = cat_hex_encode(random, bytes);
        memcpy(out, hex, bytes * 2 + 1);
    } while (!is_id(out, bytes * 2));
}

void cat_trace_start(cat_trace *trace)
{
    random_id(trace->trace_id, TRACE_BYTES);
    random_id(trace->span_id, SPAN_BYTES);
    trace->sampled = true;
}

void cat_trace_child(const cat_trace *parent, cat_trace *child)
{
    if (child != parent)
        *child = *parent;
    random_id(child->span_id, SPAN_BYTES);
}

void cat_trace_format(const cat_trace *trace, char out[CAT_TRACEPARENT_MAX])
{
    snprintf(out, CAT_TRACEPARENT_MAX, "00-%.32s-%.16s-%s", trace->trace_id, trace->span_id,
             trace->sampled ? "01" : "00");
}
