#include "config.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/string.h"

#define TEXT(key, type, member) CAT_CONFIG_TEXT_(key, type, member)

static const cyaml_schema_field_t accounts_fields[] = {
    TEXT("operator_secret", __typeof__(((ec_config *)0)->accounts), operator_secret),
    TEXT("shard", __typeof__(((ec_config *)0)->accounts), shard), CYAML_FIELD_END};
static const cyaml_schema_field_t logins_fields[] = {TEXT("provisioning", __typeof__(((ec_config *)0)->logins), provisioning),
                                                     TEXT("projector", __typeof__(((ec_config *)0)->logins), projector),
                                                     TEXT("blueprints", __typeof__(((ec_config *)0)->logins), blueprints),
                                                     TEXT("merge", __typeof__(((ec_config *)0)->logins), merge), CYAML_FIELD_END};
static const cyaml_schema_field_t flux_fields[] = {TEXT("source", __typeof__(((ec_config *)0)->flux), source),
                                                   TEXT("webhook_secret", __typeof__(((ec_config *)0)->flux), webhook_secret),
                                                   CYAML_FIELD_END};
static const cyaml_schema_field_t vcluster_fields[] = {TEXT("chart", __typeof__(((ec_config *)0)->vcluster), chart),
                                                       TEXT("version", __typeof__(((ec_config *)0)->vcluster), version),
                                                       TEXT("repository", __typeof__(((ec_config *)0)->vcluster), repository),
                                                       CYAML_FIELD_END};
static const cyaml_schema_field_t registry_fields[] = {TEXT("pull_secret", __typeof__(((ec_config *)0)->registry), pull_secret),
                                                       CYAML_FIELD_END};
static const cyaml_schema_field_t secrets_fields[] = {
    TEXT("server", __typeof__(((ec_config *)0)->secrets), server),
    TEXT("certificate_authority", __typeof__(((ec_config *)0)->secrets), certificate_authority), CYAML_FIELD_END};
static const cyaml_schema_field_t audit_fields[] = {
    CYAML_FIELD_UINT("archive_seconds", CYAML_FLAG_OPTIONAL, __typeof__(((ec_config *)0)->audit), archive_seconds),
    CYAML_FIELD_END};
static const cyaml_schema_field_t FIELDS[] = {CAT_CONFIG_COMMON_FIELDS(ec_config, common),
                                              CAT_CONFIG_SECTION_("accounts", ec_config, accounts, accounts_fields),
                                              CAT_CONFIG_SECTION_("logins", ec_config, logins, logins_fields),
                                              CAT_CONFIG_SECTION_("flux", ec_config, flux, flux_fields),
                                              CAT_CONFIG_SECTION_("vcluster", ec_config, vcluster, vcluster_fields),
                                              CAT_CONFIG_SECTION_("registry", ec_config, registry, registry_fields),
                                              CAT_CONFIG_SECTION_("secrets", ec_config, secrets, secrets_fields),
                                              CAT_CONFIG_SECTION_("audit", ec_config, audit, audit_fields),
                                              CYAML_FIELD_END};
const cyaml_schema_value_t ec_config_schema = {CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, ec_config, FIELDS)};

static void fallback(char **value, const char *text)
{
    if (!*value)
        *value = cat_strdup(text);
}

/* Empty as if it were not there: an environment variable can say no more than that. */
static int check_pull_secret(const char *name, cat_error *error)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789.-";
    size_t length = name ? strlen(name) : 0;
    if (length > 253 || (length && (strspn(name, letters) != length || strchr(".-", name[0]) || strchr(".-", name[length - 1]))))
        return cat_error_set(error, CAT_E_INVALID, "registry.pull_secret: %.80s is no name of a Secret", name);
    return 0;
}

int ec_config_finish(void *opaque, cat_error *error)
{
    ec_config *config = opaque;
    cat_config_common *common = &config->common;
    const cat_config_needed needed[] = {
        {common->sovereign.name, "sovereign.name"},
        {common->sovereign.domain, "sovereign.domain"},
        {common->spine.url, "spine.url"},
        {common->spine.credentials, "spine.credentials"},
        {common->gitea.url, "gitea.url"},
        {common->gitea.user, "gitea.user"},
        {common->gitea.token, "gitea.token"},
        {common->gitea.webhook_secret, "gitea.webhook_secret"},
        {common->gitea.webhook_url, "gitea.webhook_url"},
        {common->kubernetes.namespace, "kubernetes.namespace"},
    };
    if (cat_config_require_all(needed, sizeof needed / sizeof *needed, error) < 0)
        return CAT_E_INVALID;
    if (common->identity.admin_url && (cat_config_require(common->identity.client_id, "identity.client_id", error) < 0 ||
                                       cat_config_require(common->identity.client_secret, "identity.client_secret", error) < 0))
        return CAT_E_INVALID;
    if (check_pull_secret(config->registry.pull_secret, error) < 0)
        return CAT_E_INVALID;
    if (config->secrets.server && !cat_text_starts_with(config->secrets.server, "https://"))
        return cat_error_set(error, CAT_E_INVALID, "secrets.server: %.80s does not begin with https://", config->secrets.server);
    if (!config->audit.archive_seconds)
        config->audit.archive_seconds = 300;
    fallback(&config->accounts.operator_secret, "nats-operator");
    fallback(&config->accounts.shard, "default");
    fallback(&config->logins.provisioning, "catalyst-provisioning");
    fallback(&config->logins.projector, "catalyst-projector");
    fallback(&config->logins.blueprints, "catalyst-blueprints");
    fallback(&config->flux.source, "catalyst-config");
    fallback(&config->vcluster.chart, "vcluster");
    fallback(&config->vcluster.version, "0.24.x");
    fallback(&config->vcluster.repository, "vcluster");
    return 0;
}
