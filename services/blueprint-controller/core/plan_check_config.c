/* configSchema and expressions: what people fill in, and what is made of it. */
#include <string.h>

#include "base/memory.h"
#include "core/plan_check.h"
#include "domain/expression.h"
#include "wire/schema.h"

#define DEPTH_MAX 32

static void check_immutable(bpc_checking *checking, const char *pointer, const json_t *schema)
{
    const json_t *immutable = json_object_get(schema, "x-catalyst-immutable");
    cat_autofree char *at = cat_printf("%.2000s/x-catalyst-immutable", pointer);
    if (immutable && !json_is_boolean(immutable))
        bpc_wrong(checking, at, "x-catalyst-immutable is true or false");
}

static void check_hint(bpc_checking *checking, const char *pointer, const json_t *schema)
{
    const json_t *hint = json_object_get(schema, "x-catalyst-ui-hint");
    static const char *const HINTS[] = {"password", "domain-picker", "application-ref"};
    if (!hint)
        return;
    for (size_t i = 0; i < sizeof HINTS / sizeof *HINTS; i++)
        if (cat_text_equal(json_string_value(hint), HINTS[i]))
            return;
    cat_autofree char *at = cat_printf("%.2000s/x-catalyst-ui-hint", pointer);
    bpc_wrong(checking, at, "x-catalyst-ui-hint is one of password, domain-picker, application-ref");
}

static void walk_hints(bpc_checking *checking, const char *pointer, const json_t *schema, unsigned depth)
{
    if (depth > DEPTH_MAX || strlen(pointer) > 2000)
        return;
    check_hint(checking, pointer, schema);
    check_immutable(checking, pointer, schema);
    const char *name;
    json_t *item;
    json_object_foreach(json_object_get(schema, "properties"), name, item)
    {
        cat_autofree char *inner = cat_printf("%.2000s/properties/%.200s", pointer, name);
        walk_hints(checking, inner, item, depth + 1);
    }
    if (json_is_object(json_object_get(schema, "items"))) {
        cat_autofree char *inner = cat_printf("%.2000s/items", pointer);
        walk_hints(checking, inner, json_object_get(schema, "items"), depth + 1);
    }
}

/* `/title` of a config is what `/properties/title/default` of its schema says; a member of a list has no place of its own. */
static char *place_of_default(const json_t *schema, const char *pointer)
{
    cat_auto(cat_string) out = CAT_STRING(4096);
    cat_string_append(&out, "/spec/configSchema");
    while (*pointer == '/') {
        size_t length = strcspn(pointer + 1, "/");
        cat_autofree char *name = cat_strndup(pointer + 1, length);
        schema = json_object_get(json_object_get(schema, "properties"), name);
        if (!schema)
            break;
        cat_string_appendf(&out, "/properties/%s", name);
        pointer += 1 + length;
    }
    if (json_object_get(schema, "default"))
        cat_string_append(&out, "/default");
    return cat_string_take(&out);
}

/* What a person leaves out becomes the default: so each has to be valid. What has none, the person gives. */
static void check_defaults(bpc_checking *checking, const cat_schema *compiled, const json_t *schema)
{
    cat_autojson json_t *config = json_object(), *errors = NULL;
    cat_schema_apply_defaults(compiled, config);
    if (cat_schema_validate(compiled, config, &errors))
        return;
    size_t index;
    json_t *error;
    json_array_foreach(errors, index, error)
    {
        const char *pointer = cat_json_text_or(error, "pointer", "");
        if (cat_text_equal(cat_json_text(error, "keyword"), "required") || (!*pointer && json_object_size(config) == 0))
            continue;
        cat_autofree char *place = place_of_default(schema, pointer);
        bpc_wrong(checking, place, "the default does not fit: %s", cat_json_text_or(error, "message", ""));
    }
}

void bpc_check_config(bpc_checking *checking)
{
    const json_t *schema = json_object_get(checking->spec, "configSchema");
    if (!schema)
        return;
    __attribute__((cleanup(cat_schema_destroy_cleanup))) cat_schema *compiled = NULL;
    cat_error error = {0};
    if (cat_schema_compile(schema, &compiled, &error) < 0) {
        /* "the schema at /properties/x: …" */
        char inner[256] = "";
        cat_autofree char *pointer = NULL;
        if (sscanf(error.message, "the schema at %255[^:]:", inner) == 1 && inner[0] == '/')
            pointer = cat_printf("/spec/configSchema%s", inner);
        bpc_wrong(checking, pointer ? pointer : "/spec/configSchema", "%s", error.message);
        return;
    }
    const char *type = cat_json_text(schema, "type");
    if (type && strcmp(type, "object") != 0)
        bpc_wrong(checking, "/spec/configSchema/type", "a config is an object, not %s", type);
    walk_hints(checking, "/spec/configSchema", schema, 0);
    check_defaults(checking, compiled, schema);
}

/* --- expressions --- */

static bool has_alias(const bpc_checking *checking, const char *alias)
{
    size_t index;
    json_t *item;
    json_array_foreach(json_object_get(checking->spec, "depends"), index,
                       item) if (cat_text_equal(cat_json_text(item, "alias"), alias)) return true;
    return false;
}

/* The second word of ".config.host.name"; NULL when there is none. */
static char *second_of(const char *path)
{
    const char *dot = strchr(path + 1, '.');
    return dot ? cat_strndup(dot + 1, strcspn(dot + 1, ".[")) : NULL;
}

static void check_path(bpc_checking *checking, const char *pointer, const char *path)
{
    static const char *const ROOTS[] = {"config", "application", "environment", "organization", "sovereign", "dependencies"};
    size_t length = strcspn(path + 1, ".[");
    bool known = false;
    for (size_t i = 0; i < sizeof ROOTS / sizeof *ROOTS; i++)
        known = known || (strlen(ROOTS[i]) == length && strncmp(path + 1, ROOTS[i], length) == 0);
    if (!known) {
        bpc_wrong(checking, pointer,
                  "%.200s is not known; a path begins with .config, .application, .environment, .organization, "
                  ".sovereign or .dependencies",
                  path);
        return;
    }
    cat_autofree char *second = second_of(path);
    const json_t *schema = json_object_get(checking->spec, "configSchema"), *properties = json_object_get(schema, "properties");
    if (second && cat_text_starts_with(path, ".dependencies.") && !has_alias(checking, second))
        bpc_wrong(checking, pointer, "%.200s: no dependency has the alias %.60s", path, second);
    if (second && cat_text_starts_with(path, ".config.") && json_is_false(json_object_get(schema, "additionalProperties")) &&
        properties && !json_object_get(properties, second))
        bpc_wrong(checking, pointer, "%.200s: configSchema has no property %.60s", path, second);
}

static void check_expression(bpc_checking *checking, const char *pointer, const char *text)
{
    cat_auto(cat_strings) paths = {0};
    cat_error error = {0};
    if (cat_expression_check(text, pointer + strlen("/spec/"), &paths, &error) < 0) {
        bpc_wrong(checking, pointer, "%s", error.message);
        return;
    }
    for (size_t i = 0; i < paths.count; i++)
        check_path(checking, pointer, paths.items[i]);
}

static void walk_values(bpc_checking *checking, const char *pointer, const json_t *value, unsigned depth)
{
    if (depth > DEPTH_MAX || strlen(pointer) > 2000)
        return;
    if (json_is_string(value))
        check_expression(checking, pointer, json_string_value(value));
    const char *name;
    size_t index;
    json_t *item;
    json_object_foreach((json_t *)value, name, item)
    {
        cat_autofree char *inner = cat_printf("%.2000s/%.200s", pointer, name);
        walk_values(checking, inner, item, depth + 1);
    }
    json_array_foreach(value, index, item)
    {
        cat_autofree char *inner = cat_printf("%.2000s/%zu", pointer, index);
        walk_values(checking, inner, item, depth + 1);
    }
}

void bpc_check_expressions(bpc_checking *checking)
{
    size_t index;
    json_t *item;
    json_array_foreach(json_object_get(checking->spec, "depends"), index, item)
    {
        cat_autofree char *when_at = cat_printf("/spec/depends/%zu/when", index),
                          *values_at = cat_printf("/spec/depends/%zu/values", index);
        const char *when = cat_json_text(item, "when");
        if (when && *when)
            check_expression(checking, when_at, when);
        walk_values(checking, values_at, json_object_get(item, "values"), 0);
    }
    walk_values(checking, "/spec/outputs", json_object_get(checking->spec, "outputs"), 0);
}
