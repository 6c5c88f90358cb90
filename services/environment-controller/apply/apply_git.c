/* Steps in Gitea. Each makes or mends, and changes nothing when all is as asked. */
#include <stdlib.h>
#include <string.h>

#include "apply/apply.h"
#include "base/encoding.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/random.h"
#include "core/resources.h"
#include "wire/names.h"

#define MAX_REPOSITORIES 10000

char *ec_team_key(const char *organization, const char *team)
{
    return cat_printf("team/%s/%s", organization, team);
}

static bool is_service(const char *login)
{
    return cat_name_check_login(login, NULL) < 0;
}

/* A person who is called as an Organization is nobody in Git, and keeps nobody else from it. */
static bool is_nobody(ec_controller *controller, const char *login, cat_error *why)
{
    return !is_service(login) && cat_gitea_check_person(controller->gitea, login, why) == CAT_E_FORBIDDEN;
}

static void leave_out(ec_controller *controller, const char *login, const char *trouble, const cat_error *why)
{
    cat_autofree char *key = ec_person_key(login);
    cat_log_warning("a person cannot use Git", CAT_FIELD("user", login), CAT_FIELD_ERROR(why));
    ec_asserted_set(controller->asserted, key, trouble);
}

static bool is_left_out(ec_controller *controller, const char *login)
{
    cat_autofree char *key = ec_person_key(login);
    for (const ec_person_trouble *one = EC_PERSON_TROUBLES; one->code; one++)
        if (ec_asserted_holds(controller->asserted, key, one->code, 0))
            return true;
    return false;
}

/* Whom Gitea does not take is left out, named in the Organization's condition PeopleReady, and holds up nobody else. */
static int make_person(ec_controller *controller, const json_t *arguments, cat_error *error)
{
    const char *login = cat_json_text_or(arguments, "login", "");
    cat_error failed = {0};
    if (is_nobody(controller, login, &failed)) {
        leave_out(controller, login, "name", &failed);
        return 0;
    }
    int code = cat_gitea_ensure_user(controller->gitea, login, cat_json_text(arguments, "email"),
                                     cat_json_text(arguments, "name"), NULL, &failed);
    const char *trouble = code < 0 && !is_service(login) ? ec_person_trouble_of(&failed) : NULL;
    if (code < 0 && !trouble)
        return cat_error_copy(error, &failed);
    if (trouble) {
        leave_out(controller, login, trouble, &failed);
        return 0;
    }
    cat_autofree char *key = ec_person_key(login);
    ec_asserted_forget(controller->asserted, key);
    return 0;
}

static int make_team(ec_controller *controller, const json_t *arguments, cat_error *error)
{
    int64_t id = 0;
    int code =
        cat_gitea_ensure_team(controller->gitea, cat_json_text(arguments, "organization"), cat_json_text(arguments, "team"),
                              cat_json_text_or(arguments, "permission", "read"), &id, NULL, error);
    if (code == 0) { /* rules of branches may name it from now on */
        cat_autofree char *made =
            ec_team_key(cat_json_text_or(arguments, "organization", ""), cat_json_text_or(arguments, "team", ""));
        ec_asserted_set(controller->asserted, made, "made");
    }
    const json_t *members = json_object_get(arguments, "members");
    /* Without a list nobody said who is in it: identity is not configured, or does not answer. */
    if (code < 0 || !members)
        return code;
    cat_auto(cat_strings) logins = {0};
    for (size_t i = 0; i < json_array_size(members); i++)
        if (!is_left_out(controller, json_string_value(json_array_get(members, i))))
            cat_strings_add(&logins, json_string_value(json_array_get(members, i)));
    return cat_gitea_ensure_team_members(controller->gitea, id, &logins, NULL, error);
}

/* The token's text is shown once: it goes straight into the Organization's Secret. A token that was lost between the two is left
 * behind unused. */
static int make_token(ec_controller *controller, const json_t *arguments, cat_error *error)
{
    static const char *const scopes[] = {"read:repository", NULL};
    cat_autofree char *suffix = cat_random_password(8, "abcdefghijkmnpqrstuvwxyz23456789");
    cat_autofree char *name = cat_printf("flux-%s", suffix), *token = NULL;
    int code = cat_gitea_create_token(controller->gitea, cat_json_text(arguments, "login"), name, scopes, &token, error);
    if (code < 0)
        return code;
    cat_autofree char *encoded = cat_base64_encode(token, strlen(token));
    cat_autofree char *secret = cat_printf("organization-%s", cat_json_text(arguments, "organization"));
    cat_autojson json_t *patch = json_object();
    cat_json_set(patch, "data", json_pack("{s:s}", "flux-token", encoded));
    code = cat_kube_patch(controller->kube,
                          &(cat_kube_change){ec_resource("Secret"), controller->settings.namespace, secret, patch}, NULL, error);
    cat_wipe(token, strlen(token));
    if (code == 0) /* what Flux reads with is new everywhere */
        ec_queue_add(controller->queue, "Organization", NULL, cat_json_text(arguments, "organization"));
    return code;
}

static int make_hook(ec_controller *controller, const json_t *arguments, cat_error *error)
{
    static const char *const events[] = {"push", "pull_request", NULL};
    return cat_gitea_ensure_hook(controller->gitea, cat_json_text(arguments, "organization"),
                                 controller->config->common.gitea.webhook_url, controller->webhook_secret, events, NULL, error);
}

static int archive(ec_controller *controller, const char *organization, cat_error *error)
{
    cat_autofree char *path = cat_printf("/orgs/%s/repos", organization);
    cat_autojson json_t *repositories = NULL;
    cat_error failed = {0};
    int code = cat_gitea_list(controller->gitea, path, MAX_REPOSITORIES, &repositories, &failed);
    if (code == CAT_E_NOT_FOUND)
        return 0;
    if (code < 0)
        return cat_error_copy(error, &failed);
    size_t index;
    json_t *repository;
    cat_error first = {0};
    json_array_foreach(repositories, index, repository)
    {
        const char *name = cat_json_text(repository, "name");
        cat_error one = {0};
        if (!name || cat_json_bool_or(repository, "archived", false) ||
            cat_gitea_archive_repository(controller->gitea, organization, name, true, &one) == 0)
            continue;
        cat_error_wrap(&one, "repository %s/%s", organization, name);
        if (!first.code)
            first = one;
    }
    return first.code < 0 ? cat_error_copy(error, &first) : 0;
}

static int remember(ec_controller *controller, const json_t *arguments)
{
    const char *application = cat_json_text(arguments, "application");
    cat_autofree char *key = cat_printf("git/%s%s%s", cat_json_text(arguments, "organization"), application ? "/" : "",
                                        application ? application : "");
    ec_asserted_set(controller->asserted, key, cat_json_text_or(arguments, "digest", ""));
    return 0;
}

int ec_apply_git(ec_controller *controller, ec_step step, const json_t *arguments, cat_error *error)
{
    cat_gitea *gitea = controller->gitea;
    switch (step) {
    case EC_STEP_GIT_ORGANIZATION:
        return cat_gitea_ensure_organization(gitea, cat_json_text(arguments, "name"), cat_json_text(arguments, "displayName"),
                                             NULL, error);
    case EC_STEP_GIT_PERSON:
        return make_person(controller, arguments, error);
    case EC_STEP_GIT_TEAM:
        return make_team(controller, arguments, error);
    case EC_STEP_GIT_TOKEN:
        return make_token(controller, arguments, error);
    case EC_STEP_GIT_REPOSITORY: {
        cat_gitea_repository repository = {.owner = cat_json_text(arguments, "owner"),
                                           .name = cat_json_text(arguments, "name"),
                                           .description = "Blueprints of this Organization alone",
                                           .default_branch = "main",
                                           .private = true};
        return cat_gitea_ensure_repository(gitea, &repository, NULL, error);
    }
    case EC_STEP_GIT_HOOK:
        return make_hook(controller, arguments, error);
    case EC_STEP_GIT_PROTECTION:
        return cat_gitea_ensure_protection(gitea, cat_json_text(arguments, "owner"), cat_json_text(arguments, "name"),
                                           cat_json_get(arguments, "rule"), NULL, error);
    case EC_STEP_GIT_TAGS:
        return cat_gitea_ensure_tag_protection(gitea, cat_json_text(arguments, "owner"), cat_json_text(arguments, "name"),
                                               cat_json_get(arguments, "rule"), NULL, error);
    case EC_STEP_GIT_ARCHIVE:
        return archive(controller, cat_json_text(arguments, "organization"), error);
    case EC_STEP_GIT_ASSERTED:
        return remember(controller, arguments);
    default:
        return cat_error_set(error, CAT_E_INTERNAL, "step %d is not one in Git", step);
    }
}
