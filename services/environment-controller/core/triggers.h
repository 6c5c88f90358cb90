/* One table: what is watched, and which keys are enqueued for it. Pure; triggers.c watches the management cluster by it,
 * informers the vclusters, and upkeep.c tells of what is not Kubernetes. */
#ifndef EC_TRIGGERS_CORE_H
#define EC_TRIGGERS_CORE_H

#include "core/plan_facts.h"

typedef enum {
    /* on the management cluster */
    EC_ON_SOVEREIGN,
    EC_ON_ORGANIZATION,
    EC_ON_ENVIRONMENT,
    EC_ON_APPLICATION,
    EC_ON_POLICY,
    EC_ON_VCLUSTER,         /* Secret vc-{vcluster}: it came, went or changed its kubeconfig */
    EC_ON_VCLUSTER_RELEASE, /* the HelmRelease of one */
    EC_ON_HOST_KUSTOMIZATION,
    EC_ON_HOST_SOURCE,
    EC_ON_PULL_OWN,       /* an Organization's credentials for registries */
    EC_ON_PULL_SOVEREIGN, /* everybody's */
    /* in a vcluster */
    EC_ON_NAMESPACE,
    EC_ON_FLUX, /* Kustomization or GitRepository */
    EC_ON_XRD,
    EC_ON_CLAIMS, /* what Applications there may bring is not what it was */
    /* not of Kubernetes */
    EC_ON_RELIST_WANTED, /* an Environment's stream or bucket was made anew */
    EC_ON_SPINE_BACK,    /* it answers again */
    EC_ON_INTERVAL,      /* what lies outside Kubernetes may have changed unseen */
    EC_TRIGGER_COUNT
} ec_trigger_on;

/* A list tells of an object too; by itself it says of none that it changed. */
typedef enum { EC_SEEN_LISTED, EC_SEEN_CHANGED, EC_SEEN_DELETED } ec_seen;

/* What was seen, as far as keys need it. Text is lent; NULL or "" where there is none. */
typedef struct {
    const char *namespace, *name;
    const char *organization; /* whose it is; none: everybody's */
    const char *label;        /* what the table's label says: the vcluster or the Application */
} ec_seen_object;

/* One key, or (each) all of a kind. Text is lent from what was seen. */
typedef struct {
    const char *kind, *namespace, *name; /* each: name is NULL; namespace NULL: in every one */
} ec_wanted;
#define EC_WANTED_MAX 5
/* The number of `wanted`. */
size_t ec_triggers_decide(ec_trigger_on on, ec_seen seen, const ec_seen_object *object, ec_wanted wanted[EC_WANTED_MAX]);

/* What to watch for it on the management cluster. */
typedef struct {
    const char *kind, *namespace; /* namespace NULL: in every one */
    char selector[300];           /* "": all; "field:…": by a field */
    bool once_a_version;          /* what was told of this resourceVersion is not told again, also by a list */
} ec_trigger_watch;
/* False: it is not watched there, or not with these settings. */
bool ec_triggers_watch(ec_trigger_on on, const ec_settings *settings, ec_trigger_watch *watch);
ec_seen_object ec_triggers_object(ec_trigger_on on, const ec_settings *settings, cat_view object);

#endif
