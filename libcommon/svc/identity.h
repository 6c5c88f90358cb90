/* Signs requests in: the guard of REST services. Keeps the key set, refreshes it for an unknown key at most every 10 s, and
 * remembers tokens that it verified. Any thread. */
#ifndef CAT_SVC_IDENTITY_H
#define CAT_SVC_IDENTITY_H

#include "domain/access.h"
#include "net/http_server.h"
#include "svc/config.h"

typedef struct cat_identity cat_identity;
int cat_identity_create(const cat_config_common *config, cat_identity **identity, cat_error *error);
void cat_identity_destroy(cat_identity *identity);
/* For a server's `guard`: the server's context must begin with a `cat_identity *`. Puts a cat_principal into the request's data.
 */
int cat_identity_guard(cat_request *request, cat_reply *reply, void *context, cat_error *error);
const cat_principal *cat_request_principal(const cat_request *request);
/* A token by itself, e.g. of a stream. `principal` is finished by the caller. */
int cat_identity_verify(cat_identity *identity, const char *token, cat_principal *principal, cat_error *error);
/* The Organization that a request is about: ?organization= for people of `system`, else the token's. Lent. */
int cat_request_organization(const cat_request *request, const char **organization, cat_error *error);

#endif
