/* The kubeconfig with which projector asks Flux in a vcluster to look: made with a token that ends by itself. */
#include "apply/apply.h"
#include "base/memory.h"
#include "core/plan_reconcile_requester.h"

int ec_apply_reconcile_requester(ec_controller *controller, const json_t *arguments, cat_error *error)
{
    ec_autocluster ec_cluster *cluster = NULL;
    const char *name = cat_json_text(arguments, "cluster");
    int code = ec_clusters_acquire(controller->clusters, cat_json_text(arguments, "organization"), name, &cluster, error);
    if (code < 0)
        return code;
    cat_kube *kube = ec_cluster_kube(cluster);
    cat_autosecret char *token = NULL;
    code = cat_kube_request_token(kube, EC_FLUX_NAMESPACE, EC_RECONCILE_REQUESTER, EC_RECONCILE_REQUESTER_TOKEN_SECONDS, &token,
                                  error);
    if (code < 0)
        return code;
    cat_autojson json_t *secret =
        ec_reconcile_requester_secret(name, cat_kube_server(kube), cat_kube_authority(kube), token,
                                      cat_json_text(arguments, "digest"), cat_clock_system()->wall_ms(cat_clock_system()));
    return cat_kube_apply(controller->kube, secret, &(cat_apply_options){.field_manager = EC_FIELD_MANAGER, .force = true}, NULL,
                          error);
}
