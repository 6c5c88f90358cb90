#include <pthread.h>
#include <stdatomic.h>

#include "base/test.h"
#include "net/http_client.h"
#include "net/http_internal.h"
#include "net/http_test_support.h"

static _Atomic int calls;

static int describe(cat_request *request, cat_reply *reply, void *context, cat_error *error)
{
    (void)context, (void)error;
    calls++;
    cat_slice body = cat_request_body(request);
    cat_reply_header(reply, "Location", "/somewhere");
    cat_reply_header(reply, "Link", "</next>; rel=\"next\"");
    return cat_reply_json(reply, 200,
                          cat_json_object("method", json_string(cat_request_method(request)), "body",
                                          json_stringn(body.data ? body.data : "", body.length), "type",
                                          json_string(cat_request_header(request, "content-type")), "authorization",
                                          json_string(cat_request_header(request, "authorization")), "traceparent",
                                          json_string(cat_request_header(request, "traceparent")), "x",
                                          json_string(cat_request_header(request, "x-mine")), NULL));
}

/* Refuses twice, then answers. */
static int flaky(cat_request *request, cat_reply *reply, void *context, cat_error *error)
{
    (void)request, (void)context, (void)error;
    if (++calls % 3 == 0)
        return cat_reply_text(reply, 200, "text/plain", cat_strdup("well"), 4);
    return cat_reply_empty(reply, 503);
}

static int busy(cat_request *request, cat_reply *reply, void *context, cat_error *error)
{
    (void)request, (void)context, (void)error;
    calls++;
    cat_reply_header(reply, "Retry-After", "9");
    return cat_reply_empty(reply, 503);
}

static int large(cat_request *request, cat_reply *reply, void *context, cat_error *error)
{
    (void)request, (void)context, (void)error;
    return cat_reply_text(reply, 200, "text/plain", cat_calloc(1, 100000), 100000);
}

static int silent(cat_request *request, cat_reply *reply, void *context, cat_error *error)
{
    (void)request, (void)context, (void)error;
    calls++;
    usleep(400000);
    return cat_reply_empty(reply, 204);
}

static int wrong(cat_request *request, cat_reply *reply, void *context, cat_error *error)
{
    (void)reply, (void)context, (void)request;
    return cat_error_set(error, CAT_E_FORBIDDEN, "you may not");
}

static const cat_route ROUTES[] = {{"GET", "/describe", describe, 0, 0},
                                   {"POST", "/describe", describe, CAT_ROUTE_RAW, 0},
                                   {"PUT", "/describe", describe, CAT_ROUTE_RAW, 0},
                                   {"PATCH", "/describe", describe, CAT_ROUTE_RAW, 0},
                                   {"DELETE", "/describe", describe, CAT_ROUTE_RAW, 0},
                                   {"GET", "/flaky", flaky, 0, 0},
                                   {"POST", "/flaky", flaky, 0, 0},
                                   {"GET", "/busy", busy, 0, 0},
                                   {"GET", "/large", large, 0, 0},
                                   {"GET", "/silent", silent, 0, 0},
                                   {"GET", "/wrong", wrong, 0, 0},
                                   {0}};

static cat_http_server *start(void)
{
    cat_http_server *server = NULL;
    cat_error error = {0};
    calls = 0;
    if (cat_http_server_start(&(cat_http_server_options){.address = "127.0.0.1:0", .routes = ROUTES, .workers = 8}, &server,
                              &error) < 0)
        cat_test_fail(__FILE__, __LINE__, "%s", error.message);
    return server;
}

static char *url_of(cat_http_server *server, const char *path)
{
    return cat_printf("http://127.0.0.1:%u%s", cat_http_server_port(server), path);
}

TEST("method, body, type, token, trace and headers arrive as given")
{
    cat_http_server *server = start();
    cat_autofree char *url = url_of(server, "/describe");
    cat_autoptr(cat_http_client) client = cat_http_client_create(NULL);
    cat_trace trace = {.trace_id = "0af7651916cd43dd8448eb211c80319c", .span_id = "b7ad6b7169203331", .sampled = true};
    static const char *const HEADERS[] = {"X-Mine: yes", NULL};
    static const char *const METHODS[] = {"POST", "PUT", "PATCH", "DELETE"};
    for (size_t i = 0; i < 4; i++) {
        cat_test_row("%s", METHODS[i]);
        cat_auto(cat_http_answer) answer = {0};
        cat_http_call call = {.method = METHODS[i],
                              .url = url,
                              .body = CAT_SLICE("a\nb"),
                              .content_type = "text/plain",
                              .bearer = "t0ken",
                              .trace = &trace,
                              .headers = HEADERS};
        cat_error error = {0};
        EXPECT_INT(cat_http_send(client, &call, &answer, &error), 0);
        EXPECT_INT(answer.status, 200);
        EXPECT_TEXT(answer.location, "/somewhere");
        EXPECT_TEXT(answer.link, "</next>; rel=\"next\"");
        cat_autojson json_t *body = NULL;
        REQUIRE(cat_json_parse(answer.body, answer.length, &CAT_JSON_CAPS, &body, NULL) == 0);
        EXPECT_TEXT(cat_json_text(body, "method"), METHODS[i]);
        EXPECT_TEXT(cat_json_text(body, "body"), "a\nb");
        EXPECT_TEXT(cat_json_text(body, "type"), "text/plain");
        EXPECT_TEXT(cat_json_text(body, "authorization"), "Bearer t0ken");
        EXPECT_TEXT(cat_json_text(body, "x"), "yes");
        EXPECT(cat_text_starts_with(cat_json_text_or(body, "traceparent", ""), "00-0af7651916cd43dd8448eb211c80319c-"));
    }
    cat_http_server_stop(server, 2000);
}

TEST("a GET without a body, a HEAD, a basic login and a bodiless DELETE leave nothing of the call before on the handle")
{
    cat_http_server *server = start();
    cat_autofree char *url = url_of(server, "/describe");
    cat_autoptr(cat_http_client) client = cat_http_client_create(&(cat_http_client_options){.max_concurrent = 1});
    cat_http_call calls_made[] = {{.method = "POST", .url = url, .body = CAT_SLICE("x"), .bearer = "t"},
                                  {.method = "GET", .url = url, .basic_user = "u", .basic_password = "p"},
                                  {.method = "DELETE", .url = url},
                                  {.method = "HEAD", .url = url},
                                  {.method = "GET", .url = url}};
    static const char *const AUTHORIZATION[] = {"Bearer t", "Basic dTpw", NULL, NULL, NULL};
    for (size_t i = 0; i < 5; i++) {
        cat_test_row("call %zu", i);
        cat_auto(cat_http_answer) answer = {0};
        EXPECT_INT(cat_http_send(client, &calls_made[i], &answer, NULL), 0);
        EXPECT_INT(answer.status, 200);
        cat_autojson json_t *body = NULL;
        if (!strcmp(calls_made[i].method, "HEAD")) {
            EXPECT_INT(answer.length, 0);
            continue;
        }
        REQUIRE(cat_json_parse(answer.body, answer.length, &CAT_JSON_CAPS, &body, NULL) == 0);
        EXPECT_TEXT(cat_json_text(body, "body"), i ? "" : "x");
        EXPECT_TEXT(cat_json_text(body, "authorization"), AUTHORIZATION[i]);
        EXPECT_TEXT(cat_json_text(body, "method"), calls_made[i].method);
    }
    cat_http_server_stop(server, 2000);
}

TEST("an idempotent call is made again after 503, another one is not")
{
    cat_http_server *server = start();
    cat_autofree char *url = url_of(server, "/flaky");
    cat_autoptr(cat_http_client) client = cat_http_client_create(NULL);
    cat_auto(cat_http_answer) got = {0};
    cat_http_call call = {.method = "GET", .url = url, .retries = 2};
    EXPECT_INT(cat_http_send(client, &call, &got, NULL), 0);
    EXPECT_INT(got.status, 200);
    EXPECT_INT(calls, 3);
    cat_auto(cat_http_answer) posted = {0};
    call.method = "POST";
    EXPECT_INT(cat_http_send(client, &call, &posted, NULL), 0);
    EXPECT_INT(posted.status, 503);
    EXPECT_INT(calls, 4);
    cat_http_server_stop(server, 2000);
}

TEST("the time that a call may take holds for all its tries together")
{
    cat_http_server *server = start();
    cat_autofree char *silent_url = url_of(server, "/silent"), *busy_url = url_of(server, "/busy");
    cat_autoptr(cat_http_client) client = cat_http_client_create(NULL);
    cat_auto(cat_http_answer) none = {0};
    EXPECT_INT(cat_http_send(client, &(cat_http_call){.url = silent_url, .timeout_ms = 100, .retries = 5}, &none, NULL),
               CAT_E_TIMEOUT);
    EXPECT_INT(calls, 1);
    cat_auto(cat_http_answer) refused = {0};
    EXPECT_INT(cat_http_send(client, &(cat_http_call){.url = busy_url, .timeout_ms = 5000, .retries = 5}, &refused, NULL), 0);
    EXPECT_INT(refused.status, 503);
    EXPECT_INT(calls, 2);
    cat_http_server_stop(server, 2000);
}

TEST("an answer above the maximum, silence and an unreachable peer are different errors, and none names an address")
{
    cat_http_server *server = start();
    cat_autofree char *large_url = url_of(server, "/large"), *silent_url = url_of(server, "/silent");
    cat_autoptr(cat_http_client) client =
        cat_http_client_create(&(cat_http_client_options){.peer = CAT_PEER_GIT, .max_response_bytes = 99999});
    struct {
        const char *url;
        int code;
    } rows[] = {{large_url, CAT_E_TOO_LARGE},
                {silent_url, CAT_E_TIMEOUT},
                {"http://127.0.0.1:1/", CAT_E_UNAVAILABLE},
                {"http://nobody.invalid/", CAT_E_UNAVAILABLE},
                {"ftp://127.0.0.1/", CAT_E_INVALID},
                {"file:///etc/hostname", CAT_E_INVALID}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cat_test_row("%s", rows[i].url);
        cat_auto(cat_http_answer) answer = {0};
        cat_error error = {0};
        EXPECT_INT(cat_http_send(client, &(cat_http_call){.url = rows[i].url, .timeout_ms = 100}, &answer, &error), rows[i].code);
        EXPECT_INT(error.code, rows[i].code);
        EXPECT(answer.body == NULL);
        /* People may come to read it. */
        EXPECT(cat_text_starts_with(error.message, "the Git server ") || strstr(error.message, " of the Git server "));
        EXPECT(!strstr(error.message, "//") && !strstr(error.message, "127.0.0.1") && !strstr(error.message, "hostname"));
    }
    cat_http_server_stop(server, 2000);
}

TEST("an error is made of an answer's status and message")
{
    static const struct {
        int status, code;
        const char *body, *message;
    } ROWS[] = {{404, CAT_E_NOT_FOUND, "{\"message\":\"no such repository\"}", "reading: no such repository (HTTP 404)"},
                {403, CAT_E_FORBIDDEN, "{\"detail\":\"not you\"}", "reading: not you (HTTP 403)"},
                {401, CAT_E_UNAUTHORIZED, "{\"error\":\"who\"}", "reading: who (HTTP 401)"},
                {409, CAT_E_CONFLICT, "nonsense", "reading: the peer answered HTTP 409"},
                {410, CAT_E_GONE, "", "reading: the peer answered HTTP 410"},
                {422, CAT_E_INVALID, "{}", "reading: the peer answered HTTP 422"},
                {429, CAT_E_LIMIT, "{}", "reading: the peer answered HTTP 429"},
                {500, CAT_E_UNAVAILABLE, "{}", "reading: the peer answered HTTP 500"},
                {302, CAT_E_PROTOCOL, "{}", "reading: the peer answered HTTP 302"}};
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        cat_test_row("%d", ROWS[i].status);
        cat_http_answer answer = {
            .status = ROWS[i].status, .peer = CAT_PEER_IDENTITY, .body = (char *)ROWS[i].body, .length = strlen(ROWS[i].body)};
        cat_error error = {0};
        EXPECT_INT(cat_http_error(&answer, "reading", &error), ROWS[i].code);
        EXPECT_TEXT(error.message, ROWS[i].message);
        EXPECT_INT(error.peer, CAT_PEER_IDENTITY);
    }
}

typedef struct {
    cat_http_client *client;
    const char *url;
    int good;
} caller;

static void *call_often(void *context)
{
    caller *own = context;
    for (int i = 0; i < 25; i++) {
        cat_auto(cat_http_answer) answer = {0};
        if (cat_http_send(own->client, &(cat_http_call){.url = own->url}, &answer, NULL) == 0 && answer.status == 200)
            own->good++;
    }
    return NULL;
}

TEST("many threads share a client of few connections")
{
    enum { THREADS = 8 };
    cat_http_server *server = start();
    cat_autofree char *url = url_of(server, "/describe");
    cat_autoptr(cat_http_client) client = cat_http_client_create(&(cat_http_client_options){.max_concurrent = 2});
    caller callers[THREADS];
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++) {
        callers[i] = (caller){client, url, 0};
        pthread_create(&threads[i], NULL, call_often, &callers[i]);
    }
    int good = 0;
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        good += callers[i].good;
    }
    EXPECT_INT(good, THREADS * 25);
    cat_http_server_stop(server, 2000);
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
