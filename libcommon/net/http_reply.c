#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/log.h"
#include "net/http_internal.h"
#include "net/sse.h"
#include "net/sse_internal.h"
#include "wire/digest.h"

void cat_reply_header(cat_reply *reply, const char *name, const char *value)
{
    cat_arena *arena = reply->request->arena;
    /* A line end in a value would let its author write headers. */
    if (strpbrk(name, "\r\n") || strpbrk(value, "\r\n"))
        return;
    cat_http_header *header = cat_arena_alloc(arena, sizeof *header);
    *header = (cat_http_header){reply->headers, cat_arena_strdup(arena, name), cat_arena_strdup(arena, value)};
    reply->headers = header;
}

const char *cat_reply_get_header(const cat_reply *reply, const char *name)
{
    for (const cat_http_header *header = reply->headers; header; header = header->next)
        if (!strcasecmp(header->name, name))
            return header->value;
    return NULL;
}

int cat_reply_text(cat_reply *reply, int status, const char *content_type, char *body, size_t length)
{
    free(reply->body);
    reply->answered = true;
    reply->status = status;
    reply->content_type = content_type ? cat_arena_strdup(reply->request->arena, content_type) : NULL;
    reply->body = body;
    reply->length = length;
    return 0;
}

int cat_reply_json(cat_reply *reply, int status, json_t *body)
{
    char *text = cat_json_format(body);
    json_decref(body);
    return cat_reply_text(reply, status, "application/json", text, strlen(text));
}

int cat_reply_empty(cat_reply *reply, int status)
{
    return cat_reply_text(reply, status, NULL, NULL, 0);
}

static int reply_problem(cat_reply *reply, const cat_problem *problem, const char *detail, json_t *errors)
{
    cat_autojson json_t *document = cat_problem_make(problem, detail, errors, reply->request->trace.trace_id);
    char *text = cat_json_format(document);
    return cat_reply_text(reply, problem->http_status, "application/problem+json", text, strlen(text));
}

int cat_reply_problem(cat_reply *reply, const char *code, const char *detail, json_t *errors)
{
    return reply_problem(reply, cat_problem_find(code), detail, errors);
}

void cat_reply_error(cat_reply *reply, const cat_error *error, const cat_http_server_options *options)
{
    const cat_problem *problem = cat_problem_of_error(error->code);
    if (problem->http_status >= 500)
        cat_log_warning("request failed", CAT_FIELD("method", reply->request->method), CAT_FIELD("path", reply->request->path),
                        CAT_FIELD("trace", reply->request->trace.trace_id), CAT_FIELD_ERROR(error));
    if (problem->http_status == 401)
        cat_reply_header(reply, "WWW-Authenticate", "Bearer");
    if (problem->http_status == 429 || problem->http_status == 503)
        cat_reply_header(reply, "Retry-After", "2");
    /* What went wrong inside is for the log, where the trace's id finds it. */
    bool is_ours = error->code == CAT_E_INTERNAL || error->code == CAT_E_IO;
    cat_error shown = *error;
    if (options->explain)
        options->explain(options->explain_context, error, &shown);
    reply_problem(reply, problem, is_ours ? NULL : shown.message, NULL);
}

int cat_reply_stream(cat_reply *reply, size_t max_queued_bytes, void (*on_close)(void *context, cat_sse *sse), void *context,
                     cat_sse **sse)
{
    if (reply->sse)
        return CAT_E_INTERNAL;
    reply->answered = true;
    reply->status = 200;
    reply->sse = cat_sse_create(reply->hub, max_queued_bytes, on_close, context);
    *sse = cat_sse_ref(reply->sse); /* the reply's own goes to the loop */
    return 0;
}

/* A strong tag of the bytes, and 304 for whoever has them already. */
static void tag(cat_reply *reply)
{
    const cat_request *request = reply->request;
    if (reply->status != 200 || reply->sse || (strcmp(request->method, "GET") && strcmp(request->method, "HEAD")))
        return;
    const char *etag = cat_reply_get_header(reply, "ETag");
    if (!etag) {
        char hex[CAT_SHA256_HEX], quoted[40];
        cat_sha256_hex(reply->body ? reply->body : "", reply->length, hex);
        quoted[0] = '"';
        memcpy(quoted + 1, hex, 32);
        memcpy(quoted + 33, "\"", 2);
        cat_reply_header(reply, "ETag", quoted);
        etag = cat_reply_get_header(reply, "ETag");
    }
    if (!cat_reply_get_header(reply, "Cache-Control"))
        cat_reply_header(reply, "Cache-Control", "private, no-cache");
    if (cat_etag_matches(cat_request_header(request, "If-None-Match"), etag))
        cat_reply_empty(reply, 304);
}

void cat_reply_run(cat_reply *reply, const cat_http_server_options *options)
{
    cat_request *request = reply->request;
    cat_error error = {0};
    bool guarded = options->guard && !(request->route->flags & CAT_ROUTE_OPEN);
    int result = guarded ? options->guard(request, reply, options->context, &error) : 0;
    if (result == 0 && !reply->answered && options->check)
        result = options->check(request, reply, options->check_context, &error);
    if (result == 0 && !reply->answered)
        result = request->route->handler(request, reply, options->context, &error);
    if (result == 0 && !reply->answered)
        result = cat_error_set(&error, CAT_E_INTERNAL, "the handler of %s gave no answer", request->route->pattern);
    if (result < 0) {
        if (error.code == 0)
            cat_error_set(&error, result, "%s", cat_error_name(result));
        /* A stream that a handler gave up on is closed by the loop. */
        cat_reply_error(reply, &error, options);
    }
    tag(reply);
    if (!cat_reply_get_header(reply, "Cache-Control"))
        cat_reply_header(reply, "Cache-Control", "no-store");
    cat_request_set_data(request, NULL, NULL);
}

void cat_reply_finish(cat_reply *reply)
{
    free(reply->body);
    reply->body = NULL;
}

const char *cat_http_reason(int status)
{
    static const struct {
        int status;
        const char *reason;
    } REASONS[] = {{200, "OK"},
                   {201, "Created"},
                   {202, "Accepted"},
                   {204, "No Content"},
                   {304, "Not Modified"},
                   {400, "Bad Request"},
                   {401, "Unauthorized"},
                   {403, "Forbidden"},
                   {404, "Not Found"},
                   {405, "Method Not Allowed"},
                   {409, "Conflict"},
                   {410, "Gone"},
                   {412, "Precondition Failed"},
                   {413, "Content Too Large"},
                   {415, "Unsupported Media Type"},
                   {422, "Unprocessable Content"},
                   {429, "Too Many Requests"},
                   {500, "Internal Server Error"},
                   {502, "Bad Gateway"},
                   {503, "Service Unavailable"},
                   {504, "Gateway Timeout"}};
    for (size_t i = 0; i < sizeof REASONS / sizeof *REASONS; i++)
        if (REASONS[i].status == status)
            return REASONS[i].reason;
    return "Status";
}
