/* Of leases: shared by lease.c (threads, start, stop), lease_records.c (what the bucket says), lease_look.c (what is done about
 * it). */
#ifndef CAT_SVC_LEASE_INTERNAL_H
#define CAT_SVC_LEASE_INTERNAL_H

#include <pthread.h>

#include "base/map.h"
#include "svc/lease.h"
#include "svc/lease_plan.h"
#include "wire/subjects.h"

#define CAT_LEASE_BUCKET "catalyst-leases"
#define CAT_LEASE_STOP_MS 8000

typedef struct {
    uint64_t revision;
    char *start;        /* NULL: it was taken away */
    int64_t changed_ms; /* of this observer's clock */
    unsigned echoes;    /* of this observer, when it changed */
} cat_lease_beat;

/* Lives as long as the leases do. */
typedef struct {
    char name[CAT_LEASE_KEY_MAX];
    uint64_t revision;
    char *holder, *start; /* NULL: nobody */
    bool recorded;        /* the bucket has a record */
    bool known;           /* the service named it */
    int64_t unknown_ms;   /* since when it did not */
    bool held;
    uint64_t term;
} cat_lease_key;

struct cat_leases {
    cat_lease_options options;
    const cat_clock *clock;
    long poll_ms;
    char service[64], instance[128];
    char start[33]; /* of this process, sorted by time: of two with one name the older one gives way */
    uint32_t first;
    cat_kv_watch *watch;
    pthread_t beating, leasing;
    pthread_mutex_t lock; /* over what follows, but what is atomic */
    pthread_cond_t changed;
    bool stopping, given_back, ready;
    bool told;               /* the service named its keys */
    bool news;               /* something to look at */
    unsigned echoes;         /* this replica's heartbeats that came back through the watch */
    cat_map *beats;          /* instance → cat_lease_beat */
    cat_map *keys;           /* name → cat_lease_key */
    _Atomic bool superseded; /* a newer process has this one's name */
    _Atomic bool lapsed;     /* no renewal came in time: everything has to stop first */
    _Atomic int64_t sent_ms; /* when the last renewal that succeeded was sent */
};

static inline int64_t cat_lease_now(const cat_leases *leases)
{
    return leases->clock->monotonic_ms(leases->clock);
}

/* lease.c */
bool cat_lease_is_over(cat_leases *leases); /* nothing may be worked on */
bool cat_lease_is_set(cat_leases *leases, const bool *flag);

/* lease_records.c. Unless it says otherwise: with the lock held. */
extern const cat_kv_watch_handlers cat_lease_handlers;
void cat_lease_beat_free(void *beat);
void cat_lease_key_free(void *key);
void cat_lease_bucket_key(const cat_leases *leases, const char *kind, const char *name, char key[CAT_KEY_MAX]);
cat_lease_key *cat_lease_key_of(cat_leases *leases, const char *name); /* makes it; NULL: too many, or no name of a key */
void cat_lease_learn(cat_leases *leases, cat_lease_key *key, uint64_t revision, const char *holder, const char *start);
cat_lease_owner cat_lease_owner_of(const cat_leases *leases, const cat_lease_key *key);
/* How many live, and how many of those come before this one by name. */
void cat_lease_count_alive(const cat_leases *leases, size_t *alive, size_t *rank);
/* A heartbeat that nobody needs any more. */
bool cat_lease_find_dead(const cat_leases *leases, char instance[128], uint64_t *revision);

/* lease_look.c, on the lease thread, without the lock */
void cat_lease_look(cat_leases *leases);
void cat_lease_lapse(cat_leases *leases);
void cat_lease_give_all_back(cat_leases *leases);

#endif
