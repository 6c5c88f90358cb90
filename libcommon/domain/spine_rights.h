/* The one table of what each service may do on the spine. Users are made from it (tools/keys for account CATALYST and SYS,
 * environment-controller for Organizations' accounts), docs/least-privilege.md is printed from it, and tests hold what services
 * do against it. Pure.
 *
 * Streams and buckets are made and changed by environment-controller alone: whoever may change a stream may have it take in, copy
 * or forget what is others'. Consumers without a fixed name have one that nobody can guess, and nobody may list them.
 */
#ifndef CAT_DOMAIN_SPINE_RIGHTS_H
#define CAT_DOMAIN_SPINE_RIGHTS_H

#include "base/string.h"

typedef enum { CAT_SPINE_CATALYST, CAT_SPINE_ORGANIZATION, CAT_SPINE_SYSTEM } cat_spine_account_kind;
const char *cat_spine_account_name(cat_spine_account_kind kind); /* "CATALYST", "{org}", "SYS" */

/* One right, as the server checks it. Lent. */
typedef struct {
    const char *service;
    cat_spine_account_kind account;
    bool subscribe;      /* else: publish */
    const char *subject; /* with NATS' wildcards */
    const char *why;     /* what it is for */
    const char *seldom;  /* why an ordinary day does not need it; NULL: it does */
} cat_spine_right;
void cat_spine_rights_each(void (*each)(void *context, const cat_spine_right *right), void *context);

/* Adds what the service's user in such an account may publish and subscribe. false: it has no user there. */
bool cat_spine_rights_of(const char *service, cat_spine_account_kind account, cat_strings *publish, cat_strings *subscribe);
/* Differs when the rights do: 64 hex digits. */
void cat_spine_rights_digest(const char *service, cat_spine_account_kind account, char digest[65]);
/* Answers to a user come on subjects that begin so, and no other user may listen there. */
#define CAT_SPINE_INBOX_MAX 80
void cat_spine_inbox_of(const char *user, char inbox[CAT_SPINE_INBOX_MAX]);
/* Whether the service makes the control plane's streams and buckets. */
bool cat_spine_makes_streams(const char *service);

/* How long a user lives, and what has to be left of that: renewed when half is over. */
#define CAT_SPINE_USER_LIFE_S (INT64_C(7) * 24 * 3600)

#endif
