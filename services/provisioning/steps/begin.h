/* How an operation begins: it is stored and queued. Any thread; calls block. */
#ifndef PROVISIONING_BEGIN_H
#define PROVISIONING_BEGIN_H

#include "provisioning.h"

/* Stores a new operation with its work, and queues it. A repeat with the same id changes nothing. */
int prv_operation_begin(prv_context *context, const json_t *operation, const json_t *plan, const json_t *principal,
                        cat_error *error);

#endif
