/* The one table of every stream and bucket. environment-controller makes them (domain/spine_rights.h says why it alone). */
#ifndef CAT_SVC_SPINE_LAYOUT_H
#define CAT_SVC_SPINE_LAYOUT_H

#include "net/kv.h"

/* All of account CATALYST, in the table's order. */
int cat_layout_ensure_all(cat_spine *spine, cat_error *error);
/* Account CATALYST needs 4 GiB for all that stands here. Streams by name: catalyst-events, catalyst-audit, billing-ledger, provisioning-work. */
int cat_layout_ensure_stream(cat_spine *spine, const char *name, cat_error *error);
/* Buckets of account CATALYST by name: catalyst-state, catalyst-blueprints, catalyst-catalog, catalyst-informers, catalyst-plans,
 * catalyst-meters, catalyst-people, catalyst-leases. */
int cat_layout_ensure_bucket(cat_spine *spine, const char *name, cat_error *error);

/* What an Organization's plan gives its account. */
typedef struct {
    int64_t disk_bytes;            /* of the account */
    int64_t bucket_bytes;          /* of each Environment's bucket: sized first */
    int64_t stream_bytes;          /* of each Environment's event stream */
    int64_t dead_letter_bytes;
    unsigned environments;         /* that the sizes allow for: all together at most 90 % of the account */
    int64_t connections;
    int64_t consumers_per_stream;  /* replicas × 2 + 4 at least */
} cat_layout_plan;
const cat_layout_plan *cat_layout_plan_find(const char *plan); /* "small" when unknown */
int cat_layout_ensure_environment(cat_spine *organization_spine, const char *environment, const cat_layout_plan *plan, cat_error *error);
int cat_layout_delete_environment(cat_spine *organization_spine, const char *environment, cat_error *error);
/* Stream `ws-dead-letter` on `dead-letter.>`: publish to `dead-letter.{environment}`. */
int cat_layout_ensure_dead_letter(cat_spine *organization_spine, const cat_layout_plan *plan, cat_error *error);

#endif
