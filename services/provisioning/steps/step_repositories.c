#include <string.h>

#include "steps/steps.h"

static int ensure_repository(prv_run *run, const char *repository, cat_error *error)
{
    const char *slash = strchr(repository, '/');
    if (!slash)
        return cat_error_set(error, CAT_E_INTERNAL, "'%s' names no repository", repository);
    cat_autofree char *owner = cat_strndup(repository, (size_t)(slash - repository));
    cat_gitea_repository wanted = {.owner = owner, .name = slash + 1, .default_branch = "develop", .private = true};
    cat_error failed = {0};
    int code = cat_gitea_ensure_repository(run->context->gitea, &wanted, NULL, &failed);
    if (code == CAT_E_NOT_FOUND)
        return cat_error_set_class(error, code, CAT_CLASS_WAITING, "the Git server has no organization %s yet", owner);
    return code < 0 ? cat_error_copy(error, &failed) : 0;
}

int prv_step_repositories(prv_run *run, cat_error *error)
{
    size_t index;
    json_t *skeleton;
    json_array_foreach(json_object_get(run->plan, "skeletons"), index, skeleton)
    {
        int code = ensure_repository(run, cat_json_text_or(skeleton, "repository", ""), error);
        if (code < 0)
            return code;
    }
    return 0;
}

int prv_step_archive(prv_run *run, cat_error *error)
{
    size_t index;
    json_t *application;
    json_array_foreach(json_object_get(run->plan, "applications"), index, application)
    {
        cat_error failed = {0};
        if (!cat_text_equal(cat_json_text(application, "action"), "remove"))
            continue;
        int code = cat_gitea_archive_repository(run->context->gitea, run->organization, cat_json_text_or(application, "name", ""),
                                                true, &failed);
        if (code < 0 && code != CAT_E_NOT_FOUND)
            return cat_error_copy(error, &failed);
    }
    return 0;
}
