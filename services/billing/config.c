#include "config.h"

#include <stddef.h>

#define INTERVAL_SECONDS 30
#define INTERVAL_MAX 600

static const cyaml_schema_field_t METERING_FIELDS[] = {
    CYAML_FIELD_UINT("interval_seconds", CYAML_FLAG_OPTIONAL, __typeof__(((bil_config *)0)->metering), interval_seconds),
    CYAML_FIELD_END,
};
static const cyaml_schema_field_t FIELDS[] = {
    CAT_CONFIG_COMMON_FIELDS(bil_config, common),
    CAT_CONFIG_SECTION_("metering", bil_config, metering, METERING_FIELDS),
    CYAML_FIELD_END,
};
const cyaml_schema_value_t bil_config_schema = {CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, bil_config, FIELDS)};

int bil_config_finish(void *opaque, cat_error *error)
{
    bil_config *config = opaque;
    const cat_config_common *common = &config->common;
    const cat_config_needed needed[] = {{common->spine.url, "spine.url"},
                                        {common->kubernetes.namespace, "kubernetes.namespace"},
                                        {common->identity.issuer, "identity.issuer"},
                                        {common->identity.jwks_url, "identity.jwks_url"}};
    if (cat_config_require_all(needed, sizeof needed / sizeof *needed, error) < 0)
        return CAT_E_INVALID;
    if (config->metering.interval_seconds == 0)
        config->metering.interval_seconds = INTERVAL_SECONDS;
    if (config->metering.interval_seconds > INTERVAL_MAX)
        return cat_error_set(error, CAT_E_INVALID, "metering.interval_seconds is at most %d", INTERVAL_MAX);
    return 0;
}
