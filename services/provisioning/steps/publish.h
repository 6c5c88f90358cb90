/* An operation as events tell it. Any thread; calls block. */
#ifndef PROVISIONING_PUBLISH_H
#define PROVISIONING_PUBLISH_H

#include "provisioning.h"

/* Publishes the operation to each of its Environments, to each what of it is seen there (without any: the whole to
 * catalyst-events). */
int prv_operation_publish(prv_context *context, const json_t *operation, cat_error *error);

#endif
