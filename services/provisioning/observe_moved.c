/* Whether what a plan read is still so. */
#include <string.h>

#include "observe.h"

/* The commit that changed a path last, as people write of it. */
static char *last_change(cat_git *git, const cat_git_id *head, const char *path)
{
    cat_autojson json_t *commits = NULL;
    if (cat_git_log(git, head, path, 1, &commits, NULL) < 0 || json_array_size(commits) == 0)
        return cat_strdup("");
    const json_t *commit = json_array_get(commits, 0);
    const char *message = cat_json_text_or(commit, "message", "");
    return cat_printf(": %.12s by %.60s, \"%.*s\"", cat_json_text_or(commit, "id", ""),
                      cat_json_text_or(commit, "author.name", "somebody"), (int)strcspn(message, "\n"), message);
}

static void complain(json_t *moved, size_t index, const json_t *read, const char *what, const char *why)
{
    cat_autofree char *pointer = cat_printf("/reads/%zu", index);
    cat_autofree char *message =
        cat_printf("%s on %s of %s %s%s", cat_json_text_or(read, "path", ""), cat_json_text_or(read, "branch", ""),
                   cat_json_text_or(read, "repository", ""), what, why);
    json_array_append_new(moved, cat_json_object("pointer", json_string(pointer), "message", json_string(message), NULL));
}

static void compare(cat_git *git, const json_t *read, size_t index, json_t *moved)
{
    const char *wanted = cat_json_text(read, "blob"), *path = cat_json_text_or(read, "path", "");
    cat_autofree char *content = NULL;
    size_t length = 0;
    cat_git_id head, blob;
    if (cat_git_head(git, cat_json_text_or(read, "branch", ""), &head, NULL) < 0) {
        if (wanted)
            complain(moved, index, read, "is gone with its branch", "");
        return;
    }
    cat_autofree char *folder = cat_text_ends_with(path, "/") ? cat_strndup(path, strlen(path) - 1) : NULL;
    int code = folder ? cat_git_subtree(git, &head, folder, &blob, NULL)
                      : cat_git_read(git, &head, path, &content, &length, &blob, NULL);
    if (code == 0 && wanted && strcmp(blob.hex, wanted) == 0)
        return;
    if (code < 0 && !wanted)
        return;
    cat_autofree char *why = last_change(git, &head, folder ? folder : path);
    complain(moved, index, read, code < 0 ? "was removed" : wanted ? "has changed" : "is there now", why);
}

static int open_for(prv_context *context, const char *repository, const char *branch, cat_git **git, cat_error *error)
{
    if (strcmp(repository, CAT_CONFIG_REPOSITORY) == 0) {
        const char *organization = cat_text_starts_with(branch, "org/") ? branch + strlen("org/") : NULL;
        return cat_config_repo_open(context->config_repo, organization, git, error);
    }
    char url[512];
    cat_git_remote remote = prv_remote(context, repository, url);
    return cat_git_open(&remote, NULL, git, error);
}

static void close_for(prv_context *context, const char *repository, const char *branch, cat_git *git)
{
    if (strcmp(repository, CAT_CONFIG_REPOSITORY) == 0)
        cat_config_repo_close(context->config_repo, cat_text_starts_with(branch, "org/") ? branch + strlen("org/") : NULL, git);
    else
        cat_git_destroy(git);
}

/* Reads stand together by repository, and catalyst-config's by branch: each is opened once. */
int prv_observe_moved(prv_context *context, const json_t *reads, json_t **moved, cat_error *error)
{
    cat_autojson json_t *found = json_array(), *done = json_object();
    size_t index, at;
    json_t *read, *other;
    json_array_foreach((json_t *)reads, index, read)
    {
        const char *repository = cat_json_text_or(read, "repository", ""), *branch = cat_json_text_or(read, "branch", "");
        bool config = strcmp(repository, CAT_CONFIG_REPOSITORY) == 0;
        cat_autofree char *key = cat_printf("%s %s", repository, config ? branch : "");
        if (json_object_get(done, key))
            continue;
        json_object_set_new(done, key, json_true());
        cat_git *git = NULL;
        cat_error failed = {0};
        int code = open_for(context, repository, branch, &git, &failed);
        if (code == CAT_E_NOT_FOUND && cat_json_text(read, "blob")) {
            complain(found, index, read, "is gone with its repository", "");
            continue;
        }
        if (code < 0)
            return cat_error_copy(error, &failed);
        json_array_foreach((json_t *)reads, at, other)
        {
            bool same = cat_text_equal(cat_json_text(other, "repository"), repository) &&
                        (!config || cat_text_equal(cat_json_text(other, "branch"), branch));
            if (same)
                compare(git, other, at, found);
        }
        close_for(context, repository, branch, git);
    }
    *moved = cat_take(found);
    return 0;
}
