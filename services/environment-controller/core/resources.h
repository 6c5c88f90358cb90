/* The kinds that this service speaks of. Static data. */
#ifndef EC_RESOURCES_H
#define EC_RESOURCES_H

#include "wire/kubernetes.h"

/* By kind alone: no two that we use share it. NULL when unknown. */
const cat_resource *ec_resource(const char *kind);

#endif
