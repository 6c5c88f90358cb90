/* W3C trace context: carried on requests and messages, exported later. Pure. */
#ifndef CAT_WIRE_TRACE_H
#define CAT_WIRE_TRACE_H

#include <stdbool.h>

#define CAT_TRACEPARENT_MAX 56
typedef struct {
    char trace_id[33], span_id[17]; /* lower-case hex */
    bool sampled;
} cat_trace;
bool cat_trace_parse(const char *traceparent, cat_trace *trace); /* false: absent or broken, trace untouched */
void cat_trace_start(cat_trace *trace);                          /* a new trace */
void cat_trace_child(const cat_trace *parent, cat_trace *child); /* same trace, new span */
void cat_trace_format(const cat_trace *trace, char out[CAT_TRACEPARENT_MAX]);

#endif
