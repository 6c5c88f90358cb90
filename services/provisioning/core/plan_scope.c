#include "core/plan_parts.h"

#include <stdio.h>

#include "base/memory.h"
#include "domain/expression.h"
#include "domain/secrets.h"
#include "wire/names.h"

void prv_secret_path(const json_t *facts, const char *application, const char *env_type, char *path, size_t size)
{
    cat_autofree char *base = cat_secret_base(cat_json_text_or(facts, "organization.name", ""), env_type, application);
    snprintf(path, size, "%s", base);
}

static json_t *environment_scope(const json_t *facts, const char *application, const char *environment)
{
    const json_t *known = prv_facts_environment(facts, environment);
    const char *type = cat_json_text_or(known, "type", "");
    char path[256];
    prv_secret_path(facts, application, type, path, sizeof(path));
    return cat_json_object("name", json_string(environment), "type", json_string(type), "domain",
                           json_string(cat_json_text_or(known, "domain", "")), "secretPath", json_string(path), NULL);
}

json_t *prv_scope_make(const json_t *facts, const char *application, const char *environment, const json_t *config,
                       const json_t *dependencies)
{
    const char *type = cat_json_text_or(prv_facts_environment(facts, environment), "type", "");
    cat_autofree char *namespace = cat_printf("%s-%s", application, type);
    return cat_json_object("config", json_incref((json_t *)config), "application",
                           cat_json_object("name", json_string(application), "namespace", json_string(namespace), NULL),
                           "environment", environment_scope(facts, application, environment), "organization",
                           json_incref(cat_json_get(facts, "organization")), "sovereign",
                           json_incref(cat_json_get(facts, "sovereign")), "dependencies",
                           dependencies ? json_incref((json_t *)dependencies) : json_object(), NULL);
}

/* Outputs are text: they end up in names, addresses and environment variables. */
static json_t *as_text(const json_t *value)
{
    if (json_is_string(value))
        return json_incref((json_t *)value);
    cat_autofree char *text = cat_json_format(value);
    return json_string(text);
}

int prv_outputs_of(const json_t *facts, const json_t *blueprint, const char *application, const char *environment,
                   const json_t *config, json_t **outputs, cat_error *error)
{
    cat_autojson json_t *scope = prv_scope_make(facts, application, environment, config, NULL);
    cat_autojson json_t *found = json_object();
    const char *name;
    json_t *expression;
    json_object_foreach(cat_json_get(blueprint, "spec.outputs"), name, expression)
    {
        cat_autojson json_t *value = NULL;
        cat_autofree char *where = cat_printf("%s %s outputs.%s", cat_json_text_or(blueprint, "name", ""),
                                              cat_json_text_or(blueprint, "version", ""), name);
        int result = cat_expression_evaluate_all(expression, scope, where, &value, error);
        if (result < 0)
            return result;
        json_object_set_new(found, name, as_text(value));
    }
    *outputs = cat_take(found);
    return 0;
}
