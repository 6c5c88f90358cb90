/* What values.yaml says, as the cluster gets it: bindings copy a scalar's text, whatever YAML takes it for, so that `1.10` in a
 * field for a text is "1.10". What is bound as a whole, lists above all, reaches the cluster as YAML reads it (wire/yaml.h). */
#include "core/plan_parts.h"

#include <string.h>

#include "base/memory.h"
#include "wire/schema.h"
#include "wire/yaml.h"

/* A date is a text to JSON already, and no schema calls for another form of it. */
static void write_dates(json_t *values, const json_t *written)
{
    const char *name;
    json_t *value;
    json_object_foreach(values, name, value)
    {
        json_t *as = json_object_get(written, name);
        if (json_is_object(value))
            write_dates(value, as);
        else if (json_is_string(value) && json_is_string(as))
            json_string_set(value, json_string_value(as));
    }
}

static json_t *spec_as(const char *text, bool as_written)
{
    cat_yaml_caps caps = CAT_YAML_CAPS;
    caps.as_written = as_written;
    cat_autojson json_t *document = NULL;
    if (!text || cat_yaml_parse(text, strlen(text), &caps, &document, NULL, NULL) < 0)
        return NULL;
    return json_incref(cat_json_get(document, "spec"));
}

static void type_one(const cat_schema *schema, json_t *values, const json_t *branch, const char *path)
{
    cat_autojson json_t *written = spec_as(json_string_value(json_object_get(json_object_get(branch, "files"), path)), true);
    if (!json_is_object(values) || !json_is_object(written))
        return;
    write_dates(values, written);
    if (schema)
        cat_schema_write_texts(schema, values, written);
}

static void type_branch(const json_t *facts, json_t *branch)
{
    const json_t *blueprint = prv_facts_blueprint_of(facts, json_object_get(branch, "source")),
                 *source = cat_json_get(blueprint, "spec.configSchema");
    __attribute__((cleanup(cat_schema_destroy_cleanup))) cat_schema *schema = NULL;
    const char *type;
    json_t *overlay;
    if (source)
        cat_schema_compile(source, &schema, NULL);
    type_one(schema, json_object_get(branch, "values"), branch, "values.yaml");
    json_object_foreach(json_object_get(branch, "overlays"), type, overlay)
    {
        cat_autofree char *path = cat_printf("overlays/%s/values.yaml", type);
        type_one(schema, json_object_get(overlay, "values"), branch, path);
    }
}

void prv_type_values(json_t *facts)
{
    const char *name;
    json_t *application, *branch;
    json_object_foreach(json_object_get(facts, "applications"), name, application)
    {
        json_object_foreach(json_object_get(application, "branches"), name, branch)
        {
            if (json_object_get(branch, "files"))
                type_branch(facts, branch);
        }
    }
}

/* Where `wanted` is the text that stands there, it stays what YAML takes it for. */
static void leave(json_t *wanted, const json_t *is, const json_t *written)
{
    const char *name;
    json_t *value;
    void *next;
    json_object_foreach_safe(wanted, next, name, value)
    {
        json_t *old = json_object_get(is, name), *as = json_object_get(written, name);
        if (json_is_object(value))
            leave(value, old, as);
        else if (old && json_is_string(value) && json_is_string(as) && json_equal(value, as))
            json_object_set(wanted, name, old);
    }
}

void prv_leave_as_written(json_t *wanted, const char *text)
{
    cat_autojson json_t *is = spec_as(text, false), *written = spec_as(text, true);
    leave(cat_json_get(wanted, "spec"), is, written);
}
