/* What an object's fields mean for people: kstatus' rules (sigs.k8s.io/cli-utils, pkg/kstatus) for built-in kinds and conditions,
 * with a reason, a sentence and a next step. Pure; any thread. Time comes from the object or the caller's event.
 *
 * kstatus' Current is Running, InProgress is Progressing, Failed is Degraded, Terminating is Progressing. Where it knows less
 * than the object says, more is said:
 * - what is scaled to nothing, paused or suspended on purpose is Suspended, not Current;
 * - trouble that the object names is Degraded, not InProgress: an image that cannot be fetched, ReplicaFailure, a lost volume, a
 *   failed Pod; what is quick to pass is for the reader to forgive (services/projector/core/fold_grace.h);
 * - a claim that nobody uses yet is Running where nobody works at its volume; a load balancer without an address is not;
 * - a StatefulSet whose pods are replaced by hand (OnDelete) still has to have them ready. */
#ifndef CAT_DOMAIN_OBJECT_STATUS_H
#define CAT_DOMAIN_OBJECT_STATUS_H

#include "wire/json.h"

typedef enum {
    CAT_STATUS_RUNNING,
    CAT_STATUS_PROGRESSING,
    CAT_STATUS_DEGRADED,
    CAT_STATUS_SUSPENDED,
    CAT_STATUS_MISSING,
    CAT_STATUS_UNKNOWN
} cat_status;
const char *cat_status_name(cat_status status); /* "Running" … */
bool cat_status_parse(const char *text, cat_status *status);
/* The one that people should hear of first: Degraded > Missing > Unknown > Progressing > Suspended > Running. */
cat_status cat_status_worse(cat_status a, cat_status b);

typedef struct {
    cat_status status;
    char reason[64];   /* a word: ImagePullBackOff, CrashLoopBackOff, ReplicasNotReady… "" when Running */
    char message[512]; /* a sentence that names the resource and the cause */
    char next[256];    /* what to do next; "" when Running */
    char since[32];    /* RFC 3339 of the condition's last change; "" when not known */
    int wanted, ready; /* replicas; -1 where the kind has none */
    int missing;       /* pods that should be there and are not, ready or not */
} cat_object_status;

/* `object` is a whole Kubernetes object (metadata, spec, status). Deployments, StatefulSets, DaemonSets, ReplicaSets, Pods, Jobs,
 * PVCs, Services, Flux objects (Ready/Reconciling/Stalled), and anything with conditions. */
void cat_object_status_of(cat_view object, cat_object_status *status);

#endif
