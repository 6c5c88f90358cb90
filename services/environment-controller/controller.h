/* What every part of the service shares. Made by main before the first worker runs, the same until after the last one ended; each
 * member says itself that it may be used by any thread. */
#ifndef EC_CONTROLLER_H
#define EC_CONTROLLER_H

#include <pthread.h>

#include "clusters.h"
#include "config.h"
#include "core/plan_facts.h"
#include "memory.h"
#include "net/gitea.h"
#include "net/kube.h"
#include "net/spine.h"
#include "people.h"
#include "svc/accounts.h"
#include "svc/metrics.h"
#include "svc/reconcile.h"
#include "svc/service.h"
#include "wire/nkey.h"

typedef struct ec_informers ec_informers;
typedef struct ec_sweeper ec_sweeper;
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
    ec_memory *memory;
    ec_informers *informers;
    ec_sweeper *sweeper;
    struct ec_archive *archive;
    pthread_mutex_t queue_lock; /* over the next: watches may still tell something while the queue is being stopped */
    cat_reconciler *reconciler;
    char *git_token, *webhook_secret, *flux_secret;
    char *store_authority; /* NULL: those of the management cluster */
    cat_metric *informer_events, *informer_objects, *informer_lists, *flux_requests;
} ec_controller;

/* Everything outside Kubernetes is looked at again after so long. */
#define EC_SWEEP_MS (10 * 60 * 1000)
/* People are read so often: with the time that services and streams take, what is taken away ends within a minute. */
#define EC_PEOPLE_SWEEP_MS (25 * 1000)

/* Keys of the reconciler: "{Kind}/{namespace}/{name}", also "Informer/{org}/{cluster}", "Flux/{org}/{cluster} {namespace} {name}
 * {why}", "People//{org}". */
void ec_enqueue(ec_controller *controller, const char *kind, const char *namespace, const char *name);

#endif
