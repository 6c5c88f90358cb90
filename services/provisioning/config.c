#include "config.h"

#include <stddef.h>

#include "base/memory.h"
#include "base/string.h"

#define SECTION(name) __typeof__(((prv_config *)0)->name)

static const cyaml_schema_field_t secrets_fields[] = {CAT_CONFIG_TEXT_("store", SECTION(secrets), store), CYAML_FIELD_END};
static const cyaml_schema_field_t plans_fields[] = {CAT_CONFIG_TEXT_("signing_key", SECTION(plans), signing_key),
                                                    CYAML_FIELD_END};
static const cyaml_schema_field_t kustomize_fields[] = {
    CAT_CONFIG_TEXT_("program", SECTION(kustomize), program),
    CYAML_FIELD_UINT("time_out_seconds", CYAML_FLAG_OPTIONAL, SECTION(kustomize), time_out_seconds),
    CYAML_FIELD_UINT("at_once", CYAML_FLAG_OPTIONAL, SECTION(kustomize), at_once),
    CYAML_FIELD_BOOL("without_landlock", CYAML_FLAG_OPTIONAL, SECTION(kustomize), without_landlock), CYAML_FIELD_END};
#define LIMIT(name) CYAML_FIELD_UINT(#name, CYAML_FLAG_OPTIONAL, SECTION(limits), name)
static const cyaml_schema_field_t limits_fields[] = {LIMIT(person_requests), LIMIT(person_mib), LIMIT(organization_requests),
                                                     LIMIT(organization_mib), CYAML_FIELD_END};
static const cyaml_schema_field_t git_tokens_fields[] = {
    CYAML_FIELD_UINT("interval_seconds", CYAML_FLAG_OPTIONAL, SECTION(git_tokens), interval_seconds), CYAML_FIELD_END};
static const cyaml_schema_field_t waiting_fields[] = {
    CYAML_FIELD_UINT("limit_seconds", CYAML_FLAG_OPTIONAL, SECTION(waiting), limit_seconds), CYAML_FIELD_END};
static const cyaml_schema_field_t cache_fields[] = {CAT_CONFIG_TEXT_("folder", SECTION(cache), folder), CYAML_FIELD_END};
static const cyaml_schema_field_t faults_fields[] = {CAT_CONFIG_TEXT_("folder", SECTION(faults), folder), CYAML_FIELD_END};
static const cyaml_schema_field_t FIELDS[] = {CAT_CONFIG_COMMON_FIELDS(prv_config, common),
                                              CAT_CONFIG_SECTION_("secrets", prv_config, secrets, secrets_fields),
                                              CAT_CONFIG_SECTION_("plans", prv_config, plans, plans_fields),
                                              CAT_CONFIG_SECTION_("limits", prv_config, limits, limits_fields),
                                              CAT_CONFIG_SECTION_("kustomize", prv_config, kustomize, kustomize_fields),
                                              CAT_CONFIG_SECTION_("git_tokens", prv_config, git_tokens, git_tokens_fields),
                                              CAT_CONFIG_SECTION_("waiting", prv_config, waiting, waiting_fields),
                                              CAT_CONFIG_SECTION_("cache", prv_config, cache, cache_fields),
                                              CAT_CONFIG_SECTION_("faults", prv_config, faults, faults_fields),
                                              CYAML_FIELD_END};
const cyaml_schema_value_t prv_config_schema = {CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, prv_config, FIELDS)};

int prv_config_finish(void *opaque, cat_error *error)
{
    prv_config *config = opaque;
    const cat_config_common *common = &config->common;
    const cat_config_needed needed[] = {{common->sovereign.name, "sovereign.name"},
                                        {common->sovereign.domain, "sovereign.domain"},
                                        {common->spine.url, "spine.url"},
                                        {common->kubernetes.namespace, "kubernetes.namespace"},
                                        {common->gitea.url, "gitea.url"},
                                        {common->gitea.user, "gitea.user"},
                                        {common->gitea.token, "gitea.token"},
                                        {common->identity.issuer, "identity.issuer"},
                                        {common->identity.jwks_url, "identity.jwks_url"},
                                        {config->plans.signing_key, "plans.signing_key"}};
    if (cat_config_require_all(needed, sizeof needed / sizeof *needed, error) < 0)
        return CAT_E_INVALID;
    if (config->secrets.store && !cat_text_equal(config->secrets.store, "kubernetes"))
        return cat_error_set(error, CAT_E_INVALID, "secrets.store is '%.40s': only kubernetes is known", config->secrets.store);
    if (!config->kustomize.program)
        config->kustomize.program = cat_strdup("kustomize");
    if (!config->git_tokens.interval_seconds)
        config->git_tokens.interval_seconds = 600;
    if (!config->waiting.limit_seconds)
        config->waiting.limit_seconds = 7200;
    if (!config->kustomize.time_out_seconds)
        config->kustomize.time_out_seconds = 20;
    if (!config->kustomize.at_once)
        config->kustomize.at_once = 4;
    const struct {
        unsigned *value, fallback;
    } limits[] = {{&config->limits.person_requests, 3000},
                  {&config->limits.person_mib, 64},
                  {&config->limits.organization_requests, 12000},
                  {&config->limits.organization_mib, 128}};
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
        if (!*limits[i].value)
            *limits[i].value = limits[i].fallback;
    }
    return 0;
}
