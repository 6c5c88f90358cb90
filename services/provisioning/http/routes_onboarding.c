/* Organizations and Environments begin as commits to system/catalyst-config. */
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "core/operation.h"
#include "http/routes.h"
#include "steps/worker.h"
#include "wire/kubernetes.h"
#include "wire/names.h"

static int complain(prv_answer *answer, const char *problem, const char *pointer, const char *message, cat_error *error)
{
    answer->problem = problem;
    answer->errors = json_array();
    json_array_append_new(answer->errors,
                          cat_json_object("pointer", json_string(pointer), "message", json_string(message), NULL));
    return cat_error_set(error, strcmp(problem, "name-taken") == 0 ? CAT_E_EXISTS : CAT_E_INVALID, "%s: %.300s", pointer,
                         message);
}

/* Is there a file at the head of a branch of catalyst-config? */
static int config_has(prv_context *context, const char *organization, const char *branch, const char *path, bool *there,
                      cat_error *error)
{
    cat_git *git = NULL;
    cat_git_id head;
    cat_autofree char *content = NULL;
    size_t length = 0;
    int code = prv_config_open(context->branches, organization, &git, error);
    if (code < 0)
        return code;
    *there = cat_git_head(git, branch, &head, NULL) == 0 && cat_git_read(git, &head, path, &content, &length, NULL, NULL) == 0;
    prv_config_close(context->branches, organization, git);
    return 0;
}

static void add_object(json_t *objects, const char *branch, const char *path, json_t *object_taken)
{
    json_array_append_new(objects, cat_json_object("action", json_string("apply"), "branch", json_string(branch), "path",
                                                   json_string(path), "object", object_taken, NULL));
}

static json_t *environment_object(const char *organization, const char *name, const json_t *wish)
{
    json_t *object = cat_object_make(cat_resource_find(CAT_GROUP, "Environment"), organization, name);
    cat_object_set_label(object, CAT_LABEL_ORGANIZATION, organization);
    json_object_set_new(object, "spec",
                        cat_json_object("envType", json_incref(json_object_get(wish, "envType")), "displayName",
                                        json_incref(json_object_get(wish, "displayName")), "placement",
                                        json_incref(json_object_get(wish, "placement")), "policyRef",
                                        json_incref(json_object_get(wish, "policyRef")), NULL));
    return object;
}

static int add_environment(const char *organization, const json_t *wish, const char *pointer, json_t *objects,
                           json_t *environments, prv_answer *answer, cat_error *error)
{
    const char *type = cat_json_text_or(wish, "envType", "");
    cat_autofree char *where = cat_printf("%s/envType", pointer), *name = cat_printf("%s-%s", organization, type);
    if (cat_json_is_text_in(environments, name))
        return complain(answer, "schema-invalid", where, "is there twice", error);
    cat_autofree char *path = cat_printf("environments/%s.yaml", name), *branch = cat_printf("org/%s", organization);
    json_array_append_new(environments, json_string(name));
    add_object(objects, branch, path, environment_object(organization, name, wish));
    return 0;
}

/* Begins the operation that commits `objects`. */
static int begin(prv_context *context, cat_request *request, const char *kind, const char *organization, const char *subject,
                 json_t *objects, json_t *environments, prv_answer *answer, cat_error *error)
{
    char id[CAT_ID_MAX];
    int64_t now = prv_now_ms();
    cat_id_make(now, id);
    cat_autojson json_t *principal = prv_principal_json(context, cat_request_principal(request));
    cat_autojson json_t *plan = cat_json_object("kind", json_string(kind), "organization", json_string(organization), "subject",
                                                json_string(subject), "applications", json_array(), "environments",
                                                json_incref(environments), "objects", json_incref(objects), NULL);
    cat_autojson json_t *operation = prv_operation_make(id, plan, principal, now);
    if (strcmp(kind, "organization") == 0) {
        cat_autofree char *note = cat_printf(
            "people sign in once the Sovereign's administrators have made the groups /%s/{role} in Keycloak", organization);
        json_object_set_new(operation, "note", json_string(note));
    }
    int code = prv_operation_begin(context, operation, plan, principal, error);
    if (code < 0)
        return code;
    prv_operation_publish(context, operation, NULL);
    answer->status = 202;
    answer->operation = cat_strdup(id);
    answer->body = json_incref(operation);
    return 0;
}

static json_t *organization_object(const char *name, const json_t *body)
{
    json_t *object = cat_object_make(cat_resource_find(CAT_GROUP, "Organization"), NULL, name);
    json_t *spec = json_object();
    static const char *const MEMBERS[] = {"displayName", "plan", "owners", "domain", "quotas", "billingCurrency", "timeZone"};
    for (size_t i = 0; i < sizeof MEMBERS / sizeof *MEMBERS; i++)
        if (json_object_get(body, MEMBERS[i]))
            json_object_set(spec, MEMBERS[i], json_object_get(body, MEMBERS[i]));
    if (!json_object_get(spec, "displayName"))
        json_object_set_new(spec, "displayName", json_string(name));
    if (!json_object_get(spec, "plan"))
        json_object_set_new(spec, "plan", json_string("small"));
    json_object_set_new(object, "spec", spec);
    return object;
}

/* Gitea has one name space for organizations and people. */
static int check_free(prv_context *context, const char *name, prv_answer *answer, cat_error *error)
{
    bool there = false;
    cat_autofree char *path = cat_printf("organizations/%s.yaml", name), *user = cat_printf("/users/%s", name);
    cat_error failed = {0};
    int code = config_has(context, NULL, "main", path, &there, error);
    if (code < 0)
        return code;
    if (there)
        return complain(answer, "name-taken", "/name", "there is an Organization of this name already", error);
    code = cat_gitea_call(context->gitea, "GET", user, NULL, NULL, NULL, &failed);
    if (code == 0)
        return complain(answer, "name-taken", "/name", "a person or an organization of the Git server has this name", error);
    return code == CAT_E_NOT_FOUND ? 0 : cat_error_copy(error, &failed);
}

static json_t *organization_objects(const char *name, const json_t *body)
{
    json_t *objects = json_array();
    cat_autofree char *path = cat_printf("organizations/%s.yaml", name), *branch = cat_printf("org/%s", name);
    cat_autofree char *readme = cat_printf("# %s\n\nEnvironments and Applications of the Organization %s.\n", name, name);
    add_object(objects, "main", path, organization_object(name, body));
    json_array_append_new(objects, cat_json_object("action", json_string("apply"), "branch", json_string(branch), "path",
                                                   json_string("README.md"), "content", json_string(readme), NULL));
    return objects;
}

static int make_organization(prv_context *context, cat_request *request, const json_t *body, prv_answer *answer, cat_error *error)
{
    cat_error rule = {0};
    const char *name = cat_json_text_or(body, "name", "");
    int code = cat_access_check(cat_request_principal(request), CAT_ACTION_ONBOARD, NULL, NULL, error);
    if (code < 0)
        return code;
    if (cat_name_check_organization(name, &rule) < 0)
        return complain(answer, "name-invalid", "/name", rule.message, error);
    answer->organization = cat_strdup(name);
    answer->object = cat_printf("organization/%s", name);
    if ((code = check_free(context, name, answer, error)) < 0)
        return code;
    cat_autojson json_t *objects = organization_objects(name, body), *environments = json_array();
    size_t index;
    json_t *wish;
    json_array_foreach(json_object_get(body, "environments"), index, wish)
    {
        cat_autofree char *pointer = cat_printf("/environments/%zu", index);
        if ((code = add_environment(name, wish, pointer, objects, environments, answer, error)) < 0)
            return code;
    }
    return begin(context, request, "organization", name, name, objects, environments, answer, error);
}

int prv_post_organization(cat_request *request, cat_reply *reply, void *context, cat_error *error)
{
    return prv_write_once(request, reply, context, "onboard", make_organization, error);
}

static int make_environment(prv_context *context, cat_request *request, const json_t *body, prv_answer *answer, cat_error *error)
{
    const char *organization = NULL;
    int code = cat_request_organization(request, &organization, error);
    if (code == 0)
        code = cat_access_check(cat_request_principal(request), CAT_ACTION_MANAGE, organization, NULL, error);
    if (code < 0)
        return code;
    answer->organization = cat_strdup(organization);
    cat_autojson json_t *objects = json_array(), *environments = json_array();
    if ((code = add_environment(organization, body, "", objects, environments, answer, error)) < 0)
        return code;
    const char *name = json_string_value(json_array_get(environments, 0));
    cat_autofree char *path = cat_printf("environments/%s.yaml", name), *branch = cat_printf("org/%s", organization),
                      *of = cat_printf("organizations/%s.yaml", organization);
    answer->object = cat_printf("environment/%s", name);
    answer->environment = cat_strdup(name);
    bool there = false, known = false;
    code = config_has(context, organization, "main", of, &known, error);
    if (code == 0 && !known)
        code = cat_error_set(error, CAT_E_NOT_FOUND, "there is no Organization %.40s", organization);
    if (code == 0)
        code = config_has(context, organization, branch, path, &there, error);
    if (code < 0)
        return code;
    if (there)
        return complain(answer, "name-taken", "/envType", "the Organization has an Environment of this type already", error);
    return begin(context, request, "environment", organization, name, objects, environments, answer, error);
}

int prv_post_environment(cat_request *request, cat_reply *reply, void *context, cat_error *error)
{
    return prv_write_once(request, reply, context, "add-environment", make_environment, error);
}
