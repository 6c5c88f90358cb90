/* Connections to Organizations' accounts, made when needed from Secret `nats-{org}` (key `creds`) in the service's own namespace, closed after 60 s without use.
 * What the spine took once is used again, and the Secret read anew when it is refused: an Organization that is known is reached while the management cluster is
 * away. Credentials whose life is half over are looked for anew every few seconds, and open connections come back with them. Any thread. */
#ifndef CAT_SVC_ACCOUNTS_H
#define CAT_SVC_ACCOUNTS_H

#include "net/kube.h"
#include "net/spine.h"

typedef struct cat_accounts cat_accounts;
typedef struct {
    const char *url, *namespace, *client_name;
    cat_kube *kube;  /* borrowed */
    int64_t idle_ms; /* 0: 60 s */
} cat_accounts_options;
cat_accounts *cat_accounts_create(const cat_accounts_options *options);
void cat_accounts_destroy(cat_accounts *accounts);
/* Lends a connection until cat_accounts_release. CAT_E_NOT_FOUND (waiting) while the Secret is not there. */
int cat_accounts_acquire(cat_accounts *accounts, const char *organization, cat_spine **spine, cat_error *error);
void cat_accounts_release(cat_accounts *accounts, const char *organization);
/* Credentials changed or the Organization is gone: the next acquire reads them anew. */
void cat_accounts_forget(cat_accounts *accounts, const char *organization);

#endif
