/* The files of versions in system/catalyst-config: what the API server takes, in one commit. */
#include <stdlib.h>
#include <string.h>

#include "apply_parts.h"
#include "base/clock.h"
#include "base/log.h"
#include "svc/flux.h"
#include "wire/names.h"
#include "wire/yaml.h"

static json_t *refused(const json_t *entry, const char *reason, const char *message)
{
    json_t *item = json_object(), *errors = json_array();
    static const char *const KEPT[] = {"source", "name", "version", "repository", "path", "tag", "commit", "digest"};
    for (size_t i = 0; i < sizeof KEPT / sizeof *KEPT; i++)
        cat_json_set_text(item, KEPT[i], cat_json_text(entry, KEPT[i]));
    json_array_append_new(errors,
                          cat_json_object("file", json_string("blueprint.yaml"), "line", json_integer(1), "column",
                                          json_integer(1), "pointer", json_string(""), "message", json_string(message), NULL));
    json_object_set_new(item, "reason", json_string(reason));
    json_object_set_new(item, "errors", errors);
    return item;
}

/* What the API server would not take may not reach Git: one bad file stops everything that Flux applies with it. */
int bpc_try_objects(bpc_controller *controller, json_t *plan, cat_error *error)
{
    json_t *wanted = json_object_get(plan, "register");
    for (size_t i = 0; i < json_array_size(wanted);) {
        const json_t *entry = json_array_get(wanted, i);
        cat_autojson json_t *object = bpc_plan_object(entry);
        cat_apply_options options = {.field_manager = BPC_NAME, .force = true, .dry_run = true};
        cat_error failed = {0};
        int code = cat_kube_apply(controller->kube, object, &options, NULL, &failed);
        if (code == CAT_E_INVALID || code == CAT_E_TOO_LARGE) {
            json_array_append_new(json_object_get(plan, "reject"), refused(entry, "Refused", failed.message));
            json_array_remove(wanted, i);
            continue;
        }
        if (code < 0) {
            cat_error_wrap(&failed, "trying Blueprint %s", cat_object_name(object));
            return cat_error_copy(error, &failed);
        }
        i++;
    }
    return 0;
}

/* The version as it was committed once; that is what it stays. */
static int adopt(cat_git *git, const cat_git_id *head, const char *path, json_t *entries, size_t index, bool *there,
                 cat_error *error)
{
    cat_autofree char *text = NULL;
    size_t length = 0;
    cat_error failed = {0};
    int code = cat_git_read(git, head, path, &text, &length, NULL, &failed);
    *there = code == 0;
    if (code == CAT_E_NOT_FOUND)
        return 0;
    if (code < 0) {
        cat_error_wrap(&failed, "%s", path);
        return cat_error_copy(error, &failed);
    }
    cat_autojson json_t *object = NULL;
    const json_t *entry = json_array_get(entries, index);
    cat_yaml_parse(text, length, &CAT_YAML_CAPS, &object, NULL, NULL);
    if (cat_text_equal(cat_json_text(object, "spec.digest"), cat_json_text(entry, "digest")))
        return 0;
    json_t *older = bpc_plan_entry_of_object(object, cat_json_text_or(entry, "registeredAt", ""));
    if (!older)
        return cat_error_set_class(error, CAT_E_CONFLICT, CAT_CLASS_STALLED,
                                   "%s in " CAT_CONFIG_REPOSITORY " is not what this service wrote", path);
    cat_json_set_text(older, "moved", cat_json_text(entry, "commit"));
    json_array_set_new(entries, index, older);
    return 0;
}

static char *subject_of(const json_t *entries, size_t written)
{
    const json_t *first = json_array_get(entries, 0);
    if (written == 1 && json_array_size(entries) == 1)
        return cat_printf("Register %s %s", cat_json_text_or(first, "name", ""), cat_json_text_or(first, "version", ""));
    return cat_printf("Register %zu Blueprint versions", written);
}

static char *trailers_of(const json_t *entries)
{
    cat_auto(cat_string) text = CAT_STRING(16384);
    size_t index;
    json_t *entry;
    json_array_foreach(entries, index, entry) cat_string_appendf(
        &text, "Blueprint: %s/%s %s %s\n", cat_json_text_or(entry, "source", ""), cat_json_text_or(entry, "name", ""),
        cat_json_text_or(entry, "version", ""), cat_json_text_or(entry, "digest", ""));
    return cat_string_take(&text);
}

/* What stands in a file's place and is not ours keeps its own version from being registered, and no other. */
static int find_wanted(cat_git *git, const cat_git_id *head, json_t *plan, cat_strings *paths, cat_strings *texts,
                       cat_error *error)
{
    json_t *entries = json_object_get(plan, "register");
    for (size_t i = 0; i < json_array_size(entries);) {
        cat_autofree char *path = bpc_plan_file(json_array_get(entries, i));
        bool there = false;
        cat_error failed = {0};
        int code = adopt(git, head, path, entries, i, &there, &failed);
        if (code == CAT_E_CONFLICT && failed.class == CAT_CLASS_STALLED) {
            json_array_append_new(json_object_get(plan, "reject"),
                                  refused(json_array_get(entries, i), "Occupied", failed.message));
            json_array_remove(entries, i);
            continue;
        }
        if (code < 0)
            return cat_error_copy(error, &failed);
        if (!there) {
            cat_autojson json_t *object = bpc_plan_object(json_array_get(entries, i));
            cat_autofree char *text = cat_yaml_format(object);
            cat_strings_add(paths, path);
            cat_strings_add(texts, text);
        }
        i++;
    }
    return 0;
}

/* What is to be written, as the branch stands. */
typedef struct {
    json_t *plan;
    cat_strings paths, texts;
    cat_git_file *files;
    char *subject, *trailers;
} writing;

static void writing_finish(writing *all)
{
    cat_strings_finish(&all->paths);
    cat_strings_finish(&all->texts);
    free(all->files);
    free(all->subject);
    free(all->trailers);
    *all = (writing){.plan = all->plan};
}

static int choose(void *context, cat_git *git, const cat_git_id *head, cat_config_wish *wish, cat_error *error)
{
    writing *all = context;
    writing_finish(all);
    if (!head)
        return cat_error_set(error, CAT_E_NOT_FOUND, CAT_CONFIG_REPOSITORY " has no branch main");
    int code = find_wanted(git, head, all->plan, &all->paths, &all->texts, error);
    if (code < 0)
        return code;
    const json_t *entries = json_object_get(all->plan, "register");
    all->files = cat_calloc(all->paths.count + 1, sizeof *all->files);
    for (size_t i = 0; i < all->paths.count; i++)
        all->files[i] =
            (cat_git_file){.path = all->paths.items[i], .content = all->texts.items[i], .length = strlen(all->texts.items[i])};
    wish->files = all->files;
    wish->count = all->paths.count;
    wish->subject = all->subject = subject_of(entries, all->paths.count);
    wish->trailers = all->trailers = trailers_of(entries);
    wish->time_ms = cat_clock_system()->wall_ms(cat_clock_system());
    return 0;
}

int bpc_write_files(bpc_controller *controller, json_t *plan, bool *wrote, cat_error *error)
{
    writing all = {.plan = plan};
    cat_config_wish wish = {.branch = "main", .choose = choose, .context = &all};
    int code = cat_config_repo_commit(controller->config_repo, &wish, error);
    *wrote = all.paths.count > 0;
    writing_finish(&all);
    return code;
}

/* Flux looks at this branch every few minutes; a version that was just registered is wanted now. That it cannot be asked is no
 * failure: it looks by itself. */
void bpc_ask_flux(bpc_controller *controller)
{
    cat_error error = {0};
    if (cat_flux_ask(controller->kube, "flux-system", "catalyst-config", &error) < 0)
        cat_log_info("Flux was not asked to look at " CAT_CONFIG_REPOSITORY, CAT_FIELD_ERROR(&error));
}
