/* What a scalar is: go-yaml v3's rules (see yaml.h), and JSON's form of it. */
#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/encoding.h"
#include "base/memory.h"
#include "wire/yaml_internal.h"

#define TAG_PREFIX "tag:yaml.org,2002:"
#define TWO_TO_53 9007199254740992.0
#define TWO_TO_63 9223372036854775808.0

static bool is_one_of(const char *text, const char *const *words)
{
    for (; *words; words++)
        if (strcmp(text, *words) == 0)
            return true;
    return false;
}

static const char *const NULL_WORDS[] = {"", "~", "null", "Null", "NULL", NULL};
static const char *const TRUE_WORDS[] = {"true", "True", "TRUE", NULL};
static const char *const FALSE_WORDS[] = {"false", "False", "FALSE", NULL};
static const char *const ENDLESS_WORDS[] = {".inf",  ".Inf",  ".INF", "+.inf", "+.Inf", "+.INF", "-.inf",
                                            "-.Inf", "-.INF", ".nan", ".NaN",  ".NAN",  NULL};

bool cat_yaml_is_null(const char *text)
{
    return is_one_of(text, NULL_WORDS);
}

/* --- whole numbers --- */

static int digit_of(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : 99;
}

static bool read_digits(const char *text, int base, uint64_t *number)
{
    *number = 0;
    for (const char *at = text; *at; at++) {
        int digit = digit_of(*at);
        if (digit >= base || __builtin_mul_overflow(*number, (uint64_t)base, number) ||
            __builtin_add_overflow(*number, (uint64_t)digit, number))
            return false;
    }
    return *text != '\0';
}

/* The base that a prefix names; `*text` moves behind it. A leading zero alone is octal. */
static int take_base(const char **text)
{
    const char *at = *text;
    if (at[0] != '0' || !at[1])
        return 10;
    int base = strchr("bB", at[1]) ? 2 : strchr("oO", at[1]) ? 8 : strchr("xX", at[1]) ? 16 : 0;
    *text += base ? 2 : 1;
    return base ? base : 8;
}

/* Go's strconv.ParseInt, and ParseUint for what has no sign. `base` 0: by its prefix. */
static bool read_integer(const char *text, int base, json_t **json)
{
    bool negative = *text == '-', has_sign = negative || *text == '+';
    uint64_t number;
    text += has_sign;
    if (base == 0)
        base = take_base(&text);
    if (!read_digits(text, base, &number))
        return false;
    if (negative && number <= (uint64_t)INT64_MAX + 1)
        *json = json_integer((json_int_t)(0 - number));
    else if (!negative && number <= INT64_MAX)
        *json = json_integer((json_int_t)number);
    else if (!has_sign)
        *json = json_real((double)number); /* as the cluster keeps it */
    else
        return false;
    return true;
}

/* `0b` and `0o` may stand before a sign too, which Go's general reading does not take. */
static bool read_prefixed(const char *text, json_t **json)
{
    bool negative = *text == '-';
    const char *at = text + negative;
    int base = at[0] != '0' ? 0 : at[1] == 'b' ? 2 : at[1] == 'o' ? 8 : 0;
    if (!base || (negative && (at[2] == '-' || at[2] == '+')))
        return false;
    cat_autofree char *digits = cat_printf("%s%s", negative ? "-" : "", at + 2);
    return read_integer(digits, base, json);
}

/* --- other numbers --- */

/* [-+]? ( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )? */
static bool is_real(const char *text)
{
    text += *text == '+' || *text == '-';
    size_t whole = strspn(text, "0123456789"), fraction = 0;
    text += whole;
    if (*text == '.') {
        fraction = strspn(text + 1, "0123456789");
        text += 1 + fraction;
    }
    if (whole + fraction == 0)
        return false;
    if (*text == 'e' || *text == 'E') {
        text++;
        text += *text == '+' || *text == '-';
        size_t exponent = strspn(text, "0123456789");
        if (exponent == 0)
            return false;
        text += exponent;
    }
    return *text == '\0';
}

/* Go writes the fewest digits that mean the number, and zeros behind them. */
static json_int_t whole_of(double number)
{
    if (fabs(number) < TWO_TO_53)
        return (json_int_t)number;
    char text[40];
    int precision = 0;
    do
        snprintf(text, sizeof text, "%.*e", precision, number);
    while (strtod(text, NULL) != number && ++precision < 17);
    char *exponent = strchr(text, 'e');
    long zeros = strtol(exponent + 1, NULL, 10) - precision;
    *exponent = '\0';
    json_int_t whole = 0;
    for (const char *at = text; *at; at++)
        if (*at >= '0' && *at <= '9')
            whole = whole * 10 + (*at - '0');
    for (; zeros > 0; zeros--)
        whole *= 10;
    return number < 0 ? -whole : whole;
}

/* JSON has one kind of number: `2.0` reaches the cluster as 2. */
static bool read_real(const char *text, json_t **json)
{
    double number = strtod(text, NULL);
    if (!isfinite(number))
        return false; /* too large: go-yaml leaves it a text */
    bool whole = number == floor(number) && fabs(number) < TWO_TO_63;
    *json = whole ? json_integer(whole_of(number)) : json_real(number);
    return true;
}

static char *without_underscores(const char *text)
{
    char *copy = cat_strdup(text), *to = copy;
    for (const char *from = text; *from; from++)
        if (*from != '_')
            *to++ = *from;
    *to = '\0';
    return copy;
}

/* What begins with a dot goes to Go's ParseFloat, for which an underscore stands between digits alone. */
static bool has_loose_underscore(const char *text)
{
    for (const char *at = strchr(text, '_'); at; at = strchr(at + 1, '_'))
        if (digit_of(at[-1]) > 9 || digit_of(at[1]) > 9)
            return true;
    return false;
}

static cat_scalar_kind resolve_number(const char *text, bool timed, json_t **json)
{
    char *time = NULL;
    if (timed && cat_yaml_timestamp(text, &time)) {
        cat_autofree char *owned = time;
        *json = owned ? json_string(owned) : NULL;
        return CAT_SCALAR_TIME;
    }
    cat_autofree char *plain = without_underscores(text);
    if (*text == '.')
        return !has_loose_underscore(text) && is_real(plain) && read_real(plain, json) ? CAT_SCALAR_REAL : CAT_SCALAR_TEXT;
    if (read_integer(plain, 0, json))
        return CAT_SCALAR_INTEGER;
    if (is_real(plain) && read_real(plain, json))
        return CAT_SCALAR_REAL;
    return read_prefixed(plain, json) ? CAT_SCALAR_INTEGER : CAT_SCALAR_TEXT;
}

cat_scalar_kind cat_yaml_resolve(const char *text, bool timed, json_t **json)
{
    *json = NULL;
    if (cat_yaml_is_null(text)) {
        *json = json_null();
        return CAT_SCALAR_NULL;
    }
    if (is_one_of(text, TRUE_WORDS) || is_one_of(text, FALSE_WORDS)) {
        *json = json_boolean(is_one_of(text, TRUE_WORDS));
        return CAT_SCALAR_BOOLEAN;
    }
    if (is_one_of(text, ENDLESS_WORDS))
        return CAT_SCALAR_ENDLESS;
    return strchr("+-.0123456789", *text) ? resolve_number(text, timed, json) : CAT_SCALAR_TEXT;
}

/* --- tags --- */

static int refuse(const char **why, const char *what)
{
    *why = what;
    return CAT_E_INVALID;
}

static int make_text(const char *text, size_t length, json_t **json, const char **why)
{
    if (memchr(text, '\0', length))
        return refuse(why, "a text holds a zero character");
    *json = json_stringn(text, length);
    return *json ? 0 : refuse(why, "a text is not UTF-8");
}

/* Base64 as Go reads it: with its padding, line breaks left out. What is no text would reach the cluster with its bytes
 * replaced. */
static int make_binary(const char *text, json_t **json, const char **why)
{
    cat_autofree char *joined = cat_strdup(text);
    char *to = joined;
    for (const char *from = text; *from; from++)
        if (*from != '\r' && *from != '\n')
            *to++ = *from;
    *to = '\0';
    size_t length = 0, given = (size_t)(to - joined);
    cat_autofree char *bytes = given % 4 == 0 ? (char *)cat_base64_decode(joined, given, &length) : NULL;
    if (!bytes)
        return refuse(why, "a !!binary value is not base64");
    if (!cat_text_is_utf8(bytes, length))
        return refuse(why, "a !!binary value is no text: the cluster would get other bytes");
    return make_text(bytes, length, json, why);
}

static const struct {
    const char *tag;
    cat_scalar_kind kind;
} TAGS[] = {{TAG_PREFIX "null", CAT_SCALAR_NULL},
            {TAG_PREFIX "bool", CAT_SCALAR_BOOLEAN},
            {TAG_PREFIX "int", CAT_SCALAR_INTEGER},
            {TAG_PREFIX "float", CAT_SCALAR_REAL},
            {TAG_PREFIX "timestamp", CAT_SCALAR_TIME}};

static int take_resolved(cat_scalar_kind kind, json_t *value, const char *text, size_t length, json_t **json, const char **why)
{
    if (kind == CAT_SCALAR_ENDLESS)
        return refuse(why, "endless numbers and not-a-numbers do not reach a cluster; put it in quotes if it is text");
    if (kind == CAT_SCALAR_TEXT)
        return make_text(text, length, json, why);
    if (!value)
        return refuse(why, "a time's zone is out of range");
    *json = value;
    return 0;
}

/* What a tag that YAML knows asks for has to be there; !!float makes a number of a whole one too. */
static int make_tagged(const char *text, size_t length, cat_scalar_kind wanted, json_t **json, const char **why)
{
    json_t *value = NULL;
    cat_scalar_kind kind = cat_yaml_resolve(text, wanted == CAT_SCALAR_TIME, &value);
    if (kind == CAT_SCALAR_ENDLESS || kind == wanted)
        return take_resolved(kind, value, text, length, json, why);
    if (kind == CAT_SCALAR_INTEGER && wanted == CAT_SCALAR_REAL && json_is_integer(value)) {
        json_int_t number = json_integer_value(value);
        json_decref(value);
        cat_autofree char *real = cat_printf("%.17g", (double)number);
        return read_real(real, json) ? 0 : refuse(why, "a number is too large");
    }
    json_decref(value);
    return refuse(why, "a value is not what its tag says");
}

int cat_yaml_scalar(const char *text, size_t length, const char *tag, bool plain, json_t **json, const char **why)
{
    bool whole = strlen(text) == length;
    if (tag && strcmp(tag, "!") != 0) {
        if (strcmp(tag, TAG_PREFIX "binary") == 0 && whole)
            return make_binary(text, json, why);
        for (size_t i = 0; whole && i < sizeof TAGS / sizeof *TAGS; i++)
            if (strcmp(tag, TAGS[i].tag) == 0)
                return make_tagged(text, length, TAGS[i].kind, json, why);
        /* !!str, and tags that nobody here knows, which go-yaml leaves texts. */
        return make_text(text, length, json, why);
    }
    if (!plain || !whole)
        return make_text(text, length, json, why);
    json_t *value = NULL;
    cat_scalar_kind kind = cat_yaml_resolve(text, true, &value);
    return take_resolved(kind, value, text, length, json, why);
}
