/* REST of billing: docs/architecture.md, proto/openapi/billing.yaml. */
#ifndef BIL_ROUTES_H
#define BIL_ROUTES_H

#include "meters.h"
#include "store.h"
#include "svc/identity.h"
#include "svc/openapi.h"

typedef struct {
    cat_identity *identity; /* first: cat_identity_guard */
    cat_spine *spine;
    bil_store *store;
} bil_routes_context;

extern const cat_route bil_routes[];
extern const cat_api bil_api;

#endif
