/* One call of JetStream's JSON API, and what its errors mean here. */

#include "net/spine_internal.h"

int spine_status_error(natsStatus status, cat_error *error, const char *format, ...)
{
    char what[256];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(what, sizeof(what), format, arguments);
    va_end(arguments);
    static const struct {
        natsStatus status;
        int code;
        const char *says;
    } TABLE[] = {
        {NATS_TIMEOUT, CAT_E_TIMEOUT, "the spine did not answer"},
        /* A request that was under way when the connection broke: its effect is not known. */
        {NATS_CONNECTION_DISCONNECTED, CAT_E_TIMEOUT, "the connection broke before the answer"},
        {NATS_NO_RESPONDERS, CAT_E_UNAVAILABLE, "nobody answers there"},
        {NATS_CONNECTION_CLOSED, CAT_E_UNAVAILABLE, "the connection is closed"},
        {NATS_NO_SERVER, CAT_E_UNAVAILABLE, "no server can be reached"},
        {NATS_INSUFFICIENT_BUFFER, CAT_E_UNAVAILABLE, "the connection is broken and its buffer is full"},
        {NATS_CONNECTION_AUTH_FAILED, CAT_E_UNAUTHORIZED, "the server refuses the credentials"},
        {NATS_NOT_PERMITTED, CAT_E_FORBIDDEN, "the server does not permit it"},
        {NATS_MAX_PAYLOAD, CAT_E_TOO_LARGE, "larger than the server takes"},
        {NATS_INVALID_ARG, CAT_E_INVALID, "a wrong argument"},
        {NATS_INVALID_SUBJECT, CAT_E_INVALID, "a wrong subject"},
        {NATS_ADDRESS_MISSING, CAT_E_INVALID, "the URL names no host"},
    };
    for (size_t i = 0; i < sizeof(TABLE) / sizeof(TABLE[0]); i++) {
        if (TABLE[i].status == status)
            return cat_error_set_peer(error, CAT_PEER_SPINE, TABLE[i].code, "%s: %s", what, TABLE[i].says);
    }
    return cat_error_set_peer(error, CAT_PEER_SPINE, CAT_E_UNAVAILABLE, "%s: %s", what, natsStatus_GetText(status));
}

/* Numbers of ADR-1 and of the server's errors.json. What is not listed goes by its HTTP-like code. */
static const struct {
    int number, code;
} API_ERRORS[] = {
    {10002, CAT_E_LIMIT},       {10003, CAT_E_INVALID},     {10008, CAT_E_UNAVAILABLE}, {10009, CAT_E_UNAVAILABLE},
    {10013, CAT_E_EXISTS},      {10014, CAT_E_NOT_FOUND},   {10023, CAT_E_LIMIT},       {10026, CAT_E_LIMIT},
    {10027, CAT_E_LIMIT},       {10028, CAT_E_LIMIT},       {10035, CAT_E_UNAVAILABLE}, {10037, CAT_E_NOT_FOUND},
    {10039, CAT_E_UNAVAILABLE}, {10043, CAT_E_NOT_FOUND},   {10047, CAT_E_LIMIT},       {10053, CAT_E_LIMIT},
    {10054, CAT_E_TOO_LARGE},   {10058, CAT_E_EXISTS},      {10059, CAT_E_NOT_FOUND},   {10063, CAT_E_CONFLICT},
    {10065, CAT_E_CONFLICT},    {10070, CAT_E_CONFLICT},    {10071, CAT_E_CONFLICT},    {10076, CAT_E_UNAVAILABLE},
    {10109, CAT_E_FORBIDDEN},   {10113, CAT_E_INVALID},     {10118, CAT_E_UNAVAILABLE}, {10119, CAT_E_UNAVAILABLE},
    {10120, CAT_E_LIMIT},       {10122, CAT_E_LIMIT},       {10148, CAT_E_EXISTS},      {10149, CAT_E_NOT_FOUND},
    {10158, CAT_E_UNAVAILABLE}, {10163, CAT_E_UNAVAILABLE}, {10164, CAT_E_CONFLICT},    {10167, CAT_E_UNAVAILABLE},
    {10176, CAT_E_UNAVAILABLE}, {10199, CAT_E_TOO_LARGE},   {10201, CAT_E_EXISTS},
};

static int code_of(int64_t number, int64_t http, const char *description)
{
    /* A stream that may not discard old messages says so with one number for every reason. */
    if (number == 10077)
        return strstr(description, "maximum") || strstr(description, "exceeded") ? CAT_E_LIMIT : CAT_E_UNAVAILABLE;
    for (size_t i = 0; i < sizeof(API_ERRORS) / sizeof(API_ERRORS[0]); i++) {
        if (API_ERRORS[i].number == number)
            return API_ERRORS[i].code;
    }
    switch (http) {
    case 400:
        return CAT_E_INVALID;
    case 403:
        return CAT_E_FORBIDDEN;
    case 404:
        return CAT_E_NOT_FOUND;
    case 503:
        return CAT_E_UNAVAILABLE;
    default:
        return CAT_E_PROTOCOL;
    }
}

int spine_api_error(cat_view answer_error, cat_error *error, const char *what)
{
    int64_t number = cat_view_int_or(answer_error, "err_code", 0), http = cat_view_int_or(answer_error, "code", 0);
    const char *description = cat_view_text_or(answer_error, "description", "no description");
    return cat_error_set_peer(error, CAT_PEER_SPINE, code_of(number, http, description), "%s: %s (%lld)", what, description,
                              (long long)number);
}

int spine_api(cat_spine *spine, const char *subject, const json_t *body, cat_document **answer, cat_error *error)
{
    char full[CAT_SUBJECT_MAX + 300];
    int length = snprintf(full, sizeof(full), SPINE_API "%s", subject);
    if (length < 0 || (size_t)length >= sizeof(full))
        return cat_error_set(error, CAT_E_TOO_LARGE, "a subject of the API is too long");
    cat_autofree char *text = body ? cat_json_format(body) : NULL;
    cat_autofree char *reply = NULL;
    size_t reply_length = 0;
    cat_error request_error = {0};
    if (cat_spine_request(spine, &(cat_spine_question){full, text, text ? strlen(text) : 0, SPINE_API_TIMEOUT_MS}, &reply,
                          &reply_length, &request_error) < 0)
        return cat_error_copy(error, &request_error);
    static const cat_json_caps CAPS = {.max_bytes = SPINE_ANSWER_MAX_BYTES, .max_depth = 32};
    __attribute__((cleanup(cat_document_destroy_cleanup))) cat_document *document = NULL;
    if (cat_document_parse(reply, reply_length, &CAPS, &document, error) < 0)
        return cat_error_set_peer(error, CAT_PEER_SPINE, CAT_E_PROTOCOL, "%s answered what is not JSON", full);
    cat_view failed = cat_view_get(cat_document_root(document), "error");
    if (failed.value)
        return spine_api_error(failed, error, subject);
    if (answer)
        *answer = cat_take(document);
    return 0;
}

int spine_check_name(const char *what, const char *name, cat_error *error)
{
    size_t length = name ? strlen(name) : 0;
    if (length == 0 || length > 120)
        return cat_error_set(error, CAT_E_INVALID, "a %s needs a name of 1 to 120 characters", what);
    for (const char *at = name; *at; at++) {
        bool allowed =
            (*at >= 'a' && *at <= 'z') || (*at >= 'A' && *at <= 'Z') || (*at >= '0' && *at <= '9') || *at == '-' || *at == '_';
        if (!allowed)
            return cat_error_set(error, CAT_E_INVALID, "the %s's name \"%s\" may hold letters, digits, - and _ alone", what,
                                 name);
    }
    return 0;
}
