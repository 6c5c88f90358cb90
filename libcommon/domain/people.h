/* Who is in which group now, as environment-controller read it from the identity provider and tells it in KV `catalyst-people`.
 * It only ever takes away what a token still says; nobody gets anything by it. Pure; one thread at a time. */
#ifndef CAT_DOMAIN_PEOPLE_H
#define CAT_DOMAIN_PEOPLE_H

#include "domain/access.h"

/* Keys of the bucket. An Organization's members are written when they differ, then when they were read, each time. */
#define CAT_PEOPLE_BUCKET "catalyst-people"
#define CAT_PEOPLE_MEMBERS "members." /* …{org}: {"groups": {"org-developer": [subject…], "org-developer/dev": […]}} */
#define CAT_PEOPLE_READ "read."       /* …{org}: {"at": when reading began, in ms of the wall clock} */
#define CAT_PEOPLE_MAX 20000          /* memberships of one Organization: about 800 KB, and NATS takes 1 MiB */

typedef struct cat_people cat_people;
cat_people *cat_people_create(void);
void cat_people_destroy(cat_people *people); /* NULL allowed */
/* An entry of the bucket; `value` NULL: it was deleted. CAT_E_INVALID for what is none: what was known stays. */
int cat_people_apply(cat_people *people, const char *key, const json_t *value, cat_error *error);
void cat_people_clear(cat_people *people);
/* Does who has this subject still have what a token that was issued then says? Also while nobody has read the Organization's
 * people since: the identity provider was asked later than the mirror was read. */
bool cat_people_keeps(const cat_people *people, const char *subject, int64_t issued_ms, const cat_membership *membership);
/* Takes away what is gone; true when something was. */
bool cat_people_reduce(const cat_people *people, cat_principal *principal);

#endif
