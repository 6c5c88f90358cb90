/* Configuration of billing: what all services share, and how often it meters. */
#ifndef BIL_CONFIG_H
#define BIL_CONFIG_H

#include "svc/config.h"

typedef struct {
    cat_config_common common;
    struct {
        unsigned interval_seconds;
    } metering; /* 30 */
} bil_config;

extern const cyaml_schema_value_t bil_config_schema;
/* Fills in what was left out; CAT_E_INVALID names a key that is missing. */
int bil_config_finish(void *config, cat_error *error);

#endif
