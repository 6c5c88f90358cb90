/* Any bytes as the head of a request, and as X-Forwarded-For. */
#include <string.h>

#include "base/memory.h"
#include "fuzz.h"
#include "net/http_head.h"
#include "net/http_proxies.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    cat_http_head head = {0};
    const char *why = cat_http_head_check(text, size, &head);
    if (!why) {
        /* What is taken has its end, and no line of it ends otherwise. */
        const char *end = size ? memmem(text, size, "\r\n\r\n", 4) : NULL;
        CLAIM(end != NULL);
        for (const char *at = text; end && at < end; at++)
            CLAIM(*at != '\0' && (*at != '\n' || (at > text && at[-1] == '\r')));
    }
    cat_autofree char *copy = cat_strndup(text, size);
    cat_http_proxies *proxies = NULL;
    if (cat_http_proxies_parse(copy, &proxies, NULL) == 0)
        cat_http_proxies_destroy(proxies);
    CLAIM(cat_http_proxies_parse("0.0.0.0/0,::/0", &proxies, NULL) == 0);
    char client[CAT_HTTP_ADDRESS_MAX];
    cat_http_proxies_client(proxies, "127.0.0.1", copy, client);
    CLAIM(cat_http_proxies_has(proxies, client));
    cat_http_proxies_destroy(proxies);
    return 0;
}
