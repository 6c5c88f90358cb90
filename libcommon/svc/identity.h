/* Signs requests in: the guard of REST services. Keeps the key set, refreshes it for an unknown key at most every 10 s, and
 * remembers tokens that it verified. Any thread. */
#ifndef CAT_SVC_IDENTITY_H
#define CAT_SVC_IDENTITY_H

#include "domain/access.h"
#include "net/http_server.h"
#include "net/kv.h"
#include "svc/config.h"

typedef struct cat_identity cat_identity;
int cat_identity_create(const cat_config_common *config, cat_identity **identity, cat_error *error);
void cat_identity_destroy(cat_identity *identity);
/* From now on what is no longer so by KV `catalyst-people` is taken away from what tokens say (domain/people.h); the bucket has
 * to be there. Once, before the server starts. While the spine is away what was known last goes on counting. */
int cat_identity_watch_people(cat_identity *identity, cat_spine *spine, cat_error *error);
/* Takes away from a principal of an earlier moment, a stream's, what has gone since; true when something has. */
bool cat_identity_reduce(cat_identity *identity, cat_principal *principal);
/* For a server's `guard`: the server's context must begin with a `cat_identity *`. Puts a cat_principal into the request's data.
 * Who belongs to no Organization is answered 403 `no-organization` here, on every route. */
int cat_identity_guard(cat_request *request, cat_reply *reply, void *context, cat_error *error);
const cat_principal *cat_request_principal(const cat_request *request);
/* A token by itself, e.g. of a stream. `principal` is finished by the caller. */
int cat_identity_verify(cat_identity *identity, const char *token, cat_principal *principal, cat_error *error);
/* The Organization that is active in a request: ?organization=, else the caller's only one (cat_principal_choose). Lent. */
int cat_request_organization(const cat_request *request, const char **organization, cat_error *error);
/* For a thing that says itself whose it is (a plan, an operation, an Environment): CAT_E_NOT_FOUND when the request names another
 * Organization. */
int cat_request_is_about(const cat_request *request, const char *organization, cat_error *error);

#endif
