/* People and their roles from Keycloak: members of the groups /{org}/{role} and /{org}/{role}/{env type}, read with the service's
 * own client. Any thread; calls block. */
#ifndef EC_PEOPLE_H
#define EC_PEOPLE_H

#include "net/http_client.h"

typedef struct ec_people ec_people;
typedef struct {
    const char *admin_url; /* …/admin/realms/{realm} */
    const char *client_id, *client_secret;
} ec_people_options;
int ec_people_create(const ec_people_options *options, ec_people **people, cat_error *error);
void ec_people_destroy(ec_people *people);

/* {users: [{login, email, name}], teams: {"{team of EC_TEAMS}": [login…]}, groups: {"org-developer": [subject…],
 * "org-developer/dev": […]}}, sorted; people who are disabled are left out. An Organization without a group has no people. */
int ec_people_of(ec_people *people, const char *organization, json_t **found, cat_error *error);

/* The pure part: `members` is {"{role}" or "{role}/{env type}": [user as Keycloak shows it]}. The caller's. */
json_t *ec_people_fold(const char *organization, const json_t *members);

/* Why Git does not take a person: a code that is remembered under ec_person_key, and what people read. Ends with a NULL code. */
typedef struct {
    const char *code, *words;
} ec_person_trouble;
extern const ec_person_trouble EC_PERSON_TROUBLES[];
/* The code for what Gitea said when the person was to be made or mended; NULL: that is no fault of the person's. */
const char *ec_person_trouble_of(const cat_error *refusal);
char *ec_person_key(const char *login); /* the caller's */

#endif
