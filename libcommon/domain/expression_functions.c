#include "domain/expression_functions.h"

#include <ctype.h>
#include <string.h>

#include "base/encoding.h"
#include "base/memory.h"
#include "wire/digest.h"

static bool are_texts(json_t *const *arguments, unsigned count, const char **problem)
{
    for (unsigned i = 0; i < count; i++)
        if (!json_is_string(arguments[i])) {
            *problem = json_is_null(arguments[i]) ? "needs text, but got null" : "needs text";
            return false;
        }
    return true;
}

static json_t *call_default(json_t *const *arguments, const char **problem)
{
    (void)problem;
    bool empty = json_is_null(arguments[0]) || (json_is_string(arguments[0]) && json_string_length(arguments[0]) == 0);
    return json_incref(arguments[empty ? 1 : 0]);
}

static json_t *change_case(json_t *const *arguments, const char **problem, int (*change)(int))
{
    if (!are_texts(arguments, 1, problem))
        return NULL;
    cat_autofree char *text = cat_strdup(json_string_value(arguments[0]));
    for (char *at = text; *at; at++)
        *at = (char)((unsigned char)*at < 0x80 ? change((unsigned char)*at) : *at);
    return json_string(text);
}

static json_t *call_lower(json_t *const *arguments, const char **problem)
{
    return change_case(arguments, problem, tolower);
}

static json_t *call_upper(json_t *const *arguments, const char **problem)
{
    return change_case(arguments, problem, toupper);
}

static json_t *call_trim(json_t *const *arguments, const char **problem)
{
    if (!are_texts(arguments, 1, problem))
        return NULL;
    const char *text = json_string_value(arguments[0]);
    text += strspn(text, " \t\r\n");
    size_t length = strlen(text);
    while (length && strchr(" \t\r\n", text[length - 1]))
        length--;
    return json_stringn(text, length);
}

static json_t *result_text(cat_string *text, const char **problem)
{
    if (text->overflowed) {
        *problem = "makes a text that is too long";
        return NULL;
    }
    return json_string(cat_string_get(text));
}

static json_t *call_replace(json_t *const *arguments, const char **problem)
{
    if (!are_texts(arguments, 3, problem))
        return NULL;
    const char *text = json_string_value(arguments[0]), *from = json_string_value(arguments[1]),
               *to = json_string_value(arguments[2]);
    if (!*from) {
        *problem = "cannot replace an empty text";
        return NULL;
    }
    cat_auto(cat_string) out = CAT_STRING(CAT_EXPRESSION_MAX_RESULT_BYTES);
    for (const char *found; (found = strstr(text, from)); text = found + strlen(from)) {
        cat_string_append_bytes(&out, text, (size_t)(found - text));
        cat_string_append(&out, to);
    }
    cat_string_append(&out, text);
    return result_text(&out, problem);
}

static json_t *call_join(json_t *const *arguments, const char **problem)
{
    if (!json_is_array(arguments[0]) || !json_is_string(arguments[1])) {
        *problem = "needs a list and a text to put between";
        return NULL;
    }
    cat_auto(cat_string) out = CAT_STRING(CAT_EXPRESSION_MAX_RESULT_BYTES);
    size_t index;
    json_t *item;
    json_array_foreach(arguments[0], index, item)
    {
        cat_string_append(&out, index ? json_string_value(arguments[1]) : "");
        cat_autofree char *shown = json_is_string(item) || json_is_object(item) || json_is_array(item) || json_is_null(item)
                                       ? NULL
                                       : cat_json_format(item);
        if (!shown && !json_is_string(item)) {
            *problem = "can join texts, numbers, true and false alone";
            return NULL;
        }
        cat_string_append(&out, shown ? shown : json_string_value(item));
    }
    return result_text(&out, problem);
}

static json_t *call_len(json_t *const *arguments, const char **problem)
{
    const json_t *value = arguments[0];
    if (json_is_array(value))
        return json_integer((json_int_t)json_array_size(value));
    if (json_is_object(value))
        return json_integer((json_int_t)json_object_size(value));
    if (!json_is_string(value)) {
        *problem = "needs text, a list or a group of fields";
        return NULL;
    }
    json_int_t count = 0;
    for (const char *at = json_string_value(value); *at; at++)
        count += ((unsigned char)*at & 0xc0) != 0x80;
    return json_integer(count);
}

static json_t *call_has_prefix(json_t *const *arguments, const char **problem)
{
    if (!are_texts(arguments, 2, problem))
        return NULL;
    return json_boolean(cat_text_starts_with(json_string_value(arguments[0]), json_string_value(arguments[1])));
}

static json_t *call_has_suffix(json_t *const *arguments, const char **problem)
{
    if (!are_texts(arguments, 2, problem))
        return NULL;
    return json_boolean(cat_text_ends_with(json_string_value(arguments[0]), json_string_value(arguments[1])));
}

static json_t *call_b64enc(json_t *const *arguments, const char **problem)
{
    if (!are_texts(arguments, 1, problem))
        return NULL;
    size_t length = json_string_length(arguments[0]);
    if (length > CAT_EXPRESSION_MAX_RESULT_BYTES / 2) {
        *problem = "makes a text that is too long";
        return NULL;
    }
    cat_autofree char *encoded = cat_base64_encode(json_string_value(arguments[0]), length);
    return json_string(encoded);
}

static json_t *call_sha256(json_t *const *arguments, const char **problem)
{
    if (!are_texts(arguments, 1, problem))
        return NULL;
    char hex[CAT_SHA256_HEX];
    cat_sha256_hex(json_string_value(arguments[0]), json_string_length(arguments[0]), hex);
    return json_string(hex);
}

static const cat_expression_function functions[] = {
    {"default", 2, call_default},      {"lower", 1, call_lower},   {"upper", 1, call_upper},  {"trim", 1, call_trim},
    {"replace", 3, call_replace},      {"join", 2, call_join},     {"len", 1, call_len},      {"hasPrefix", 2, call_has_prefix},
    {"hasSuffix", 2, call_has_suffix}, {"b64enc", 1, call_b64enc}, {"sha256", 1, call_sha256}};

const char CAT_EXPRESSION_FUNCTION_NAMES[] =
    "default, lower, upper, trim, replace, join, len, hasPrefix, hasSuffix, b64enc, sha256";

const cat_expression_function *cat_expression_function_find(const char *name, size_t length)
{
    for (size_t i = 0; i < sizeof(functions) / sizeof(*functions); i++)
        if (strlen(functions[i].name) == length && strncmp(functions[i].name, name, length) == 0)
            return &functions[i];
    return NULL;
}
