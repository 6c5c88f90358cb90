/* What the files of the Git client share. Not for others. */
#ifndef CAT_NET_GIT_INTERNAL_H
#define CAT_NET_GIT_INTERNAL_H

#include <git2.h>

#include "base/map.h"
#include "net/git.h"

#define GIT_FETCH_MAX_BYTES ((size_t)64 * 1024 * 1024)
#define GIT_FILE_MAX_BYTES ((size_t)4 * 1024 * 1024)
#define GIT_MAX_FILES 5000
#define GIT_PATH_MAX_BYTES 1024
#define GIT_PATH_MAX_DEPTH 32
#define GIT_REMOTE_WORDS_MAX_BYTES 4096

/* The way to one remote, and what went wrong on it last. */
typedef struct {
    char *url, *user, *password;
    char *shown;       /* the repository as people call it: where the server is, is nobody's */
    cat_error failure; /* of HTTP; code 0: none */
    cat_string words;  /* what the server said beside the protocol */
    bool pushing;
} git_link;
void git_link_init(git_link *link, const cat_git_remote *remote);
void git_link_finish(git_link *link);
static inline void git_link_cleanup(git_link *link)
{
    git_link_finish(link);
}
/* Callbacks that go over this link. Forgets an earlier failure. */
void git_link_callbacks(git_link *link, git_remote_callbacks *callbacks);
/* Error for a libgit2 call that returned `result` on this link. */
int git_link_error(git_link *link, int result, const char *what, cat_error *error);

struct cat_git {
    git_repository *repository;
    git_link link;
    char *folder; /* NULL: all in memory */
    bool keep_folder;
    cat_strings branches; /* none: all */
    cat_map *heads;       /* in memory only: reference → hex of what was pushed */
};

/* A reference whose name says its commit: a push needs one for what it sends. */
#define GIT_COMMIT_REFERENCE "refs/catalyst/commit/"
int git_references_in_memory(git_repository *repository);
/* Once in a process; hermetic: no configuration of the machine is read. */
void git_setup(void);
/* Error for a local libgit2 call. */
int git_local_error(int result, const char *what, cat_error *error);
/* A path in a tree: relative, no ".", "..", ".git", backslash or control character. */
int git_path_check(const char *path, cat_error *error);
int git_id_parse(const cat_git_id *id, git_oid *oid, cat_error *error);
void git_id_set(cat_git_id *id, const git_oid *oid);
/* The tree of a tree or commit; the caller's. */
int git_tree_open(cat_git *git, const cat_git_id *tree_or_commit, git_tree **tree, cat_error *error);
/* Whether the server refused for good or because somebody was faster, by its words on a reference. */
int git_refusal_code(const char *status, const char *words);

#define GIT_CLEANUP_(type)                                                                                                       \
    static inline void type##_free_cleanup(type **pointer)                                                                       \
    {                                                                                                                            \
        type##_free(*pointer);                                                                                                   \
    }
GIT_CLEANUP_(git_tree)
GIT_CLEANUP_(git_tree_entry)
GIT_CLEANUP_(git_treebuilder)
GIT_CLEANUP_(git_blob)
GIT_CLEANUP_(git_commit)
GIT_CLEANUP_(git_object)
GIT_CLEANUP_(git_reference)
GIT_CLEANUP_(git_remote)
GIT_CLEANUP_(git_revwalk)
GIT_CLEANUP_(git_diff)
GIT_CLEANUP_(git_signature)
#define git_auto(type) __attribute__((cleanup(type##_free_cleanup))) type *

#endif
