/* Webhooks of Gitea and Flux: size cap, signature over the raw body, then parsed, published, and Flux told at once. Any thread.
 */
#ifndef PROJECTOR_HOOKS_H
#define PROJECTOR_HOOKS_H

#include "core/payload.h"
#include "http/asker.h"
#include "net/gitea.h"
#include "net/http_server.h"
#include "svc/accounts.h"
#include "views/view.h"

/* Gitea tells each file of a push, those of the newest commit twice: twenty thousand of them. What is larger the sweep finds. */
#define HOOKS_BODY_MAX (4u * 1024 * 1024)

typedef struct hooks hooks;
typedef struct {
    const char *gitea_secret, *flux_secret; /* NULL: such webhooks are refused */
    cat_spine *controlplane;
    cat_accounts *accounts;
    views *views;     /* which vclusters an Environment has */
    asker *asker;     /* may be NULL: nobody is asked */
    cat_gitea *gitea; /* asked for the commits of a push that names none; may be NULL */
    cat_metrics *metrics;
} hooks_options;
hooks *hooks_create(const hooks_options *options);
void hooks_destroy(hooks *all);
int hooks_gitea(hooks *all, cat_request *request, cat_reply *reply, cat_error *error);
int hooks_flux(hooks *all, cat_request *request, cat_reply *reply, cat_error *error);

/* Publishes an event of a payload and asks Flux to look; `id` makes a repeat one event. Also for what the sweep finds.
 * `*published` false when its Environment does not exist. */
int hooks_deliver(hooks *all, const payload *event, const char *id, const cat_trace *trace, bool *published, cat_error *error);

/* The newest commits at `head` that `before` does not have (NULL or nothing but zeros: all), as those of a push: newest last, at
 * most fifty. Those whose files are too many to read are told without. */
int hooks_read_commits(cat_gitea *gitea, const char *repository, const char *before, const char *head, json_t **commits,
                       cat_error *error);

#endif
