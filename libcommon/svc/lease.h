/* Sharing work among replicas by keys in KV `catalyst-leases`. Leases only share work; what must hold is fenced elsewhere. Any
 * thread. svc/shard.h has them by Organization.
 * Heartbeat `{service}.alive.{instance}` and a record `{service}.key.{key}`, written only on change; expired = unchanged for 10 s
 * of the observer's own monotonic clock, of which it hears itself (three of its own heartbeats came back by the same watch, so
 * that a pause of its own is nobody's death); a holder stops 8 s after it sent its last renewal that succeeded. What there is to
 * hold is what services name and what records name; the shares of those alive are within one of each other.
 * Of two processes with one name the older gives everything up for good. */
#ifndef CAT_SVC_LEASE_H
#define CAT_SVC_LEASE_H

#include "base/clock.h"
#include "net/kv.h"

#define CAT_LEASE_KEYS_MAX 20000 /* beyond, nobody holds anything */
#define CAT_LEASE_KEY_MAX 64
/* A key that begins so is shared apart: whoever finds it free keeps it, and it counts in no share. */
#define CAT_LEASE_APART '_'

typedef struct cat_leases cat_leases;
typedef struct {
    cat_spine *spine; /* account CATALYST; borrowed */
    const char *service, *instance;
    const cat_clock *clock;                            /* NULL: the system's */
    void (*on_gained)(void *context, const char *key); /* on the lease thread */
    void (*on_lost)(void *context, const char *key);   /* returns when the work has stopped */
    void *context;
} cat_lease_options;
int cat_leases_start(const cat_lease_options *options, cat_leases **leases, cat_error *error);
/* Gives all back, on the lease thread, so that others take it at once, and renews until then. Who still asks is told no. */
void cat_leases_stop(cat_leases *leases);
void cat_leases_destroy(cat_leases *leases); /* after cat_leases_stop; NULL allowed, for both */
/* All that there is to hold, as this replica knows it. A key that is in no such list any more is forgotten after a minute. */
void cat_leases_know(cat_leases *leases, const cat_strings *keys);
void cat_leases_add(cat_leases *leases, const char *key); /* one more */
bool cat_leases_knows(cat_leases *leases, const char *key); /* also when nothing was named yet */
bool cat_leases_holds(cat_leases *leases, const char *key);
/* Of the time for which the key is held: each later holder's is higher. 0: not held. */
uint64_t cat_leases_term(cat_leases *leases, const char *key);

#endif
