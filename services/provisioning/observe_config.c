/* What stands in system/catalyst-config: the Organization, its Environments and Applications, and the Sovereign's policies. */
#include <string.h>

#include "base/log.h"
#include "observe_parts.h"
#include "wire/names.h"
#include "wire/yaml.h"

#define MAX_APPLICATIONS 2000 /* of one Organization */

/* A branch of it; `reads` may be NULL. */
typedef struct {
    cat_git *git;
    const cat_git_id *head;
    const char *name;
    json_t *reads;
} config_branch;

/* A YAML file at a branch's head; 0 with NULL when it is not there. `text` may be NULL, else gets the file's text. */
static int read_yaml(const config_branch *branch, const char *path, json_t **value, char **text, cat_error *error)
{
    cat_autofree char *content = NULL;
    size_t length = 0;
    cat_git_id blob;
    cat_error failed = {0};
    *value = NULL;
    int code = cat_git_read(branch->git, branch->head, path, &content, &length, &blob, &failed);
    if (code == CAT_E_NOT_FOUND) {
        prv_note_read(branch->reads, CAT_CONFIG_REPOSITORY, branch->name, path, NULL);
        return 0;
    }
    if (code == 0)
        code = cat_yaml_parse(content, length, &CAT_YAML_CAPS, value, NULL, &failed);
    if (code < 0) {
        cat_error_wrap(&failed, "%s on %s of %s", path, branch->name, CAT_CONFIG_REPOSITORY);
        return cat_error_copy(error, &failed);
    }
    prv_note_read(branch->reads, CAT_CONFIG_REPOSITORY, branch->name, path, blob.hex);
    if (text)
        *text = cat_take(content);
    return 0;
}

char *prv_base_name(const char *path)
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

/* `rests`: a plan rests on what is read there. */
static config_branch main_of(const config_reading *reading, bool rests)
{
    return (config_branch){reading->git, &reading->main, "main", rests ? reading->reads : NULL};
}

static config_branch own_of(const config_reading *reading, bool rests)
{
    return (config_branch){reading->git, &reading->own, reading->branch, rests ? reading->reads : NULL};
}

static int read_organization(config_reading *reading, const char *sovereign_domain, cat_error *error)
{
    cat_autojson json_t *object = NULL;
    cat_autofree char *path = cat_printf("organizations/%s.yaml", reading->organization);
    const config_branch branch = main_of(reading, true);
    int code = read_yaml(&branch, path, &object, NULL, error);
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
        cat_autofree char *name = prv_base_name(paths.items[i]);
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
    const config_branch branch = own_of(reading, true);
    int code = read_yaml(&branch, path, &object, NULL, error);
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
    const config_branch branch = main_of(reading, false);
    int code = read_yaml(&branch, path, &object, NULL, &failed);
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
    prv_note_read(reading->reads, CAT_CONFIG_REPOSITORY, "main", POLICIES "/", code == 0 ? folder.hex : NULL);
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

int prv_observe_policies(prv_context *context, json_t **policies, cat_error *error)
{
    cat_autojson json_t *facts = cat_json_object("policies", json_array(), NULL);
    config_reading reading = {.facts = facts};
    int code = cat_config_repo_open(context->config_repo, NULL, &reading.git, error);
    if (code < 0)
        return code;
    code = cat_git_head(reading.git, "main", &reading.main, error);
    if (code == 0)
        code = read_policies(&reading, error);
    cat_config_repo_close(context->config_repo, NULL, reading.git);
    if (code == 0)
        *policies = json_incref(json_object_get(facts, "policies"));
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
    const config_branch branch = own_of(reading, false);
    int code = read_yaml(&branch, path, &object, &text, &failed);
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

int prv_observe_config(prv_context *context, const char *organization, const char *target, json_t *facts, json_t *reads,
                       cat_error *error)
{
    cat_autofree char *branch = cat_printf("org/%s", organization);
    config_reading reading = {.organization = organization, .branch = branch, .facts = facts, .reads = reads};
    int code = cat_name_check_organization(organization, NULL) < 0
                   ? cat_error_set(error, CAT_E_NOT_FOUND, "there is no Organization %.40s", organization)
                   : cat_config_repo_open(context->config_repo, organization, &reading.git, error);
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
        const config_branch own = own_of(&reading, true);
        code = read_yaml(&own, path, &object, NULL, error);
    }
    cat_config_repo_close(context->config_repo, organization, reading.git);
    return code;
}
