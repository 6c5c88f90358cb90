#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "net/http_head.h"
#include "net/http_loop.h"

double cat_http_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

#define EXCHANGE_OF(entry, member) ((cat_exchange *)((char *)(entry)-offsetof(cat_exchange, member)))

static void destroy(cat_exchange *exchange)
{
    if (h2o_linklist_is_linked(&exchange->link))
        h2o_linklist_unlink(&exchange->link);
    h2o_timeout_unlink(&exchange->timer);
    if (exchange->reply.sse)
        cat_sse_abandon(cat_take(exchange->reply.sse));
    cat_reply_finish(&exchange->reply);
    cat_request_finish(&exchange->request);
    free(exchange);
}

static void detach(cat_exchange *exchange)
{
    if (exchange->slot)
        *exchange->slot = NULL;
    exchange->slot = NULL;
    exchange->req = NULL;
}

/* The request's pool goes: the answer was sent, or the client is gone. */
static void on_pool_dispose(void *slot)
{
    cat_exchange *exchange = *(void **)slot;
    if (!exchange)
        return;
    detach(exchange);
    if (!exchange->with_worker)
        destroy(exchange);
}

static void observe(cat_http_server *server, const cat_request *request, int status, double started, size_t bytes)
{
    cat_observer *observer = atomic_load(&server->observer);
    if (observer && observer->observe)
        observer->observe(observer->context, request->method, request->route ? request->route->pattern : "-", status,
                          cat_http_seconds() - started, bytes);
}

static void add_header(h2o_req_t *req, const char *name, const char *value)
{
    h2o_iovec_t copied_name = h2o_strdup(&req->pool, name, SIZE_MAX);
    h2o_iovec_t copied_value = h2o_strdup(&req->pool, value, SIZE_MAX);
    h2o_strtolower(copied_name.base, copied_name.len);
    h2o_add_header_by_str(&req->pool, &req->res.headers, copied_name.base, copied_name.len, 1, NULL, copied_value.base,
                          copied_value.len);
}

static void add_headers(h2o_req_t *req, const cat_reply *reply)
{
    for (const cat_http_header *header = reply->headers; header; header = header->next)
        add_header(req, header->name, header->value);
    if (reply->content_type)
        add_header(req, "content-type", reply->content_type);
    add_header(req, "x-content-type-options", "nosniff");
    add_header(req, "x-request-id", reply->request->trace.trace_id);
}

static h2o_generator_t generator = {NULL, NULL};

static void send_reply(h2o_req_t *req, const cat_reply *reply)
{
    bool has_body = reply->length > 0 && strcmp(reply->request->method, "HEAD") != 0 && reply->status != 304;
    h2o_iovec_t body = h2o_iovec_init(reply->body, reply->length);
    req->res.status = reply->status;
    req->res.reason = cat_http_reason(reply->status);
    req->res.content_length = reply->status == 304 || reply->status == 204 ? SIZE_MAX : reply->length;
    add_headers(req, reply);
    h2o_start_response(req, &generator);
    h2o_send(req, &body, has_body ? 1 : 0, H2O_SEND_STATE_FINAL);
}

static void send_stream(cat_exchange *exchange)
{
    h2o_req_t *req = exchange->req;
    cat_sse *sse = cat_take(exchange->reply.sse);
    cat_http_server *server = exchange->server;
    req->res.status = 200;
    req->res.reason = "OK";
    req->res.content_length = SIZE_MAX;
    exchange->reply.content_type = "text/event-stream";
    add_headers(req, &exchange->reply);
    add_header(req, "x-accel-buffering", "no");
    if (strcmp(exchange->request.method, "HEAD")) {
        cat_sse_attach(sse, req, server->stopping);
        return;
    }
    cat_sse_abandon(sse);
    req->http1_is_persistent = 0;
    h2o_start_response(req, &generator);
    h2o_send(req, NULL, 0, H2O_SEND_STATE_FINAL);
}

/* Sends what stands in the reply; the exchange goes when the request's pool does. */
static void answer(cat_exchange *exchange)
{
    cat_reply *reply = &exchange->reply;
    exchange->is_sent = true;
    h2o_timeout_unlink(&exchange->timer);
    if (h2o_linklist_is_linked(&exchange->link))
        h2o_linklist_unlink(&exchange->link);
    h2o_linklist_insert(&exchange->server->answers, &exchange->link);
    observe(exchange->server, &exchange->request, reply->status, exchange->started, reply->length);
    if (reply->sse && reply->status == 200)
        send_stream(exchange);
    else
        send_reply(exchange->req, reply);
}

static void answer_problem(cat_exchange *exchange, const char *code, const char *detail)
{
    cat_reply_problem(&exchange->reply, code, detail, NULL);
    cat_reply_header(&exchange->reply, "Cache-Control", "no-store");
    answer(exchange);
}

void cat_exchange_returned(cat_exchange *exchange)
{
    exchange->with_worker = false;
    if (exchange->req)
        answer(exchange);
    else
        destroy(exchange);
}

/* The worker goes on with its exchange; the client gets an answer that needs nothing of it. */
static void give_up(cat_exchange *exchange, const char *code, const char *detail)
{
    h2o_req_t *req = exchange->req;
    cat_http_server *server = exchange->server;
    cat_request shown = {.route = exchange->request.route,
                         .method = h2o_strdup(&req->pool, exchange->request.method, SIZE_MAX).base,
                         .trace = exchange->request.trace,
                         .arena = cat_arena_create(64 * 1024)};
    cat_reply reply = {.request = &shown};
    cat_reply_problem(&reply, code, detail, NULL);
    detach(exchange);
    h2o_timeout_unlink(&exchange->timer);
    h2o_linklist_unlink(&exchange->link);
    observe(server, &shown, reply.status, exchange->started, reply.length);
    h2o_iovec_t body = h2o_strdup(&req->pool, reply.body, reply.length);
    free(reply.body);
    reply.body = body.base;
    send_reply(req, &reply);
    cat_arena_destroy(shown.arena);
}

static void on_handler_timeout(h2o_timeout_entry_t *entry)
{
    give_up(EXCHANGE_OF(entry, timer), "timeout", "the request took too long; whether it had an effect is unknown");
}

void cat_exchange_give_up_all(cat_http_server *server)
{
    while (!h2o_linklist_is_empty(&server->exchanges))
        give_up(EXCHANGE_OF(server->exchanges.next, link), "unavailable", "the service is stopping");
}

static const char *peer_of(h2o_req_t *req, cat_arena *arena)
{
    struct sockaddr_storage address;
    char host[NI_MAXHOST];
    socklen_t length = req->conn->callbacks->get_peername(req->conn, (void *)&address);
    if (length == 0 || getnameinfo((void *)&address, length, host, sizeof host, NULL, 0, NI_NUMERICHOST) != 0)
        return "";
    return cat_arena_strdup(arena, host);
}

/* Fields of one name are one list (RFC 9110, 5.3). */
static const char *joined_forwarded(const cat_request *request)
{
    const char *joined = NULL;
    for (size_t i = 0; i < request->header_count; i++)
        if (strcasecmp(request->headers[i].name, "X-Forwarded-For") == 0)
            joined =
                cat_arena_printf(request->arena, "%s%s%s", joined ? joined : "", joined ? "," : "", request->headers[i].value);
    return joined;
}

static const char *client_of(cat_request *request, h2o_req_t *req)
{
    char client[CAT_HTTP_ADDRESS_MAX];
    cat_http_proxies_client(cat_http_server_of(req)->proxies, peer_of(req, request->arena), joined_forwarded(request), client);
    return cat_arena_strdup(request->arena, client);
}

static void read_request(cat_request *request, h2o_req_t *req, size_t path_length)
{
    cat_arena *arena = request->arena;
    request->method = cat_arena_strndup(arena, req->method.base, req->method.len);
    request->path = cat_arena_strndup(arena, req->path.base, path_length);
    request->headers = cat_arena_alloc(arena, (req->headers.size + 1) * sizeof *request->headers);
    for (size_t i = 0; i < req->headers.size; i++) {
        const h2o_header_t *header = req->headers.entries + i;
        request->headers[request->header_count++] =
            (cat_http_pair){cat_arena_strndup(arena, header->name->base, header->name->len),
                            cat_arena_strndup(arena, header->value.base, header->value.len)};
    }
    request->peer = client_of(request, req);
    cat_trace incoming;
    const char *traceparent = cat_request_header(request, "traceparent");
    if (traceparent && cat_trace_parse(traceparent, &incoming))
        cat_trace_child(&incoming, &request->trace);
    else
        cat_trace_start(&request->trace);
}

static bool is_json(const char *content_type)
{
    if (!content_type)
        return false;
    size_t length = strcspn(content_type, "; \t");
    return length == 16 && !strncasecmp(content_type, "application/json", 16);
}

/* NULL: go on. Otherwise the code of the problem that answers. */
static const char *refuse(cat_exchange *exchange, h2o_req_t *req, size_t path_length, const char **detail)
{
    cat_request *request = &exchange->request;
    const cat_http_server_options *options = &exchange->server->options;
    const char *allow = NULL;
    switch (cat_route_find(options->routes, request, req->path.base, path_length, &allow)) {
    case CAT_MATCH_NO_PATH:
        return *detail = "nothing is served at this path", "not-found";
    case CAT_MATCH_NO_METHOD:
        cat_reply_header(&exchange->reply, "Allow", allow);
        return *detail = "this path does not take this method", "method-not-allowed";
    case CAT_MATCH_BROKEN:
        return *detail = "the path holds a broken escape", "invalid";
    case CAT_MATCH_FOUND:
        break;
    }
    const char *query = req->path.base + path_length;
    size_t query_length = req->path.len - path_length;
    if (query_length > 0 && !cat_query_parse(request, query + 1, query_length - 1))
        return *detail = "the query holds a broken escape or too many members", "invalid";
    size_t max_bytes = request->route->max_body_bytes ? request->route->max_body_bytes : options->max_body_bytes;
    if (req->entity.len > max_bytes)
        return *detail = cat_arena_printf(request->arena, "the body may have at most %zu bytes", max_bytes), "too-large";
    if (req->entity.len > 0 && !(request->route->flags & CAT_ROUTE_RAW) && !is_json(cat_request_header(request, "Content-Type")))
        return *detail = "the body has to be application/json", "unsupported-media-type";
    return NULL;
}

static void start_worker(cat_exchange *exchange)
{
    cat_http_server *server = exchange->server;
    exchange->with_worker = true;
    h2o_linklist_insert(&server->exchanges, &exchange->link);
    h2o_timeout_link(server->loop, &server->handler_timeout, &exchange->timer);
    if (!server->stopping && cat_queue_try_push(server->work, exchange))
        return;
    exchange->with_worker = false;
    cat_reply_header(&exchange->reply, "Retry-After", "1");
    answer_problem(exchange, "unavailable", server->stopping ? "the service is stopping" : "too many requests are waiting");
}

/* libh2o keeps what came until the request is done, from the request line on: its parsed form no longer tells what this asks for.
 * Chunks are decoded in place, as leniently as the head is: what would come behind them on the connection is never read. */
static const char *check_head(h2o_req_t *req)
{
    cat_http_head head = {0};
    const h2o_buffer_t *came = req->conn->callbacks->get_socket(req->conn)->input;
    const char *why = cat_http_head_check(came->bytes, came->size, &head);
    if (why || head.is_chunked)
        req->http1_is_persistent = 0;
    return why;
}

int cat_exchange_on_request(h2o_handler_t *handler, h2o_req_t *req)
{
    (void)handler;
    cat_http_server *server = cat_http_server_of(req);
    cat_exchange *exchange = cat_calloc(1, sizeof *exchange);
    exchange->message.kind = CAT_MESSAGE_EXCHANGE;
    exchange->server = server;
    exchange->req = req;
    exchange->started = cat_http_seconds();
    exchange->timer.cb = on_handler_timeout;
    exchange->request.arena = cat_arena_create(CAT_HTTP_ARENA_BYTES);
    exchange->reply.request = &exchange->request;
    exchange->reply.hub = server->streams;
    exchange->slot = h2o_mem_alloc_shared(&req->pool, sizeof *exchange->slot, on_pool_dispose);
    *exchange->slot = exchange;
    size_t path_length = req->query_at != SIZE_MAX ? req->query_at : req->path.len;
    read_request(&exchange->request, req, path_length);
    const char *detail = check_head(req), *code = detail ? "invalid" : refuse(exchange, req, path_length, &detail);
    if (code) {
        answer_problem(exchange, code, detail);
        return 0;
    }
    if (req->entity.len > 0) {
        exchange->request.body = cat_strndup(req->entity.base, req->entity.len);
        exchange->request.body_length = req->entity.len;
    }
    if (exchange->request.route->flags & CAT_ROUTE_INLINE) {
        cat_reply_run(&exchange->reply, &server->options);
        answer(exchange);
    } else {
        start_worker(exchange);
    }
    return 0;
}

/* What libh2o refuses before it asks us (a broken request, a body above every route's maximum) becomes a problem document too. */
typedef struct {
    h2o_ostream_t super;
    h2o_iovec_t body;
} problem_stream;

static void send_problem(h2o_ostream_t *stream, h2o_req_t *req, h2o_iovec_t *buffers, size_t count, h2o_send_state_t state)
{
    problem_stream *self = (problem_stream *)stream;
    (void)buffers;
    bool has_body = count > 0;
    h2o_ostream_send_next(&self->super, req, &self->body, has_body ? 1 : 0, state);
}

static void on_setup_problem(h2o_filter_t *filter, h2o_req_t *req, h2o_ostream_t **slot)
{
    (void)filter;
    if (req->res.status == 413) /* its body is still on its way */
        cat_http_linger(req->conn->callbacks->get_socket(req->conn));
    const char *code = req->res.status == 413 ? "too-large" : req->res.status == 404 ? "not-found" : "invalid";
    cat_autofree char *detail = req->res.status == 413 ? cat_printf("the body may have at most %zu bytes",
                                                                    req->conn->ctx->globalconf->max_request_entity_size)
                                                       : cat_strdup("the request cannot be taken");
    cat_autojson json_t *document = cat_problem_make(cat_problem_find(code), detail, NULL, NULL);
    cat_autofree char *text = cat_json_format(document);
    problem_stream *stream = (void *)h2o_add_ostream(req, sizeof *stream, slot);
    stream->super.do_send = send_problem;
    stream->body = h2o_strdup(&req->pool, text, SIZE_MAX);
    req->res.content_length = stream->body.len;
    h2o_set_header(&req->pool, &req->res.headers, H2O_TOKEN_CONTENT_TYPE, H2O_STRLIT("application/problem+json"), 1);
    h2o_setup_next_ostream(req, &stream->super.next);
}

void cat_http_setup_fallback(h2o_hostconf_t *host)
{
    h2o_filter_t *filter = h2o_create_filter(&host->fallback_path, sizeof *filter);
    filter->on_setup_ostream = on_setup_problem;
}
