/* Whether the head of a request can be read in one way only. libh2o's parser is lenient: it takes a bare line feed for the end of
 * a line, folded fields, spaces before a colon, and Transfer-Encoding beside Content-Length. Where a server in front reads such
 * bytes otherwise, one request hides another. Pure; any thread. */
#ifndef CAT_NET_HTTP_HEAD_H
#define CAT_NET_HTTP_HEAD_H

#include <stdbool.h>
#include <stddef.h>

enum { CAT_HTTP_TARGET_MAX_BYTES = 8 * 1024 /* as nginx, whose large_client_header_buffers are 8 KiB */ };

typedef struct {
    bool is_chunked;
} cat_http_head;

/* `bytes` begin with the request line; what follows the empty line is not looked at. NULL: good, and `head` is filled. Otherwise
 * what is wrong, as a sentence (static). */
const char *cat_http_head_check(const char *bytes, size_t length, cat_http_head *head);

#endif
