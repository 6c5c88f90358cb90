#include "domain/expression.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "domain/expression_functions.h"

#define MAX_DEPTH 32
#define MAX_STEPS 2000
#define MAX_WALK_DEPTH 64

/* Reads and evaluates in one go. `skipping` is the side of && or || that does not count, or a mere check of the form. */
typedef struct {
    const char *text, *at;
    const json_t *scope;
    const char *where;
    cat_strings *paths;
    char *last_path; /* of the operand read last, for messages */
    unsigned depth, steps, skipping;
    bool checking;
    cat_error *error;
} reader;

static void reader_cleanup(reader *r)
{
    free(r->last_path);
}

static int wrong(const reader *r, const char *at, const char *format, ...) __attribute__((format(printf, 3, 4)));
static int wrong(const reader *r, const char *at, const char *format, ...)
{
    size_t column = 1;
    for (const char *c = r->text; c < at; c++)
        column += ((unsigned char)*c & 0xc0) != 0x80;
    char reason[300];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(reason, sizeof(reason), format, arguments);
    va_end(arguments);
    return cat_error_set(r->error, CAT_E_INVALID, "%s, column %zu: %s", r->where, column, reason);
}

static bool idle(const reader *r)
{
    return r->checking || r->skipping > 0;
}

static void skip_blanks(reader *r)
{
    r->at += strspn(r->at, " \t\r\n");
}

static bool accept(reader *r, const char *token)
{
    skip_blanks(r);
    size_t length = strlen(token);
    if (strncmp(r->at, token, length) != 0)
        return false;
    r->at += length;
    return true;
}

static bool is_word_char(char c)
{
    return isalnum((unsigned char)c) || c == '_' || c == '-';
}

static bool accept_word(reader *r, const char *word)
{
    skip_blanks(r);
    size_t length = strlen(word);
    if (strncmp(r->at, word, length) != 0 || is_word_char(r->at[length]))
        return false;
    r->at += length;
    return true;
}

static int read_or(reader *r, json_t **value);

static int read_text(reader *r, json_t **value)
{
    const char *start = r->at;
    char quote = *r->at++;
    cat_auto(cat_string) text = CAT_STRING(CAT_EXPRESSION_MAX_BYTES);
    for (; *r->at && *r->at != quote; r->at++) {
        char c = *r->at;
        if (c == '\\') {
            c = *++r->at;
            if (c != quote && c != '\\' && c != 'n' && c != 't')
                return wrong(r, r->at, "only \\\\, \\n, \\t and the quote may follow a backslash");
            c = c == 'n' ? '\n' : c == 't' ? '\t' : c;
        }
        cat_string_append_char(&text, c);
    }
    if (!*r->at)
        return wrong(r, start, "the text has no closing quote");
    r->at++;
    *value = json_string(cat_string_get(&text));
    return 0;
}

static int read_number(reader *r, json_t **value)
{
    const char *start = r->at;
    size_t length = *start == '-';
    length += strspn(start + length, "0123456789");
    if (start[length] == '.' && isdigit((unsigned char)start[length + 1]))
        length += 1 + strspn(start + length + 1, "0123456789");
    cat_autofree char *digits = cat_strndup(start, length);
    cat_autojson json_t *number = NULL;
    const cat_json_caps caps = {64, 1};
    if (is_word_char(start[length]) || cat_json_parse(digits, length, &caps, &number, NULL) < 0)
        return wrong(r, start, "this is no number");
    r->at += length;
    *value = cat_take(number);
    return 0;
}

static const json_t *step_into(const json_t *value, const char *name)
{
    if (!json_is_array(value))
        return json_object_get(value, name);
    long long index;
    return cat_text_to_int64(name, 0, 1000000, &index) ? json_array_get(value, (size_t)index) : NULL;
}

static int read_path(reader *r, json_t **value)
{
    const char *start = r->at;
    const json_t *found = r->scope;
    while (*r->at == '.') {
        const char *name = ++r->at;
        while (is_word_char(*r->at))
            r->at++;
        if (r->at == name || r->at - name > 200)
            return wrong(r, name, "a name has to follow the dot");
        cat_autofree char *part = cat_strndup(name, (size_t)(r->at - name));
        found = step_into(found, part);
    }
    free(r->last_path);
    r->last_path = cat_strndup(start, (size_t)(r->at - start));
    if (r->paths && !cat_strings_has(r->paths, r->last_path))
        cat_strings_add(r->paths, r->last_path);
    *value = found && !idle(r) ? json_incref((json_t *)found) : json_null();
    return 0;
}

typedef struct {
    json_t *values[CAT_EXPRESSION_MAX_ARGUMENTS];
    unsigned count;
} arguments;

static void arguments_cleanup(arguments *list)
{
    for (unsigned i = 0; i < list->count; i++)
        json_decref(list->values[i]);
}

static int read_call(reader *r, json_t **value)
{
    const char *start = r->at;
    while (is_word_char(*r->at))
        r->at++;
    size_t length = (size_t)(r->at - start);
    const cat_expression_function *function = cat_expression_function_find(start, length);
    if (!accept(r, "("))
        return wrong(r, start, "%.*s is not known; a path begins with a dot, a text has quotes", (int)(length > 60 ? 60 : length),
                     start);
    if (!function)
        return wrong(r, start, "there is no function %.*s; there are %s", (int)(length > 60 ? 60 : length), start,
                     CAT_EXPRESSION_FUNCTION_NAMES);
    cat_auto(arguments) list = {0};
    while (!accept(r, ")")) {
        if (list.count == function->arguments || (list.count && !accept(r, ",")))
            return wrong(r, r->at, "%s() takes %u argument%s", function->name, function->arguments,
                         function->arguments == 1 ? "" : "s");
        int code = read_or(r, &list.values[list.count]);
        if (code < 0)
            return code;
        list.count++;
    }
    if (list.count != function->arguments)
        return wrong(r, r->at, "%s() takes %u argument%s", function->name, function->arguments,
                     function->arguments == 1 ? "" : "s");
    if (idle(r)) {
        *value = json_null();
        return 0;
    }
    const char *problem = "cannot work with this";
    json_t *result = function->call(list.values, &problem);
    if (!result)
        return wrong(r, start, "%s() %s", function->name, problem);
    *value = result;
    return 0;
}

static int read_primary(reader *r, json_t **value)
{
    skip_blanks(r);
    free(cat_take(r->last_path));
    if (accept(r, "(")) {
        int code = read_or(r, value);
        if (code == 0 && !accept(r, ")")) {
            json_decref(*value);
            *value = NULL;
            return wrong(r, r->at, "a closing parenthesis is missing");
        }
        return code;
    }
    if (*r->at == '"' || *r->at == '\'')
        return read_text(r, value);
    if (*r->at == '.')
        return read_path(r, value);
    if (isdigit((unsigned char)*r->at) || (*r->at == '-' && isdigit((unsigned char)r->at[1])))
        return read_number(r, value);
    static const struct {
        const char *word;
        json_t *(*make)(void);
    } words[] = {{"true", json_true}, {"false", json_false}, {"null", json_null}};
    for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
        if (accept_word(r, words[i].word)) {
            *value = words[i].make();
            return 0;
        }
    if (isalpha((unsigned char)*r->at))
        return read_call(r, value);
    return wrong(r, r->at, *r->at == 0 || strncmp(r->at, "}}", 2) == 0 ? "a value is missing here" : "this is no value");
}

static const char *kind_of(const json_t *value)
{
    switch (json_typeof(value)) {
    case JSON_NULL:
        return "null";
    case JSON_STRING:
        return "text";
    case JSON_OBJECT:
        return "a group of fields";
    case JSON_ARRAY:
        return "a list";
    case JSON_INTEGER:
    case JSON_REAL:
        return "a number";
    default:
        return "true or false";
    }
}

static int need_boolean(const reader *r, const char *at, const json_t *value)
{
    if (idle(r) || json_is_boolean(value))
        return 0;
    return wrong(r, at, "%s has to be true or false, but is %s", r->last_path ? r->last_path : "this", kind_of(value));
}

static int read_unary(reader *r, json_t **value)
{
    skip_blanks(r);
    const char *start = r->at;
    if (r->depth >= MAX_DEPTH || r->steps++ >= MAX_STEPS)
        return wrong(r, r->at, "the expression is too involved");
    if (r->at[0] != '!' || r->at[1] == '=')
        return read_primary(r, value);
    r->at++;
    r->depth++;
    cat_autojson json_t *operand = NULL;
    int code = read_unary(r, &operand);
    r->depth--;
    if (code == 0)
        code = need_boolean(r, start, operand);
    if (code == 0)
        *value = json_boolean(!json_is_true(operand));
    return code;
}

static bool equal(const json_t *a, const json_t *b)
{
    return json_is_number(a) && json_is_number(b) ? json_number_value(a) == json_number_value(b) : json_equal(a, b);
}

typedef enum { EQUAL, DIFFERENT, LESS_EQUAL, GREATER_EQUAL, LESS, GREATER, IN } comparison;

static bool accept_comparison(reader *r, comparison *op)
{
    static const struct {
        const char *text;
        comparison op;
    } table[] = {{"==", EQUAL}, {"!=", DIFFERENT}, {"<=", LESS_EQUAL}, {">=", GREATER_EQUAL}, {"<", LESS}, {">", GREATER}};
    for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++)
        if (accept(r, table[i].text)) {
            *op = table[i].op;
            return true;
        }
    *op = IN;
    return accept_word(r, "in");
}

static int is_in(const reader *r, const char *at, const json_t *needle, const json_t *hay, bool *result)
{
    *result = false;
    if (json_is_array(hay)) {
        for (size_t i = 0; !*result && i < json_array_size(hay); i++)
            *result = equal(needle, json_array_get(hay, i));
        return 0;
    }
    if (!json_is_string(needle) || (!json_is_string(hay) && !json_is_object(hay)))
        return wrong(r, at,
                     "what stands behind `in` has to be a list, or with a text in front a text or a group of fields; it is %s",
                     kind_of(hay));
    *result = json_is_object(hay) ? json_object_get(hay, json_string_value(needle)) != NULL
                                  : strstr(json_string_value(hay), json_string_value(needle)) != NULL;
    return 0;
}

static int compare(const reader *r, const char *at, comparison op, const json_t *a, const json_t *b, bool *result)
{
    if (op == EQUAL || op == DIFFERENT) {
        *result = equal(a, b) == (op == EQUAL);
        return 0;
    }
    if (op == IN)
        return is_in(r, at, a, b, result);
    int order;
    if (json_is_number(a) && json_is_number(b))
        order = json_number_value(a) < json_number_value(b) ? -1 : json_number_value(a) > json_number_value(b);
    else if (json_is_string(a) && json_is_string(b))
        order = strcmp(json_string_value(a), json_string_value(b));
    else
        return wrong(r, at, "%s and %s have no order; two numbers or two texts have", kind_of(a), kind_of(b));
    *result = op == LESS ? order < 0 : op == LESS_EQUAL ? order <= 0 : op == GREATER ? order > 0 : order >= 0;
    return 0;
}

static int read_comparison(reader *r, json_t **value)
{
    cat_autojson json_t *left = NULL, *right = NULL;
    int code = read_unary(r, &left);
    if (code < 0)
        return code;
    skip_blanks(r);
    const char *at = r->at;
    comparison op;
    if (!accept_comparison(r, &op)) {
        *value = cat_take(left);
        return 0;
    }
    code = read_unary(r, &right);
    bool result = false;
    if (code == 0 && !idle(r))
        code = compare(r, at, op, left, right, &result);
    free(cat_take(r->last_path));
    if (code == 0)
        *value = json_boolean(result);
    return code;
}

/* A chain of && or ||: what comes after the side that decides is read, but does not count. */
static int read_chain(reader *r, const char *token, bool decides, int (*read_side)(reader *, json_t **), json_t **value)
{
    const char *start = r->at;
    cat_autojson json_t *left = NULL;
    int code = read_side(r, &left);
    if (code < 0)
        return code;
    bool chained = false, decided = false;
    for (;;) {
        if (!accept(r, token))
            break;
        code = chained ? 0 : need_boolean(r, start, left);
        chained = true;
        decided = decided || (!idle(r) && json_is_true(left) == decides);
        r->skipping += decided;
        skip_blanks(r);
        const char *side = r->at;
        cat_autojson json_t *right = NULL;
        code = code < 0 ? code : read_side(r, &right);
        if (code == 0)
            code = need_boolean(r, side, right);
        r->skipping -= decided;
        if (code < 0)
            return code;
        if (!decided) {
            json_decref(left);
            left = cat_take(right);
        }
    }
    *value = cat_take(left);
    return 0;
}

static int read_and(reader *r, json_t **value)
{
    return read_chain(r, "&&", false, read_comparison, value);
}

static int read_or(reader *r, json_t **value)
{
    if (r->depth >= MAX_DEPTH)
        return wrong(r, r->at, "the expression is too involved");
    r->depth++;
    int code = read_chain(r, "||", true, read_and, value);
    r->depth--;
    return code;
}

/* From behind `{{` to behind `}}`. */
static int read_braces(reader *r, json_t **value)
{
    cat_autojson json_t *found = NULL;
    int code = read_or(r, &found);
    if (code < 0)
        return code;
    if (!accept(r, "}}"))
        return wrong(r, r->at, *r->at ? "this does not belong here" : "the closing }} is missing");
    *value = cat_take(found);
    return 0;
}

static int append_part(const reader *r, const char *start, const json_t *value, cat_string *out)
{
    if (json_is_null(value))
        return wrong(r, start, "%s is null, which cannot be put into a text; default() gives it a value",
                     r->last_path ? r->last_path : "the expression");
    if (json_is_object(value) || json_is_array(value))
        return wrong(r, start, "%s cannot be put into a text", kind_of(value));
    if (json_is_string(value)) {
        cat_string_append(out, json_string_value(value));
        return 0;
    }
    cat_autofree char *shown = cat_json_format(value);
    cat_string_append(out, shown);
    return 0;
}

static int evaluate_parts(reader *r, json_t **result)
{
    cat_auto(cat_string) out = CAT_STRING(CAT_EXPRESSION_MAX_RESULT_BYTES);
    while (*r->at) {
        const char *open = strstr(r->at, "{{");
        cat_string_append_bytes(&out, r->at, open ? (size_t)(open - r->at) : strlen(r->at));
        if (!open)
            break;
        r->at = open + 2;
        cat_autojson json_t *value = NULL;
        int code = read_braces(r, &value);
        if (code < 0)
            return code;
        if (open == r->text && !*r->at) { /* the whole text: the type stays */
            *result = cat_take(value);
            return 0;
        }
        code = idle(r) ? 0 : append_part(r, open, value, &out);
        if (code < 0)
            return code;
    }
    if (out.overflowed)
        return cat_error_set(r->error, CAT_E_TOO_LARGE, "%s: the result is longer than %d bytes", r->where,
                             CAT_EXPRESSION_MAX_RESULT_BYTES);
    *result = json_string(cat_string_get(&out));
    return 0;
}

static int check_text(const char *text, const char *where, cat_error *error)
{
    if (!cat_text_is_utf8(text, strlen(text)))
        return cat_error_set(error, CAT_E_INVALID, "%s: the text is not UTF-8", where);
    size_t length = strnlen(text, CAT_EXPRESSION_MAX_BYTES + 1);
    if (length > CAT_EXPRESSION_MAX_BYTES && strstr(text, "{{"))
        return cat_error_set(error, CAT_E_TOO_LARGE, "%s: a text with expressions may be at most %d bytes long", where,
                             CAT_EXPRESSION_MAX_BYTES);
    return 0;
}

int cat_expression_evaluate(const char *text, const json_t *scope, const char *where, json_t **result, cat_error *error)
{
    int code = check_text(text, where, error);
    if (code < 0)
        return code;
    if (!strstr(text, "{{")) { /* the commonest case: nothing to do, whatever its length */
        *result = json_string(text);
        return 0;
    }
    cat_auto(reader) r = {.text = text, .at = text, .scope = scope, .where = where, .error = error};
    cat_autojson json_t *found = NULL;
    code = evaluate_parts(&r, &found);
    if (code < 0)
        return code;
    /* A borrowed part of the scope must not be changed through the result. */
    *result = json_is_object(found) || json_is_array(found) ? json_deep_copy(found) : json_incref(found);
    return 0;
}

static int evaluate_nested(const json_t *value, const json_t *scope, const char *where, unsigned depth, json_t **result,
                           cat_error *error);

static int evaluate_members(json_t *value, const json_t *scope, const char *where, unsigned depth, json_t *out, cat_error *error)
{
    const char *name;
    json_t *item;
    json_object_foreach(value, name, item)
    {
        cat_autofree char *inner = cat_printf("%.400s.%.100s", where, name);
        json_t *made = NULL;
        int code = evaluate_nested(item, scope, inner, depth + 1, &made, error);
        if (code < 0)
            return code;
        json_object_set_new(out, name, made);
    }
    size_t index;
    json_array_foreach(value, index, item)
    {
        cat_autofree char *inner = cat_printf("%.400s[%zu]", where, index);
        json_t *made = NULL;
        int code = evaluate_nested(item, scope, inner, depth + 1, &made, error);
        if (code < 0)
            return code;
        json_array_append_new(out, made);
    }
    return 0;
}

static int evaluate_nested(const json_t *value, const json_t *scope, const char *where, unsigned depth, json_t **result,
                           cat_error *error)
{
    if (depth > MAX_WALK_DEPTH)
        return cat_error_set(error, CAT_E_TOO_LARGE, "%.300s is nested more than %d deep", where, MAX_WALK_DEPTH);
    if (json_is_string(value))
        return cat_expression_evaluate(json_string_value(value), scope, where, result, error);
    if (!json_is_object(value) && !json_is_array(value)) {
        *result = json_incref((json_t *)value);
        return 0;
    }
    cat_autojson json_t *out = json_is_object(value) ? json_object() : json_array();
    int code = evaluate_members((json_t *)value, scope, where, depth, out, error);
    if (code == 0)
        *result = cat_take(out);
    return code;
}

int cat_expression_evaluate_all(const json_t *value, const json_t *scope, const char *where, json_t **result, cat_error *error)
{
    return evaluate_nested(value, scope, where, 0, result, error);
}

int cat_expression_condition(const char *text, const json_t *scope, const char *where, bool *holds, cat_error *error)
{
    if (!text || !text[strspn(text, " \t\r\n")]) {
        *holds = true;
        return 0;
    }
    cat_autofree char *trimmed = cat_strdup(text + strspn(text, " \t\r\n"));
    for (size_t length = strlen(trimmed); length && strchr(" \t\r\n", trimmed[length - 1]);)
        trimmed[--length] = 0;
    cat_autojson json_t *value = NULL;
    int code = cat_expression_evaluate(trimmed, scope, where, &value, error);
    if (code < 0)
        return code;
    if (!json_is_boolean(value))
        return cat_error_set(error, CAT_E_INVALID, "%s: the condition has to be true or false in {{ }}, but is %s", where,
                             kind_of(value));
    *holds = json_is_true(value);
    return 0;
}

int cat_expression_check(const char *text, const char *where, cat_strings *paths, cat_error *error)
{
    int code = check_text(text, where, error);
    if (code < 0 || !strstr(text, "{{"))
        return code;
    cat_auto(reader) r = {.text = text, .at = text, .where = where, .paths = paths, .checking = true, .error = error};
    cat_autojson json_t *ignored = NULL;
    return evaluate_parts(&r, &ignored);
}
