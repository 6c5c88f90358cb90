/* Sharing work among replicas by keys in KV `catalyst-leases`. Leases only share work; what must hold is fenced elsewhere. Any thread.
 * Heartbeat `{service}.alive.{instance}` and `{service}.partition.{n}`; expired = unchanged for 10 s of the observer's own monotonic clock, of which
 * it hears itself (three of its own heartbeats came back by the same watch, so that a pause of its own is nobody's death); a holder stops 8 s after it
 * sent its last renewal that succeeded; each replica keeps ceil(partitions / alive).
 * Of two processes with one name the older gives everything up for good. */
#ifndef CAT_SVC_LEASE_H
#define CAT_SVC_LEASE_H

#include "base/clock.h"
#include "net/kv.h"

typedef struct cat_leases cat_leases;
typedef struct {
    cat_spine *spine; /* account CATALYST; borrowed */
    const char *service, *instance;
    unsigned partitions;           /* 64 */
    const cat_clock *clock;        /* NULL: the system's */
    void (*on_gained)(void *context, unsigned partition); /* on the lease thread */
    void (*on_lost)(void *context, unsigned partition);   /* returns when the work has stopped */
    void *context;
} cat_lease_options;
int cat_leases_start(const cat_lease_options *options, cat_leases **leases, cat_error *error);
void cat_leases_stop(cat_leases *leases); /* gives all back first, on the lease thread, so that others take them at once; renews until then */
bool cat_leases_holds(cat_leases *leases, unsigned partition);
unsigned cat_lease_partition_of(const char *organization, unsigned partitions);

#endif
