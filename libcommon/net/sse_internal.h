/* What the HTTP server and sse.c share; nothing of libh2o. Not for other layers. */
#ifndef CAT_NET_SSE_INTERNAL_H
#define CAT_NET_SSE_INTERNAL_H

#include "net/sse.h"

/* Milliseconds; tests set them before they start a server. */
extern int64_t cat_sse_heartbeat_ms, cat_sse_snapshot_ms;

/* One reference, for the server. `hub` is a server's. */
cat_sse *cat_sse_create(void *hub, size_t max_queued_bytes, void (*on_close)(void *context, cat_sse *sse), void *context);

#endif
