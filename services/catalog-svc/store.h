/* The catalog as KV catalyst-blueprints has it, watched; and KV catalyst-catalog, which is kept equal to it. Any thread. */
#ifndef CTG_STORE_H
#define CTG_STORE_H

#include "core/catalog.h"
#include "core/catalog_rejections.h"
#include "net/kv.h"
#include "svc/service.h"

typedef struct ctg_store ctg_store;
int ctg_store_start(cat_service *service, cat_spine *spine, ctg_store **store, cat_error *error);
void ctg_store_stop(ctg_store *store); /* NULL allowed */

/* For reading, with its index made. `revision`: of KV, "" for the text of none. Released soon: who changes it waits.
 * CAT_E_UNAVAILABLE until all was read for the first time. */
int ctg_store_acquire(ctg_store *store, const ctg_catalog **catalog, uint64_t *revision, cat_error *error);
/* Until it is released. */
const ctg_rejections *ctg_store_rejections(const ctg_store *store);
void ctg_store_release(ctg_store *store);

#endif
