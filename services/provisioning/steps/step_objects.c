/* Objects of system/catalyst-config: tried on the API server, then committed, then Flux is told. */
#include <stdlib.h>
#include <string.h>

#include "steps/steps.h"
#include "svc/flux.h"
#include "wire/yaml.h"

/* A new Organization's namespace is not there yet: what belongs into it is checked by Flux alone. */
static int try_object(prv_run *run, const json_t *object, cat_error *error)
{
    const char *namespace = cat_object_namespace(object);
    cat_apply_options options = {.field_manager = PRV_FIELD_MANAGER, .dry_run = true, .force = true};
    cat_error failed = {0};
    if (namespace && run->kind->whole)
        return 0;
    int code = cat_kube_apply(run->context->kube, object, &options, NULL, &failed);
    if (code == CAT_E_NOT_FOUND && namespace)
        return cat_error_set_class(error, code, CAT_CLASS_WAITING, "namespace %s is not there yet", namespace);
    return code < 0 ? cat_error_copy(error, &failed) : 0;
}

static int commit_branch(prv_run *run, const char *branch, cat_error *error)
{
    const json_t *objects = json_object_get(run->plan, "objects");
    cat_autofree cat_git_file *files = cat_calloc(json_array_size(objects) + 1, sizeof *files);
    cat_auto(cat_strings) texts = {0};
    size_t index, count = 0;
    json_t *entry;
    json_array_foreach((json_t *)objects, index, entry)
    {
        const json_t *object = json_object_get(entry, "object");
        if (!cat_text_equal(cat_json_text(entry, "branch"), branch))
            continue;
        cat_autofree char *text = object ? cat_yaml_format(object) : cat_strdup(cat_json_text_or(entry, "content", ""));
        bool remove = cat_text_equal(cat_json_text(entry, "action"), "remove");
        cat_strings_add(&texts, text);
        files[count++] = (cat_git_file){.path = cat_json_text_or(entry, "path", ""),
                                        .content = remove ? NULL : texts.items[texts.count - 1],
                                        .length = strlen(text)};
    }
    const char *name = cat_json_text_or(run->plan, "application", cat_json_text_or(run->plan, "subject", run->organization));
    cat_autofree char *subject = cat_printf("%s %s", run->kind->verb, name), *trailers = prv_trailers_of(run);
    cat_config_wish wish = {.branch = branch,
                            .files = files,
                            .count = count,
                            .subject = subject,
                            .trailers = trailers,
                            .author = run->author,
                            .time_ms = run->applied_ms};
    return cat_config_repo_commit(run->context->config_repo, &wish, error);
}

int prv_step_objects(prv_run *run, cat_error *error)
{
    cat_auto(cat_strings) branches = {0};
    size_t index;
    json_t *entry;
    json_array_foreach(json_object_get(run->plan, "objects"), index, entry)
    {
        const json_t *object = json_object_get(entry, "object");
        const char *branch = cat_json_text_or(entry, "branch", "");
        int code = object ? try_object(run, object, error) : 0;
        if (code < 0)
            return code;
        if (!cat_strings_has(&branches, branch))
            cat_strings_add(&branches, branch);
    }
    for (size_t i = 0; i < branches.count; i++) {
        int code = commit_branch(run, branches.items[i], error);
        if (code < 0)
            return code;
    }
    return 0;
}

int prv_step_reconcile(prv_run *run, cat_error *error)
{
    cat_error failed = {0};
    int code = cat_flux_ask(run->context->kube, run->kind->whole ? "flux-system" : run->organization, "catalyst-config", &failed);
    if (code == CAT_E_NOT_FOUND)
        return cat_error_set_class(error, code, CAT_CLASS_WAITING, "Flux does not know branch org/%s of catalyst-config yet",
                                   run->organization);
    return code < 0 ? cat_error_copy(error, &failed) : 0;
}
