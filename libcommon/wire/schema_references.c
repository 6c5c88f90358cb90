#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/encoding.h"
#include "wire/schema_node.h"

/* A URI reference against a base: what the specification asks for, without dot segments, as nothing is ever
 * fetched. */
static char *resolve_uri(const char *base, const char *reference)
{
    const char *colon = strchr(reference, ':'), *slash = strchr(reference, '/');
    if (colon && (!slash || colon < slash))
        return cat_strdup(reference);
    if (!*reference)
        return cat_strdup(base);
    const char *authority = strstr(base, "://");
    if (*reference == '/') {
        const char *path = authority ? strchr(authority + 3, '/') : NULL;
        return cat_printf("%.*s%s", (int)(path ? path - base : (long)strlen(base)), base, reference);
    }
    const char *last = strrchr(authority ? authority + 3 : base, '/');
    return cat_printf("%.*s%s", last ? (int)(last - base) + 1 : 0, base, reference);
}

static int check_anchor(const schema_compiler *compiler, const schema_node *node, const char *keyword,
                        const char **anchor)
{
    const json_t *value = json_object_get(node->source, keyword);
    *anchor = json_string_value(value);
    if (value && (!*anchor || !**anchor || strpbrk(*anchor, "#/")))
        return schema_invalid(compiler, node->pointer, "%s has to be a name", keyword);
    return 0;
}

int schema_register_identity(schema_compiler *compiler, schema_node *node, schema_resource **resource)
{
    cat_schema *schema = compiler->schema;
    const json_t *id = json_object_get(node->source, "$id");
    const char *text = json_string_value(id);
    if (id && (!text || strlen(text) > 1024 || (strchr(text, '#') && strchr(text, '#')[1])))
        return schema_invalid(compiler, node->pointer, "$id has to be a URI without fragment");
    if (text && *text) {
        size_t length = strcspn(text, "#");
        cat_autofree char *bare = cat_strndup(text, length);
        char *absolute = resolve_uri((*resource)->id, bare);
        if (!*node->pointer) { /* the document's own name */
            free((*resource)->id);
            (*resource)->id = absolute;
        } else {
            schema_resource *own = cat_calloc(1, sizeof(*own));
            *own = (schema_resource){absolute, cat_strdup(node->pointer), cat_map_create(NULL),
                                     cat_map_create(NULL)};
            schema->resources =
                cat_realloc(schema->resources, (schema->resource_count + 1) * sizeof(*schema->resources));
            schema->resources[schema->resource_count++] = own;
            *resource = own;
        }
    }
    const char *anchor;
    int code = check_anchor(compiler, node, "$anchor", &anchor);
    if (code == 0 && anchor)
        cat_map_set((*resource)->anchors, anchor, node);
    if (code == 0)
        code = check_anchor(compiler, node, "$dynamicAnchor", &node->dynamic_anchor);
    if (code == 0 && node->dynamic_anchor) {
        cat_map_set((*resource)->anchors, node->dynamic_anchor, node);
        cat_map_set((*resource)->dynamic_anchors, node->dynamic_anchor, node);
    }
    return code;
}

static schema_resource *resource_find(const cat_schema *schema, schema_resource *from, const char *uri)
{
    if (!*uri)
        return from;
    cat_autofree char *absolute = resolve_uri(from->id, uri);
    for (size_t i = 0; i < schema->resource_count; i++)
        if (strcmp(schema->resources[i]->id, absolute) == 0)
            return schema->resources[i];
    return NULL;
}

/* A pointer may lead to a place that no keyword makes a schema: it is compiled there and then. */
static int resolve_pointer(schema_compiler *compiler, const schema_node *node, schema_resource *resource,
                           const char *fragment, schema_node **target)
{
    cat_autofree char *pointer = cat_printf("%s%s", resource->pointer, fragment);
    *target = cat_map_get(compiler->schema->by_pointer, pointer);
    if (*target)
        return 0;
    const json_t *source = cat_json_pointer(compiler->schema->document, pointer);
    if (!source)
        return schema_invalid(compiler, node->pointer, "$ref #%.100s leads nowhere", fragment);
    return schema_compile_node(compiler, source, pointer, resource, 0, target);
}

static int resolve(schema_compiler *compiler, const schema_node *node, const char *keyword,
                   schema_node **target)
{
    const json_t *value = json_object_get(node->source, keyword);
    if (!value)
        return 0;
    const char *text = json_string_value(value);
    if (!text || strlen(text) > 1024)
        return schema_invalid(compiler, node->pointer, "%s has to be a reference", keyword);
    size_t length = strcspn(text, "#");
    cat_autofree char *uri = cat_strndup(text, length);
    schema_resource *resource = resource_find(compiler->schema, node->resource, uri);
    if (!resource)
        return schema_invalid(compiler, node->pointer,
                              "%s %.100s is outside the document; references reach within it only", keyword,
                              text);
    cat_autofree char *fragment = cat_strdup(text[length] ? text + length + 1 : "");
    if (!cat_percent_decode(fragment, false))
        return schema_invalid(compiler, node->pointer, "%s %.100s has a broken escape", keyword, text);
    if (!*fragment || *fragment == '/')
        return resolve_pointer(compiler, node, resource, fragment, target);
    *target = cat_map_get(resource->anchors, fragment);
    return *target ? 0
                   : schema_invalid(compiler, node->pointer, "%s %.100s names an anchor that is not there",
                                    keyword, text);
}

/* Schemas that apply to the same value may not lead back to themselves: nothing would ever be looked at. */
static int find_circle(const schema_compiler *compiler, schema_node *node, unsigned depth)
{
    enum { NEW, OPEN, DONE };
    if (!node || node->visit == DONE)
        return 0;
    if (node->visit == OPEN)
        return schema_invalid(compiler, node->pointer, "it refers to itself without end");
    if (depth > SCHEMA_MAX_NESTING)
        return schema_invalid(compiler, node->pointer, "references lead through more than %d schemas",
                              SCHEMA_MAX_NESTING);
    node->visit = OPEN;
    schema_node *const singles[] = {node->ref,       node->dynamic_ref, node->negated,
                                    node->condition, node->consequence, node->alternative};
    const schema_children *const lists[] = {&node->all_of, &node->any_of, &node->one_of,
                                            &node->dependent_schemas};
    int code = 0;
    for (size_t i = 0; code == 0 && i < sizeof(singles) / sizeof(*singles); i++)
        code = find_circle(compiler, singles[i], depth + 1);
    for (size_t i = 0; code == 0 && i < sizeof(lists) / sizeof(*lists); i++)
        for (size_t j = 0; code == 0 && j < lists[i]->count; j++)
            code = find_circle(compiler, lists[i]->items[j].node, depth + 1);
    node->visit = DONE;
    return code;
}

int schema_resolve_references(schema_compiler *compiler)
{
    cat_schema *schema = compiler->schema;
    for (size_t i = 0; i < schema->node_count; i++) { /* grows while it runs */
        schema_node *node = schema->nodes[i];
        if (node->boolean >= 0)
            continue;
        int code = resolve(compiler, node, "$ref", &node->ref);
        if (code == 0)
            code = resolve(compiler, node, "$dynamicRef", &node->dynamic_ref);
        if (code < 0)
            return code;
        const schema_node *target = node->dynamic_ref;
        const char *text = json_string_value(json_object_get(node->source, "$dynamicRef"));
        const char *fragment = text ? strchr(text, '#') : NULL;
        if (target && target->dynamic_anchor && fragment && strcmp(fragment + 1, target->dynamic_anchor) == 0)
            node->dynamic_ref_anchor = target->dynamic_anchor;
    }
    for (size_t i = 0; i < schema->node_count; i++) {
        int code = find_circle(compiler, schema->nodes[i], 0);
        if (code < 0)
            return code;
    }
    return 0;
}
