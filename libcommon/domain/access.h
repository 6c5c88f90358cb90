/* Who may do what: one function and one table for every read and write of every service, and for what people may push to Git.
 * Pure; any thread.
 *
 * A person has memberships: a role in one Organization, in all of its Environments or in those of one type. Every right is asked
 * as (Organization, Environment, role): a role counts where it was given and nowhere else. */
#ifndef CAT_DOMAIN_ACCESS_H
#define CAT_DOMAIN_ACCESS_H

#include "wire/json.h"
#include "wire/names.h"

#define CAT_ORGANIZATION_SYSTEM "system" /* of the Sovereign's own people */
#define CAT_ROLE_COUNT 6
/* org-viewer, org-developer, org-admin, security-officer, billing-admin, sovereign-admin. NULL above. */
const char *cat_role_name(unsigned role);

#define CAT_GROUP_MAX 96
typedef struct {
    char organization[CAT_NAME_ORGANIZATION_MAX + 1];
    unsigned role;
    char env_type[8]; /* "": in all Environments, and for the Organization as a whole */
} cat_membership;
/* `/{org}/{role}` or `/{org}/{role}/{env type}`, to the letter. False for every other group, which gives nobody anything: another
 * depth, an unknown role, a name that no Organization can have, a role of `system` outside of it or one that counts only
 * outside of it. */
bool cat_membership_parse(const char *group, cat_membership *membership);
void cat_membership_format(const cat_membership *membership, char group[CAT_GROUP_MAX]);

/* A user as the token says. Owned by whoever made it. */
typedef struct {
    char *user;    /* preferred_username */
    char *subject; /* sub */
    char *display_name, *email;
    cat_membership *memberships; /* from the claim `groups`; each once */
    size_t membership_count;
    int64_t issued_ms; /* wall clock; 0: the token does not say */
    int64_t expires_ms;
} cat_principal;
/* CAT_E_UNAUTHORIZED when a claim that is needed is missing or of a wrong type. Who is in no group has no memberships. */
int cat_principal_from_claims(const json_t *claims, cat_principal *principal, cat_error *error);
void cat_principal_add(cat_principal *principal, const cat_membership *membership);
void cat_principal_copy(cat_principal *to, const cat_principal *from);
void cat_principal_finish(cat_principal *principal);
static inline void cat_principal_cleanup(cat_principal *principal)
{
    cat_principal_finish(principal);
}
bool cat_principal_is_member(const cat_principal *principal, const char *organization);
/* Does this Organization exist for the person: as a member, or by a role of `system` that reaches every one? */
bool cat_principal_reaches(const cat_principal *principal, const char *organization);
/* Organizations of the memberships, sorted, each once. */
void cat_principal_organizations(const cat_principal *principal, cat_strings *organizations);
/* Roles that count in an Organization, those of `system` that reach it among them: `org-developer`, or `org-developer/dev` where
 * the role is given for one type of Environment. */
void cat_principal_roles(const cat_principal *principal, const char *organization, cat_strings *roles);
/* The Organization that a request is about: the one asked for, else the only one. `*organization` is lent from the two.
 * CAT_E_NOT_FOUND for one that is not the caller's, CAT_E_INVALID with the choice when there are several, CAT_E_FORBIDDEN for who
 * belongs to none. */
int cat_principal_choose(const cat_principal *principal, const char *asked, const char **organization, cat_error *error);

typedef enum {
    CAT_ACTION_READ,       /* rows, lists, streams, plans of an Environment */
    CAT_ACTION_WRITE,      /* install, configure, uninstall in an Environment; push its branch */
    CAT_ACTION_PROPOSE,    /* ask for a change where writing needs approval */
    CAT_ACTION_MANAGE,     /* the Organization itself: Environments, people */
    CAT_ACTION_ONBOARD,    /* make Organizations */
    CAT_ACTION_READ_MONEY, /* usage, cost */
    CAT_ACTION_READ_POLICY,
    CAT_ACTION_WRITE_POLICY,
    CAT_ACTION_READ_AUDIT,
    CAT_ACTION_READ_SECRETS, /* which secrets there are, never their values */
    CAT_ACTION_COUNT
} cat_action;
const char *cat_action_name(cat_action action);
/* Adds the roles that allow it in Environments of this type, in the order of the table; NULL: in every one. */
void cat_access_roles(cat_action action, const char *env_type, cat_strings *roles);

/* `organization` is the thing's; `environment` NULL for what belongs to the Organization as a whole: there a role that was given
 * for one type of Environment says no more than that the Organization may be read.
 * CAT_E_NOT_FOUND for another Organization's thing, or an Environment where no role was given; CAT_E_FORBIDDEN with who could do
 * it for one's own. */
int cat_access_check(const cat_principal *principal, cat_action action, const char *organization, const char *environment,
                     cat_error *error);
/* The same of the Organization as a whole or of any Environment in it, for what is cut down to what may be seen afterwards. */
int cat_access_check_somewhere(const cat_principal *principal, cat_action action, const char *organization, cat_error *error);

#endif
