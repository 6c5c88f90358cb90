#include "net/http_curl.h"

#include <pthread.h>
#include <signal.h>
#include <string.h>

#include "base/log.h"
#include "base/memory.h"
#include "base/string.h"

static pthread_once_t once = PTHREAD_ONCE_INIT;

static void global_init(void)
{
    /* OpenSSL writes without MSG_NOSIGNAL, and CURLOPT_NOSIGNAL leaves the signal to us. */
    signal(SIGPIPE, SIG_IGN);
    curl_global_init(CURL_GLOBAL_DEFAULT);
}

void cat_curl_setup(void)
{
    pthread_once(&once, global_init);
}

bool cat_http_method_is_idempotent(const char *method)
{
    static const char *const METHODS[] = {"GET", "HEAD", "PUT", "DELETE", "OPTIONS"};
    for (size_t i = 0; i < sizeof METHODS / sizeof *METHODS; i++)
        if (!strcmp(method, METHODS[i]))
            return true;
    return false;
}

static struct curl_slist *append(struct curl_slist *list, const char *name, const char *value)
{
    cat_autofree char *line = cat_printf("%s: %s", name, value);
    return curl_slist_append(list, line);
}

static void set_body(CURL *easy, const cat_http_call *call, const char *method)
{
    bool bodiless = !strcmp(method, "GET") || !strcmp(method, "HEAD");
    if (call->body.data || (!bodiless && strcmp(method, "DELETE") != 0)) {
        curl_easy_setopt(easy, CURLOPT_POSTFIELDS, call->body.data ? call->body.data : "");
        curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)call->body.length);
    } else {
        curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
    }
    curl_easy_setopt(easy, CURLOPT_NOBODY, !strcmp(method, "HEAD") ? 1L : 0L);
    curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, strcmp(method, "HEAD") ? method : NULL);
}

struct curl_slist *cat_curl_prepare(CURL *easy, const cat_http_call *call)
{
    const char *method = call->method ? call->method : "GET";
    curl_easy_setopt(easy, CURLOPT_URL, call->url);
    set_body(easy, call, method);

    /* Without this libcurl waits for a 100 that many servers never send. */
    struct curl_slist *list = curl_slist_append(NULL, "Expect:");
    if (call->content_type)
        list = append(list, "Content-Type", call->content_type);
    else if (call->body.data)
        list = curl_slist_append(list, "Content-Type: application/json");
    if (call->bearer) {
        cat_autosecret char *line = cat_printf("Authorization: Bearer %s", call->bearer);
        list = curl_slist_append(list, line);
    }
    if (call->trace) {
        char text[CAT_TRACEPARENT_MAX];
        cat_trace_format(call->trace, text);
        list = append(list, "traceparent", text);
    }
    for (const char *const *header = call->headers; header && *header; header++)
        list = curl_slist_append(list, *header);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, list);

    if (call->basic_user) {
        curl_easy_setopt(easy, CURLOPT_HTTPAUTH, (long)CURLAUTH_BASIC);
        curl_easy_setopt(easy, CURLOPT_USERNAME, call->basic_user);
        curl_easy_setopt(easy, CURLOPT_PASSWORD, call->basic_password ? call->basic_password : "");
    } else {
        curl_easy_setopt(easy, CURLOPT_USERNAME, NULL);
        curl_easy_setopt(easy, CURLOPT_PASSWORD, NULL);
    }
    return list;
}

/* Nothing was sent: the call can safely be made again, whatever its method. */
static bool is_before_sending(CURL *easy, CURLcode code)
{
    switch (code) {
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_CONNECT:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CACERT_BADFILE:
        return true;
    case CURLE_OPERATION_TIMEDOUT: {
        curl_off_t before_transfer = 0;
        curl_easy_getinfo(easy, CURLINFO_PRETRANSFER_TIME_T, &before_transfer);
        return before_transfer == 0;
    }
    default:
        return false;
    }
}

int cat_curl_error(CURL *easy, CURLcode code, const char *detail, const char *url, cat_peer peer, cat_error *error)
{
    const char *name = cat_peer_name(peer);
    const char *why = curl_easy_strerror(code);
    /* The query may hold what nobody should read in a log. */
    cat_autofree char *shown = cat_strndup(url, strcspn(url, "?"));
    cat_log_debug("a call failed", CAT_FIELD("url", shown), CAT_FIELD("detail", detail && *detail ? detail : why));
    switch (code) {
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
        return cat_error_set(error, CAT_E_INVALID, "the address of %s is no URL that can be called: %s", name, why);
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_BAD_CONTENT_ENCODING:
        return cat_error_set_peer(error, peer, CAT_E_PROTOCOL, "%s: %s", name, why);
    default:
        break;
    }
    if (is_before_sending(easy, code))
        return cat_error_set_peer(error, peer, CAT_E_UNAVAILABLE, "%s cannot be reached: %s", name, why);
    return cat_error_set_peer(error, peer, CAT_E_TIMEOUT, "%s did not answer: %s", name, why);
}
