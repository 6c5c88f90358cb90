/* Commits in repositories that were there before the plan: links, changes of config. The branches of a repository go in one push;
 * one that another was faster on is read again. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/random.h"
#include "core/plan_parts.h"
#include "steps/git_trees.h"
#include "steps/steps.h"
#include "wire/yaml.h"

#define MAX_BRANCHES 8
#define MAX_TRIES 8

typedef struct {
    const char *name;
    cat_git_id head, made;
    bool done; /* by an earlier try of this operation */
} branch;

typedef struct {
    prv_run *run;
    cat_git *git;
    const char *repository, *message;
    prv_committer committer;
    branch branches[MAX_BRANCHES];
    size_t count;
} changing;

static int branch_of(changing *change, const char *name, branch **found, cat_error *error)
{
    for (size_t i = 0; i < change->count; i++)
        if (strcmp(change->branches[i].name, name) == 0) {
            *found = &change->branches[i];
            return 0;
        }
    if (change->count == MAX_BRANCHES)
        return cat_error_set(error, CAT_E_INTERNAL, "%s has too many branches", change->repository);
    branch *next = &change->branches[change->count];
    *next = (branch){.name = name};
    int code = cat_git_head(change->git, name, &next->head, error);
    if (code < 0)
        return code;
    next->made = next->head;
    next->done = prv_commit_of_operation(change->git, &next->head, change->run->id, &next->made);
    change->count++;
    *found = next;
    return 0;
}

/* --- what may have changed since the plan --- */

static const char *planned_blob(const json_t *plan, const char *repository, const char *branch_name, const char *path)
{
    size_t index;
    json_t *read;
    json_array_foreach(json_object_get(plan, "reads"), index, read)
    {
        if (cat_text_equal(cat_json_text(read, "repository"), repository) &&
            cat_text_equal(cat_json_text(read, "branch"), branch_name) && cat_text_equal(cat_json_text(read, "path"), path))
            return cat_json_text(read, "blob");
    }
    return NULL;
}

/* A file that is written whole has to be what the plan saw; links are put together anew. */
static int check_unmoved(const changing *change, const branch *at, const char *path, cat_error *error)
{
    const char *planned = planned_blob(change->run->plan, change->repository, at->name, path);
    cat_autofree char *content = NULL;
    size_t length = 0;
    cat_git_id blob;
    if (!planned)
        return 0;
    int code = cat_git_read(change->git, &at->head, path, &content, &length, &blob, NULL);
    if (code == 0 && strcmp(blob.hex, planned) == 0)
        return 0;
    return cat_error_set_class(error, CAT_E_CONFLICT, CAT_CLASS_STALLED,
                               "%s on %s of %s has changed since the plan was made: plan again", path, at->name,
                               change->repository);
}

/* "overlays/dev/links/blog.yaml" → "dev"; NULL for another path. The caller's. */
static char *type_of_link(const char *path)
{
    if (!cat_text_starts_with(path, "overlays/"))
        return NULL;
    const char *type = path + strlen("overlays/"), *slash = strchr(type, '/');
    return slash && cat_text_starts_with(slash, "/links/") ? cat_strndup(type, (size_t)(slash - type)) : NULL;
}

static char *size_at(changing *change, const cat_git_id *base, const char *kustomization)
{
    cat_autofree char *text = NULL;
    cat_autojson json_t *document = NULL;
    size_t length = 0;
    const char *component = NULL;
    if (cat_git_read(change->git, base, kustomization, &text, &length, NULL, NULL) == 0 &&
        cat_yaml_parse(text, length, &CAT_YAML_CAPS, &document, NULL, NULL) == 0)
        component = cat_json_text(document, "components.0");
    const char *slash = component ? strrchr(component, '/') : NULL;
    return slash ? cat_strdup(slash + 1) : NULL;
}

/* The overlay's kustomization.yaml with the links that are there now and those of this plan: another consumer may have come or
 * gone. */
static void relink(changing *change, const cat_git_id *base, json_t *files, const char *type)
{
    cat_autofree char *folder = cat_printf("overlays/%s/links", type), *prefix = cat_printf("%s/", folder);
    cat_autofree char *kustomization = cat_printf("overlays/%s/kustomization.yaml", type);
    cat_autofree char *size = size_at(change, base, kustomization);
    cat_autojson json_t *links = json_object();
    cat_auto(cat_strings) paths = {0};
    size_t index;
    json_t *file;
    if (!size)
        return;
    cat_git_list(change->git, base, folder, &paths, NULL);
    for (size_t i = 0; i < paths.count; i++) {
        cat_autofree char *name =
            cat_strndup(paths.items[i] + strlen(prefix), strlen(paths.items[i]) - strlen(prefix) - strlen(".yaml"));
        json_object_set_new(links, name, json_null());
    }
    json_array_foreach(files, index, file)
    {
        const char *path = cat_json_text_or(file, "path", "");
        if (!cat_text_starts_with(path, prefix))
            continue;
        cat_autofree char *name = cat_strndup(path + strlen(prefix), strlen(path) - strlen(prefix) - strlen(".yaml"));
        if (cat_json_text(file, "content"))
            json_object_set_new(links, name, json_null());
        else
            json_object_del(links, name);
    }
    json_array_foreach(files, index, file)
    {
        if (cat_text_equal(cat_json_text(file, "path"), kustomization)) {
            cat_autofree char *before = NULL;
            size_t length = 0;
            cat_git_read(change->git, base, kustomization, &before, &length, NULL, NULL);
            cat_autofree char *text = prv_overlay_kept(before, size, links, NULL);
            json_object_set_new(file, "content", json_string(text));
        }
    }
}

/* A copy of the entry's files as they have to be on top of `base`. */
static int files_now(changing *change, const branch *at, const json_t *entry, json_t **files, cat_error *error)
{
    cat_autojson json_t *copy = json_deep_copy(json_object_get(entry, "files"));
    cat_autofree char *type = NULL;
    size_t index;
    json_t *file;
    json_array_foreach(copy, index, file)
    {
        if (!type)
            type = type_of_link(cat_json_text_or(file, "path", ""));
    }
    if (type)
        relink(change, &at->made, copy, type);
    json_array_foreach(copy, index, file)
    {
        int code = type ? 0 : check_unmoved(change, at, cat_json_text_or(file, "path", ""), error);
        if (code < 0)
            return code;
    }
    *files = cat_take(copy);
    return 0;
}

/* --- commits --- */

static int make_tree(changing *change, const json_t *entry, cat_error *error)
{
    const char *from = cat_json_text_or(entry, "from", "");
    branch *at = NULL, *source = NULL;
    cat_autojson json_t *files = NULL;
    int code = branch_of(change, cat_json_text_or(entry, "branch", ""), &at, error);
    if (code < 0 || at->done)
        return code;
    if (*from && (code = branch_of(change, from, &source, error)) < 0)
        return code;
    if ((code = files_now(change, at, entry, &files, error)) < 0)
        return code;
    cat_git_id tree, before, parents[2] = {at->made, source ? source->made : at->made};
    code = prv_tree_make(change->git, source ? &source->made : &at->made, source ? &at->made : NULL,
                         json_object_get(entry, "keep"), files, &tree, error);
    if (code == 0)
        code = cat_git_tree_of(change->git, &at->made, &before, error);
    if (code < 0 || strcmp(tree.hex, before.hex) == 0)
        return code;
    return cat_git_commit(change->git,
                          &(cat_git_new_commit){.tree = &tree,
                                                .parents = parents,
                                                .parent_count = source ? 2 : 1,
                                                .author = &change->run->author,
                                                .committer = &change->committer.person,
                                                .time_ms = change->run->applied_ms,
                                                .message = change->message},
                          &at->made, error);
}

static int change_once(changing *change, cat_error *error)
{
    size_t index;
    json_t *entry;
    json_array_foreach(json_object_get(change->run->plan, "trees"), index, entry)
    {
        if (!cat_text_equal(cat_json_text(entry, "repository"), change->repository))
            continue;
        int code = make_tree(change, entry, error);
        if (code < 0)
            return code;
    }
    cat_git_update updates[MAX_BRANCHES];
    size_t count = 0;
    for (size_t i = 0; i < change->count; i++)
        if (!change->branches[i].done && strcmp(change->branches[i].made.hex, change->branches[i].head.hex) != 0)
            updates[count++] = (cat_git_update){.branch = change->branches[i].name, .commit = change->branches[i].made};
    int code = cat_git_push(change->git, updates, count, error);
    for (size_t i = 0; code == 0 && i < change->count; i++)
        prv_operation_note_commit(change->run->operation, change->repository, change->branches[i].name,
                                  change->branches[i].made.hex);
    return code;
}

static int change_repository(prv_run *run, const char *repository, cat_error *error)
{
    char url[512];
    cat_git_remote remote = prv_remote(run->context, repository, url);
    cat_autofree char *message = prv_message_for(run, repository, "Change");
    for (unsigned attempt = 0;; attempt++) {
        changing change = {.run = run, .repository = repository, .message = message};
        cat_autoptr(cat_git) git = NULL;
        cat_error failed = {0};
        prv_committer_of(run->context, &change.committer);
        int code = cat_git_open(&remote, NULL, &git, &failed);
        change.git = git;
        if (code == 0)
            code = change_once(&change, &failed);
        bool again = code == CAT_E_CONFLICT && failed.class != CAT_CLASS_STALLED && attempt + 1 < MAX_TRIES;
        if (!again)
            return code < 0 ? cat_error_copy(error, &failed) : 0;
        cat_clock_system()->sleep_ms(cat_clock_system(), cat_backoff_ms(attempt, 50, 2000));
    }
}

int prv_step_links(prv_run *run, cat_error *error)
{
    cat_auto(cat_strings) repositories = {0};
    size_t index;
    json_t *entry;
    json_array_foreach(json_object_get(run->plan, "trees"), index, entry)
    {
        const char *repository = cat_json_text_or(entry, "repository", "");
        if (!prv_is_made_here(run->plan, repository) && !cat_strings_has(&repositories, repository))
            cat_strings_add(&repositories, repository);
    }
    for (size_t i = 0; i < repositories.count; i++) {
        int code = change_repository(run, repositories.items[i], error);
        if (code < 0)
            return code;
    }
    return 0;
}
