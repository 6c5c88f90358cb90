/* What an Organization needs: a Git organization with its people, an event account, a vcluster on each host cluster, and the host
 * Flux's source of its own branch. Pure. */
#ifndef EC_PLAN_ORGANIZATION_H
#define EC_PLAN_ORGANIZATION_H

#include "core/plan_facts.h"
#include "domain/access.h"

/* The services that get credentials of the Organization's account. */
extern const char *const EC_ACCOUNT_SERVICES[]; /* NULL-ended */

/* Teams of people in Git. Who is in one follows from what the API lets a person do (domain/access.h): nothing is decided here. */
typedef struct {
    const char *name, *permission; /* of its members on all repositories */
    cat_action action;             /* who may do this… */
    const char *env_type;          /* …in this type of Environment; NULL: in any, or… */
    bool as_a_whole;               /* …for the Organization as a whole */
} ec_team;
extern const ec_team EC_TEAMS[]; /* ended by a name NULL */
bool ec_team_takes(const ec_team *team, const cat_principal *person, const char *organization);
/* The team whose members may push the branch of an env type: `writers-{env type}`. */
void ec_team_of_writers(const char *env_type, char team[32]);

typedef struct {
    const ec_settings *settings;
    const json_t *organization, *sovereign; /* sovereign NULL: not there yet */
    /* {users: [{login, email, name}], teams: {"{team of EC_TEAMS}": [login…]}}; NULL: identity is not configured */
    const json_t *people;
    const char *people_problem; /* why people could not be read; NULL */
    bool git_asserted;          /* Git was found or made as asked a short while ago */
    /* {publicKey, signingKey, wanted: {limits as in an account's JWT}, claims: what the server has or null, shown: JetStream
     * shows the limits} */
    const json_t *account;       /* NULL: the keys are not made yet */
    const char *account_problem; /* why the account could not be looked at; NULL */
    int64_t now_ms;
    bool dead_letter; /* asserted a short while ago */
    bool has_flux_token;
} ec_organization_facts;

void ec_plan_organization(const ec_organization_facts *facts, const ec_observed *observed, ec_plan *plan);

/* What is true of its vclusters: [{name, hostCluster, ready, message?}] for status. The caller's. */
json_t *ec_organization_vclusters(const ec_organization_facts *facts, const ec_observed *observed);
/* What Git shall be, as one value: its digest tells whether that was asserted already. The caller's. */
json_t *ec_organization_git(const ec_settings *settings, const json_t *organization, const json_t *people);

#endif
