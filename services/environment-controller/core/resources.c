#include "core/resources.h"

#include <string.h>

#include "core/plan.h"

#define CORE ""
/* Beside CAT_RESOURCES, which the controller may be asked for any of: what holds a namespace may be of every kind. */
static const cat_resource RESOURCES[] = {
    {CORE, "v1", "ResourceQuota", "resourcequotas", true},
    {"apiextensions.crossplane.io", "v1", "CompositeResourceDefinition", "compositeresourcedefinitions", false},
    {"admissionregistration.k8s.io", "v1", "ValidatingAdmissionPolicy", "validatingadmissionpolicies", false},
    {"admissionregistration.k8s.io", "v1", "ValidatingAdmissionPolicyBinding", "validatingadmissionpolicybindings", false},
    {"source.toolkit.fluxcd.io", "v1", "HelmRepository", "helmrepositories", true},
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

static const cat_resource *find(const cat_resource *resources, const char *kind)
{
    for (const cat_resource *resource = resources; resource->kind; resource++)
        if (strcmp(resource->kind, kind) == 0)
            return resource;
    return NULL;
}

const cat_resource *ec_resource(const char *kind)
{
    const cat_resource *own = kind ? find(RESOURCES, kind) : NULL;
    return own || !kind ? own : find(CAT_RESOURCES, kind);
}
