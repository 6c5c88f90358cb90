/* What http_client.c and http_stream.c share about libcurl's easy handles. Not for other layers. */
#ifndef CAT_NET_HTTP_CURL_H
#define CAT_NET_HTTP_CURL_H

#include <curl/curl.h>

#include "net/http_client.h"

/* libcurl's global state, once. */
void cat_curl_setup(void);
/* TLS settings of `client` and what never changes between calls. */
void cat_curl_configure(CURL *easy, const cat_http_client *client);
/* Method, URL, body and headers. The list is the caller's and must live as long as the transfer, as must the call's body. */
struct curl_slist *cat_curl_prepare(CURL *easy, const cat_http_call *call);
/* Of the client; NULL: none. */
cat_peer cat_curl_peer(const cat_http_client *client);
/* Error for what libcurl says: CAT_E_UNAVAILABLE when nothing can have happened, CAT_E_TIMEOUT when the effect is unknown.
 * libcurl's own detail and the URL name addresses: they go to the log alone. */
int cat_curl_error(CURL *easy, CURLcode code, const char *detail, const char *url, cat_peer peer, cat_error *error);
bool cat_http_method_is_idempotent(const char *method);

#endif
