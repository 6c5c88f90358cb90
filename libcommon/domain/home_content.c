/* Inside objects of kinds that an Application may bring: names and labels that are Catalyst's, ways out of the namespace, and
 * what Pod Security's level `baseline` keeps from pods. home_policy.c says the same to the cluster. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "domain/home.h"
#include "wire/kubernetes.h"

typedef struct {
    const json_t *object;
    const char *group, *kind, *name, *namespace;
    char *why;
    size_t size;
} content;

static bool wrong(const content *of, const char *format, const char *argument)
{
    snprintf(of->why, of->size, format, argument);
    return true;
}

static bool is_kind(const content *of, const char *group, const char *kind)
{
    return strcmp(of->group, group) == 0 && strcmp(of->kind, kind) == 0;
}

static bool is_ours(const char *name)
{
    size_t length = strlen(CAT_HOME_PREFIX);
    return strncmp(name, CAT_HOME_PREFIX, length) == 0 && (name[length] == '\0' || name[length] == '-');
}

static bool name_refused(const content *of)
{
    if (is_ours(of->name) || is_ours(cat_json_text_or(of->object, "metadata.generateName", "")))
        return wrong(of, "names that begin with %s are Catalyst's", CAT_HOME_PREFIX);
    if (is_kind(of, "networking.k8s.io", "NetworkPolicy") && strcmp(of->name, CAT_HOME_NETWORK_POLICY) == 0)
        return wrong(of, "NetworkPolicy %s is Catalyst's", CAT_HOME_NETWORK_POLICY);
    return false;
}

static bool is_our_label(const char *label)
{
    static const char domain[] = "openova.io/";
    const char *found = strstr(label, domain), *slash = strchr(label, '/');
    return found && found + sizeof domain - 2 == slash && (found == label || found[-1] == '.');
}

static bool labels_refused(const content *of, const json_t *labels)
{
    const char *label;
    json_t *value;
    json_object_foreach((json_t *)labels, label, value)
    {
        if (is_our_label(label))
            return wrong(of, "label %.200s is Catalyst's, which sets it itself", label);
    }
    return false;
}

/* What keeps an object from going away until somebody takes it off: nobody would. Those that Kubernetes itself takes off may be
 * written, as people commit what they read from a cluster. */
static bool finalizers_refused(const content *of)
{
    static const char *const OWN[] = {"kubernetes.io/pvc-protection", "foregroundDeletion", "orphan"};
    size_t index;
    json_t *finalizer;
    if (strchr(of->group, '.') && !cat_text_ends_with(of->group, ".k8s.io"))
        return false; /* operators work with those of their own kinds */
    json_array_foreach(cat_json_get(of->object, "metadata.finalizers"), index, finalizer)
    {
        const char *name = json_is_string(finalizer) ? json_string_value(finalizer) : "?";
        bool own = false;
        for (size_t i = 0; i < sizeof OWN / sizeof *OWN; i++)
            own = own || strcmp(OWN[i], name) == 0;
        if (!own)
            return wrong(of, "finalizer %.200s would keep it from ever being removed", name);
    }
    return false;
}

/* --- pods --- */

static bool port_refused(const content *of, const json_t *container)
{
    size_t index;
    json_t *port;
    json_array_foreach(json_object_get(container, "ports"), index, port)
    {
        if (cat_json_int_or(port, "hostPort", 0) != 0)
            return wrong(of, "%s: its pods may not listen on the machine's own ports", "hostPort");
    }
    return false;
}

static bool containers_refused(const content *of, const json_t *containers)
{
    size_t index;
    json_t *container;
    json_array_foreach((json_t *)containers, index, container)
    {
        if (cat_json_bool_or(container, "securityContext.privileged", false))
            return wrong(of, "%s: its pods may not have the machine's rights", "privileged");
        if (port_refused(of, container))
            return true;
    }
    return false;
}

static bool pod_refused(const content *of, const json_t *spec)
{
    static const char *const SHARED[] = {"hostNetwork", "hostPID", "hostIPC"};
    static const char *const LISTS[] = {"containers", "initContainers", "ephemeralContainers"};
    for (size_t i = 0; i < sizeof SHARED / sizeof *SHARED; i++)
        if (cat_json_bool_or(spec, SHARED[i], false))
            return wrong(of, "%s: its pods may not share what is the machine's", SHARED[i]);
    size_t index;
    json_t *volume;
    json_array_foreach(json_object_get(spec, "volumes"), index, volume)
    {
        if (json_object_get(volume, "hostPath"))
            return wrong(of, "%s: its pods may not read the machine's files", "hostPath");
    }
    const char *priority = cat_json_text_or(spec, "priorityClassName", "");
    if (strncmp(priority, "system-", 7) == 0)
        return wrong(of, "priorityClassName %.60s: its pods may not push the cluster's own aside", priority);
    for (size_t i = 0; i < sizeof LISTS / sizeof *LISTS; i++)
        if (containers_refused(of, json_object_get(spec, LISTS[i])))
            return true;
    return false;
}

/* Pods and what makes pods: their labels and what they ask for. */
static bool templates_refused(const content *of)
{
    static const char *const TEMPLATES[] = {"spec.template", "template", "spec.jobTemplate", "spec.jobTemplate.spec.template",
                                            "spec.jobTargetRef.template"};
    if (is_kind(of, "", "Pod"))
        return pod_refused(of, json_object_get(of->object, "spec"));
    for (size_t i = 0; i < sizeof TEMPLATES / sizeof *TEMPLATES; i++) {
        const json_t *template = cat_json_get(of->object, TEMPLATES[i]);
        if (labels_refused(of, cat_json_get(template, "metadata.labels")) || pod_refused(of, json_object_get(template, "spec")))
            return true;
    }
    size_t index;
    json_t *claim;
    json_array_foreach(cat_json_get(of->object, "spec.volumeClaimTemplates"), index, claim)
    {
        if (labels_refused(of, cat_json_get(claim, "metadata.labels")))
            return true;
    }
    return false;
}

/* --- ways out of the namespace --- */

static bool service_refused(const content *of)
{
    const char *type = cat_json_text_or(of->object, "spec.type", "ClusterIP");
    if (strcmp(type, "ClusterIP") != 0)
        return wrong(of, "a Service is of type ClusterIP, not %.40s: what comes from outside comes through an Ingress or a route",
                     type);
    if (json_array_size(cat_json_get(of->object, "spec.externalIPs")))
        return wrong(of, "%s would take others' traffic", "externalIPs");
    return false;
}

static bool secret_refused(const content *of)
{
    const char *type = cat_json_text_or(of->object, "type", "");
    if (strcmp(type, "kubernetes.io/service-account-token") == 0 || strcmp(type, "bootstrap.kubernetes.io/token") == 0)
        return wrong(of, "a Secret of type %.60s is a credential that never ends; pods are given tokens of their ServiceAccount",
                     type);
    return false;
}

static bool binding_refused(const content *of)
{
    if (strcmp(cat_json_text_or(of->object, "roleRef.kind", ""), "Role") != 0)
        return wrong(of, "a RoleBinding binds a Role of its own namespace, not a %.40s",
                     cat_json_text_or(of->object, "roleRef.kind", "kind that is not named"));
    size_t index;
    json_t *subject;
    json_array_foreach(json_object_get(of->object, "subjects"), index, subject)
    {
        const char *kind = cat_json_text_or(subject, "kind", "subject without a kind"), *in = cat_json_text(subject, "namespace");
        if (strcmp(kind, "ServiceAccount") != 0)
            return wrong(of, "a RoleBinding gives rights to ServiceAccounts of its own namespace, not to a %.40s", kind);
        if (of->namespace && in && strcmp(in, of->namespace) != 0)
            return wrong(of, "a RoleBinding gives rights to ServiceAccounts of its own namespace, not of %.80s", in);
    }
    return false;
}

static bool sources_refused(const content *of, const json_t *list)
{
    size_t index;
    json_t *item;
    json_array_foreach((json_t *)list, index, item)
    {
        if (json_object_get(item, "sourceRef"))
            return wrong(of, "%s: an ExternalSecret reads from SecretStore " CAT_HOME_SECRET_STORE " alone", "sourceRef");
    }
    return false;
}

/* External Secrets writes what this asks for with rights of its own. */
static bool external_secret_refused(const content *of)
{
    const json_t *spec = json_object_get(of->object, "spec"), *store = json_object_get(spec, "secretStoreRef"),
                 *target = json_object_get(spec, "target");
    if (store && (strcmp(cat_json_text_or(store, "name", ""), CAT_HOME_SECRET_STORE) != 0 ||
                  strcmp(cat_json_text_or(store, "kind", "SecretStore"), "SecretStore") != 0))
        return wrong(of, "an ExternalSecret reads from SecretStore " CAT_HOME_SECRET_STORE " alone, not from %.80s",
                     cat_json_text_or(store, "name", "another"));
    if (sources_refused(of, json_object_get(spec, "data")) || sources_refused(of, json_object_get(spec, "dataFrom")))
        return true;
    if (is_ours(cat_json_text_or(target, "name", "")))
        return wrong(of, "Secrets whose names begin with %s are Catalyst's", CAT_HOME_PREFIX);
    if (json_object_get(target, "manifest"))
        return wrong(of, "%s: an ExternalSecret makes a Secret, and nothing else", "target.manifest");
    if (strcmp(cat_json_text_or(target, "template.type", ""), "kubernetes.io/service-account-token") == 0)
        return wrong(of, "%s: a Secret of that type is a credential that never ends", "target.template.type");
    return labels_refused(of, cat_json_get(target, "template.metadata.labels"));
}

bool cat_home_content_refused(const json_t *object, const char *group, const char *kind, const char *namespace, char *why,
                              size_t size)
{
    const char *name = cat_object_name(object);
    const content of = {object, group, kind, name ? name : "", namespace, why, size};
    if (name_refused(&of) || labels_refused(&of, cat_json_get(object, "metadata.labels")) || finalizers_refused(&of) ||
        templates_refused(&of))
        return true;
    if (is_kind(&of, "", "Service"))
        return service_refused(&of);
    if (is_kind(&of, "", "Secret"))
        return secret_refused(&of);
    if (is_kind(&of, "rbac.authorization.k8s.io", "RoleBinding"))
        return binding_refused(&of);
    if (is_kind(&of, "external-secrets.io", "ExternalSecret"))
        return external_secret_refused(&of);
    if (strcmp(group, "monitoring.coreos.com") == 0 && cat_json_get(object, "spec.namespaceSelector"))
        return wrong(&of, "%s: it watches its own namespace, which it does without", "namespaceSelector");
    return false;
}
