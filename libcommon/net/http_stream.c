#include "net/http_stream.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "net/http_curl.h"

enum {
    POLL_MS = 1000,
    DEFAULT_MAX_LINE_BYTES = 8 * 1024 * 1024,
    DEFAULT_IDLE_MS = 5 * 60 * 1000,
    FIRST_LINE_BYTES = 4096,
};

/* Shared by the thread, the owner and every stream, so that a stream may be closed after its streams were destroyed. */
struct cat_http_streams {
    pthread_mutex_t mutex;
    pthread_cond_t ended;
    pthread_t thread;
    CURLM *multi;
    cat_http_stream *incoming; /* by `next`, under the mutex */
    cat_http_stream *open;     /* by `next`, the thread's own */
    bool stopping;
    _Atomic unsigned references;
};

struct cat_http_stream {
    cat_http_streams *streams;
    cat_http_stream *next;
    cat_http_stream_handlers handlers;
    CURL *easy;
    struct curl_slist *headers;
    char *url, *body;
    cat_peer peer; /* the client's */
    char detail[CURL_ERROR_SIZE];
    cat_string line;
    bool has_status, line_too_long;
    int64_t last_ms;
    _Atomic bool cancelled;
    bool has_ended;              /* under the mutex */
    _Atomic unsigned references; /* the thread's and the owner's */
};

static int64_t now_ms(void)
{
    const cat_clock *clock = cat_clock_system();
    return clock->monotonic_ms(clock);
}

static void streams_unref(cat_http_streams *streams)
{
    if (atomic_fetch_sub(&streams->references, 1) != 1)
        return;
    pthread_mutex_destroy(&streams->mutex);
    pthread_cond_destroy(&streams->ended);
    curl_multi_cleanup(streams->multi);
    free(streams);
}

static void stream_unref(cat_http_stream *stream)
{
    if (atomic_fetch_sub(&stream->references, 1) != 1)
        return;
    curl_easy_cleanup(stream->easy);
    curl_slist_free_all(stream->headers);
    cat_string_finish(&stream->line);
    free(stream->body);
    free(stream->url);
    streams_unref(stream->streams);
    free(stream);
}

static void announce_status(cat_http_stream *stream)
{
    if (stream->has_status)
        return;
    long status = 0;
    curl_easy_getinfo(stream->easy, CURLINFO_RESPONSE_CODE, &status);
    if (status < 200)
        return;
    stream->has_status = true;
    if (stream->handlers.on_status)
        stream->handlers.on_status(stream->handlers.context, (int)status);
}

static void give_line(cat_http_stream *stream, const char *line, size_t length)
{
    if (length > 0 && line[length - 1] == '\r')
        length--;
    if (stream->handlers.on_line && !atomic_load(&stream->cancelled))
        stream->handlers.on_line(stream->handlers.context, line, length);
}

static size_t on_bytes(char *bytes, size_t size, size_t count, void *context)
{
    cat_http_stream *stream = context;
    size_t length = size * count, at = 0;
    stream->last_ms = now_ms();
    announce_status(stream);
    while (at < length && !atomic_load(&stream->cancelled)) {
        const char *end = memchr(bytes + at, '\n', length - at);
        size_t part = end ? (size_t)(end - (bytes + at)) : length - at;
        if (stream->line.length + part > stream->handlers.max_line_bytes) {
            stream->line_too_long = true;
            return CURL_WRITEFUNC_ERROR;
        }
        if (end && stream->line.length == 0) {
            give_line(stream, bytes + at, part);
        } else {
            cat_string_append_bytes(&stream->line, bytes + at, part);
            if (end) {
                give_line(stream, cat_string_get(&stream->line), stream->line.length);
                cat_string_clear(&stream->line);
            }
        }
        at += part + (end ? 1 : 0);
    }
    /* A list of a hundred megabytes has lines of megabytes; a quiet watch should not keep room for one. */
    if (stream->line.length == 0 && stream->line.capacity > FIRST_LINE_BYTES)
        cat_string_finish(&stream->line), stream->line = CAT_STRING(stream->handlers.max_line_bytes);
    return atomic_load(&stream->cancelled) ? CURL_WRITEFUNC_ERROR : length;
}

/* On the thread: the one place where a stream ends. */
static void end(cat_http_stream *stream, CURLcode code, bool idle)
{
    cat_error error = {0};
    cat_peer peer = stream->peer;
    const char *name = cat_peer_name(peer);
    if (atomic_load(&stream->cancelled))
        cat_error_set(&error, CAT_E_CANCELLED, "the stream of %s was closed", name);
    else if (stream->line_too_long)
        cat_error_set_peer(&error, peer, CAT_E_TOO_LARGE, "%s sent a line of more than %zu bytes", name,
                           stream->handlers.max_line_bytes);
    else if (idle)
        cat_error_set_peer(&error, peer, CAT_E_TIMEOUT, "%s was silent for %lld ms", name,
                           (long long)stream->handlers.idle_timeout_ms);
    else if (code != CURLE_OK)
        cat_curl_error(stream->easy, code, stream->detail, stream->url, peer, &error);
    else
        announce_status(stream); /* an answer without a body */
    if (error.code == 0 && stream->line.length > 0)
        give_line(stream, cat_string_get(&stream->line), stream->line.length);
    curl_multi_remove_handle(stream->streams->multi, stream->easy);
    if (stream->handlers.on_end)
        stream->handlers.on_end(stream->handlers.context, &error);
    cat_http_streams *streams = stream->streams;
    pthread_mutex_lock(&streams->mutex);
    stream->has_ended = true;
    pthread_cond_broadcast(&streams->ended);
    pthread_mutex_unlock(&streams->mutex);
    stream_unref(stream);
}

static bool take_incoming(cat_http_streams *streams)
{
    pthread_mutex_lock(&streams->mutex);
    cat_http_stream *incoming = streams->incoming;
    streams->incoming = NULL;
    bool stopping = streams->stopping;
    pthread_mutex_unlock(&streams->mutex);
    while (incoming) {
        cat_http_stream *stream = incoming;
        incoming = stream->next;
        stream->next = streams->open;
        streams->open = stream;
        stream->last_ms = now_ms();
        curl_multi_add_handle(streams->multi, stream->easy);
    }
    return stopping;
}

static void unlink_stream(cat_http_streams *streams, cat_http_stream *stream)
{
    for (cat_http_stream **at = &streams->open; *at; at = &(*at)->next)
        if (*at == stream) {
            *at = stream->next;
            return;
        }
}

static void end_finished(cat_http_streams *streams)
{
    int left = 0;
    for (CURLMsg *message; (message = curl_multi_info_read(streams->multi, &left));) {
        if (message->msg != CURLMSG_DONE)
            continue;
        void *context = NULL;
        CURLcode code = message->data.result;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&context);
        unlink_stream(streams, context);
        end(context, code, false);
    }
}

static int64_t end_idle_and_cancelled(cat_http_streams *streams, bool all)
{
    int64_t now = now_ms(), wait_ms = POLL_MS;
    for (cat_http_stream **at = &streams->open; *at;) {
        cat_http_stream *stream = *at;
        int64_t left_ms = stream->last_ms + stream->handlers.idle_timeout_ms - now;
        if (all)
            atomic_store(&stream->cancelled, true);
        if (left_ms <= 0 || atomic_load(&stream->cancelled)) {
            *at = stream->next;
            end(stream, CURLE_OK, true);
            continue;
        }
        if (left_ms < wait_ms)
            wait_ms = left_ms;
        at = &stream->next;
    }
    return wait_ms;
}

static void *run(void *context)
{
    cat_http_streams *streams = context;
    for (;;) {
        bool stopping = take_incoming(streams);
        int64_t wait_ms = end_idle_and_cancelled(streams, stopping);
        if (stopping)
            break;
        int running = 0;
        curl_multi_perform(streams->multi, &running);
        end_finished(streams);
        curl_multi_poll(streams->multi, NULL, 0, (int)wait_ms, NULL);
    }
    streams_unref(streams);
    return NULL;
}

cat_http_streams *cat_http_streams_create(void)
{
    cat_curl_setup();
    cat_http_streams *streams = cat_calloc(1, sizeof *streams);
    pthread_mutex_init(&streams->mutex, NULL);
    pthread_cond_init(&streams->ended, NULL);
    streams->multi = curl_multi_init();
    if (!streams->multi)
        abort();
    streams->references = 2;
    if (pthread_create(&streams->thread, NULL, run, streams) != 0)
        abort(); /* no threads left: nothing that a service could do about it */
    return streams;
}

void cat_http_streams_destroy(cat_http_streams *streams)
{
    if (!streams)
        return;
    pthread_mutex_lock(&streams->mutex);
    streams->stopping = true;
    pthread_mutex_unlock(&streams->mutex);
    curl_multi_wakeup(streams->multi);
    pthread_join(streams->thread, NULL);
    streams_unref(streams);
}

/* libcurl keeps its own copies of texts except the body's. */
static void configure(cat_http_stream *stream, cat_http_client *client, const cat_http_call *call)
{
    cat_http_call own = *call;
    own.url = stream->url;
    if (call->body.data)
        own.body.data = stream->body = cat_memdup(call->body.data, call->body.length);
    cat_curl_configure(stream->easy, client);
    stream->headers = cat_curl_prepare(stream->easy, &own);
    curl_easy_setopt(stream->easy, CURLOPT_WRITEFUNCTION, on_bytes);
    curl_easy_setopt(stream->easy, CURLOPT_WRITEDATA, stream);
    curl_easy_setopt(stream->easy, CURLOPT_PRIVATE, stream);
    curl_easy_setopt(stream->easy, CURLOPT_ERRORBUFFER, stream->detail);
    /* Watches of one API server share a connection by HTTP/2 where the server speaks it; without TLS libcurl would wait for an
     * answer before it knows that they cannot. */
    if (cat_text_starts_with(stream->url, "https:")) {
        curl_easy_setopt(stream->easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
        curl_easy_setopt(stream->easy, CURLOPT_PIPEWAIT, 1L);
    }
}

cat_http_stream *cat_http_stream_open(cat_http_streams *streams, cat_http_client *client, const cat_http_call *call,
                                      const cat_http_stream_handlers *handlers)
{
    cat_http_stream *stream = cat_calloc(1, sizeof *stream);
    stream->streams = streams;
    atomic_fetch_add(&streams->references, 1);
    stream->references = 2;
    stream->handlers = *handlers;
    if (!stream->handlers.max_line_bytes)
        stream->handlers.max_line_bytes = DEFAULT_MAX_LINE_BYTES;
    if (!stream->handlers.idle_timeout_ms)
        stream->handlers.idle_timeout_ms = DEFAULT_IDLE_MS;
    stream->line = CAT_STRING(stream->handlers.max_line_bytes);
    stream->url = cat_strdup(call->url);
    stream->peer = cat_curl_peer(client);
    stream->easy = curl_easy_init();
    if (!stream->easy)
        abort();
    configure(stream, client, call);
    pthread_mutex_lock(&streams->mutex);
    stream->next = streams->incoming;
    streams->incoming = stream;
    pthread_mutex_unlock(&streams->mutex);
    curl_multi_wakeup(streams->multi);
    return stream;
}

void cat_http_stream_close(cat_http_stream *stream)
{
    if (!stream)
        return;
    cat_http_streams *streams = stream->streams;
    atomic_store(&stream->cancelled, true);
    if (!pthread_equal(pthread_self(), streams->thread)) {
        curl_multi_wakeup(streams->multi);
        pthread_mutex_lock(&streams->mutex);
        while (!stream->has_ended)
            pthread_cond_wait(&streams->ended, &streams->mutex);
        pthread_mutex_unlock(&streams->mutex);
    }
    stream_unref(stream);
}
