/* What the parts of provisioning share: connections, stores, the clock. Made by main.c before any other thread, then read alone.
 */
#ifndef PROVISIONING_H
#define PROVISIONING_H

#include "blueprints.h"
#include "config.h"
#include "net/confined_program.h"
#include "net/git.h"
#include "net/gitea.h"
#include "net/kube.h"
#include "render_gate.h"
#include "sign.h"
#include "store.h"
#include "svc/accounts.h"
#include "svc/config_repo.h"
#include "svc/identity.h"
#include "svc/metrics.h"
#include "wire/names.h"

typedef struct prv_context {
    cat_identity *identity; /* first: svc/identity.h reads it from here */
    const prv_config *config;
    cat_spine *spine;
    cat_kube *kube;
    cat_gitea *gitea;
    char *gitea_token;
    cat_accounts *accounts;
    prv_blueprints *blueprints;
    cat_config_repo *config_repo;
    prv_signer *signer;
    cat_confinement *confinement; /* of kustomize */
    prv_render_gate *gate;
    prv_store store;
    char *cache_folder;
    cat_metrics *metrics;
} prv_context;

/* The remote of `{owner}/{name}`; `url` is the caller's buffer. */
cat_git_remote prv_remote(const prv_context *context, const char *repository, char url[512]);
int64_t prv_now_ms(void);

#endif
