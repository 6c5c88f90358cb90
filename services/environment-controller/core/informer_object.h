/* A Kubernetes object as an event tells it: written straight from what the watch sent. Pure. Any thread. */
#ifndef EC_INFORMER_OBJECT_H
#define EC_INFORMER_OBJECT_H

#include "wire/json_writer.h"
#include "wire/kubernetes.h"

#define EC_OBJECT_MAX_BYTES ((size_t)256 * 1024)
#define EC_HASH_KEY_BYTES 32

typedef struct {
    const char *cluster; /* as in `clusters` of rows */
    int64_t epoch;
    const cat_resource *resource;
    const unsigned char *hash_key; /* of the Organization, for Secrets' values */
} ec_event_source;

/* Ever less of it, as long as it does not fit. */
typedef enum {
    EC_OBJECT_WHOLE, /* all but managedFields, and a Secret's values as hashes */
    EC_OBJECT_STATE, /* metadata, status and what status needs of the spec */
    EC_OBJECT_LABELS, /* …and of metadata names and labels alone: annotations are the usual weight, and mean nothing to status but
                         for a few small ones */
    EC_OBJECT_NAMES, /* …and neither status nor spec: nobody can judge it by that */
} ec_object_part;
void ec_object_write(cat_string *out, const char *name, const ec_event_source *source, cat_view object, ec_object_part part);
/* It has something that a status could be judged by. */
bool ec_object_has_state(cat_view object);

#endif
