#include "core/plan_parts.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/memory.h"
#include "wire/names.h"
#include "wire/problem.h"

void prv_draft_init(prv_draft *draft, const prv_kind *kind, const json_t *facts, const json_t *request)
{
    *draft = (prv_draft){.kind = kind,
                         .facts = facts,
                         .request = request,
                         .errors = json_array(),
                         .applications = json_array(),
                         .files = json_array(),
                         .trees = json_array(),
                         .objects = json_array(),
                         .secrets = json_array(),
                         .links = json_array(),
                         .commits = json_array(),
                         .warnings = json_array(),
                         .skeletons = json_array(),
                         .environments = json_array()};
}

void prv_draft_finish(prv_draft *draft)
{
    json_decref(draft->errors);
    json_decref(draft->applications);
    json_decref(draft->files);
    json_decref(draft->trees);
    json_decref(draft->objects);
    json_decref(draft->secrets);
    json_decref(draft->links);
    json_decref(draft->commits);
    json_decref(draft->warnings);
    json_decref(draft->skeletons);
    json_decref(draft->environments);
    *draft = (prv_draft){0};
}

void prv_draft_complain(prv_draft *draft, const char *pointer, const char *format, ...)
{
    char message[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof(message), format, arguments);
    va_end(arguments);
    json_array_append_new(draft->errors, cat_json_object("pointer", json_string(pointer), "message", json_string(message), NULL));
}

int prv_draft_verdict(prv_draft *draft, cat_error *error)
{
    if (json_array_size(draft->errors) == 0)
        return 0;
    const json_t *first = json_array_get(draft->errors, 0);
    draft->code = "schema-invalid";
    cat_autofree char *detail =
        cat_problem_complaint(cat_json_text_or(first, "pointer", ""), cat_json_text_or(first, "message", ""));
    return cat_error_set(error, CAT_E_INVALID, "%s", detail);
}

int prv_draft_refuse(prv_draft *draft, int code, const char *problem, cat_error *error, const char *format, ...)
{
    char message[CAT_ERROR_MESSAGE_MAX];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof(message), format, arguments);
    va_end(arguments);
    draft->code = problem;
    return cat_error_set(error, code, "%s", message);
}

void prv_application_finish(prv_application *application)
{
    json_decref(application->config);
    json_decref(application->dependencies);
    json_decref(application->unused);
    json_decref(application->scope);
    *application = (prv_application){0};
}

const json_t *prv_facts_environment(const json_t *facts, const char *environment)
{
    return json_object_get(cat_json_get(facts, "environments"), environment ? environment : "");
}

const json_t *prv_facts_application(const json_t *facts, const char *application)
{
    return json_object_get(cat_json_get(facts, "applications"), application ? application : "");
}

const json_t *prv_facts_blueprint(const json_t *facts, const char *source, const char *name, const char *version)
{
    size_t index;
    json_t *blueprint;
    json_array_foreach(cat_json_get(facts, "blueprints"), index, blueprint)
    {
        if (cat_text_equal(cat_json_text(blueprint, "source"), source) &&
            cat_text_equal(cat_json_text(blueprint, "name"), name) &&
            cat_text_equal(cat_json_text(blueprint, "version"), version))
            return blueprint;
    }
    return NULL;
}

const json_t *prv_facts_blueprint_of(const json_t *facts, const json_t *source)
{
    return prv_facts_blueprint(facts, cat_json_text(source, "blueprint.source"), cat_json_text(source, "blueprint.name"),
                               cat_json_text(source, "blueprint.version"));
}

void prv_blueprint_key(const json_t *blueprint, char *key, size_t size)
{
    snprintf(key, size, "%s.%s.%s", cat_json_text_or(blueprint, "source", ""), cat_json_text_or(blueprint, "name", ""),
             cat_json_text_or(blueprint, "version", ""));
}

json_t *prv_effective_config(const json_t *branch, const char *env_type)
{
    json_t *values = json_deep_copy(cat_json_get(branch, "values"));
    const json_t *overlay = json_object_get(cat_json_get(branch, "overlays"), env_type);
    if (!values)
        values = json_object();
    if (!overlay || !cat_json_get(overlay, "values"))
        return values;
    json_t *merged = cat_json_merge_patch(values, cat_json_get(overlay, "values"));
    json_decref(values);
    return merged;
}
