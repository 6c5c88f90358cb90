/* Organizations over the replicas of a service, and the Sovereign's own work (CAT_SHARD_SOVEREIGN) as one more, by svc/lease.h:
 * each is worked on by one replica, whose share is within one Organization of the others'. Any thread.
 *
 *     if (!cat_shard_enter(shard, "acme"))
 *         return 0;              // another replica's; on_gained tells when it is this one's
 *     …                          // nobody else gets acme before this has left, while this replica's renewals go through
 *     cat_shard_leave(shard, "acme");
 *
 * A replica that was paused cannot know what it writes next: that is what fences are for. cat_shard_holds looks at this replica's
 * own clock first, so that one that wakes says no before it was told. */
#ifndef CAT_SVC_SHARD_H
#define CAT_SVC_SHARD_H

#include "svc/lease.h"

#define CAT_SHARD_SOVEREIGN "_"

typedef struct cat_shard cat_shard;
typedef struct {
    cat_spine *spine; /* account CATALYST; borrowed */
    const char *service, *instance;
    const cat_clock *clock; /* NULL: the system's */
    /* One after the other, on a thread of the shard's. */
    void (*on_gained)(void *context, const char *organization);
    /* Whoever had entered has left. Returns when what else works for the Organization has stopped: only then others take it. */
    void (*on_lost)(void *context, const char *organization);
    void *context;
} cat_shard_options;
/* `*shard` is set before the first callback comes. */
int cat_shard_start(const cat_shard_options *options, cat_shard **shard, cat_error *error);
void cat_shard_stop(cat_shard *shard);    /* gives all back, so that others take it at once; who still asks is told no */
void cat_shard_destroy(cat_shard *shard); /* after cat_shard_stop; NULL allowed, for both */

/* All Organizations that there are, as the service sees them; what others know of counts too. One that is in no such list any
 * more is let go a minute later. */
void cat_shard_know(cat_shard *shard, const cat_strings *organizations);
void cat_shard_add(cat_shard *shard, const char *organization); /* one more, that has just come */
/* Whether the service named it, or has named none yet. What nobody named nobody can hold: its remains are the Sovereign's. */
bool cat_shard_knows(cat_shard *shard, const char *organization);

bool cat_shard_holds(cat_shard *shard, const char *organization);
/* Of the present holding, higher than every earlier holder's; 0: not held. Written beside what a late replica must not write. */
uint64_t cat_shard_term(cat_shard *shard, const char *organization);
bool cat_shard_enter(cat_shard *shard, const char *organization); /* false: not held */
void cat_shard_leave(cat_shard *shard, const char *organization);
/* 0, or CAT_E_CONFLICT of class waiting: another replica works for it now. */
int cat_shard_check(cat_shard *shard, const char *organization, cat_error *error);
/* How many Organizations are held, the Sovereign's own not counted. */
size_t cat_shard_count(cat_shard *shard);

#endif
