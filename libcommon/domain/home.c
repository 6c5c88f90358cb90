#include "domain/home.h"

#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "domain/cluster_scope.h"
#include "wire/kubernetes.h"

const cat_home_kind CAT_HOME_KINDS[] = {
    {"", "ConfigMap", "configmaps"},
    {"", "PersistentVolumeClaim", "persistentvolumeclaims"},
    {"", "Pod", "pods"},
    {"", "PodTemplate", "podtemplates"},
    {"", "ReplicationController", "replicationcontrollers"},
    {"", "Secret", "secrets"},
    {"", "Service", "services"},
    {"", "ServiceAccount", "serviceaccounts"},
    {"apps", "DaemonSet", "daemonsets"},
    {"apps", "Deployment", "deployments"},
    {"apps", "ReplicaSet", "replicasets"},
    {"apps", "StatefulSet", "statefulsets"},
    {"autoscaling", "HorizontalPodAutoscaler", "horizontalpodautoscalers"},
    {"batch", "CronJob", "cronjobs"},
    {"batch", "Job", "jobs"},
    {"cert-manager.io", "Certificate", "certificates"},
    {"cert-manager.io", "Issuer", "issuers"},
    {"coordination.k8s.io", "Lease", "leases"},
    {"external-secrets.io", "ExternalSecret", "externalsecrets"},
    {"gateway.networking.k8s.io", "GRPCRoute", "grpcroutes"},
    {"gateway.networking.k8s.io", "HTTPRoute", "httproutes"},
    {"keda.sh", "ScaledJob", "scaledjobs"},
    {"keda.sh", "ScaledObject", "scaledobjects"},
    {"keda.sh", "TriggerAuthentication", "triggerauthentications"},
    {"monitoring.coreos.com", "PodMonitor", "podmonitors"},
    {"monitoring.coreos.com", "PrometheusRule", "prometheusrules"},
    {"monitoring.coreos.com", "ServiceMonitor", "servicemonitors"},
    {"networking.k8s.io", "Ingress", "ingresses"},
    /* It says who reaches this Application's own pods, and nothing of anybody else's; Catalyst's own stays as it is. */
    {"networking.k8s.io", "NetworkPolicy", "networkpolicies"},
    {"policy", "PodDisruptionBudget", "poddisruptionbudgets"},
    {"rbac.authorization.k8s.io", "Role", "roles"},
    {"rbac.authorization.k8s.io", "RoleBinding", "rolebindings"},
    {"snapshot.storage.k8s.io", "VolumeSnapshot", "volumesnapshots"},
    {NULL, NULL, NULL},
};

/* What people try most, with a reason of its own. Groups: "*." stands for anything below, and for nothing. The first that fits
 * counts. */
static const struct {
    const char *group, *kind, *why;
} REFUSALS[] = {
    {"", "Namespace", "its namespace is made and kept by Catalyst"},
    {"", "ResourceQuota", "quotas are the Organization's"},
    {"", "LimitRange", "limits are the Organization's"},
    {"", "Endpoints", "it could send others' traffic anywhere; a Service with a selector is enough"},
    {"discovery.k8s.io", NULL, "it could send others' traffic anywhere; a Service with a selector is enough"},
    {"*.fluxcd.io", NULL, "Flux is Catalyst's"},
    {"*.controlplane.io", NULL, "Flux is Catalyst's"},
    {"external-secrets.io", NULL, "of External Secrets it may bring ExternalSecrets alone, which read from SecretStore catalyst"},
    {"*.external-secrets.io", NULL,
     "of External Secrets it may bring ExternalSecrets alone, which read from SecretStore catalyst"},
    {"rbac.authorization.k8s.io", NULL, "its rights end at its own namespace; a Role and a RoleBinding are enough there"},
    {"admissionregistration.k8s.io", NULL, "what a cluster admits is Catalyst's to say"},
    {"apiextensions.k8s.io", NULL, "definitions belong to a whole cluster"},
    {"apiregistration.k8s.io", NULL, "definitions belong to a whole cluster"},
    {CAT_GROUP, NULL, "Catalyst's own objects stand in system/catalyst-config"},
    {"*.crossplane.io", NULL, "of Crossplane it may bring claims alone"},
    {"kyverno.io", NULL, "what a cluster admits is Catalyst's to say"},
    {"*.kyverno.io", NULL, "what a cluster admits is Catalyst's to say"},
    {"*.gatekeeper.sh", NULL, "what a cluster admits is Catalyst's to say"},
};

static bool group_fits(const char *pattern, const char *group)
{
    return strcmp(*pattern == '*' ? pattern + 2 : pattern, group) == 0 ||
           (*pattern == '*' && cat_text_ends_with(group, pattern + 1));
}

static bool may_bring(const char *group, const char *kind)
{
    for (const cat_home_kind *known = CAT_HOME_KINDS; known->kind; known++)
        if (strcmp(known->group, group) == 0 && strcmp(known->kind, kind) == 0)
            return true;
    return false;
}

/* Kubernetes' own groups have no dot, or are below k8s.io. */
static bool is_built_in(const char *group)
{
    return !strchr(group, '.') || group_fits("*.k8s.io", group);
}

static bool is_in_table(const char *group)
{
    for (const cat_home_kind *known = CAT_HOME_KINDS; known->kind; known++)
        if (strcmp(known->group, group) == 0)
            return true;
    return false;
}

bool cat_home_is_closed_group(const char *group)
{
    for (size_t i = 0; i < sizeof REFUSALS / sizeof *REFUSALS; i++)
        if (!REFUSALS[i].kind && group_fits(REFUSALS[i].group, group))
            return true;
    return is_built_in(group) || is_in_table(group);
}

const char *cat_home_refusal(const char *group, const char *kind)
{
    if (may_bring(group, kind))
        return NULL;
    for (size_t i = 0; i < sizeof REFUSALS / sizeof *REFUSALS; i++)
        if (group_fits(REFUSALS[i].group, group) && (!REFUSALS[i].kind || strcmp(REFUSALS[i].kind, kind) == 0))
            return REFUSALS[i].why;
    return cat_home_is_closed_group(group) ? "it may bring workloads and what belongs to them in its own namespace alone" : NULL;
}

static cat_home_verdict say(char sentence[CAT_HOME_SENTENCE_MAX], cat_home_verdict verdict, const char *kind, const char *name,
                            const char *what, const char *next)
{
    snprintf(sentence, CAT_HOME_SENTENCE_MAX, "%.80s %.200s: %s. %s", *kind ? kind : "an object", *name ? name : "without a name",
             what, next);
    return verdict;
}

static cat_home_verdict judge_list(const json_t *items, const char *namespace, const json_t *scope,
                                   char sentence[CAT_HOME_SENTENCE_MAX])
{
    cat_home_verdict worst = CAT_HOME_TAKEN;
    char said[CAT_HOME_SENTENCE_MAX];
    size_t index;
    json_t *item;
    json_array_foreach((json_t *)items, index, item)
    {
        /* A List in a List is nothing that anybody needs: it is judged as a kind that is not there. */
        bool nested =
            json_is_array(json_object_get(item, "items")) && cat_text_ends_with(cat_json_text_or(item, "kind", ""), "List");
        cat_home_verdict verdict =
            nested ? say(said, CAT_HOME_REFUSED, "List", "", "a List holds objects, not Lists", "Take it apart")
                   : cat_home_judge(item, namespace, scope, said);
        if (verdict > worst)
            memcpy(sentence, said, sizeof said);
        worst = verdict > worst ? verdict : worst;
    }
    return worst;
}

/* An object of a whole cluster, of a kind that can be granted. */
static cat_home_verdict judge_granted(const json_t *object, const char *group, const char *kind, const char *namespace,
                                      const json_t *scope, char sentence[CAT_HOME_SENTENCE_MAX])
{
    char what[512];
    const char *name = cat_object_name(object);
    name = name ? name : "";
    if (!cat_cluster_scope_has(scope, group, kind, name)) {
        snprintf(what, sizeof what, "an Application may not bring a %.80s, as %s", kind, cat_home_refusal(group, kind));
        return say(sentence, CAT_HOME_REFUSED, kind, name, what,
                   "Take it out, or let its Blueprint's clusterScope name it, which has to be granted");
    }
    if (cat_cluster_scope_content_refused(object, namespace, what, sizeof what) ||
        cat_home_content_refused(object, group, kind, namespace, what, sizeof what))
        return say(sentence, CAT_HOME_REFUSED, kind, name, what, "Correct it, or take it out");
    return CAT_HOME_TAKEN;
}

cat_home_verdict cat_home_judge(const json_t *object, const char *namespace, const json_t *scope,
                                char sentence[CAT_HOME_SENTENCE_MAX])
{
    char group[254], version[64], what[512];
    const char *kind = cat_json_text_or(object, "kind", ""), *name = cat_object_name(object), *own = cat_object_namespace(object);
    const json_t *items = json_object_get(object, "items");
    if (json_is_array(items) && cat_text_ends_with(kind, "List"))
        return judge_list(items, namespace, scope, sentence);
    name = name ? name : "";
    cat_api_version_split(cat_json_text_or(object, "apiVersion", ""), group, sizeof group, version, sizeof version);
    if (cat_cluster_scope_is_grantable(group, kind))
        return judge_granted(object, group, kind, namespace, scope, sentence);
    const char *refusal = cat_home_refusal(group, kind);
    if (refusal) {
        snprintf(what, sizeof what, "an Application may not bring a %.80s, as %s", kind, refusal);
        return say(sentence, CAT_HOME_REFUSED, kind, name, what, "Take it out");
    }
    if (namespace && own && *own && strcmp(own, namespace) != 0) {
        snprintf(what, sizeof what,
                 "it is to lie in namespace %.80s, and an Application is at home in its own alone, which is %.80s", own,
                 namespace);
        return say(sentence, CAT_HOME_REFUSED, kind, name, what, "Leave its namespace out");
    }
    if (cat_home_content_refused(object, group, kind, namespace, what, sizeof what))
        return say(sentence, CAT_HOME_REFUSED, kind, name, what, "Correct it, or take it out");
    if (may_bring(group, kind) || cat_cluster_scope_defines(scope, group))
        return CAT_HOME_TAKEN;
    snprintf(what, sizeof what, "%.80s of %.120s is taken only where Crossplane offers it as a claim", kind, group);
    return say(sentence, CAT_HOME_UNKNOWN, kind, name, what, "Elsewhere the cluster refuses it");
}

/* --- what Flux says --- */

/* Copies what stands between `from` and the next `end`; false when it is not there or too long. */
static bool between(const char *text, const char *from, const char *end, char *into, size_t size)
{
    const char *start = strstr(text, from);
    start = start ? start + strlen(from) : NULL;
    size_t length = start ? strcspn(start, end) : 0;
    if (!start || !length || length >= size)
        return false;
    memcpy(into, start, length);
    into[length] = '\0';
    return true;
}

/* Flux begins with "Kind/namespace/name dry-run failed" or "Kind/name …"; kinds and names hold no space. */
static void subject_of(const char *message, char kind[81], char name[254])
{
    kind[0] = name[0] = '\0';
    size_t length = strcspn(message, " ");
    char text[400];
    if (length >= sizeof text)
        return;
    memcpy(text, message, length);
    text[length] = '\0';
    char *first = strchr(text, '/'), *last = strrchr(text, '/');
    if (!first)
        return;
    *first = '\0';
    snprintf(kind, 81, "%.80s", text);
    snprintf(name, 254, "%.253s", last + 1);
}

/* The Role does not let the Application's account write it: for its kind, or for the place. */
static void explain_denied(const char *message, const char *kind, const char *name, const char *group,
                           char sentence[CAT_HOME_SENTENCE_MAX])
{
    char what[512], account[254], namespace[254];
    const char *refusal = cat_home_refusal(group, kind), *next = "Take it out of the repository, and commit";
    bool own = between(message, "User \"system:serviceaccount:" CAT_HOME_FLUX_NAMESPACE ":", "\"", account, sizeof account) &&
               between(message, "in the namespace \"", "\"", namespace, sizeof namespace) && strcmp(account, namespace) == 0;
    if (refusal) {
        snprintf(what, sizeof what, "an Application may not bring a %.80s, as %s", kind, refusal);
    } else if (!may_bring(group, kind)) {
        snprintf(what, sizeof what, "%.80s of %.120s is not among the kinds that an Application may bring", kind, group);
        next = "Take it out of the repository, and commit; or let its Blueprint's clusterScope define the kind, which has to be "
               "granted";
    } else if (own) {
        snprintf(what, sizeof what, "its Application may not write it yet");
        next = "It is tried again by itself; if that does not help, the Sovereign's people find why";
    } else {
        snprintf(what, sizeof what, "it is to lie outside the Application's namespace, where an Application may not write");
        next = "Leave its namespace out, and commit";
    }
    say(sentence, CAT_HOME_REFUSED, kind, name, what, next);
}

bool cat_home_explain(const char *message, char sentence[CAT_HOME_SENTENCE_MAX])
{
    char kind[81], name[254], group[254], what[512];
    subject_of(message, kind, name);
    const char *denied = strstr(message, "ValidatingAdmissionPolicy 'catalyst-");
    if (denied && between(denied, "denied request: ", "\n", what, sizeof what)) {
        say(sentence, CAT_HOME_REFUSED, kind, name, what, "Correct it in the repository, or take it out, and commit");
        return true;
    }
    if (strstr(message, "violates PodSecurity")) {
        say(sentence, CAT_HOME_REFUSED, kind, name, "its pods ask for more of the machine than an Application may have",
            "Correct it in the repository, and commit");
        return true;
    }
    if (strstr(message, "attempting to grant RBAC permissions not currently held")) {
        say(sentence, CAT_HOME_REFUSED, kind, name, "it gives rights that the Application does not have itself",
            "Take these rights out of it, and commit");
        return true;
    }
    if (strstr(message, "privileges to use an aggregationRule")) {
        say(sentence, CAT_HOME_REFUSED, kind, name, "it gathers the rights of other ClusterRoles (aggregationRule)",
            "List its rights in it, and commit");
        return true;
    }
    if (strstr(message, "error looking up service account") && between(message, "serviceaccount \"", "\"", group, sizeof group)) {
        snprintf(what, sizeof what, "its pods are to run as ServiceAccount %.200s, which is not there", group);
        say(sentence, CAT_HOME_REFUSED, kind, name, what, "Bring this ServiceAccount, or name another, and commit");
        return true;
    }
    if (!strstr(message, "User \"system:serviceaccount:" CAT_HOME_FLUX_NAMESPACE ":"))
        return false;
    if (!between(message, "in API group \"", "\"", group, sizeof group))
        group[0] = '\0';
    explain_denied(message, kind, name, group, sentence);
    return true;
}
