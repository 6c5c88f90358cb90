/* What an informer says of an object: pure, from a view to an event's data. Any thread. */
#ifndef EC_INFORMER_EVENT_H
#define EC_INFORMER_EVENT_H

#include "core/informer_fields.h"
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

/* `data` of k8s.object: the object without managedFields, a Secret's values hashed; above the maximum `cut: true` with metadata,
 * status and what status needs of the spec; where not even that fits, `tooLarge: true` with metadata's names alone. The caller's.
 */
json_t *ec_event_object(const ec_event_source *source, cat_view object);
/* `data` of k8s.deleted. `resource_version` is the deletion's: of the event, or of the list that lacks the object. */
json_t *ec_event_deleted(const ec_event_source *source, const char *namespace, const char *name, const char *uid,
                         const char *resource_version);
/* `{cluster}/{epoch}/{uid}/{resourceVersion}[/deleted]`, the caller's. */
char *ec_event_id(const ec_event_source *source, const char *uid, const char *resource_version, bool deleted);

/* Objects that say nothing to people: Events of type Normal, every namespace's copy of the cluster's certificate, tokens that
 * Kubernetes makes. */
bool ec_event_is_noise(const cat_resource *resource, cat_view object);

/* Adds `drift` where there is any. */
void ec_event_put_drift(json_t *data, const ec_drift *drift);
/* Adds `flux`, which the row keeps for an informer that starts again: when Flux applied, and the digest of what it owned. */
void ec_event_put_applied(json_t *data, const char *at, const char *digest);

/* An object that is gone as part of its life, and that nobody wants back before Flux's time: with its owner, a Job when its time
 * after the end was over, a Pod that had ended. */
bool ec_event_ended_by_itself(const cat_resource *resource, cat_view object, int64_t now_ms);

#endif
