/* The ledger as it is asked for: stream `billing-ledger` read from its beginning and followed. Any thread. */
#ifndef BIL_STORE_H
#define BIL_STORE_H

#include "core/rate_ledger.h"
#include "net/spine.h"
#include "svc/service.h"

typedef struct bil_store bil_store;
bil_store *bil_store_start(cat_service *service, cat_spine *spine);
void bil_store_stop(bil_store *store); /* NULL allowed */
/* As bil_ledger_search. CAT_E_UNAVAILABLE until all was read for the first time. `*sequence`: how far it was read. */
int bil_store_search(bil_store *store, const bil_ledger_query *query, json_t **result, uint64_t *sequence, cat_error *error);

#endif
