/* What the parts of the service share. Made by main.c, then only read; the registry locks itself; `settled` and what
 * stands below it belong to the one worker of the reconciler. */
#ifndef BPC_CONTROLLER_H
#define BPC_CONTROLLER_H

#include "config.h"
#include "core/plan.h"
#include "net/git.h"
#include "net/gitea.h"
#include "net/kube.h"
#include "net/kv.h"
#include "registry.h"
#include "svc/config_repo.h"
#include "svc/reconcile.h"
#include "svc/service.h"
#include "svc/shard.h"

#define BPC_NAME "blueprint-controller"
#define BPC_BUCKET "catalyst-blueprints"
#define BPC_ALL "*"         /* key: every source */
#define BPC_STATUS "status" /* key: the conditions of Blueprint objects */

typedef struct {
    cat_service *service;
    bpc_config *config;
    cat_spine *spine;
    cat_kube *kube;
    cat_gitea *gitea;
    char *git_token;
    cat_config_repo *config_repo;
    bpc_checker *checker;
    bpc_registry *registry;
    cat_reconciler *reconciler;
    cat_shard *shard;     /* whose sources this replica looks at: owners of repositories; the Sovereign's own is the status */
    json_t *settled;      /* {key: commit} that was judged and needs no second look, for this process: a new one judges again */
    unsigned incarnation; /* of the registry for which they were */
    char *resume;         /* the repository at which the look through all goes on; NULL: at the first */
    unsigned missing_rounds; /* in a row, in which objects of registered versions were missing */
    cat_metric *registered, *rejected, *moved, *scans;
} bpc_controller;

/* `url` of the caller, at least 512 bytes. */
cat_git_remote bpc_remote(const bpc_controller *controller, const char *repository, char url[512]);

#endif
