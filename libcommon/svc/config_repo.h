/* system/catalyst-config, which Flux applies to the management cluster: read and written. One committer a branch at a time in a
 * process, who puts all that waits into one commit; who was overtaken by another process reads again and comes again. Any thread;
 * calls block.
 *
 *     cat_config_wish wish = {.branch = "org/acme", .files = files, .count = 2, .subject = "Install blog", …};
 *     cat_config_repo_commit(repo, &wish, error);
 */
#ifndef CAT_SVC_CONFIG_REPO_H
#define CAT_SVC_CONFIG_REPO_H

#include "net/git.h"
#include "svc/config.h"

typedef struct cat_config_repo cat_config_repo;
/* By gitea.url and gitea.user; `token` is lent for as long as it lives, as the configuration is. `folder`: where copies are kept
 * and only what is new is fetched; NULL: nowhere. */
cat_config_repo *cat_config_repo_create(const cat_config_common *config, const char *token, const char *folder);
void cat_config_repo_destroy(cat_config_repo *repo); /* nobody may wait; NULL allowed */

/* The repository with `main` and `org/{organization}` (NULL: main alone) as they are now, for reading. Until
 * cat_config_repo_close nobody else of this process reads or writes this Organization's. */
int cat_config_repo_open(cat_config_repo *repo, const char *organization, cat_git **git, cat_error *error);
void cat_config_repo_close(cat_config_repo *repo, const char *organization, cat_git *git);

/* Everything is lent until cat_config_repo_commit returns. */
typedef struct cat_config_wish cat_config_wish;
struct cat_config_wish {
    const char *branch; /* `main` or `org/{org}`, made when it is not there */
    const cat_git_file *files;
    size_t count;
    const char *subject;   /* first line of the message */
    const char *trailers;  /* lines "Key: value\n" */
    cat_git_person author; /* without a name: Catalyst. Of several wishes in one commit it is Catalyst, too */
    int64_t time_ms;       /* of the wish: a repeated commit is the same commit */
    /* Where the wish depends on what the branch holds: fills in files, subject and trailers, anew each time that it moved. On
     * some caller's thread, and no other of this branch at a time. `head` NULL: the branch is not there. NULL: they stand
     * already. */
    int (*choose)(void *context, cat_git *git, const cat_git_id *head, cat_config_wish *wish, cat_error *error);
    void *context;
};
/* 0 once the branch holds the files as wished, also when it did already. CAT_E_CONFLICT (transient) when others were faster
 * too often. What is wrong with one wish alone fails no other. */
int cat_config_repo_commit(cat_config_repo *repo, cat_config_wish *wish, cat_error *error);

/* Pure: one wish speaks for itself; several are listed, and each has its trailers. The caller's. */
char *cat_config_message(const cat_config_wish *const *wishes, size_t count);

#endif
