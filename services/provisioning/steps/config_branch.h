/* Writing system/catalyst-config: one committer a branch at a time, who puts all that waits into one commit. Any thread; calls
 * block.
 *
 *     prv_config_wish wish = {.branch = "org/acme", .files = files, .count = 2, .subject = "Install blog", …};
 *     prv_config_commit(branches, &wish, error);
 */
#ifndef PROVISIONING_CONFIG_BRANCH_H
#define PROVISIONING_CONFIG_BRANCH_H

#include "net/git.h"

typedef struct prv_config_branches prv_config_branches;
struct prv_context;
prv_config_branches *prv_config_branches_create(struct prv_context *context);
void prv_config_branches_destroy(prv_config_branches *branches);

/* The repository with `main` and `org/{organization}` (NULL: main alone) as they are now, for reading. Until prv_config_close
 * nobody else reads or writes this Organization's. */
int prv_config_open(prv_config_branches *branches, const char *organization, cat_git **git, cat_error *error);
void prv_config_close(prv_config_branches *branches, const char *organization, cat_git *git);

typedef struct {
    const char *branch; /* `main` or `org/{org}`, made when it is not there */
    const cat_git_file *files;
    size_t count;
    const char *subject;                 /* first line of the message */
    const char *operation, *plan, *user; /* trailers; `plan` may be NULL */
    cat_git_person author;
    int64_t time_ms; /* of the wish: a repeated commit is the same commit */
} prv_config_wish;
/* 0 once the branch holds the files as wished, also when it did already. CAT_E_CONFLICT (transient) when others were faster
 * too often. */
int prv_config_commit(prv_config_branches *branches, const prv_config_wish *wish, cat_error *error);
/* "{subject}\n\nOperation: …": the trailers of every commit of ours. The caller's. */
char *prv_commit_message(const char *subject, const char *operation, const char *plan, const char *user);

#endif
