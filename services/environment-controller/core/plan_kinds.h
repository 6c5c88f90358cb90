/* Which kinds an informer watches beyond those that every cluster has: where a definition is served, and the claims that
 * Crossplane's definitions (XRDs) offer. Pure. */
#ifndef EC_PLAN_KINDS_H
#define EC_PLAN_KINDS_H

#include "wire/kubernetes.h"

/* A kind that an XRD offers: what its claims are called. */
typedef struct {
    char group[254], version[64], kind[64], plural[64];
} ec_claim;
/* Claims of an XRD, in the version that Crossplane refers to, else the first that is served. false: it offers none. */
bool ec_claim_of(cat_view definition, ec_claim *claim);

typedef struct {
    bool watched;
    bool wanted; /* by the table of kinds, or as an XRD offers claims of it */
    bool served; /* of one that is not watched: in the version that is wanted */
    bool failed; /* of one that is watched: its last list or watch said that there is no such kind */
    bool gone;   /* there are rows of it, or it is watched, and its CustomResourceDefinition is not there */
    bool moved;  /* an XRD offers it in another version than the one that is watched */
} ec_kind_state;
typedef enum {
    EC_KIND_KEEP,
    EC_KIND_START,
    EC_KIND_RENEW,  /* watched again, in the version that is wanted now */
    EC_KIND_END,    /* its objects went with its definition */
    EC_KIND_FORGET, /* it is not watched, and nobody wants it */
} ec_kind_next;
ec_kind_next ec_kind_decide(const ec_kind_state *state);

#endif
