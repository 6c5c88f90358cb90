#include "core/plan_reconcile_requester.h"

#include <string.h>

#include "base/clock.h"
#include "base/encoding.h"
#include "base/memory.h"
#include "wire/digest.h"

#define RBAC_GROUP "rbac.authorization.k8s.io"
#define RBAC_API RBAC_GROUP "/v1"

static json_t *role(json_t *labels)
{
    json_t *object = ec_object(RBAC_API, "Role", EC_FLUX_NAMESPACE, EC_RECONCILE_REQUESTER, labels);
    json_object_set_new(object, "rules",
                        json_pack("[{s:[s], s:[s], s:[s]}]", "apiGroups", "source.toolkit.fluxcd.io", "resources",
                                  "gitrepositories", "verbs", "patch"));
    return object;
}

static json_t *binding(json_t *labels)
{
    json_t *object = ec_object(RBAC_API, "RoleBinding", EC_FLUX_NAMESPACE, EC_RECONCILE_REQUESTER, labels);
    json_object_set_new(object, "roleRef",
                        json_pack("{s:s, s:s, s:s}", "apiGroup", RBAC_GROUP, "kind", "Role", "name", EC_RECONCILE_REQUESTER));
    json_object_set_new(
        object, "subjects",
        json_pack("[{s:s, s:s, s:s}]", "kind", "ServiceAccount", "name", EC_RECONCILE_REQUESTER, "namespace", EC_FLUX_NAMESPACE));
    return object;
}

/* A vcluster that was made anew has another kubeconfig, and knows no token from before. */
static void digest_of(const json_t *kubeconfig, char digest[CAT_SHA256_HEX])
{
    const char *text = cat_json_text_or(kubeconfig, "data.config", "");
    cat_sha256_hex(text, strlen(text), digest);
}

static bool is_good(const json_t *secret, const char *digest, int64_t now_ms)
{
    int64_t renew_at_ms = 0;
    const char *renew_at = secret ? cat_object_annotation(secret, EC_ANNOTATION_REQUESTER_RENEW_AT) : NULL;
    return renew_at && cat_time_parse(renew_at, &renew_at_ms) && now_ms < renew_at_ms &&
           cat_text_equal(cat_object_annotation(secret, EC_ANNOTATION_CLUSTER), digest);
}

void ec_plan_reconcile_requester(const ec_settings *settings, const json_t *kubeconfig, int64_t now_ms,
                                 const ec_observed *observed, ec_plan *plan, const ec_vcluster *vcluster,
                                 const char *organization)
{
    cat_autojson json_t *labels = ec_labels(settings, organization, NULL, vcluster, NULL, NULL);
    ec_want(plan, observed, EC_FLUX, vcluster->name,
            ec_object("v1", "ServiceAccount", EC_FLUX_NAMESPACE, EC_RECONCILE_REQUESTER, json_incref(labels)));
    ec_want(plan, observed, EC_FLUX, vcluster->name, role(json_incref(labels)));
    ec_want(plan, observed, EC_FLUX, vcluster->name, binding(json_incref(labels)));
    char digest[CAT_SHA256_HEX];
    digest_of(kubeconfig, digest);
    cat_autofree char *name = cat_printf("vc-%s", vcluster->name);
    if (!is_good(ec_look(plan, observed, EC_MANAGEMENT, "Secret", EC_RECONCILE_REQUESTER, name), digest, now_ms))
        ec_do(plan, EC_FLUX, EC_STEP_RECONCILE_REQUESTER,
              json_pack("{s:s, s:s, s:s}", "organization", organization, "cluster", vcluster->name, "digest", digest));
}

/* JSON is YAML. */
static char *kubeconfig_text(const char *server, const char *authority_pem, const char *token)
{
    cat_autofree char *authority = authority_pem ? cat_base64_encode(authority_pem, strlen(authority_pem)) : NULL;
    json_t *cluster = cat_json_object("server", json_string(server), NULL);
    cat_json_set_text(cluster, "certificate-authority-data", authority);
    cat_autojson json_t *config =
        json_pack("{s:s, s:s, s:s, s:[{s:s, s:o}], s:[{s:s, s:{s:s}}], s:[{s:s, s:{s:s, s:s, s:s}}]}", "apiVersion", "v1", "kind",
                  "Config", "current-context", "vcluster", "clusters", "name", "vcluster", "cluster", cluster, "users", "name",
                  EC_RECONCILE_REQUESTER, "user", "token", token, "contexts", "name", "vcluster", "context", "cluster",
                  "vcluster", "user", EC_RECONCILE_REQUESTER, "namespace", EC_FLUX_NAMESPACE);
    return cat_json_format(config);
}

json_t *ec_reconcile_requester_secret(const char *vcluster, const char *server, const char *authority_pem, const char *token,
                                      const char *digest, int64_t now_ms)
{
    cat_autofree char *name = cat_printf("vc-%s", vcluster);
    cat_autosecret char *text = kubeconfig_text(server, authority_pem, token);
    cat_autosecret char *encoded = cat_base64_encode(text, strlen(text));
    char renew_at[CAT_TIME_TEXT_MAX];
    cat_time_format(now_ms + EC_RECONCILE_REQUESTER_TOKEN_SECONDS * 1000 / 2, renew_at);
    json_t *secret = ec_object("v1", "Secret", EC_RECONCILE_REQUESTER, name, json_object());
    json_object_set_new(secret, "type", json_string("Opaque"));
    json_object_set_new(secret, "data", json_pack("{s:s}", "config", encoded));
    cat_object_set_annotation(secret, EC_ANNOTATION_CLUSTER, digest);
    cat_object_set_annotation(secret, EC_ANNOTATION_REQUESTER_RENEW_AT, renew_at);
    return secret;
}
