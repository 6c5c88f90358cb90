#include "net/spine_internal.h"

#include "base/clock.h"
#include "base/condition.h"
#include "base/encoding.h"
#include "base/file.h"
#include "base/log.h"
#include "base/random.h"
#include "wire/nkey.h"

/* Long enough for a server that is starting, short enough for a service's start to fail visibly. */
#define FIRST_CONNECTION_MS 5000
#define CLOSE_MS 5000
#define CREDENTIALS_MAX_BYTES ((size_t)64 * 1024)

extern const int cat_glibc_forwards;
__attribute__((used)) static const int *const glibc_forwards = &cat_glibc_forwards;

int64_t spine_now_ms(void)
{
    const cat_clock *clock = cat_clock_system();
    return clock->monotonic_ms(clock);
}

void spine_listen(cat_spine *spine, spine_listener *listener)
{
    pthread_mutex_lock(&spine->lock);
    listener->next = spine->listeners;
    spine->listeners = listener;
    pthread_mutex_unlock(&spine->lock);
}

void spine_unlisten(cat_spine *spine, spine_listener *listener)
{
    pthread_mutex_lock(&spine->lock);
    for (spine_listener **at = &spine->listeners; *at; at = &(*at)->next) {
        if (*at == listener) {
            *at = listener->next;
            break;
        }
    }
    pthread_mutex_unlock(&spine->lock);
}

void spine_inbox(cat_spine *spine, char inbox[SPINE_INBOX_MAX])
{
    snprintf(inbox, SPINE_INBOX_MAX, "%s.%s.%llx", spine->inbox, spine->unique, (unsigned long long)spine->counter++);
}

static void when_disconnected(natsConnection *connection, void *context)
{
    (void)connection;
    cat_spine *spine = context;
    if (spine->on_state)
        spine->on_state(spine->context, false);
}

static void when_reconnected(natsConnection *connection, void *context)
{
    (void)connection;
    cat_spine *spine = context;
    pthread_mutex_lock(&spine->lock);
    spine->epoch++;
    for (spine_listener *listener = spine->listeners; listener; listener = listener->next)
        listener->on_reconnect(listener->context);
    pthread_mutex_unlock(&spine->lock);
    if (spine->on_state)
        spine->on_state(spine->context, true);
}

static void when_closed(natsConnection *connection, void *context)
{
    (void)connection;
    cat_spine *spine = context;
    pthread_mutex_lock(&spine->lock);
    spine->closed = true;
    pthread_cond_broadcast(&spine->changed);
    pthread_mutex_unlock(&spine->lock);
}

/* Without a handler nats.c prints errors on standard error. What they mean for a call, the call itself reports; but of what it
 * does not permit, the server tells nobody else. */
static void when_error(natsConnection *connection, natsSubscription *subscription, natsStatus status, void *context)
{
    (void)subscription;
    (void)context;
    const char *says = NULL;
    if (status == NATS_NOT_PERMITTED && natsConnection_GetLastError(connection, &says) == status)
        cat_log_error("the spine does not permit it", CAT_FIELD("says", says));
}

/* A user's answers come where nobody else may listen. Without credentials (a server without accounts) there is one user. */
static int take_inbox(cat_spine *spine, const cat_spine_options *wanted, cat_error *error)
{
    cat_autosecret char *text = NULL;
    cat_autojson json_t *claims = NULL;
    int result = 0;
    if (wanted->credentials_text)
        text = cat_strdup(wanted->credentials_text);
    else if (wanted->credentials_path)
        result = cat_file_read(wanted->credentials_path, CREDENTIALS_MAX_BYTES, &text, &(size_t){0}, error);
    if (result == 0 && text)
        result = cat_nats_claims(text, strlen(text), &claims, error);
    if (result < 0)
        return result;
    cat_spine_inbox_of(cat_json_text_or(claims, "name", "nobody"), spine->inbox);
    return 0;
}

static int64_t reconnect_delay(natsConnection *connection, int attempts, void *context)
{
    (void)connection;
    (void)context;
    return cat_backoff_ms(attempts > 0 ? (unsigned)attempts - 1 : 0, 50, 3000);
}

/* What stands under a heading of a credentials file, allocated as nats.c frees it; NULL: nothing. */
static char *section_of(const char *text, const char *heading)
{
    const char *at = text ? strstr(text, heading) : NULL;
    at = at ? strpbrk(at, "\r\n") : NULL;
    if (!at)
        return NULL;
    at += strspn(at, "\r\n ");
    return strndup(at, strcspn(at, "\r\n "));
}

static natsStatus give_jwt(char **jwt, char **why, void *context)
{
    (void)why;
    cat_spine *spine = context;
    pthread_mutex_lock(&spine->lock);
    *jwt = section_of(spine->credentials, "BEGIN NATS USER JWT");
    pthread_mutex_unlock(&spine->lock);
    return *jwt ? NATS_OK : NATS_INVALID_ARG;
}

static natsStatus give_signature(char **why, unsigned char **signature, int *length, const char *nonce, void *context)
{
    (void)why;
    cat_spine *spine = context;
    pthread_mutex_lock(&spine->lock);
    cat_autosecret char *seed = section_of(spine->credentials, "BEGIN USER NKEY SEED");
    pthread_mutex_unlock(&spine->lock);
    return seed ? nats_Sign(seed, nonce, signature, length) : NATS_INVALID_ARG;
}

void cat_spine_set_credentials(cat_spine *spine, const char *text)
{
    char *mine = cat_strdup(text);
    pthread_mutex_lock(&spine->lock);
    char *before = spine->credentials;
    spine->credentials = mine;
    pthread_mutex_unlock(&spine->lock);
    cat_secret_free(before);
}

static natsStatus set_credentials(natsOptions *options, const cat_spine_options *wanted, cat_spine *spine)
{
    if (wanted->credentials_text) {
        cat_spine_set_credentials(spine, wanted->credentials_text);
        return natsOptions_SetUserCredentialsCallbacks(options, give_jwt, spine, give_signature, spine);
    }
    if (wanted->credentials_path)
        return natsOptions_SetUserCredentialsFromFiles(options, wanted->credentials_path, NULL);
    return NATS_OK;
}

static natsStatus set_options(natsOptions *options, const cat_spine_options *wanted, cat_spine *spine)
{
    natsStatus status = natsOptions_SetURL(options, wanted->url);
    if (status == NATS_OK)
        status = natsOptions_SetName(options, wanted->name ? wanted->name : "catalyst");
    if (status == NATS_OK)
        status = set_credentials(options, wanted, spine);
    if (status == NATS_OK)
        status = natsOptions_SetCustomInboxPrefix(options, spine->inbox);
    if (status == NATS_OK)
        status = natsOptions_SetTimeout(options, 2000);
    if (status == NATS_OK)
        status = natsOptions_SetMaxReconnect(options, -1);
    if (status == NATS_OK)
        status = natsOptions_SetCustomReconnectDelay(options, reconnect_delay, NULL);
    /* An account that is being made anew refuses for a while; giving up would need a restart. */
    if (status == NATS_OK)
        status = natsOptions_SetIgnoreAuthErrorAbort(options, true);
    if (status == NATS_OK)
        status = natsOptions_SetFailRequestsOnDisconnect(options, true);
    /* A server that hangs must not hold publishers for ever. */
    if (status == NATS_OK)
        status = natsOptions_SetWriteDeadline(options, 10000);
    if (status == NATS_OK)
        status = natsOptions_SetPingInterval(options, 20000);
    /* Two threads a connection instead of one more for each subscription. */
    if (status == NATS_OK)
        status = natsOptions_UseGlobalMessageDelivery(options, true);
    if (status == NATS_OK)
        status = natsOptions_SetDisconnectedCB(options, when_disconnected, spine);
    if (status == NATS_OK)
        status = natsOptions_SetReconnectedCB(options, when_reconnected, spine);
    if (status == NATS_OK)
        status = natsOptions_SetClosedCB(options, when_closed, spine);
    if (status == NATS_OK)
        status = natsOptions_SetErrorHandler(options, when_error, spine);
    return status;
}

static void free_spine(cat_spine *spine)
{
    pthread_cond_destroy(&spine->changed);
    pthread_mutex_destroy(&spine->lock);
    cat_secret_free(spine->credentials);
    free(spine);
}

static cat_spine *make_spine(const cat_spine_options *options)
{
    cat_spine *spine = cat_calloc(1, sizeof(*spine));
    cat_condition_init(&spine->changed);
    pthread_mutex_init(&spine->lock, NULL);
    spine->on_state = options->on_state;
    spine->context = options->context;
    spine->epoch = 1;
    unsigned char bytes[10];
    cat_random_bytes(bytes, sizeof(bytes));
    cat_autofree char *text = cat_hex_encode(bytes, sizeof(bytes));
    snprintf(spine->unique, sizeof(spine->unique), "%s", text);
    return spine;
}

static natsStatus connect_within(cat_spine *spine, natsOptions *options, int64_t within_ms)
{
    int64_t deadline_ms = spine_now_ms() + within_ms;
    for (unsigned attempt = 0;; attempt++) {
        natsStatus status = natsConnection_Connect(&spine->connection, options);
        int64_t left_ms = deadline_ms - spine_now_ms();
        bool final = status == NATS_OK || status == NATS_CONNECTION_AUTH_FAILED || status == NATS_INVALID_ARG ||
                     status == NATS_ADDRESS_MISSING || left_ms <= 0;
        if (final)
            return status;
        int64_t pause_ms = cat_backoff_ms(attempt, 50, 500);
        nats_Sleep(pause_ms < left_ms ? pause_ms : left_ms);
    }
}

int cat_spine_connect(const cat_spine_options *options, cat_spine **spine, cat_error *error)
{
    if (!options->url || !*options->url)
        return cat_error_set(error, CAT_E_INVALID, "the spine has no URL");
    cat_spine *made = make_spine(options);
    int result = take_inbox(made, options, error);
    if (result < 0) {
        free_spine(made);
        return result;
    }
    natsOptions *nats_options = NULL;
    natsStatus status = natsOptions_Create(&nats_options);
    if (status == NATS_OK)
        status = set_options(nats_options, options, made);
    if (status == NATS_OK)
        status = connect_within(made, nats_options, FIRST_CONNECTION_MS);
    natsOptions_Destroy(nats_options);
    if (status != NATS_OK) {
        free_spine(made);
        cat_log_debug("connecting failed", CAT_FIELD("url", options->url)); /* an error may come before people */
        return spine_status_error(status, error, "connecting to the spine");
    }
    *spine = made;
    return 0;
}

void cat_spine_destroy(cat_spine *spine)
{
    if (!spine)
        return;
    if (cat_spine_is_connected(spine))
        natsConnection_FlushTimeout(spine->connection, 2000);
    natsConnection_Close(spine->connection);
    /* Callbacks run on one thread in order, and the one of closing is the last: before it the spine may still be used. */
    int64_t until_ms = cat_deadline_after_ms(CLOSE_MS);
    pthread_mutex_lock(&spine->lock);
    while (!spine->closed && cat_condition_wait(&spine->changed, &spine->lock, until_ms))
        ;
    bool closed = spine->closed;
    pthread_mutex_unlock(&spine->lock);
    natsConnection_Destroy(spine->connection);
    if (closed)
        free_spine(spine);
}

bool cat_spine_is_connected(const cat_spine *spine)
{
    return natsConnection_Status(spine->connection) == NATS_CONN_STATUS_CONNECTED;
}

int cat_spine_request(cat_spine *spine, const cat_spine_question *question, char **reply, size_t *reply_length, cat_error *error)
{
    if (!cat_spine_is_connected(spine))
        return cat_error_set_peer(error, CAT_PEER_SPINE, CAT_E_UNAVAILABLE, "the spine is not connected");
    if (question->length > INT32_MAX)
        return cat_error_set(error, CAT_E_TOO_LARGE, "a request of %zu bytes is too large", question->length);
    natsMsg *answer = NULL;
    natsStatus status = natsConnection_Request(&answer, spine->connection, question->subject, question->body,
                                               (int)question->length, question->timeout_ms > 0 ? question->timeout_ms : 1);
    if (status != NATS_OK)
        return spine_status_error(status, error, "asking %s", question->subject);
    if (reply) {
        *reply = cat_strndup(natsMsg_GetData(answer), (size_t)natsMsg_GetDataLength(answer));
        if (reply_length)
            *reply_length = (size_t)natsMsg_GetDataLength(answer);
    }
    natsMsg_Destroy(answer);
    return 0;
}

int cat_spine_account_info(cat_spine *spine, cat_spine_account *account, cat_error *error)
{
    __attribute__((cleanup(cat_document_destroy_cleanup))) cat_document *answer = NULL;
    int result = spine_api(spine, "INFO", NULL, &answer, error);
    if (result < 0)
        return result;
    cat_view root = cat_document_root(answer);
    *account = (cat_spine_account){
        .max_memory_bytes = cat_view_int_or(root, "limits.max_memory", 0),
        .max_storage_bytes = cat_view_int_or(root, "limits.max_storage", 0),
        .storage_bytes = cat_view_int_or(root, "storage", 0),
        .max_streams = cat_view_int_or(root, "limits.max_streams", 0),
        .streams = cat_view_int_or(root, "streams", 0),
        .max_consumers = cat_view_int_or(root, "limits.max_consumers", 0),
        .max_bytes_required = cat_view_bool_or(root, "limits.max_bytes_required", false),
    };
    return 0;
}
