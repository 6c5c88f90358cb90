/* From a key to what it names: observe → plan → apply → status. On the reconciler's workers. */
#ifndef EC_RECONCILE_H
#define EC_RECONCILE_H

#include "controller.h"

/* For cat_reconciler_options: `context` is the ec_controller. */
int ec_reconcile(void *context, const char *key, int64_t *again_ms, cat_error *error);

#endif
