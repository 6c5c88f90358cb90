/* The parts of the HTTP server that its own files share; nothing of libh2o. Not for other layers. */
#ifndef CAT_NET_HTTP_INTERNAL_H
#define CAT_NET_HTTP_INTERNAL_H

#include "net/http_server.h"

enum {
    CAT_HTTP_MAX_PARAMETERS = 16, /* of a pattern */
    CAT_HTTP_MAX_QUERY = 64,
    CAT_HTTP_ARENA_BYTES = 32 * 1024 * 1024,
    CAT_HTTP_MAX_FILE_BYTES = 32 * 1024 * 1024,
};

typedef struct {
    const char *name, *value;
} cat_http_pair;

struct cat_request {
    const cat_route *route; /* NULL: nothing matched */
    cat_arena *arena;
    const char *method, *path, *peer; /* the peer is the client, as far as servers in front are believed */
    cat_http_pair parameters[CAT_HTTP_MAX_PARAMETERS];
    cat_http_pair *query, *headers;
    size_t parameter_count, query_count, header_count;
    char *body;
    size_t body_length;
    json_t *json;
    cat_trace trace;
    void *data;
    void (*release)(void *data);
};

typedef struct cat_http_header cat_http_header;
struct cat_http_header {
    cat_http_header *next;
    const char *name, *value;
};

struct cat_reply {
    cat_request *request;
    void *hub; /* the server's streams, for sse.c */
    bool answered;
    int status;
    const char *content_type;
    char *body; /* owned */
    size_t length;
    cat_http_header *headers; /* newest first, in the request's arena */
    cat_sse *sse;
};

/* Routes (http_route.c): pure. `path` is as it came, without the query. */
typedef enum { CAT_MATCH_FOUND, CAT_MATCH_NO_PATH, CAT_MATCH_NO_METHOD, CAT_MATCH_BROKEN } cat_match;
/* Fills route and parameters. With CAT_MATCH_NO_METHOD `*allow` lists the path's methods. The first route that matches wins. */
cat_match cat_route_find(const cat_route *routes, cat_request *request, const char *path, size_t length, const char **allow);
/* Fills the query's pairs; false on a broken escape, a zero byte or too many. */
bool cat_query_parse(cat_request *request, const char *query, size_t length);
bool cat_etag_matches(const char *if_none_match, const char *etag);

void cat_request_finish(cat_request *request);
const char *cat_reply_get_header(const cat_reply *reply, const char *name);
/* The problem document of an error, with the headers that go with its status. */
void cat_reply_error(cat_reply *reply, const cat_error *error, const cat_http_server_options *options);
/* Guard, check, handler, error document, entity tag: what a worker does for a request. */
void cat_reply_run(cat_reply *reply, const cat_http_server_options *options);
void cat_reply_finish(cat_reply *reply);
const char *cat_http_reason(int status);

#endif
