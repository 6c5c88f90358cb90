#include <string.h>

#include "domain/expression.h"
#include "domain/resolver_internal.h"

/* What a later dependant gives goes below: values stay, lists grow, objects are filled up. Copies, as jansson shares inner values
 * and would change them by the next one. */
static void fill_up(json_t *into, const json_t *values)
{
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)values, name, value)
    {
        json_t *known = json_object_get(into, name);
        if (!known)
            json_object_set_new(into, name, json_deep_copy(value));
        else if (json_is_object(known) && json_is_object(value))
            fill_up(known, value);
        else if (json_is_array(known) && json_is_array(value)) {
            cat_autojson json_t *copy = json_deep_copy(value);
            json_array_extend(known, copy);
        }
    }
}

static void fill_from(const resolver_search *search, size_t requirement, json_t *config)
{
    if (requirement == RESOLVER_NONE)
        return;
    fill_from(search, search->requirements[requirement]->previous, config);
    fill_up(config, search->requirements[requirement]->values);
}

json_t *resolver_config_of(const resolver_search *search, const resolver_node *node)
{
    bool root = node == search->nodes[0];
    json_t *config = json_object();
    if (!root)
        fill_from(search, node->last_requirement, config);
    const json_t *own = root ? search->request : json_object_get(search->choices, node->path);
    json_t *chosen = json_object_get(own, "config");
    if (json_is_object(chosen)) {
        cat_autojson json_t *copy = json_deep_copy(chosen);
        json_object_update_recursive(config, copy);
    }
    return config;
}

/* A schema that cannot be read has no defaults: what is wrong with it is told where Blueprints are checked. */
static const cat_schema *schema_of(resolver_search *search, resolver_candidate *candidate)
{
    const json_t *schema = json_object_get(candidate->json, "configSchema");
    if (schema && !candidate->schema_tried) {
        candidate->schema_tried = true;
        *search->steps += RESOLVER_STEPS_SCHEMA;
        cat_schema_compile(schema, &candidate->schema, NULL);
    }
    return candidate->schema;
}

json_t *resolver_scope_of(resolver_search *search, const resolver_node *node, const json_t *config)
{
    json_t *scope = search->scope ? json_copy((json_t *)search->scope) : json_object();
    json_t *complete = json_deep_copy(config);
    const cat_schema *schema = schema_of(search, resolver_chosen(node));
    if (schema)
        cat_schema_apply_defaults(schema, complete);
    if (node != search->nodes[0]) {
        json_t *application = json_copy(json_object_get(search->scope, "application"));
        if (!json_is_object(application)) {
            json_decref(application);
            application = json_object();
        }
        cat_json_set_text(application, "name", node->application);
        json_object_set_new(scope, "application", application);
    }
    if (node != search->nodes[0] || json_object_get(search->request, "config") || schema)
        json_object_set(scope, "config", complete);
    json_decref(complete);
    return scope;
}

int resolver_judge(resolver_search *search, const resolver_node *node, const json_t *depend, size_t index, json_t **scope,
                   bool *holds, json_t **values)
{
    const char *when = cat_json_text(depend, "when");
    const json_t *templates = json_object_get(depend, "values");
    *holds = true;
    *values = NULL;
    if ((!when || !*when) && !templates)
        return 0;
    cat_autofree char *where =
        cat_printf("%.100s %.300s depends[%zu]", node->blueprint, resolver_chosen(node)->version_text, index);
    cat_autofree char *when_at = cat_printf("%s.when", where), *values_at = cat_printf("%s.values", where);
    *search->steps += RESOLVER_STEPS_EXPRESSION;
    if (!*scope)
        *scope = resolver_scope_of(search, node, node->config);
    int code = cat_expression_condition(when, *scope, when_at, holds, &search->fault);
    if (code == 0 && *holds && templates)
        code = cat_expression_evaluate_all(templates, *scope, values_at, values, &search->fault);
    return code < 0;
}
