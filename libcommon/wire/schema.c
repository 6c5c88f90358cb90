#include "wire/schema.h"

#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wire/schema_node.h"

int schema_invalid(const schema_compiler *compiler, const char *pointer, const char *format, ...)
{
    char reason[256];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(reason, sizeof(reason), format, arguments);
    va_end(arguments);
    return cat_error_set(compiler->error, CAT_E_INVALID, "the schema at %.200s: %s",
                         *pointer ? pointer : "its root", reason);
}

static char *pointer_join_index(const char *pointer, size_t index)
{
    char number[24];
    snprintf(number, sizeof(number), "%zu", index);
    return cat_json_pointer_join(pointer, number);
}

static const struct {
    const char *name;
    unsigned type;
} types[] = {{"null", SCHEMA_NULL},      {"boolean", SCHEMA_BOOLEAN}, {"object", SCHEMA_OBJECT},
             {"array", SCHEMA_ARRAY},    {"number", SCHEMA_NUMBER},   {"string", SCHEMA_STRING},
             {"integer", SCHEMA_INTEGER}};

static int add_type(const schema_compiler *compiler, schema_node *node, const json_t *name)
{
    const char *text = json_string_value(name);
    for (size_t i = 0; text && i < sizeof(types) / sizeof(*types); i++)
        if (strcmp(types[i].name, text) == 0) {
            node->types |= types[i].type;
            return 0;
        }
    return schema_invalid(compiler, node->pointer,
                          "type has to name null, boolean, object, array, number, string or integer");
}

static int compile_types(const schema_compiler *compiler, schema_node *node)
{
    const json_t *type = json_object_get(node->source, "type");
    if (!type)
        return 0;
    if (!json_is_array(type))
        return add_type(compiler, node, type);
    if (json_array_size(type) == 0)
        return schema_invalid(compiler, node->pointer, "type is an empty list");
    size_t index;
    json_t *item;
    json_array_foreach(type, index, item)
    {
        int code = add_type(compiler, node, item);
        if (code < 0)
            return code;
    }
    return 0;
}

#define FIELD(member) offsetof(schema_node, member)
#define AT(node, offset, type) (*(type *)(void *)((char *)(node) + (offset)))

static int compile_sizes(const schema_compiler *compiler, schema_node *node)
{
    static const struct {
        const char *name;
        size_t offset;
    } keywords[] = {{"minLength", FIELD(min_length)},         {"maxLength", FIELD(max_length)},
                    {"minItems", FIELD(min_items)},           {"maxItems", FIELD(max_items)},
                    {"minProperties", FIELD(min_properties)}, {"maxProperties", FIELD(max_properties)},
                    {"minContains", FIELD(min_contains)},     {"maxContains", FIELD(max_contains)}};
    for (size_t i = 0; i < sizeof(keywords) / sizeof(*keywords); i++) {
        const json_t *value = json_object_get(node->source, keywords[i].name);
        int64_t *size = &AT(node, keywords[i].offset, int64_t);
        *size = -1;
        if (!value)
            continue;
        double number = json_number_value(value);
        if (!json_is_number(value) || number < 0 || number > 9e15 || number != floor(number))
            return schema_invalid(compiler, node->pointer, "%s has to be a whole number from 0",
                                  keywords[i].name);
        *size = (int64_t)number;
    }
    return 0;
}

static int compile_numbers(const schema_compiler *compiler, schema_node *node)
{
    static const struct {
        const char *name;
        size_t offset;
    } keywords[] = {{"minimum", FIELD(minimum)},
                    {"maximum", FIELD(maximum)},
                    {"exclusiveMinimum", FIELD(exclusive_minimum)},
                    {"exclusiveMaximum", FIELD(exclusive_maximum)},
                    {"multipleOf", FIELD(multiple_of)}};
    for (size_t i = 0; i < sizeof(keywords) / sizeof(*keywords); i++) {
        const json_t *value = json_object_get(node->source, keywords[i].name);
        if (value && !json_is_number(value))
            return schema_invalid(compiler, node->pointer, "%s has to be a number", keywords[i].name);
        AT(node, keywords[i].offset, const json_t *) = value;
    }
    if (node->multiple_of && json_number_value(node->multiple_of) <= 0)
        return schema_invalid(compiler, node->pointer, "multipleOf has to be above 0");
    return 0;
}

static bool is_list_of_text(const json_t *list)
{
    if (!json_is_array(list))
        return false;
    size_t index;
    json_t *item;
    json_array_foreach(list, index, item) if (!json_is_string(item)) return false;
    return true;
}

static int compile_values(schema_compiler *compiler, schema_node *node)
{
    const json_t *source = node->source;
    node->constant = json_object_get(source, "const");
    node->default_value = json_object_get(source, "default");
    node->enumeration = json_object_get(source, "enum");
    if (node->enumeration && !json_is_array(node->enumeration))
        return schema_invalid(compiler, node->pointer, "enum has to be a list");
    node->required = json_object_get(source, "required");
    if (node->required && !is_list_of_text(node->required))
        return schema_invalid(compiler, node->pointer, "required has to be a list of names");
    node->dependent_required = json_object_get(source, "dependentRequired");
    if (node->dependent_required && !json_is_object(node->dependent_required))
        return schema_invalid(compiler, node->pointer, "dependentRequired has to be an object");
    const char *name;
    json_t *names;
    json_object_foreach((json_t *)node->dependent_required, name, names) if (
        !is_list_of_text(names)) return schema_invalid(compiler, node->pointer,
                                                       "dependentRequired has to hold lists of names");
    const json_t *unique = json_object_get(source, "uniqueItems"),
                 *format = json_object_get(source, "format");
    if ((unique && !json_is_boolean(unique)) || (format && !json_is_string(format)))
        return schema_invalid(compiler, node->pointer, "%s is of a wrong type",
                              unique && !json_is_boolean(unique) ? "uniqueItems" : "format");
    node->unique_items = json_is_true(unique);
    node->format = json_string_value(format);
    const json_t *pattern = json_object_get(source, "pattern");
    if (!pattern)
        return 0;
    if (!json_is_string(pattern))
        return schema_invalid(compiler, node->pointer, "pattern has to be text");
    node->pattern_text = json_string_value(pattern);
    return schema_pattern_compile(compiler, node->pointer, node->pattern_text, &node->pattern);
}

static int compile_single(schema_compiler *compiler, schema_node *node, unsigned depth)
{
    static const struct {
        const char *name;
        size_t offset;
    } keywords[] = {{"items", FIELD(items)},
                    {"contains", FIELD(contains)},
                    {"additionalProperties", FIELD(additional_properties)},
                    {"propertyNames", FIELD(property_names)},
                    {"not", FIELD(negated)},
                    {"if", FIELD(condition)},
                    {"then", FIELD(consequence)},
                    {"else", FIELD(alternative)},
                    {"unevaluatedItems", FIELD(unevaluated_items)},
                    {"unevaluatedProperties", FIELD(unevaluated_properties)}};
    for (size_t i = 0; i < sizeof(keywords) / sizeof(*keywords); i++) {
        const json_t *value = json_object_get(node->source, keywords[i].name);
        if (!value)
            continue;
        cat_autofree char *pointer = cat_json_pointer_join(node->pointer, keywords[i].name);
        int code = schema_compile_node(compiler, value, pointer, node->resource, depth + 1,
                                       &AT(node, keywords[i].offset, schema_node *));
        if (code < 0)
            return code;
    }
    if (node->unevaluated_items || node->unevaluated_properties)
        compiler->schema->tracks = true;
    return 0;
}

static int compile_list(schema_compiler *compiler, schema_node *node, const char *keyword,
                        schema_children *children, unsigned depth)
{
    const json_t *list = json_object_get(node->source, keyword);
    if (!list)
        return 0;
    if (!json_is_array(list) || json_array_size(list) == 0)
        return schema_invalid(compiler, node->pointer, "%s has to be a list of at least one schema", keyword);
    cat_autofree char *base = cat_json_pointer_join(node->pointer, keyword);
    children->items = cat_calloc(json_array_size(list), sizeof(schema_child));
    size_t index;
    json_t *item;
    json_array_foreach(list, index, item)
    {
        cat_autofree char *pointer = pointer_join_index(base, index);
        int code = schema_compile_node(compiler, item, pointer, node->resource, depth + 1,
                                       &children->items[index].node);
        if (code < 0)
            return code;
        children->count++;
    }
    return 0;
}

static int compile_map(schema_compiler *compiler, schema_node *node, const char *keyword,
                       schema_children *children, bool patterns, unsigned depth)
{
    json_t *map = json_object_get(node->source, keyword);
    if (!map)
        return 0;
    if (!json_is_object(map))
        return schema_invalid(compiler, node->pointer, "%s has to be an object of schemas", keyword);
    cat_autofree char *base = cat_json_pointer_join(node->pointer, keyword);
    children->items = cat_calloc(json_object_size(map) + 1, sizeof(schema_child));
    const char *name;
    json_t *item;
    json_object_foreach(map, name, item)
    {
        cat_autofree char *pointer = cat_json_pointer_join(base, name);
        schema_child *child = &children->items[children->count];
        child->name = name;
        int code = schema_compile_node(compiler, item, pointer, node->resource, depth + 1, &child->node);
        if (code == 0 && patterns)
            code = schema_pattern_compile(compiler, pointer, name, &child->pattern);
        if (code < 0)
            return code;
        children->count++;
    }
    return 0;
}

static int compile_children(schema_compiler *compiler, schema_node *node, unsigned depth)
{
    static const struct {
        const char *name;
        size_t offset;
        enum { LIST, MAP, PATTERNS } kind;
    } keywords[] = {{"prefixItems", FIELD(prefix_items), LIST},
                    {"allOf", FIELD(all_of), LIST},
                    {"anyOf", FIELD(any_of), LIST},
                    {"oneOf", FIELD(one_of), LIST},
                    {"properties", FIELD(properties), MAP},
                    {"dependentSchemas", FIELD(dependent_schemas), MAP},
                    {"$defs", FIELD(definitions), MAP},
                    {"patternProperties", FIELD(pattern_properties), PATTERNS}};
    for (size_t i = 0; i < sizeof(keywords) / sizeof(*keywords); i++) {
        schema_children *children = &AT(node, keywords[i].offset, schema_children);
        int code = keywords[i].kind == LIST ? compile_list(compiler, node, keywords[i].name, children, depth)
                                            : compile_map(compiler, node, keywords[i].name, children,
                                                          keywords[i].kind == PATTERNS, depth);
        if (code < 0)
            return code;
    }
    return 0;
}

static schema_node *node_add(schema_compiler *compiler, const json_t *source, const char *pointer,
                             schema_resource *resource)
{
    cat_schema *schema = compiler->schema;
    schema_node *node = cat_calloc(1, sizeof(*node));
    node->source = source;
    node->pointer = cat_strdup(pointer);
    node->resource = resource;
    node->boolean = json_is_boolean(source) ? json_is_true(source) : -1;
    if (schema->node_count == schema->node_capacity) {
        schema->node_capacity = schema->node_capacity ? 2 * schema->node_capacity : 64;
        schema->nodes = cat_realloc(schema->nodes, schema->node_capacity * sizeof(*schema->nodes));
    }
    schema->nodes[schema->node_count++] = node;
    cat_map_set(schema->by_pointer, pointer, node);
    return node;
}

int schema_compile_node(schema_compiler *compiler, const json_t *source, const char *pointer,
                        schema_resource *resource, unsigned depth, schema_node **out)
{
    schema_node *node = cat_map_get(compiler->schema->by_pointer, pointer);
    if (node) {
        *out = node;
        return 0;
    }
    compiler->pointer_bytes += strlen(pointer);
    if (depth > SCHEMA_MAX_DEPTH || compiler->schema->node_count >= SCHEMA_MAX_NODES ||
        compiler->pointer_bytes > SCHEMA_MAX_POINTER_BYTES)
        return cat_error_set(compiler->error, CAT_E_TOO_LARGE,
                             "the schema is too large: at most %d subschemas, %d deep", SCHEMA_MAX_NODES,
                             SCHEMA_MAX_DEPTH);
    if (!json_is_object(source) && !json_is_boolean(source))
        return schema_invalid(compiler, pointer, "a schema has to be an object, true or false");
    node = node_add(compiler, source, pointer, resource);
    *out = node;
    if (node->boolean >= 0)
        return 0;
    int code = schema_register_identity(compiler, node, &node->resource);
    int (*const steps[])(const schema_compiler *, schema_node *) = {compile_types, compile_sizes,
                                                                    compile_numbers};
    for (size_t i = 0; code == 0 && i < sizeof(steps) / sizeof(*steps); i++)
        code = steps[i](compiler, node);
    if (code == 0)
        code = compile_values(compiler, node);
    if (code == 0)
        code = compile_single(compiler, node, depth);
    return code < 0 ? code : compile_children(compiler, node, depth);
}

int cat_schema_compile(const json_t *document, cat_schema **compiled, cat_error *error)
{
    cat_schema *schema = cat_calloc(1, sizeof(*schema));
    schema->document = json_deep_copy(document);
    schema->by_pointer = cat_map_create(NULL);
    schema_compiler compiler = {.schema = schema, .error = error};
    schema->resources = cat_calloc(1, sizeof(*schema->resources));
    schema_resource *resource = cat_calloc(1, sizeof(*resource));
    *resource = (schema_resource){cat_strdup(""), cat_strdup(""), cat_map_create(NULL), cat_map_create(NULL)};
    schema->resources[schema->resource_count++] = resource;
    int code = schema_compile_node(&compiler, schema->document, "", resource, 0, &schema->root);
    if (code == 0)
        code = schema_resolve_references(&compiler);
    if (code < 0) {
        cat_schema_destroy(schema);
        return code;
    }
    *compiled = schema;
    return 0;
}

static void node_destroy(schema_node *node)
{
    schema_children *const lists[] = {&node->prefix_items,
                                      &node->properties,
                                      &node->pattern_properties,
                                      &node->dependent_schemas,
                                      &node->all_of,
                                      &node->any_of,
                                      &node->one_of,
                                      &node->definitions};
    for (size_t i = 0; i < sizeof(lists) / sizeof(*lists); i++)
        free(lists[i]->items);
    free(node->pointer);
    free(node);
}

void cat_schema_assert_formats(cat_schema *schema)
{
    schema->asserts_formats = true;
}

void cat_schema_destroy(cat_schema *schema)
{
    if (!schema)
        return;
    for (size_t i = 0; i < schema->node_count; i++)
        node_destroy(schema->nodes[i]);
    for (size_t i = 0; i < schema->resource_count; i++) {
        schema_resource *resource = schema->resources[i];
        cat_map_destroy(resource->anchors);
        cat_map_destroy(resource->dynamic_anchors);
        free(resource->id);
        free(resource->pointer);
        free(resource);
    }
    for (size_t i = 0; i < schema->pattern_count; i++)
        pcre2_code_free(schema->patterns[i]);
    free(schema->nodes);
    free(schema->resources);
    free(schema->patterns);
    cat_map_destroy(schema->by_pointer);
    json_decref(schema->document);
    free(schema);
}
