/* RFC 6901 pointers, RFC 7396 merge patches, RFC 6902 patches. */
#include <string.h>

#include "base/memory.h"
#include "wire/json.h"
#include "wire/json_internal.h"

/* Takes the next reference token off `*pointer` into `token`, unescaped. false at the end; `*broken` on a
 * wrong escape. */
static bool next_token(const char **pointer, cat_string *token, bool *broken)
{
    *broken = false;
    if (**pointer == '\0')
        return false;
    cat_string_clear(token);
    const char *at = *pointer + 1;
    for (; *at && *at != '/'; at++) {
        char c = *at;
        if (c == '~') {
            at++;
            if (*at != '0' && *at != '1') {
                *broken = true;
                return false;
            }
            c = *at == '0' ? '~' : '/';
        }
        cat_string_append_char(token, c);
    }
    *pointer = at;
    return true;
}

static json_t *step(const json_t *json, const cat_string *token)
{
    if (json_is_object(json))
        return json_object_getn(json, cat_string_get(token), token->length);
    size_t index;
    if (json_is_array(json) && cat_path_index((cat_slice){cat_string_get(token), token->length}, &index))
        return json_array_get(json, index);
    return NULL;
}

void cat_json_pointer_append(cat_string *pointer, const char *name)
{
    cat_string_append_char(pointer, '/');
    for (; *name; name++)
        if (*name == '~' || *name == '/')
            cat_string_append(pointer, *name == '~' ? "~0" : "~1");
        else
            cat_string_append_char(pointer, *name);
}

char *cat_json_pointer_join(const char *pointer, const char *name)
{
    cat_auto(cat_string) text = CAT_STRING(strlen(pointer) + 2 * strlen(name) + 1);
    cat_string_append(&text, pointer);
    cat_json_pointer_append(&text, name);
    return cat_string_take(&text);
}

json_t *cat_json_pointer(const json_t *json, const char *pointer)
{
    if (!pointer || (*pointer && *pointer != '/'))
        return NULL;
    cat_auto(cat_string) token = CAT_STRING(strlen(pointer));
    bool broken;
    while (json && next_token(&pointer, &token, &broken))
        json = step(json, &token);
    return *pointer ? NULL : (json_t *)(uintptr_t)json;
}

static void merge(json_t *target, const json_t *patch)
{
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)patch, name, value)
    {
        if (json_is_null(value)) {
            json_object_del(target, name);
            continue;
        }
        if (!json_is_object(value)) {
            json_object_set_new(target, name, json_deep_copy(value));
            continue;
        }
        /* An object in a patch is never taken over as it is: its nulls mean removal. */
        json_t *inner = json_object_get(target, name);
        if (!json_is_object(inner)) {
            inner = json_object();
            json_object_set_new(target, name, inner);
        }
        merge(inner, value);
    }
}

json_t *cat_json_merge_patch(json_t *target, const json_t *patch)
{
    if (!json_is_object(patch))
        return json_deep_copy(patch);
    json_t *result = json_is_object(target) ? json_incref(target) : json_object();
    merge(result, patch);
    return result;
}

/* As RFC 6902 compares for `test`: numbers by value, whether written 1 or 1.0. */
static bool equal(const json_t *a, const json_t *b)
{
    if (json_is_number(a) && json_is_number(b))
        return json_is_integer(a) && json_is_integer(b) ? json_integer_value(a) == json_integer_value(b)
                                                        : json_number_value(a) == json_number_value(b);
    if (json_typeof(a) != json_typeof(b))
        return false;
    if (json_is_array(a)) {
        if (json_array_size(a) != json_array_size(b))
            return false;
        for (size_t i = 0; i < json_array_size(a); i++)
            if (!equal(json_array_get(a, i), json_array_get(b, i)))
                return false;
        return true;
    }
    if (!json_is_object(a))
        return json_equal(a, b);
    if (json_object_size(a) != json_object_size(b))
        return false;
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)a, name, value)
    {
        const json_t *other = json_object_get(b, name);
        if (!other || !equal(value, other))
            return false;
    }
    return true;
}

typedef struct {
    json_t *parent;   /* the object or array that holds the place */
    cat_string token; /* its last token */
    const char *path;
} place;

static int find_place(json_t *document, const char *path, place *found, cat_error *error)
{
    const char *rest = path;
    bool broken;
    found->path = path;
    found->parent = document;
    if (!next_token(&rest, &found->token, &broken))
        return cat_error_set(error, CAT_E_INVALID, "\"%.100s\" is no pointer to a member or an element",
                             path);
    while (*rest) {
        found->parent = step(found->parent, &found->token);
        if (!found->parent)
            return cat_error_set(error, CAT_E_INVALID, "there is nothing above \"%.200s\"", path);
        if (!next_token(&rest, &found->token, &broken))
            return cat_error_set(error, CAT_E_INVALID, "\"%.200s\" holds a broken escape", path);
    }
    if (!json_is_object(found->parent) && !json_is_array(found->parent))
        return cat_error_set(error, CAT_E_INVALID,
                             "what is above \"%.200s\" is neither an object nor an array", path);
    return 0;
}

static int operation_add(const place *at, const json_t *value, cat_error *error)
{
    const char *token = cat_string_get(&at->token);
    if (json_is_object(at->parent)) {
        json_object_setn_new(at->parent, token, at->token.length, json_deep_copy(value));
        return 0;
    }
    size_t size = json_array_size(at->parent), index = size;
    if (strcmp(token, "-") != 0 &&
        (!cat_path_index((cat_slice){token, at->token.length}, &index) || index > size))
        return cat_error_set(error, CAT_E_INVALID, "\"%.200s\" is outside of its array", at->path);
    json_array_insert_new(at->parent, index, json_deep_copy(value));
    return 0;
}

/* `value` NULL removes. */
static int operation_change(const place *at, const json_t *value, cat_error *error)
{
    if (!step(at->parent, &at->token))
        return cat_error_set(error, CAT_E_INVALID, "there is nothing at \"%.200s\"", at->path);
    const char *token = cat_string_get(&at->token);
    if (json_is_object(at->parent)) {
        if (value)
            json_object_setn_new(at->parent, token, at->token.length, json_deep_copy(value));
        else
            json_object_deln(at->parent, token, at->token.length);
        return 0;
    }
    size_t index = 0;
    cat_path_index((cat_slice){token, at->token.length}, &index);
    if (value)
        json_array_set_new(at->parent, index, json_deep_copy(value));
    else
        json_array_remove(at->parent, index);
    return 0;
}

/* The whole document: the caller keeps its pointer, so one object can only be filled with another's members.
 */
static int operation_root(json_t *document, const char *op, const json_t *value, cat_error *error)
{
    if (strcmp(op, "remove") == 0 || !json_is_object(document) || !json_is_object(value))
        return cat_error_set(error, CAT_E_UNSUPPORTED,
                             "the whole document can only be replaced by another object");
    json_t *copy = json_deep_copy(value);
    json_object_clear(document);
    json_object_update(document, copy);
    json_decref(copy);
    return 0;
}

static int apply(json_t *document, const json_t *operation, cat_error *error)
{
    const char *op = cat_json_text(operation, "op"), *path = cat_json_text(operation, "path");
    const json_t *value = json_object_get(operation, "value");
    if (!op || !path || (*path && *path != '/'))
        return cat_error_set(error, CAT_E_INVALID, "an operation needs \"op\" and \"path\", a pointer");
    bool removes = strcmp(op, "remove") == 0, tests = strcmp(op, "test") == 0;
    if (!removes && !tests && strcmp(op, "add") != 0 && strcmp(op, "replace") != 0)
        return cat_error_set(error, CAT_E_UNSUPPORTED, "operation \"%.40s\" is not supported", op);
    if (!removes && !value)
        return cat_error_set(error, CAT_E_INVALID, "operation \"%s\" needs \"value\"", op);
    if (tests) {
        const json_t *found = cat_json_pointer(document, path);
        return found && equal(found, value)
                   ? 0
                   : cat_error_set_class(error, CAT_E_CONFLICT, CAT_CLASS_STALLED,
                                         "the test of \"%.200s\" does not hold", path);
    }
    if (*path == '\0')
        return operation_root(document, op, value, error);
    place at = {.token = CAT_STRING(strlen(path))};
    int result = find_place(document, path, &at, error);
    if (result == 0)
        result = strcmp(op, "add") == 0 ? operation_add(&at, value, error)
                                        : operation_change(&at, removes ? NULL : value, error);
    cat_string_finish(&at.token);
    return result;
}

int cat_json_patch(json_t *document, const json_t *operations, cat_error *error)
{
    if (!json_is_array(operations))
        return cat_error_set(error, CAT_E_INVALID, "a JSON patch is an array of operations");
    for (size_t i = 0; i < json_array_size(operations); i++) {
        int result = apply(document, json_array_get(operations, i), error);
        if (result < 0) {
            cat_error_wrap(error, "operation %zu", i);
            return result;
        }
    }
    return 0;
}
