/* From a key to what it names: observe → plan → apply → status. On the reconciler's workers. */
#ifndef EC_RECONCILE_H
#define EC_RECONCILE_H

#include "controller.h"

/* For cat_reconciler_options: `context` is the ec_controller. */
int ec_reconcile(void *context, const char *key, int64_t *again_ms, cat_error *error);

/* A key's parts point into `buffer`. */
typedef struct {
    const char *kind, *namespace, *name; /* namespace "" for none */
    char buffer[1024];
} ec_reconcile_key;
bool ec_reconcile_key_parse(const char *text, ec_reconcile_key *key);

#endif
