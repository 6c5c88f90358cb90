#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/stat.h>

#include "base/test.h"
#include "net/http_internal.h"
#include "net/http_test_support.h"

static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t gate_moved = PTHREAD_COND_INITIALIZER;
static int entered;
static bool is_open;

static void gate_set(bool open)
{
    pthread_mutex_lock(&gate);
    is_open = open;
    if (!open)
        entered = 0;
    pthread_cond_broadcast(&gate_moved);
    pthread_mutex_unlock(&gate);
}

static void gate_wait_for_entered(int count)
{
    pthread_mutex_lock(&gate);
    while (entered < count)
        pthread_cond_wait(&gate_moved, &gate);
    pthread_mutex_unlock(&gate);
}

static int wait_at_gate(cat_request *request, cat_reply *reply, void *context, cat_error *error)
{
    (void)request, (void)context, (void)error;
    pthread_mutex_lock(&gate);
    entered++;
    pthread_cond_broadcast(&gate_moved);
    while (!is_open)
        pthread_cond_wait(&gate_moved, &gate);
    pthread_mutex_unlock(&gate);
    return cat_reply_json(reply, 200, cat_json_object("passed", json_true(), NULL));
}

static int echo(cat_request *request, cat_reply *reply, void *context, cat_error *error)
{
    (void)context;
    json_t *body = NULL;
    int result = cat_request_json(request, &body, error);
    return result < 0 ? result : cat_reply_json(reply, 200, json_incref(body));
}

static int describe(cat_request *request, cat_reply *reply, void *context, cat_error *error)
{
    (void)error;
    cat_reply_header(reply, "X-Evil", "a\r\nSet-Cookie: b");
    return cat_reply_json(reply, 200,
                          cat_json_object("name", json_string(cat_request_parameter(request, "name")), "q",
                                          json_string(cat_request_query(request, "q")), "context", json_string(context), "peer",
                                          json_string(cat_request_peer(request)), "user", json_string(cat_request_data(request)),
                                          NULL));
}

static int fail_with(cat_request *request, cat_reply *reply, void *context, cat_error *error)
{
    (void)reply, (void)context;
    const char *name = cat_request_parameter(request, "code");
    for (int code = CAT_E_INVALID; code >= CAT_E_INTERNAL; code--)
        if (!strcmp(cat_error_name(code), name))
            return cat_error_set(error, code, "it went wrong");
    return 0; /* no answer at all */
}

static int file(cat_request *request, cat_reply *reply, void *context, cat_error *error)
{
    (void)context;
    return cat_reply_file(reply, "/tmp/catalyst-http-test", cat_request_parameter(request, "path"), error);
}

static int big(cat_request *request, cat_reply *reply, void *context, cat_error *error)
{
    (void)request, (void)context, (void)error;
    size_t length = 8 * 1024 * 1024;
    char *text = cat_malloc(length);
    memset(text, 'x', length);
    return cat_reply_text(reply, 200, "text/plain", text, length);
}

static int empty(cat_request *request, cat_reply *reply, void *context, cat_error *error)
{
    (void)request, (void)context, (void)error;
    return cat_reply_empty(reply, 204);
}

static _Atomic int released;
static void release(void *data)
{
    free(data);
    released++;
}

static int guard(cat_request *request, cat_reply *reply, void *context, cat_error *error)
{
    (void)reply, (void)context;
    const char *user = cat_request_header(request, "x-user");
    if (!user)
        return cat_error_set(error, CAT_E_UNAUTHORIZED, "say who you are");
    cat_request_set_data(request, cat_strdup(user), release);
    return 0;
}

static const cat_route ROUTES[] = {{"GET", "/things/{name}", describe, 0, 0},
                                   {"GET", "/open/{name}", describe, CAT_ROUTE_OPEN, 0},
                                   {"GET", "/inline/{name}", describe, CAT_ROUTE_OPEN | CAT_ROUTE_INLINE, 0},
                                   {"POST", "/echo", echo, CAT_ROUTE_OPEN, 64},
                                   {"POST", "/raw", empty, CAT_ROUTE_OPEN | CAT_ROUTE_RAW, 0},
                                   {"GET", "/fail/{code}", fail_with, CAT_ROUTE_OPEN, 0},
                                   {"GET", "/gate", wait_at_gate, CAT_ROUTE_OPEN, 0},
                                   {"GET", "/files/{path...}", file, CAT_ROUTE_OPEN, 0},
                                   {"GET", "/big", big, CAT_ROUTE_OPEN, 0},
                                   {"DELETE", "/empty", empty, CAT_ROUTE_OPEN, 0},
                                   {0}};

static cat_http_server *start(cat_http_server_options options)
{
    cat_http_server *server = NULL;
    cat_error error = {0};
    options.address = "127.0.0.1:0";
    options.routes = ROUTES;
    options.context = "the context";
    options.guard = guard;
    if (cat_http_server_start(&options, &server, &error) < 0)
        cat_test_fail(__FILE__, __LINE__, "%s", error.message);
    return server;
}

TEST("a request is answered with its parameters, query, peer and what the guard found")
{
    cat_http_server *server = start((cat_http_server_options){.trusted_proxies = "127.0.0.1"});
    unsigned port = cat_http_server_port(server);
    released = 0;
    cat_autofree char *answer =
        raw_exchange(port, "GET /things/a%20b?q=1%202 HTTP/1.1\r\nHost: x\r\nX-User: mara\r\nX-Forwarded-For: 9.9.9.9, "
                           "10.0.0.7\r\nConnection: close\r\n\r\n");
    EXPECT_INT(raw_status(answer), 200);
    EXPECT_TEXT(raw_body(answer),
                "{\"name\":\"a b\",\"q\":\"1 2\",\"context\":\"the context\",\"peer\":\"10.0.0.7\",\"user\":\"mara\"}");
    EXPECT(strstr(answer, "content-type: application/json\r\n"));
    EXPECT(strstr(answer, "etag: \""));
    EXPECT(strstr(answer, "x-content-type-options: nosniff\r\n"));
    EXPECT(!strstr(answer, "Set-Cookie"));
    cat_http_server_stop(server, 5000);
    EXPECT_INT(released, 1);
}

TEST("what is not allowed, not found or broken is answered by a problem document")
{
    static const struct {
        const char *request;
        int status;
        const char *has;
    } ROWS[] = {
        {"GET /things/a HTTP/1.1\r\n", 401, "www-authenticate: Bearer\r\n"},
        {"GET /nothing HTTP/1.1\r\n", 404, "urn:catalyst:problem:not-found"},
        {"PUT /echo HTTP/1.1\r\n", 405, "allow: POST\r\n"},
        {"DELETE /open/a HTTP/1.1\r\n", 405, "allow: GET, HEAD\r\n"},
        {"GET /open/%zz HTTP/1.1\r\n", 400, "broken escape"},
        {"GET /open/a?q=%zz HTTP/1.1\r\n", 400, "broken escape"},
        {"POST /echo HTTP/1.1\r\nContent-Length: 2\r\n", 415, "application/json"},
        {"POST /echo HTTP/1.1\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n", 415, "application/json"},
        {"POST /echo HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: 2\r\n", 200, "{}"},
        {"POST /echo HTTP/1.1\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: 2\r\n", 200, "{}"},
        {"POST /echo HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: 1\r\n", 400, "line 1"},
        {"POST /echo HTTP/1.1\r\nContent-Type: application/json\r\n", 400, "JSON"},
        {"POST /raw HTTP/1.1\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n", 204, ""},
        {"GET /fail/invalid HTTP/1.1\r\n", 400, "it went wrong"},
        {"GET /fail/not-found HTTP/1.1\r\n", 404, "it went wrong"},
        {"GET /fail/forbidden HTTP/1.1\r\n", 403, "it went wrong"},
        {"GET /fail/limit HTTP/1.1\r\n", 429, "retry-after: 2\r\n"},
        {"GET /fail/unavailable HTTP/1.1\r\n", 503, "retry-after: 2\r\n"},
        {"GET /fail/internal HTTP/1.1\r\n", 500, "urn:catalyst:problem:internal"},
        {"GET /fail/none HTTP/1.1\r\n", 500, "urn:catalyst:problem:internal"},
    };
    cat_http_server *server = start((cat_http_server_options){0});
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        cat_test_row("%.60s", ROWS[i].request);
        cat_autofree char *request = cat_printf("%sHost: x\r\nConnection: close\r\n\r\n{}", ROWS[i].request);
        cat_autofree char *answer = raw_exchange(cat_http_server_port(server), request);
        EXPECT_INT(raw_status(answer), ROWS[i].status);
        EXPECT(strstr(answer, ROWS[i].has));
        if (raw_status(answer) >= 400) {
            EXPECT(strstr(answer, "content-type: application/problem+json\r\n"));
            EXPECT(strstr(raw_body(answer), "\"traceId\":"));
        }
        if (ROWS[i].status == 500)
            EXPECT(!strstr(answer, "it went wrong"));
    }
    cat_http_server_stop(server, 5000);
}

static void in_other_words(const void *context, const cat_error *error, cat_error *shown)
{
    cat_error_set_class(shown, error->code, error->class, "%s", (const char *)context);
}

TEST("people are told of an error in the words that the server is given for it")
{
    cat_http_server *server = start((cat_http_server_options){.explain = in_other_words, .explain_context = "ask later"});
    cat_autofree char *answer =
        raw_exchange(cat_http_server_port(server), "GET /fail/unavailable HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    EXPECT_INT(raw_status(answer), 503);
    EXPECT(strstr(raw_body(answer), "\"ask later\""));
    EXPECT(!strstr(answer, "it went wrong"));
    cat_http_server_stop(server, 5000);
}

TEST("a body above the route's maximum is refused, and above every route's before it is read")
{
    cat_http_server *server = start((cat_http_server_options){.max_body_bytes = 1024});
    unsigned port = cat_http_server_port(server);
    char request[512];
    snprintf(request, sizeof request,
             "POST /echo HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: "
             "65\r\n\r\n%-65s",
             "{}");
    cat_autofree char *over_route = raw_exchange(port, request);
    EXPECT_INT(raw_status(over_route), 413);
    EXPECT(strstr(over_route, "at most 64 bytes"));
    cat_autofree char *over_all = raw_exchange(port, "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                                                     "Content-Length: 1000000000\r\n\r\n");
    EXPECT_INT(raw_status(over_all), 413);
    EXPECT(strstr(over_all, "application/problem+json"));
    EXPECT(strstr(over_all, "the body may have at most 1024 bytes"));
    cat_http_server_stop(server, 5000);
}

TEST("a client that sends its whole body first still gets to read that it is too large")
{
    cat_http_server *server = start((cat_http_server_options){.max_body_bytes = 1024});
    const size_t length = 8u * 1024 * 1024; /* more than both sides' buffers take */
    cat_autofree char *request = cat_calloc(1, length + 200);
    int head = snprintf(
        request, 200, "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n", length);
    memset(request + head, 'a', length);
    int descriptor = raw_connect(cat_http_server_port(server), 0);
    size_t at = 0;
    for (ssize_t sent = 1; at < length + (size_t)head && sent > 0; at += (size_t)(sent > 0 ? sent : 0))
        sent = send(descriptor, request + at, length + (size_t)head - at, MSG_NOSIGNAL);
    EXPECT_INT(at, length + (size_t)head);
    cat_auto(cat_string) in = CAT_STRING(65536);
    EXPECT(!raw_read_until(descriptor, &in, NULL)); /* and then the server ends the connection */
    EXPECT_INT(raw_status(cat_string_get(&in)), 413);
    EXPECT(strstr(cat_string_get(&in), "urn:catalyst:problem:too-large"));
    EXPECT(strstr(cat_string_get(&in), "the body may have at most "));
    close(descriptor);
    cat_http_server_stop(server, 5000);
}

TEST("a client that never sends the rest of a body that is too large does not hold the server up")
{
    cat_http_server *server = start((cat_http_server_options){.max_body_bytes = 1024});
    int descriptor = raw_connect(cat_http_server_port(server), 0);
    raw_send(descriptor, "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n");
    cat_auto(cat_string) in = CAT_STRING(65536);
    raw_read_until(descriptor, &in, NULL);
    EXPECT_INT(raw_status(cat_string_get(&in)), 413);
    cat_http_server_stop(server, 5000);
    close(descriptor);
}

TEST("a GET has a strong tag, and whoever has the bytes already gets 304 on the same connection")
{
    cat_http_server *server = start((cat_http_server_options){0});
    int descriptor = raw_connect(cat_http_server_port(server), 0);
    cat_auto(cat_string) in = CAT_STRING(65536);
    raw_send(descriptor, "GET /open/a HTTP/1.1\r\nHost: x\r\n\r\n");
    REQUIRE(raw_read_until(descriptor, &in, "}"));
    const char *etag = strstr(in.data, "etag: ");
    REQUIRE(etag);
    cat_autofree char *value = cat_strndup(etag + 6, strcspn(etag + 6, "\r"));
    cat_autofree char *again = cat_printf("GET /open/a HTTP/1.1\r\nHost: x\r\nIf-None-Match: \"other\", %s\r\n\r\n", value);
    cat_string_clear(&in);
    raw_send(descriptor, again);
    REQUIRE(raw_read_until(descriptor, &in, "\r\n\r\n"));
    EXPECT_INT(raw_status(in.data), 304);
    EXPECT(strstr(in.data, value));
    EXPECT_TEXT(raw_body(in.data), "");
    cat_string_clear(&in);
    raw_send(descriptor, "HEAD /open/a HTTP/1.1\r\nHost: x\r\n\r\nGET /open/b HTTP/1.1\r\nHost: x\r\n\r\n");
    REQUIRE(raw_read_until(descriptor, &in, "\"b\""));
    EXPECT_INT(raw_status(in.data), 200);
    EXPECT(!strncmp(raw_body(in.data), "HTTP/1.1 200", 12)); /* the HEAD's answer has no body */
    close(descriptor);
    cat_http_server_stop(server, 5000);
}

TEST("a route that runs on the loop answers like any other")
{
    cat_http_server *server = start((cat_http_server_options){0});
    cat_autofree char *answer = raw_get(cat_http_server_port(server), "/inline/a");
    EXPECT_INT(raw_status(answer), 200);
    EXPECT(strstr(answer, "\"name\":\"a\""));
    cat_http_server_stop(server, 5000);
}

TEST("the trace of a caller goes on under a new span, and its id is in the answer")
{
    cat_http_server *server = start((cat_http_server_options){0});
    cat_autofree char *answer =
        raw_exchange(cat_http_server_port(server), "GET /open/a HTTP/1.1\r\nHost: x\r\nConnection: close\r\ntraceparent: "
                                                   "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\n\r\n");
    EXPECT(strstr(answer, "x-request-id: 0af7651916cd43dd8448eb211c80319c\r\n"));
    cat_http_server_stop(server, 5000);
}

TEST("static files are served by type, and nothing outside their folder is")
{
    mkdir("/tmp/catalyst-http-test", 0700);
    mkdir("/tmp/catalyst-http-test/sub", 0700);
    FILE *out = fopen("/tmp/catalyst-http-test/sub/a.js", "w");
    REQUIRE(out);
    fputs("let a;", out);
    fclose(out);
    unlink("/tmp/catalyst-http-test/outside");
    unlink("/tmp/catalyst-http-test/inside.js");
    EXPECT_INT(symlink("/etc/hostname", "/tmp/catalyst-http-test/outside"), 0);
    EXPECT_INT(symlink("sub/a.js", "/tmp/catalyst-http-test/inside.js"), 0);
    static const struct {
        const char *path;
        int status;
    } ROWS[] = {{"/files/sub/a.js", 200},
                {"/files/inside.js", 200},
                {"/files/outside", 404},
                {"/files/sub", 404},
                {"/files/", 404},
                {"/files/../../etc/hostname", 404},
                {"/files/%2e%2e/%2e%2e/etc/hostname", 404},
                {"/files/..%2f..%2fetc/hostname", 404},
                {"/files/%2fetc%2fhostname", 404},
                {"/files/sub//a.js", 404},
                {"/files/sub/./a.js", 404},
                {"/files/a%00.js", 400},
                {"/files/..%5c..%5cetc", 404}};
    cat_http_server *server = start((cat_http_server_options){0});
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        cat_test_row("%s", ROWS[i].path);
        cat_autofree char *answer = raw_get(cat_http_server_port(server), ROWS[i].path);
        EXPECT_INT(raw_status(answer), ROWS[i].status);
        if (ROWS[i].status == 200) {
            EXPECT_TEXT(raw_body(answer), "let a;");
            EXPECT(strstr(answer, "content-type: text/javascript; charset=utf-8\r\n"));
        }
    }
    cat_http_server_stop(server, 5000);
}

TEST("a large answer reaches a client that reads slowly, whole")
{
    cat_http_server *server = start((cat_http_server_options){0});
    int descriptor = raw_connect(cat_http_server_port(server), 4096);
    cat_auto(cat_string) in = CAT_STRING(16 * 1024 * 1024);
    raw_send(descriptor, "GET /big HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    while (raw_read_until(descriptor, &in, NULL))
        continue;
    EXPECT_INT(strlen(raw_body(in.data)), 8 * 1024 * 1024);
    close(descriptor);
    cat_http_server_stop(server, 5000);
}

TEST("requests above what may wait for a worker are answered 503, and the others are served")
{
    gate_set(false);
    cat_http_server *server = start((cat_http_server_options){.workers = 1, .max_queued = 1});
    unsigned port = cat_http_server_port(server);
    int first = raw_connect(port, 0), second = raw_connect(port, 0);
    raw_send(first, "GET /gate HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    gate_wait_for_entered(1); /* the worker is busy, the queue is empty */
    raw_send(second, "GET /gate HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    int third = raw_connect(port, 0);
    raw_send(third, "GET /gate HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    /* Whichever of the two came later is refused, at once. */
    struct pollfd refused_one[] = {{.fd = second, .events = POLLIN}, {.fd = third, .events = POLLIN}};
    EXPECT_INT(poll(refused_one, 2, 20000), 1);
    cat_auto(cat_string) in = CAT_STRING(65536);
    gate_set(true);
    int served = 0, refused = 0;
    int descriptors[] = {first, second, third};
    for (size_t i = 0; i < 3; i++) {
        cat_string_clear(&in);
        raw_read_until(descriptors[i], &in, NULL);
        served += raw_status(cat_string_get(&in)) == 200;
        refused += raw_status(cat_string_get(&in)) == 503 && strstr(in.data, "retry-after: 1");
        close(descriptors[i]);
    }
    EXPECT_INT(served, 2);
    EXPECT_INT(refused, 1);
    cat_http_server_stop(server, 5000);
}

TEST("the loop answers 504 for a handler that takes too long, and the handler's end harms nothing")
{
    gate_set(false);
    cat_http_server *server = start((cat_http_server_options){.workers = 1, .handler_timeout_ms = 50});
    cat_autofree char *answer = raw_get(cat_http_server_port(server), "/gate");
    EXPECT_INT(raw_status(answer), 504);
    EXPECT(strstr(answer, "application/problem+json"));
    gate_set(true);
    cat_autofree char *after = raw_get(cat_http_server_port(server), "/open/a");
    EXPECT(raw_status(after) == 200 || raw_status(after) == 504);
    cat_http_server_stop(server, 5000);
}

static void *stop(void *context)
{
    cat_http_server_stop(context, 5000);
    return NULL;
}

static void *stop_at_once(void *context)
{
    cat_http_server_stop(context, 0);
    return NULL;
}

TEST("a server that stops lets a running handler answer, and closes idle connections")
{
    gate_set(false);
    cat_http_server *server = start((cat_http_server_options){0});
    unsigned port = cat_http_server_port(server);
    int running = raw_connect(port, 0), idle = raw_connect(port, 0);
    cat_auto(cat_string) in = CAT_STRING(65536);
    raw_send(idle, "GET /inline/a HTTP/1.1\r\nHost: x\r\n\r\n");
    REQUIRE(raw_read_until(idle, &in, "}"));
    raw_send(running, "GET /gate HTTP/1.1\r\nHost: x\r\n\r\n");
    gate_wait_for_entered(1);
    pthread_t stopper;
    pthread_create(&stopper, NULL, stop, server);
    gate_set(true);
    cat_string_clear(&in);
    EXPECT(!raw_read_until(running, &in, NULL)); /* until the end */
    EXPECT_INT(raw_status(cat_string_get(&in)), 200);
    cat_string_clear(&in);
    EXPECT(!raw_read_until(idle, &in, NULL));
    EXPECT_INT(in.length, 0);
    pthread_join(stopper, NULL);
    close(running);
    close(idle);
    int late = raw_connect(port, 0);
    EXPECT_INT(late, -1);
}

TEST("a server that stops lets an answer on its way reach a client that reads slowly, whole")
{
    cat_http_server *server = start((cat_http_server_options){0});
    int descriptor = raw_connect(cat_http_server_port(server), 65536);
    cat_auto(cat_string) in = CAT_STRING(16 * 1024 * 1024);
    raw_send(descriptor, "GET /big HTTP/1.1\r\nHost: x\r\n\r\n");
    REQUIRE(raw_read_until(descriptor, &in, "\r\n\r\n"));
    pthread_t stopper;
    pthread_create(&stopper, NULL, stop, server);
    usleep(300000); /* the server has begun to stop, and the client has read nothing meanwhile */
    while (raw_read_until(descriptor, &in, NULL))
        continue;
    EXPECT_INT(strlen(raw_body(in.data)), 8 * 1024 * 1024);
    close(descriptor);
    pthread_join(stopper, NULL);
}

TEST("a handler that is still running at the deadline has its client told")
{
    gate_set(false);
    cat_http_server *server = start((cat_http_server_options){0});
    int running = raw_connect(cat_http_server_port(server), 0);
    raw_send(running, "GET /gate HTTP/1.1\r\nHost: x\r\n\r\n");
    gate_wait_for_entered(1);
    pthread_t stopper;
    pthread_create(&stopper, NULL, stop_at_once, server);
    cat_auto(cat_string) in = CAT_STRING(65536);
    EXPECT(raw_read_until(running, &in, "stopping"));
    EXPECT_INT(raw_status(cat_string_get(&in)), 503);
    gate_set(true);
    pthread_join(stopper, NULL);
    close(running);
}

typedef struct {
    pthread_mutex_t mutex;
    pthread_cond_t seen;
    char lines[8][64];
    int count;
} observed;

static void observe(void *context, const char *method, const char *pattern, int status, double seconds, size_t bytes)
{
    observed *all = context;
    pthread_mutex_lock(&all->mutex);
    if (all->count < 8 && seconds >= 0)
        snprintf(all->lines[all->count++], 64, "%s %s %d %s", method, pattern, status, bytes ? "bytes" : "none");
    pthread_cond_signal(&all->seen);
    pthread_mutex_unlock(&all->mutex);
}

TEST("an observer sees each answer by its pattern")
{
    observed all = {.mutex = PTHREAD_MUTEX_INITIALIZER, .seen = PTHREAD_COND_INITIALIZER};
    cat_http_server *server = start((cat_http_server_options){0});
    cat_http_server_observe(server, observe, &all);
    cat_autofree char *first = raw_get(cat_http_server_port(server), "/open/abc");
    cat_autofree char *second = raw_get(cat_http_server_port(server), "/nothing");
    cat_http_server_stop(server, 5000);
    EXPECT(first && second);
    EXPECT_INT(all.count, 2);
    EXPECT_TEXT(all.lines[0], "GET /open/{name} 200 bytes");
    EXPECT_TEXT(all.lines[1], "GET - 404 bytes");
}

TEST("connections above the maximum are closed")
{
    cat_http_server *server = start((cat_http_server_options){.max_connections = 1});
    unsigned port = cat_http_server_port(server);
    int first = raw_connect(port, 0);
    cat_auto(cat_string) in = CAT_STRING(65536);
    raw_send(first, "GET /inline/a HTTP/1.1\r\nHost: x\r\n\r\n");
    REQUIRE(raw_read_until(first, &in, "}"));
    cat_autofree char *second = raw_get(port, "/inline/a");
    EXPECT_INT(strlen(second), 0);
    close(first);
    cat_http_server_stop(server, 5000);
}

TEST("an address that is none, or is taken by another user of it, is one clear error")
{
    static const char *const ADDRESSES[] = {"nothing", "127.0.0.1:x", "256.0.0.1:80", "192.0.2.1:80"};
    for (size_t i = 0; i < sizeof ADDRESSES / sizeof *ADDRESSES; i++) {
        cat_test_row("%s", ADDRESSES[i]);
        cat_http_server *server = NULL;
        cat_error error = {0};
        EXPECT(cat_http_server_start(&(cat_http_server_options){.address = ADDRESSES[i], .routes = ROUTES}, &server, &error) < 0);
        EXPECT(strstr(error.message, ADDRESSES[i]));
    }
}

TEST("nobody says for whom a request is who is not trusted with it")
{
    cat_http_server *server = start((cat_http_server_options){.trusted_proxies = "10.0.0.0/8"});
    cat_autofree char *answer = raw_exchange(
        cat_http_server_port(server),
        "GET /open/x HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 9.9.9.9\r\nx-forwarded-for: 10.0.0.7\r\nConnection: close\r\n\r\n");
    EXPECT_TEXT(raw_body(answer), "{\"name\":\"x\",\"context\":\"the context\",\"peer\":\"127.0.0.1\"}");
    cat_http_server_stop(server, 1000);
    cat_error error = {0};
    cat_http_server *none = NULL;
    EXPECT_INT(
        cat_http_server_start(&(cat_http_server_options){.address = "127.0.0.1:0", .routes = ROUTES, .trusted_proxies = "nginx"},
                              &none, &error),
        CAT_E_INVALID);
}

TEST("a request that can be read in two ways is refused, and nothing behind it is read")
{
    static const char NEXT[] = "GET /open/hidden HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    static const char *const rows[] = {
        "POST /raw HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "POST /raw HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
        "POST /raw HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nContent-Length: 3\r\n\r\n",
        "POST /raw HTTP/1.1\r\nHost: x\r\nContent-Length: +3\r\n\r\nabc",
        "POST /raw HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
        "POST /raw HTTP/1.1\r\nHost: x\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
        "POST /raw HTTP/1.1\r\nHost: x\r\nX: a\r\n Transfer-Encoding: chunked\r\n\r\n",
        "GET /open/x HTTP/1.1\nHost: x\n\n",
        "GET /open/x HTTP/1.1\r\nHost: x\nX: a\r\n\r\n",
        "GET /open/x HTTP/1.1\r\n\r\n",
        "GET /open/x HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
    };
    cat_http_server *server = start((cat_http_server_options){0});
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cat_test_row("%s", rows[i]);
        cat_autofree char *sent = cat_printf("%s%s", rows[i], NEXT), *answer = raw_exchange(cat_http_server_port(server), sent);
        EXPECT_INT(raw_status(answer), 400);
        EXPECT(strstr(answer, "hidden") == NULL);
    }
    cat_http_server_stop(server, 1000);
}

TEST("what comes behind a body in chunks is not read")
{
    cat_http_server *server = start((cat_http_server_options){0});
    cat_autofree char *answer = raw_exchange(
        cat_http_server_port(server), "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: "
                                      "chunked\r\n\r\n2;x=\n{}\r\n0\r\n\r\n"
                                      "GET /open/hidden HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    EXPECT(strstr(answer, "hidden") == NULL);
    cat_autofree char *plain = raw_exchange(
        cat_http_server_port(server), "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: "
                                      "chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n");
    EXPECT_INT(raw_status(plain), 200);
    EXPECT_TEXT(raw_body(plain), "{}");
    cat_http_server_stop(server, 1000);
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
