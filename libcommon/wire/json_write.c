/* JSON out: compact, for people, and canonical. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "wire/digest.h"
#include "wire/json.h"
#include "wire/json_internal.h"

/* Far above what the inputs' own caps let through: reaching it is a mistake of ours. */
#define TEXT_MAX_BYTES ((size_t)256 * 1024 * 1024)

typedef enum { COMPACT, PRETTY, CANONICAL } json_style;

/* The fewest digits that read back as the same number: "d.ddde±xx" taken apart. */
static int shortest_digits(double number, char digits[20], int *exponent)
{
    char text[40];
    for (int precision = 0; precision <= 16; precision++) {
        snprintf(text, sizeof text, "%.*e", precision, number);
        if (strtod(text, NULL) == number)
            break;
    }
    char *mark = strchr(text, 'e');
    *exponent = (int)strtol(mark + 1, NULL, 10);
    int count = 0;
    for (const char *at = text; at < mark; at++)
        if (*at >= '0' && *at <= '9')
            digits[count++] = *at;
    while (count > 1 && digits[count - 1] == '0')
        count--;
    return count;
}

/* As ECMAScript's Number.prototype.toString, which RFC 8785 asks for. */
static void write_ecmascript_number(cat_string *out, double number)
{
    if (number == 0) {
        cat_string_append_char(out, '0');
        return;
    }
    if (number < 0)
        cat_string_append_char(out, '-');
    char digits[20];
    int exponent, count = shortest_digits(fabs(number), digits, &exponent);
    int point = exponent + 1; /* where the decimal point stands, counted in digits */
    if (count <= point && point <= 21) {
        cat_string_appendf(out, "%.*s%.*s", count, digits, point - count, "000000000000000000000");
    } else if (0 < point && point <= 21) {
        cat_string_appendf(out, "%.*s.%.*s", point, digits, count - point, digits + point);
    } else if (-6 < point && point <= 0) {
        cat_string_appendf(out, "0.%.*s%.*s", -point, "000000", count, digits);
    } else {
        cat_string_append_char(out, digits[0]);
        if (count > 1)
            cat_string_appendf(out, ".%.*s", count - 1, digits + 1);
        cat_string_appendf(out, "e%+d", exponent);
    }
}

/* A whole number that was real stays so when it is read again: "2.0", "-0.0". */
static void write_real(cat_string *out, double number)
{
    size_t start = out->length;
    if (number == 0 && signbit(number))
        cat_string_append_char(out, '-');
    write_ecmascript_number(out, number);
    if (!strpbrk(cat_string_get(out) + start, ".e"))
        cat_string_append(out, ".0");
}

static void write_integer(cat_string *out, json_int_t number, json_style style)
{
    const json_int_t exact = (json_int_t)1 << 53;
    if (style == CANONICAL && (number > exact || number < -exact))
        write_ecmascript_number(out, (double)number);
    else
        cat_string_appendf(out, "%lld", (long long)number);
}

static void new_line(cat_string *out, json_style style, unsigned depth)
{
    if (style != PRETTY)
        return;
    cat_string_append_char(out, '\n');
    for (unsigned i = 0; i < depth; i++)
        cat_string_append_bytes(out, "  ", 2);
}

static void write_value(cat_string *out, const json_t *json, json_style style, unsigned depth);

static void write_array(cat_string *out, const json_t *json, json_style style, unsigned depth)
{
    cat_string_append_char(out, '[');
    for (size_t i = 0; i < json_array_size(json); i++) {
        if (i > 0)
            cat_string_append_char(out, ',');
        new_line(out, style, depth + 1);
        write_value(out, json_array_get(json, i), style, depth + 1);
    }
    if (json_array_size(json) > 0)
        new_line(out, style, depth);
    cat_string_append_char(out, ']');
}

typedef struct {
    const char *name;
    size_t length;
    const json_t *value;
} pair;

/* RFC 8785 sorts by UTF-16 code units. That is the order of UTF-8's bytes, but that a character outside the
 * basic plane (lead byte F0 and above) stands, as surrogates, in front of U+E000 to U+FFFF (lead bytes EE and
 * EF). */
static int compare_pairs(const void *left, const void *right)
{
    const pair *a = left, *b = right;
    size_t common = a->length < b->length ? a->length : b->length;
    for (size_t i = 0; i < common; i++) {
        unsigned char x = (unsigned char)a->name[i], y = (unsigned char)b->name[i];
        if (x == y)
            continue;
        if (x >= 0xEE && y >= 0xEE && (x >= 0xF0) != (y >= 0xF0))
            return x >= 0xF0 ? -1 : 1;
        return x < y ? -1 : 1;
    }
    return a->length < b->length ? -1 : a->length > b->length;
}

static void write_object(cat_string *out, const json_t *json, json_style style, unsigned depth)
{
    size_t count = json_object_size(json), at = 0;
    cat_autofree pair *pairs = cat_malloc(count * sizeof *pairs);
    json_t *object = (json_t *)(uintptr_t)json;
    for (void *it = json_object_iter(object); it; it = json_object_iter_next(object, it))
        pairs[at++] =
            (pair){json_object_iter_key(it), json_object_iter_key_len(it), json_object_iter_value(it)};
    if (style == CANONICAL && count > 1)
        qsort(pairs, count, sizeof *pairs, compare_pairs);
    cat_string_append_char(out, '{');
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            cat_string_append_char(out, ',');
        new_line(out, style, depth + 1);
        cat_write_quoted(out, pairs[i].name, pairs[i].length);
        cat_string_append_bytes(out, ": ", style == PRETTY ? 2 : 1);
        write_value(out, pairs[i].value, style, depth + 1);
    }
    if (count > 0)
        new_line(out, style, depth);
    cat_string_append_char(out, '}');
}

static void write_value(cat_string *out, const json_t *json, json_style style, unsigned depth)
{
    switch (json ? json_typeof(json) : JSON_NULL) {
    case JSON_OBJECT:
        write_object(out, json, style, depth);
        break;
    case JSON_ARRAY:
        write_array(out, json, style, depth);
        break;
    case JSON_STRING:
        cat_write_quoted(out, json_string_value(json), json_string_length(json));
        break;
    case JSON_INTEGER:
        write_integer(out, json_integer_value(json), style);
        break;
    case JSON_REAL:
        if (style == CANONICAL)
            write_ecmascript_number(out, json_real_value(json));
        else
            write_real(out, json_real_value(json));
        break;
    case JSON_TRUE:
        cat_string_append(out, "true");
        break;
    case JSON_FALSE:
        cat_string_append(out, "false");
        break;
    case JSON_NULL:
        cat_string_append(out, "null");
        break;
    }
}

static char *format(const json_t *json, json_style style)
{
    cat_auto(cat_string) out = CAT_STRING(TEXT_MAX_BYTES);
    write_value(&out, json, style, 0);
    if (style == PRETTY)
        cat_string_append_char(&out, '\n');
    if (out.overflowed) {
        fprintf(stderr, "catalyst: a JSON text is larger than %zu bytes\n", TEXT_MAX_BYTES);
        abort();
    }
    return cat_string_take(&out);
}

char *cat_json_format(const json_t *json)
{
    return format(json, COMPACT);
}

char *cat_json_format_pretty(const json_t *json)
{
    return format(json, PRETTY);
}

char *cat_json_canonical(const json_t *json)
{
    return format(json, CANONICAL);
}

void cat_json_digest(const json_t *json, char hex[65])
{
    cat_autofree char *canonical = cat_json_canonical(json);
    cat_sha256_hex(canonical, strlen(canonical), hex);
}
