/* Heads that can be read in more than one way. */
#include "net/http_head.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/string.h"
#include "base/test.h"

typedef struct {
    const char *head, *why; /* NULL: good; else a part of the sentence */
} row;

static void check(const char *head, size_t length, const char *why)
{
    cat_http_head read = {0};
    const char *said = cat_http_head_check(head, length, &read);
    cat_test_checks();
    if (!why ? said != NULL : !said || !strstr(said, why))
        cat_test_fail(__FILE__, __LINE__, "the sentence is: %s", said ? said : "(none)");
}

#define GET "GET / HTTP/1.1\r\n"
#define HOST "Host: x\r\n"

TEST("a head that can be read in one way is taken")
{
    static const char *const rows[] = {
        GET HOST "\r\n",
        "\r\n" GET HOST "\r\n",
        "POST /v1/x?a=%20b HTTP/1.1\r\nhost:x\r\nCONTENT-LENGTH:\t12 \r\n\r\nabc",
        "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: Chunked\r\n\r\n0\r\n\r\n",
        "GET / HTTP/1.0\r\n\r\n",
        "GET http://x/v1 HTTP/1.1\r\n" HOST "\r\n",
        GET HOST "X-Empty:\r\nX-Text: caf\xc3\xa9\r\nX-Tab: a\tb\r\n\r\n",
        GET HOST "X-Body-Is-Not-Looked-At: 1\r\n\r\n\n\n\0Content-Length: 1\r\n",
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cat_test_row("%s", rows[i]);
        check(rows[i], strlen(rows[i]), NULL);
    }
}

TEST("a head that two servers could read in two ways is refused")
{
    static const row rows[] = {
        {"GET / HTTP/1.1\n" HOST "\r\n", "CR LF"},
        {GET "Host: x\n\r\n", "CR LF"},
        {GET HOST "\n", "CR LF"},
        {GET HOST "X: a\rb\r\n\r\n", "CR LF"},
        {GET HOST "X: a\r\r\n\r\n", "CR LF"},
        {"\n" GET HOST "\r\n", "CR LF"},
        {"\r\n\r\n" GET HOST "\r\n", "METHOD"},
        {GET HOST "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", "both there"},
        {GET HOST "transfer-encoding: chunked\r\nCONTENT-LENGTH: 0\r\n\r\n", "both there"},
        {GET HOST "Content-Length: 1\r\nContent-Length: 1\r\n\r\n", "there twice"},
        {GET HOST "Content-Length: 1\r\nContent-Length: 2\r\n\r\n", "there twice"},
        {GET HOST "Content-Length: 1, 1\r\n\r\n", "no number"},
        {GET HOST "Content-Length: +1\r\n\r\n", "no number"},
        {GET HOST "Content-Length: -1\r\n\r\n", "no number"},
        {GET HOST "Content-Length: 0x1\r\n\r\n", "no number"},
        {GET HOST "Content-Length: 1 1\r\n\r\n", "no number"},
        {GET HOST "Content-Length:\r\n\r\n", "no number"},
        {GET HOST "Content-Length: 9999999999999999999\r\n\r\n", "no number"},
        {GET HOST "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n", "there twice"},
        {GET HOST "Transfer-Encoding: xchunked\r\n\r\n", "nothing else"},
        {GET HOST "Transfer-Encoding: chunked, identity\r\n\r\n", "nothing else"},
        {GET HOST "Transfer-Encoding: gzip, chunked\r\n\r\n", "nothing else"},
        {GET HOST "Transfer-Encoding: identity\r\n\r\n", "nothing else"},
        {GET HOST "Transfer-Encoding:\x0b"
                  "chunked\r\n\r\n",
         "control character"},
        {GET HOST "Transfer-Encoding: \"chunked\"\r\n\r\n", "nothing else"},
        {"GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", "HTTP/1.0"},
        {GET HOST "Transfer-Encoding : chunked\r\n\r\n", "name: value"},
        {GET HOST "Content-Length : 1\r\n\r\n", "name: value"},
        {GET HOST " Transfer-Encoding: chunked\r\n\r\n", "name: value"},
        {GET HOST "X: a\r\n b\r\n\r\n", "name: value"},
        {GET HOST "X: a\r\n\tb\r\n\r\n", "name: value"},
        {GET HOST ": a\r\n\r\n", "name: value"},
        {GET HOST "no colon\r\n\r\n", "name: value"},
        {GET HOST "Transfer\xc2\xad"
                  "Encoding: chunked\r\n\r\n",
         "name: value"},
        {GET HOST "X: a\x01\r\n\r\n", "control character"},
        {GET HOST "X: a\x7f\r\n\r\n", "control character"},
        {GET "\r\n", "Host is missing"},
        {GET HOST "hOST: y\r\n\r\n", "Host is there twice"},
        {"GET  / HTTP/1.1\r\n" HOST "\r\n", "space"},
        {"GET / x HTTP/1.1\r\n" HOST "\r\n", "space"},
        {"GET /\t HTTP/1.1\r\n" HOST "\r\n", "space"},
        {"GET /\xc3\xa9 HTTP/1.1\r\n" HOST "\r\n", "character"},
        {"GET / HTTP/1.2\r\n" HOST "\r\n", "METHOD"},
        {"GET / HTTP/2.0\r\n" HOST "\r\n", "METHOD"},
        {"GET / http/1.1\r\n" HOST "\r\n", "METHOD"},
        {"GET /\r\n" HOST "\r\n", "METHOD"},
        {"GET HTTP/1.1\r\n" HOST "\r\n", "METHOD"},
        {"G(T / HTTP/1.1\r\n" HOST "\r\n", "METHOD"},
        {GET HOST, "CR LF"},
        {"", "CR LF"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cat_test_row("%s", rows[i].head);
        check(rows[i].head, strlen(rows[i].head), rows[i].why);
    }
}

TEST("a zero byte hides nothing")
{
    static const char in_field[] = GET HOST "X: a\0b\r\n\r\n", in_name[] = GET HOST "X\0: b\r\n\r\n",
                      in_target[] = "GET /\0 HTTP/1.1\r\n" HOST "\r\n";
    check(in_field, sizeof in_field - 1, "control character");
    check(in_name, sizeof in_name - 1, "name: value");
    check(in_target, sizeof in_target - 1, "character");
}

TEST("an address has a maximum")
{
    for (size_t length = CAT_HTTP_TARGET_MAX_BYTES; length <= CAT_HTTP_TARGET_MAX_BYTES + 1; length++) {
        cat_auto(cat_string) head = CAT_STRING(64 * 1024);
        cat_string_append(&head, "GET /");
        for (size_t i = 1; i < length; i++)
            cat_string_append_char(&head, 'a');
        cat_string_append(&head, " HTTP/1.1\r\n" HOST "\r\n");
        check(cat_string_get(&head), head.length, length > CAT_HTTP_TARGET_MAX_BYTES ? "8 KiB" : NULL);
    }
}

TEST("it is said when the body comes in chunks")
{
    static const char chunked[] = "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n", plain[] = GET HOST "\r\n";
    cat_http_head head = {0};
    EXPECT(cat_http_head_check(plain, sizeof plain - 1, &head) == NULL && !head.is_chunked);
    EXPECT(cat_http_head_check(chunked, sizeof chunked - 1, &head) == NULL && head.is_chunked);
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
