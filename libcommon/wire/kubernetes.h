/* Kubernetes objects as JSON: metadata, labels, conditions, references. Pure; any thread. */
#ifndef CAT_WIRE_KUBERNETES_H
#define CAT_WIRE_KUBERNETES_H

#include "wire/json.h"

#define CAT_GROUP "catalyst.openova.io"
#define CAT_API_VERSION "catalyst.openova.io/v1alpha1"
#define CAT_LABEL_SOVEREIGN "openova.io/sovereign"
#define CAT_LABEL_ORGANIZATION "openova.io/organization"
#define CAT_LABEL_ENVIRONMENT "openova.io/environment"
#define CAT_LABEL_VCLUSTER "openova.io/vcluster"
#define CAT_LABEL_HOST_CLUSTER "openova.io/host-cluster"
#define CAT_LABEL_APPLICATION "openova.io/application"
#define CAT_LABEL_FLUX_NAME "kustomize.toolkit.fluxcd.io/name" /* kustomize-controller puts it on what it applies */
#define CAT_LABEL_BLUEPRINT "openova.io/blueprint"
#define CAT_LABEL_BLUEPRINT_VERSION "openova.io/blueprint-version"
/* On a Kustomization of Flux that is not given the branch's head, as that may not be built: why, as a sentence. "" is none. */
#define CAT_ANNOTATION_NOT_BUILT "openova.io/not-built"
/* On a PersistentVolumeClaim that Flux leaves as it is because it is larger than Git says: the commit that says so. */
#define CAT_ANNOTATION_LARGER "openova.io/larger-than-git"
/* On a GitRepository of Flux: which files of its `ref.commit` make up what is applied (domain/kustomization_reads.h). "" is not
 * known. */
#define CAT_ANNOTATION_READS "openova.io/reads"

/* What a kind is called in URLs; those that the project names are in domain/kinds.h. `group` "" is the core group. */
typedef struct {
    const char *group, *version, *kind, *plural;
    bool namespaced;
} cat_resource;

json_t *cat_object_make(const cat_resource *resource, const char *namespace,
                        const char *name); /* apiVersion, kind, metadata; the caller's */
const char *cat_object_name(const json_t *object);
const char *cat_object_namespace(const json_t *object); /* NULL for none */
const char *cat_object_uid(const json_t *object);
const char *cat_object_resource_version(const json_t *object);
const char *cat_object_label(const json_t *object, const char *label);
const char *cat_object_annotation(const json_t *object, const char *annotation);
void cat_object_set_label(json_t *object, const char *label, const char *value);
void cat_object_set_annotation(json_t *object, const char *annotation, const char *value);
bool cat_object_is_deleting(const json_t *object);
bool cat_object_has_finalizer(const json_t *object, const char *finalizer);
/* apiVersion split; "v1" gives group "". */
void cat_api_version_split(const char *api_version, char *group, size_t group_size, char *version, size_t version_size);
/* Compares resourceVersions as numbers; non-numbers compare as text. */
int cat_resource_version_compare(const char *a, const char *b);

/* Conditions, as in metav1.Condition. `status` is "True", "False" or "Unknown". lastTransitionTime moves only when status does.
 */
const char *cat_condition_status(const json_t *object, const char *type); /* from status.conditions; NULL when absent */
json_t *cat_condition_find(const json_t *object, const char *type);       /* lends */
void cat_condition_set(json_t *conditions_array, const char *type, const char *status, const char *reason, const char *message,
                       int64_t observed_generation, int64_t now_ms);
/* "250m" → 250, "1.5" → 1500; "64Mi" → bytes. false when it is no quantity. */
bool cat_quantity_milli(const char *text, int64_t *milli);
bool cat_quantity_bytes(const char *text, int64_t *bytes);
/* Whether the API server reads it as a quantity at all, however large, or odd ("+" is 0 to it). */
bool cat_quantity_is_valid(const char *text);

#endif
