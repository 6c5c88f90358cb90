/* What a request changed of an Application's values, for errors that point at its field. */
#include "core/plan_immutable.h"

#include <string.h>

#include "base/memory.h"
#include "wire/yaml.h"

static json_t *member_of(const json_t *files, const char *path, const char *member)
{
    const char *text = json_string_value(json_object_get(files, path));
    cat_autojson json_t *document = NULL;
    if (!text || cat_yaml_parse(text, strlen(text), &CAT_YAML_CAPS, &document, NULL, NULL) < 0)
        return NULL;
    json_t *found = cat_json_get(document, member);
    return found ? json_incref(found) : NULL;
}

static void add(json_t *changes, const char *pointer, const json_t *value)
{
    json_array_append_new(
        changes, cat_json_object("pointer", json_string(pointer), "value", value ? json_incref((json_t *)value) : NULL, NULL));
}

static void compare(const json_t *before, const json_t *after, const char *pointer, json_t *changes)
{
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)after, name, value)
    {
        const json_t *was = json_object_get(before, name);
        cat_autofree char *own = cat_printf("%s/%s", pointer, name);
        if (was && json_equal(was, value))
            continue;
        if (json_is_object(was) && json_is_object(value))
            compare(was, value, own, changes);
        else
            add(changes, own, value);
    }
    json_object_foreach((json_t *)before, name, value)
    {
        cat_autofree char *own = cat_printf("%s/%s", pointer, name);
        if (!json_object_get(after, name))
            add(changes, own, NULL);
    }
}

json_t *prv_config_changes(const json_t *before, const json_t *after, const char *env_type)
{
    json_t *changes = json_array();
    cat_autofree char *overlay = cat_printf("overlays/%s/values.yaml", env_type);
    const char *const paths[] = {"values.yaml", overlay};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        cat_autojson json_t *was = member_of(before, paths[i], "spec"), *is = member_of(after, paths[i], "spec");
        compare(was, is, "/config", changes);
    }
    cat_autojson json_t *was = member_of(before, "catalyst.yaml", "spec.size"),
                        *is = member_of(after, "catalyst.yaml", "spec.size");
    if (was && is && !json_equal(was, is))
        add(changes, "/size", is);
    return changes;
}
