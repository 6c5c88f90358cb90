/* The peers that the common configuration names, connected the way every service connects them. For a service's start, on its thread; what is
 * made here is the caller's, also when a later step of the start fails.
 */
#ifndef CAT_SVC_PEERS_H
#define CAT_SVC_PEERS_H

#include "net/gitea.h"
#include "svc/accounts.h"
#include "svc/openapi.h"
#include "svc/service.h"

/* The spine as the control plane's account. Part "spine" of /readyz follows the connection. `streams` and `buckets` (NULL-ended, NULL: none) are
 * what the service cannot do without: waited for up to a minute, as environment-controller makes them (svc/spine_layout.h); it makes all of them here. */
int cat_peers_connect_spine(cat_service *service, const char *const *streams, const char *const *buckets, cat_spine **spine, cat_error *error);
/* The management cluster: by kubernetes.kubeconfig, else as a pod in it. */
int cat_peers_connect_kube(const cat_config_common *config, cat_kube **kube, cat_error *error);
/* Connections to the Organizations' accounts. `kube` is borrowed. */
cat_accounts *cat_peers_create_accounts(const cat_config_common *config, cat_kube *kube);
/* `*token` is the text of gitea.token, for Git itself: cat_secret_free. */
int cat_peers_create_gitea(const cat_config_common *config, cat_gitea **gitea, char **token, cat_error *error);
/* An error as people may read it: that a peer is away is told by what it is to them, not by its address or by
 * what was asked of it, which the log has. Who is away the error itself says (`peer`). */
void cat_peers_explain(const cat_error *error, cat_error *shown);
/* A server on `listen` whose guard signs people in, which takes only what its description says, and whose answers are counted. `context` begins with a `cat_identity *`. */
int cat_peers_serve(cat_service *service, const cat_api *api, void *context, cat_http_server **server, cat_error *error);

#endif
