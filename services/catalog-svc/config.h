/* Configuration of catalog-svc: what all services share. */
#ifndef CTG_CONFIG_H
#define CTG_CONFIG_H

#include "svc/config.h"

typedef struct {
    cat_config_common common;
} ctg_config;

extern const cyaml_schema_value_t ctg_config_schema;
/* CAT_E_INVALID names a key that is missing. */
int ctg_config_finish(void *config, cat_error *error);

#endif
