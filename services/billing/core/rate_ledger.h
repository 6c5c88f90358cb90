/* Records of the ledger as they are asked for: each share of each window once, however often it was written. Pure; not locked. */
#ifndef BIL_RATE_LEDGER_H
#define BIL_RATE_LEDGER_H

#include "wire/json.h"

#define BIL_LEDGER_MAX ((size_t)2000000) /* records that are held: the oldest leave first */

typedef struct bil_ledger bil_ledger;
bil_ledger *bil_ledger_create(size_t max_records);
void bil_ledger_destroy(bil_ledger *ledger);
/* `data` of usage.recorded. False when it is none or was there already: the first one counts. */
bool bil_ledger_add(bil_ledger *ledger, const char *organization, cat_view data);
size_t bil_ledger_count(const bil_ledger *ledger);

typedef struct {
    const char *organization, *environment, *application; /* the latter two may be NULL: all */
    int64_t from_s, to_s;                                 /* records that begin in [from, to); 0: no bound */
    bool (*may_see)(void *context, const char *environment);
    void *context;
    const json_t *open; /* records of running windows, shown behind the others; may be NULL */
    const char *cursor;
    size_t limit;
    bool sum; /* one item for each Application of an Environment: its records, running windows among them, summed (rate_sum.h) */
} bil_ledger_query;
/* {items, next, totals: {cpuMilliSeconds, memoryByteSeconds, storageByteSeconds}, incompleteBefore?}, oldest first; totals of all
 * pages. `incompleteBefore`: of what began earlier, records have left. */
int bil_ledger_search(const bil_ledger *ledger, const bil_ledger_query *query, json_t **result, cat_error *error);

#endif
