#include <pthread.h>
#include <stdatomic.h>

#include "base/test.h"
#include "net/http_internal.h"
#include "net/http_test_support.h"
#include "net/sse.h"
#include "net/sse_internal.h"

/* What the handler hands over to the test. */
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static cat_sse *opened[64];
static int opened_count, closed_count;

static void on_close(void *context, cat_sse *sse)
{
    (void)context, (void)sse;
    pthread_mutex_lock(&mutex);
    closed_count++;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&mutex);
}

static int stream(cat_request *request, cat_reply *reply, void *context, cat_error *error)
{
    (void)context, (void)error;
    const char *text = cat_request_query(request, "max");
    cat_sse *sse = NULL;
    cat_reply_stream(reply, text ? (size_t)atol(text) : 65536, on_close, NULL, &sse);
    cat_sse_frame *hello = cat_sse_frame_create("1", "hello", "{}", 2);
    EXPECT(cat_sse_send(sse, hello)); /* before anything was answered */
    cat_sse_frame_unref(hello);
    pthread_mutex_lock(&mutex);
    opened[opened_count++] = sse;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&mutex);
    return 0;
}

static int stream_then_fail(cat_request *request, cat_reply *reply, void *context, cat_error *error)
{
    (void)request, (void)context;
    cat_sse *sse = NULL;
    cat_reply_stream(reply, 1024, on_close, NULL, &sse);
    cat_sse_unref(sse);
    return cat_error_set(error, CAT_E_FORBIDDEN, "not for you");
}

static const cat_route ROUTES[] = {{"GET", "/stream", stream, 0, 0}, {"GET", "/fails", stream_then_fail, 0, 0}, {0}};

static cat_http_server *start(void)
{
    cat_http_server *server = NULL;
    cat_error error = {0};
    opened_count = closed_count = 0;
    if (cat_http_server_start(&(cat_http_server_options){.address = "127.0.0.1:0", .routes = ROUTES}, &server, &error) < 0)
        cat_test_fail(__FILE__, __LINE__, "%s", error.message);
    return server;
}

static void wait_for(const int *counter, int count)
{
    pthread_mutex_lock(&mutex);
    while (*counter < count)
        pthread_cond_wait(&changed, &mutex);
    pthread_mutex_unlock(&mutex);
}

static int open_stream(cat_http_server *server, const char *query, int receive_buffer)
{
    int descriptor = raw_connect(cat_http_server_port(server), receive_buffer), before = opened_count;
    cat_autofree char *request = cat_printf("GET /stream%s HTTP/1.1\r\nHost: x\r\n\r\n", query);
    raw_send(descriptor, request);
    wait_for(&opened_count, before + 1);
    return descriptor;
}

static void finish(cat_http_server *server)
{
    cat_http_server_stop(server, 2000);
    for (int i = 0; i < opened_count; i++)
        cat_sse_unref(opened[i]);
}

static bool send_text(cat_sse *sse, const char *event, const char *data)
{
    cat_sse_frame *frame = cat_sse_frame_create(NULL, event, data, strlen(data));
    bool taken = cat_sse_send(sse, frame);
    cat_sse_frame_unref(frame);
    return taken;
}

TEST("a stream begins with how often it will be heard of; then frames come in order, those from before the answer first")
{
    cat_http_server *server = start();
    int descriptor = open_stream(server, "", 0);
    cat_auto(cat_string) in = CAT_STRING(1024 * 1024);
    for (int i = 0; i < 20; i++) {
        cat_autofree char *data = cat_printf("{\"n\":%d}", i);
        EXPECT(send_text(opened[0], "row", data));
    }
    EXPECT(raw_read_until(descriptor, &in, "{\"n\":19}\n\n"));
    EXPECT_INT(raw_status(in.data), 200);
    EXPECT(strstr(in.data, "content-type: text/event-stream\r\n"));
    EXPECT(strstr(in.data, "cache-control: no-store\r\n"));
    const char *at = raw_body(in.data);
    EXPECT(cat_text_starts_with(at, "event: heartbeat\ndata: {\"everyMs\":15000}\n\nid: 1\nevent: hello\ndata: {}\n\nevent: row\ndata: {\"n\":0}\n\n"));
    for (int i = 0; i < 20; i++) {
        cat_autofree char *data = cat_printf("event: row\ndata: {\"n\":%d}\n\n", i);
        at = strstr(at, data);
        EXPECT(at);
    }
    close(descriptor);
    finish(server);
    EXPECT_INT(closed_count, 1);
}

TEST("a client that goes away is noticed though nothing is sent")
{
    cat_http_server *server = start();
    int descriptor = open_stream(server, "", 0);
    cat_auto(cat_string) in = CAT_STRING(65536);
    EXPECT(raw_read_until(descriptor, &in, "hello"));
    EXPECT(cat_sse_is_open(opened[0]));
    close(descriptor);
    wait_for(&closed_count, 1);
    EXPECT(!cat_sse_is_open(opened[0]));
    EXPECT(send_text(opened[0], "row", "{}")); /* harmless */
    cat_sse_end(opened[0], "late");
    finish(server);
    EXPECT_INT(closed_count, 1);
}

TEST("one frame reaches many clients")
{
    enum { CLIENTS = 32 };
    cat_http_server *server = start();
    int descriptors[CLIENTS];
    bool full[CLIENTS];
    for (int i = 0; i < CLIENTS; i++)
        descriptors[i] = open_stream(server, "", 0);
    cat_sse_frame *frame = cat_sse_frame_create("7", "row", "{\"all\":1}", 9);
    cat_sse_send_many(opened, CLIENTS, frame, full);
    cat_sse_frame_unref(frame);
    for (int i = 0; i < CLIENTS; i++) {
        cat_auto(cat_string) in = CAT_STRING(65536);
        EXPECT(!full[i]);
        EXPECT(raw_read_until(descriptors[i], &in, "id: 7\nevent: row\ndata: {\"all\":1}\n\n"));
        close(descriptors[i]);
    }
    finish(server);
    EXPECT_INT(closed_count, CLIENTS);
}

/* Fills the kernel's buffers and then the queue of a client that does not read. */
static int fill(cat_sse *sse)
{
    char data[16384];
    memset(data, 'x', sizeof data - 1);
    data[sizeof data - 1] = '\0';
    int sent = 0;
    /* The loop empties the queue into the kernel for a while: full is when it stays full. */
    for (int full = 0; full < 50; sent++)
        if (!send_text(sse, "row", data)) {
            full++;
            usleep(1000);
        }
    return sent;
}

TEST("the queue of a slow client is bounded, and a snapshot takes its place")
{
    cat_http_server *server = start();
    int descriptor = open_stream(server, "?max=100000", 4096);
    fill(opened[0]);
    cat_autofree char *large = cat_malloc(300001);
    memset(large, 's', 300000);
    large[300000] = '\0';
    cat_sse_frame *snapshot[] = {cat_sse_frame_create("9", "snapshot", large, 300000),
                                 cat_sse_frame_create("10", "snapshot", "{\"last\":1}", 10)};
    cat_sse_reset(opened[0], snapshot, 2);
    /* The snapshot does not count: there is room for what comes behind it. */
    EXPECT(send_text(opened[0], "row", "{\"after\":1}"));
    for (int i = 0; i < 2; i++)
        cat_sse_frame_unref(snapshot[i]);
    cat_auto(cat_string) in = CAT_STRING(64 * 1024 * 1024);
    EXPECT(raw_read_until(descriptor, &in, "{\"after\":1}\n\n"));
    const char *first = strstr(in.data, "event: snapshot"), *second = strstr(in.data, "{\"last\":1}");
    EXPECT(first && second && first < second && second < strstr(in.data, "{\"after\":1}"));
    /* Nothing of the old queue stands between. */
    EXPECT(first && !strstr(first, "xxxx"));
    close(descriptor);
    finish(server);
}

TEST("a client that does not read its snapshot either is cut")
{
    cat_sse_snapshot_ms = 100;
    cat_http_server *server = start();
    int descriptor = open_stream(server, "?max=100000", 4096);
    fill(opened[0]);
    cat_sse_frame *snapshot = cat_sse_frame_create(NULL, "snapshot", "{}", 2);
    cat_sse_reset(opened[0], &snapshot, 1);
    cat_sse_frame_unref(snapshot);
    wait_for(&closed_count, 1);
    EXPECT(!cat_sse_is_open(opened[0]));
    close(descriptor);
    finish(server);
    cat_sse_snapshot_ms = 30000;
}

TEST("a quiet stream gets heartbeats")
{
    cat_sse_heartbeat_ms = 20;
    cat_http_server *server = start();
    int descriptor = open_stream(server, "", 0);
    cat_auto(cat_string) in = CAT_STRING(65536);
    EXPECT(raw_read_until(descriptor, &in, "event: heartbeat\ndata: {\"everyMs\":20}\n\nevent: heartbeat\ndata: {\"everyMs\":20}\n\n"));
    close(descriptor);
    finish(server);
    cat_sse_heartbeat_ms = 15000;
}

TEST("an ended stream says why and closes")
{
    cat_http_server *server = start();
    int descriptor = open_stream(server, "", 0);
    EXPECT(send_text(opened[0], "row", "{\"last\":1}"));
    cat_sse_end(opened[0], "token \"expired\"");
    cat_auto(cat_string) in = CAT_STRING(65536);
    EXPECT(!raw_read_until(descriptor, &in, NULL));
    EXPECT(
        cat_text_ends_with(cat_string_get(&in), "{\"last\":1}\n\nevent: end\ndata: {\"reason\":\"token \\\"expired\\\"\"}\n\n"));
    wait_for(&closed_count, 1);
    close(descriptor);
    finish(server);
}

TEST("a server that stops ends its streams with the reason shutdown")
{
    cat_http_server *server = start();
    int descriptor = open_stream(server, "", 0);
    cat_auto(cat_string) in = CAT_STRING(65536);
    EXPECT(raw_read_until(descriptor, &in, "hello"));
    finish(server);
    EXPECT(!raw_read_until(descriptor, &in, NULL));
    EXPECT(cat_text_ends_with(cat_string_get(&in), "event: end\ndata: {\"reason\":\"shutdown\"}\n\n"));
    EXPECT_INT(closed_count, 1);
    close(descriptor);
}

TEST("a stream whose handler fails is closed, and its client gets the error")
{
    cat_http_server *server = start();
    cat_autofree char *answer = raw_get(cat_http_server_port(server), "/fails");
    EXPECT_INT(raw_status(answer), 403);
    wait_for(&closed_count, 1);
    cat_http_server_stop(server, 2000);
    EXPECT_INT(closed_count, 1);
}

TEST("a HEAD of a stream has headers only and leaves no stream behind")
{
    cat_http_server *server = start();
    cat_autofree char *answer =
        raw_exchange(cat_http_server_port(server), "HEAD /stream HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    EXPECT_INT(raw_status(answer), 200);
    EXPECT(strstr(answer, "text/event-stream"));
    EXPECT_TEXT(raw_body(answer), "");
    wait_for(&closed_count, 1);
    finish(server);
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
