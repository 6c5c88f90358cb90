#include "wire/json_writer.h"

#include <stdio.h>
#include <string.h>
#include <yyjson.h>

#include "base/map.h"
#include "wire/json_internal.h"

/* Up to so many members looking each name up is cheaper than a table of names. */
#define FEW_MEMBERS 32
#define NUMBER_MAX_BYTES 40

#define EACH_BYTE(byte) (UINT64_C(0x0101010101010101) * (byte))

/* Eight bytes at once: whether one of them is a control character, a quote or a backslash. */
static inline bool needs_escape(uint64_t word)
{
    uint64_t quote = word ^ EACH_BYTE('"'), backslash = word ^ EACH_BYTE('\\');
    uint64_t found =
        ((word - EACH_BYTE(0x20)) & ~word) | ((quote - EACH_BYTE(1)) & ~quote) | ((backslash - EACH_BYTE(1)) & ~backslash);
    return (found & EACH_BYTE(0x80)) != 0;
}

/* Whether every byte stands for itself. What is left behind whole words is looked at with some of the bytes before it. */
static inline bool is_plain(const char *text, size_t length)
{
    uint64_t word = EACH_BYTE(' ');
    if (length >= sizeof word) {
        for (size_t at = 0; at + sizeof word <= length; at += sizeof word) {
            memcpy(&word, text + at, sizeof word);
            if (needs_escape(word))
                return false;
        }
        memcpy(&word, text + length - sizeof word, sizeof word);
    } else if (length >= sizeof(uint32_t)) {
        uint32_t first, last;
        memcpy(&first, text, sizeof first);
        memcpy(&last, text + length - sizeof last, sizeof last);
        word = first | (uint64_t)last << 32;
    } else if (length > 0) {
        unsigned char bytes[] = {(unsigned char)text[0], (unsigned char)text[length / 2], (unsigned char)text[length - 1]};
        memcpy(&word, bytes, sizeof bytes);
    }
    return !needs_escape(word);
}

/* As cat_string_reserve, which is asked only when there is no room. */
static inline bool has_room(cat_string *out, size_t length)
{
    return (!out->overflowed && out->length + length < out->capacity) || cat_string_reserve(out, length);
}

static inline void put_char(cat_string *out, char character)
{
    if (!has_room(out, 1))
        return;
    out->data[out->length++] = character;
    out->data[out->length] = '\0';
}

static void put_escaped(cat_string *out, unsigned char c)
{
    static const char SHORT_FORMS[] = {['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r'};
    if (c == '"' || c == '\\')
        cat_string_append_bytes(out, (char[]){'\\', (char)c}, 2);
    else if (c < sizeof SHORT_FORMS && SHORT_FORMS[c])
        cat_string_append_bytes(out, (char[]){'\\', SHORT_FORMS[c]}, 2);
    else
        cat_string_appendf(out, "\\u%04x", c);
}

/* The text between quotes; it is plain and there is room. */
static inline void put_plain(cat_string *out, const char *text, size_t length)
{
    char *at = out->data + out->length;
    *at = '"';
    memcpy(at + 1, text, length);
    at[length + 1] = '"';
    at[length + 2] = '\0';
    out->length += length + 2;
}

static void put_with_escapes(cat_string *out, const char *text, size_t length)
{
    put_char(out, '"');
    for (size_t at = 0, plain; at < length; at += plain + 1) {
        for (plain = 0; at + plain < length && is_plain(text + at + plain, 1);)
            plain++;
        cat_string_append_bytes(out, text + at, plain);
        if (at + plain < length)
            put_escaped(out, (unsigned char)text[at + plain]);
    }
    put_char(out, '"');
}

void cat_write_quoted(cat_string *out, const char *text, size_t length)
{
    if (!is_plain(text, length))
        put_with_escapes(out, text, length);
    else if (has_room(out, length + 2))
        put_plain(out, length ? text : "", length);
}

/* What stands before a value: a comma, unless it is the first one, and its name. A text ends in a quote, so that an open bracket
 * at the end is one of structure. */
static void put_head(cat_string *out, const char *name)
{
    char last = out->length ? out->data[out->length - 1] : '{';
    size_t length = name ? strlen(name) : 0;
    if (!has_room(out, length + 4))
        return;
    if (last != '{' && last != '[')
        out->data[out->length++] = ',';
    if (!name)
        return;
    if (is_plain(name, length))
        put_plain(out, name, length);
    else
        put_with_escapes(out, name, length);
    put_char(out, ':');
}

void cat_write_begin(cat_string *out, const char *name, char bracket)
{
    put_head(out, name);
    put_char(out, bracket);
}

void cat_write_end(cat_string *out, char bracket)
{
    put_char(out, bracket);
}

void cat_write_textn(cat_string *out, const char *name, const char *text, size_t length)
{
    put_head(out, name);
    cat_write_quoted(out, text, length);
}

void cat_write_text(cat_string *out, const char *name, const char *text)
{
    if (text)
        cat_write_textn(out, name, text, strlen(text));
}

void cat_write_raw(cat_string *out, const char *name, const char *json, size_t length)
{
    put_head(out, name);
    if (!has_room(out, length))
        return;
    memcpy(out->data + out->length, json, length);
    out->length += length;
    out->data[out->length] = '\0';
}

void cat_write_int(cat_string *out, const char *name, int64_t number)
{
    char digits[24], *at = digits + sizeof digits;
    uint64_t rest = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;
    do
        *--at = (char)('0' + rest % 10);
    while ((rest /= 10) > 0);
    if (number < 0)
        *--at = '-';
    cat_write_raw(out, name, at, (size_t)(digits + sizeof digits - at));
}

void cat_write_bool(cat_string *out, const char *name, bool truth)
{
    cat_write_raw(out, name, truth ? "true" : "false", truth ? 4 : 5);
}

static void write_real(cat_string *out, const char *name, double number)
{
    yyjson_val value = {0};
    unsafe_yyjson_set_real(&value, number);
    char text[NUMBER_MAX_BYTES];
    char *end = yyjson_write_number(&value, text);
    char *exponent = end ? memchr(text, 'e', (size_t)(end - text)) : NULL;
    if (exponent && exponent[1] != '-') { /* as cat_json_format has it */
        memmove(exponent + 2, exponent + 1, (size_t)(end++ - exponent - 1));
        exponent[1] = '+';
    }
    cat_write_raw(out, name, text, end ? (size_t)(end - text) : 0);
}

static void write_number(cat_string *out, const char *name, yyjson_val *value)
{
    if (yyjson_is_real(value))
        write_real(out, name, unsafe_yyjson_get_real(value));
    else if (yyjson_is_uint(value) && unsafe_yyjson_get_uint(value) > INT64_MAX)
        write_real(out, name, (double)unsafe_yyjson_get_uint(value));
    else
        cat_write_int(out, name, unsafe_yyjson_get_sint(value));
}

/* Recursion is bounded by the depth that the document was parsed with. */
void cat_write_view(cat_string *out, const char *name, cat_view view)
{
    yyjson_val *value = view.value;
    switch (yyjson_get_type(value)) {
    case YYJSON_TYPE_OBJ:
        cat_write_begin(out, name, '{');
        cat_write_members(out, view, NULL, 0);
        cat_write_end(out, '}');
        break;
    case YYJSON_TYPE_ARR: {
        cat_view_iterator it = cat_view_each(view);
        cat_view item;
        cat_write_begin(out, name, '[');
        while (cat_view_next(&it, NULL, &item))
            cat_write_view(out, NULL, item);
        cat_write_end(out, ']');
        break;
    }
    case YYJSON_TYPE_STR:
        cat_write_textn(out, name, unsafe_yyjson_get_str(value), unsafe_yyjson_get_len(value));
        break;
    case YYJSON_TYPE_NUM:
        write_number(out, name, value);
        break;
    case YYJSON_TYPE_BOOL:
        cat_write_bool(out, name, unsafe_yyjson_get_bool(value));
        break;
    default:
        if (value)
            cat_write_raw(out, name, "null", 4);
    }
}

static bool is_among(const char *name, const char *const names[], size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (names[i][0] == name[0] && strcmp(names[i], name) == 0)
            return true;
    return false;
}

void cat_write_members(cat_string *out, cat_view object, const char *const except[], size_t count)
{
    cat_map *seen = cat_view_count(object) > FEW_MEMBERS ? cat_map_create(NULL) : NULL;
    cat_view_iterator it = cat_view_each(object);
    const char *name;
    cat_view item;
    while (cat_view_next(&it, &name, &item)) {
        if (is_among(name, except, count))
            continue;
        bool first = seen ? !cat_map_get(seen, name) : cat_view_member(object, name).value == item.value;
        if (seen && first)
            cat_map_set(seen, name, seen);
        if (first)
            cat_write_view(out, name, item);
    }
    cat_map_destroy(seen);
}
