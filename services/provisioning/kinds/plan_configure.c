/* A change of config or size. values.yaml changes on develop and is carried to the branches in use; with
 * `environment` only that overlay changes. */
#include "core/plan_governed.h"
#include "core/plan_reach.h"

#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "kinds/kinds.h"
#include "wire/names.h"

static const char *const ORDER[] = {"dev", "stg", "uat", "prod", "poc"};

static const char *text_at(const json_t *branch, const char *path)
{
    return json_string_value(json_object_get(cat_json_get(branch, "files"), path));
}

/* What Catalyst writes there, in people's words; the text is lent by the plan's file. */
static const char *add_file(prv_draft *draft, json_t *files, const char *repository, const char *branch_name,
                            const json_t *branch, const char *path, char *content_taken)
{
    cat_auto(cat_strings) lost = {0};
    const char *before = text_at(branch, path);
    char *content = prv_file_kept(before, content_taken, &lost);
    prv_warn_lost(draft, repository, branch_name, path, &lost);
    prv_show_file(draft, repository, branch_name, path, before, content);
    json_t *file = prv_file(path, content);
    json_array_append_new(files, file);
    return cat_json_text_or(file, "content", "");
}

static void add_tree(prv_draft *draft, const char *repository, const char *branch, const char *from, const char *keep,
                     json_t *files_taken)
{
    json_t *kept = json_array();
    if (keep)
        json_array_append_new(kept, json_string(keep));
    json_array_append_new(draft->trees, cat_json_object("repository", json_string(repository), "branch", json_string(branch),
                                                        "from", json_string(from), "keep", kept, "files", files_taken, NULL));
}

static void add_overlay_size(prv_draft *draft, json_t *files, const char *repository, const char *branch_name,
                             const json_t *branch, const char *type, const char *size)
{
    const json_t *overlay = json_object_get(cat_json_get(branch, "overlays"), type);
    cat_autofree char *path = cat_printf("overlays/%s/kustomization.yaml", type);
    cat_auto(cat_strings) lost = {0};
    if (!overlay)
        return;
    const char *before = text_at(branch, path);
    char *content = prv_overlay_kept(before, size, cat_json_get(overlay, "links"), &lost);
    prv_warn_lost(draft, repository, branch_name, path, &lost);
    prv_show_file(draft, repository, branch_name, path, before, content);
    json_array_append_new(files, prv_file(path, content));
}

static void add_source(prv_draft *draft, json_t *files, const char *repository, const json_t *branch, const char *application,
                       const json_t *blueprint, const char *size)
{
    cat_autojson json_t *dependencies = json_object();
    const char *alias;
    json_t *dependency;
    json_object_foreach(cat_json_get(branch, "source.dependencies"), alias, dependency)
        json_object_set(dependencies, alias, cat_json_get(dependency, "application"));
    prv_application view = {.name = application, .size = size, .blueprint = blueprint, .dependencies = dependencies};
    add_file(draft, files, repository, "develop", branch, "catalyst.yaml", prv_source_file(&view));
}

/* The text of values.yaml, lent by the plan. */
static const char *change_develop(prv_draft *draft, const char *name, const char *repository, const json_t *develop,
                                  const json_t *blueprint, const json_t *config, const char *size)
{
    json_t *files = json_array();
    const char *values = add_file(draft, files, repository, "develop", develop, "values.yaml", prv_values_file(config, NULL));
    if (size) {
        add_source(draft, files, repository, develop, name, blueprint, size);
        add_overlay_size(draft, files, repository, "develop", develop, "dev", size);
    }
    add_tree(draft, repository, "develop", "", NULL, files);
    return values;
}

static bool has_manifests(const json_t *branch)
{
    return cat_json_get(branch, "source") != NULL;
}

/* The branches of the Application's Environments follow in promotion order. */
static void carry(prv_draft *draft, const char *name, const char *repository, const json_t *application, const char *values,
                  const char *size)
{
    const char *from = "develop";
    for (size_t i = 1; i < sizeof(ORDER) / sizeof(*ORDER); i++) {
        const char *branch_name = cat_branch_of_env_type(ORDER[i]);
        const json_t *branch = json_object_get(cat_json_get(application, "branches"), branch_name);
        if (!branch || !has_manifests(branch) || !prv_runs_on(draft->facts, name, branch_name))
            continue;
        bool outside = cat_env_type_rank(ORDER[i]) < 0;
        cat_autofree char *environment = cat_printf("%s-%s", cat_json_text_or(draft->facts, "organization.name", ""), ORDER[i]);
        cat_autofree char *governed =
            prv_governed_words(draft->facts, environment, "the change does not reach it before it is promoted there");
        if (governed) {
            json_array_append_new(draft->warnings, json_string(governed));
            if (!outside)
                break; /* what comes after it is promoted from it */
            continue;
        }
        cat_autofree char *keep = cat_printf("overlays/%s", ORDER[i]);
        json_t *files = json_array();
        prv_show_file(draft, repository, branch_name, "values.yaml", text_at(branch, "values.yaml"), values);
        if (size)
            add_overlay_size(draft, files, repository, branch_name, branch, ORDER[i], size);
        add_tree(draft, repository, branch_name, outside ? "develop" : from, keep, files);
        from = outside ? from : branch_name;
    }
}

static void refuse_governed(prv_draft *draft, const char *environment, const char *pointer)
{
    cat_autofree char *governed =
        prv_governed_words(draft->facts, environment, "changes there are promoted, which is not offered yet");
    if (governed)
        prv_draft_complain(draft, pointer, "%s", governed);
}

static int change_everywhere(prv_draft *draft, const char *name, const char *repository, const json_t *application,
                             const json_t *blueprint, cat_error *error)
{
    const json_t *develop = cat_json_get(application, "branches.develop"), *changes = cat_json_get(draft->request, "config");
    const char *size = cat_json_text(draft->request, "size");
    if (cat_text_equal(size, cat_json_text(develop, "source.size")))
        size = NULL;
    cat_autojson json_t *config = changes ? json_deep_copy(changes) : json_deep_copy(cat_json_get(develop, "values"));
    if (!config)
        config = json_object();
    prv_drop_nulls(config);
    prv_complete_config(draft, blueprint, config, cat_json_get(develop, "values"), "/config", "");
    /* What is everybody's stands on develop, which is dev's branch too. */
    cat_autofree char *dev = cat_printf("%s-dev", cat_json_text_or(draft->facts, "organization.name", ""));
    refuse_governed(draft, dev, changes ? "/config" : "/size");
    if (size && cat_json_get(blueprint, "spec.manifests.sizes") &&
        !cat_json_is_text_in(cat_json_get(blueprint, "spec.manifests.sizes"), size))
        prv_draft_complain(draft, "/size", "%s has no size '%.40s'", cat_json_text_or(blueprint, "name", ""), size);
    int result = prv_draft_verdict(draft, error);
    if (result < 0)
        return result;
    carry(draft, name, repository, application, change_develop(draft, name, repository, develop, blueprint, config, size), size);
    return 0;
}

static int change_one_environment(prv_draft *draft, const char *name, const char *repository, const json_t *application,
                                  const json_t *blueprint, const char *environment, cat_error *error)
{
    const char *type = cat_json_text_or(prv_facts_environment(draft->facts, environment), "type", "");
    const char *branch_name = cat_branch_of_env_type(type);
    const json_t *branch = json_object_get(cat_json_get(application, "branches"), branch_name ? branch_name : "");
    if (!branch || !prv_runs_on(draft->facts, name, branch_name)) {
        prv_draft_complain(draft, "/environment", "The Application does not run in '%.60s'", environment);
        return prv_draft_verdict(draft, error);
    }
    if (cat_json_text(draft->request, "size"))
        prv_draft_complain(draft, "/size", "The size is the same in every Environment");
    refuse_governed(draft, environment, "/environment");
    cat_autojson json_t *own = json_deep_copy(cat_json_get(draft->request, "config"));
    cat_autojson json_t *values = json_deep_copy(cat_json_get(branch, "values"));
    if (!own)
        own = json_object();
    prv_drop_nulls(own);
    prv_write_integers(blueprint, own);
    cat_autojson json_t *merged = cat_json_merge_patch(values, own), *was = prv_effective_config(branch, type);
    prv_complete_config(draft, blueprint, merged, was, "/config", " (with what this Environment changes)");
    int result = prv_draft_verdict(draft, error);
    if (result < 0)
        return result;
    cat_autofree char *path = cat_printf("overlays/%s/values.yaml", type);
    json_t *files = json_array();
    add_file(draft, files, repository, branch_name, branch, path, prv_values_file(own, NULL));
    add_tree(draft, repository, branch_name, "", NULL, files);
    return 0;
}

static void warn_dependants(prv_draft *draft, const char *name)
{
    const char *other;
    json_t *application;
    json_object_foreach(cat_json_get(draft->facts, "applications"), other, application)
    {
        const char *alias;
        json_t *dependency;
        if (cat_json_is_text_in(cat_json_get(draft->facts, "unseen"), other))
            continue;
        json_object_foreach(cat_json_get(application, "branches.develop.source.dependencies"), alias, dependency)
        {
            if (cat_text_equal(cat_json_text(dependency, "application"), name)) {
                cat_autofree char *text =
                    cat_printf("%s uses %s: what it knows of it is written anew with its own next change", other, name);
                json_array_append_new(draft->warnings, json_string(text));
            }
        }
    }
}

/* A change in one Environment needs its branch alone, and what the Application is made from. */
static int refuse_unreadable(prv_draft *draft, const char *name, const char *environment, cat_error *error)
{
    cat_autojson json_t *asked = prv_environments_asked(draft->kind, draft->facts, draft->request);
    return prv_refuse_unreadable(draft, name, (prv_part){asked, !environment}, "/application", error);
}

static int refuse_absent(prv_draft *draft, const char *name, cat_error *error)
{
    const json_t *work = json_object_get(cat_json_get(draft->facts, "work"), name);
    cat_autofree char *words = prv_work_words(work, name);
    return prv_is_being_removed(work)
               ? prv_draft_refuse(draft, CAT_E_CONFLICT, "operation-running", error, "%s", words)
               : prv_draft_refuse(draft, CAT_E_NOT_FOUND, NULL, error, "there is no Application '%.60s'", name);
}

static bool is_branch_changed(const prv_draft *draft, const char *repository, const char *branch)
{
    size_t index;
    json_t *tree;
    json_array_foreach(draft->trees, index, tree)
    {
        if (cat_text_equal(cat_json_text(tree, "repository"), repository) &&
            cat_text_equal(cat_json_text(tree, "branch"), branch))
            return true;
    }
    return false;
}

/* Those of its Environments that the change comes to: not one that others are promoted to, nor, of a change in one, the others.
 */
static json_t *changed_environments(const prv_draft *draft, const json_t *application, const char *repository)
{
    json_t *changed = json_array(), *environment;
    size_t index;
    json_array_foreach(cat_json_get(application, "spec.environments"), index, environment)
    {
        const char *type = cat_json_text_or(prv_facts_environment(draft->facts, json_string_value(environment)), "type", "");
        const char *branch = cat_branch_of_env_type(type);
        if (branch && is_branch_changed(draft, repository, branch))
            json_array_append(changed, environment);
    }
    return changed;
}

int prv_plan_configure(prv_draft *draft, cat_error *error)
{
    const char *name = cat_json_text_or(draft->request, "application", ""),
               *environment = cat_json_text(draft->request, "environment");
    const json_t *application = prv_facts_application(draft->facts, name);
    const json_t *blueprint = prv_facts_blueprint_of(draft->facts, cat_json_get(application, "branches.develop.source"));
    if (!application)
        return refuse_absent(draft, name, error);
    int result = refuse_unreadable(draft, name, environment, error);
    if (result < 0)
        return result;
    if ((result = prv_refuse_unregistered(draft, name, "/application", error)) < 0)
        return result;
    cat_autofree char *repository = cat_printf("%s/%s", cat_json_text_or(draft->facts, "organization.name", ""), name);
    result = environment ? change_one_environment(draft, name, repository, application, blueprint, environment, error)
                         : change_everywhere(draft, name, repository, application, blueprint, error);
    if (result < 0)
        return result;
    if (json_array_size(draft->files) == 0) {
        prv_draft_complain(draft, "/config", "Nothing would change");
        return prv_draft_verdict(draft, error);
    }
    warn_dependants(draft, name);
    json_array_append_new(draft->applications,
                          cat_json_object("name", json_string(name), "action", json_string("change"), "blueprint",
                                          json_incref(cat_json_get(blueprint, "name")), "version",
                                          json_incref(cat_json_get(blueprint, "version")), "environments",
                                          changed_environments(draft, application, repository), "dependsOn", json_array(),
                                          "clusterScope", json_incref(cat_json_get(application, "spec.clusterScope")), NULL));
    cat_autofree char *message =
        environment ? cat_printf("Configure %s in %s", name, environment) : cat_printf("Configure %s", name);
    json_array_append_new(draft->commits, cat_json_object("repository", json_string(repository), "message", json_string(message),
                                                          "application", json_string(name), NULL));
    return 0;
}
