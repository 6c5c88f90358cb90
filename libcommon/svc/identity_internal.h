/* For identity.c and its test. */
#ifndef CAT_SVC_IDENTITY_INTERNAL_H
#define CAT_SVC_IDENTITY_INTERNAL_H

#include "base/clock.h"
#include "svc/identity.h"
#include "svc/mirror_internal.h"

enum {
    CAT_IDENTITY_REFRESH_MS = 10000,      /* for an unknown key at most so often */
    CAT_IDENTITY_MAX_AGE_MS = 15 * 60000, /* a key set is fetched anew after this, so that a withdrawn key goes */
    CAT_IDENTITY_MAX_TOKENS = 10000,
};

/* Instead of cat_identity_watch_people, without a bucket: the mirror is lent, for cat_mirror_handlers. Before any other thread
 * uses it. */
cat_mirror *cat_identity_hear_people(cat_identity *identity);
/* Before any other thread uses it. */
void cat_identity_set_clock(cat_identity *identity, const cat_clock *clock);

#endif
