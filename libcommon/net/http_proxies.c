#include "net/http_proxies.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/string.h"

#define MAX_NETWORKS 64

typedef struct {
    unsigned bits;
    unsigned char bytes[16]; /* IPv4 as ::ffff:a.b.c.d */
} network;

struct cat_http_proxies {
    network items[MAX_NETWORKS];
    size_t count;
};

static const unsigned char MAPPED[12] = {[10] = 0xff, [11] = 0xff};

/* `*is_old`: IPv4. */
static bool read_address(const char *text, unsigned char bytes[16], bool *is_old)
{
    *is_old = inet_pton(AF_INET, text, bytes + sizeof MAPPED) == 1;
    if (*is_old) {
        memcpy(bytes, MAPPED, sizeof MAPPED);
        return true;
    }
    return inet_pton(AF_INET6, text, bytes) == 1;
}

static bool read_network(char *text, network *read)
{
    bool is_old = false;
    long long bits = -1;
    char *slash = strchr(text, '/');
    if (slash)
        *slash = '\0';
    if (!read_address(text, read->bytes, &is_old))
        return false;
    long long most = is_old ? 32 : 128;
    if (!slash)
        bits = most;
    else if (!cat_text_to_int64(slash + 1, 0, most, &bits))
        return false;
    read->bits = (unsigned)bits + (is_old ? 96 : 0);
    return true;
}

int cat_http_proxies_parse(const char *text, cat_http_proxies **proxies, cat_error *error)
{
    cat_http_proxies *made = cat_calloc(1, sizeof *made);
    cat_autofree char *copy = cat_strdup(text ? text : "");
    char *rest = copy, *item;
    while ((item = strsep(&rest, ","))) {
        item += strspn(item, " \t");
        item[strcspn(item, " \t")] = '\0';
        cat_autofree char *shown = cat_strdup(item);
        if (!*item)
            continue;
        if (made->count == MAX_NETWORKS || !read_network(item, &made->items[made->count])) {
            bool full = made->count == MAX_NETWORKS;
            free(made);
            return full
                       ? cat_error_set(error, CAT_E_TOO_LARGE, "trusted_proxies has more than %d entries", MAX_NETWORKS)
                       : cat_error_set(error, CAT_E_INVALID, "trusted_proxies: %.60s is neither an address nor a network", shown);
        }
        made->count++;
    }
    *proxies = made;
    return 0;
}

void cat_http_proxies_destroy(cat_http_proxies *proxies)
{
    free(proxies);
}

static bool is_inside(const network *known, const unsigned char bytes[16])
{
    unsigned whole = known->bits / 8, rest = known->bits % 8;
    if (memcmp(known->bytes, bytes, whole) != 0)
        return false;
    return rest == 0 || ((known->bytes[whole] ^ bytes[whole]) >> (8 - rest)) == 0;
}

bool cat_http_proxies_has(const cat_http_proxies *proxies, const char *address)
{
    unsigned char bytes[16];
    bool is_old = false;
    if (!proxies || !read_address(address, bytes, &is_old))
        return false;
    for (size_t i = 0; i < proxies->count; i++)
        if (is_inside(&proxies->items[i], bytes))
            return true;
    return false;
}

void cat_http_proxies_client(const cat_http_proxies *proxies, const char *peer, const char *forwarded,
                             char client[CAT_HTTP_ADDRESS_MAX])
{
    size_t end = forwarded ? strlen(forwarded) : 0;
    snprintf(client, CAT_HTTP_ADDRESS_MAX, "%s", peer);
    while (end > 0 && cat_http_proxies_has(proxies, client)) {
        size_t begin = end;
        while (begin > 0 && forwarded[begin - 1] != ',')
            begin--;
        const char *at = forwarded + begin;
        size_t length = end - begin;
        for (; length > 0 && (*at == ' ' || *at == '\t'); at++)
            length--;
        while (length > 0 && (at[length - 1] == ' ' || at[length - 1] == '\t'))
            length--;
        char said[CAT_HTTP_ADDRESS_MAX];
        unsigned char bytes[16];
        bool is_old = false;
        snprintf(said, sizeof said, "%.*s", length < sizeof said ? (int)length : 0, at);
        if (!read_address(said, bytes, &is_old))
            return;
        memcpy(client, said, sizeof said);
        end = begin > 0 ? begin - 1 : 0;
    }
}
