/* The controller's one loop: a key is a repository "owner/name", BPC_ALL or BPC_STATUS. */
#ifndef BPC_RECONCILE_H
#define BPC_RECONCILE_H

#include "controller.h"

int bpc_reconcile(void *controller, const char *key, int64_t *again_ms, cat_error *error);

#endif
