#include "net/sse.h"

#include <stdlib.h>
#include <string.h>

#include "net/http_loop.h"

/* A stream leaves libh2o's HTTP layer once its headers are sent: the socket stays, the request's pool and the connection's state
 * go, which makes a quiet stream cost a socket and a cat_sse. The response ends when the connection does (RFC 9112, section 6.3).
 */

enum {
    FRAMES_AT_ONCE = 8,
    FIRST_CAPACITY = 4,
    MAX_FRAMES = 65536, /* in one queue, whatever their bytes */
};

int64_t cat_sse_heartbeat_ms = 15000, cat_sse_snapshot_ms = 30000;

struct cat_sse_frame {
    _Atomic unsigned references;
    size_t length;
    char bytes[];
};

struct cat_sse {
    cat_sse_hub *hub;
    _Atomic unsigned references;
    /* Under the hub's mutex. */
    cat_sse_frame **ring;
    uint32_t head, count, capacity;
    uint32_t unbounded; /* frames at the ring's head that came by a reset and do not count */
    size_t queued_bytes, max_queued_bytes;
    bool is_closed, is_ending, is_dirty, wants_cut;
    cat_sse *next_dirty;
    /* The loop's. */
    h2o_socket_t *socket;
    cat_sse_frame *writing[FRAMES_AT_ONCE];
    unsigned writing_count;
    h2o_timeout_entry_t heartbeat, cut;
    h2o_linklist_t link;
    void (*on_close)(void *context, cat_sse *sse);
    void *context;
};

cat_sse_frame *cat_sse_frame_create(const char *id, const char *event, const char *data, size_t length)
{
    size_t id_length = id ? strlen(id) + 5 : 0, event_length = event ? strlen(event) + 8 : 0;
    size_t total = id_length + event_length + 6 + length + 2;
    cat_sse_frame *frame = cat_malloc(sizeof *frame + total + 1);
    frame->references = 1;
    char *at = frame->bytes;
    if (id)
        at += sprintf(at, "id: %s\n", id);
    if (event)
        at += sprintf(at, "event: %s\n", event);
    memcpy(at, "data: ", 6);
    if (length > 0)
        memcpy(at + 6, data, length);
    memcpy(at + 6 + length, "\n\n", 2);
    frame->length = (size_t)(at - frame->bytes) + 6 + length + 2;
    return frame;
}

cat_sse_frame *cat_sse_frame_ref(cat_sse_frame *frame)
{
    atomic_fetch_add(&frame->references, 1);
    return frame;
}

void cat_sse_frame_unref(cat_sse_frame *frame)
{
    if (frame && atomic_fetch_sub(&frame->references, 1) == 1)
        free(frame);
}

/* Queue; the mutex is held. */
static void push(cat_sse *sse, cat_sse_frame *frame)
{
    if (sse->count == sse->capacity) {
        uint32_t capacity = sse->capacity ? sse->capacity * 2 : FIRST_CAPACITY;
        cat_sse_frame **ring = cat_malloc(capacity * sizeof(cat_sse_frame *));
        for (uint32_t i = 0; i < sse->count; i++)
            ring[i] = sse->ring[(sse->head + i) % sse->capacity];
        free(sse->ring);
        sse->ring = ring;
        sse->head = 0;
        sse->capacity = capacity;
    }
    sse->ring[(sse->head + sse->count++) % sse->capacity] = cat_sse_frame_ref(frame);
}

static cat_sse_frame *pop(cat_sse *sse)
{
    cat_sse_frame *frame = sse->ring[sse->head];
    sse->head = (sse->head + 1) % sse->capacity;
    sse->count--;
    if (sse->unbounded > 0)
        sse->unbounded--;
    else
        sse->queued_bytes -= frame->length;
    return frame;
}

static void drop_queue(cat_sse *sse)
{
    while (sse->count > 0)
        cat_sse_frame_unref(pop(sse));
    free(sse->ring);
    sse->ring = NULL;
    sse->head = sse->capacity = 0;
}

/* Returns whether the loop has to be woken; the mutex is held. */
static bool mark_dirty(cat_sse *sse)
{
    cat_sse_hub *hub = sse->hub;
    if (sse->is_dirty || !hub->receiver)
        return false;
    sse->is_dirty = true;
    sse->next_dirty = hub->dirty;
    hub->dirty = cat_sse_ref(sse);
    bool wake = !hub->wake_sent;
    hub->wake_sent = true;
    return wake;
}

/* The receiver's own lock lies inside the hub's: so it cannot go away while it is used. */
static void wake_and_unlock(cat_sse_hub *hub, bool wake)
{
    if (wake)
        h2o_multithread_send_message(hub->receiver, &hub->wake.super);
    pthread_mutex_unlock(&hub->mutex);
}

static bool offer(cat_sse *sse, cat_sse_frame *frame, bool *wake)
{
    if (sse->is_closed || sse->is_ending)
        return true;
    bool fits = sse->queued_bytes + frame->length <= sse->max_queued_bytes || sse->count == sse->unbounded;
    if (!fits || sse->count >= MAX_FRAMES)
        return false;
    push(sse, frame);
    sse->queued_bytes += frame->length;
    *wake |= mark_dirty(sse);
    return true;
}

bool cat_sse_send(cat_sse *sse, cat_sse_frame *frame)
{
    bool wake = false;
    pthread_mutex_lock(&sse->hub->mutex);
    bool taken = offer(sse, frame, &wake);
    wake_and_unlock(sse->hub, wake);
    return taken;
}

void cat_sse_send_many(cat_sse *const *streams, size_t count, cat_sse_frame *frame, bool *full)
{
    /* Streams of one server mostly: the lock is taken again only where the server changes. */
    for (size_t i = 0; i < count;) {
        cat_sse_hub *hub = streams[i]->hub;
        bool wake = false;
        pthread_mutex_lock(&hub->mutex);
        for (; i < count && streams[i]->hub == hub; i++)
            full[i] = !offer(streams[i], frame, &wake);
        wake_and_unlock(hub, wake);
    }
}

void cat_sse_reset(cat_sse *sse, cat_sse_frame *const *frames, size_t count)
{
    bool wake = false;
    pthread_mutex_lock(&sse->hub->mutex);
    if (!sse->is_closed && !sse->is_ending) {
        drop_queue(sse);
        for (size_t i = 0; i < count; i++)
            push(sse, frames[i]);
        sse->unbounded = (uint32_t)count;
        sse->wants_cut = true;
        wake = mark_dirty(sse);
    }
    wake_and_unlock(sse->hub, wake);
}

/* The mutex is held. */
static bool end_locked(cat_sse *sse, cat_sse_frame *frame)
{
    if (sse->is_closed || sse->is_ending)
        return false;
    push(sse, frame);
    sse->queued_bytes += frame->length;
    sse->is_ending = sse->wants_cut = true;
    return mark_dirty(sse);
}

static cat_sse_frame *end_frame(const char *reason)
{
    cat_autojson json_t *data = cat_json_object("reason", json_string(reason), NULL);
    cat_autofree char *text = cat_json_format(data);
    return cat_sse_frame_create(NULL, "end", text, strlen(text));
}

void cat_sse_end(cat_sse *sse, const char *reason)
{
    cat_sse_frame *frame = end_frame(reason);
    pthread_mutex_lock(&sse->hub->mutex);
    wake_and_unlock(sse->hub, end_locked(sse, frame));
    cat_sse_frame_unref(frame);
}

bool cat_sse_is_open(cat_sse *sse)
{
    pthread_mutex_lock(&sse->hub->mutex);
    bool is_open = !sse->is_closed && !sse->is_ending;
    pthread_mutex_unlock(&sse->hub->mutex);
    return is_open;
}

cat_sse *cat_sse_ref(cat_sse *sse)
{
    atomic_fetch_add(&sse->references, 1);
    return sse;
}

void cat_sse_unref(cat_sse *sse)
{
    if (atomic_fetch_sub(&sse->references, 1) != 1)
        return;
    drop_queue(sse);
    cat_sse_hub_unref(sse->hub);
    free(sse);
}

/* Loop. */
static void close_stream(cat_sse *sse)
{
    cat_sse_hub *hub = sse->hub;
    pthread_mutex_lock(&hub->mutex);
    bool was_closed = sse->is_closed;
    sse->is_closed = true;
    drop_queue(sse);
    pthread_mutex_unlock(&hub->mutex);
    if (was_closed)
        return;
    if (sse->socket) {
        h2o_socket_close(sse->socket);
        sse->socket = NULL;
        h2o_timeout_unlink(&sse->heartbeat);
        h2o_timeout_unlink(&sse->cut);
        h2o_linklist_unlink(&sse->link);
        hub->count--;
    }
    for (unsigned i = 0; i < sse->writing_count; i++)
        cat_sse_frame_unref(sse->writing[i]);
    sse->writing_count = 0;
    if (sse->on_close)
        sse->on_close(sse->context, sse);
    cat_sse_unref(sse);
}

static void flush(cat_sse *sse);

static void on_written(h2o_socket_t *socket, const char *failure)
{
    cat_sse *sse = socket->data;
    for (unsigned i = 0; i < sse->writing_count; i++)
        cat_sse_frame_unref(sse->writing[i]);
    sse->writing_count = 0;
    if (failure)
        close_stream(sse);
    else
        flush(sse);
}

static void write_frames(cat_sse *sse)
{
    h2o_iovec_t buffers[FRAMES_AT_ONCE];
    for (unsigned i = 0; i < sse->writing_count; i++)
        buffers[i] = h2o_iovec_init(sse->writing[i]->bytes, sse->writing[i]->length);
    h2o_timeout_unlink(&sse->heartbeat);
    h2o_timeout_link(h2o_socket_get_loop(sse->socket), &sse->hub->heartbeat, &sse->heartbeat);
    h2o_socket_write(sse->socket, buffers, sse->writing_count, on_written);
}

static void flush(cat_sse *sse)
{
    cat_sse_hub *hub = sse->hub;
    if (!sse->socket)
        return;
    pthread_mutex_lock(&hub->mutex);
    bool wants_cut = sse->wants_cut, is_ending = sse->is_ending;
    if (sse->writing_count == 0) {
        /* Nothing of a snapshot waits and nothing of it is being written: the client keeps up again. */
        if (sse->unbounded == 0 && !is_ending)
            wants_cut = sse->wants_cut = false;
        while (sse->count > 0 && sse->writing_count < FRAMES_AT_ONCE)
            sse->writing[sse->writing_count++] = pop(sse);
        if (sse->count == 0 && sse->capacity > FIRST_CAPACITY)
            drop_queue(sse);
        pthread_mutex_unlock(&hub->mutex);
        if (sse->writing_count == 0 && is_ending) {
            close_stream(sse);
            return;
        }
        if (sse->writing_count > 0)
            write_frames(sse);
    } else {
        pthread_mutex_unlock(&hub->mutex);
    }
    if (wants_cut && !h2o_timeout_is_linked(&sse->cut))
        h2o_timeout_link(h2o_socket_get_loop(sse->socket), &hub->snapshot, &sse->cut);
    else if (!wants_cut)
        h2o_timeout_unlink(&sse->cut);
}

#define STREAM_OF(entry, member) ((cat_sse *)((char *)(entry)-offsetof(cat_sse, member)))

static void write_heartbeat(cat_sse *sse)
{
    sse->writing[0] = cat_sse_frame_ref(sse->hub->heartbeat_frame);
    sse->writing_count = 1;
    write_frames(sse);
}

static void on_heartbeat(h2o_timeout_entry_t *entry)
{
    cat_sse *sse = STREAM_OF(entry, heartbeat);
    if (sse->writing_count > 0) { /* a slow client: TCP_USER_TIMEOUT and the queue judge it */
        h2o_timeout_link(h2o_socket_get_loop(sse->socket), &sse->hub->heartbeat, entry);
        return;
    }
    write_heartbeat(sse);
}

static void on_cut(h2o_timeout_entry_t *entry)
{
    close_stream(STREAM_OF(entry, cut));
}

/* A client has nothing to say after its request: what it sends is dropped, and its end ends the stream. */
static void on_read(h2o_socket_t *socket, const char *failure)
{
    if (failure)
        close_stream(socket->data);
    else
        h2o_buffer_consume(&socket->input, socket->input->size);
}

cat_sse *cat_sse_create(void *hub, size_t max_queued_bytes, void (*on_close)(void *context, cat_sse *sse), void *context)
{
    cat_sse *sse = cat_calloc(1, sizeof *sse);
    sse->hub = hub;
    atomic_fetch_add(&sse->hub->references, 1);
    sse->references = 1;
    sse->max_queued_bytes = max_queued_bytes;
    sse->on_close = on_close;
    sse->context = context;
    sse->heartbeat.cb = on_heartbeat;
    sse->cut.cb = on_cut;
    return sse;
}

static void on_headers_sent(void *context, h2o_socket_t *socket, size_t request_size)
{
    cat_sse *sse = context;
    (void)request_size; /* whatever came behind the request is dropped with it */
    if (!socket) {
        close_stream(sse);
        return;
    }
    sse->socket = socket;
    socket->data = sse;
    h2o_buffer_consume(&socket->input, socket->input->size);
    h2o_linklist_insert(&sse->hub->streams, &sse->link);
    sse->hub->count++;
    h2o_timeout_link(h2o_socket_get_loop(socket), &sse->hub->heartbeat, &sse->heartbeat);
    h2o_socket_read_start(socket, on_read);
    write_heartbeat(sse); /* what waits follows it */
}

void cat_sse_attach(cat_sse *sse, h2o_req_t *req, bool stopping)
{
    if (stopping)
        cat_sse_end(sse, "shutdown");
    h2o_http1_upgrade(req, NULL, 0, on_headers_sent, sse);
}

void cat_sse_abandon(cat_sse *sse)
{
    close_stream(sse);
}

cat_sse_hub *cat_sse_hub_create(cat_http_server *server)
{
    cat_sse_hub *hub = cat_calloc(1, sizeof *hub);
    pthread_mutex_init(&hub->mutex, NULL);
    hub->references = 1;
    hub->wake.kind = CAT_MESSAGE_STREAMS;
    hub->receiver = &server->receiver;
    h2o_linklist_init_anchor(&hub->streams);
    h2o_timeout_init(server->loop, &hub->heartbeat, (uint64_t)cat_sse_heartbeat_ms);
    h2o_timeout_init(server->loop, &hub->snapshot, (uint64_t)cat_sse_snapshot_ms);
    cat_autofree char *data = cat_printf("{\"everyMs\":%lld}", (long long)cat_sse_heartbeat_ms);
    hub->heartbeat_frame = cat_sse_frame_create(NULL, "heartbeat", data, strlen(data));
    return hub;
}

void cat_sse_hub_stop(cat_sse_hub *hub)
{
    pthread_mutex_lock(&hub->mutex);
    hub->receiver = NULL;
    pthread_mutex_unlock(&hub->mutex);
}

void cat_sse_hub_unref(cat_sse_hub *hub)
{
    if (atomic_fetch_sub(&hub->references, 1) != 1)
        return;
    cat_sse_frame_unref(hub->heartbeat_frame);
    pthread_mutex_destroy(&hub->mutex);
    free(hub);
}

void cat_sse_hub_wake(cat_sse_hub *hub)
{
    pthread_mutex_lock(&hub->mutex);
    cat_sse *dirty = hub->dirty;
    hub->dirty = NULL;
    hub->wake_sent = false;
    /* A stream whose mark is off may join the next list at once. */
    while (dirty) {
        cat_sse *next = dirty->next_dirty;
        dirty->is_dirty = false;
        dirty->next_dirty = NULL;
        pthread_mutex_unlock(&hub->mutex);
        flush(dirty);
        cat_sse_unref(dirty);
        pthread_mutex_lock(&hub->mutex);
        dirty = next;
    }
    pthread_mutex_unlock(&hub->mutex);
}

void cat_sse_hub_end_all(cat_sse_hub *hub, const char *reason)
{
    cat_sse_frame *frame = end_frame(reason);
    bool wake = false;
    pthread_mutex_lock(&hub->mutex);
    for (h2o_linklist_t *at = hub->streams.next; at != &hub->streams; at = at->next)
        wake |= end_locked(STREAM_OF(at, link), frame);
    wake_and_unlock(hub, wake);
    cat_sse_frame_unref(frame);
}

void cat_sse_hub_cut_all(cat_sse_hub *hub)
{
    while (!h2o_linklist_is_empty(&hub->streams))
        close_stream(STREAM_OF(hub->streams.next, link));
}
