/* Whether Flux may be given what somebody pushed: it builds a tree without limits, so what domain/application_tree.h refuses is
 * kept from it. Any thread; calls block. */
#ifndef EC_TREE_H
#define EC_TREE_H

#include "net/git.h"

typedef struct {
    char *why;      /* the first thing that is wrong, as cat_tree_error_words says it; NULL: nothing */
    char *reads;    /* then which files a build reads (domain/kustomization_reads.h); NULL: too many */
    bool too_large; /* more than can be looked at here, so Flux is not to fetch it either */
} ec_tree_verdict;

/* The texts are the caller's. An error is one of the Git server. */
int ec_tree_check(const cat_git_remote *remote, const char *branch, const char *commit, const char *env_type,
                  ec_tree_verdict *verdict, cat_error *error);
/* The same of a commit or tree that is here already. */
int ec_tree_judge(cat_git *git, const cat_git_id *commit, const char *env_type, ec_tree_verdict *verdict, cat_error *error);

#endif
