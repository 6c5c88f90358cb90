/* Configuration that every service shares; a service puts `cat_config_common common;` first in its own struct. Read once at
 * start. */
#ifndef CAT_SVC_CONFIG_H
#define CAT_SVC_CONFIG_H

#include <cyaml/cyaml.h>

#include "base/error.h"
#include "base/log.h"

typedef struct {
    char *listen, *admin, *instance;
    char *trusted_proxies; /* whose X-Forwarded-For is believed (net/http_proxies.h); none: nobody's */
    unsigned workers;
    struct {
        char *level;
    } log;
    struct {
        char *name, *domain, *public_url;
    } sovereign;
    struct {
        char *url, *credentials;
    } spine;
    struct {
        char *kubeconfig, *namespace;
    } kubernetes;
    struct {
        char *url, *user, *token, *public_url, *webhook_secret, *webhook_url;
    } gitea;
    struct {
        char *issuer, *jwks_url, *audience, *admin_url, *client_id, *client_secret;
    } identity;
} cat_config_common;

/* Field list of the common part, for a service's own top-level mapping:
 *     static const cyaml_schema_field_t FIELDS[] = {CAT_CONFIG_COMMON_FIELDS(my_config, common), …, CYAML_FIELD_END}; */
extern const cyaml_schema_field_t cat_config_log_fields[], cat_config_sovereign_fields[], cat_config_spine_fields[],
    cat_config_kubernetes_fields[], cat_config_gitea_fields[], cat_config_identity_fields[];
#define CAT_CONFIG_TEXT_(key, type, member)                                                                                      \
    CYAML_FIELD_STRING_PTR(key, CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, type, member, 0, 4096)
#define CAT_CONFIG_SECTION_(key, type, member, fields) CYAML_FIELD_MAPPING(key, CYAML_FLAG_OPTIONAL, type, member, fields)
#define CAT_CONFIG_COMMON_FIELDS(type, common)                                                                                   \
    CAT_CONFIG_TEXT_("listen", type, common.listen), CAT_CONFIG_TEXT_("admin", type, common.admin),                              \
        CAT_CONFIG_TEXT_("instance", type, common.instance),                                                                     \
        CAT_CONFIG_TEXT_("trusted_proxies", type, common.trusted_proxies),                                                                     \
        CYAML_FIELD_UINT("workers", CYAML_FLAG_OPTIONAL, type, common.workers),                                                  \
        CAT_CONFIG_SECTION_("log", type, common.log, cat_config_log_fields),                                                     \
        CAT_CONFIG_SECTION_("sovereign", type, common.sovereign, cat_config_sovereign_fields),                                   \
        CAT_CONFIG_SECTION_("spine", type, common.spine, cat_config_spine_fields),                                               \
        CAT_CONFIG_SECTION_("kubernetes", type, common.kubernetes, cat_config_kubernetes_fields),                                \
        CAT_CONFIG_SECTION_("gitea", type, common.gitea, cat_config_gitea_fields),                                               \
        CAT_CONFIG_SECTION_("identity", type, common.identity, cat_config_identity_fields)

/* Reads `path`, then the environment: CATALYST_{KEY}, CATALYST_{SECTION}_{KEY}. Unknown keys and wrong types: CAT_E_INVALID with
 * file and key.
 * `*config` is the caller's; free with cat_config_free. Defaults of the common part are filled in. `common_offset`: where it
 * stands. */
int cat_config_load(const char *path, const cyaml_schema_value_t *schema, size_t common_offset, void **config, cat_error *error);
void cat_config_free(const cyaml_schema_value_t *schema, void *config);
/* "spine.url is not set": for keys that this service cannot do without. */
int cat_config_require(const char *value, const char *key, cat_error *error);
typedef struct {
    const char *value, *key;
} cat_config_needed;
/* The same for several: the first one that is not set. */
int cat_config_require_all(const cat_config_needed *needed, size_t count, cat_error *error);

#endif
