/* REST of the catalog: docs/architecture.md, proto/openapi/catalog-svc.yaml. */
#ifndef CTG_ROUTES_H
#define CTG_ROUTES_H

#include "store.h"
#include "svc/identity.h"
#include "svc/openapi.h"

typedef struct {
    cat_identity *identity; /* first: cat_identity_guard */
    ctg_store *store;
} ctg_routes_context;

extern const cat_route ctg_routes[];
extern const cat_api ctg_api;

#endif
