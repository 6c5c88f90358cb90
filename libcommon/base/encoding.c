#include "base/encoding.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

static const char hex_digits[] = "0123456789abcdef";
static const char base64_standard[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char base64_url[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
static const char base32_standard[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

char *cat_hex_encode(const void *bytes, size_t length)
{
    const unsigned char *from = bytes;
    char *text = cat_malloc(length * 2 + 1);
    for (size_t i = 0; i < length; i++) {
        text[i * 2] = hex_digits[from[i] >> 4];
        text[i * 2 + 1] = hex_digits[from[i] & 15];
    }
    text[length * 2] = '\0';
    return text;
}

static int hex_value(char digit, bool upper_allowed)
{
    if (digit >= '0' && digit <= '9')
        return digit - '0';
    if (digit >= 'a' && digit <= 'f')
        return digit - 'a' + 10;
    if (upper_allowed && digit >= 'A' && digit <= 'F')
        return digit - 'A' + 10;
    return -1;
}

bool cat_hex_decode(const char *text, size_t length, unsigned char *out)
{
    if (length % 2)
        return false;
    for (size_t i = 0; i < length; i++)
        if (hex_value(text[i], false) < 0)
            return false;
    for (size_t i = 0; i < length; i += 2)
        out[i / 2] = (unsigned char)(hex_value(text[i], false) << 4 | hex_value(text[i + 1], false));
    return true;
}

/* Bits are taken from the top in groups of `width` (6 or 5), the last group filled with zeros. */
static char *encode_groups(const void *bytes, size_t length, unsigned width, const char *alphabet, size_t padded_to)
{
    const unsigned char *from = bytes;
    size_t groups = (length * 8 + width - 1) / width;
    size_t total = padded_to ? (groups + padded_to - 1) / padded_to * padded_to : groups;
    char *text = cat_malloc(total + 1);
    uint32_t pending = 0;
    unsigned bits = 0;
    size_t at = 0;
    for (size_t i = 0; i < length; i++) {
        pending = pending << 8 | from[i];
        for (bits += 8; bits >= width; bits -= width)
            text[at++] = alphabet[pending >> (bits - width) & ((1u << width) - 1)];
    }
    if (bits)
        text[at++] = alphabet[pending << (width - bits) & ((1u << width) - 1)];
    memset(text + at, '=', total - at);
    text[total] = '\0';
    return text;
}

/* Filled once per call from the alphabet: 256 bytes, cheaper than a search per character. */
static void invert(const char *alphabet, unsigned char table[256])
{
    memset(table, 0xFF, 256);
    for (unsigned i = 0; alphabet[i]; i++)
        table[(unsigned char)alphabet[i]] = (unsigned char)i;
}

static unsigned char *decode_groups(const char *text, size_t length, unsigned width, const char *alphabet, size_t *decoded_length)
{
    unsigned char table[256];
    invert(alphabet, table);
    size_t bytes = length * width / 8;
    /* The bits left over are fewer than a group, else a character is there for nothing. */
    if (length * width - bytes * 8 >= width)
        return NULL;
    cat_autofree unsigned char *out = cat_malloc(bytes + 1);
    uint32_t pending = 0;
    unsigned bits = 0;
    size_t at = 0;
    for (size_t i = 0; i < length; i++) {
        unsigned char value = table[(unsigned char)text[i]];
        if (value == 0xFF)
            return NULL;
        pending = pending << width | value;
        bits += width;
        if (bits >= 8) {
            bits -= 8;
            out[at++] = (unsigned char)(pending >> bits);
        }
    }
    if (pending & ((1u << bits) - 1))
        return NULL;
    out[at] = '\0';
    *decoded_length = at;
    return cat_take(out);
}

char *cat_base64_encode(const void *bytes, size_t length)
{
    return encode_groups(bytes, length, 6, base64_standard, 4);
}

char *cat_base64url_encode(const void *bytes, size_t length)
{
    return encode_groups(bytes, length, 6, base64_url, 0);
}

char *cat_base32_encode(const void *bytes, size_t length)
{
    return encode_groups(bytes, length, 5, base32_standard, 0);
}

unsigned char *cat_base64_decode(const char *text, size_t length, size_t *decoded_length)
{
    if (length % 4)
        return NULL;
    if (length && text[length - 1] == '=')
        length -= text[length - 2] == '=' ? 2 : 1;
    return decode_groups(text, length, 6, base64_standard, decoded_length);
}

unsigned char *cat_base64url_decode(const char *text, size_t length, size_t *decoded_length)
{
    return decode_groups(text, length, 6, base64_url, decoded_length);
}

unsigned char *cat_base32_decode(const char *text, size_t length, size_t *decoded_length)
{
    return decode_groups(text, length, 5, base32_standard, decoded_length);
}

static bool is_unreserved(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' ||
           c == '~';
}

void cat_percent_encode(cat_string *out, const char *text)
{
    static const char upper_digits[] = "0123456789ABCDEF";
    for (; *text; text++) {
        unsigned char byte = (unsigned char)*text;
        if (is_unreserved(*text))
            cat_string_append_char(out, *text);
        else
            cat_string_append_bytes(out, (char[]){'%', upper_digits[byte >> 4], upper_digits[byte & 15]}, 3);
    }
}

bool cat_percent_decode(char *text, bool form)
{
    char *to = text;
    for (const char *from = text; *from; from++) {
        if (*from == '+' && form) {
            *to++ = ' ';
            continue;
        }
        if (*from != '%') {
            *to++ = *from;
            continue;
        }
        int high = hex_value(from[1], true), low = high < 0 ? -1 : hex_value(from[2], true);
        if (low < 0 || (high == 0 && low == 0))
            return false;
        *to++ = (char)(high << 4 | low);
        from += 2;
    }
    *to = '\0';
    return true;
}
