#include "core/plan_immutable.h"

#include <string.h>

#include "base/memory.h"
#include "wire/kubernetes.h"

#define MAX_TOLD 20
#define FORCE "kustomize.toolkit.fluxcd.io/force"

typedef enum {
    FIXED,        /* cannot change, come or go */
    FIXED_IF_SET, /* the cluster keeps or fills in what is not said */
    FIXED_BY_FLAG /* only while `immutable: true` stands in the object that is there */
} rule_kind;

/* By group and kind, as Kubernetes 1.31 to 1.34 validates updates: pkg/apis/{group}/validation/validation.go,
 * ValidateStatefulSetUpdate, ValidateDeploymentUpdate, ValidateJobSpecUpdate, ValidatePersistentVolumeClaimUpdate,
 * ValidateServiceUpdate, ValidateSecretUpdate, ValidateConfigMapUpdate, ValidateRoleBindingUpdate, ValidatePriorityClassUpdate,
 * ValidateStorageClassUpdate, ValidateIngressClassUpdate, ValidateEndpointSliceUpdate. A StatefulSet takes changes of replicas,
 * ordinals, template, updateStrategy, persistentVolumeClaimRetentionPolicy, minReadySeconds and revisionHistoryLimit alone. */
static const struct {
    const char *group, *kind, *field;
    rule_kind rule;
} RULES[] = {{"apps", "StatefulSet", "spec.serviceName", FIXED},
             {"apps", "StatefulSet", "spec.selector", FIXED},
             {"apps", "StatefulSet", "spec.volumeClaimTemplates", FIXED},
             {"apps", "StatefulSet", "spec.podManagementPolicy", FIXED},
             {"apps", "Deployment", "spec.selector", FIXED},
             {"apps", "ReplicaSet", "spec.selector", FIXED},
             {"apps", "DaemonSet", "spec.selector", FIXED},
             {"batch", "Job", "spec.template", FIXED},
             {"batch", "Job", "spec.selector", FIXED_IF_SET},
             {"batch", "Job", "spec.completions", FIXED},
             {"batch", "Job", "spec.completionMode", FIXED},
             {"batch", "Job", "spec.podFailurePolicy", FIXED},
             {"batch", "Job", "spec.backoffLimitPerIndex", FIXED},
             {"batch", "Job", "spec.managedBy", FIXED},
             {"", "PersistentVolumeClaim", "spec.accessModes", FIXED},
             {"", "PersistentVolumeClaim", "spec.storageClassName", FIXED_IF_SET},
             {"", "PersistentVolumeClaim", "spec.volumeName", FIXED_IF_SET},
             {"", "PersistentVolumeClaim", "spec.volumeMode", FIXED_IF_SET},
             {"", "PersistentVolumeClaim", "spec.selector", FIXED},
             {"", "PersistentVolumeClaim", "spec.dataSource", FIXED},
             {"", "PersistentVolumeClaim", "spec.dataSourceRef", FIXED_IF_SET},
             {"", "Service", "spec.clusterIP", FIXED_IF_SET},
             {"", "Service", "spec.clusterIPs", FIXED_IF_SET},
             {"", "Secret", "type", FIXED},
             {"", "Secret", "immutable", FIXED_BY_FLAG},
             {"", "Secret", "data", FIXED_BY_FLAG},
             {"", "Secret", "stringData", FIXED_BY_FLAG},
             {"", "ConfigMap", "immutable", FIXED_BY_FLAG},
             {"", "ConfigMap", "data", FIXED_BY_FLAG},
             {"", "ConfigMap", "binaryData", FIXED_BY_FLAG},
             {"rbac.authorization.k8s.io", "RoleBinding", "roleRef", FIXED},
             {"rbac.authorization.k8s.io", "ClusterRoleBinding", "roleRef", FIXED},
             {"scheduling.k8s.io", "PriorityClass", "value", FIXED},
             {"scheduling.k8s.io", "PriorityClass", "preemptionPolicy", FIXED_IF_SET},
             {"storage.k8s.io", "StorageClass", "provisioner", FIXED},
             {"storage.k8s.io", "StorageClass", "parameters", FIXED},
             {"storage.k8s.io", "StorageClass", "reclaimPolicy", FIXED_IF_SET},
             {"storage.k8s.io", "StorageClass", "volumeBindingMode", FIXED_IF_SET},
             {"networking.k8s.io", "IngressClass", "spec.controller", FIXED},
             {"discovery.k8s.io", "EndpointSlice", "addressType", FIXED},
             {"apiextensions.k8s.io", "CustomResourceDefinition", "spec.scope", FIXED}};

typedef struct {
    const json_t *changes;
    const char *where;
    json_t *complaints;
} judging;

/* --- which object was which --- */

static cat_slice group_of(const json_t *object)
{
    const char *version = cat_json_text_or(object, "apiVersion", ""), *slash = strchr(version, '/');
    return (cat_slice){version, slash ? (size_t)(slash - version) : 0};
}

static bool is_of(const json_t *object, const char *group, const char *kind)
{
    cat_slice own = group_of(object);
    return own.length == strlen(group) && strncmp(own.data, group, own.length) == 0 &&
           cat_text_equal(cat_json_text(object, "kind"), kind);
}

static bool is_same(const json_t *one, const json_t *other)
{
    cat_slice group = group_of(one), others = group_of(other);
    return group.length == others.length && strncmp(group.data, others.data, group.length) == 0 &&
           cat_text_equal(cat_json_text(one, "kind"), cat_json_text(other, "kind")) &&
           cat_text_equal(cat_json_text(one, "metadata.name"), cat_json_text(other, "metadata.name")) &&
           cat_text_equal(cat_json_text_or(one, "metadata.namespace", ""), cat_json_text_or(other, "metadata.namespace", ""));
}

static const json_t *find(const json_t *objects, const json_t *wanted)
{
    size_t index;
    json_t *object;
    json_array_foreach((json_t *)objects, index, object)
    {
        if (is_same(object, wanted))
            return object;
    }
    return NULL;
}

/* --- which field of the request did it --- */

static bool stands_in(const json_t *value, const json_t *wanted)
{
    const char *name;
    size_t index;
    json_t *item;
    if (json_equal(value, wanted))
        return true;
    json_object_foreach((json_t *)value, name, item) if (stands_in(item, wanted)) return true;
    json_array_foreach((json_t *)value, index, item) if (stands_in(item, wanted)) return true;
    return false;
}

const char *prv_pointer_of_change(const json_t *changes, const json_t *value)
{
    if (json_array_size(changes) == 1)
        return cat_json_text_or(changes, "0.pointer", "/config");
    const char *found = NULL;
    size_t index;
    json_t *change;
    json_array_foreach((json_t *)changes, index, change)
    {
        const json_t *wanted = json_object_get(change, "value");
        if (!wanted || !stands_in(value, wanted))
            continue;
        if (found)
            return "/config";
        found = cat_json_text(change, "pointer");
    }
    return found ? found : "/config";
}

static void complain(const judging *judge, const json_t *value, char *message_taken)
{
    cat_autofree char *message = message_taken;
    if (json_array_size(judge->complaints) < MAX_TOLD)
        json_array_append_new(judge->complaints,
                              cat_json_object("pointer", json_string(prv_pointer_of_change(judge->changes, value)), "message",
                                              json_string(message), NULL));
}

/* --- rules --- */

static char *shown(const json_t *value)
{
    if (json_is_string(value))
        return cat_printf("%.60s", json_string_value(value));
    cat_autofree char *text = value ? cat_json_format(value) : cat_strdup("nothing");
    return strlen(text) <= 60 ? cat_take(text) : cat_strdup("another value");
}

static bool breaks(rule_kind rule, const json_t *before, const json_t *was, const json_t *is)
{
    if (was == is || (was && is && json_equal(was, is)))
        return false;
    if (rule == FIXED_IF_SET)
        return is != NULL;
    return rule == FIXED || cat_json_bool_or(before, "immutable", false);
}

static void judge_fields(const judging *judge, const json_t *before, const json_t *after)
{
    for (size_t i = 0; i < sizeof RULES / sizeof *RULES; i++) {
        if (!is_of(after, RULES[i].group, RULES[i].kind))
            continue;
        const json_t *was = cat_json_get(before, RULES[i].field), *is = cat_json_get(after, RULES[i].field);
        if (!breaks(RULES[i].rule, before, was, is))
            continue;
        cat_autofree char *old = shown(was), *now = shown(is);
        bool secret = strcmp(RULES[i].kind, "Secret") == 0; /* its values are nobody's to read here */
        complain(
            judge, is,
            cat_printf("%s: the cluster does not let %s of %s %.100s be changed%s%s%s%s%s once it is there. Keep it as it is, "
                       "or install the Application anew under another name",
                       judge->where, RULES[i].field, RULES[i].kind, cat_json_text_or(after, "metadata.name", "?"),
                       secret ? "" : " (from ", secret ? "" : old, secret ? "" : " to ", secret ? "" : now, secret ? "" : ")"));
    }
}

/* Made anew, so that every field may change. */
static bool is_forced(const json_t *object)
{
    const char *force = cat_object_annotation(object, FORCE);
    return force && (strcmp(force, "enabled") == 0 || strcmp(force, "Enabled") == 0);
}

/* A claim may ask for more and never for less (ValidatePersistentVolumeClaimUpdate). */
const char *prv_volume_before(const json_t *before, const json_t *claim)
{
    return is_forced(claim) ? NULL : cat_json_text(find(before, claim), "spec.resources.requests.storage");
}

void prv_plan_immutable(const json_t *before, const json_t *after, const json_t *changes, const char *where, json_t *complaints)
{
    judging judge = {changes, where, complaints};
    size_t index;
    json_t *object;
    json_array_foreach((json_t *)after, index, object)
    {
        const json_t *was = find(before, object);
        if (was && !is_forced(object))
            judge_fields(&judge, was, object);
    }
}
