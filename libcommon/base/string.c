#include "base/string.h"

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

cat_slice cat_slice_of(const char *text)
{
    return (cat_slice){text, text ? strlen(text) : 0};
}

bool cat_slice_equal(cat_slice a, cat_slice b)
{
    return a.length == b.length && (a.length == 0 || memcmp(a.data, b.data, a.length) == 0);
}

bool cat_slice_equal_text(cat_slice a, const char *text)
{
    return text && cat_slice_equal(a, cat_slice_of(text));
}

void cat_string_finish(cat_string *string)
{
    free(string->data);
    *string = (cat_string){.max_bytes = string->max_bytes};
}

bool cat_string_reserve(cat_string *string, size_t length)
{
    if (string->overflowed || length > string->max_bytes - string->length) {
        string->overflowed = true;
        return false;
    }
    size_t needed = string->length + length + 1;
    if (needed > string->capacity) {
        size_t capacity = string->capacity ? string->capacity * 2 : 64;
        while (capacity < needed)
            capacity *= 2;
        if (capacity > string->max_bytes + 1)
            capacity = string->max_bytes + 1;
        string->data = cat_realloc(string->data, capacity);
        string->capacity = capacity;
    }
    return true;
}

void cat_string_append(cat_string *string, const char *text)
{
    cat_string_append_bytes(string, text, strlen(text));
}

void cat_string_append_bytes(cat_string *string, const void *bytes, size_t length)
{
    if (!cat_string_reserve(string, length))
        return;
    if (length)
        memcpy(string->data + string->length, bytes, length);
    string->length += length;
    string->data[string->length] = '\0';
}

void cat_string_append_char(cat_string *string, char character)
{
    if (!cat_string_reserve(string, 1))
        return;
    string->data[string->length++] = character;
    string->data[string->length] = '\0';
}

void cat_string_appendf(cat_string *string, const char *format, ...)
{
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, arguments);
    if (length < 0)
        string->overflowed = true;
    else if (cat_string_reserve(string, (size_t)length)) {
        vsnprintf(string->data + string->length, (size_t)length + 1, format, again);
        string->length += (size_t)length;
    }
    va_end(again);
    va_end(arguments);
}

void cat_string_clear(cat_string *string)
{
    string->length = 0;
    string->overflowed = false;
    if (string->data)
        string->data[0] = '\0';
}

char *cat_string_take(cat_string *string)
{
    char *text = string->data ? string->data : cat_strdup("");
    *string = (cat_string){.max_bytes = string->max_bytes};
    return text;
}

const char *cat_string_get(const cat_string *string)
{
    return string->data ? string->data : "";
}

bool cat_text_starts_with(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

bool cat_text_ends_with(const char *text, const char *suffix)
{
    size_t length = strlen(text), suffix_length = strlen(suffix);
    return length >= suffix_length && memcmp(text + length - suffix_length, suffix, suffix_length) == 0;
}

bool cat_text_equal(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

size_t cat_text_cut(const char *text, size_t max_bytes)
{
    size_t length = strnlen(text, max_bytes + 1);
    if (length > max_bytes)
        for (length = max_bytes; length > 0 && ((unsigned char)text[length] & 0xC0) == 0x80;)
            length--;
    return length;
}

/* How many bytes at `at` are one of them; 0: none. U+200E, U+200F, U+202A to U+202E, U+2066 to U+2069, U+061C. */
static size_t turning_bytes(const unsigned char *at)
{
    if (at[0] == 0xD8 && at[1] == 0x9C)
        return 2;
    bool general = at[0] == 0xE2 && (at[1] == 0x80 || at[1] == 0x81);
    bool turns = general && (at[1] == 0x80 ? at[2] == 0x8E || at[2] == 0x8F || (at[2] >= 0xAA && at[2] <= 0xAE)
                                           : at[2] >= 0xA6 && at[2] <= 0xA9);
    return turns ? 3 : 0;
}

char *cat_text_plain(const char *text)
{
    char *plain = cat_strdup(text);
    size_t length = 0;
    for (const unsigned char *at = (const unsigned char *)text; *at;) {
        size_t turning = turning_bytes(at);
        bool controls = (*at < 0x20 && *at != '\n' && *at != '\t') || *at == 0x7F;
        if (turning || controls)
            at += turning ? turning : 1;
        else
            plain[length++] = (char)*at++;
    }
    plain[length] = '\0';
    return plain;
}

/* Length of the well-formed sequence at `bytes` (RFC 3629: shortest form, no surrogates, at most U+10FFFF); 0: none. */
static size_t utf8_sequence(const unsigned char *bytes, size_t left)
{
    unsigned char lead = bytes[0];
    if (lead < 0x80)
        return 1;
    size_t length = lead >= 0xC2 && lead <= 0xDF ? 2 : (lead & 0xF0) == 0xE0 ? 3 : lead >= 0xF0 && lead <= 0xF4 ? 4 : 0;
    if (length == 0 || length > left)
        return 0;
    for (size_t i = 1; i < length; i++)
        if ((bytes[i] & 0xC0) != 0x80)
            return 0;
    unsigned char second = bytes[1];
    if ((lead == 0xE0 && second < 0xA0) || (lead == 0xED && second > 0x9F) || (lead == 0xF0 && second < 0x90) ||
        (lead == 0xF4 && second > 0x8F))
        return 0;
    return length;
}

bool cat_text_is_utf8(const char *bytes, size_t length)
{
    const unsigned char *at = (const unsigned char *)bytes;
    for (size_t i = 0; i < length;) {
        uint64_t eight;
        /* Text is mostly ASCII: eight bytes at a time. */
        if (length - i >= 8 && (memcpy(&eight, at + i, 8), (eight & 0x8080808080808080u) == 0)) {
            i += 8;
            continue;
        }
        size_t sequence = utf8_sequence(at + i, length - i);
        if (sequence == 0)
            return false;
        i += sequence;
    }
    return true;
}

bool cat_bytes_equal_constant_time(const void *a, const void *b, size_t length)
{
    const volatile unsigned char *left = a, *right = b;
    unsigned char difference = 0;
    for (size_t i = 0; i < length; i++)
        difference |= left[i] ^ right[i];
    return difference == 0;
}

bool cat_text_to_int64(const char *text, long long minimum, long long maximum, long long *value)
{
    if (!text || (*text != '-' && (*text < '0' || *text > '9')))
        return false;
    char *end;
    errno = 0;
    long long number = strtoll(text, &end, 10);
    if (errno || end == text || *end || number < minimum || number > maximum)
        return false;
    *value = number;
    return true;
}

static void strings_push(cat_strings *strings, char *owned)
{
    if (strings->count == strings->capacity) {
        strings->capacity = strings->capacity ? strings->capacity * 2 : 8;
        strings->items = cat_realloc(strings->items, strings->capacity * sizeof *strings->items);
    }
    strings->items[strings->count++] = owned;
}

void cat_strings_add(cat_strings *strings, const char *text)
{
    strings_push(strings, cat_strdup(text));
}

void cat_strings_addf(cat_strings *strings, const char *format, ...)
{
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, arguments);
    size_t size = length < 0 ? 1 : (size_t)length + 1;
    char *text = cat_malloc(size);
    text[0] = '\0';
    vsnprintf(text, size, format, again);
    va_end(again);
    va_end(arguments);
    strings_push(strings, text);
}

bool cat_strings_has(const cat_strings *strings, const char *text)
{
    for (size_t i = 0; i < strings->count; i++)
        if (strcmp(strings->items[i], text) == 0)
            return true;
    return false;
}

static int compare(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

void cat_strings_sort(cat_strings *strings)
{
    if (strings->count > 1)
        qsort(strings->items, strings->count, sizeof *strings->items, compare);
}

void cat_strings_finish(cat_strings *strings)
{
    for (size_t i = 0; i < strings->count; i++)
        free(strings->items[i]);
    free(strings->items);
    *strings = (cat_strings){0};
}
