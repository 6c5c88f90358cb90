#include <pthread.h>

#include "base/test.h"
#include "net/http_internal.h"
#include "net/http_stream.h"
#include "net/http_test_support.h"
#include "net/sse.h"
#include "net/sse_internal.h"

/* What a stream's callbacks saw. */
typedef struct {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    int status, lines, ends;
    cat_error error;
    char last[64];
    cat_http_stream *close_me;
} seen;

static void on_status(void *context, int status)
{
    seen *own = context;
    pthread_mutex_lock(&own->mutex);
    own->status = status;
    pthread_mutex_unlock(&own->mutex);
}

static void on_line(void *context, const char *line, size_t length)
{
    seen *own = context;
    pthread_mutex_lock(&own->mutex);
    own->lines++;
    if (length > 0)
        snprintf(own->last, sizeof own->last, "%.*s", (int)length, line);
    pthread_cond_broadcast(&own->changed);
    pthread_mutex_unlock(&own->mutex);
}

static void on_end(void *context, const cat_error *error)
{
    seen *own = context;
    pthread_mutex_lock(&own->mutex);
    own->ends++;
    own->error = *error;
    pthread_cond_broadcast(&own->changed);
    pthread_mutex_unlock(&own->mutex);
}

#define SEEN() ((seen){.mutex = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER})

static void wait_for_line(seen *own, const char *text)
{
    pthread_mutex_lock(&own->mutex);
    while (strcmp(own->last, text) && !own->ends)
        pthread_cond_wait(&own->changed, &own->mutex);
    pthread_mutex_unlock(&own->mutex);
}

static void wait_for_end(seen *own)
{
    pthread_mutex_lock(&own->mutex);
    while (!own->ends)
        pthread_cond_wait(&own->changed, &own->mutex);
    pthread_mutex_unlock(&own->mutex);
}

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t opened_one = PTHREAD_COND_INITIALIZER;
static cat_sse *opened[256];
static int opened_count;

static int stream(cat_request *request, cat_reply *reply, void *context, cat_error *error)
{
    (void)request, (void)context, (void)error;
    pthread_mutex_lock(&mutex);
    cat_reply_stream(reply, 65536, NULL, NULL, &opened[opened_count++]);
    pthread_cond_broadcast(&opened_one);
    pthread_mutex_unlock(&mutex);
    return 0;
}

static int text(cat_request *request, cat_reply *reply, void *context, cat_error *error)
{
    (void)request, (void)context, (void)error;
    static const char BODY[] = "one\r\ntwo\n\nlast";
    return cat_reply_text(reply, 200, "text/plain", cat_strdup(BODY), sizeof BODY - 1);
}

static int refuse(cat_request *request, cat_reply *reply, void *context, cat_error *error)
{
    (void)request, (void)context, (void)error;
    return cat_reply_empty(reply, 410);
}

static const cat_route ROUTES[] = {
    {"GET", "/stream", stream, 0, 0}, {"GET", "/text", text, 0, 0}, {"GET", "/refuse", refuse, 0, 0}, {0}};

static cat_http_server *start(void)
{
    cat_http_server *server = NULL;
    cat_error error = {0};
    opened_count = 0;
    if (cat_http_server_start(&(cat_http_server_options){.address = "127.0.0.1:0", .routes = ROUTES}, &server, &error) < 0)
        cat_test_fail(__FILE__, __LINE__, "%s", error.message);
    return server;
}

static void finish(cat_http_server *server)
{
    cat_http_server_stop(server, 2000);
    for (int i = 0; i < opened_count; i++)
        cat_sse_unref(opened[i]);
}

static cat_http_stream *open_with(cat_http_streams *streams, cat_http_server *server, const char *path,
                                  cat_http_stream_handlers handlers, seen *own)
{
    cat_autofree char *url = cat_printf("http://127.0.0.1:%u%s", cat_http_server_port(server), path);
    handlers.on_status = on_status;
    handlers.on_line = on_line;
    handlers.on_end = on_end;
    handlers.context = own;
    return cat_http_stream_open(streams, NULL, &(cat_http_call){.url = url}, &handlers);
}

static void wait_for_opened(int count)
{
    pthread_mutex_lock(&mutex);
    while (opened_count < count)
        pthread_cond_wait(&opened_one, &mutex);
    pthread_mutex_unlock(&mutex);
}

static void send_data(cat_sse *sse, const char *data)
{
    cat_sse_frame *frame = cat_sse_frame_create(NULL, NULL, data, strlen(data));
    cat_sse_send(sse, frame);
    cat_sse_frame_unref(frame);
}

TEST("lines come without their ends, the last one too, and then the end")
{
    cat_http_server *server = start();
    cat_http_streams *streams = cat_http_streams_create();
    seen own = SEEN();
    cat_http_stream *opened_stream = open_with(streams, server, "/text", (cat_http_stream_handlers){0}, &own);
    wait_for_end(&own);
    EXPECT_INT(own.status, 200);
    EXPECT_INT(own.lines, 4);
    EXPECT_TEXT(own.last, "last");
    EXPECT_INT(own.error.code, 0);
    cat_http_stream_close(opened_stream);
    EXPECT_INT(own.ends, 1);
    cat_http_streams_destroy(streams);
    finish(server);
}

TEST("an answer without lines still tells its status")
{
    cat_http_server *server = start();
    cat_http_streams *streams = cat_http_streams_create();
    seen own = SEEN();
    cat_http_stream *opened_stream = open_with(streams, server, "/refuse", (cat_http_stream_handlers){0}, &own);
    wait_for_end(&own);
    EXPECT_INT(own.status, 410);
    EXPECT_INT(own.lines, 0);
    cat_http_stream_close(opened_stream);
    cat_http_streams_destroy(streams);
    finish(server);
}

TEST("many streams run on one thread and each gets its own lines")
{
    enum { STREAMS = 40 };
    cat_http_server *server = start();
    cat_http_streams *streams = cat_http_streams_create();
    seen own[STREAMS];
    cat_http_stream *open_streams[STREAMS];
    for (int i = 0; i < STREAMS; i++) {
        own[i] = SEEN();
        open_streams[i] = open_with(streams, server, "/stream", (cat_http_stream_handlers){0}, &own[i]);
        wait_for_opened(i + 1);
    }
    for (int i = 0; i < STREAMS; i++) {
        cat_autofree char *data = cat_printf("number %d", i);
        send_data(opened[i], data);
    }
    for (int i = 0; i < STREAMS; i++) {
        cat_autofree char *line = cat_printf("data: number %d", i);
        wait_for_line(&own[i], line);
        EXPECT_TEXT(own[i].last, line);
        cat_http_stream_close(open_streams[i]);
        EXPECT_INT(own[i].ends, 1);
        EXPECT_INT(own[i].error.code, CAT_E_CANCELLED);
    }
    cat_http_streams_destroy(streams);
    finish(server);
}

TEST("a line above the maximum ends its stream")
{
    cat_http_server *server = start();
    cat_http_streams *streams = cat_http_streams_create();
    seen own = SEEN();
    cat_http_stream *opened_stream =
        open_with(streams, server, "/stream", (cat_http_stream_handlers){.max_line_bytes = 20}, &own);
    wait_for_opened(1);
    send_data(opened[0], "short");
    wait_for_line(&own, "data: short");
    send_data(opened[0], "something that is longer than twenty bytes");
    wait_for_end(&own);
    EXPECT_INT(own.error.code, CAT_E_TOO_LARGE);
    EXPECT_TEXT(own.error.message, "the peer sent a line of more than 20 bytes");
    cat_http_stream_close(opened_stream);
    cat_http_streams_destroy(streams);
    finish(server);
}

TEST("silence ends a stream")
{
    cat_http_server *server = start();
    cat_http_streams *streams = cat_http_streams_create();
    seen own = SEEN();
    cat_http_stream *opened_stream =
        open_with(streams, server, "/stream", (cat_http_stream_handlers){.idle_timeout_ms = 50}, &own);
    wait_for_end(&own);
    EXPECT_INT(own.error.code, CAT_E_TIMEOUT);
    EXPECT_TEXT(own.error.message, "the peer was silent for 50 ms");
    cat_http_stream_close(opened_stream);
    cat_http_streams_destroy(streams);
    finish(server);
}

TEST("a peer that is not there ends the stream with an error that says so")
{
    cat_http_streams *streams = cat_http_streams_create();
    seen own = SEEN();
    cat_http_stream_handlers handlers = {.on_end = on_end, .context = &own};
    cat_http_stream *stream_opened =
        cat_http_stream_open(streams, NULL, &(cat_http_call){.url = "http://127.0.0.1:1/"}, &handlers);
    wait_for_end(&own);
    EXPECT_INT(own.error.code, CAT_E_UNAVAILABLE);
    EXPECT(cat_text_starts_with(own.error.message, "the peer cannot be reached: ") && !strstr(own.error.message, "127"));
    cat_http_stream_close(stream_opened);
    cat_http_streams_destroy(streams);
}

static void close_in_line(void *context, const char *line, size_t length)
{
    seen *own = context;
    on_line(context, line, length);
    pthread_mutex_lock(&own->mutex);
    cat_http_stream *close_me = own->close_me;
    own->close_me = NULL;
    pthread_mutex_unlock(&own->mutex);
    if (close_me)
        cat_http_stream_close(close_me);
}

TEST("a stream may be closed from its own callback")
{
    cat_http_server *server = start();
    cat_http_streams *streams = cat_http_streams_create();
    seen own = SEEN();
    cat_autofree char *url = cat_printf("http://127.0.0.1:%u/stream", cat_http_server_port(server));
    cat_http_stream_handlers handlers = {.on_line = close_in_line, .on_end = on_end, .context = &own};
    pthread_mutex_lock(&own.mutex);
    own.close_me = cat_http_stream_open(streams, NULL, &(cat_http_call){.url = url}, &handlers);
    pthread_mutex_unlock(&own.mutex);
    wait_for_opened(1);
    send_data(opened[0], "a");
    send_data(opened[0], "b");
    wait_for_end(&own);
    EXPECT_INT(own.error.code, CAT_E_CANCELLED);
    EXPECT_INT(own.lines, 1);
    cat_http_streams_destroy(streams);
    EXPECT_INT(own.ends, 1);
    finish(server);
}

TEST("destroying the streams ends each, and a stream may be closed after that")
{
    cat_http_server *server = start();
    cat_http_streams *streams = cat_http_streams_create();
    seen own = SEEN();
    cat_http_stream *opened_stream = open_with(streams, server, "/stream", (cat_http_stream_handlers){0}, &own);
    wait_for_opened(1);
    cat_http_streams_destroy(streams);
    EXPECT_INT(own.ends, 1);
    EXPECT_INT(own.error.code, CAT_E_CANCELLED);
    cat_http_stream_close(opened_stream);
    EXPECT_INT(own.ends, 1);
    finish(server);
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
