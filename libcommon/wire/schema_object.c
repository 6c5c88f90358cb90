#include <stdlib.h>
#include <string.h>

#include "wire/schema_node.h"

static bool check_member(schema_run *run, const schema_node *node, const char *name, const json_t *value,
                         schema_evaluated *evaluated, const schema_scope *scope)
{
    size_t before = schema_push(run, name);
    bool holds = schema_check(run, node, value, NULL, scope);
    schema_pop(run, before);
    schema_evaluated_mark(evaluated, name);
    return holds;
}

static bool check_properties(schema_run *run, const schema_node *node, const json_t *instance,
                             schema_evaluated *evaluated, const schema_scope *scope)
{
    bool holds = true;
    for (size_t i = 0; i < node->properties.count && (holds || run->errors); i++) {
        const schema_child *child = &node->properties.items[i];
        const json_t *value = json_object_get(instance, child->name);
        if (value)
            holds = check_member(run, child->node, child->name, value, evaluated, scope) && holds;
    }
    return holds;
}

static void list_known(const schema_node *node, cat_string *names)
{
    for (size_t i = 0; i < node->properties.count && i < 8; i++)
        cat_string_appendf(names, "%s%s", i ? ", " : "", node->properties.items[i].name);
    if (node->properties.count > 8)
        cat_string_append(names, "…");
}

static bool fail_unknown(schema_run *run, const schema_node *node, const char *keyword, const char *name)
{
    if (!run->errors)
        return false;
    cat_auto(cat_string) names = CAT_STRING(400);
    list_known(node, &names);
    size_t before = schema_push(run, name);
    bool result = names.length ? schema_fail(run, keyword, "There is no field %.64s here; known are %s", name,
                                             cat_string_get(&names))
                               : schema_fail(run, keyword, "There may be no field %.64s here", name);
    schema_pop(run, before);
    return result;
}

/* patternProperties, then additionalProperties for what neither they nor properties name. */
static bool check_other_members(schema_run *run, const schema_node *node, const json_t *instance,
                                schema_evaluated *evaluated, const schema_scope *scope)
{
    if (!node->pattern_properties.count && !node->additional_properties)
        return true;
    const json_t *known = json_object_get(node->source, "properties");
    bool holds = true;
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)instance, name, value)
    {
        if (!schema_spend(run) || (!holds && !run->errors))
            return false;
        bool named = json_object_get(known, name) != NULL;
        for (size_t i = 0; i < node->pattern_properties.count; i++) {
            const schema_child *child = &node->pattern_properties.items[i];
            if (!schema_pattern_match(run, child->pattern, name, strlen(name)))
                continue;
            named = true;
            holds = check_member(run, child->node, name, value, evaluated, scope) && holds;
        }
        if (named || !node->additional_properties)
            continue;
        if (node->additional_properties->boolean == 0)
            holds = fail_unknown(run, node, "additionalProperties", name);
        else
            holds = check_member(run, node->additional_properties, name, value, evaluated, scope) && holds;
    }
    return holds;
}

static bool fail_missing(schema_run *run, const char *keyword, const char *name, const char *because)
{
    size_t before = schema_push(run, name);
    bool result = because ? schema_fail(run, keyword, "%.64s is missing: it is needed together with %.64s",
                                        name, because)
                          : schema_fail(run, keyword, "%.64s is missing", name);
    schema_pop(run, before);
    return result;
}

static bool check_names_present(schema_run *run, const char *keyword, const json_t *names,
                                const json_t *instance, const char *because)
{
    bool holds = true;
    size_t index;
    json_t *name;
    json_array_foreach(names, index, name) if (!json_object_get(instance, json_string_value(name))) holds =
        fail_missing(run, keyword, json_string_value(name), because);
    return holds;
}

static bool check_dependents(schema_run *run, const schema_node *node, const json_t *instance,
                             schema_evaluated *evaluated, const schema_scope *scope)
{
    bool holds = true;
    const char *name;
    json_t *names;
    json_object_foreach((json_t *)node->dependent_required, name, names) if (json_object_get(instance, name))
        holds = check_names_present(run, "dependentRequired", names, instance, name) && holds;
    for (size_t i = 0; i < node->dependent_schemas.count && (holds || run->errors); i++) {
        const schema_child *child = &node->dependent_schemas.items[i];
        if (json_object_get(instance, child->name))
            holds = schema_check(run, child->node, instance, evaluated, scope) && holds;
    }
    return holds;
}

static bool check_property_names(schema_run *run, const schema_node *node, const json_t *instance,
                                 const schema_scope *scope)
{
    if (!node->property_names)
        return true;
    bool holds = true;
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)instance, name, value)
    {
        cat_autojson json_t *text = json_string_nocheck(name);
        if (schema_check_quietly(run, node->property_names, text, NULL, scope))
            continue;
        size_t before = schema_push(run, name);
        holds = schema_fail(run, "propertyNames", "%.64s is no allowed name for a field here", name);
        schema_pop(run, before);
        if (!run->errors)
            return false;
    }
    return holds;
}

static bool check_member_count(schema_run *run, const schema_node *node, const json_t *instance)
{
    long long count = (long long)json_object_size(instance);
    if (node->min_properties >= 0 && count < node->min_properties)
        return schema_fail(run, "minProperties", "This has to have at least %lld fields, but it has %lld",
                           (long long)node->min_properties, count);
    if (node->max_properties >= 0 && count > node->max_properties)
        return schema_fail(run, "maxProperties", "This may have at most %lld fields, but it has %lld",
                           (long long)node->max_properties, count);
    return true;
}

bool schema_check_object(schema_run *run, const schema_node *node, const json_t *instance,
                         schema_evaluated *evaluated, const schema_scope *scope)
{
    bool holds = check_member_count(run, node, instance);
    if (node->required && (holds || run->errors))
        holds = check_names_present(run, "required", node->required, instance, NULL) && holds;
    if (holds || run->errors)
        holds = check_properties(run, node, instance, evaluated, scope) && holds;
    if (holds || run->errors)
        holds = check_other_members(run, node, instance, evaluated, scope) && holds;
    if (holds || run->errors)
        holds = check_property_names(run, node, instance, scope) && holds;
    return (holds || run->errors) && check_dependents(run, node, instance, evaluated, scope) && holds;
}

bool schema_check_unevaluated_properties(schema_run *run, const schema_node *node, const json_t *instance,
                                         schema_evaluated *evaluated, const schema_scope *scope)
{
    if (evaluated->all)
        return true;
    bool holds = true;
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)instance, name, value)
    {
        if (json_object_get(evaluated->names, name))
            continue;
        if (node->unevaluated_properties->boolean == 0)
            holds = fail_unknown(run, node, "unevaluatedProperties", name);
        else
            holds = check_member(run, node->unevaluated_properties, name, value, NULL, scope) && holds;
        if (!holds && !run->errors)
            return false;
    }
    evaluated->all = true;
    return holds;
}
