/* The kinds that the project reads or writes, at the versions that it speaks. Another kind is found by
 * discovery. */
#include <string.h>

#include "wire/kubernetes.h"

const cat_resource CAT_RESOURCES[] = {
    {"", "v1", "Namespace", "namespaces", false},
    {"", "v1", "Node", "nodes", false},
    {"", "v1", "Pod", "pods", true},
    {"", "v1", "Service", "services", true},
    {"", "v1", "ConfigMap", "configmaps", true},
    {"", "v1", "Secret", "secrets", true},
    {"", "v1", "PersistentVolumeClaim", "persistentvolumeclaims", true},
    {"", "v1", "Event", "events", true},
    {"", "v1", "ServiceAccount", "serviceaccounts", true},
    {"apps", "v1", "Deployment", "deployments", true},
    {"apps", "v1", "StatefulSet", "statefulsets", true},
    {"apps", "v1", "DaemonSet", "daemonsets", true},
    {"apps", "v1", "ReplicaSet", "replicasets", true},
    {"batch", "v1", "Job", "jobs", true},
    {"batch", "v1", "CronJob", "cronjobs", true},
    {"autoscaling", "v2", "HorizontalPodAutoscaler", "horizontalpodautoscalers", true},
    {"networking.k8s.io", "v1", "Ingress", "ingresses", true},
    {"networking.k8s.io", "v1", "NetworkPolicy", "networkpolicies", true},
    {"policy", "v1", "PodDisruptionBudget", "poddisruptionbudgets", true},
    {"rbac.authorization.k8s.io", "v1", "Role", "roles", true},
    {"rbac.authorization.k8s.io", "v1", "RoleBinding", "rolebindings", true},
    {"rbac.authorization.k8s.io", "v1", "ClusterRole", "clusterroles", false},
    {"rbac.authorization.k8s.io", "v1", "ClusterRoleBinding", "clusterrolebindings", false},
    {"apiextensions.k8s.io", "v1", "CustomResourceDefinition", "customresourcedefinitions", false},
    {"keda.sh", "v1alpha1", "ScaledObject", "scaledobjects", true},
    {"external-secrets.io", "v1", "ExternalSecret", "externalsecrets", true},
    {"external-secrets.io", "v1", "SecretStore", "secretstores", true},
    {"source.toolkit.fluxcd.io", "v1", "GitRepository", "gitrepositories", true},
    {"kustomize.toolkit.fluxcd.io", "v1", "Kustomization", "kustomizations", true},
    {"helm.toolkit.fluxcd.io", "v2", "HelmRelease", "helmreleases", true},
    {"notification.toolkit.fluxcd.io", "v1beta3", "Provider", "providers", true},
    {"notification.toolkit.fluxcd.io", "v1beta3", "Alert", "alerts", true},
    {"gateway.networking.k8s.io", "v1", "HTTPRoute", "httproutes", true},
    {CAT_GROUP, "v1alpha1", "Sovereign", "sovereigns", false},
    {CAT_GROUP, "v1alpha1", "Organization", "organizations", false},
    {CAT_GROUP, "v1alpha1", "Environment", "environments", true},
    {CAT_GROUP, "v1alpha1", "Application", "applications", true},
    {CAT_GROUP, "v1alpha1", "Blueprint", "blueprints", false},
    {CAT_GROUP, "v1alpha1", "EnvironmentPolicy", "environmentpolicies", true},
    {CAT_GROUP, "v1alpha1", "SecretPolicy", "secretpolicies", true},
    {CAT_GROUP, "v1alpha1", "Runbook", "runbooks", true},
    {NULL, NULL, NULL, NULL, false},
};

const cat_resource *cat_resource_find(const char *group, const char *kind)
{
    for (const cat_resource *resource = CAT_RESOURCES; resource->kind; resource++)
        if (strcmp(resource->kind, kind) == 0 && strcmp(resource->group, group ? group : "") == 0)
            return resource;
    return NULL;
}
