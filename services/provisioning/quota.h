/* What one person, and one Organization, may have written within a day: one of them cannot fill the store for the others. Any
 * thread, any replica: kept in the store, sealed. */
#ifndef PROVISIONING_QUOTA_H
#define PROVISIONING_QUOTA_H

#include "core/plan_quota.h"
#include "provisioning.h"

/* Counts what is about to be written. CAT_E_LIMIT with a sentence that says until when; `*wait_ms` then. `organization` may be
 * NULL. */
int prv_quota_take(prv_context *context, const char *organization, const char *person, const prv_quota_amount *more,
                   int64_t *wait_ms, cat_error *error);
/* Counts a refused write: how many it is in this hour. 1 when the store cannot be asked. */
int64_t prv_quota_count_refused(prv_context *context, const char *person);

#endif
