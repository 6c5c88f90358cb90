/* What an informer says of an object: pure, from a view to an event's data. Any thread. */
#ifndef EC_INFORMER_EVENT_H
#define EC_INFORMER_EVENT_H

#include "core/informer_fields.h"
#include "core/informer_object.h"

/* Metadata that every view of an object has; text is lent from it, "" when absent. */
typedef struct {
    const char *namespace, *name, *uid, *resource_version;
} ec_identity_of;
ec_identity_of ec_event_identity(cat_view object);

/* What is known of Flux and the object: `drift` where somebody changed what it applied, and `flux` with when it applied (NULL: it
 * did not) and the digest of what it owned, which the row keeps for an informer that starts again. */
typedef struct {
    const ec_drift *drift;
    const char *at, *digest;
} ec_event_flux;

/* An event's data fits below this, or what remains of the object after all cuts is too much for any event. */
#define EC_EVENT_DATA_MAX_BYTES ((size_t)512 * 1024)
/* `data` of k8s.object as text: the object without managedFields, a Secret's values hashed; above the maximum `cut: true` with
 * metadata, status and what status needs of the spec; where not even that fits, `tooLarge: true` with metadata's names alone.
 * `out` is empty. */
void ec_event_write_object(cat_string *out, const ec_event_source *source, cat_view object, const ec_event_flux *flux);
/* `data` of k8s.deleted. The resourceVersion is the deletion's: of the event, or of the list that lacks the object. */
void ec_event_write_deleted(cat_string *out, const ec_event_source *source, const ec_identity_of *of);
/* `{cluster}/{epoch}/{uid}/{resourceVersion}[/deleted]`, the caller's. */
char *ec_event_id(const ec_event_source *source, const char *uid, const char *resource_version, bool deleted);

/* Objects that say nothing to people: Events of type Normal, every namespace's copy of the cluster's certificate, tokens that
 * Kubernetes makes. */
bool ec_event_is_noise(const cat_resource *resource, cat_view object);

/* An object that is gone as part of its life, and that nobody wants back before Flux's time: with its owner, a Job when its time
 * after the end was over, a Pod that had ended. */
bool ec_event_ended_by_itself(const cat_resource *resource, cat_view object, int64_t now_ms);

#endif
