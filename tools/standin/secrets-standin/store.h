/* What a SecretStore says about where secrets are and how to sign in there. Pure. Served is what Catalyst makes: provider
 * `kubernetes` on the management cluster, with a token from a Secret beside the store. */
#ifndef CATALYST_STANDIN_STORE_H
#define CATALYST_STANDIN_STORE_H

#include "wire/kubernetes.h"

/* The store that an ExternalSecret names, of kind SecretStore in its own namespace. Lends; NULL with a sentence. */
const char *store_name(const json_t *external_secret, cat_error *error);

typedef struct {
    const char *namespace, *authority; /* of the sources; the server's authorities, in base64 */
    const char *secret, *key;          /* the token, in the store's namespace */
} store_parts;
/* Lends from `store`. `server`: the one that is served. */
int store_read(const json_t *store, const char *server, store_parts *parts, cat_error *error);
/* A kubeconfig that signs in with the token of `secret`; the caller's, to be wiped. */
int store_kubeconfig(const store_parts *parts, const char *server, const json_t *secret, char **kubeconfig, cat_error *error);

#endif
