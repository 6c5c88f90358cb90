/* Every kind of Kubernetes objects that the project treats by name: one row each. Pure; any thread.
 *
 * A new kind that is fully explained is one row here and its status rule (object_status*.c); what its entry in a row tells beside
 * its status, if anything, is read in services/projector/core/fold_details.c. A kind without a row is found by discovery, judged
 * by its conditions, and speaks as any other. */
#ifndef CAT_DOMAIN_KINDS_H
#define CAT_DOMAIN_KINDS_H

#include "domain/object_status.h"
#include "wire/kubernetes.h"
#include "wire/subjects.h"

/* Whether an informer watches it. */
typedef enum {
    CAT_WATCH_NEVER,
    CAT_WATCH_ALWAYS,
    CAT_WATCH_SERVED /* where the cluster serves it */
} cat_watch;

/* How it speaks when something is wrong with an Application: whose sentence is the Application's. */
typedef enum {
    CAT_VOICE_PLAIN,   /* as whatever else there is; what something else made of it speaks last */
    CAT_VOICE_NONE,    /* never: what it says is told by others */
    CAT_VOICE_BRANCH,  /* only when its branch cannot be built */
    CAT_VOICE_POD,     /* before all others but Flux, as it knows why */
    CAT_VOICE_CAUSE,   /* after Pods, as Pods wait for it */
    CAT_VOICE_SOURCE,  /* first when it keeps every commit from the cluster */
    CAT_VOICE_APPLIER, /* first, unless it only waits for what it applied */
    CAT_VOICE_COUNT
} cat_kind_voice;

/* What it is to its Application. */
typedef enum {
    CAT_PART_CONTENT,  /* what the Application consists of: its events are changes of what it says, and its state is its
                          conditions' */
    CAT_PART_LIVING,   /* as well, with a life of its own: it changes without anybody changing it */
    CAT_PART_WORKLOAD, /* and it runs: at rest when it is scaled to nothing */
    CAT_PART_SCHEDULE, /* and it runs at times: at rest when it is suspended */
    CAT_PART_ANCHOR,   /* what makes the Application exist here */
    CAT_PART_NONE,     /* neither: it tells of something else */
    CAT_PART_COUNT
} cat_kind_part;

/* KIND(constant, token, group, version, kind, plural, namespaced, vcluster, management, rule, voice, part):
 *   token       what it is called in subjects and in keys of rows (cat_kind_token)
 *   group … namespaced   what it is called in URLs, at the version that the project speaks; the last rows are no objects
 *   vcluster    cat_watch of the informer of a vcluster
 *   management  cat_watch of the informer of an Organization's namespace on the management cluster
 *   rule        status_of_{rule} of domain/object_status_internal.h
 *   voice, part cat_kind_voice, cat_kind_part */
/* clang-format off */
#define CAT_KINDS(KIND) \
    KIND(NAMESPACE, "namespace", "", "v1", "Namespace", "namespaces", false, NEVER, NEVER, conditions, NONE, NONE) \
    KIND(NODE, "node", "", "v1", "Node", "nodes", false, NEVER, NEVER, conditions, PLAIN, CONTENT) \
    KIND(POD, "pod", "", "v1", "Pod", "pods", true, ALWAYS, NEVER, pod, POD, LIVING) \
    KIND(SERVICE, "service", "", "v1", "Service", "services", true, ALWAYS, NEVER, service, PLAIN, CONTENT) \
    KIND(CONFIG_MAP, "configmap", "", "v1", "ConfigMap", "configmaps", true, ALWAYS, NEVER, conditions, PLAIN, CONTENT) \
    KIND(SECRET, "secret", "", "v1", "Secret", "secrets", true, ALWAYS, NEVER, conditions, PLAIN, CONTENT) \
    KIND(PERSISTENT_VOLUME_CLAIM, "persistentvolumeclaim", "", "v1", "PersistentVolumeClaim", "persistentvolumeclaims", true, ALWAYS, NEVER, volume_claim, CAUSE, LIVING) \
    KIND(EVENT, "event", "", "v1", "Event", "events", true, ALWAYS, NEVER, conditions, NONE, NONE) \
    KIND(SERVICE_ACCOUNT, "serviceaccount", "", "v1", "ServiceAccount", "serviceaccounts", true, NEVER, NEVER, conditions, PLAIN, CONTENT) \
    KIND(DEPLOYMENT, "deployment", "apps", "v1", "Deployment", "deployments", true, ALWAYS, NEVER, deployment, PLAIN, WORKLOAD) \
    KIND(STATEFUL_SET, "statefulset", "apps", "v1", "StatefulSet", "statefulsets", true, ALWAYS, NEVER, stateful_set, PLAIN, WORKLOAD) \
    KIND(DAEMON_SET, "daemonset", "apps", "v1", "DaemonSet", "daemonsets", true, ALWAYS, NEVER, daemon_set, PLAIN, WORKLOAD) \
    KIND(REPLICA_SET, "replicaset", "apps", "v1", "ReplicaSet", "replicasets", true, ALWAYS, NEVER, replica_set, PLAIN, LIVING) \
    KIND(JOB, "job", "batch", "v1", "Job", "jobs", true, ALWAYS, NEVER, job, CAUSE, LIVING) \
    KIND(CRON_JOB, "cronjob", "batch", "v1", "CronJob", "cronjobs", true, ALWAYS, NEVER, cron_job, PLAIN, SCHEDULE) \
    KIND(HORIZONTAL_POD_AUTOSCALER, "horizontalpodautoscaler", "autoscaling", "v2", "HorizontalPodAutoscaler", "horizontalpodautoscalers", true, ALWAYS, NEVER, autoscaler, PLAIN, CONTENT) \
    KIND(INGRESS, "ingress", "networking.k8s.io", "v1", "Ingress", "ingresses", true, ALWAYS, NEVER, conditions, PLAIN, LIVING) \
    KIND(NETWORK_POLICY, "networkpolicy", "networking.k8s.io", "v1", "NetworkPolicy", "networkpolicies", true, NEVER, NEVER, conditions, PLAIN, CONTENT) \
    KIND(POD_DISRUPTION_BUDGET, "poddisruptionbudget", "policy", "v1", "PodDisruptionBudget", "poddisruptionbudgets", true, NEVER, NEVER, conditions, PLAIN, CONTENT) \
    KIND(ROLE, "role_rbac_authorization_k8s_io", "rbac.authorization.k8s.io", "v1", "Role", "roles", true, NEVER, NEVER, conditions, PLAIN, CONTENT) \
    KIND(ROLE_BINDING, "rolebinding_rbac_authorization_k8s_io", "rbac.authorization.k8s.io", "v1", "RoleBinding", "rolebindings", true, NEVER, NEVER, conditions, PLAIN, CONTENT) \
    KIND(CLUSTER_ROLE, "clusterrole_rbac_authorization_k8s_io", "rbac.authorization.k8s.io", "v1", "ClusterRole", "clusterroles", false, NEVER, NEVER, conditions, PLAIN, CONTENT) \
    KIND(CLUSTER_ROLE_BINDING, "clusterrolebinding_rbac_authorization_k8s_io", "rbac.authorization.k8s.io", "v1", "ClusterRoleBinding", "clusterrolebindings", false, NEVER, NEVER, conditions, PLAIN, CONTENT) \
    KIND(CUSTOM_RESOURCE_DEFINITION, "customresourcedefinition_apiextensions_k8s_io", "apiextensions.k8s.io", "v1", "CustomResourceDefinition", "customresourcedefinitions", false, NEVER, NEVER, definition, PLAIN, CONTENT) \
    KIND(SCALED_OBJECT, "scaledobject_keda_sh", "keda.sh", "v1alpha1", "ScaledObject", "scaledobjects", true, SERVED, NEVER, conditions, PLAIN, CONTENT) \
    KIND(EXTERNAL_SECRET, "externalsecret_external-secrets_io", "external-secrets.io", "v1", "ExternalSecret", "externalsecrets", true, SERVED, NEVER, external_secret, PLAIN, CONTENT) \
    KIND(SECRET_STORE, "secretstore_external-secrets_io", "external-secrets.io", "v1", "SecretStore", "secretstores", true, NEVER, NEVER, external_secret, PLAIN, CONTENT) \
    KIND(GIT_REPOSITORY, "gitrepository_source_toolkit_fluxcd_io", "source.toolkit.fluxcd.io", "v1", "GitRepository", "gitrepositories", true, SERVED, SERVED, flux, SOURCE, ANCHOR) \
    KIND(KUSTOMIZATION, "kustomization_kustomize_toolkit_fluxcd_io", "kustomize.toolkit.fluxcd.io", "v1", "Kustomization", "kustomizations", true, SERVED, SERVED, flux, APPLIER, ANCHOR) \
    KIND(HELM_RELEASE, "helmrelease_helm_toolkit_fluxcd_io", "helm.toolkit.fluxcd.io", "v2", "HelmRelease", "helmreleases", true, SERVED, SERVED, flux, PLAIN, CONTENT) \
    KIND(PROVIDER, "provider_notification_toolkit_fluxcd_io", "notification.toolkit.fluxcd.io", "v1beta3", "Provider", "providers", true, NEVER, NEVER, conditions, PLAIN, CONTENT) \
    KIND(ALERT, "alert_notification_toolkit_fluxcd_io", "notification.toolkit.fluxcd.io", "v1beta3", "Alert", "alerts", true, NEVER, NEVER, conditions, PLAIN, CONTENT) \
    KIND(HTTP_ROUTE, "httproute_gateway_networking_k8s_io", "gateway.networking.k8s.io", "v1", "HTTPRoute", "httproutes", true, SERVED, NEVER, conditions, PLAIN, LIVING) \
    KIND(SOVEREIGN, "sovereign_catalyst_openova_io", CAT_GROUP, "v1alpha1", "Sovereign", "sovereigns", false, NEVER, NEVER, catalyst, PLAIN, CONTENT) \
    KIND(ORGANIZATION, "organization_catalyst_openova_io", CAT_GROUP, "v1alpha1", "Organization", "organizations", false, NEVER, NEVER, catalyst, PLAIN, CONTENT) \
    KIND(ENVIRONMENT, "environment_catalyst_openova_io", CAT_GROUP, "v1alpha1", "Environment", "environments", true, NEVER, NEVER, catalyst, PLAIN, CONTENT) \
    KIND(APPLICATION, "application_catalyst_openova_io", CAT_GROUP, "v1alpha1", "Application", "applications", true, NEVER, ALWAYS, catalyst, BRANCH, ANCHOR) \
    KIND(BLUEPRINT, "blueprint_catalyst_openova_io", CAT_GROUP, "v1alpha1", "Blueprint", "blueprints", false, NEVER, NEVER, catalyst, PLAIN, CONTENT) \
    KIND(ENVIRONMENT_POLICY, "environmentpolicy_catalyst_openova_io", CAT_GROUP, "v1alpha1", "EnvironmentPolicy", "environmentpolicies", true, NEVER, NEVER, catalyst, PLAIN, CONTENT) \
    KIND(SECRET_POLICY, "secretpolicy_catalyst_openova_io", CAT_GROUP, "v1alpha1", "SecretPolicy", "secretpolicies", true, NEVER, NEVER, catalyst, PLAIN, CONTENT) \
    KIND(RUNBOOK, "runbook_catalyst_openova_io", CAT_GROUP, "v1alpha1", "Runbook", "runbooks", true, NEVER, NEVER, catalyst, PLAIN, CONTENT) \
    KIND(ROW_REPOSITORY, "repository", NULL, NULL, NULL, NULL, false, NEVER, NEVER, conditions, NONE, NONE) \
    KIND(ROW_ENVIRONMENT, "environment", NULL, NULL, NULL, NULL, false, NEVER, NEVER, conditions, PLAIN, LIVING) \
    KIND(ROW_APPLICATION, "application", NULL, NULL, NULL, NULL, false, NEVER, NEVER, conditions, PLAIN, CONTENT) \
    KIND(ROW_ORGANIZATION, "organization", NULL, NULL, NULL, NULL, false, NEVER, NEVER, conditions, PLAIN, CONTENT) \
    KIND(ROW_OPERATION, "operation", NULL, NULL, NULL, NULL, false, NEVER, NEVER, conditions, PLAIN, CONTENT)
/* clang-format on */

#define CAT_KIND_CONSTANT(constant, ...) CAT_KIND_##constant,
typedef enum { CAT_KIND_OTHER, CAT_KINDS(CAT_KIND_CONSTANT) CAT_KIND_COUNT } cat_kind;
#undef CAT_KIND_CONSTANT

struct status_subject;
typedef void (*cat_status_rule)(const struct status_subject *subject, cat_object_status *out);

typedef struct {
    const char *token;
    cat_resource resource; /* `kind` NULL: rows that are no object's */
    cat_watch vcluster, management;
    cat_status_rule rule;
    cat_kind_voice voice;
    cat_kind_part part;
} cat_kind_row;

/* Of CAT_KIND_OTHER: what holds for a kind without a row; its token is "". */
const cat_kind_row *cat_kind_get(cat_kind kind);
cat_kind cat_kind_of_token(cat_slice token);
bool cat_kind_is(const char *token, cat_kind kind);
/* Of the keys of rows: is it one of this kind, and what a watcher of all of them asks for. */
bool cat_kind_has_key(cat_kind kind, const char *key);
void cat_kind_filter(cat_kind kind, char filter[CAT_KEY_MAX]);
/* The rule of the kind, else that of its group, else what its conditions say. */
cat_status_rule cat_kind_rule(const char *group, const char *kind);
/* NULL when unknown; `group` NULL is "". */
const cat_resource *cat_resource_find(const char *group, const char *kind);

#endif
