/* Credentials of Applications' secret stores: made for one ServiceAccount of the management cluster, and put into one namespace
 * of a vcluster. The token is kept nowhere else. */
#include <string.h>

#include "apply/apply.h"
#include "base/encoding.h"
#include "base/memory.h"
#include "core/plan_secrets.h"

int ec_apply_store_token(ec_controller *controller, const json_t *arguments, cat_error *error)
{
    const char *account = cat_json_text(arguments, "account");
    cat_autosecret char *token = NULL;
    int code = cat_kube_request_token(controller->kube, cat_json_text(arguments, "place"), account, EC_STORE_TOKEN_SECONDS,
                                      &token, error);
    if (code < 0)
        return code;
    ec_autocluster ec_cluster *cluster = NULL;
    code = ec_clusters_acquire(controller->clusters, cat_json_text(arguments, "organization"),
                               cat_json_text(arguments, "cluster"), &cluster, error);
    if (code < 0)
        return code;
    cat_autosecret char *encoded = cat_base64_encode(token, strlen(token));
    /* Its namespace in the vcluster is called as the account is. */
    cat_autojson json_t *secret = ec_secrets_credential(account, encoded, json_incref(cat_json_get(arguments, "labels")));
    return cat_kube_apply(ec_cluster_kube(cluster), secret,
                          &(cat_apply_options){.field_manager = EC_FIELD_MANAGER, .force = true}, NULL, error);
}
