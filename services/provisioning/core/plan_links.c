#include "core/plan_reach.h"

#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "wire/names.h"

static const prv_application *made_here(const prv_application *others, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (cat_text_equal(others[i].name, name))
            return &others[i];
    }
    return NULL;
}

/* Outputs of an Application that is there already, as its branch for this Environment has it. */
static int outputs_of_existing(const json_t *facts, const char *name, const char *environment, json_t **outputs, cat_error *error)
{
    const char *type = cat_json_text_or(prv_facts_environment(facts, environment), "type", "");
    const json_t *application = prv_facts_application(facts, name);
    const json_t *branch = json_object_get(cat_json_get(application, "branches"), cat_branch_of_env_type(type) ?: "");
    const json_t *blueprint = prv_facts_blueprint_of(facts, cat_json_get(branch, "source"));
    if (!branch || !blueprint || !prv_runs_on(facts, name, cat_branch_of_env_type(type)))
        return cat_error_set(error, CAT_E_NOT_FOUND, "%s has nothing for %s that could be depended on", name, environment);
    cat_autojson json_t *config = prv_effective_config(branch, type);
    return prv_outputs_of(facts, blueprint, name, environment, config, outputs, error);
}

static void add_unused(const prv_application *application, json_t *dependencies)
{
    const char *alias, *output;
    json_t *blueprint, *expression;
    json_object_foreach(application->unused, alias, blueprint)
    {
        json_t *empty = json_object();
        json_object_foreach(cat_json_get(blueprint, "spec.outputs"), output, expression)
            json_object_set_new(empty, output, json_string(""));
        json_object_set_new(dependencies, alias, empty);
    }
}

int prv_dependencies_in(const json_t *facts, const prv_application *application, const prv_application *others, size_t count,
                        const char *environment, json_t **dependencies, cat_error *error)
{
    cat_autojson json_t *found = json_object();
    const char *alias;
    json_t *name;
    json_object_foreach(application->dependencies, alias, name)
    {
        const char *text = json_string_value(name);
        const prv_application *other = made_here(others, count, text);
        cat_autojson json_t *outputs = NULL;
        int result = other ? prv_outputs_of(facts, other->blueprint, other->name, environment, other->config, &outputs, error)
                           : outputs_of_existing(facts, text, environment, &outputs, error);
        if (result < 0)
            return result;
        json_object_set_new(outputs, "application", json_string(text));
        json_object_set_new(found, alias, cat_take(outputs));
    }
    add_unused(application, found);
    *dependencies = cat_take(found);
    return 0;
}

static bool array_holds(const json_t *array, const json_t *item)
{
    size_t index;
    json_t *other;
    json_array_foreach(array, index, other)
    {
        if (json_equal(other, item))
            return true;
    }
    return false;
}

static void append_items(json_t *patch, const char *list, const json_t *items, const json_t *present)
{
    size_t index;
    json_t *item;
    cat_autofree char *path = cat_printf("/spec/%s/-", list);
    json_array_foreach(items, index, item)
    {
        if (!array_holds(present, item))
            json_array_append_new(
                patch, cat_json_object("op", json_string("add"), "path", json_string(path), "value", json_incref(item), NULL));
    }
}

int prv_link_patch(const json_t *values, const json_t *config, const char *application, json_t **patch, cat_error *error)
{
    cat_autojson json_t *found = json_array();
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)values, name, value)
    {
        const json_t *present = json_object_get(config, name);
        if (!json_is_array(value)) {
            if (!json_equal(value, present)) {
                cat_autofree char *wanted = cat_json_format(value);
                return cat_error_set(error, CAT_E_CONFLICT,
                                     "%s cannot serve: its '%s' would have to be %.100s; choose another one or make a new one",
                                     application, name, wanted);
            }
            continue;
        }
        if (!present) {
            cat_autofree char *path = cat_printf("/spec/%s", name);
            json_array_append_new(
                found, cat_json_object("op", json_string("add"), "path", json_string(path), "value", json_array(), NULL));
        }
        append_items(found, name, value, present);
    }
    *patch = cat_take(found);
    return 0;
}
