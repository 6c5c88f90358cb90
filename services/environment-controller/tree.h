/* Whether Flux may be given what somebody pushed: it builds a tree without limits, so what domain/kustomization.h refuses is kept
 * from it, and what domain/values_check.h does, which nobody could configure. Any thread; calls block. */
#ifndef EC_TREE_H
#define EC_TREE_H

#include "net/git.h"

/* `*why` (the caller's): "{file}, line {line}: {what is wrong}" of the first thing that is; NULL when there is nothing. Then
 * `*reads` (the caller's) says which files a build reads (domain/kustomization_reads.h); NULL: too many. An error is one of the
 * Git server. */
int ec_tree_check(const cat_git_remote *remote, const char *branch, const char *commit, const char *env_type, char **why,
                  char **reads, cat_error *error);
/* The same of a commit or tree that is here already. */
int ec_tree_judge(cat_git *git, const cat_git_id *commit, const char *env_type, char **why, char **reads, cat_error *error);

#endif
