#include "core/plan_large.h"

#include <string.h>

#include "base/memory.h"
#include "core/plan_home.h"
#include "wire/kubernetes.h"

#define MAX_TOLD 20
#define HASH_LENGTH 10 /* of what kustomize appends to the names of what it generates */

/* Bytes that a base64 text stands for; line breaks in it do not count. */
static size_t decoded_length(const char *text)
{
    size_t characters = 0;
    for (; *text; text++)
        characters += *text != '\n' && *text != '\r' && *text != ' ' && *text != '=';
    return characters * 3 / 4;
}

static size_t bytes_of(const json_t *values, const json_t *instead, bool encoded)
{
    const char *key;
    json_t *value;
    size_t bytes = 0;
    json_object_foreach((json_t *)values, key, value)
    {
        if (json_is_string(value) && !json_object_get(instead, key))
            bytes += encoded ? decoded_length(json_string_value(value)) : json_string_length(value);
    }
    return bytes;
}

/* As the API server counts it; 0 for objects of other kinds. */
static size_t value_bytes(const json_t *object)
{
    const char *kind = cat_json_text_or(object, "kind", "");
    const json_t *data = json_object_get(object, "data"), *binary = json_object_get(object, "binaryData"),
                 *texts = json_object_get(object, "stringData");
    if (!cat_text_equal(cat_json_text(object, "apiVersion"), "v1"))
        return 0;
    if (strcmp(kind, "ConfigMap") == 0)
        return bytes_of(data, NULL, false) + bytes_of(binary, NULL, true);
    return strcmp(kind, "Secret") == 0 ? bytes_of(data, texts, true) + bytes_of(texts, NULL, false) : 0;
}

/* The name that people gave it: what is generated has a hash of its content behind that. */
static char *given_name(const json_t *object)
{
    char *name = cat_strdup(cat_object_name(object) ? cat_object_name(object) : "");
    size_t length = strlen(name);
    if (prv_plan_is_generated(object) && length > HASH_LENGTH + 1 && name[length - HASH_LENGTH - 1] == '-')
        name[length - HASH_LENGTH - 1] = '\0';
    return name;
}

static bool was_large(const json_t *was, const json_t *object, const char *name)
{
    size_t index;
    json_t *other;
    json_array_foreach((json_t *)was, index, other)
    {
        cat_autofree char *others = given_name(other);
        if (strcmp(others, name) == 0 && cat_text_equal(cat_json_text(other, "kind"), cat_json_text(object, "kind")) &&
            value_bytes(other) > PRV_VALUES_MAX_BYTES)
            return true;
    }
    return false;
}

void prv_plan_large(json_t *plan, const json_t *was, const json_t *objects, const char *where, json_t *complaints)
{
    size_t index, told = 0;
    json_t *object;
    json_array_foreach((json_t *)objects, index, object)
    {
        size_t bytes = value_bytes(object);
        if (bytes <= PRV_VALUES_MAX_BYTES || told++ >= MAX_TOLD)
            continue;
        cat_autofree char *file = prv_plan_file_of(object), *name = given_name(object);
        cat_autofree char *text = cat_printf(
            "%s: %s%s%s %s holds %zu bytes, and a cluster takes %zu in one at most: take it apart, "
            "or keep it in a volume",
            where, file ? file : "", file ? ": " : "", cat_json_text_or(object, "kind", ""), name, bytes, PRV_VALUES_MAX_BYTES);
        if (was_large(was, object, name))
            json_array_append_new(json_object_get(plan, "warnings"), json_string(text));
        else
            json_array_append_new(complaints, cat_json_object("pointer", json_string(""), "message", json_string(text), NULL));
    }
}

/* --- quantities --- */

/* Where `text` stands below `pointer`; NULL: nowhere. The caller's. */
static char *place_of(const json_t *values, const char *text, const char *pointer)
{
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)values, name, value)
    {
        cat_autofree char *own = cat_json_pointer_join(pointer, name);
        if (cat_text_equal(json_string_value(value), text))
            return cat_take(own);
        char *below = json_is_object(value) ? place_of(value, text, own) : NULL;
        if (below)
            return below;
    }
    return NULL;
}

/* The first quantity of `amounts` ({name: quantity}) that cannot be counted; NULL: all can. */
static const char *uncountable_of(const json_t *amounts)
{
    const char *name;
    json_t *amount;
    int64_t bytes;
    json_object_foreach((json_t *)amounts, name, amount)
    {
        if (json_is_string(amount) && !cat_quantity_bytes(json_string_value(amount), &bytes))
            return json_string_value(amount);
    }
    return NULL;
}

/* In `resources` of whatever the object is made of. */
static const char *uncountable_in(const json_t *object)
{
    const char *name, *found = uncountable_of(cat_json_get(object, "resources.requests"));
    json_t *inner;
    size_t index;
    if (!found)
        found = uncountable_of(cat_json_get(object, "resources.limits"));
    json_object_foreach((json_t *)object, name, inner) found = found ? found : uncountable_in(inner);
    json_array_foreach((json_t *)object, index, inner) found = found ? found : uncountable_in(inner);
    return found;
}

/* Of Kubernetes' own kinds: what is elsewhere called so may be something else, such as the pattern of a policy. */
static const char *uncountable_of_object(const json_t *object)
{
    const char *version = cat_json_text_or(object, "apiVersion", "");
    bool own = strcmp(version, "v1") == 0 || cat_text_starts_with(version, "apps/") || cat_text_starts_with(version, "batch/");
    return own ? uncountable_in(json_object_get(object, "spec")) : NULL;
}

static bool has_uncountable(const json_t *objects, const char *amount)
{
    size_t index;
    json_t *object;
    json_array_foreach((json_t *)objects, index, object)
    {
        if (cat_text_equal(uncountable_of_object(object), amount))
            return true;
    }
    return false;
}

void prv_plan_uncountable(const json_t *was, const json_t *objects, const json_t *values, const char *pointer, const char *where,
                          json_t *complaints)
{
    size_t index;
    json_t *object;
    json_array_foreach((json_t *)objects, index, object)
    {
        const char *amount = uncountable_of_object(object);
        if (!amount || has_uncountable(was, amount))
            continue;
        cat_autofree char *place = place_of(values, amount, pointer),
                          *text =
                              cat_printf("%s: %s %.100s would ask for %.60s, which is more than can be counted, or no quantity",
                                         where, cat_json_text_or(object, "kind", ""),
                                         cat_object_name(object) ? cat_object_name(object) : "", amount);
        json_array_append_new(
            complaints, cat_json_object("pointer", json_string(place ? place : pointer), "message", json_string(text), NULL));
        return; /* one is enough: the same amount stands in several */
    }
}
