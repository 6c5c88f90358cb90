/* Who may do what: one function and one table for every read and write of every service. Pure; any thread. */
#ifndef CAT_DOMAIN_ACCESS_H
#define CAT_DOMAIN_ACCESS_H

#include "wire/json.h"

/* A user as the token says. Owned by whoever made it. */
typedef struct {
    char *user;         /* preferred_username */
    char *subject;      /* sub */
    char *display_name, *email;
    char *organization; /* `system` for the Sovereign's own people */
    cat_strings environments; /* ["*"]: all of the Organization */
    cat_strings roles;
    int64_t expires_ms;
} cat_principal;
/* CAT_E_UNAUTHORIZED when a claim that is needed is missing or of a wrong type. */
int cat_principal_from_claims(const json_t *claims, cat_principal *principal, cat_error *error);
void cat_principal_finish(cat_principal *principal);
static inline void cat_principal_cleanup(cat_principal *principal)
{
    cat_principal_finish(principal);
}

typedef enum {
    CAT_ACTION_READ,             /* rows, lists, streams, plans of an Environment */
    CAT_ACTION_WRITE,            /* install, configure, uninstall in an Environment */
    CAT_ACTION_PROPOSE,          /* ask for a change where writing needs approval */
    CAT_ACTION_MANAGE,           /* the Organization itself: Environments, people */
    CAT_ACTION_ONBOARD,          /* make Organizations */
    CAT_ACTION_READ_MONEY,       /* usage, cost */
    CAT_ACTION_READ_POLICY,
    CAT_ACTION_WRITE_POLICY,
    CAT_ACTION_READ_AUDIT,
    CAT_ACTION_COUNT
} cat_action;
const char *cat_action_name(cat_action action);

/* `organization` is the thing's; `environment` NULL for what belongs to the Organization as a whole; `env_type` NULL likewise.
 * CAT_E_NOT_FOUND for another Organization's thing (or an Environment that the token does not list), CAT_E_FORBIDDEN with
 * who could do it for one's own. */
int cat_access_check(const cat_principal *principal, cat_action action, const char *organization, const char *environment, cat_error *error);

#endif
