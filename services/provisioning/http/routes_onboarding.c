/* Organizations and Environments begin as commits to system/catalyst-config. */
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "core/operation.h"
#include "core/plan.h"
#include "core/plan_rights.h"
#include "domain/kinds.h"
#include "http/routes.h"
#include "kinds/kinds.h"
#include "observe.h"
#include "steps/begin.h"
#include "steps/publish.h"
#include "wire/names.h"

static int complain(cat_write_answer *answer, const char *problem, const char *pointer, const char *message, cat_error *error)
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
    int code = cat_config_repo_open(context->config_repo, organization, &git, error);
    if (code < 0)
        return code;
    *there = cat_git_head(git, branch, &head, NULL) == 0 && cat_git_read(git, &head, path, &content, &length, NULL, NULL) == 0;
    cat_config_repo_close(context->config_repo, organization, git);
    return 0;
}

static int make_onboarding(prv_context *context, const prv_kind *kind, const char *organization, const json_t *body,
                           json_t **plan, cat_write_answer *answer, cat_error *error)
{
    cat_autojson json_t *policies = NULL;
    int code = prv_observe_policies(context, &policies, error);
    if (code < 0)
        return code;
    cat_autojson json_t *facts = cat_json_object("organization", cat_json_object("name", json_string(organization), NULL),
                                                 "policies", json_incref(policies), NULL);
    return prv_plan_make(kind, facts, body, plan, &answer->errors, &answer->problem, error);
}

/* Begins the operation that carries the plan out. */
static int begin(prv_context *context, cat_request *request, const json_t *plan, cat_write_answer *answer, cat_error *error)
{
    char id[CAT_ID_MAX];
    int64_t now = prv_now_ms();
    cat_id_make(now, id);
    cat_autojson json_t *principal = prv_principal_json(context, cat_request_principal(request));
    cat_autojson json_t *operation = prv_operation_make(prv_kind_of(plan), id, plan, principal, now);
    int code = prv_operation_begin(context, operation, plan, principal, error);
    if (code < 0)
        return code;
    prv_operation_publish(context, operation, NULL);
    answer->status = 202;
    answer->operation = cat_strdup(id);
    answer->body = json_incref(operation);
    return 0;
}

/* Gitea has one name space for organizations and people. */
static int check_free(prv_context *context, const char *name, cat_write_answer *answer, cat_error *error)
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

static int make_organization(void *opaque, cat_request *request, const json_t *body, cat_write_answer *answer, cat_error *error)
{
    prv_context *context = opaque;
    cat_error rule = {0};
    const char *name = cat_json_text_or(body, "name", "");
    const prv_kind *kind = prv_kind_asked_at(cat_request_path(request));
    const prv_asking ask = {.principal = cat_request_principal(request), .apply = true};
    int code = prv_may_ask(kind, &ask, NULL, error);
    if (code < 0)
        return code;
    if (cat_name_check_organization(name, &rule) < 0)
        return complain(answer, "name-invalid", "/name", rule.message, error);
    answer->organization = cat_strdup(name);
    answer->object = cat_printf("organization/%s", name);
    if ((code = check_free(context, name, answer, error)) < 0)
        return code;
    cat_autojson json_t *plan = NULL;
    code = make_onboarding(context, kind, name, body, &plan, answer, error);
    return code < 0 ? code : begin(context, request, plan, answer, error);
}

int prv_post_organization(cat_request *request, cat_reply *reply, void *context, cat_error *error)
{
    return prv_write_once(request, reply, context, "onboard", make_organization, error);
}

static int make_environment(void *opaque, cat_request *request, const json_t *body, cat_write_answer *answer, cat_error *error)
{
    prv_context *context = opaque;
    const prv_kind *kind = prv_kind_asked_at(cat_request_path(request));
    prv_asking ask = {.principal = cat_request_principal(request), .apply = true};
    int code = cat_request_organization(request, &ask.organization, error);
    if (code == 0)
        code = prv_may_ask(kind, &ask, NULL, error);
    if (code < 0)
        return code;
    const char *organization = ask.organization;
    answer->organization = cat_strdup(organization);
    cat_autojson json_t *plan = NULL;
    if ((code = make_onboarding(context, kind, organization, body, &plan, answer, error)) < 0)
        return code;
    const char *name = cat_json_text_or(plan, "subject", "");
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
    return begin(context, request, plan, answer, error);
}

int prv_post_environment(cat_request *request, cat_reply *reply, void *context, cat_error *error)
{
    return prv_write_once(request, reply, context, "add-environment", make_environment, error);
}
