#include "core/plan_governed.h"
#include "core/plan_reach.h"

#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "domain/expression.h"
#include "domain/kinds.h"
#include "kinds/kinds.h"
#include "wire/kubernetes.h"
#include "wire/names.h"
#include "wire/yaml.h"

/* --- the request --- */

static bool is_named_before(const json_t *environments, size_t index)
{
    for (size_t i = 0; i < index; i++)
        if (cat_text_equal(json_string_value(json_array_get(environments, i)),
                           json_string_value(json_array_get(environments, index))))
            return true;
    return false;
}

static void check_environments(prv_draft *draft)
{
    const json_t *environments = cat_json_get(draft->request, "environments");
    if (!json_is_array(environments) || json_array_size(environments) == 0)
        prv_draft_complain(draft, "/environments", "Choose at least one Environment");
    size_t index;
    json_t *environment;
    json_array_foreach(environments, index, environment)
    {
        char pointer[64];
        snprintf(pointer, sizeof(pointer), "/environments/%zu", index);
        if (is_named_before(environments, index))
            prv_draft_complain(draft, pointer, "%.60s is named twice: once is enough", json_string_value(environment));
        if (!prv_facts_environment(draft->facts, json_string_value(environment)))
            prv_draft_complain(draft, pointer, "There is no Environment '%.60s'",
                               json_is_string(environment) ? json_string_value(environment) : "?");
        cat_autofree char *governed =
            prv_governed_words(draft->facts, json_string_value(environment),
                               "what is to run there has to be promoted, and promotions are not offered yet");
        if (governed)
            prv_draft_complain(draft, pointer, "%s", governed);
    }
}

static int refuse_taken(prv_draft *draft, const char *pointer, cat_error *error, const char *format, const char *name)
{
    prv_draft_complain(draft, pointer, format, name);
    return prv_draft_refuse(draft, CAT_E_EXISTS, "name-taken", error, format, name);
}

static int refuse_unfinished(prv_draft *draft, const char *pointer, const char *name, cat_error *error)
{
    const json_t *work = json_object_get(cat_json_get(draft->facts, "work"), name);
    cat_autofree char *words = prv_work_words(work, name);
    const char *advice = prv_is_being_removed(work) ? ", and its name stays taken afterwards: choose another name"
                         : work && !cat_json_bool_or(work, "ended", true) ? ": choose another name"
                                                                          : ". Or choose another name";
    cat_autofree char *all = cat_printf("%s%s", words, advice);
    return refuse_taken(draft, pointer, error, "%s", all);
}

static int check_name(prv_draft *draft, const char *name, const char *pointer, cat_error *error)
{
    cat_error rule = {0};
    if (cat_name_check_application(name, &rule) < 0) {
        prv_draft_complain(draft, pointer, "'%.60s' cannot be its name: %s", name, rule.message);
        return 0;
    }
    if (prv_facts_application(draft->facts, name))
        return refuse_taken(draft, pointer, error, "there is an Application '%s' already: choose another name", name);
    if (cat_json_is_text_in(cat_json_get(draft->facts, "taken"), name))
        return refuse_taken(draft, pointer, error,
                            "'%s' is the name of a repository that is kept, archived when its Application was uninstalled, with "
                            "what that one had of volumes and secrets: choose another name, or " PRV_WHO_FREES,
                            name);
    if (cat_json_is_text_in(cat_json_get(draft->facts, "unfinished"), name))
        return refuse_unfinished(draft, pointer, name, error);
    return 0;
}

/* A dependency without a size of its own gets that of the Application. */
static void check_size(prv_draft *draft, const prv_application *application)
{
    const json_t *sizes = cat_json_get(application->blueprint, "spec.manifests.sizes");
    bool own = cat_json_text(prv_choice_at(draft->request, application->path), "size") != NULL;
    cat_autofree char *pointer = prv_dependency_pointer(own ? application->path : "", "size");
    if (sizes && !cat_json_is_text_in(sizes, application->size))
        prv_draft_complain(draft, pointer, "%s has no size '%.40s'", cat_json_text_or(application->blueprint, "name", ""),
                           application->size);
}

/* What the Blueprint says of where it can run, held against what the request wants; without a wish the Environments' own
 * placement counts. */
static void check_placement(prv_draft *draft, const prv_application *application)
{
    const json_t *placement = cat_json_get(draft->request, "placement");
    const json_t *schema = cat_json_get(application->blueprint, "spec.placementSchema");
    const char *mode = cat_json_text(placement, "mode"), *name = cat_json_text_or(application->blueprint, "name", "");
    if (mode && json_object_get(schema, "modes") && !cat_json_is_text_in(json_object_get(schema, "modes"), mode))
        prv_draft_complain(draft, "/placement/mode", "%s cannot run as %.40s", name, mode);
    long long count = (long long)json_array_size(cat_json_get(placement, "regions"));
    long long least = cat_json_int_or(schema, "minRegions", 1), most = cat_json_int_or(schema, "maxRegions", 16);
    if (cat_json_get(placement, "regions") && (count < least || count > most))
        prv_draft_complain(draft, "/placement/regions", "%s runs in %lld to %lld regions, not in %lld", name, least, most, count);
}

/* What is to be reused has to be readable. */
static int check_chosen(prv_draft *draft, const json_t *dependencies, const char *below, cat_error *error)
{
    const char *alias;
    json_t *choice;
    int result = 0;
    json_object_foreach((json_t *)dependencies, alias, choice)
    {
        cat_autofree char *own = cat_printf("%s/dependencies/%s", below, alias);
        cat_autofree char *pointer = cat_printf("%s/application", own);
        const char *name = cat_json_text(choice, "application");
        bool existing = cat_text_equal(cat_json_text(choice, "use"), "existing");
        if (existing && !name)
            prv_draft_complain(draft, pointer, "Say which Application");
        if (result == 0 && name && existing)
            result = prv_refuse_unreadable(draft, name, (prv_part){cat_json_get(draft->request, "environments"), false}, pointer,
                                           error);
        if (result == 0 && name && existing)
            result = prv_refuse_unregistered(draft, name, pointer, error);
        if (result == 0)
            result = check_chosen(draft, cat_json_get(choice, "dependencies"), own, error);
    }
    return result;
}

/* What is wrong with the wish in itself: its name, its Environments, what it is to reuse. */
static int check_wish(prv_draft *draft, cat_error *error)
{
    const json_t *request = draft->request;
    if (!cat_json_text(request, "application"))
        prv_draft_complain(draft, "/application", "Give the Application a name");
    if (!cat_json_text(request, "blueprint.name"))
        prv_draft_complain(draft, "/blueprint/name", "Say which Blueprint to install");
    if (cat_json_get(request, "config") && !json_is_object(cat_json_get(request, "config")))
        prv_draft_complain(draft, "/config", "is an object");
    check_environments(draft);
    if (cat_json_text(request, "application")) {
        int result = check_name(draft, cat_json_text(request, "application"), "/application", error);
        if (result < 0)
            return result;
    }
    int result = check_chosen(draft, cat_json_get(request, "dependencies"), "", error);
    if (result < 0)
        return result;
    return prv_draft_verdict(draft, error);
}

/* --- trees --- */

static char *repository_of(const json_t *facts, const char *application)
{
    return cat_printf("%s/%s", cat_json_text_or(facts, "organization.name", ""), application);
}

static const char *environment_of_type(const prv_application *application, const json_t *facts, const char *type)
{
    size_t index;
    json_t *environment;
    json_array_foreach((json_t *)application->environments, index, environment)
    {
        const char *name = json_string_value(environment);
        if (cat_text_equal(cat_json_text(prv_facts_environment(facts, name), "type"), type))
            return name;
    }
    return NULL;
}

static int highest_rank(const prv_application *application, const json_t *facts)
{
    int highest = 0;
    size_t index;
    json_t *environment;
    json_array_foreach((json_t *)application->environments, index, environment)
    {
        int rank = cat_env_type_rank(cat_json_text_or(prv_facts_environment(facts, json_string_value(environment)), "type", ""));
        highest = rank > highest ? rank : highest;
    }
    return highest;
}

static void show_files(prv_draft *draft, const char *repository, const char *branch, const json_t *files)
{
    size_t index;
    json_t *file;
    json_array_foreach((json_t *)files, index, file)
        prv_show_file(draft, repository, branch, cat_json_text_or(file, "path", ""), NULL, cat_json_text(file, "content"));
}

static void add_tree(prv_draft *draft, const char *repository, const char *branch, const char *from, json_t *files_taken)
{
    show_files(draft, repository, branch, files_taken);
    json_array_append_new(draft->trees,
                          cat_json_object("repository", json_string(repository), "branch", json_string(branch), "from",
                                          json_string(from), "keep", json_array(), "files", files_taken, NULL));
}

static int overlay_for(prv_draft *draft, const prv_application *application, const prv_application *made, size_t count,
                       const char *environment, json_t **files, cat_error *error)
{
    cat_autojson json_t *dependencies = NULL;
    int result = prv_dependencies_in(draft->facts, application, made, count, environment, &dependencies, error);
    if (result < 0)
        return result;
    *files = prv_files_of_overlay(draft->facts, application, environment, dependencies, NULL, NULL);
    return 0;
}

static const char *const ORDER[] = {"dev", "stg", "uat", "prod"};

/* develop carries the manifests always; the other branches are made from the one before, as far as the
 * highest Environment chosen; what lies beyond keeps the skeleton. uat's and poc's branches exist only where
 * their Environment is chosen; poc stands outside the order. */
static int add_branches(prv_draft *draft, const prv_application *application, const prv_application *made, size_t count,
                        cat_error *error)
{
    cat_autofree char *repository = repository_of(draft->facts, application->name);
    json_t *skeleton = prv_files_of_skeleton(draft->facts, application);
    json_array_append_new(draft->skeletons, cat_json_object("repository", json_string(repository), "files", skeleton, NULL));
    prv_show_file(draft, repository, "develop", "CODEOWNERS", NULL, cat_json_text(json_array_get(skeleton, 0), "content"));
    int highest = highest_rank(application, draft->facts);
    const char *before = "develop";
    for (int rank = 0; rank < 4; rank++) {
        const char *type = ORDER[rank], *branch = cat_branch_of_env_type(type);
        const char *environment = environment_of_type(application, draft->facts, type);
        cat_autojson json_t *files = NULL;
        int result;
        if (strcmp(type, "uat") == 0 && !environment)
            continue;
        if (environment && (result = overlay_for(draft, application, made, count, environment, &files, error)) < 0)
            return result;
        if (!files)
            files = json_array();
        if (rank == 0) {
            cat_autojson json_t *all = NULL;
            if ((result = prv_files_of_application(draft->facts, application, &all, error)) < 0)
                return result;
            json_array_extend(all, files);
            add_tree(draft, repository, branch, "skeleton", cat_take(all));
        } else if (rank <= highest) {
            add_tree(draft, repository, branch, before, cat_take(files));
            before = branch;
        } else {
            add_tree(draft, repository, branch, "skeleton", json_array());
        }
    }
    const char *proof = environment_of_type(application, draft->facts, "poc");
    if (proof) {
        cat_autojson json_t *files = NULL;
        int result = overlay_for(draft, application, made, count, proof, &files, error);
        if (result < 0)
            return result;
        add_tree(draft, repository, "poc", "develop", cat_take(files));
    }
    return 0;
}

/* --- the rest of the plan --- */

static void add_secrets(prv_draft *draft, const prv_application *application)
{
    size_t at, index;
    json_t *environment, *rotation;
    json_array_foreach((json_t *)application->environments, at, environment)
    {
        char base[256];
        prv_secret_path(draft->facts, application->name,
                        cat_json_text_or(prv_facts_environment(draft->facts, json_string_value(environment)), "type", ""), base,
                        sizeof(base));
        json_array_foreach(cat_json_get(application->blueprint, "spec.rotation"), index, rotation)
        {
            cat_autofree char *path = cat_printf("%s/%s", base, cat_json_text_or(rotation, "secret", ""));
            json_array_append_new(draft->secrets, cat_json_object("path", json_string(path), "keys",
                                                                  json_incref(cat_json_get(rotation, "keys")), NULL));
        }
    }
}

static void add_object(prv_draft *draft, const prv_application *application)
{
    const cat_resource *resource = cat_resource_find(CAT_GROUP, "Application");
    const char *organization = cat_json_text_or(draft->facts, "organization.name", "");
    json_t *object = cat_object_make(resource, organization, application->name);
    cat_object_set_label(object, CAT_LABEL_ORGANIZATION, organization);
    json_object_set_new(object, "spec",
                        cat_json_object("environments", json_incref((json_t *)application->environments), "placement",
                                        json_incref(cat_json_get(draft->request, "placement")), "clusterScope",
                                        json_incref(application->scope), NULL));
    cat_autofree char *path = cat_printf("applications/%s.yaml", application->name);
    cat_autofree char *branch = cat_printf("org/%s", organization);
    cat_autofree char *content = cat_yaml_format(object);
    prv_show_file(draft, CAT_CONFIG_REPOSITORY, branch, path, NULL, content);
    json_array_append_new(draft->objects, cat_json_object("action", json_string("apply"), "branch", json_string(branch), "path",
                                                          json_string(path), "object", object, NULL));
}

static json_t *dependency_names(const prv_application *application)
{
    json_t *names = json_array();
    const char *alias;
    json_t *name;
    json_object_foreach(application->dependencies, alias, name) json_array_append(names, name);
    return names;
}

static void add_application(prv_draft *draft, const prv_application *application)
{
    const json_t *blueprint = application->blueprint;
    json_array_append_new(
        draft->applications,
        cat_json_object("name", json_string(application->name), "path", json_string(application->path), "action",
                        json_string("create"), "blueprint", json_incref(cat_json_get(blueprint, "name")), "source",
                        json_incref(cat_json_get(blueprint, "source")), "version",
                        json_incref(cat_json_get(blueprint, "version")), "digest", json_incref(cat_json_get(blueprint, "digest")),
                        "environments", json_incref((json_t *)application->environments), "size", json_string(application->size),
                        "dependsOn", dependency_names(application), "values", json_incref(application->config), "clusterScope",
                        json_incref(application->scope), NULL));
    cat_autofree char *repository = repository_of(draft->facts, application->name);
    cat_autofree char *message = cat_printf("Install %s %s as %s", cat_json_text_or(blueprint, "name", ""),
                                            cat_json_text_or(blueprint, "version", ""), application->name);
    json_array_append_new(draft->commits, cat_json_object("repository", json_string(repository), "message", json_string(message),
                                                          "application", json_string(application->name), "title",
                                                          json_incref(cat_json_get(blueprint, "spec.card.title")), NULL));
}

/* --- links into Applications that are reused --- */

static void replace_overlay(prv_draft *draft, const char *application, const json_t *branch, const char *branch_name,
                            const char *type, const char *consumer, const json_t *patch)
{
    const json_t *overlay = json_object_get(cat_json_get(branch, "overlays"), type), *texts = cat_json_get(branch, "files");
    cat_autojson json_t *links = json_deep_copy(cat_json_get(overlay, "links"));
    if (!links)
        links = json_object();
    json_object_set(links, consumer, (json_t *)patch);
    cat_autofree char *repository = repository_of(draft->facts, application);
    cat_autofree char *link = cat_printf("overlays/%s/links/%s.yaml", type, consumer);
    cat_autofree char *kustomization = cat_printf("overlays/%s/kustomization.yaml", type);
    cat_autofree char *link_text = cat_yaml_format(patch);
    const char *size = cat_json_text_or(overlay, "size", cat_json_text_or(branch, "source.size", "small"));
    cat_auto(cat_strings) lost = {0};
    cat_autofree char *kustomization_text =
        prv_overlay_kept(json_string_value(json_object_get(texts, kustomization)), size, links, &lost);
    prv_warn_lost(draft, repository, branch_name, kustomization, &lost);
    prv_show_file(draft, repository, branch_name, link, json_string_value(json_object_get(texts, link)), link_text);
    prv_show_file(draft, repository, branch_name, kustomization, json_string_value(json_object_get(texts, kustomization)),
                  kustomization_text);
    json_t *files = json_array();
    json_array_append_new(files, prv_file(link, cat_take(link_text)));
    json_array_append_new(files, prv_file(kustomization, cat_take(kustomization_text)));
    json_array_append_new(draft->trees, cat_json_object("repository", json_string(repository), "branch", json_string(branch_name),
                                                        "from", json_string(""), "keep", json_array(), "files", files, NULL));
}

/* One dependency that an Application which is there serves. */
typedef struct {
    const char *application, *alias;
    const prv_application *consumer;
    const json_t *values; /* of the Blueprint's dependency, with expressions */
} serving;

static int link_in(prv_draft *draft, const serving *link, const char *environment, bool *linked, cat_error *error)
{
    const char *application = link->application;
    const prv_application *consumer = link->consumer;
    const char *type = cat_json_text_or(prv_facts_environment(draft->facts, environment), "type", "");
    const char *branch_name = cat_branch_of_env_type(type);
    const json_t *branch = json_object_get(cat_json_get(prv_facts_application(draft->facts, application), "branches"),
                                           branch_name ? branch_name : "");
    if (!branch || !prv_runs_on(draft->facts, application, branch_name))
        return cat_error_set(error, CAT_E_CONFLICT, "%s has no branch for %s", application, environment);
    cat_autojson json_t *scope = prv_scope_make(draft->facts, consumer->name, environment, consumer->config, NULL);
    cat_autojson json_t *values = NULL, *patch = NULL, *config = prv_effective_config(branch, type);
    cat_autofree char *where = cat_printf("%s depends.%s.values", cat_json_text_or(consumer->blueprint, "name", ""), link->alias);
    int result = cat_expression_evaluate_all(link->values, scope, where, &values, error);
    if (result < 0 || (result = prv_link_patch(values, config, application, &patch, error)) < 0)
        return result;
    replace_overlay(draft, application, branch, branch_name, type, consumer->name, patch);
    *linked = true;
    return 0;
}

static const json_t *values_of_alias(const prv_application *consumer, const char *alias)
{
    size_t index;
    json_t *entry;
    json_array_foreach(cat_json_get(consumer->blueprint, "spec.depends"), index, entry)
    {
        if (cat_text_equal(cat_json_text_or(entry, "alias", cat_json_text_or(entry, "blueprint", "")), alias))
            return cat_json_get(entry, "values");
    }
    return NULL;
}

static int add_links(prv_draft *draft, const prv_application *consumer, cat_error *error)
{
    const char *alias;
    json_t *name;
    json_object_foreach(consumer->dependencies, alias, name)
    {
        const char *application = json_string_value(name);
        const serving link = {application, alias, consumer, values_of_alias(consumer, alias)};
        bool linked = false;
        size_t index;
        json_t *environment;
        if (!prv_facts_application(draft->facts, application) || !link.values)
            continue;
        json_array_foreach((json_t *)consumer->environments, index, environment)
        {
            int result = link_in(draft, &link, json_string_value(environment), &linked, error);
            if (result < 0)
                return result;
        }
        if (!linked)
            continue;
        cat_autofree char *repository = repository_of(draft->facts, application);
        cat_autofree char *message = cat_printf("Serve %s from %s", consumer->name, application);
        json_array_append_new(draft->commits,
                              cat_json_object("repository", json_string(repository), "message", json_string(message),
                                              "application", json_string(application), NULL));
        json_array_append_new(draft->links,
                              cat_json_object("application", json_string(application), "consumer", json_string(consumer->name),
                                              "environments", json_incref((json_t *)consumer->environments), NULL));
    }
    return 0;
}

static void add_reused(prv_draft *draft, const json_t *resolution)
{
    size_t index;
    json_t *node;
    json_array_foreach(cat_json_get(resolution, "nodes"), index, node)
    {
        if (!cat_text_equal(cat_json_text(node, "action"), "reuse"))
            continue;
        const char *name = cat_json_text_or(node, "application", "");
        const json_t *source = cat_json_get(prv_facts_application(draft->facts, name), "branches.develop.source");
        json_array_append_new(draft->applications,
                              cat_json_object("name", json_string(name), "action", json_string("reuse"), "blueprint",
                                              json_incref(cat_json_get(source, "blueprint.name")), "version",
                                              json_incref(cat_json_get(source, "blueprint.version")), "dependsOn", json_array(),
                                              NULL));
    }
}

static int compose(prv_draft *draft, const prv_application *made, size_t count, cat_error *error)
{
    for (size_t i = count; i-- > 0;) { /* dependencies first */
        int result = add_branches(draft, &made[i], made, count, error);
        if (result < 0 || (result = add_links(draft, &made[i], error)) < 0)
            return result;
        add_secrets(draft, &made[i]);
        add_object(draft, &made[i]);
        add_application(draft, &made[i]);
    }
    return 0;
}

static int check_quota(prv_draft *draft, size_t more, cat_error *error)
{
    const json_t *quota = cat_json_get(draft->facts, "organization.quotas.applications");
    size_t present = json_object_size(cat_json_get(draft->facts, "applications"));
    if (!json_is_integer(quota) || (json_int_t)(present + more) <= json_integer_value(quota))
        return 0;
    return prv_draft_refuse(draft, CAT_E_LIMIT, "quota-exceeded", error,
                            "%zu more Applications would be %zu, and the Organization may have %lld", more, present + more,
                            (long long)json_integer_value(quota));
}

int prv_plan_install(prv_draft *draft, cat_error *error)
{
    prv_application made[PRV_MAX_APPLICATIONS] = {0};
    size_t count = 0;
    cat_autojson json_t *resolution = NULL;
    int result = check_wish(draft, error);
    if (result == 0)
        result = prv_install_resolve(draft, made, &count, &resolution, error);
    for (size_t i = 0; result == 0 && i < count; i++) {
        check_size(draft, &made[i]);
        check_placement(draft, &made[i]);
        made[i].scope = prv_scope_wanted(draft, &made[i]);
        cat_autofree char *pointer = prv_dependency_pointer(made[i].path, *made[i].path ? "name" : "application");
        result = check_name(draft, made[i].name, pointer, error);
    }
    if (result == 0)
        result = prv_draft_verdict(draft, error);
    if (result == 0)
        result = check_quota(draft, count, error);
    if (result == 0) {
        add_reused(draft, resolution);
        result = compose(draft, made, count, error);
    }
    for (size_t i = 0; i < count; i++)
        prv_application_finish(&made[i]);
    return result;
}

int prv_install_needs(prv_draft *draft, json_t *keys, cat_error *error)
{
    prv_application made[PRV_MAX_APPLICATIONS] = {0};
    size_t count = 0;
    cat_autojson json_t *resolution = NULL;
    /* What is wrong with the wish itself is the cause of much that the resolver would find. */
    int result = check_wish(draft, error);
    if (result == 0)
        result = prv_install_resolve(draft, made, &count, &resolution, error);
    for (size_t i = 0; i < count; i++) {
        char key[256];
        prv_blueprint_key(made[i].blueprint, key, sizeof(key));
        if (!cat_json_is_text_in(keys, key))
            json_array_append_new(keys, json_string(key));
        prv_application_finish(&made[i]);
    }
    return result;
}
