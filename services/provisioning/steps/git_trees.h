/* Trees of a plan made in a repository. A cat_git's own thread. */
#ifndef PROVISIONING_GIT_TREES_H
#define PROVISIONING_GIT_TREES_H

#include "base/map.h"
#include "net/git.h"

/* A tree like `base` with `files` [{path, content | null}] and, from `own` (may be NULL), the folders `keep`. */
int prv_tree_make(cat_git *git, const cat_git_id *base, const cat_git_id *own, const json_t *keep, const json_t *files,
                  cat_git_id *tree, cat_error *error);
/* Has one of the newest 50 commits before `head` the trailer `Operation: {operation}`? `*commit` (may be NULL) is the newest. */
bool prv_commit_of_operation(cat_git *git, const cat_git_id *head, const char *operation, cat_git_id *commit);

#endif
