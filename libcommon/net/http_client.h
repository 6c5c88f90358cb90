/* HTTP client on libcurl: connections pooled per client, everything bounded. Blocking calls from any worker thread; never from
 * the loop. URLs come from configuration, never from a user's input. */
#ifndef CAT_NET_HTTP_CLIENT_H
#define CAT_NET_HTTP_CLIENT_H

#include "base/memory.h"
#include "wire/json.h"
#include "wire/trace.h"

typedef struct cat_http_client cat_http_client;
typedef struct {
    cat_peer peer;              /* whose failure its errors are: people read its name there, and never an address */
    unsigned max_concurrent;    /* default 16; further callers wait */
    int64_t connect_timeout_ms; /* default 3 s */
    int64_t timeout_ms;         /* default 30 s for a whole call, its retries included */
    size_t max_response_bytes;  /* default 16 MiB */
    const char *ca_pem;         /* text; NULL: the system's */
    const char *client_certificate_pem, *client_key_pem;
    bool insecure; /* a kubeconfig may ask for it; nothing else does */
} cat_http_client_options;
cat_http_client *cat_http_client_create(const cat_http_client_options *options); /* options may be NULL */
void cat_http_client_destroy(cat_http_client *client);
CAT_DEFINE_AUTOPTR(cat_http_client)

typedef struct {
    const char *method, *url;
    const char *content_type; /* of the body */
    cat_slice body;
    const char *const *headers; /* "Name: value", NULL-ended; may be NULL */
    const char *bearer;         /* token; NULL none */
    const char *basic_user, *basic_password;
    const cat_trace *trace;
    int64_t timeout_ms; /* 0: the client's */
    unsigned retries;   /* for idempotent methods on connection failures, 429, 502, 503, 504; default 0; honours Retry-After up to
                           10 s */
} cat_http_call;
typedef struct {
    int status;
    cat_peer peer; /* the client's */
    char *body;
    size_t length;
    char *etag, *location, *link;
} cat_http_answer;
/* Any HTTP status is success here. What goes wrong is told without an address, which the log has at level debug.
 * CAT_E_UNAVAILABLE (not connected: nothing happened), CAT_E_TIMEOUT (unknown), CAT_E_TOO_LARGE.
 */
int cat_http_send(cat_http_client *client, const cat_http_call *call, cat_http_answer *answer, cat_error *error);
void cat_http_answer_finish(cat_http_answer *answer);
static inline void cat_http_answer_cleanup(cat_http_answer *answer)
{
    cat_http_answer_finish(answer);
}
/* Makes an error of an answer that is not 2xx: code by status, the peer that answered, message from the body's `message`,
 * `detail` or `error`. */
int cat_http_error(const cat_http_answer *answer, const char *what, cat_error *error);

#endif
