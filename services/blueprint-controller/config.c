#include "config.h"

#include <stddef.h>

#define INTERVAL_SECONDS 300
#define INTERVAL_MAX 86400

static const cyaml_schema_field_t SOURCES_FIELDS[] = {
    CYAML_FIELD_UINT("interval_seconds", CYAML_FLAG_OPTIONAL, __typeof__(((bpc_config *)0)->sources), interval_seconds),
    CYAML_FIELD_END,
};
static const cyaml_schema_field_t FIELDS[] = {
    CAT_CONFIG_COMMON_FIELDS(bpc_config, common),
    CAT_CONFIG_SECTION_("sources", bpc_config, sources, SOURCES_FIELDS),
    CYAML_FIELD_END,
};
const cyaml_schema_value_t bpc_config_schema = {CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, bpc_config, FIELDS)};

int bpc_config_finish(void *opaque, cat_error *error)
{
    bpc_config *config = opaque;
    const cat_config_common *common = &config->common;
    const cat_config_needed needed[] = {
        {common->sovereign.domain, "sovereign.domain"},
        {common->spine.url, "spine.url"},
        {common->gitea.url, "gitea.url"},
        {common->gitea.user, "gitea.user"},
        {common->gitea.token, "gitea.token"},
    };
    if (cat_config_require_all(needed, sizeof needed / sizeof *needed, error) < 0)
        return CAT_E_INVALID;
    if (config->sources.interval_seconds == 0)
        config->sources.interval_seconds = INTERVAL_SECONDS;
    if (config->sources.interval_seconds > INTERVAL_MAX)
        return cat_error_set(error, CAT_E_INVALID, "sources.interval_seconds is at most %d", INTERVAL_MAX);
    return 0;
}
