/* For tests of net and svc: a raw HTTP client that reads what really came over the wire. Included by tests alone. */
#ifndef CAT_NET_HTTP_TEST_SUPPORT_H
#define CAT_NET_HTTP_TEST_SUPPORT_H

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/string.h"

static inline int raw_connect(unsigned port, int receive_buffer)
{
    int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (receive_buffer)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    /* No test waits for ever: 20 s is far above what any answer takes. */
    struct timeval limit = {.tv_sec = 20};
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (connect(descriptor, (struct sockaddr *)&address, sizeof address) != 0) {
        close(descriptor);
        return -1;
    }
    return descriptor;
}

static inline void raw_send(int descriptor, const char *text)
{
    for (size_t at = 0, length = strlen(text); at < length;) {
        ssize_t sent = send(descriptor, text + at, length - at, MSG_NOSIGNAL);
        if (sent <= 0)
            return;
        at += (size_t)sent;
    }
}

/* Reads until `text` stands in what came (true) or the peer ended (false). */
static inline bool raw_read_until(int descriptor, cat_string *in, const char *text)
{
    char buffer[16384];
    while (!text || !strstr(cat_string_get(in), text)) {
        ssize_t length = recv(descriptor, buffer, sizeof buffer, 0);
        if (length <= 0)
            return false;
        cat_string_append_bytes(in, buffer, (size_t)length);
    }
    return true;
}

/* One request on a connection of its own; the whole answer as text of the caller's. The request should ask to close. */
static inline char *raw_exchange(unsigned port, const char *request)
{
    cat_auto(cat_string) in = CAT_STRING(64 * 1024 * 1024);
    int descriptor = raw_connect(port, 0);
    raw_send(descriptor, request);
    raw_read_until(descriptor, &in, NULL);
    close(descriptor);
    return cat_string_take(&in);
}

static inline char *raw_get(unsigned port, const char *path)
{
    cat_autofree char *request = cat_printf("GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", path);
    return raw_exchange(port, request);
}

static inline int raw_status(const char *answer)
{
    return strncmp(answer, "HTTP/1.1 ", 9) ? -1 : atoi(answer + 9);
}

static inline const char *raw_body(const char *answer)
{
    const char *body = strstr(answer, "\r\n\r\n");
    return body ? body + 4 : "";
}

#endif
