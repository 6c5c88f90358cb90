/* Which servers in front of ours are believed when they say for whom they ask. Pure; any thread. */
#ifndef CAT_NET_HTTP_PROXIES_H
#define CAT_NET_HTTP_PROXIES_H

#include <stdbool.h>

#include "base/error.h"

typedef struct cat_http_proxies cat_http_proxies;
/* `text`: addresses and networks (`10.0.0.0/8`, `::1`), with commas between; NULL or "": nobody. CAT_E_INVALID names what is
 * neither. */
int cat_http_proxies_parse(const char *text, cat_http_proxies **proxies, cat_error *error);
void cat_http_proxies_destroy(cat_http_proxies *proxies);
/* IPv4 inside IPv6 (::ffff:127.0.0.1) is the IPv4 address. False for what is no address. */
bool cat_http_proxies_has(const cat_http_proxies *proxies, const char *address);
/* The client: `peer`, or, when that is believed, what `forwarded` (X-Forwarded-For; several fields joined by commas; NULL: none)
 * says last, and so on towards its beginning; what is no address ends it. Written into `client`, at least 46 bytes. */
#define CAT_HTTP_ADDRESS_MAX 46 /* INET6_ADDRSTRLEN */
void cat_http_proxies_client(const cat_http_proxies *proxies, const char *peer, const char *forwarded,
                             char client[CAT_HTTP_ADDRESS_MAX]);

#endif
