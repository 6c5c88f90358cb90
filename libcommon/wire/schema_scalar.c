#include <math.h>
#include <string.h>

#include "wire/schema_node.h"

/* 64 bits of mantissa hold every integer of a json_t, where the compiler has them. */
static long double number_of(const json_t *value)
{
    return json_is_integer(value) ? (long double)json_integer_value(value) : (long double)json_real_value(value);
}

unsigned schema_types_of(const json_t *instance)
{
    switch (json_typeof(instance)) {
    case JSON_OBJECT:
        return SCHEMA_OBJECT;
    case JSON_ARRAY:
        return SCHEMA_ARRAY;
    case JSON_STRING:
        return SCHEMA_STRING;
    case JSON_INTEGER:
        return SCHEMA_INTEGER | SCHEMA_NUMBER;
    case JSON_REAL:
        return SCHEMA_NUMBER | (json_real_value(instance) == floor(json_real_value(instance)) ? SCHEMA_INTEGER : 0);
    case JSON_NULL:
        return SCHEMA_NULL;
    default:
        return SCHEMA_BOOLEAN;
    }
}

const char *schema_type_words(unsigned type)
{
    static const struct {
        unsigned type;
        const char *words;
    } table[] = {{SCHEMA_INTEGER | SCHEMA_NUMBER, "a number"},
                 {SCHEMA_INTEGER, "a whole number"},
                 {SCHEMA_NUMBER, "a number"},
                 {SCHEMA_STRING, "text"},
                 {SCHEMA_BOOLEAN, "true or false"},
                 {SCHEMA_OBJECT, "a group of fields"},
                 {SCHEMA_ARRAY, "a list"},
                 {SCHEMA_NULL, "empty (null)"}};
    for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++)
        if (table[i].type == type)
            return table[i].words;
    for (size_t i = 1; i < sizeof(table) / sizeof(*table); i++)
        if (type & table[i].type)
            return table[i].words;
    return "anything";
}

bool schema_check_type(schema_run *run, const schema_node *node, const json_t *instance)
{
    unsigned is = schema_types_of(instance);
    if (!node->types || (node->types & is))
        return true;
    if (!run->errors)
        return false;
    cat_auto(cat_string) wanted = CAT_STRING(256);
    for (unsigned bit = 1; bit <= SCHEMA_INTEGER; bit <<= 1)
        if (node->types & bit)
            cat_string_appendf(&wanted, "%s%s", wanted.length ? " or " : "", schema_type_words(bit));
    /* To be told that 2.5 is a number helps nobody. */
    cat_autofree char *shown = json_is_real(instance) && (node->types & SCHEMA_INTEGER) ? cat_json_format(instance) : NULL;
    return schema_fail(run, "type", "This has to be %s, but it is %s", cat_string_get(&wanted),
                       shown ? shown : schema_type_words(is));
}

static bool equal_nested(schema_run *run, const json_t *a, const json_t *b, unsigned depth)
{
    if (!schema_spend(run) || depth > SCHEMA_MAX_NESTING)
        return false;
    if (json_is_number(a) && json_is_number(b))
        return number_of(a) == number_of(b);
    if (json_typeof(a) != json_typeof(b))
        return false;
    if (json_is_array(a)) {
        size_t count = json_array_size(a);
        for (size_t i = 0; count == json_array_size(b) && i < count; i++)
            if (!equal_nested(run, json_array_get(a, i), json_array_get(b, i), depth + 1))
                return false;
        return count == json_array_size(b);
    }
    if (json_is_object(a)) {
        if (json_object_size(a) != json_object_size(b))
            return false;
        const char *name;
        json_t *value;
        json_object_foreach((json_t *)a, name, value)
        {
            const json_t *other = json_object_get(b, name);
            if (!other || !equal_nested(run, value, other, depth + 1))
                return false;
        }
        return true;
    }
    return json_equal(a, b);
}

bool schema_equal(schema_run *run, const json_t *a, const json_t *b)
{
    return equal_nested(run, a, b, 0);
}

static void append_value(cat_string *text, const json_t *value)
{
    cat_autofree char *shown = json_is_string(value) ? cat_strdup(json_string_value(value)) : cat_json_format(value);
    cat_string_append(text, text->length ? ", " : "");
    cat_string_append(text, shown);
}

bool schema_check_values(schema_run *run, const schema_node *node, const json_t *instance)
{
    if (node->constant && !schema_equal(run, node->constant, instance)) {
        cat_auto(cat_string) wanted = CAT_STRING(200);
        if (run->errors)
            append_value(&wanted, node->constant);
        return schema_fail(run, "const", wanted.overflowed ? "This has to be one certain value" : "This has to be %s",
                           cat_string_get(&wanted));
    }
    if (!node->enumeration)
        return true;
    size_t index;
    json_t *value;
    json_array_foreach(node->enumeration, index, value) if (schema_equal(run, value, instance)) return true;
    cat_auto(cat_string) wanted = CAT_STRING(400);
    json_array_foreach(node->enumeration, index, value) if (run->errors && index < 20) append_value(&wanted, value);
    return schema_fail(run, "enum", "This has to be one of: %s%s", cat_string_get(&wanted),
                       wanted.overflowed || json_array_size(node->enumeration) > 20 ? "…" : "");
}

static bool fail_bound(schema_run *run, const char *keyword, const char *words, const json_t *bound)
{
    if (!run->errors)
        return false;
    cat_autofree char *text = cat_json_format(bound);
    return schema_fail(run, keyword, "This has to be %s %s", words, text);
}

bool schema_check_number(schema_run *run, const schema_node *node, const json_t *instance)
{
    long double number = number_of(instance);
    if (node->minimum && number < number_of(node->minimum))
        return fail_bound(run, "minimum", "at least", node->minimum);
    if (node->exclusive_minimum && number <= number_of(node->exclusive_minimum))
        return fail_bound(run, "exclusiveMinimum", "above", node->exclusive_minimum);
    if (node->maximum && number > number_of(node->maximum))
        return fail_bound(run, "maximum", "at most", node->maximum);
    if (node->exclusive_maximum && number >= number_of(node->exclusive_maximum))
        return fail_bound(run, "exclusiveMaximum", "below", node->exclusive_maximum);
    return !node->multiple_of || schema_is_multiple(instance, node->multiple_of) ||
           fail_bound(run, "multipleOf", "a multiple of", node->multiple_of);
}

static int64_t count_characters(const char *text, size_t length)
{
    int64_t count = 0;
    for (size_t i = 0; i < length; i++)
        count += ((unsigned char)text[i] & 0xc0) != 0x80;
    return count;
}

/* What the schema's author says of it, rather than the expression itself. */
static bool fail_pattern(schema_run *run, const schema_node *node)
{
    if (!run->errors)
        return false;
    const char *words = cat_json_text(node->source, "x-catalyst-form"), *description = cat_json_text(node->source, "description"),
               *title = cat_json_text(node->source, "title");
    const json_t *example = json_array_get(json_object_get(node->source, "examples"), 0);
    if (words)
        return schema_fail(run, "pattern", "This does not have the form that is asked for: %.300s", words);
    if (description)
        return schema_fail(run, "pattern", "This does not have the form that is asked for: %.300s", description);
    if (json_is_string(example))
        return schema_fail(run, "pattern", "This does not have the form that is asked for, which is such as %.200s",
                           json_string_value(example));
    if (title)
        return schema_fail(run, "pattern", "This is no %.200s of the form that is asked for", title);
    return schema_fail(run, "pattern", "This does not have the form that is asked for: %.200s", node->pattern_text);
}

static bool check_pattern(schema_run *run, const schema_node *node, const char *text, size_t length)
{
    return schema_pattern_match(run, node->pattern, text, length) || fail_pattern(run, node);
}

bool schema_check_string(schema_run *run, const schema_node *node, const json_t *instance)
{
    const char *text = json_string_value(instance);
    size_t length = json_string_length(instance);
    bool holds = true;
    if (node->min_length > 0 || node->max_length >= 0) {
        long long count = count_characters(text, length);
        if (node->min_length > count)
            holds = count == 0 ? schema_fail(run, "minLength", "This may not be empty")
                               : schema_fail(run, "minLength", "This has to be at least %lld characters long, but it is %lld",
                                             (long long)node->min_length, count);
        if (node->max_length >= 0 && node->max_length < count)
            holds = schema_fail(run, "maxLength", "This may be at most %lld characters long, but it is %lld",
                                (long long)node->max_length, count);
    }
    if (node->pattern && (holds || run->errors))
        holds = check_pattern(run, node, text, length) && holds;
    const char *what;
    if (node->format && run->schema->asserts_formats && (holds || run->errors) &&
        !schema_format_holds(node->format, text, length, &what))
        holds = schema_fail(run, "format", "This has to be %s", what);
    return holds;
}
