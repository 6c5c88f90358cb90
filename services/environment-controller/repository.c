#include "repository.h"

#include <stdlib.h>
#include <string.h>

#include "base/encoding.h"
#include "base/memory.h"
#include "domain/application_source.h"
#include "domain/application_tree.h"
#include "observe.h"
#include "tree.h"

/* What is wrong with the file begins with its name. */
static int wrong_source(const cat_error *failed, cat_error *error)
{
    bool about_it = cat_text_starts_with(failed->message, "it ");
    return cat_error_set_class(error, failed->code, failed->class, "catalyst.yaml%s%s", about_it ? " " : ": ",
                               failed->message + (about_it ? strlen("it ") : 0));
}

/* catalyst.yaml at a commit. A commit never changes, so an answer holds for ever; the file is small. */
static int read_source(ec_controller *controller, const char *owner, const char *name, const char *commit, json_t **source,
                       cat_error *error)
{
    cat_autofree char *path = cat_printf("/repos/%s/%s/contents/catalyst.yaml?ref=%s", owner, name, commit);
    cat_autojson json_t *reply = NULL, *document = NULL;
    int code = cat_gitea_call(controller->gitea, "GET", path, NULL, NULL, &reply, error);
    if (code < 0)
        return code;
    const char *encoded = cat_json_text_or(reply, "content", "");
    size_t length = 0;
    cat_autofree char *text = (char *)cat_base64_decode(encoded, strlen(encoded), &length);
    if (!text)
        return cat_error_set(error, CAT_E_PROTOCOL, "Git answered catalyst.yaml in a form that is not base64");
    cat_error failed = {0};
    if (cat_application_source_read(text, length, name, &document, &failed) < 0)
        return wrong_source(&failed, error);
    *source = json_incref(document);
    return 0;
}

/* The commit that its status said last runs here: Flux has built that. NULL: none. */
static const char *runs_at(const json_t *application, const ec_application_environment *of)
{
    size_t index;
    json_t *status;
    json_array_foreach(cat_json_get(application, "status.environments"), index, status)
    {
        if (cat_text_equal(cat_json_text(status, "name"), of->name))
            return cat_json_text(status, "running.commit");
    }
    return NULL;
}

/* Whether its branch had a catalyst.yaml before: it ran, or what stood there could not be read. */
static bool had_source(const json_t *application, const ec_application_environment *of)
{
    size_t index;
    json_t *status;
    json_array_foreach(cat_json_get(application, "status.environments"), index, status)
    {
        if (cat_text_equal(cat_json_text(status, "name"), of->name))
            return cat_json_text(status, "running.commit") || cat_text_equal(cat_json_text(status, "reason"), "NotBuilt");
    }
    return false;
}

static int check_tree(ec_controller *controller, const json_t *application, ec_application_environment *of, cat_error *error)
{
    const char *owner = cat_object_namespace(application), *name = cat_object_name(application);
    cat_autofree char *key = cat_printf("tree/%s/%s/%s", owner, name, of->branch), *url = NULL;
    of->reads = ec_asserted_text(controller->asserted, key, of->commit);
    if (cat_text_equal(runs_at(application, of), of->commit) || ec_asserted_holds(controller->asserted, key, of->commit, 0))
        return 0;
    url = cat_printf("%s/%s/%s.git", controller->config->common.gitea.url, owner, name);
    const cat_git_remote remote = {.url = url, .user = controller->config->common.gitea.user, .password = controller->git_token};
    ec_tree_verdict verdict;
    int code = ec_tree_check(&remote, of->branch, of->commit, of->env_type, &verdict, error);
    if (code == 0 && !verdict.why)
        ec_asserted_set_text(controller->asserted, key, of->commit, verdict.reads);
    of->not_built = verdict.why;
    of->too_large = verdict.too_large;
    free((char *)of->reads);
    of->reads = verdict.reads;
    return code;
}

static int gather_branch(ec_controller *controller, const json_t *application, bool has_repository,
                         ec_application_environment *of, cat_error *error)
{
    const char *owner = cat_object_namespace(application), *name = cat_object_name(application);
    cat_error failed = {0};
    int code = cat_gitea_branch_head(controller->gitea, owner, name, of->branch, of->commit, &failed);
    if (code == CAT_E_NOT_FOUND) {
        of->problem = has_repository
                          ? cat_printf("repository %s/%s has no such branch yet", owner, name)
                          : cat_printf("there is no repository %s/%s: if it was renamed, moved or deleted, give it its "
                                       "name back, or uninstall the Application",
                                       owner, name);
        return 0;
    }
    if (code < 0)
        return cat_error_copy(error, &failed);
    json_t *source = NULL;
    code = read_source(controller, owner, name, of->commit, &source, &failed);
    of->source = source;
    if (code == CAT_E_NOT_FOUND) {
        of->refused = had_source(application, of);
        of->problem =
            of->refused ? cat_file_words(CAT_FILE_GONE, "catalyst.yaml", "") : cat_strdup("it has no catalyst.yaml yet");
    } else if (code == CAT_E_INVALID || code == CAT_E_TOO_LARGE) {
        of->problem = cat_strdup(failed.message);
        of->refused = true;
    } else if (code < 0) {
        return cat_error_copy(error, &failed);
    }
    return of->source ? check_tree(controller, application, of, error) : 0;
}

static int find_repository(ec_controller *controller, ec_application_facts *facts, cat_error *error)
{
    cat_autojson json_t *repository = NULL;
    cat_error failed = {0};
    int code = cat_gitea_get_repository(controller->gitea, cat_object_namespace(facts->application),
                                        cat_object_name(facts->application), &repository, &failed);
    if (code < 0 && code != CAT_E_NOT_FOUND)
        return cat_error_copy(error, &failed);
    facts->repository = cat_json_int_or(repository, "id", 0);
    return 0;
}

int ec_repository_gather(ec_controller *controller, ec_application_facts *facts, cat_error *error)
{
    const json_t *application = facts->application;
    const char *organization = cat_object_namespace(application);
    size_t index;
    json_t *item;
    int code = cat_object_is_deleting(application) ? 0 : find_repository(controller, facts, error);
    json_array_foreach(cat_json_get(application, "spec.environments"), index, item)
    {
        const char *name = json_string_value(item);
        char owner[CAT_NAME_ORGANIZATION_MAX + 1], env_type[8];
        if (code < 0 || !name || facts->environment_count == EC_MAX_ENVIRONMENTS || cat_object_is_deleting(application))
            continue;
        if (!cat_environment_split(name, owner, env_type) || strcmp(owner, organization) != 0)
            return cat_error_set_class(error, CAT_E_INVALID, CAT_CLASS_STALLED,
                                       "Environment %.60s does not belong to Organization %s", name, organization);
        ec_application_environment *of = &facts->environments[facts->environment_count++];
        json_t *environment = NULL;
        code = ec_observe_object(controller, "Environment", organization, name, &environment, error);
        of->environment = environment;
        of->name = name;
        of->branch = cat_branch_of_env_type(env_type);
        of->env_type = cat_env_type_of_branch(of->branch);
        if (code == 0)
            code = gather_branch(controller, application, facts->repository > 0, of, error);
    }
    return code;
}

void ec_repository_running(ec_controller *controller, ec_application_facts *facts, const ec_observed *observed)
{
    for (size_t i = 0; i < facts->environment_count; i++) {
        ec_application_environment *of = &facts->environments[i];
        const char *commit = of->environment ? ec_application_running_commit(facts, observed, i) : NULL;
        if (!commit || strcmp(commit, of->commit) == 0 || strlen(commit) > 64)
            continue;
        json_t *running = NULL;
        if (read_source(controller, cat_object_namespace(facts->application), cat_object_name(facts->application), commit,
                        &running, NULL) == 0)
            of->running = running;
    }
}

void ec_repository_finish(ec_application_facts *facts)
{
    for (size_t i = 0; i < facts->environment_count; i++) {
        ec_application_environment *of = &facts->environments[i];
        json_decref((json_t *)of->environment);
        json_decref((json_t *)of->source);
        json_decref((json_t *)of->running);
        free((char *)of->problem);
        free((char *)of->not_built);
        free((char *)of->reads);
        *of = (ec_application_environment){0};
    }
    facts->environment_count = 0;
}
