/* The kinds that this service speaks of, and those that its informers watch. Static data. */
#ifndef EC_RESOURCES_H
#define EC_RESOURCES_H

#include "wire/kubernetes.h"

/* By kind alone: no two that we use share it. NULL when unknown. */
const cat_resource *ec_resource(const char *kind);

typedef struct {
    cat_resource resource;
    bool optional; /* watched only where it is served */
} ec_watched;
extern const ec_watched EC_WATCHED[];            /* in a vcluster; ends with a NULL kind */
extern const ec_watched EC_WATCHED_MANAGEMENT[]; /* in an Organization's namespace on the management cluster */

#endif
