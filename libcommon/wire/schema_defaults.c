#include <string.h>

#include "wire/schema_node.h"

/* Values are filled in at most this often: a schema that multiplies itself stops there. */
#define MAX_STEPS 200000

/* Values that are being made because of a default: a schema that holds itself must not be made for ever. */
typedef struct making {
    const schema_node *node;
    const struct making *outer;
    size_t *steps;
} making;

static void apply(const schema_node *node, json_t *instance, const making *outer, unsigned depth);

/* The first default among a subschema and what it refers to. */
static const json_t *default_of(const schema_node *node, unsigned depth)
{
    if (!node || depth > 32)
        return NULL;
    if (node->default_value)
        return node->default_value;
    const json_t *found = default_of(node->ref, depth + 1);
    for (size_t i = 0; !found && i < node->all_of.count; i++)
        found = default_of(node->all_of.items[i].node, depth + 1);
    return found;
}

static bool is_object(const schema_node *node, unsigned depth)
{
    if (!node || depth > 32)
        return false;
    bool found = node->types == SCHEMA_OBJECT || is_object(node->ref, depth + 1);
    for (size_t i = 0; !found && i < node->all_of.count; i++)
        found = is_object(node->all_of.items[i].node, depth + 1);
    return found;
}

static bool has_required(const schema_node *node, const json_t *instance, unsigned depth)
{
    if (!node || depth > 32)
        return true;
    size_t index;
    json_t *name;
    json_array_foreach(node->required, index,
                       name) if (!json_object_get(instance, json_string_value(name))) return false;
    if (!has_required(node->ref, instance, depth + 1))
        return false;
    for (size_t i = 0; i < node->all_of.count; i++)
        if (!has_required(node->all_of.items[i].node, instance, depth + 1))
            return false;
    return true;
}

/* An object nobody gave is made only when its defaults complete it: half an object would turn a valid value
 * into a wrong one. */
static json_t *make_object(const schema_node *node, const making *outer, unsigned depth)
{
    if (!is_object(node, 0))
        return NULL;
    json_t *made = json_object();
    apply(node, made, outer, depth + 1);
    if (json_object_size(made) > 0 && has_required(node, made, 0))
        return made;
    json_decref(made);
    return NULL;
}

static void apply_member(const schema_child *child, json_t *instance, const making *outer, unsigned depth)
{
    json_t *value = json_object_get(instance, child->name);
    if (value) {
        apply(child->node, value, outer, depth + 1);
        return;
    }
    for (const making *at = outer; at; at = at->outer)
        if (at->node == child->node)
            return;
    making own = {child->node, outer, outer->steps};
    const json_t *given = default_of(child->node, 0);
    value = given ? json_deep_copy(given) : make_object(child->node, &own, depth);
    if (!value)
        return;
    if (given)
        apply(child->node, value, &own, depth + 1);
    json_object_set_new_nocheck(instance, child->name, value);
}

static void apply(const schema_node *node, json_t *instance, const making *outer, unsigned depth)
{
    if (!node || depth > SCHEMA_MAX_NESTING || ++*outer->steps > MAX_STEPS)
        return;
    apply(node->ref, instance, outer, depth + 1);
    for (size_t i = 0; i < node->all_of.count; i++)
        apply(node->all_of.items[i].node, instance, outer, depth + 1);
    for (size_t i = 0; json_is_object(instance) && i < node->properties.count; i++)
        apply_member(&node->properties.items[i], instance, outer, depth);
    for (size_t i = 0; i < json_array_size(instance); i++)
        apply(i < node->prefix_items.count ? node->prefix_items.items[i].node : node->items,
              json_array_get(instance, i), outer, depth + 1);
}

void cat_schema_apply_defaults(const cat_schema *schema, json_t *instance)
{
    size_t steps = 0;
    apply(schema->root, instance, &(making){NULL, NULL, &steps}, 0);
}
