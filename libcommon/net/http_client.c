#include "net/http_client.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/random.h"
#include "net/http_curl.h"

enum {
    MAX_HEADER_BYTES = 8192, /* of one header that is kept */
    MAX_RETRY_AFTER_MS = 10000,
    RETRY_BASE_MS = 200,
    RETRY_MAX_MS = 5000,
    CONNECTIONS_PER_HANDLE = 4, /* a client speaks with few hosts */
    IDLE_KEPT_MS = 20000,       /* what a burst opened is closed when the client is used after so long without need for it */
};

/* Each easy handle keeps connections of its own: libcurl cannot share a connection cache between threads. The stack hands out the
 * handle that was used last, so that few connections carry a light load. */
struct cat_http_client {
    pthread_mutex_t mutex;
    pthread_cond_t freed;
    struct {
        CURL *easy;
        int64_t at_ms;
    } * idle; /* a stack: the one at the bottom was not used for longest */
    unsigned idle_count, handle_count, max_concurrent;
    cat_peer peer;
    int64_t connect_timeout_ms, timeout_ms;
    size_t max_response_bytes;
    char *ca_pem, *certificate_pem, *key_pem;
    bool insecure;
};

cat_http_client *cat_http_client_create(const cat_http_client_options *options)
{
    static const cat_http_client_options DEFAULTS = {0};
    const cat_http_client_options *given = options ? options : &DEFAULTS;
    cat_curl_setup();
    cat_http_client *client = cat_calloc(1, sizeof *client);
    client->peer = given->peer;
    client->max_concurrent = given->max_concurrent ? given->max_concurrent : 16;
    client->connect_timeout_ms = given->connect_timeout_ms ? given->connect_timeout_ms : 3000;
    client->timeout_ms = given->timeout_ms ? given->timeout_ms : 30000;
    client->max_response_bytes = given->max_response_bytes ? given->max_response_bytes : 16 * 1024 * 1024;
    client->ca_pem = cat_strdup(given->ca_pem);
    client->certificate_pem = cat_strdup(given->client_certificate_pem);
    client->key_pem = cat_strdup(given->client_key_pem);
    client->insecure = given->insecure;
    client->idle = cat_calloc(client->max_concurrent, sizeof *client->idle);
    pthread_mutex_init(&client->mutex, NULL);
    pthread_cond_init(&client->freed, NULL);
    return client;
}

void cat_http_client_destroy(cat_http_client *client)
{
    if (!client)
        return;
    for (unsigned i = 0; i < client->idle_count; i++)
        curl_easy_cleanup(client->idle[i].easy);
    pthread_mutex_destroy(&client->mutex);
    pthread_cond_destroy(&client->freed);
    free(client->idle);
    free(client->ca_pem);
    free(client->certificate_pem);
    cat_secret_free(client->key_pem);
    free(client);
}

static void set_blob(CURL *easy, CURLoption option, char *pem)
{
    if (!pem)
        return;
    struct curl_blob blob = {.data = pem, .len = strlen(pem), .flags = CURL_BLOB_NOCOPY};
    curl_easy_setopt(easy, option, &blob);
}

void cat_curl_configure(CURL *easy, const cat_http_client *client)
{
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(easy, CURLOPT_USERAGENT, "catalyst");
    curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
    curl_easy_setopt(easy, CURLOPT_MAXCONNECTS, (long)CONNECTIONS_PER_HANDLE);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)(client ? client->connect_timeout_ms : 3000));
    if (!client)
        return;
    set_blob(easy, CURLOPT_CAINFO_BLOB, client->ca_pem);
    set_blob(easy, CURLOPT_SSLCERT_BLOB, client->certificate_pem);
    set_blob(easy, CURLOPT_SSLKEY_BLOB, client->key_pem);
    if (client->insecure) {
        curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 0L);
        curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 0L);
    }
}

static CURL *handle_get(cat_http_client *client)
{
    CURL *easy = NULL;
    pthread_mutex_lock(&client->mutex);
    while (client->idle_count == 0 && client->handle_count == client->max_concurrent)
        pthread_cond_wait(&client->freed, &client->mutex);
    if (client->idle_count > 0)
        easy = client->idle[--client->idle_count].easy;
    else
        client->handle_count++;
    pthread_mutex_unlock(&client->mutex);
    if (easy)
        return easy;
    easy = curl_easy_init();
    if (!easy)
        abort(); /* out of memory, as cat_malloc */
    return easy;
}

/* Under the mutex: takes the handle at the bottom off when it has been idle for long; NULL when none has. */
static CURL *take_forgotten(cat_http_client *client, int64_t now_ms)
{
    if (client->idle_count == 0 || now_ms - client->idle[0].at_ms < IDLE_KEPT_MS)
        return NULL;
    CURL *easy = client->idle[0].easy;
    client->idle_count--;
    client->handle_count--;
    memmove(client->idle, client->idle + 1, client->idle_count * sizeof *client->idle);
    return easy;
}

static void handle_put(cat_http_client *client, CURL *easy)
{
    curl_easy_reset(easy); /* keeps connections */
    int64_t now_ms = cat_clock_system()->monotonic_ms(cat_clock_system());
    pthread_mutex_lock(&client->mutex);
    CURL *forgotten = take_forgotten(client, now_ms);
    client->idle[client->idle_count].easy = easy;
    client->idle[client->idle_count++].at_ms = now_ms;
    pthread_cond_signal(&client->freed);
    pthread_mutex_unlock(&client->mutex);
    if (forgotten)
        curl_easy_cleanup(forgotten);
}

typedef struct {
    cat_string body;
    char *etag, *location, *link;
    int64_t retry_after_ms;
} received;

static void received_cleanup(received *in)
{
    cat_string_finish(&in->body);
    free(in->etag);
    free(in->location);
    free(in->link);
}

static size_t on_body(char *bytes, size_t size, size_t count, void *context)
{
    received *in = context;
    cat_string_append_bytes(&in->body, bytes, size * count);
    return in->body.overflowed ? CURL_WRITEFUNC_ERROR : size * count;
}

static bool header_value(const char *line, size_t length, const char *name, char **value)
{
    size_t name_length = strlen(name);
    if (length <= name_length || line[name_length] != ':' || strncasecmp(line, name, name_length) != 0)
        return false;
    const char *start = line + name_length + 1, *end = line + length;
    while (start < end && (*start == ' ' || *start == '\t'))
        start++;
    while (end > start && (end[-1] == '\r' || end[-1] == '\n' || end[-1] == ' '))
        end--;
    free(*value);
    *value = cat_strndup(start, (size_t)(end - start));
    return true;
}

static size_t on_header(char *line, size_t size, size_t count, void *context)
{
    received *in = context;
    size_t length = size * count;
    if (length > MAX_HEADER_BYTES)
        return length;
    cat_autofree char *retry_after = NULL;
    long long seconds = 0;
    if (header_value(line, length, "ETag", &in->etag) || header_value(line, length, "Location", &in->location) ||
        header_value(line, length, "Link", &in->link))
        return length;
    if (header_value(line, length, "Retry-After", &retry_after) && cat_text_to_int64(retry_after, 0, 24 * 3600, &seconds))
        in->retry_after_ms = seconds * 1000 > MAX_RETRY_AFTER_MS ? MAX_RETRY_AFTER_MS : seconds * 1000;
    return length;
}

cat_peer cat_curl_peer(const cat_http_client *client)
{
    return client ? client->peer : CAT_PEER_NONE;
}

static int perform(cat_http_client *client, CURL *easy, const cat_http_call *call, int64_t timeout_ms, received *in, int *status,
                   cat_error *error)
{
    char detail[CURL_ERROR_SIZE] = "";
    cat_curl_configure(easy, client);
    struct curl_slist *headers = cat_curl_prepare(easy, call);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)(timeout_ms > 0 ? timeout_ms : 1));
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, in);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, in);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, detail);
    CURLcode code = curl_easy_perform(easy);
    long response = 0;
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &response);
    *status = (int)response;
    int result = 0;
    if (in->body.overflowed)
        result = cat_error_set_peer(error, client->peer, CAT_E_TOO_LARGE, "%s answered more than %zu bytes",
                                    cat_peer_name(client->peer), client->max_response_bytes);
    else if (code != CURLE_OK)
        result = cat_curl_error(easy, code, detail, call->url, client->peer, error);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, NULL);
    curl_slist_free_all(headers);
    return result;
}

static bool is_worth_retrying(int result, int status)
{
    if (result < 0)
        return result == CAT_E_UNAVAILABLE || result == CAT_E_TIMEOUT;
    return status == 429 || status == 502 || status == 503 || status == 504;
}

int cat_http_send(cat_http_client *client, const cat_http_call *call, cat_http_answer *answer, cat_error *error)
{
    const char *method = call->method ? call->method : "GET";
    unsigned tries = 1 + (cat_http_method_is_idempotent(method) ? call->retries : 0);
    const cat_clock *clock = cat_clock_system();
    int64_t deadline_ms = 0; /* of all tries: whoever asks for a time means the whole call */
    for (unsigned attempt = 0;; attempt++) {
        cat_auto(received) in = {.body = CAT_STRING(client->max_response_bytes)};
        int status = 0;
        CURL *easy = handle_get(client);
        int64_t now_ms = clock->monotonic_ms(clock);
        if (attempt == 0)
            deadline_ms = now_ms + (call->timeout_ms ? call->timeout_ms : client->timeout_ms);
        int result = perform(client, easy, call, deadline_ms - now_ms, &in, &status, error);
        handle_put(client, easy);
        if (attempt + 1 < tries && is_worth_retrying(result, status)) {
            int64_t wait_ms = in.retry_after_ms ? in.retry_after_ms : cat_backoff_ms(attempt, RETRY_BASE_MS, RETRY_MAX_MS);
            if (clock->monotonic_ms(clock) + wait_ms < deadline_ms) {
                clock->sleep_ms(clock, wait_ms);
                continue;
            }
        }
        if (result < 0)
            return result;
        size_t length = in.body.length;
        *answer = (cat_http_answer){.status = status,
                                    .peer = client->peer,
                                    .length = length,
                                    .body = cat_string_take(&in.body),
                                    .etag = cat_take(in.etag),
                                    .location = cat_take(in.location),
                                    .link = cat_take(in.link)};
        cat_error_clear(error);
        return 0;
    }
}

void cat_http_answer_finish(cat_http_answer *answer)
{
    free(answer->body);
    free(answer->etag);
    free(answer->location);
    free(answer->link);
    *answer = (cat_http_answer){0};
}

static int code_of_status(int status)
{
    switch (status) {
    case 400:
    case 415:
    case 422:
        return CAT_E_INVALID;
    case 401:
        return CAT_E_UNAUTHORIZED;
    case 403:
        return CAT_E_FORBIDDEN;
    case 404:
        return CAT_E_NOT_FOUND;
    case 405:
    case 501:
        return CAT_E_UNSUPPORTED;
    case 409:
    case 412:
        return CAT_E_CONFLICT;
    case 410:
        return CAT_E_GONE;
    case 408:
    case 504:
        return CAT_E_TIMEOUT;
    case 413:
        return CAT_E_TOO_LARGE;
    case 429:
        return CAT_E_LIMIT;
    default:
        return status >= 500 ? CAT_E_UNAVAILABLE : CAT_E_PROTOCOL;
    }
}

int cat_http_error(const cat_http_answer *answer, const char *what, cat_error *error)
{
    cat_autojson json_t *body = NULL;
    const char *why = NULL;
    if (answer->body && cat_json_parse(answer->body, answer->length, &CAT_JSON_CAPS, &body, NULL) == 0) {
        static const char *const MEMBERS[] = {"message", "detail", "error_description", "error"};
        for (size_t i = 0; !why && i < sizeof MEMBERS / sizeof *MEMBERS; i++)
            why = cat_json_text(body, MEMBERS[i]);
    }
    int code = code_of_status(answer->status);
    if (why && *why)
        return cat_error_set_peer(error, answer->peer, code, "%s: %s (HTTP %d)", what, why, answer->status);
    return cat_error_set_peer(error, answer->peer, code, "%s: the peer answered HTTP %d", what, answer->status);
}
