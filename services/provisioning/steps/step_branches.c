/* First commits of repositories that the plan makes: a skeleton, then each branch, all in one push. Everything about them is
 * decided by the plan and the time of its apply, so that a repeat makes the same commits and pushes what is missing. */
#include <stdlib.h>
#include <string.h>

#include "steps/git_trees.h"
#include "steps/steps.h"

#define MAX_BRANCHES 8

typedef struct {
    prv_run *run;
    cat_git *git;
    const char *repository, *message;
    prv_committer committer;
    cat_git_id skeleton;
    const char *names[MAX_BRANCHES];
    cat_git_id commits[MAX_BRANCHES];
    size_t count;
} making;

static int commit(making *make, const cat_git_id *tree, const cat_git_id *parents, size_t count, const char *message,
                  cat_git_id *made, cat_error *error)
{
    return cat_git_commit(make->git,
                          &(cat_git_new_commit){.tree = tree,
                                                .parents = parents,
                                                .parent_count = count,
                                                .author = &make->run->author,
                                                .committer = &make->committer.person,
                                                .time_ms = make->run->applied_ms,
                                                .message = message},
                          made, error);
}

static int make_skeleton(making *make, const json_t *skeleton, cat_error *error)
{
    cat_git_id tree;
    size_t count = json_array_size(json_object_get(skeleton, "files")), index;
    cat_autofree cat_git_file *files = cat_calloc(count + 1, sizeof *files);
    json_t *file;
    json_array_foreach(json_object_get(skeleton, "files"), index, file)
    {
        const char *content = cat_json_text_or(file, "content", "");
        files[index] = (cat_git_file){.path = cat_json_text_or(file, "path", ""), .content = content, .length = strlen(content)};
    }
    int code = cat_git_tree(make->git, NULL, files, count, &tree, error);
    cat_autofree char *subject = cat_printf("Begin %s", strrchr(make->repository, '/') + 1);
    cat_autofree char *message = prv_message_of(make->run, subject);
    return code < 0 ? code : commit(make, &tree, NULL, 0, message, &make->skeleton, error);
}

static const cat_git_id *made(const making *make, const char *branch)
{
    for (size_t i = 0; i < make->count; i++)
        if (strcmp(make->names[i], branch) == 0)
            return &make->commits[i];
    return NULL;
}

static int make_branch(making *make, const json_t *entry, cat_error *error)
{
    const char *from = cat_json_text_or(entry, "from", "skeleton"), *branch = cat_json_text_or(entry, "branch", "");
    const json_t *files = json_object_get(entry, "files");
    bool first = strcmp(from, "skeleton") == 0;
    const cat_git_id *base = first ? &make->skeleton : made(make, from);
    if (!base || make->count == MAX_BRANCHES)
        return cat_error_set(error, CAT_E_INTERNAL, "branch %s of %s is planned from '%s'", branch, make->repository, from);
    cat_git_id result = make->skeleton;
    if (!first || json_array_size(files)) {
        cat_git_id tree, parents[2] = {make->skeleton, *base};
        int code = prv_tree_make(make->git, base, NULL, NULL, files, &tree, error);
        if (code == 0)
            code = commit(make, &tree, parents, first ? 1 : 2, make->message, &result, error);
        if (code < 0)
            return code;
    }
    make->names[make->count] = branch;
    make->commits[make->count++] = result;
    return 0;
}

/* A branch that has moved on since is well when our commit is in its past. */
static int check_past(making *make, const cat_git_remote *remote, size_t at, cat_error *error)
{
    cat_autoptr(cat_git) git = NULL;
    cat_git_id head;
    cat_autojson json_t *commits = NULL;
    int code = cat_git_open(remote, NULL, &git, error);
    if (code == 0)
        code = cat_git_head(git, make->names[at], &head, error);
    if (code == 0)
        code = cat_git_log(git, &head, NULL, 5000, &commits, error);
    if (code < 0)
        return code;
    size_t index;
    json_t *one;
    json_array_foreach(commits, index, one)
    {
        if (cat_text_equal(cat_json_text(one, "id"), make->commits[at].hex))
            return 0;
    }
    return cat_error_set_class(error, CAT_E_CONFLICT, CAT_CLASS_STALLED,
                               "branch %s of %s holds something else already: remove or rename that repository and try again, or "
                               "install under another name",
                               make->names[at], make->repository);
}

static const char *reference_id(const json_t *references, const char *branch)
{
    cat_autofree char *name = cat_printf("refs/heads/%s", branch);
    size_t index;
    json_t *reference;
    json_array_foreach((json_t *)references, index, reference)
    {
        if (cat_text_equal(cat_json_text(reference, "name"), name))
            return cat_json_text(reference, "id");
    }
    return NULL;
}

static int push_missing(making *make, const cat_git_remote *remote, cat_error *error)
{
    cat_autojson json_t *references = NULL;
    cat_git_update updates[MAX_BRANCHES];
    size_t count = 0;
    int code = cat_git_remote_references(remote, &references, error);
    for (size_t i = 0; code == 0 && i < make->count; i++) {
        const char *there = reference_id(references, make->names[i]);
        if (!there)
            updates[count++] = (cat_git_update){.branch = make->names[i], .commit = make->commits[i]};
        else if (strcmp(there, make->commits[i].hex) != 0)
            code = check_past(make, remote, i, error);
    }
    if (code == 0)
        code = cat_git_push(make->git, updates, count, error);
    for (size_t i = 0; code == 0 && i < make->count; i++)
        prv_operation_note_commit(make->run->operation, make->repository, make->names[i], make->commits[i].hex);
    return code;
}

static int make_repository(prv_run *run, const json_t *skeleton, cat_error *error)
{
    making make = {.run = run, .repository = cat_json_text_or(skeleton, "repository", "")};
    char url[512];
    cat_git_remote remote = prv_remote(run->context, make.repository, url);
    cat_autoptr(cat_git) git = NULL;
    cat_autofree char *message = prv_message_for(run, make.repository, "Install");
    prv_committer_of(run->context, &make.committer);
    make.message = message;
    int code = cat_git_open_new(&remote, &git, error);
    make.git = git;
    if (code == 0)
        code = make_skeleton(&make, skeleton, error);
    size_t index;
    json_t *entry;
    json_array_foreach(json_object_get(run->plan, "trees"), index, entry)
    {
        if (code == 0 && cat_text_equal(cat_json_text(entry, "repository"), make.repository))
            code = make_branch(&make, entry, error);
    }
    return code < 0 ? code : push_missing(&make, &remote, error);
}

int prv_step_branches(prv_run *run, cat_error *error)
{
    size_t index;
    json_t *skeleton;
    json_array_foreach(json_object_get(run->plan, "skeletons"), index, skeleton)
    {
        int code = make_repository(run, skeleton, error);
        if (code < 0)
            return code;
    }
    return 0;
}
