#include "config.h"

#include <stddef.h>

/* A browser needs one for all of its tabs. */
#define STREAMS_OF_PERSON 32
#define STREAMS_OF_ORGANIZATION 2000

static const cyaml_schema_field_t FLUX_FIELDS[] = {
    CAT_CONFIG_TEXT_("webhook_secret", __typeof__(((prj_config *)0)->flux), webhook_secret),
    CYAML_FIELD_END,
};

static const cyaml_schema_field_t SWEEP_FIELDS[] = {
    CYAML_FIELD_UINT("interval_seconds", CYAML_FLAG_OPTIONAL, __typeof__(((prj_config *)0)->sweep), interval_seconds),
    CYAML_FIELD_END,
};

static const cyaml_schema_field_t STREAMS_FIELDS[] = {
    CYAML_FIELD_UINT("person", CYAML_FLAG_OPTIONAL, __typeof__(((prj_config *)0)->streams), person),
    CYAML_FIELD_UINT("organization", CYAML_FLAG_OPTIONAL, __typeof__(((prj_config *)0)->streams), organization),
    CYAML_FIELD_END,
};

static const cyaml_schema_field_t FIELDS[] = {
    CAT_CONFIG_COMMON_FIELDS(prj_config, common),
    CAT_CONFIG_SECTION_("flux", prj_config, flux, FLUX_FIELDS),
    CAT_CONFIG_SECTION_("sweep", prj_config, sweep, SWEEP_FIELDS),
    CAT_CONFIG_SECTION_("streams", prj_config, streams, STREAMS_FIELDS),
    CYAML_FIELD_END,
};

const cyaml_schema_value_t prj_config_schema = {CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, prj_config, FIELDS)};

int prj_config_finish(void *opaque, cat_error *error)
{
    prj_config *config = opaque;
    const cat_config_needed needed[] = {
        {config->common.spine.url, "spine.url"},
        {config->common.kubernetes.namespace, "kubernetes.namespace"},
        {config->common.identity.issuer, "identity.issuer"},
        {config->common.identity.jwks_url, "identity.jwks_url"},
        {config->common.gitea.webhook_secret, "gitea.webhook_secret"},
    };
    if (!config->streams.person)
        config->streams.person = STREAMS_OF_PERSON;
    if (!config->streams.organization)
        config->streams.organization = STREAMS_OF_ORGANIZATION;
    return cat_config_require_all(needed, sizeof needed / sizeof *needed, error);
}
