/* What every part of the service shares. Made by main before the first worker runs, the same until after the last one ended; each
 * member says itself that it may be used by any thread. */
#ifndef EC_CONTROLLER_H
#define EC_CONTROLLER_H

#include "asserted.h"
#include "clusters.h"
#include "config.h"
#include "core/plan_facts.h"
#include "net/gitea.h"
#include "net/kube.h"
#include "net/spine.h"
#include "people.h"
#include "queue.h"
#include "svc/accounts.h"
#include "svc/metrics.h"
#include "svc/service.h"
#include "svc/shard.h"
#include "wire/nkey.h"

typedef struct ec_informers ec_informers;
typedef struct ec_triggers ec_triggers;
typedef struct ec_upkeep ec_upkeep;
struct ec_archive;

typedef struct ec_controller {
    const ec_config *config;
    ec_settings settings;
    cat_service *service;
    cat_kube *kube; /* the management cluster */
    cat_kube_watcher *watcher;
    cat_spine *spine;      /* account CATALYST */
    cat_spine *system;     /* account SYS: claims of accounts */
    cat_nkey operator_key; /* the operator's signing key */
    cat_gitea *gitea;
    cat_accounts *accounts;
    ec_clusters *clusters;
    ec_people *people; /* NULL: identity is not configured */
    ec_asserted *asserted;
    ec_informers *informers;
    ec_queue *queue;
    cat_shard *shard; /* which Organizations this replica works for */
    ec_triggers *triggers;
    ec_upkeep *upkeep;
    struct ec_archive *archive;
    char *git_token, *webhook_secret, *flux_secret;
    char *store_authority; /* NULL: those of the management cluster */
    cat_metric *informer_events, *informer_objects, *informer_lists, *flux_requests;
} ec_controller;

/* What lies outside Kubernetes is asserted again after so long. */
#define EC_ASSERTED_MS (10 * 60 * 1000)
/* People are read so often: with the time that services and streams take, what is taken away ends within a minute. */
#define EC_PEOPLE_EVERY_MS (25 * 1000)

#endif
