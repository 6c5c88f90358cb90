/* Configuration of blueprint-controller: the common part, and how often it looks. */
#ifndef BPC_CONFIG_H
#define BPC_CONFIG_H

#include "svc/config.h"

typedef struct {
    cat_config_common common;
    struct {
        unsigned interval_seconds;
    } sources; /* 300 */
} bpc_config;

extern const cyaml_schema_value_t bpc_config_schema;
/* Fills in what was left out; CAT_E_INVALID names a key that is missing. */
int bpc_config_finish(void *config, cat_error *error);

#endif
