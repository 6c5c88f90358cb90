/* What an Application is made of, and which Applications could serve another. */
#include <stdlib.h>
#include <string.h>

#include "core/plan_parts.h"
#include "core/plan_shown.h"
#include "http/routes.h"
#include "observe.h"
#include "wire/names.h"
#include "wire/semver.h"

/* Values as a form has them: a null is as if it were not said. */
static json_t *shown(const json_t *values)
{
    json_t *copy = values ? json_deep_copy(values) : json_object();
    prv_drop_nulls(copy);
    return copy;
}

/* What differs in each of these Environments. */
static json_t *overlays_of(const json_t *branches, const char *organization, const json_t *environments)
{
    static const char *const TYPES[] = {"dev", "stg", "uat", "prod", "poc"};
    json_t *overlays = json_object();
    for (size_t i = 0; i < sizeof TYPES / sizeof *TYPES; i++) {
        cat_autofree char *environment = cat_printf("%s-%s", organization, TYPES[i]);
        if (!cat_json_is_text_in(environments, environment))
            continue;
        /* Each branch's own: what it carries of others is theirs. */
        const json_t *branch = json_object_get(branches, cat_branch_of_env_type(TYPES[i]));
        const json_t *overlay = json_object_get(json_object_get(branch, "overlays"), TYPES[i]);
        if (overlay)
            json_object_set_new(overlays, TYPES[i], shown(json_object_get(overlay, "values")));
    }
    return overlays;
}

static json_t *dependencies_of(const json_t *source)
{
    json_t *dependencies = json_object();
    const char *alias;
    json_t *dependency;
    json_object_foreach(cat_json_get(source, "dependencies"), alias, dependency)
        json_object_set(dependencies, alias, json_object_get(dependency, "application"));
    return dependencies;
}

static int find_application(prv_context *context, const char *organization, const char *name, json_t **application,
                            cat_error *error)
{
    cat_autojson json_t *applications = NULL;
    int code = cat_name_check_application(name, NULL) < 0
                   ? 0
                   : prv_observe_applications(context, organization, false, &applications, error);
    if (code < 0)
        return code;
    json_t *found = json_object_get(applications, name);
    if (!found)
        return cat_error_set(error, CAT_E_NOT_FOUND, "there is no Application %.60s", name);
    *application = json_incref(found);
    return 0;
}

/* What plans know of one Application. */
static json_t *facts_of(prv_context *context, const char *organization, const char *name, const json_t *application,
                        json_t *branches)
{
    json_t *known =
        cat_json_object("spec", json_incref(json_object_get(application, "spec")), "branches", json_incref(branches), NULL);
    json_t *facts = cat_json_object("organization", cat_json_object("name", json_string(organization), NULL), "applications",
                                    cat_json_object(name, known, NULL), "blueprints",
                                    prv_blueprints_visible(context->blueprints, organization), NULL);
    prv_type_values(facts);
    return facts;
}

/* One that is being removed has no object any more: whoever may see it is told so, and by which operation. */
static int tell_removal(prv_context *context, cat_request *request, const char *organization, const char *name, bool *removed,
                        cat_error *error)
{
    cat_autojson json_t *work = NULL;
    int code = prv_observe_work(context, organization, &work, error);
    const json_t *one = json_object_get(work, name);
    if (code == 0 && prv_is_being_removed(one) &&
        prv_may_see(cat_request_principal(request), organization, json_object_get(one, "environments"), NULL) == 0) {
        cat_autofree char *words = prv_work_words(one, name);
        *removed = true;
        code = cat_error_set(error, CAT_E_CONFLICT, "%s", words);
    }
    return code;
}

int prv_get_config(cat_request *request, cat_reply *reply, void *opaque, cat_error *error)
{
    prv_context *context = opaque;
    const char *organization = NULL, *name = cat_request_parameter(request, "app");
    cat_autojson json_t *application = NULL, *branches = NULL;
    int code = cat_request_organization(request, &organization, error);
    if (code == 0)
        code = find_application(context, organization, name, &application, error);
    if (code == CAT_E_NOT_FOUND) {
        cat_error failed = {0};
        bool removed = false;
        int looked = tell_removal(context, request, organization, name, &removed, &failed);
        if (removed)
            return cat_reply_problem(reply, "operation-running", failed.message, NULL);
        code = looked < 0 ? cat_error_copy(error, &failed) : code;
    }
    const json_t *all = cat_json_get(application, "spec.environments");
    cat_autojson json_t *environments = prv_visible(cat_request_principal(request), organization, all);
    /* What they may not know of is not there. */
    if (code == 0 && (code = prv_may_see(cat_request_principal(request), organization, all, error)) == CAT_E_NOT_FOUND)
        code = cat_error_set(error, code, "there is no Application %.60s", name);
    if (code == 0)
        code = prv_observe_application(context, organization, name, environments, &branches, NULL, error);
    if (code < 0)
        return code;
    cat_autojson json_t *facts = facts_of(context, organization, name, application, branches),
                        *broken = prv_unreadable(facts, name, (prv_part){environments, true}, "");
    const char *first = cat_json_text(broken, "0.message");
    if (first)
        return cat_reply_problem(reply, "application-unreadable", first, json_incref(broken));
    const json_t *develop = json_object_get(branches, "develop"), *source = json_object_get(develop, "source"),
                 *values = json_object_get(develop, "values");
    json_t *overlays = overlays_of(branches, organization, environments);
    json_t *body = cat_json_object(
        "application", json_string(name), "blueprint", json_incref(cat_json_get(source, "blueprint.name")), "version",
        json_incref(cat_json_get(source, "blueprint.version")), "source", json_incref(cat_json_get(source, "blueprint.source")),
        "size", json_incref(cat_json_get(source, "size")), "environments", json_incref(environments), "elsewhere",
        json_boolean(json_array_size(environments) < json_array_size(all)), "values", shown(values), "overlays", overlays,
        "problems", prv_problems_of_values(facts, name, overlays), "dependencies", dependencies_of(source), "commit",
        json_incref(json_object_get(develop, "commit")), NULL);
    return cat_reply_json(reply, 200, body);
}

/* --- who could serve --- */

static void split_list(const char *text, json_t *list)
{
    while (text && *text) {
        size_t length = strcspn(text, ",");
        if (length)
            json_array_append_new(list, json_stringn(text, length));
        text += length + (text[length] == ',');
    }
}

/* "" when the Application fits. */
static void why_not(const json_t *application, const char *version, const cat_semver_range *range, const char *range_text,
                    const json_t *wanted, char *why, size_t size)
{
    cat_semver parsed;
    size_t index;
    json_t *environment;
    snprintf(why, size, "%s", "");
    if (prv_is_unreadable(cat_json_get(application, "branches.develop"), "catalyst.yaml")) {
        snprintf(why, size, "its catalyst.yaml in Git cannot be read");
        return;
    }
    if (range_text && (cat_semver_parse(version, &parsed, NULL) < 0 || !cat_semver_range_holds(range, &parsed))) {
        snprintf(why, size, "its version %.60s is not in %.80s", version, range_text);
        return;
    }
    json_array_foreach((json_t *)wanted, index, environment)
    {
        if (!cat_json_is_text_in(cat_json_get(application, "spec.environments"), json_string_value(environment))) {
            snprintf(why, size, "it does not run in %.60s", json_string_value(environment));
            return;
        }
    }
}

static json_t *item_of(const char *name, const json_t *application, const cat_semver_range *range, const char *range_text,
                       const json_t *wanted, json_t *environments)
{
    char why[200];
    const char *version = cat_json_text_or(application, "branches.develop.source.blueprint.version", "");
    why_not(application, version, range, range_text, wanted, why, sizeof why);
    return cat_json_object("application", json_string(name), "blueprint",
                           json_incref(cat_json_get(application, "branches.develop.source.blueprint.name")), "version",
                           json_string(version), "environments", environments, "fits", json_boolean(!*why), "why",
                           *why ? json_string(why) : json_string("it fits"), NULL);
}

int prv_get_dependencies(cat_request *request, cat_reply *reply, void *opaque, cat_error *error)
{
    prv_context *context = opaque;
    const char *organization = NULL, *blueprint = cat_request_query(request, "blueprint"),
               *range_text = cat_request_query(request, "range");
    cat_autojson json_t *applications = NULL, *wanted = json_array();
    cat_semver_range range = {0};
    int code = cat_request_organization(request, &organization, error);
    if (code == 0)
        code = cat_access_check(cat_request_principal(request), CAT_ACTION_READ, organization, NULL, error);
    if (code == 0 && range_text && cat_semver_range_parse(range_text, &range, error) < 0)
        return cat_openapi_refuse(reply, "invalid", "range", error->message);
    if (code == 0)
        code = prv_observe_applications(context, organization, true, &applications, error);
    if (code < 0)
        return code;
    split_list(cat_request_query(request, "environments"), wanted);
    size_t index;
    json_t *environment;
    json_array_foreach(wanted, index, environment)
    {
        code = cat_access_check(cat_request_principal(request), CAT_ACTION_READ, organization, json_string_value(environment),
                                error);
        if (code < 0)
            return code;
    }
    json_t *items = json_array();
    const char *name;
    json_t *application;
    json_object_foreach(applications, name, application)
    {
        bool same = cat_text_equal(cat_json_text(application, "branches.develop.source.blueprint.name"), blueprint);
        if (same &&
            prv_may_see(cat_request_principal(request), organization, cat_json_get(application, "spec.environments"), NULL) == 0)
            json_array_append_new(items, item_of(name, application, &range, range_text, wanted,
                                                 prv_visible(cat_request_principal(request), organization,
                                                             cat_json_get(application, "spec.environments"))));
    }
    return cat_page_reply(request, reply, items, "application", error);
}
