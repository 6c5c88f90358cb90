/* Server-sent events: frames made once and shared by every client, a bounded queue per client. Any thread may send.
 *
 * A handler calls cat_reply_stream and keeps the cat_sse (one reference). `on_close` runs once, on the loop, when the client went
 * away, the stream was ended or the server stops; after it the owner unrefs. Sending to a closed stream is harmless.
 */
#ifndef CAT_NET_SSE_H
#define CAT_NET_SSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct cat_sse cat_sse;
typedef struct cat_sse_frame cat_sse_frame;

/* `id` and `event` may be NULL; `data` is one line of JSON. Reference count is atomic. */
cat_sse_frame *cat_sse_frame_create(const char *id, const char *event, const char *data, size_t length);
cat_sse_frame *cat_sse_frame_ref(cat_sse_frame *frame);
void cat_sse_frame_unref(cat_sse_frame *frame); /* NULL allowed */

/* false: the client's queue is full (the frame was not taken). The owner then calls cat_sse_reset with a snapshot. An empty queue takes a frame
 * of any size. */
bool cat_sse_send(cat_sse *sse, cat_sse_frame *frame);
/* One wake of the loop for all; `full[i]` is set for those whose queue was full. */
void cat_sse_send_many(cat_sse *const *streams, size_t count, cat_sse_frame *frame, bool *full);
/* Drops what waits (not what is being written) and queues `frames` instead, however large: for a snapshot after an overflow. A
 * client that does not read that either within 30 s is cut. */
void cat_sse_reset(cat_sse *sse, cat_sse_frame *const *frames, size_t count);
/* Sends `event: end` with {"reason": …} and closes. */
void cat_sse_end(cat_sse *sse, const char *reason);
bool cat_sse_is_open(cat_sse *sse);
cat_sse *cat_sse_ref(cat_sse *sse);
void cat_sse_unref(cat_sse *sse);
/* `event: heartbeat` with {"everyMs": …} is sent by the server at the beginning and whenever nothing else was for that long (15 s), so that a client knows
 * how much silence means that the line is dead. */

#endif
