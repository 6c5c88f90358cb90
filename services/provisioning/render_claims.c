/* Which volumes an Application that is uninstalled has. */
#include "base/log.h"
#include "base/memory.h"
#include "core/plan_kept.h"
#include "render.h"
#include "wire/names.h"

/* A removal waits for nobody's builds for long. */
#define WAIT_MS 3000

static int build_head(const prv_render_options *options, const json_t *facts, const char *application, const char *type,
                      json_t **objects, cat_error *error)
{
    const char *organization = cat_json_text_or(facts, "organization.name", ""), *branch = cat_branch_of_env_type(type);
    cat_autofree char *repository = cat_printf("%s/%s", organization, application);
    cat_autofree char *namespace = cat_printf("%s-%s", application, type);
    cat_autojson json_t *head = prv_render_head(facts, repository, branch ? branch : ""), *refusals = NULL;
    int code = prv_render_gate_enter_program(options->gate, organization, WAIT_MS, error);
    if (code < 0)
        return code;
    code = prv_render_build(options, head, type, namespace, objects, &refusals, error);
    prv_render_gate_leave_program(options->gate, organization);
    return code;
}

json_t *prv_render_claims(const prv_render_options *options, const json_t *facts, const char *application)
{
    const char *organization = cat_json_text_or(facts, "organization.name", "");
    json_t *claims = json_object(), *environment;
    size_t index;
    if (prv_render_gate_enter_plan(options->gate, organization, WAIT_MS, NULL) < 0)
        return claims;
    json_array_foreach(cat_json_get(prv_facts_application(facts, application), "spec.environments"), index, environment)
    {
        const char *name = json_string_value(environment) ? json_string_value(environment) : "";
        const char *type = cat_json_text_or(prv_facts_environment(facts, name), "type", "");
        cat_autojson json_t *objects = NULL;
        cat_error failed = {0};
        if (build_head(options, facts, application, type, &objects, &failed) == 0)
            json_object_set_new(claims, name, prv_claims_of(objects));
        else
            cat_log_info("what is being removed cannot be built", CAT_FIELD("application", application),
                         CAT_FIELD("environment", name), CAT_FIELD("error", failed.message));
    }
    prv_render_gate_leave_plan(options->gate, organization);
    return claims;
}
