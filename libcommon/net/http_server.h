/* HTTP/1.1 server on libh2o: one loop thread accepts, parses and sends; handlers run on a pool of workers and may block.
 *
 *     static int hello(cat_request *request, cat_reply *reply, void *context, cat_error *error)
 *     {
 *         return cat_reply_json(reply, 200, cat_json_object("hello", json_string(cat_request_parameter(request, "name")), NULL));
 *     }
 *     static const cat_route ROUTES[] = {{"GET", "/v1/hello/{name}", hello, 0}, {0}};
 *
 * What could be read in two ways (net/http_head.h) is refused, and its connection closed; so is a connection whose request came in chunks, once it is answered.
 * A handler that returns a negative code answers the problem document for its error. Server objects: any thread. A request and
 * its reply belong to the worker that runs the handler.
 */
#ifndef CAT_NET_HTTP_SERVER_H
#define CAT_NET_HTTP_SERVER_H

#include "base/clock.h"
#include "base/memory.h"
#include "wire/json.h"
#include "wire/problem.h"
#include "wire/trace.h"

typedef struct cat_http_server cat_http_server;
typedef struct cat_request cat_request;
typedef struct cat_reply cat_reply;
typedef struct cat_sse cat_sse; /* net/sse.h */

typedef int (*cat_handler)(cat_request *request, cat_reply *reply, void *context, cat_error *error);

enum {
    CAT_ROUTE_OPEN = 1,   /* no sign-in needed (the server's `guard` is not called) */
    CAT_ROUTE_INLINE = 2, /* runs on the loop: must not block */
    CAT_ROUTE_RAW = 4,    /* the body may be anything; otherwise a body has to be application/json */
};

typedef struct {
    const char *method;  /* HEAD is answered by GET */
    const char *pattern; /* "/v1/things/{name}"; a last "{path...}" takes the rest */
    cat_handler handler;
    unsigned flags;
    size_t max_body_bytes; /* 0: the server's default */
} cat_route;

typedef struct {
    const char *address;        /* "127.0.0.1:8080"; port 0 picks one */
    const cat_route *routes;    /* ends with a NULL method; kept by reference; the first that matches wins */
    void *context;              /* for every handler */
    cat_handler guard;          /* runs in front of a handler that is not OPEN, on the worker; may be NULL */
    cat_handler check;          /* runs behind the guard, in front of every handler, with check_context; may be NULL */
    void *check_context;        /* the server's from here on: destroyed by check_destroy when it stops */
    void (*check_destroy)(void *context);
    /* What people are told of a handler's error; the log has it as it is. NULL: the same. */
    void (*explain)(const void *context, const cat_error *error, cat_error *shown);
    const void *explain_context;
    const char *trusted_proxies; /* net/http_proxies.h; NULL: nobody's X-Forwarded-For is believed */
    unsigned workers;           /* default 4 */
    size_t max_body_bytes;      /* default 256 KiB */
    size_t max_queued;          /* requests waiting for a worker, default 1,024; above: 503 with Retry-After */
    size_t max_connections;     /* default 20,000 */
    int64_t header_timeout_ms;  /* default 10 s */
    int64_t handler_timeout_ms; /* the loop answers 504 when a worker has not; default 60 s */
} cat_http_server_options;

int cat_http_server_start(const cat_http_server_options *options, cat_http_server **server, cat_error *error);
unsigned cat_http_server_port(const cat_http_server *server);
/* Stops accepting, ends streams with reason "shutdown", waits for handlers and for answers on their way up to `deadline_ms`, answers 503 to the clients of those that still run,
 * joins its threads (so a handler has to end some time), and destroys. NULL allowed. */
void cat_http_server_stop(cat_http_server *server, int64_t deadline_ms);
/* Called after each answer, on the loop: for metrics and the access log. The first one set stays. */
typedef void (*cat_http_observer)(void *context, const char *method, const char *pattern, int status, double seconds,
                                  size_t bytes);
void cat_http_server_observe(cat_http_server *server, cat_http_observer observer, void *context);

/* The request: everything is lent and lives until the handler returns. */
const char *cat_request_method(const cat_request *request);
const char *cat_request_path(const cat_request *request);
const char *cat_request_parameter(const cat_request *request, const char *name); /* from the pattern, decoded */
const char *cat_request_query(const cat_request *request, const char *name); /* decoded; NULL when absent; the first of several */
/* Each member of the query as it came, also those that stand there twice; `*at` begins at 0. false at the end. */
bool cat_request_query_next(const cat_request *request, size_t *at, const char **name, const char **value);
const cat_route *cat_request_route(const cat_request *request);
const char *cat_request_header(const cat_request *request, const char *name); /* any case; NULL when absent */
const char *cat_request_peer(const cat_request *request); /* the client's address: the socket's, or what trusted proxies say in X-Forwarded-For */
cat_slice cat_request_body(const cat_request *request);
/* The body as JSON, parsed once. CAT_E_INVALID with line and column. */
int cat_request_json(cat_request *request, json_t **body, cat_error *error);
cat_arena *cat_request_arena(cat_request *request);
const cat_trace *cat_request_trace(const cat_request *request);
/* For the guard to hand something to the handler; `release` runs when the request ends. */
void cat_request_set_data(cat_request *request, void *data, void (*release)(void *data));
void *cat_request_data(const cat_request *request);
/* Whole query number in [minimum, maximum]: CAT_E_INVALID otherwise; absent gives the fallback. */
int cat_request_query_int(const cat_request *request, const char *name, int64_t minimum, int64_t maximum, int64_t fallback,
                          int64_t *value, cat_error *error);

/* The reply. Takes `body`. A GET's 200 gets a strong ETag (hash of the bytes) unless one was set, and If-None-Match is answered
 * with 304. Returns 0. */
int cat_reply_json(cat_reply *reply, int status, json_t *body);
int cat_reply_text(cat_reply *reply, int status, const char *content_type, char *body_taken, size_t length);
int cat_reply_empty(cat_reply *reply, int status);
void cat_reply_header(cat_reply *reply, const char *name, const char *value); /* copied */
/* A problem of the table by code, e.g. cat_reply_problem(reply, "plan-changed", "…", errors_taken). Returns 0. */
int cat_reply_problem(cat_reply *reply, const char *code, const char *detail, json_t *errors);
/* A file below `root` by relative path (no "..", no links out of it), with content type, ETag and Range-less caching. */
int cat_reply_file(cat_reply *reply, const char *root, const char *path, cat_error *error);
/* Turns the answer into an event stream: see net/sse.h. */
int cat_reply_stream(cat_reply *reply, size_t max_queued_bytes, void (*on_close)(void *context, cat_sse *sse), void *context,
                     cat_sse **sse);

#endif
