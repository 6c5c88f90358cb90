/* What a request touches: branches of Applications, as the row of its kind says that its plan wants to know. */
#include <string.h>

#include "base/log.h"
#include "kinds/kinds.h"
#include "observe_parts.h"
#include "wire/names.h"

/* Applications that the request wants to reuse, at any depth. */
static void add_chosen(const json_t *dependencies, cat_strings *names)
{
    const char *alias;
    json_t *choice;
    json_object_foreach((json_t *)dependencies, alias, choice)
    {
        const char *name = cat_json_text(choice, "application");
        if (cat_text_equal(cat_json_text(choice, "use"), "existing") && name && !cat_strings_has(names, name) &&
            names->count < 64)
            cat_strings_add(names, name);
        add_chosen(cat_json_get(choice, "dependencies"), names);
    }
}

static int load(const prv_observing *to, const char *name, cat_error *error)
{
    json_t *application = json_object_get(json_object_get(to->facts, "applications"), name), *branches = NULL;
    if (!application)
        return 0; /* the plan says so in its own words */
    cat_error failed = {0};
    int code = prv_observe_application(to->context, to->organization, name, cat_json_get(application, "spec.environments"),
                                       &branches, to->reads, &failed);
    if (code == CAT_E_NOT_FOUND)
        return cat_error_set_class(error, CAT_E_CONFLICT, CAT_CLASS_STALLED,
                                   "repository %s/%s of Application %s is not there: it was renamed, moved or deleted. Give it "
                                   "its name back, or uninstall the Application",
                                   to->organization, name, name);
    if (code < 0)
        return cat_error_copy(error, &failed);
    json_object_set_new(application, "branches", branches);
    return 0;
}

/* What serves the Application that goes: one whose repository is gone or does not answer for itself holds nothing up. */
static int load_serving(const prv_observing *to, const char *name, cat_error *error)
{
    cat_error failed = {0};
    int code = load(to, name, &failed);
    if (code == 0)
        return 0;
    if (prv_is_nobodys(&failed))
        return cat_error_copy(error, &failed);
    cat_log_warning("what serves an Application cannot be read", CAT_FIELD("application", name),
                    CAT_FIELD("error", failed.message));
    return 0;
}

/* Environments of the Organization that a branch of the repository has an overlay for. */
static int overlays_in(const prv_observing *to, const char *name, json_t *environments, cat_error *error)
{
    char url[512];
    cat_autofree char *repository = cat_printf("%s/%s", to->organization, name);
    cat_git_remote remote = prv_remote(to->context, repository, url);
    cat_autoptr(cat_git) git = NULL;
    cat_error failed = {0};
    int code = cat_git_open(&remote, NULL, &git, &failed);
    if (code < 0)
        return code == CAT_E_NOT_FOUND ? 0 : cat_error_copy(error, &failed);
    for (size_t i = 0; prv_branches[i]; i++) {
        cat_git_id head;
        const char *type = cat_env_type_of_branch(prv_branches[i]);
        cat_autofree char *environment = cat_printf("%s-%s", to->organization, type);
        if (json_object_get(json_object_get(to->facts, "environments"), environment) &&
            cat_git_head(git, prv_branches[i], &head, NULL) == 0 && prv_branch_has_overlay(git, &head, type))
            json_array_append_new(environments, json_string(environment));
    }
    return 0;
}

/* An install that did not end left a repository and no Application object: it can be uninstalled like one. It ran, or would have,
 * where its branches have overlays for. */
static int load_unfinished(const prv_observing *to, const char *name, cat_error *error)
{
    json_t *applications = json_object_get(to->facts, "applications");
    if (!cat_json_is_text_in(json_object_get(to->facts, "unfinished"), name))
        return 0;
    json_t *environments = json_array();
    json_object_set_new(
        applications, name,
        cat_json_object("spec", cat_json_object("environments", environments, NULL), "branches", json_object(), NULL));
    return overlays_in(to, name, environments, error);
}

/* What is on its own branches is for what is told of its volumes, and nothing that a removal could wait for. */
static void load_going(const prv_observing *to, const char *name)
{
    prv_observing own = *to;
    cat_error failed = {0};
    own.reads = NULL;
    if (load(&own, name, &failed) < 0)
        cat_log_warning("what is being removed cannot be read", CAT_FIELD("application", name),
                        CAT_FIELD("error", failed.message));
}

/* A removal does not depend on what people wrote into the repository: what it knows of it are the names in catalyst.yaml, where
 * that can be read. */
static int load_all_serving(const prv_observing *to, const char *target, cat_error *error)
{
    json_t *applications = json_object_get(to->facts, "applications"), *dependency;
    const char *alias;
    cat_auto(cat_strings) names = {0};
    int code = 0;
    json_object_foreach(cat_json_get(json_object_get(applications, target), "branches.develop.source.dependencies"), alias,
                        dependency)
    {
        const char *name = cat_json_text(dependency, "application");
        if (name && !cat_strings_has(&names, name))
            cat_strings_add(&names, name);
    }
    for (size_t i = 0; code == 0 && i < names.count; i++)
        code = load_serving(to, names.items[i], error);
    return code;
}

static int load_chosen(const prv_observing *to, cat_error *error)
{
    cat_auto(cat_strings) names = {0};
    int code = 0;
    add_chosen(cat_json_get(to->request, "dependencies"), &names);
    for (size_t i = 0; code == 0 && i < names.count; i++)
        code = load(to, names.items[i], error);
    return code;
}

/* What the kind of the request wants to know. */
int prv_observe_touched(const prv_observing *to, cat_error *error)
{
    const char *target = cat_json_text_or(to->request, "application", "");
    const unsigned wanted = prv_kind_of(to->request)->facts;
    int code = 0;
    if (wanted & PRV_FACTS_CHOSEN)
        code = load_chosen(to, error);
    if (code == 0 && (wanted & PRV_FACTS_OWN))
        code = load(to, target, error);
    if (code == 0 && (wanted & PRV_FACTS_LEFT) && (code = load_unfinished(to, target, error)) == 0)
        load_going(to, target);
    if (code == 0 && (wanted & PRV_FACTS_SOURCES))
        code = prv_observe_sources(to->context, to->organization, json_object_get(to->facts, "applications"), error);
    if (code == 0 && (wanted & PRV_FACTS_SERVING))
        code = load_all_serving(to, target, error);
    return code;
}
