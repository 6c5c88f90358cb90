/* Webhooks of Gitea and Flux: size cap, signature over the raw body, then parsed, published, and Flux told at once. Any thread.
 */
#ifndef PROJECTOR_HOOKS_H
#define PROJECTOR_HOOKS_H

#include "core/payload.h"
#include "http/reconcile_requester.h"
#include "net/gitea.h"
#include "net/http_server.h"
#include "svc/accounts.h"
#include "views/view.h"

/* Gitea tells each file of a push, those of the newest commit twice: twenty thousand of them. What is larger the sweep finds. */
#define HOOKS_BODY_MAX (4u * 1024 * 1024)

typedef struct prj_hooks prj_hooks;
typedef struct {
    const char *gitea_secret, *flux_secret; /* NULL: such webhooks are refused */
    cat_spine *controlplane;
    cat_accounts *accounts;
    prj_views *views;                   /* which vclusters an Environment has */
    prj_reconcile_requester *requester; /* may be NULL: nobody is asked */
    cat_gitea *gitea;                   /* asked for the commits of a push that names none; may be NULL */
    cat_metrics *metrics;
} prj_hooks_options;
prj_hooks *prj_hooks_create(const prj_hooks_options *options);
void prj_hooks_destroy(prj_hooks *all);
int prj_hooks_gitea(prj_hooks *all, cat_request *request, cat_reply *reply, cat_error *error);
int prj_hooks_flux(prj_hooks *all, cat_request *request, cat_reply *reply, cat_error *error);

/* Publishes an event of a payload and asks Flux to look; `id` makes a repeat one event. Also for what the sweep finds.
 * `*published` false when its Environment does not exist. */
int prj_hooks_deliver(prj_hooks *all, const prj_payload *event, const char *id, const cat_trace *trace, bool *published,
                      cat_error *error);

#endif
