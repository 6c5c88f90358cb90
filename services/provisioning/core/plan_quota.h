/* What somebody has written in the last day, by the hour, and whether there is room for more. Pure.
 *
 *     {hours: [{hour, records, bytes, refused}]}    oldest first; `hour` counts from 1970
 *
 * What is written is forgotten a day later (store.h), so a sum over a day is an upper bound of what is kept. */
#ifndef PROVISIONING_PLAN_QUOTA_H
#define PROVISIONING_PLAN_QUOTA_H

#include "wire/json.h"

typedef struct {
    int64_t records, bytes;
} prv_quota_amount;

/* A copy with `more` (and `refused` refused writes) in the hour of `now_ms` and without what is forgotten. `kept` NULL: nothing
 * yet. */
json_t *prv_quota_add(const json_t *kept, int64_t now_ms, const prv_quota_amount *more, int64_t refused);
prv_quota_amount prv_quota_used(const json_t *kept, int64_t now_ms);
/* Whether `more` fits under `most`; else `*free_at_ms` says when it will, if nothing else is written. */
bool prv_quota_allows(const json_t *kept, int64_t now_ms, const prv_quota_amount *most, const prv_quota_amount *more,
                      int64_t *free_at_ms);
/* How many writes were refused in this hour. */
int64_t prv_quota_refused(const json_t *kept, int64_t now_ms);
/* Whether the refusal that is the `count`-th of an hour gets a record of its own: the first twenty, then each time that they have
 * doubled, with their number. */
bool prv_refusal_is_recorded(int64_t count);

#endif
