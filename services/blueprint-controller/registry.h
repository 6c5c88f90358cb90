/* What is registered and what was rejected, as KV catalyst-blueprints says: watched, kept short. Any thread. */
#ifndef BPC_REGISTRY_H
#define BPC_REGISTRY_H

#include "net/kv.h"
#include "wire/json.h"

typedef struct bpc_registry bpc_registry;
/* Waits until all that is there was read, at most 10 s. */
int bpc_registry_start(cat_spine *spine, bpc_registry **registry, cat_error *error);
void bpc_registry_stop(bpc_registry *registry); /* NULL allowed */
/* {"{source}.{name}.{version}": {digest, commit, tag, moved?}}, a copy that is the caller's. */
json_t *bpc_registry_facts(bpc_registry *registry);
/* What was rejected and is kept: `rejected` of plan_rejection.h, a copy that is the caller's. */
json_t *bpc_registry_rejections(bpc_registry *registry);
bool bpc_registry_is_rejected(bpc_registry *registry, const char *key); /* "{source}.{name}.{version}" */
/* Another number than before: the bucket was made anew, and what was in it is not. */
unsigned bpc_registry_incarnation(bpc_registry *registry);
size_t bpc_registry_count(bpc_registry *registry);

#endif
