#include "config.h"

#include <stddef.h>

static const cyaml_schema_field_t FIELDS[] = {CAT_CONFIG_COMMON_FIELDS(ctg_config, common), CYAML_FIELD_END};
const cyaml_schema_value_t ctg_config_schema = {CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, ctg_config, FIELDS)};

int ctg_config_finish(void *opaque, cat_error *error)
{
    const ctg_config *config = opaque;
    const cat_config_needed needed[] = {{config->common.spine.url, "spine.url"},
                                        {config->common.identity.issuer, "identity.issuer"},
                                        {config->common.identity.jwks_url, "identity.jwks_url"}};
    return cat_config_require_all(needed, sizeof needed / sizeof *needed, error);
}
