/* Any text as method, path, query and If-None-Match of a request: "path?query" and a second line for the header. */
#include <string.h>

#include "base/memory.h"
#include "fuzz.h"
#include "net/http_internal.h"

static int nothing(cat_request *request, cat_reply *reply, void *context, cat_error *error)
{
    (void)request, (void)reply, (void)context, (void)error;
    return 0;
}

static const cat_route ROUTES[] = {{"GET", "/v1/things", nothing, 0, 0},
                                   {"POST", "/v1/things", nothing, 0, 0},
                                   {"GET", "/v1/things/{name}/parts/{part}", nothing, 0, 0},
                                   {"GET", "/files/{path...}", nothing, 0, 0},
                                   {0}};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    const char *line = size ? memchr(text, '\n', size) : NULL;
    size_t length = line ? (size_t)(line - text) : size;
    const char *question = length ? memchr(text, '?', length) : NULL;
    size_t path_length = question ? (size_t)(question - text) : length;
    cat_autoptr(cat_arena) arena = cat_arena_create(16 * 1024 * 1024);
    cat_request request = {.arena = arena, .method = size % 2 ? "GET" : "DELETE"};
    const char *allow = NULL;
    cat_match match = cat_route_find(ROUTES, &request, text, path_length, &allow);
    CLAIM((match == CAT_MATCH_FOUND) == (request.route != NULL));
    CLAIM((match == CAT_MATCH_NO_METHOD) == (allow != NULL));
    for (size_t i = 0; i < request.parameter_count; i++)
        CLAIM(cat_text_is_utf8(request.parameters[i].value, strlen(request.parameters[i].value)));
    if (question && cat_query_parse(&request, question + 1, length - path_length - 1)) {
        CLAIM(request.query_count <= CAT_HTTP_MAX_QUERY);
        for (size_t i = 0; i < request.query_count; i++)
            CLAIM(cat_text_is_utf8(request.query[i].value, strlen(request.query[i].value)));
        cat_request_query(&request, "name");
    }
    if (line) {
        cat_autofree char *header = cat_strndup(line + 1, size - length - 1);
        cat_autofree char *longer = cat_printf("\"other\", %s", "\"tag\"");
        cat_etag_matches(header, "\"tag\"");
        CLAIM(cat_etag_matches(longer, "\"tag\""));
    }
    return 0;
}
