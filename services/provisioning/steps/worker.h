/* Carries operations out from the durable queue `provisioning-work`. Threads of its own: the workers, which block, and one that
 * keeps telling the queue that they are at it. */
#ifndef PROVISIONING_WORKER_H
#define PROVISIONING_WORKER_H

#include "provisioning.h"

typedef struct prv_workers prv_workers;
prv_workers *prv_workers_start(prv_context *context, unsigned count);
/* Waits for the steps that run; what is left goes on elsewhere or after the next start. NULL allowed. */
void prv_workers_stop(prv_workers *workers);

#endif
