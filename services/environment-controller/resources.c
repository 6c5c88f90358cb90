#include "resources.h"

#include <string.h>

#include "plan.h"

#define CORE ""
static const cat_resource RESOURCES[] = {
    {CAT_GROUP, "v1alpha1", "Sovereign", "sovereigns", false},
    {CAT_GROUP, "v1alpha1", "Organization", "organizations", false},
    {CAT_GROUP, "v1alpha1", "Environment", "environments", true},
    {CAT_GROUP, "v1alpha1", "Application", "applications", true},
    {CAT_GROUP, "v1alpha1", "Blueprint", "blueprints", false},
    {CAT_GROUP, "v1alpha1", "EnvironmentPolicy", "environmentpolicies", true},
    {CORE, "v1", "Namespace", "namespaces", false},
    {CORE, "v1", "Secret", "secrets", true},
    {CORE, "v1", "ServiceAccount", "serviceaccounts", true},
    {CORE, "v1", "ResourceQuota", "resourcequotas", true},
    {CORE, "v1", "PersistentVolumeClaim", "persistentvolumeclaims", true},
    {"rbac.authorization.k8s.io", "v1", "Role", "roles", true},
    {"rbac.authorization.k8s.io", "v1", "RoleBinding", "rolebindings", true},
    {"rbac.authorization.k8s.io", "v1", "ClusterRole", "clusterroles", false},
    {"rbac.authorization.k8s.io", "v1", "ClusterRoleBinding", "clusterrolebindings", false},
    {"networking.k8s.io", "v1", "NetworkPolicy", "networkpolicies", true},
    {"apiextensions.k8s.io", "v1", "CustomResourceDefinition", "customresourcedefinitions", false},
    {"apiextensions.crossplane.io", "v1", "CompositeResourceDefinition", "compositeresourcedefinitions", false},
    {"admissionregistration.k8s.io", "v1", "ValidatingAdmissionPolicy", "validatingadmissionpolicies", false},
    {"admissionregistration.k8s.io", "v1", "ValidatingAdmissionPolicyBinding", "validatingadmissionpolicybindings", false},
    {"external-secrets.io", "v1", "SecretStore", "secretstores", true},
    {"helm.toolkit.fluxcd.io", "v2", "HelmRelease", "helmreleases", true},
    {"source.toolkit.fluxcd.io", "v1", "GitRepository", "gitrepositories", true},
    {"source.toolkit.fluxcd.io", "v1", "HelmRepository", "helmrepositories", true},
    {"kustomize.toolkit.fluxcd.io", "v1", "Kustomization", "kustomizations", true},
    {EC_NOTIFICATION_GROUP, EC_NOTIFICATION_VERSION, "Provider", "providers", true},
    {EC_NOTIFICATION_GROUP, EC_NOTIFICATION_VERSION, "Alert", "alerts", true},
    {NULL, NULL, NULL, NULL, false},
};

const ec_watched EC_WATCHED[] = {
    {{"apps", "v1", "Deployment", "deployments", true}, false},
    {{"apps", "v1", "StatefulSet", "statefulsets", true}, false},
    {{"apps", "v1", "DaemonSet", "daemonsets", true}, false},
    {{"apps", "v1", "ReplicaSet", "replicasets", true}, false},
    {{CORE, "v1", "Pod", "pods", true}, false},
    {{CORE, "v1", "Service", "services", true}, false},
    {{"networking.k8s.io", "v1", "Ingress", "ingresses", true}, false},
    {{"gateway.networking.k8s.io", "v1", "HTTPRoute", "httproutes", true}, true},
    {{CORE, "v1", "ConfigMap", "configmaps", true}, false},
    {{CORE, "v1", "Secret", "secrets", true}, false},
    {{CORE, "v1", "PersistentVolumeClaim", "persistentvolumeclaims", true}, false},
    {{"batch", "v1", "Job", "jobs", true}, false},
    {{"batch", "v1", "CronJob", "cronjobs", true}, false},
    {{"autoscaling", "v2", "HorizontalPodAutoscaler", "horizontalpodautoscalers", true}, false},
    {{"keda.sh", "v1alpha1", "ScaledObject", "scaledobjects", true}, true},
    {{CORE, "v1", "Event", "events", true}, false},
    {{"external-secrets.io", "v1", "ExternalSecret", "externalsecrets", true}, true},
    {{"helm.toolkit.fluxcd.io", "v2", "HelmRelease", "helmreleases", true}, true},
    {{"kustomize.toolkit.fluxcd.io", "v1", "Kustomization", "kustomizations", true}, true},
    {{"source.toolkit.fluxcd.io", "v1", "GitRepository", "gitrepositories", true}, true},
    {{NULL, NULL, NULL, NULL, false}, false},
};

const ec_watched EC_WATCHED_MANAGEMENT[] = {
    {{CAT_GROUP, "v1alpha1", "Application", "applications", true}, false},
    {{"helm.toolkit.fluxcd.io", "v2", "HelmRelease", "helmreleases", true}, true},
    {{"kustomize.toolkit.fluxcd.io", "v1", "Kustomization", "kustomizations", true}, true},
    {{"source.toolkit.fluxcd.io", "v1", "GitRepository", "gitrepositories", true}, true},
    {{NULL, NULL, NULL, NULL, false}, false},
};

const cat_resource *ec_resource(const char *kind)
{
    for (const cat_resource *resource = RESOURCES; resource->kind; resource++)
        if (kind && strcmp(resource->kind, kind) == 0)
            return resource;
    return NULL;
}
