#include "observe.h"

#include <stdlib.h>
#include <string.h>

#include "base/encoding.h"
#include "base/log.h"
#include "core/plan_reach.h"
#include "domain/application_source.h"
#include "kinds/kinds.h"
#include "wire/names.h"
#include "wire/yaml.h"

#define MAX_APPLICATIONS 2000 /* of one Organization */
#define MAX_REPOSITORIES 5000

static const char *const BRANCHES[] = {"develop", "staging", "uat", "main", "poc"};
#define BRANCH_COUNT (sizeof BRANCHES / sizeof *BRANCHES)

/* --- system/catalyst-config --- */

/* A YAML file at a branch's head; 0 with NULL when it is not there. `text` may be NULL, else gets the file's text. */
static int read_yaml(cat_git *git, const cat_git_id *head, const char *branch, const char *path, json_t *reads, json_t **value,
                     char **text, cat_error *error)
{
    cat_autofree char *content = NULL;
    size_t length = 0;
    cat_git_id blob;
    cat_error failed = {0};
    *value = NULL;
    int code = cat_git_read(git, head, path, &content, &length, &blob, &failed);
    if (code == CAT_E_NOT_FOUND) {
        prv_note_read(reads, PRV_CONFIG_REPOSITORY, branch, path, NULL);
        return 0;
    }
    if (code == 0)
        code = cat_yaml_parse(content, length, &CAT_YAML_CAPS, value, NULL, &failed);
    if (code < 0) {
        cat_error_wrap(&failed, "%s on %s of %s", path, branch, PRV_CONFIG_REPOSITORY);
        return cat_error_copy(error, &failed);
    }
    prv_note_read(reads, PRV_CONFIG_REPOSITORY, branch, path, blob.hex);
    if (text)
        *text = cat_take(content);
    return 0;
}

static char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/'), *start = slash ? slash + 1 : path;
    size_t length = strlen(start);
    return cat_strndup(start, length > 5 ? length - strlen(".yaml") : 0);
}

typedef struct {
    cat_git *git;
    cat_git_id main, own;
    const char *organization, *branch, *domain;
    json_t *facts, *reads;
} config_reading;

static int read_organization(config_reading *reading, const char *sovereign_domain, cat_error *error)
{
    cat_autojson json_t *object = NULL;
    cat_autofree char *path = cat_printf("organizations/%s.yaml", reading->organization);
    int code = read_yaml(reading->git, &reading->main, "main", path, reading->reads, &object, NULL, error);
    if (code == 0 && !object)
        code = cat_error_set(error, CAT_E_NOT_FOUND, "there is no Organization %s", reading->organization);
    if (code < 0)
        return code;
    json_t *organization = cat_json_object("name", json_string(reading->organization), "displayName",
                                           json_string(cat_json_text_or(object, "spec.displayName", reading->organization)),
                                           "domain", json_string(cat_json_text_or(object, "spec.domain", sovereign_domain)),
                                           "quotas", json_incref(cat_json_get(object, "spec.quotas")), NULL);
    json_object_set_new(reading->facts, "organization", organization);
    reading->domain = cat_json_text_or(organization, "domain", sovereign_domain);
    return 0;
}

/* Who plans something else is not held up; who plans this reads why it cannot be. */
static void leave_out(json_t *facts, const char *name, const char *where, const cat_error *why)
{
    cat_log_warning("what cannot be read is left out of plans", CAT_FIELD("name", name), CAT_FIELD("where", where),
                    CAT_FIELD_ERROR(why));
    json_t *unreadable = json_object_get(facts, "unreadable");
    if (unreadable)
        json_object_set_new(unreadable, name, json_string(why->message));
}

/* The request is about something that was left out. */
static int check_readable(const json_t *facts, const json_t *request, cat_error *error)
{
    const json_t *unreadable = json_object_get(facts, "unreadable");
    const char *name;
    json_t *why;
    json_object_foreach((json_t *)unreadable, name, why)
    {
        if (cat_text_equal(cat_json_text(request, "application"), name) ||
            cat_json_is_text_in(cat_json_get(request, "environments"), name) ||
            cat_text_equal(cat_json_text(request, "environment"), name))
            return cat_error_set_class(error, CAT_E_CONFLICT, CAT_CLASS_STALLED, "%s cannot be planned as it is in Git: %s", name,
                                       json_string_value(why));
    }
    return 0;
}

/* Files of one folder of the Organization's branch, each as YAML. */
static int read_folder(config_reading *reading, const char *folder,
                       int (*each)(config_reading *reading, const char *path, const char *name, cat_error *error),
                       cat_error *error)
{
    cat_auto(cat_strings) paths = {0};
    cat_error failed = {0};
    int code = cat_git_list(reading->git, &reading->own, folder, &paths, &failed);
    if (code == CAT_E_NOT_FOUND)
        return 0;
    if (code < 0)
        return cat_error_copy(error, &failed);
    if (paths.count > MAX_APPLICATIONS)
        return cat_error_set(error, CAT_E_TOO_LARGE, "%s has more than %d files in %s", reading->branch, MAX_APPLICATIONS,
                             folder);
    for (size_t i = 0; code == 0 && i < paths.count; i++) {
        cat_autofree char *name = base_name(paths.items[i]);
        if (!cat_text_ends_with(paths.items[i], ".yaml"))
            continue;
        code = each(reading, paths.items[i], name, &failed);
        /* What people broke is that file's trouble, and no other's. */
        if (code == CAT_E_INVALID || code == CAT_E_TOO_LARGE) {
            leave_out(reading->facts, name, reading->branch, &failed);
            code = 0;
        }
    }
    return code < 0 ? cat_error_copy(error, &failed) : 0;
}

static int read_environment(config_reading *reading, const char *path, const char *name, cat_error *error)
{
    cat_autojson json_t *object = NULL;
    int code = read_yaml(reading->git, &reading->own, reading->branch, path, reading->reads, &object, NULL, error);
    if (code < 0)
        return code;
    cat_autofree char *domain = cat_printf("%s.%s", name, reading->domain);
    json_t *environment = cat_json_object("type", json_string(cat_json_text_or(object, "spec.envType", "")), "domain",
                                          json_string(domain), "vclusters", json_array(), NULL);
    cat_json_set_text(environment, "policyRef", cat_json_text(object, "spec.policyRef.name"));
    json_object_set_new(json_object_get(reading->facts, "environments"), name, environment);
    return 0;
}

#define POLICIES "policies"
#define MAX_POLICIES 1000

static int read_policy(config_reading *reading, const char *path, cat_error *error)
{
    cat_autojson json_t *object = NULL;
    cat_error failed = {0};
    int code = read_yaml(reading->git, &reading->main, "main", path, NULL, &object, NULL, &failed);
    if (code == CAT_E_INVALID || code == CAT_E_TOO_LARGE) {
        /* The cluster has none of it either, or what was there before: whoever pushes there hears of that. */
        cat_log_warning("a policy cannot be read", CAT_FIELD("path", path), CAT_FIELD_ERROR(&failed));
        return 0;
    }
    if (code < 0)
        return cat_error_copy(error, &failed);
    if (cat_text_equal(cat_json_text(object, "kind"), "EnvironmentPolicy"))
        json_array_append(json_object_get(reading->facts, "policies"), object);
    return 0;
}

/* Every policy, whatever its file is called; a plan rests on all of them. */
static int read_policies(config_reading *reading, cat_error *error)
{
    cat_auto(cat_strings) paths = {0};
    cat_git_id folder;
    cat_error failed = {0};
    int code = cat_git_subtree(reading->git, &reading->main, POLICIES, &folder, &failed);
    prv_note_read(reading->reads, PRV_CONFIG_REPOSITORY, "main", POLICIES "/", code == 0 ? folder.hex : NULL);
    if (code == CAT_E_NOT_FOUND)
        return 0;
    if (code == 0)
        code = cat_git_list(reading->git, &reading->main, POLICIES, &paths, &failed);
    if (code < 0)
        return cat_error_copy(error, &failed);
    if (paths.count > MAX_POLICIES)
        return cat_error_set(error, CAT_E_TOO_LARGE, "main has more than %d files in %s", MAX_POLICIES, POLICIES);
    for (size_t i = 0; code == 0 && i < paths.count; i++)
        if (cat_text_ends_with(paths.items[i], ".yaml") || cat_text_ends_with(paths.items[i], ".yml"))
            code = read_policy(reading, paths.items[i], error);
    return code;
}

/* Where it may run when its object does not say: rights are asked for all of them. */
static json_t *everywhere(const json_t *facts)
{
    json_t *names = json_array(), *environment;
    const char *name;
    json_object_foreach(json_object_get(facts, "environments"), name, environment)
        json_array_append_new(names, json_string(name));
    return cat_json_object("environments", names, NULL);
}

/* One object that cannot be read is that Application's own trouble. */
static int read_application(config_reading *reading, const char *path, const char *name, cat_error *error)
{
    cat_autojson json_t *object = NULL;
    cat_autofree char *text = NULL;
    cat_error failed = {0};
    int code = read_yaml(reading->git, &reading->own, reading->branch, path, NULL, &object, &text, &failed);
    if (code < 0 && code != CAT_E_INVALID && code != CAT_E_TOO_LARGE)
        return cat_error_copy(error, &failed);
    json_t *application = cat_json_object("text", json_string(text ? text : ""), "branches", json_object(), NULL);
    if (json_is_object(cat_json_get(object, "spec"))) {
        json_object_set(application, "spec", cat_json_get(object, "spec"));
    } else {
        cat_log_warning("an Application's object cannot be read", CAT_FIELD("application", name), CAT_FIELD("path", path),
                        CAT_FIELD("error", failed.message));
        json_object_set_new(application, "spec", everywhere(reading->facts));
        json_object_set_new(application, "unreadable", json_string("its object in system/catalyst-config cannot be read"));
    }
    json_object_set_new(json_object_get(reading->facts, "applications"), name, application);
    return 0;
}

/* `target`: the Application that the plan is about; that its object is not there is part of what a plan rests on. */
static int read_config(prv_context *context, const char *organization, const char *target, json_t *facts, json_t *reads,
                       cat_error *error)
{
    cat_autofree char *branch = cat_printf("org/%s", organization);
    config_reading reading = {.organization = organization, .branch = branch, .facts = facts, .reads = reads};
    int code = cat_name_check_organization(organization, NULL) < 0
                   ? cat_error_set(error, CAT_E_NOT_FOUND, "there is no Organization %.40s", organization)
                   : prv_config_open(context->branches, organization, &reading.git, error);
    if (code < 0)
        return code;
    code = cat_git_head(reading.git, "main", &reading.main, error);
    if (code == 0)
        code = read_organization(&reading, context->config->common.sovereign.domain, error);
    if (code == 0 && cat_git_head(reading.git, branch, &reading.own, NULL) < 0)
        code = cat_error_set_class(error, CAT_E_NOT_FOUND, CAT_CLASS_WAITING, "Organization %s has no branch %s yet",
                                   organization, branch);
    if (code == 0)
        code = read_policies(&reading, error);
    if (code == 0)
        code = read_folder(&reading, "environments", read_environment, error);
    if (code == 0)
        code = read_folder(&reading, "applications", read_application, error);
    if (code == 0 && target && cat_name_check_application(target, NULL) == 0) {
        cat_autojson json_t *object = NULL;
        cat_autofree char *path = cat_printf("applications/%s.yaml", target);
        code = read_yaml(reading.git, &reading.own, branch, path, reads, &object, NULL, error);
    }
    prv_config_close(context->branches, organization, reading.git);
    return code;
}

/* --- Applications --- */

int prv_observe_application(prv_context *context, const char *organization, const char *name, const json_t *environments,
                            json_t **branches, json_t *reads, cat_error *error)
{
    char url[512];
    cat_autofree char *repository = cat_printf("%s/%s", organization, name);
    cat_git_remote remote = prv_remote(context, repository, url);
    cat_autoptr(cat_git) git = NULL;
    cat_autojson json_t *found = json_object();
    int code = cat_git_open(&remote, NULL, &git, error);
    for (size_t i = 0; code == 0 && i < BRANCH_COUNT; i++) {
        cat_git_id head;
        json_t *facts = NULL;
        bool counts = strcmp(BRANCHES[i], "develop") == 0 || prv_is_branch_of(organization, environments, BRANCHES[i]);
        if (!counts || cat_git_head(git, BRANCHES[i], &head, NULL) < 0)
            continue;
        if ((code = prv_branch_read(git, repository, BRANCHES[i], &head, &facts, reads, error)) == 0)
            json_object_set_new(found, BRANCHES[i], facts);
    }
    if (code == 0)
        *branches = cat_take(found);
    return code;
}

/* develop's catalyst.yaml by Gitea's API: one small call instead of a fetch. CAT_E_INVALID: people broke it, or took it away;
 * what can be read of it all the same is in `*source`. */
static int read_source(prv_context *context, const char *organization, const char *name, json_t **source, cat_error *error)
{
    cat_autojson json_t *reply = NULL, *document = NULL;
    cat_autofree char *path = cat_printf("/repos/%s/%s/contents/catalyst.yaml?ref=develop", organization, name);
    cat_error failed = {0};
    *source = NULL;
    int code = cat_gitea_call(context->gitea, "GET", path, NULL, NULL, &reply, &failed);
    if (code == CAT_E_NOT_FOUND)
        return cat_error_set(error, CAT_E_INVALID, "it is not there");
    if (code < 0)
        return cat_error_copy(error, &failed);
    size_t length = 0;
    const char *encoded = cat_json_text_or(reply, "content", "");
    cat_autofree unsigned char *text = cat_base64_decode(encoded, strlen(encoded), &length);
    code = text ? cat_application_source_read((const char *)text, length, name, &document, &failed)
                : cat_error_set(&failed, CAT_E_INVALID, "it is no text");
    if (json_is_object(cat_json_get(document, "spec")))
        *source = json_incref(cat_json_get(document, "spec"));
    return code < 0 ? cat_error_set(error, CAT_E_INVALID, "%s", failed.message) : 0;
}

/* A peer that does not answer ends the reading of all; anything else is one Application's own trouble. */
static bool is_nobodys(const cat_error *failed)
{
    return failed->code == CAT_E_UNAVAILABLE || failed->code == CAT_E_TIMEOUT || failed->code == CAT_E_CANCELLED ||
           failed->code == CAT_E_UNAUTHORIZED || failed->code == CAT_E_LIMIT;
}

static void note_unreadable(json_t *branch, const char *name, const cat_error *failed)
{
    cat_log_warning("an Application's source cannot be read", CAT_FIELD("application", name),
                    CAT_FIELD("error", failed->message));
    const char *why = failed->code == CAT_E_INVALID ? failed->message : "its repository does not give it out";
    json_object_set_new(
        branch, "unreadable",
        json_pack("[o]", cat_json_object("file", json_string("catalyst.yaml"), "message", json_string(why), NULL)));
}

static int read_sources(prv_context *context, const char *organization, json_t *applications, cat_error *error)
{
    const char *name;
    json_t *application;
    json_object_foreach(applications, name, application)
    {
        json_t *source = NULL, *branches = json_object_get(application, "branches");
        cat_error failed = {0};
        if (json_object_get(branches, "develop"))
            continue;
        int code = read_source(context, organization, name, &source, &failed);
        if (code < 0 && is_nobodys(&failed))
            return cat_error_copy(error, &failed);
        json_t *develop = json_object();
        json_object_set_new(branches, "develop", develop);
        if (source)
            json_object_set_new(develop, "source", source);
        if (code < 0)
            note_unreadable(develop, name, &failed);
    }
    return 0;
}

int prv_observe_applications(prv_context *context, const char *organization, bool sources, json_t **applications,
                             cat_error *error)
{
    cat_autojson json_t *facts = cat_json_object("environments", json_object(), "policies", json_array(), "applications",
                                                 json_object(), "unreadable", json_object(), NULL);
    int code = read_config(context, organization, NULL, facts, NULL, error);
    if (code == 0 && sources)
        code = read_sources(context, organization, json_object_get(facts, "applications"), error);
    if (code == 0)
        *applications = json_incref(json_object_get(facts, "applications"));
    return code;
}

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

static int load(prv_context *context, const char *organization, json_t *facts, const char *name, json_t *reads, cat_error *error)
{
    json_t *application = json_object_get(json_object_get(facts, "applications"), name), *branches = NULL;
    if (!application)
        return 0; /* the plan says so in its own words */
    cat_error failed = {0};
    int code = prv_observe_application(context, organization, name, cat_json_get(application, "spec.environments"), &branches,
                                       reads, &failed);
    if (code == CAT_E_NOT_FOUND)
        return cat_error_set_class(error, CAT_E_CONFLICT, CAT_CLASS_STALLED,
                                   "repository %s/%s of Application %s is not there: it was renamed, moved or deleted. Give it "
                                   "its name back, or uninstall the Application",
                                   organization, name, name);
    if (code < 0)
        return cat_error_copy(error, &failed);
    json_object_set_new(application, "branches", branches);
    return 0;
}

/* What serves the Application that goes: one whose repository is gone or does not answer for itself holds nothing up. */
static int load_serving(prv_context *context, const char *organization, json_t *facts, const char *name, json_t *reads,
                        cat_error *error)
{
    cat_error failed = {0};
    int code = load(context, organization, facts, name, reads, &failed);
    if (code == 0)
        return 0;
    if (is_nobodys(&failed))
        return cat_error_copy(error, &failed);
    cat_log_warning("what serves an Application cannot be read", CAT_FIELD("application", name),
                    CAT_FIELD("error", failed.message));
    return 0;
}

/* Environments of the Organization that a branch of the repository has an overlay for. */
static int overlays_in(prv_context *context, const char *organization, const char *name, const json_t *known,
                       json_t *environments, cat_error *error)
{
    char url[512];
    cat_autofree char *repository = cat_printf("%s/%s", organization, name);
    cat_git_remote remote = prv_remote(context, repository, url);
    cat_autoptr(cat_git) git = NULL;
    cat_error failed = {0};
    int code = cat_git_open(&remote, NULL, &git, &failed);
    if (code < 0)
        return code == CAT_E_NOT_FOUND ? 0 : cat_error_copy(error, &failed);
    for (size_t i = 0; i < BRANCH_COUNT; i++) {
        cat_git_id head;
        const char *type = cat_env_type_of_branch(BRANCHES[i]);
        cat_autofree char *environment = cat_printf("%s-%s", organization, type);
        if (json_object_get(known, environment) && cat_git_head(git, BRANCHES[i], &head, NULL) == 0 &&
            prv_branch_has_overlay(git, &head, type))
            json_array_append_new(environments, json_string(environment));
    }
    return 0;
}

/* An install that did not end left a repository and no Application object: it can be uninstalled like one. It ran, or would have,
 * where its branches have overlays for. */
static int load_unfinished(prv_context *context, const char *organization, json_t *facts, const char *name, cat_error *error)
{
    json_t *applications = json_object_get(facts, "applications");
    if (!cat_json_is_text_in(json_object_get(facts, "unfinished"), name))
        return 0;
    json_t *environments = json_array();
    json_object_set_new(
        applications, name,
        cat_json_object("spec", cat_json_object("environments", environments, NULL), "branches", json_object(), NULL));
    return overlays_in(context, organization, name, json_object_get(facts, "environments"), environments, error);
}

/* What is on its own branches is for what is told of its volumes, and nothing that a removal could wait for. */
static void load_going(prv_context *context, const char *organization, json_t *facts, const char *name)
{
    cat_error failed = {0};
    if (load(context, organization, facts, name, NULL, &failed) < 0)
        cat_log_warning("what is being removed cannot be read", CAT_FIELD("application", name),
                        CAT_FIELD("error", failed.message));
}

/* A removal does not depend on what people wrote into the repository: what it knows of it are the names in catalyst.yaml, where
 * that can be read. */
static int load_all_serving(prv_context *context, const char *organization, json_t *facts, const char *target, json_t *reads,
                            cat_error *error)
{
    json_t *applications = json_object_get(facts, "applications"), *dependency;
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
        code = load_serving(context, organization, facts, names.items[i], reads, error);
    return code;
}

static int load_chosen(prv_context *context, const char *organization, const json_t *request, json_t *facts, json_t *reads,
                       cat_error *error)
{
    cat_auto(cat_strings) names = {0};
    int code = 0;
    add_chosen(cat_json_get(request, "dependencies"), &names);
    for (size_t i = 0; code == 0 && i < names.count; i++)
        code = load(context, organization, facts, names.items[i], reads, error);
    return code;
}

/* What the kind of the request wants to know. */
static int load_touched(prv_context *context, const char *organization, const json_t *request, json_t *facts, json_t *reads,
                        cat_error *error)
{
    const char *target = cat_json_text_or(request, "application", "");
    const unsigned wanted = prv_kind_of(request)->facts;
    int code = 0;
    if (wanted & PRV_FACTS_CHOSEN)
        code = load_chosen(context, organization, request, facts, reads, error);
    if (code == 0 && (wanted & PRV_FACTS_OWN))
        code = load(context, organization, facts, target, reads, error);
    if (code == 0 && (wanted & PRV_FACTS_LEFT) && (code = load_unfinished(context, organization, facts, target, error)) == 0)
        load_going(context, organization, facts, target);
    if (code == 0 && (wanted & PRV_FACTS_SOURCES))
        code = read_sources(context, organization, json_object_get(facts, "applications"), error);
    if (code == 0 && (wanted & PRV_FACTS_SERVING))
        code = load_all_serving(context, organization, facts, target, reads, error);
    return code;
}

/* --- the rest --- */

/* Where the Environments lie, as environment-controller says. */
static int read_vclusters(prv_context *context, const char *organization, json_t *environments, cat_error *error)
{
    cat_autojson json_t *items = NULL;
    int code = cat_kube_list_json(context->kube, cat_resource_find(CAT_GROUP, "Environment"), organization, NULL, &items, error);
    size_t index, at;
    json_t *item, *vcluster;
    json_array_foreach(items, index, item)
    {
        json_t *known = json_object_get(environments, cat_object_name(item) ? cat_object_name(item) : "");
        json_array_foreach(cat_json_get(item, "status.vclusters"), at, vcluster)
        {
            if (known && json_object_get(vcluster, "name"))
                json_array_append(json_object_get(known, "vclusters"), json_object_get(vcluster, "name"));
        }
    }
    return code;
}

static int read_taken(prv_context *context, const char *organization, json_t *facts, cat_error *error)
{
    cat_autojson json_t *repositories = NULL;
    cat_autofree char *path = cat_printf("/orgs/%s/repos", organization);
    json_t *taken = json_array(), *unfinished = json_array();
    int code = cat_gitea_list(context->gitea, path, MAX_REPOSITORIES, &repositories, error);
    size_t index;
    json_t *repository;
    json_array_foreach(repositories, index, repository)
    {
        const char *name = cat_json_text_or(repository, "name", "");
        json_t *application = json_object_get(json_object_get(facts, "applications"), name);
        bool archived = cat_json_bool_or(repository, "archived", false);
        if (application && archived)
            json_object_set_new(application, "archived", json_true());
        if (application)
            continue;
        bool kept = archived || strcmp(name, "shared-blueprints") == 0;
        json_array_append_new(kept ? taken : unfinished, json_string(name));
    }
    json_object_set_new(facts, "taken", taken);
    json_object_set_new(facts, "unfinished", unfinished);
    json_t *work = NULL;
    if (code == 0 && json_array_size(unfinished) && (code = prv_observe_work(context, organization, &work, error)) == 0)
        json_object_set_new(facts, "work", work);
    return code;
}

/* Only what this request is about: another Environment's file may change meanwhile. */
static void keep_relevant(json_t *reads, const json_t *facts, const json_t *request)
{
    const json_t *chosen = cat_json_get(request, "environments");
    const char *organization = cat_json_text_or(facts, "organization.name", "");
    cat_autojson json_t *asked = prv_environments_asked(prv_kind_of(request), facts, request);
    for (size_t i = json_array_size(reads); i-- > 0;) {
        const json_t *read = json_array_get(reads, i);
        const char *path = cat_json_text_or(read, "path", "");
        if (!cat_text_equal(cat_json_text(read, "repository"), PRV_CONFIG_REPOSITORY)) {
            if (!prv_is_within(organization, asked, cat_json_text_or(read, "branch", ""), path))
                json_array_remove(reads, i);
            continue;
        }
        cat_autofree char *name = base_name(path);
        if (json_is_array(chosen) && cat_text_starts_with(path, "environments/") && !cat_json_is_text_in(chosen, name))
            json_array_remove(reads, i);
    }
}

int prv_observe(prv_context *context, const char *organization, const json_t *request, json_t **observed, cat_error *error)
{
    char now[CAT_TIME_TEXT_MAX];
    cat_time_format(prv_now_ms(), now);
    const cat_config_common *common = &context->config->common;
    cat_autojson json_t *facts = cat_json_object(
        "now", json_string(now), "sovereign",
        cat_json_object("name", json_string(common->sovereign.name), "domain", json_string(common->sovereign.domain), NULL),
        "environments", json_object(), "policies", json_array(), "applications", json_object(), "manifests", json_object(),
        "unreadable", json_object(), NULL);
    cat_autojson json_t *reads = json_array();
    int code = read_config(context, organization, cat_json_text(request, "application"), facts, reads, error);
    if (code == 0)
        code = check_readable(facts, request, error);
    if (code == 0)
        code = read_vclusters(context, organization, json_object_get(facts, "environments"), error);
    if (code == 0)
        code = read_taken(context, organization, facts, error);
    if (code == 0)
        code = load_touched(context, organization, request, facts, reads, error);
    if (code < 0)
        return code;
    keep_relevant(reads, facts, request);
    json_object_del(facts, "unreadable");
    json_object_set(facts, "reads", reads);
    json_object_set_new(facts, "blueprints", prv_blueprints_visible(context->blueprints, organization));
    prv_type_values(facts);
    *observed = cat_take(facts);
    return 0;
}

int prv_observe_manifests(prv_context *context, json_t *facts, const json_t *keys, cat_error *error)
{
    size_t index;
    json_t *blueprint;
    json_array_foreach(json_object_get(facts, "blueprints"), index, blueprint)
    {
        cat_autofree char *key = cat_printf("%s.%s.%s", cat_json_text_or(blueprint, "source", ""),
                                            cat_json_text_or(blueprint, "name", ""), cat_json_text_or(blueprint, "version", ""));
        json_t *files = NULL;
        if (!cat_json_is_text_in(keys, key))
            continue;
        int code = prv_blueprints_files(context->blueprints, blueprint, &files, error);
        if (code < 0)
            return code;
        json_object_set_new(json_object_get(facts, "manifests"), key, files);
    }
    return 0;
}
