#include "net/http_head.h"

#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "base/string.h"

typedef struct {
    size_t lengths, encodings, hosts;
    bool is_old; /* HTTP/1.0 */
} seen;

/* RFC 9110, 5.6.2 */
static bool is_token_character(unsigned char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c && strchr("!#$%&'*+-.^_`|~", c));
}

static size_t token_length(const char *text, size_t length)
{
    size_t at = 0;
    while (at < length && is_token_character((unsigned char)text[at]))
        at++;
    return at;
}

/* Without its CR LF. */
static const char *check_request_line(const char *line, size_t length, seen *all)
{
    static const char VERSION[] = " HTTP/1.";
    size_t method = token_length(line, length), tail = sizeof VERSION; /* and the minor number */
    if (method == 0 || length < method + 2 + tail || line[method] != ' ')
        return "the request line is not METHOD target HTTP/1.1";
    const char *target = line + method + 1, *version = line + length - tail;
    size_t target_length = (size_t)(version - target);
    if (memcmp(version, VERSION, sizeof VERSION - 1) != 0 || (line[length - 1] != '0' && line[length - 1] != '1'))
        return "the request line is not METHOD target HTTP/1.1";
    if (target_length > CAT_HTTP_TARGET_MAX_BYTES)
        return "the address may have at most 8 KiB";
    for (size_t i = 0; i < target_length; i++)
        if ((unsigned char)target[i] <= ' ' || (unsigned char)target[i] >= 0x7f)
            return "the address holds a space or a character that is none of an address";
    all->is_old = line[length - 1] == '0';
    return NULL;
}

static bool is_named(const char *name, size_t length, const char *wanted)
{
    return length == strlen(wanted) && strncasecmp(name, wanted, length) == 0;
}

static const char *check_length(const char *value, size_t length, seen *all)
{
    if (all->lengths++)
        return "Content-Length is there twice";
    for (size_t i = 0; i < length; i++)
        if (value[i] < '0' || value[i] > '9')
            return "Content-Length is no number";
    return length == 0 || length > 18 ? "Content-Length is no number" : NULL;
}

static const char *check_encoding(const char *value, size_t length, seen *all)
{
    if (all->encodings++)
        return "Transfer-Encoding is there twice";
    return is_named(value, length, "chunked") ? NULL : "Transfer-Encoding can be chunked and nothing else";
}

static const char *check_field(const char *line, size_t length, seen *all)
{
    size_t name = token_length(line, length);
    if (name == 0 || name == length || line[name] != ':')
        return "a header field is not name: value";
    const char *value = line + name + 1, *end = line + length;
    for (const char *at = value; at < end; at++)
        if (((unsigned char)*at < ' ' && *at != '\t') || *at == 0x7f)
            return "a header field holds a control character";
    while (value < end && (*value == ' ' || *value == '\t'))
        value++;
    while (end > value && (end[-1] == ' ' || end[-1] == '\t'))
        end--;
    if (is_named(line, name, "Content-Length"))
        return check_length(value, (size_t)(end - value), all);
    if (is_named(line, name, "Transfer-Encoding"))
        return check_encoding(value, (size_t)(end - value), all);
    if (is_named(line, name, "Host") && all->hosts++)
        return "Host is there twice";
    return NULL;
}

/* The length of a line that ends in CR LF; SIZE_MAX when another ending comes first, or none. */
static size_t line_length(const char *bytes, size_t length)
{
    const char *feed = memchr(bytes, '\n', length), *carriage = memchr(bytes, '\r', length);
    return feed && carriage == feed - 1 ? (size_t)(carriage - bytes) : SIZE_MAX;
}

static const char *check_whole(const seen *all)
{
    if (all->lengths && all->encodings)
        return "Content-Length and Transfer-Encoding are both there";
    if (all->encodings && all->is_old)
        return "HTTP/1.0 has no Transfer-Encoding";
    if (!all->hosts && !all->is_old)
        return "Host is missing";
    return NULL;
}

const char *cat_http_head_check(const char *bytes, size_t length, cat_http_head *head)
{
    seen all = {0};
    const char *why = NULL;
    /* RFC 9112, 2.2: an empty line before the request line is passed over. */
    size_t at = length >= 2 && memcmp(bytes, "\r\n", 2) == 0 ? 2 : 0;
    for (bool first = true; !why; first = false) {
        size_t line = line_length(bytes + at, length - at);
        if (line == SIZE_MAX)
            return "a line of the head does not end in CR LF";
        if (line == 0 && !first) {
            why = check_whole(&all);
            if (!why)
                head->is_chunked = all.encodings > 0;
            return why;
        }
        why = first ? check_request_line(bytes + at, line, &all) : check_field(bytes + at, line, &all);
        at += line + 2;
    }
    return why;
}
