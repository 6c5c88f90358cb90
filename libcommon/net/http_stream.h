/* Long-lived responses (Kubernetes watches) of any number, all on one thread of their own. */
#ifndef CAT_NET_HTTP_STREAM_H
#define CAT_NET_HTTP_STREAM_H

#include "net/http_client.h"

typedef struct cat_http_streams cat_http_streams; /* the thread */
typedef struct cat_http_stream cat_http_stream;
cat_http_streams *cat_http_streams_create(void);
void cat_http_streams_destroy(cat_http_streams *streams); /* ends all */

/* Callbacks run on the streams' thread and must be short. `on_line` gets each line without its end (at most `max_line_bytes`; a
 * longer one ends the stream with CAT_E_TOO_LARGE). `on_end` runs exactly once. */
typedef struct {
    void (*on_status)(void *context, int status);
    void (*on_line)(void *context, const char *line, size_t length);
    void (*on_end)(void *context, const cat_error *error); /* code 0: the peer ended it */
    void *context;
    size_t max_line_bytes;   /* default 8 MiB */
    int64_t idle_timeout_ms; /* silence ends it with CAT_E_TIMEOUT; default 5 min */
} cat_http_stream_handlers;
/* `client` gives TLS settings only. Any thread. */
cat_http_stream *cat_http_stream_open(cat_http_streams *streams, cat_http_client *client, const cat_http_call *call,
                                      const cat_http_stream_handlers *handlers);
/* Any thread. on_end still comes, with CAT_E_CANCELLED, before this returns (unless called from a callback). Each stream is
 * closed once by whoever opened it, also after it ended by itself: that frees it. */
void cat_http_stream_close(cat_http_stream *stream);

#endif
