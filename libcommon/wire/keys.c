/* Row keys. NATS takes letters, digits and -/_=. in a key, and a subject must not have an empty token;
 * everything else is written as =XX, so that two names never share a key. */
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/string.h"
#include "wire/subjects.h"

static bool is_plain(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

/* Appends one part. Dots stay in a name alone, where no token gets empty by them. */
static void append_part(cat_string *key, const char *text, bool dots_stay)
{
    bool after_dot = true;
    for (; *text; text++) {
        bool dot = dots_stay && *text == '.' && !after_dot && text[1];
        if (dot || is_plain(*text))
            cat_string_append_char(key, *text);
        else
            cat_string_appendf(key, "=%02X", (unsigned char)*text);
        after_dot = dot;
    }
}

int cat_key_make(const char *kind, const char *namespace, const char *name, char out[CAT_KEY_MAX],
                 cat_error *error)
{
    if (!kind || !*kind || !name || !*name)
        return cat_error_set(error, CAT_E_INVALID, "an object without kind or name has no key");
    cat_auto(cat_string) key = CAT_STRING(CAT_KEY_MAX - 1);
    append_part(&key, kind, false);
    cat_string_append_char(&key, '.');
    append_part(&key, namespace && *namespace ? namespace : "_", false);
    cat_string_append_char(&key, '.');
    append_part(&key, name, true);
    if (key.overflowed)
        return cat_error_set(error, CAT_E_TOO_LARGE, "a key has at most %d characters", CAT_KEY_MAX - 1);
    memcpy(out, cat_string_get(&key), key.length + 1);
    return 0;
}

static int upper_hex(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static bool decode_part(char *text)
{
    char *to = text;
    for (const char *from = text; *from; from++) {
        if (*from != '=') {
            *to++ = *from;
            continue;
        }
        int high = upper_hex(from[1]), low = high < 0 ? -1 : upper_hex(from[2]);
        if (low < 0 || (high == 0 && low == 0))
            return false;
        *to++ = (char)(high << 4 | low);
        from += 2;
    }
    *to = '\0';
    return to > text;
}

int cat_key_parse(const char *key, cat_key *parsed, cat_error *error)
{
    size_t length = strlen(key);
    if (length >= CAT_KEY_MAX)
        return cat_error_set(error, CAT_E_TOO_LARGE, "a key has at most %d characters", CAT_KEY_MAX - 1);
    cat_key result;
    memcpy(result.buffer, key, length + 1);
    char *first = strchr(result.buffer, '.'), *second = first ? strchr(first + 1, '.') : NULL,
         again[CAT_KEY_MAX];
    bool sound = second != NULL;
    if (sound) {
        *first = *second = '\0';
        sound = decode_part(result.buffer) && decode_part(first + 1) && decode_part(second + 1);
    }
    const char *namespace = sound && strcmp(first + 1, "_") != 0 ? first + 1 : NULL;
    /* Only the form that cat_key_make gives is a key: no object has two. */
    if (!sound || cat_key_make(result.buffer, namespace, second + 1, again, NULL) < 0 ||
        strcmp(again, key) != 0)
        return cat_error_set(error, CAT_E_INVALID, "\"%.200s\" is no row's key", key);
    *parsed = result;
    parsed->kind = parsed->buffer;
    parsed->namespace = namespace ? parsed->buffer + (namespace - result.buffer) : NULL;
    parsed->name = parsed->buffer + (second + 1 - result.buffer);
    return 0;
}
