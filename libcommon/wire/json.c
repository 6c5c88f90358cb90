#include "wire/json.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "wire/json_internal.h"

const cat_json_caps CAT_JSON_CAPS = {.max_bytes = 1024 * 1024, .max_depth = 64};

/* With this, no constructor of jansson's ever fails for want of memory. */
__attribute__((constructor)) static void abort_without_memory(void)
{
    json_set_alloc_funcs(cat_malloc, free);
}

/* jansson's own limit is a constant of its build and counts in thousands; ours is the caller's. Bytes inside
 * strings do not count. Whether the text is JSON is for the parser to say. */
static bool is_deeper_than(const char *text, size_t length, unsigned max_depth)
{
    unsigned depth = 0;
    bool in_string = false;
    for (size_t i = 0; i < length; i++) {
        char c = text[i];
        if (in_string) {
            if (c == '\\')
                i++;
            else if (c == '"')
                in_string = false;
        } else if (c == '"') {
            in_string = true;
        } else if (c == '{' || c == '[') {
            if (++depth > max_depth)
                return true;
        } else if ((c == '}' || c == ']') && depth > 0) {
            depth--;
        }
    }
    return false;
}

/* JSON has no zero byte anywhere; jansson takes one behind a value for the end. */
static int refuse_zero_byte(const char *text, const char *zero, cat_error *error)
{
    size_t line = 1, column = 1;
    for (; text < zero; text++, column++)
        if (*text == '\n') {
            line++;
            column = 0;
        }
    return cat_error_set(error, CAT_E_INVALID, "line %zu, column %zu: a zero byte", line, column);
}

/* In our words: the parser's are for who calls it. */
static const char *words_of(const json_error_t *problem)
{
    switch (json_error_code(problem)) {
    case json_error_premature_end_of_input:
        return "the text ends too early";
    case json_error_end_of_input_expected:
        return "something stands after the end";
    case json_error_invalid_utf8:
        return "the text is not UTF-8";
    case json_error_null_character:
    case json_error_null_byte_in_key:
        return "a text holds a zero character (\\u0000), which no text here may hold";
    case json_error_duplicate_key:
        return "a name stands twice in one group";
    case json_error_numeric_overflow:
        return "a number is too large to be kept as it is: write it as text, in quotes";
    case json_error_stack_overflow:
        return "it is nested too deep";
    default:
        return "this is no JSON; look for a comma, a colon, a quote or a bracket that is missing or too many";
    }
}

int cat_json_parse(const char *text, size_t length, const cat_json_caps *caps, json_t **json, cat_error *error)
{
    if (length > caps->max_bytes)
        return cat_error_set(error, CAT_E_TOO_LARGE, "the JSON text has %zu bytes, at most %zu are allowed", length,
                             caps->max_bytes);
    if (is_deeper_than(text, length, caps->max_depth))
        return cat_error_set(error, CAT_E_TOO_LARGE, "the JSON text is nested deeper than %u levels", caps->max_depth);
    const char *zero = length ? memchr(text, '\0', length) : NULL;
    if (zero)
        return refuse_zero_byte(text, zero, error);
    json_error_t problem;
    json_t *parsed = json_loadb(length ? text : "", length, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &problem);
    if (!parsed)
        return cat_error_set(error, CAT_E_INVALID, "line %d, column %d: %s", problem.line, problem.column, words_of(&problem));
    *json = parsed;
    return 0;
}

static json_t *member(const json_t *json, cat_slice name)
{
    if (json_is_object(json))
        return json_object_getn(json, name.data, name.length);
    size_t index;
    if (json_is_array(json) && cat_path_index(name, &index))
        return json_array_get(json, index);
    return NULL;
}

json_t *cat_json_get(const json_t *json, const char *path)
{
    cat_slice name;
    while (json && cat_path_next(&path, &name))
        json = member(json, name);
    return (json_t *)(uintptr_t)json;
}

json_t *cat_json_at(const json_t *json, const char *const names[], size_t count)
{
    for (size_t i = 0; json && i < count; i++)
        json = member(json, cat_slice_of(names[i]));
    return (json_t *)(uintptr_t)json;
}

const char *cat_json_text(const json_t *json, const char *path)
{
    return json_string_value(cat_json_get(json, path));
}

const char *cat_json_text_or(const json_t *json, const char *path, const char *fallback)
{
    const char *text = cat_json_text(json, path);
    return text ? text : fallback;
}

int64_t cat_json_int_or(const json_t *json, const char *path, int64_t fallback)
{
    const json_t *found = cat_json_get(json, path);
    return json_is_integer(found) ? (int64_t)json_integer_value(found) : fallback;
}

bool cat_json_bool_or(const json_t *json, const char *path, bool fallback)
{
    const json_t *found = cat_json_get(json, path);
    return json_is_boolean(found) ? json_is_true(found) : fallback;
}

void cat_json_set(json_t *json, const char *path, json_t *value)
{
    if (!value)
        return;
    cat_slice name;
    while (json_is_object(json) && cat_path_next(&path, &name)) {
        if (!path) {
            json_object_setn_new(json, name.data, name.length, value);
            return;
        }
        json_t *next = json_object_getn(json, name.data, name.length);
        if (!json_is_object(next)) {
            next = json_object();
            json_object_setn_new(json, name.data, name.length, next);
        }
        json = next;
    }
    json_decref(value);
}

void cat_json_set_text(json_t *json, const char *path, const char *text)
{
    cat_json_set(json, path, text ? json_string(text) : NULL);
}

void cat_json_set_int(json_t *json, const char *path, int64_t number)
{
    cat_json_set(json, path, json_integer(number));
}

void cat_json_set_bool(json_t *json, const char *path, bool truth)
{
    cat_json_set(json, path, json_boolean(truth));
}

json_t *cat_json_object(const char *name, ...)
{
    json_t *object = json_object();
    va_list arguments;
    va_start(arguments, name);
    for (; name; name = va_arg(arguments, const char *)) {
        json_t *value = va_arg(arguments, json_t *);
        if (value)
            json_object_set_new(object, name, value);
    }
    va_end(arguments);
    return object;
}

json_t *cat_json_strings(const cat_strings *strings)
{
    json_t *array = json_array();
    for (size_t i = 0; i < strings->count; i++)
        json_array_append_new(array, json_string(strings->items[i]));
    return array;
}

bool cat_json_is_text_in(const json_t *array, const char *text)
{
    for (size_t i = 0; text && i < json_array_size(array); i++)
        if (cat_text_equal(json_string_value(json_array_get(array, i)), text))
            return true;
    return false;
}
