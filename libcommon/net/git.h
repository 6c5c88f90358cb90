/* Git over HTTP by libgit2, without a work tree: trees made in memory, several branches in one push. A cat_git belongs to one
 * thread at a time; calls block.
 *
 *     cat_git_open_new(&remote, &git, error)            // nothing is fetched: for a repository without commits
 *     cat_git_tree(git, NULL, files, count, &tree)      // from nothing
 *     cat_git_commit(git, &(cat_git_new_commit){.tree = &tree, .author = &author, .message = message}, &commit, error)
 *     cat_git_push(git, updates, 3, error)
 */
#ifndef CAT_NET_GIT_H
#define CAT_NET_GIT_H

#include <stdint.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/string.h"
#include "wire/json.h"

typedef struct cat_git cat_git;
typedef struct {
    char hex[65];
} cat_git_id;

typedef struct {
    const char *url;             /* https://…/{owner}/{name}.git */
    const char *user, *password; /* password may be a token */
} cat_git_remote;
/* In memory; for first commits. */
int cat_git_open_new(const cat_git_remote *remote, cat_git **git, cat_error *error);
/* Fetches these branches (NULL: all) into a bare repository on tmpfs that is removed with `git`. `max_bytes` caps what is fetched
 * (default 64 MiB). */
int cat_git_open(const cat_git_remote *remote, const char *const *branches, cat_git **git, cat_error *error);
/* As above in a folder that is kept and fetched again the next time. */
int cat_git_open_cached(const cat_git_remote *remote, const char *folder, const char *const *branches, cat_git **git,
                        cat_error *error);
int cat_git_fetch(cat_git *git, cat_error *error);
void cat_git_destroy(cat_git *git);
CAT_DEFINE_AUTOPTR(cat_git)
/* The remote's references without fetching: [{name, id}] as JSON. */
int cat_git_remote_references(const cat_git_remote *remote, json_t **references, cat_error *error);

int cat_git_head(cat_git *git, const char *branch, cat_git_id *commit, cat_error *error); /* CAT_E_NOT_FOUND */
int cat_git_tag(cat_git *git, const char *tag, cat_git_id *commit, cat_error *error);     /* peeled */
int cat_git_tags(cat_git *git, cat_strings *tags, cat_error *error);
int cat_git_tree_of(cat_git *git, const cat_git_id *commit, cat_git_id *tree, cat_error *error);
/* `tree_or_commit`; "" is the root. */
int cat_git_subtree(cat_git *git, const cat_git_id *tree_or_commit, const char *path, cat_git_id *tree, cat_error *error);
/* The caller's text and the blob's id (may be NULL). CAT_E_TOO_LARGE above 4 MiB. */
int cat_git_read(cat_git *git, const cat_git_id *tree_or_commit, const char *path, char **content, size_t *length,
                 cat_git_id *blob, cat_error *error);
/* Every file below `folder` ("" for all) as paths from the root, sorted; at most 5,000. */
int cat_git_list(cat_git *git, const cat_git_id *tree_or_commit, const char *folder, cat_strings *paths, cat_error *error);

typedef struct {
    const char *path;
    const char *content; /* NULL: removed (a folder with everything in it) */
    size_t length;
    const cat_git_id *tree; /* instead of content: put this tree at `path` */
} cat_git_file;
/* A tree like `base` (NULL: empty; tree or commit) with these files set or removed. */
int cat_git_tree(cat_git *git, const cat_git_id *base, const cat_git_file *files, size_t count, cat_git_id *tree,
                 cat_error *error);
typedef struct {
    const char *name, *email;
} cat_git_person;
typedef struct {
    const cat_git_id *tree, *parents;
    size_t parent_count;
    const cat_git_person *author, *committer; /* committer NULL: the author */
    int64_t time_ms;                          /* makes a repeated commit the same commit */
    const char *message;
} cat_git_new_commit;
int cat_git_commit(cat_git *git, const cat_git_new_commit *wanted, cat_git_id *commit, cat_error *error);
/* Newest first from `commit`, at most `max`, of `path` only when given: [{id, parents, message, author{name,email}, time}]. */
int cat_git_log(cat_git *git, const cat_git_id *commit, const char *path, size_t max, json_t **commits, cat_error *error);
/* [{path, action: add|change|remove}] between two trees or commits (NULL: the empty tree). */
int cat_git_changes(cat_git *git, const cat_git_id *from, const cat_git_id *to, json_t **changes, cat_error *error);

typedef struct {
    const char *branch; /* or "refs/tags/v1.0.0" */
    cat_git_id commit;
    bool force;
} cat_git_update;
/* All in one push. CAT_E_CONFLICT when a branch moved meanwhile: read again. CAT_E_FORBIDDEN when the server refused it
 * (protection), with its words. */
int cat_git_push(cat_git *git, const cat_git_update *updates, size_t count, cat_error *error);

#endif
