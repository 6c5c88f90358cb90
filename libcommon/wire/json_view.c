/* Views over yyjson. A cat_document is yyjson's document under another name, a cat_view one of its values. */
#include <stdlib.h>
#include <string.h>
#include <yyjson.h>

#include "base/memory.h"
#include "wire/json.h"
#include "wire/json_internal.h"

static yyjson_doc *doc_of(const cat_document *document)
{
    return (yyjson_doc *)(uintptr_t)document;
}

static yyjson_val *value_of(cat_view view)
{
    return view.value;
}

/* yyjson parses without recursion, so depth is looked at afterwards: values stand in one array in reading
 * order, and each container knows where it ends. */
static bool is_deeper_than(yyjson_doc *doc, unsigned max_depth)
{
    if (yyjson_doc_get_val_count(doc) <= max_depth)
        return false;
    yyjson_val *at = yyjson_doc_get_root(doc), *end = at + yyjson_doc_get_val_count(doc);
    cat_autofree yyjson_val **ends = cat_malloc((max_depth + 1) * sizeof *ends);
    unsigned depth = 0;
    for (; at < end; at++) {
        while (depth > 0 && at >= ends[depth - 1])
            depth--;
        if (!yyjson_is_ctn(at))
            continue;
        if (depth == max_depth)
            return true;
        ends[depth++] = unsafe_yyjson_get_next(at);
    }
    return false;
}

/* A text with a zero byte inside would be cut by everybody who reads it as C text: such documents are
 * refused. */
static bool has_zero_in_text(yyjson_doc *doc, const char *text, size_t length)
{
    if (!memchr(text, '\\', length) || !memmem(text, length, "\\u0000", 6)) /* nearly always the first, which is fast */
        return false;
    yyjson_val *at = yyjson_doc_get_root(doc), *end = at + yyjson_doc_get_val_count(doc);
    for (; at < end; at++)
        if (yyjson_is_str(at) && memchr(unsafe_yyjson_get_str(at), '\0', unsafe_yyjson_get_len(at)))
            return true;
    return false;
}

/* yyjson's reasons in our words, as in json.c. */
static const char *reason(yyjson_read_code code)
{
    switch (code) {
    case YYJSON_READ_ERROR_UNEXPECTED_END:
        return "the text ends in the middle of a value";
    case YYJSON_READ_ERROR_UNEXPECTED_CONTENT:
        return "something stands behind the end of the value";
    case YYJSON_READ_ERROR_INVALID_STRING:
        return "the text is not UTF-8, or an escape in it is wrong";
    case YYJSON_READ_ERROR_INVALID_NUMBER:
        return "the number is wrong or too large";
    default:
        return "this is not JSON";
    }
}

static int read_failed(const char *text, size_t length, const yyjson_read_err *problem, cat_error *error)
{
    if (problem->code == YYJSON_READ_ERROR_MEMORY_ALLOCATION)
        abort();
    size_t line = 1, column = 1, character;
    yyjson_locate_pos(text, length, problem->pos, &line, &column, &character);
    return cat_error_set(error, CAT_E_INVALID, "line %zu, column %zu: %s", line, column, reason(problem->code));
}

int cat_document_parse(const char *text, size_t length, const cat_json_caps *caps, cat_document **document, cat_error *error)
{
    if (length > caps->max_bytes)
        return cat_error_set(error, CAT_E_TOO_LARGE, "the JSON text has %zu bytes, at most %zu are allowed", length,
                             caps->max_bytes);
    yyjson_read_err problem = {0};
    yyjson_doc *doc = length ? yyjson_read_opts((char *)(uintptr_t)text, length, 0, NULL, &problem) : NULL;
    if (length == 0)
        return cat_error_set(error, CAT_E_INVALID, "line 1, column 1: the text is empty");
    if (!doc)
        return read_failed(text, length, &problem, error);
    if (is_deeper_than(doc, caps->max_depth)) {
        yyjson_doc_free(doc);
        return cat_error_set(error, CAT_E_TOO_LARGE, "the JSON text is nested deeper than %u levels", caps->max_depth);
    }
    if (has_zero_in_text(doc, text, length)) {
        yyjson_doc_free(doc);
        return cat_error_set(error, CAT_E_INVALID, "the JSON text holds a string with a zero character");
    }
    *document = (cat_document *)doc;
    return 0;
}

void cat_document_destroy(cat_document *document)
{
    yyjson_doc_free(doc_of(document));
}

cat_view cat_document_root(const cat_document *document)
{
    return (cat_view){yyjson_doc_get_root(doc_of(document))};
}

cat_view cat_view_get(cat_view view, const char *path)
{
    yyjson_val *value = value_of(view);
    cat_slice name;
    while (value && cat_path_next(&path, &name)) {
        size_t index;
        if (yyjson_is_obj(value))
            value = yyjson_obj_getn(value, name.data, name.length);
        else if (yyjson_is_arr(value) && cat_path_index(name, &index))
            value = yyjson_arr_get(value, index);
        else
            value = NULL;
    }
    return (cat_view){value};
}

cat_view cat_view_member(cat_view view, const char *name)
{
    return (cat_view){yyjson_obj_get(value_of(view), name)};
}

const char *cat_view_text(cat_view view, const char *path)
{
    return yyjson_get_str(value_of(cat_view_get(view, path)));
}

const char *cat_view_text_or(cat_view view, const char *path, const char *fallback)
{
    const char *text = cat_view_text(view, path);
    return text ? text : fallback;
}

int64_t cat_view_int_or(cat_view view, const char *path, int64_t fallback)
{
    yyjson_val *value = value_of(cat_view_get(view, path));
    if (yyjson_is_sint(value))
        return yyjson_get_sint(value);
    if (yyjson_is_uint(value) && yyjson_get_uint(value) <= INT64_MAX)
        return (int64_t)yyjson_get_uint(value);
    return fallback;
}

bool cat_view_bool_or(cat_view view, const char *path, bool fallback)
{
    yyjson_val *value = value_of(cat_view_get(view, path));
    return yyjson_is_bool(value) ? yyjson_get_bool(value) : fallback;
}

bool cat_view_is_object(cat_view view)
{
    return yyjson_is_obj(value_of(view));
}

bool cat_view_is_array(cat_view view)
{
    return yyjson_is_arr(value_of(view));
}

size_t cat_view_count(cat_view view)
{
    yyjson_val *value = value_of(view);
    return yyjson_is_ctn(value) ? unsafe_yyjson_get_len(value) : 0;
}

typedef struct {
    yyjson_val *at;
    size_t left;
    bool members;
} walk;
_Static_assert(sizeof(walk) <= sizeof(cat_view_iterator), "the iterator holds a walk");

cat_view_iterator cat_view_each(cat_view view)
{
    yyjson_val *value = value_of(view);
    walk state = {0};
    if (yyjson_is_ctn(value))
        state = (walk){unsafe_yyjson_get_first(value), unsafe_yyjson_get_len(value), yyjson_is_obj(value)};
    cat_view_iterator iterator = {{0}};
    memcpy(iterator.state, &state, sizeof state);
    return iterator;
}

bool cat_view_next(cat_view_iterator *iterator, const char **name, cat_view *item)
{
    walk state;
    memcpy(&state, iterator->state, sizeof state);
    if (state.left == 0)
        return false;
    if (name)
        *name = state.members ? unsafe_yyjson_get_str(state.at) : NULL;
    yyjson_val *value = state.members ? state.at + 1 : state.at;
    *item = (cat_view){value};
    state.at = unsafe_yyjson_get_next(value);
    state.left--;
    memcpy(iterator->state, &state, sizeof state);
    return true;
}

static json_t *number_to_json(yyjson_val *value)
{
    if (yyjson_is_real(value))
        return json_real(yyjson_get_real(value));
    if (yyjson_is_uint(value) && yyjson_get_uint(value) > INT64_MAX)
        return json_real((double)yyjson_get_uint(value));
    return json_integer(yyjson_get_sint(value));
}

/* Recursion is bounded by the depth that the document was parsed with. */
json_t *cat_view_to_json(cat_view view)
{
    yyjson_val *value = value_of(view);
    cat_view_iterator iterator = cat_view_each(view);
    const char *name;
    cat_view item;
    json_t *json;
    switch (yyjson_get_type(value)) {
    case YYJSON_TYPE_OBJ:
        json = json_object();
        while (cat_view_next(&iterator, &name, &item))
            if (!json_object_get(json, name)) /* of a name that is there twice, the first, as cat_view_get finds it */
                json_object_set_new_nocheck(json, name, cat_view_to_json(item));
        return json;
    case YYJSON_TYPE_ARR:
        json = json_array();
        while (cat_view_next(&iterator, &name, &item))
            json_array_append_new(json, cat_view_to_json(item));
        return json;
    case YYJSON_TYPE_STR:
        return json_stringn_nocheck(yyjson_get_str(value), yyjson_get_len(value));
    case YYJSON_TYPE_NUM:
        return number_to_json(value);
    case YYJSON_TYPE_BOOL:
        return json_boolean(yyjson_get_bool(value));
    default:
        return value ? json_null() : NULL;
    }
}

char *cat_view_format(cat_view view)
{
    if (!view.value)
        return cat_strdup("null");
    char *text = yyjson_val_write(value_of(view), 0, NULL);
    if (!text)
        abort();
    return text;
}
