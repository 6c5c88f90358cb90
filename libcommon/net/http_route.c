#include <string.h>

#include "base/encoding.h"
#include "net/http_internal.h"

/* The next segment of a path: its bytes without slashes. false at the end. */
static bool next_segment(const char **at, const char *end, const char **segment, size_t *length)
{
    if (*at >= end || **at != '/')
        return false;
    *segment = ++*at;
    const char *slash = memchr(*at, '/', (size_t)(end - *at));
    *at = slash ? slash : end;
    *length = (size_t)(*at - *segment);
    return true;
}

static bool add_parameter(cat_request *request, const char *name, size_t name_length, const char *value, size_t length)
{
    char *decoded = cat_arena_strndup(request->arena, value, length);
    if (request->parameter_count == CAT_HTTP_MAX_PARAMETERS || !cat_percent_decode(decoded, false) ||
        !cat_text_is_utf8(decoded, strlen(decoded)))
        return false;
    request->parameters[request->parameter_count++] =
        (cat_http_pair){cat_arena_strndup(request->arena, name, name_length), decoded};
    return true;
}

static bool ends_with_dots(const char *name, size_t length)
{
    return length > 3 && !memcmp(name + length - 3, "...", 3);
}

static cat_match match_pattern(const char *pattern, cat_request *request, const char *path, size_t length)
{
    const char *pattern_end = pattern + strlen(pattern), *path_end = path + length;
    const char *want = NULL, *have = NULL;
    size_t want_length = 0, have_length = 0;
    while (next_segment(&pattern, pattern_end, &want, &want_length)) {
        bool is_parameter = want_length > 2 && want[0] == '{' && want[want_length - 1] == '}';
        if (is_parameter && ends_with_dots(want + 1, want_length - 2)) {
            const char *rest = path < path_end && *path == '/' ? path + 1 : path;
            if (path < path_end && *path != '/')
                return CAT_MATCH_NO_PATH;
            return add_parameter(request, want + 1, want_length - 5, rest, (size_t)(path_end - rest)) ? CAT_MATCH_FOUND
                                                                                                      : CAT_MATCH_BROKEN;
        }
        if (!next_segment(&path, path_end, &have, &have_length))
            return CAT_MATCH_NO_PATH;
        if (!is_parameter) {
            if (have_length != want_length || memcmp(have, want, want_length) != 0)
                return CAT_MATCH_NO_PATH;
            continue;
        }
        if (have_length == 0)
            return CAT_MATCH_NO_PATH;
        if (!add_parameter(request, want + 1, want_length - 2, have, have_length))
            return CAT_MATCH_BROKEN;
    }
    return path == path_end ? CAT_MATCH_FOUND : CAT_MATCH_NO_PATH;
}

cat_match cat_route_find(const cat_route *routes, cat_request *request, const char *path, size_t length, const char **allow)
{
    bool is_head = !strcmp(request->method, "HEAD");
    cat_match result = CAT_MATCH_NO_PATH;
    const char *methods = NULL;
    for (const cat_route *route = routes; route && route->method; route++) {
        request->parameter_count = 0;
        cat_match match = match_pattern(route->pattern, request, path, length);
        if (match == CAT_MATCH_NO_PATH)
            continue;
        if (match == CAT_MATCH_BROKEN)
            return match;
        if (!strcmp(route->method, request->method) || (is_head && !strcmp(route->method, "GET"))) {
            request->route = route;
            return CAT_MATCH_FOUND;
        }
        const char *head = !strcmp(route->method, "GET") ? ", HEAD" : "";
        methods = methods ? cat_arena_printf(request->arena, "%s, %s%s", methods, route->method, head)
                          : cat_arena_printf(request->arena, "%s%s", route->method, head);
        result = CAT_MATCH_NO_METHOD;
    }
    request->parameter_count = 0;
    *allow = methods;
    return result;
}

bool cat_query_parse(cat_request *request, const char *query, size_t length)
{
    cat_http_pair pairs[CAT_HTTP_MAX_QUERY];
    size_t count = 0;
    char *text = cat_arena_strndup(request->arena, query, length);
    if (strlen(text) != length)
        return false;
    for (char *at = text, *next = NULL; at; at = next) {
        char *end = strchr(at, '&');
        next = end ? end + 1 : NULL;
        if (end)
            *end = '\0';
        if (!*at)
            continue;
        char *equals = strchr(at, '=');
        if (equals)
            *equals = '\0';
        char *value = equals ? equals + 1 : at + strlen(at);
        if (count == CAT_HTTP_MAX_QUERY || !cat_percent_decode(at, true) || (equals && !cat_percent_decode(value, true)) ||
            !cat_text_is_utf8(at, strlen(at)) || !cat_text_is_utf8(value, strlen(value)))
            return false;
        pairs[count++] = (cat_http_pair){at, value};
    }
    if (count > 0) {
        request->query = cat_arena_alloc(request->arena, count * sizeof *pairs);
        memcpy(request->query, pairs, count * sizeof *pairs);
    }
    request->query_count = count;
    return true;
}

/* The weak comparison of RFC 9110: tags are the same whether weak or not. */
bool cat_etag_matches(const char *if_none_match, const char *etag)
{
    if (!if_none_match || !etag)
        return false;
    if (!strncmp(etag, "W/", 2))
        etag += 2;
    size_t length = strlen(etag);
    for (const char *at = if_none_match; *at;) {
        at += strspn(at, " \t,");
        if (*at == '*')
            return true;
        if (!strncmp(at, "W/", 2))
            at += 2;
        size_t part = strcspn(at, ",");
        size_t trimmed = part;
        while (trimmed > 0 && (at[trimmed - 1] == ' ' || at[trimmed - 1] == '\t'))
            trimmed--;
        if (trimmed == length && !memcmp(at, etag, length))
            return true;
        at += part;
    }
    return false;
}
