/* What an informer says of an object: pure, from a view to an event's data. Any thread. */
#ifndef EC_INFORMER_EVENT_H
#define EC_INFORMER_EVENT_H

#include "wire/kubernetes.h"

#define EC_OBJECT_MAX_BYTES (256 * 1024)
#define EC_HASH_KEY_BYTES 32

typedef struct {
    const char *cluster; /* as in `clusters` of rows */
    int64_t epoch;
    const cat_resource *resource;
    const unsigned char *hash_key; /* of the Organization, for Secrets' values */
} ec_event_source;

/* Metadata that every view of an object has; text is lent from it, "" when absent. */
typedef struct {
    const char *namespace, *name, *uid, *resource_version;
} ec_identity_of;
ec_identity_of ec_event_identity(cat_view object);

/* `data` of k8s.object: the object without managedFields, a Secret's values hashed, `drift` when somebody changed what Flux
 * applied; above the maximum `cut: true` with metadata and status alone. The caller's. */
json_t *ec_event_object(const ec_event_source *source, cat_view object);
/* `data` of k8s.deleted. `resource_version` is the deletion's: of the event, or of the list that lacks the object. */
json_t *ec_event_deleted(const ec_event_source *source, const char *namespace, const char *name, const char *uid,
                         const char *resource_version);
/* `{cluster}/{epoch}/{uid}/{resourceVersion}[/deleted]`, the caller's. */
char *ec_event_id(const ec_event_source *source, const char *uid, const char *resource_version, bool deleted);

/* Objects that say nothing to people: Events of type Normal, every namespace's copy of the cluster's certificate, tokens that
 * Kubernetes makes. */
bool ec_event_is_noise(const cat_resource *resource, cat_view object);

/* Who changed an object that Flux applied, when the last change of its wish was by somebody else than Flux and no controller's.
 */
typedef struct {
    char manager[64], at[32]; /* at "" when Kubernetes does not say */
    uint32_t mark;            /* hash of both; 0: nobody did */
} ec_drift;
ec_drift ec_event_drift(cat_view object);

#endif
