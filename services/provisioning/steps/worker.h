/* Carries operations out from the durable queue `provisioning-work`. Threads of its own: the workers, which block, and one that
 * keeps telling the queue that they are at it. */
#ifndef PROVISIONING_WORKER_H
#define PROVISIONING_WORKER_H

#include "provisioning.h"

typedef struct prv_workers prv_workers;
prv_workers *prv_workers_start(prv_context *context, unsigned count);
/* Waits for the steps that run; what is left goes on elsewhere or after the next start. NULL allowed. */
void prv_workers_stop(prv_workers *workers);

/* Publishes the operation to each of its Environments, to each what of it is seen there (without any: the whole to
 * catalyst-events). */
int prv_operation_publish(prv_context *context, const json_t *operation, cat_error *error);
/* Stores a new operation with its work, tells of it, and queues it. A repeat with the same id changes nothing. */
int prv_operation_begin(prv_context *context, const json_t *operation, const json_t *plan, const json_t *principal,
                        cat_error *error);

#endif
