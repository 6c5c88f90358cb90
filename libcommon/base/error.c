#include "base/error.h"

#include <stdio.h>
#include <string.h>

#include "base/string.h"

static const struct {
    int code;
    cat_error_class class;
    const char *name;
} codes[] = {
    {CAT_E_INVALID, CAT_CLASS_STALLED, "invalid"},
    {CAT_E_NOT_FOUND, CAT_CLASS_WAITING, "not-found"},
    {CAT_E_EXISTS, CAT_CLASS_STALLED, "exists"},
    {CAT_E_CONFLICT, CAT_CLASS_TRANSIENT, "conflict"},
    {CAT_E_FORBIDDEN, CAT_CLASS_STALLED, "forbidden"},
    {CAT_E_UNAUTHORIZED, CAT_CLASS_STALLED, "unauthorized"},
    {CAT_E_TOO_LARGE, CAT_CLASS_STALLED, "too-large"},
    {CAT_E_LIMIT, CAT_CLASS_WAITING, "limit"},
    {CAT_E_UNAVAILABLE, CAT_CLASS_TRANSIENT, "unavailable"},
    {CAT_E_TIMEOUT, CAT_CLASS_TRANSIENT, "timeout"},
    {CAT_E_CANCELLED, CAT_CLASS_TRANSIENT, "cancelled"},
    {CAT_E_PROTOCOL, CAT_CLASS_TRANSIENT, "protocol"},
    {CAT_E_IO, CAT_CLASS_TRANSIENT, "io"},
    {CAT_E_GONE, CAT_CLASS_TRANSIENT, "gone"},
    {CAT_E_UNSUPPORTED, CAT_CLASS_STALLED, "unsupported"},
    {CAT_E_INTERNAL, CAT_CLASS_STALLED, "internal"},
};

/* A cut in the middle of a character would make the message invalid UTF-8, which JSON refuses: drop the rest of it. */
static void trim_cut_character(char *message, size_t capacity)
{
    size_t length = strlen(message);
    if (length + 1 < capacity)
        return;
    size_t lead = length;
    while (lead > 0 && length - lead < 4 && ((unsigned char)message[lead - 1] & 0xC0) == 0x80)
        lead--;
    if (lead > 0 && !cat_text_is_utf8(message + lead - 1, length - lead + 1))
        message[lead - 1] = '\0';
}

/* Words of peers may be in any encoding, and "%.100s" cuts anywhere: what is no UTF-8 would lose the whole message in JSON. */
static void replace_broken(char *message)
{
    size_t length = strlen(message);
    if (cat_text_is_utf8(message, length))
        return;
    for (size_t at = 0, part; at < length; at += part) {
        for (part = 1; part <= 4 && (at + part > length || !cat_text_is_utf8(message + at, part)); part++)
            continue;
        if (part > 4) {
            message[at] = '?';
            part = 1;
        }
    }
}

static int set_va(cat_error *error, int code, cat_error_class class, const char *format, va_list arguments)
{
    if (!error)
        return code;
    /* The arguments may point into the message that is replaced, hence the copy. */
    char message[CAT_ERROR_MESSAGE_MAX];
    vsnprintf(message, sizeof message, format, arguments);
    trim_cut_character(message, sizeof message);
    replace_broken(message);
    error->code = code;
    error->class = class;
    error->peer = CAT_PEER_NONE;
    memcpy(error->message, message, strlen(message) + 1);
    return code;
}

int cat_error_set(cat_error *error, int code, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    set_va(error, code, cat_error_class_of(code), format, arguments);
    va_end(arguments);
    return code;
}

int cat_error_set_class(cat_error *error, int code, cat_error_class class, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    set_va(error, code, class, format, arguments);
    va_end(arguments);
    return code;
}

int cat_error_set_peer(cat_error *error, cat_peer peer, int code, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    set_va(error, code, cat_error_class_of(code), format, arguments);
    va_end(arguments);
    cat_error_blame(error, peer);
    return code;
}

void cat_error_blame(cat_error *error, cat_peer peer)
{
    if (error)
        error->peer = peer;
}

int cat_error_wrap(cat_error *error, const char *format, ...)
{
    if (!error)
        return CAT_E_INTERNAL;
    char what[CAT_ERROR_MESSAGE_MAX];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(what, sizeof what, format, arguments);
    va_end(arguments);
    cat_peer peer = error->peer;
    cat_error_set_class(error, error->code, error->class, "%s: %s", what, error->message);
    cat_error_blame(error, peer);
    return error->code;
}

int cat_error_copy(cat_error *to, const cat_error *from)
{
    if (to && to != from)
        *to = *from;
    return from->code;
}

void cat_error_clear(cat_error *error)
{
    if (error)
        *error = (cat_error){0};
}

cat_error_class cat_error_class_of(int code)
{
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
        if (codes[i].code == code)
            return codes[i].class;
    return CAT_CLASS_STALLED;
}

const char *cat_peer_name(cat_peer peer)
{
    static const char *const NAMES[] = {[CAT_PEER_NONE] = "the peer",
                                        [CAT_PEER_GIT] = "the Git server",
                                        [CAT_PEER_CLUSTER] = "the cluster's API server",
                                        [CAT_PEER_SPINE] = "the spine",
                                        [CAT_PEER_IDENTITY] = "the sign-in service"};
    return NAMES[peer];
}

const char *cat_error_name(int code)
{
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
        if (codes[i].code == code)
            return codes[i].name;
    return code == 0 ? "none" : "unknown";
}
