/* Gitea's API as the services need it. Any thread; calls block. Each `ensure` makes or mends and changes nothing when all is as asked; `changed` may be NULL. */
#ifndef CAT_NET_GITEA_H
#define CAT_NET_GITEA_H

#include "net/http_client.h"

typedef struct cat_gitea cat_gitea;
typedef struct {
    const char *url;   /* ends before /api/v1 */
    const char *token; /* of the service's account */
    const char *user;  /* its login */
} cat_gitea_options;
int cat_gitea_create(const cat_gitea_options *options, cat_gitea **gitea, cat_error *error);
void cat_gitea_destroy(cat_gitea *gitea);
CAT_DEFINE_AUTOPTR(cat_gitea)

/* Any call: `path` after /api/v1, already encoded. `body` borrowed or NULL; `sudo` a person's login or NULL (one that is kept for services is CAT_E_FORBIDDEN); `reply` may be NULL. */
int cat_gitea_call(cat_gitea *gitea, const char *method, const char *path, const json_t *body, const char *sudo, json_t **reply, cat_error *error);
/* Every page of a list as one array, at most `max_items`. */
int cat_gitea_list(cat_gitea *gitea, const char *path, size_t max_items, json_t **items, cat_error *error);

int cat_gitea_ensure_organization(cat_gitea *gitea, const char *name, const char *display_name, bool *changed, cat_error *error);
int cat_gitea_ensure_user(cat_gitea *gitea, const char *login, const char *email, const char *full_name, bool *changed, cat_error *error);
/* Permission "read", "write" or "admin" on all repositories. `*id` for membership calls. */
int cat_gitea_ensure_team(cat_gitea *gitea, const char *organization, const char *team, const char *permission, int64_t *id, bool *changed, cat_error *error);
/* Exactly these logins are members afterwards, but those whom Gitea does not know. One that cannot be changed keeps no other from it; the first failure is told. */
int cat_gitea_ensure_team_members(cat_gitea *gitea, int64_t team_id, const cat_strings *logins, bool *changed, cat_error *error);
typedef struct {
    const char *owner, *name, *description, *default_branch;
    bool private;
} cat_gitea_repository;
int cat_gitea_ensure_repository(cat_gitea *gitea, const cat_gitea_repository *repository, bool *changed, cat_error *error);
int cat_gitea_get_repository(cat_gitea *gitea, const char *owner, const char *name, json_t **repository, cat_error *error);
int cat_gitea_archive_repository(cat_gitea *gitea, const char *owner, const char *name, bool archived, cat_error *error);
int cat_gitea_ensure_hook(cat_gitea *gitea, const char *organization, const char *url, const char *secret, const char *const *events, bool *changed, cat_error *error);
/* `rule` as in POST …/branch_protections, with `rule_name`. */
int cat_gitea_ensure_protection(cat_gitea *gitea, const char *owner, const char *name, const json_t *rule, bool *changed, cat_error *error);
/* `rule` as in POST …/tag_protections, with `name_pattern`: who else makes, moves or deletes a tag that it fits is refused. */
int cat_gitea_ensure_tag_protection(cat_gitea *gitea, const char *owner, const char *name, const json_t *rule, bool *changed, cat_error *error);
/* Commit id of a branch's head; CAT_E_NOT_FOUND. */
int cat_gitea_branch_head(cat_gitea *gitea, const char *owner, const char *name, const char *branch, char commit[65], cat_error *error);
/* Whether a login is a person's: CAT_E_FORBIDDEN when it is kept for services, an Organization's (Gitea has one name space for both) or an administrator's,
 * CAT_E_NOT_FOUND when Gitea does not know it. To be asked before anything is done in somebody's name. */
int cat_gitea_check_person(cat_gitea *gitea, const char *login, cat_error *error);
/* Access tokens of a person. Gitea makes them with Basic sign-in only: the administrator's login (`user`) and its token as the password; seen on 1.26 to work for
 * anybody, without Sudo. CAT_E_EXISTS when the name is taken. `*token` is a secret of the caller's. */
int cat_gitea_create_token(cat_gitea *gitea, const char *login, const char *token_name, const char *const *scopes, char **token, cat_error *error);
/* The tokens of a person ({name, token_last_eight, created_at, …}), and one removed (not found is success): by Basic sign-in too. */
int cat_gitea_list_tokens(cat_gitea *gitea, const char *login, json_t **tokens, cat_error *error);
int cat_gitea_delete_token(cat_gitea *gitea, const char *login, const char *token_name, cat_error *error);

#endif
