/* What is registered, as KV catalyst-blueprints says: watched, kept short. Any thread. */
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
size_t bpc_registry_count(bpc_registry *registry);

#endif
