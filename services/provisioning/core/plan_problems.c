/* What a Blueprint's configSchema does not take of the values that Git has: a build copies them all the same, so that they run.
 */
#include "core/plan_parts.h"

#include "base/memory.h"
#include "wire/names.h"
#include "wire/schema.h"

/* [{pointer, message}] of the config when defaults are filled in. */
static json_t *faults_of(const cat_schema *schema, json_t *config_taken)
{
    cat_autojson json_t *config = config_taken, *faults = NULL;
    cat_schema_apply_defaults(schema, config);
    cat_schema_write_integers(schema, config);
    cat_schema_validate(schema, config, &faults);
    return faults ? cat_take(faults) : json_array();
}

static bool has_fault(const json_t *faults, const json_t *wanted)
{
    size_t index;
    json_t *one;
    json_array_foreach(faults, index, one)
    {
        if (json_equal(one, wanted))
            return true;
    }
    return false;
}

static void add_problem(json_t *problems, const char *pointer, const json_t *fault)
{
    cat_autofree char *where = cat_printf("%s%s", pointer, cat_json_text_or(fault, "pointer", ""));
    json_array_append_new(problems, cat_json_object("pointer", json_string(where), "message",
                                                    json_string(cat_json_text_or(fault, "message", "is not valid")), NULL));
}

/* Everybody's faults are told once; an Environment's are those of its own values, and of what its branch has otherwise. */
static void add_overlay(json_t *problems, const cat_schema *schema, const json_t *branch, const char *env_type,
                        const json_t *everybodys)
{
    const json_t *own = json_object_get(json_object_get(json_object_get(branch, "overlays"), env_type), "values");
    cat_autojson json_t *faults = faults_of(schema, prv_effective_config(branch, env_type));
    cat_autofree char *pointer = cat_printf("/overlays/%s", env_type);
    size_t index;
    json_t *fault;
    json_array_foreach(faults, index, fault)
    {
        const char *below = cat_json_text_or(fault, "pointer", "");
        if ((*below && cat_json_pointer(own, below)) || !has_fault(everybodys, fault))
            add_problem(problems, pointer, fault);
    }
}

json_t *prv_problems_of_values(const json_t *facts, const char *application, const json_t *overlays)
{
    const json_t *branches = json_object_get(prv_facts_application(facts, application), "branches"),
                 *develop = json_object_get(branches, "develop"),
                 *blueprint = prv_facts_blueprint_of(facts, json_object_get(develop, "source")),
                 *source = cat_json_get(blueprint, "spec.configSchema"), *values = json_object_get(develop, "values");
    __attribute__((cleanup(cat_schema_destroy_cleanup))) cat_schema *schema = NULL;
    json_t *problems = json_array(), *fault, *overlay;
    size_t index;
    const char *env_type;
    if (!source || cat_schema_compile(source, &schema, NULL) < 0)
        return problems;
    cat_autojson json_t *everybodys = faults_of(schema, values ? json_deep_copy(values) : json_object());
    json_array_foreach(everybodys, index, fault) add_problem(problems, "/values", fault);
    json_object_foreach((json_t *)overlays, env_type, overlay)
        add_overlay(problems, schema, json_object_get(branches, cat_branch_of_env_type(env_type)), env_type, everybodys);
    return problems;
}
