#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "net/http_internal.h"

const char *cat_request_method(const cat_request *request)
{
    return request->method;
}

const char *cat_request_path(const cat_request *request)
{
    return request->path;
}

static const char *find(const cat_http_pair *pairs, size_t count, const char *name, int (*compare)(const char *, const char *))
{
    for (size_t i = 0; i < count; i++)
        if (!compare(pairs[i].name, name))
            return pairs[i].value;
    return NULL;
}

const char *cat_request_parameter(const cat_request *request, const char *name)
{
    return find(request->parameters, request->parameter_count, name, strcmp);
}

const char *cat_request_query(const cat_request *request, const char *name)
{
    return find(request->query, request->query_count, name, strcmp);
}

bool cat_request_query_next(const cat_request *request, size_t *at, const char **name, const char **value)
{
    if (*at >= request->query_count)
        return false;
    *name = request->query[*at].name;
    *value = request->query[*at].value;
    (*at)++;
    return true;
}

const cat_route *cat_request_route(const cat_request *request)
{
    return request->route;
}

const char *cat_request_header(const cat_request *request, const char *name)
{
    return find(request->headers, request->header_count, name, strcasecmp);
}

const char *cat_request_peer(const cat_request *request)
{
    return request->peer;
}

cat_slice cat_request_body(const cat_request *request)
{
    return (cat_slice){request->body, request->body_length};
}

int cat_request_json(cat_request *request, json_t **body, cat_error *error)
{
    if (!request->json) {
        cat_json_caps caps = {.max_bytes = request->body_length + 1, .max_depth = CAT_JSON_CAPS.max_depth};
        int result = cat_json_parse(request->body ? request->body : "", request->body_length, &caps, &request->json, error);
        if (result < 0)
            return cat_error_wrap(error, "the body is no JSON");
    }
    *body = request->json;
    return 0;
}

cat_arena *cat_request_arena(cat_request *request)
{
    return request->arena;
}

const cat_trace *cat_request_trace(const cat_request *request)
{
    return &request->trace;
}

static void release_data(cat_request *request)
{
    if (request->data && request->release)
        request->release(request->data);
    request->data = NULL;
}

void cat_request_set_data(cat_request *request, void *data, void (*release)(void *data))
{
    release_data(request);
    request->data = data;
    request->release = release;
}

void *cat_request_data(const cat_request *request)
{
    return request->data;
}

int cat_request_query_int(const cat_request *request, const char *name, int64_t minimum, int64_t maximum, int64_t fallback,
                          int64_t *value, cat_error *error)
{
    const char *text = cat_request_query(request, name);
    long long number = fallback;
    if (text && !cat_text_to_int64(text, minimum, maximum, &number))
        return cat_error_set(error, CAT_E_INVALID, "the query's %s has to be a whole number from %lld to %lld", name,
                             (long long)minimum, (long long)maximum);
    *value = number;
    return 0;
}

void cat_request_finish(cat_request *request)
{
    release_data(request);
    json_decref(request->json);
    free(request->body);
    cat_arena_destroy(request->arena);
    *request = (cat_request){0};
}
