/* Meters every Environment of the Organizations that this replica holds: one thread goes from one to the next, reads what its
 * stream has new, publishes records and keeps the meter in KV `catalyst-meters` under the Environment's name. A meter is written
 * with the revision that it was read with, so that of two replicas one gives way. */
#ifndef BIL_METERS_H
#define BIL_METERS_H

#include "core/rate.h"
#include "net/kv.h"
#include "svc/accounts.h"
#include "svc/service.h"

#define BIL_BUCKET "catalyst-meters"
/* What happened a moment ago may still be on its way: no window ends before that. */
#define BIL_GRACE_S 60

typedef struct {
    cat_service *service;
    cat_spine *spine;
    cat_accounts *accounts;
    const char *instance;
    int64_t interval_ms;
} bil_meters_options;
typedef struct bil_meters bil_meters;
int bil_meters_start(const bil_meters_options *options, bil_meters **meters, cat_error *error);
void bil_meters_stop(bil_meters *meters); /* NULL allowed */

/* Running windows of these Environments as their meters were kept, counted on until now. For any replica; blocks. The caller's.
 */
int bil_meters_open(cat_spine *spine, const cat_strings *environments, json_t **records, cat_error *error);
/* Names of the Organization's Environments, as its row says. */
int bil_meters_environments(cat_spine *spine, const char *organization, cat_strings *environments, cat_error *error);

#endif
