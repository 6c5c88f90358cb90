#include "core/plan_confinement.h"

#include "base/memory.h"
#include "domain/cluster_scope.h"
#include "domain/home.h"

#define RBAC_API "rbac.authorization.k8s.io/v1"

json_t *ec_keep_from_flux(json_t *object)
{
    cat_object_set_annotation(object, "kustomize.toolkit.fluxcd.io/prune", "disabled");
    cat_object_set_annotation(object, "kustomize.toolkit.fluxcd.io/ssa", "Ignore");
    return object;
}

json_t *ec_application_namespace(const char *name, json_t *labels)
{
    cat_autojson json_t *shared = labels;
    json_t *own = json_copy(shared);
    json_object_set_new(own, "pod-security.kubernetes.io/enforce", json_string("baseline"));
    return ec_keep_from_flux(ec_object("v1", "Namespace", NULL, name, own));
}

/* Claims that the vcluster's XRDs offer, as domain/home.h takes them. The caller's. */
static json_t *claims_of(const ec_observed *observed, ec_plan *plan, const char *cluster)
{
    json_t *claims = json_array(), *definition;
    size_t index;
    const json_t *definitions = ec_look_list(plan, observed, cluster, "CompositeResourceDefinition", NULL, NULL);
    json_array_foreach(definitions, index, definition)
    {
        const char *group = cat_json_text(definition, "spec.group"),
                   *plural = cat_json_text(definition, "spec.claimNames.plural");
        if (group && plural)
            json_array_append_new(claims, json_pack("{s:s, s:s}", "group", group, "plural", plural));
    }
    return claims;
}

static void take_scope(const ec_observed *observed, ec_plan *plan, ec_section section, const char *cluster, const char *name)
{
    if (!ec_look(plan, observed, cluster, "ClusterRole", NULL, name))
        return;
    ec_delete(plan, section, cluster, "ClusterRoleBinding", NULL, name);
    ec_delete(plan, section, cluster, "ClusterRole", NULL, name); /* last, as it is what is looked at */
}

/* Bound to Flux's account, and to the one that stands for what was granted. */
static void give_scope(const ec_observed *observed, ec_plan *plan, const char *cluster, const char *namespace,
                       const json_t *scope, const json_t *labels)
{
    cat_autofree char *name = cat_printf(CAT_CLUSTER_SCOPE_ROLE "%s", namespace);
    if (json_array_size(scope) == 0) {
        take_scope(observed, plan, EC_FLUX, cluster, name);
        return;
    }
    json_t *role = ec_object(RBAC_API, "ClusterRole", NULL, name, json_incref((json_t *)labels));
    json_object_set_new(role, "rules", cat_cluster_scope_role_rules(scope));
    ec_want(plan, observed, EC_FLUX, cluster, ec_keep_from_flux(role));
    json_t *binding = ec_object(RBAC_API, "ClusterRoleBinding", NULL, name, json_incref((json_t *)labels));
    json_object_set_new(
        binding, "roleRef",
        json_pack("{s:s, s:s, s:s}", "apiGroup", "rbac.authorization.k8s.io", "kind", "ClusterRole", "name", name));
    json_object_set_new(binding, "subjects",
                        json_pack("[{s:s, s:s, s:s}, {s:s, s:s, s:s}]", "kind", "ServiceAccount", "name", namespace, "namespace",
                                  EC_FLUX_NAMESPACE, "kind", "ServiceAccount", "name", namespace, "namespace",
                                  CAT_CLUSTER_SCOPE_GRANTED));
    ec_want(plan, observed, EC_FLUX, cluster, ec_keep_from_flux(binding));
}

void ec_confine(const ec_observed *observed, ec_plan *plan, const char *cluster, const char *namespace, const json_t *scope,
                json_t *labels)
{
    cat_autojson json_t *own_labels = labels, *claims = claims_of(observed, plan, cluster);
    cat_cluster_scope_add_kinds(scope, claims);
    give_scope(observed, plan, cluster, namespace, scope, own_labels);
    json_t *account = ec_object("v1", "ServiceAccount", EC_FLUX_NAMESPACE, namespace, json_incref(own_labels));
    json_object_set_new(account, "automountServiceAccountToken", json_false());
    ec_want(plan, observed, EC_FLUX, cluster, account);
    json_t *role = ec_object(RBAC_API, "Role", namespace, CAT_HOME_ROLE, json_incref(own_labels));
    json_object_set_new(role, "rules", cat_home_role_rules(claims));
    ec_want(plan, observed, EC_FLUX, cluster, ec_keep_from_flux(role));
    json_t *binding = ec_object(RBAC_API, "RoleBinding", namespace, CAT_HOME_ROLE, json_incref(own_labels));
    json_object_set_new(
        binding, "roleRef",
        json_pack("{s:s, s:s, s:s}", "apiGroup", "rbac.authorization.k8s.io", "kind", "Role", "name", CAT_HOME_ROLE));
    json_object_set_new(
        binding, "subjects",
        json_pack("[{s:s, s:s, s:s}]", "kind", "ServiceAccount", "name", namespace, "namespace", EC_FLUX_NAMESPACE));
    ec_want(plan, observed, EC_FLUX, cluster, ec_keep_from_flux(binding));
}

void ec_unconfine(const ec_observed *observed, ec_plan *plan, const char *cluster, const char *namespace)
{
    cat_autofree char *name = cat_printf(CAT_CLUSTER_SCOPE_ROLE "%s", namespace);
    take_scope(observed, plan, EC_REMOVAL, cluster, name);
    ec_delete(plan, EC_REMOVAL, cluster, "ServiceAccount", EC_FLUX_NAMESPACE, namespace);
}

void ec_admit(const ec_observed *observed, ec_plan *plan, const char *cluster, json_t *labels)
{
    cat_autojson json_t *own_labels = labels, *policies = cat_home_policies();
    size_t index;
    json_t *object;
    json_array_foreach(policies, index, object)
    {
        cat_json_set(object, "metadata.labels", json_incref(own_labels));
        ec_want(plan, observed, EC_FLUX, cluster, json_incref(object));
    }
}
