/* Kubernetes' quantities: a decimal number with a suffix of ten's or two's powers, or an exponent. */
#include "wire/kubernetes_quantity.h"

#include <stdlib.h>
#include <string.h>

#include "wire/kubernetes.h"

/* Digits behind these do not change a result that fits 64 bits but by rounding up. */
#define DIGITS_MAX 18

typedef struct {
    __int128 mantissa;
    int decimal_exponent, binary_exponent;
    bool negative, rest; /* digits were dropped that were not zero */
} quantity;

static bool parse_digits(const char **text, quantity *value)
{
    int digits = 0, significant = 0;
    bool fraction = false;
    for (;; (*text)++) {
        char c = **text;
        if (c == '.' && !fraction) {
            fraction = true;
            continue;
        }
        if (c < '0' || c > '9')
            return digits > 0;
        digits++;
        if (significant < DIGITS_MAX) {
            value->mantissa = value->mantissa * 10 + (c - '0');
            significant += value->mantissa > 0;
            value->decimal_exponent -= fraction;
        } else {
            value->rest = value->rest || c != '0';
            value->decimal_exponent += !fraction;
        }
    }
}

static bool parse_suffix(const char *text, quantity *value)
{
    static const char *const decimal[] = {"n", "u", "m", "", "k", "M", "G", "T", "P", "E"};
    static const char *const binary[] = {"Ki", "Mi", "Gi", "Ti", "Pi", "Ei"};
    for (int i = 0; i < 10; i++)
        if (strcmp(text, decimal[i]) == 0) {
            value->decimal_exponent += (i - 3) * 3;
            return true;
        }
    for (int i = 0; i < 6; i++)
        if (strcmp(text, binary[i]) == 0) {
            value->binary_exponent = (i + 1) * 10;
            return true;
        }
    long long exponent;
    if (*text != 'e' && *text != 'E')
        return false;
    bool plus = text[1] == '+';
    if (!cat_text_to_int64(text + 1 + plus, plus ? 0 : -1000, 1000, &exponent) || (plus && text[2] == '-'))
        return false;
    value->decimal_exponent += (int)exponent;
    return true;
}

static bool is_suffix(const char *text, size_t length)
{
    static const char *const SUFFIXES[] = {"", "n", "u", "m", "k", "M", "G", "T", "P", "E", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"};
    for (size_t i = 0; i < sizeof SUFFIXES / sizeof *SUFFIXES; i++)
        if (strlen(SUFFIXES[i]) == length && strncmp(SUFFIXES[i], text, length) == 0)
            return true;
    if (length < 2 || (*text != 'e' && *text != 'E'))
        return false;
    bool is_signed = text[1] == '+' || text[1] == '-';
    return length > 1u + is_signed && strspn(text + 1 + is_signed, "0123456789") >= length - 1 - is_signed;
}

bool cat_quantity_is_valid(const char *text)
{
    static const char SPACE[] = " \t\n\r\v\f", DIGITS[] = "0123456789";
    text += strspn(text, SPACE);
    size_t length = strlen(text);
    while (length && strchr(SPACE, text[length - 1]))
        length--;
    const char *at = text, *end = text + length;
    if (at == end)
        return false;
    at += *at == '+' || *at == '-';
    at += strspn(at, DIGITS);
    at += *at == '.';
    at += strspn(at, DIGITS);
    return is_suffix(at, (size_t)(end - at));
}

static bool parse(const char *text, quantity *value)
{
    *value = (quantity){0};
    if (!text || strlen(text) > 64)
        return false;
    if (*text == '+' || *text == '-')
        value->negative = *text++ == '-';
    return parse_digits(&text, value) && parse_suffix(text, value);
}

/* mantissa · 10^decimal · 2^binary, away from zero as Kubernetes rounds; false when it does not fit. */
static bool scale_wide(quantity value, int more_decimal, __int128 *result)
{
    __int128 number = value.mantissa;
    bool rest = value.rest;
    if (__builtin_mul_overflow(number, (__int128)1 << value.binary_exponent, &number))
        return false;
    int exponent = value.decimal_exponent + more_decimal;
    for (; exponent > 0 && number > 0; exponent--)
        if (__builtin_mul_overflow(number, (__int128)10, &number))
            return false;
    for (; exponent < 0 && number > 0; exponent++) {
        rest = rest || number % 10 != 0;
        number /= 10;
    }
    number += rest;
    *result = value.negative ? -number : number;
    return true;
}

static bool scale(quantity value, int more_decimal, int64_t *result)
{
    __int128 number;
    if (!scale_wide(value, more_decimal, &number) || number > INT64_MAX || number < -INT64_MAX)
        return false;
    *result = (int64_t)number;
    return true;
}

bool cat_quantity_milli(const char *text, int64_t *milli)
{
    quantity value;
    return parse(text, &value) && scale(value, 3, milli);
}

bool cat_quantity_bytes(const char *text, int64_t *bytes)
{
    quantity value;
    return parse(text, &value) && scale(value, 0, bytes);
}

bool kubernetes_quantity_milli(const char *text, __int128 *milli)
{
    quantity value;
    if (!parse(text, &value))
        return false;
    if (!scale_wide(value, 3, milli) || *milli > KUBERNETES_MILLI_MAX || *milli < -KUBERNETES_MILLI_MAX)
        *milli = value.negative ? -KUBERNETES_MILLI_MAX : KUBERNETES_MILLI_MAX;
    return true;
}
