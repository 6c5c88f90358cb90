#include "config.h"

#include <stddef.h>

static const cyaml_schema_field_t FIELDS[] = {CAT_CONFIG_COMMON_FIELDS(ctg_config, common), CYAML_FIELD_END};
const cyaml_schema_value_t ctg_config_schema = {CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, ctg_config, FIELDS)};

int ctg_config_check(const ctg_config *config, cat_error *error)
{
    const struct {
        const char *value, *key;
    } needed[] = {{config->common.spine.url, "spine.url"},
                  {config->common.identity.issuer, "identity.issuer"},
                  {config->common.identity.jwks_url, "identity.jwks_url"}};
    for (size_t i = 0; i < sizeof needed / sizeof *needed; i++)
        if (cat_config_require(needed[i].value, needed[i].key, error) < 0)
            return CAT_E_INVALID;
    return 0;
}
