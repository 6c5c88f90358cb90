/* Plans, operations and answers to repeated requests in KV catalyst-plans, each for a day after its last change. Any thread.
 * Each record is sealed with the plans' key (sign.h): one that somebody else wrote, changed or moved is CAT_E_FORBIDDEN.
 *
 *     {plan id}                    the plan, with `request`, `principal` and, after apply, `operation`
 *     operation.{id}               the operation as people see it, with `ticket`: which message of the queue is to be worked on
 *     work.{id}                    what the operation carries out: {plan, principal, appliedAt}
 *     quota.{digest}               what a person, or an Organization, has written in the last day (plan_quota.h)
 *     idempotency.{digest}         {body, status, answer}: what a key was answered with
 */
#ifndef PROVISIONING_STORE_H
#define PROVISIONING_STORE_H

#include "net/kv.h"
#include "sign.h"
#include "wire/json.h"

#define PRV_BUCKET "catalyst-plans"
#define PRV_RECORD_MAX_BYTES ((size_t)1000 * 1000) /* the server takes messages of 1 MiB */

/* Members that a stored plan has beside what is signed; NULL-ended. */
extern const char *const prv_added_to_plans[];

typedef struct {
    cat_spine *spine;         /* borrowed */
    const prv_signer *signer; /* borrowed */
} prv_store;

/* `revision` may be NULL. CAT_E_NOT_FOUND, CAT_E_FORBIDDEN. */
int prv_store_get(const prv_store *store, const char *prefix, const char *id, json_t **value, uint64_t *revision,
                  cat_error *error);
/* `expected` as in net/kv.h; `*revision` (may be NULL) gets the new one. CAT_E_TOO_LARGE. */
int prv_store_put(const prv_store *store, const char *prefix, const char *id, const json_t *value, int64_t expected,
                  uint64_t *revision, cat_error *error);
int prv_store_delete(const prv_store *store, const char *prefix, const char *id, cat_error *error);
/* Writes `work.{id}` again when half of its day is over, so that what waits for long is not forgotten. */
int prv_store_keep_work(const prv_store *store, const char *id, int64_t now_ms, cat_error *error);
/* Whether its message is in the durable queue: it is until the operation has ended, whoever has it in hand. */
int prv_store_is_queued(const prv_store *store, const char *operation, bool *queued, cat_error *error);
/* A message for the durable queue. */
int prv_store_enqueue(const prv_store *store, const char *operation, int64_t ticket, cat_error *error);
/* Operations that are kept, in no order: each lent. */
int prv_store_each(const prv_store *store, void (*each)(void *context, const json_t *operation, uint64_t revision), void *context,
                   cat_error *error);
/* Those of them that have not ended. */
int prv_store_each_running(const prv_store *store, void (*each)(void *context, const json_t *operation, uint64_t revision),
                           void *context, cat_error *error);

#endif
