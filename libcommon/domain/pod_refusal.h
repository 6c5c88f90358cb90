/* Why a Pod may not be made, in words for people: from what the cluster's controllers say in conditions (ReplicaFailure) and
 * Events (FailedCreate). Pure; any thread.
 *
 *     cat_pod_refusal refusal;
 *     cat_pod_refusal_of("pods \"db-0\" is forbidden: error looking up service account blog-dev/x: serviceaccount \"x\" not
 * found", &refusal);   // cause: "its ServiceAccount x does not exist" */
#ifndef CAT_DOMAIN_POD_REFUSAL_H
#define CAT_DOMAIN_POD_REFUSAL_H

#include <stdbool.h>

typedef struct {
    char cause[320]; /* the rest of a sentence, without a full stop; never "" */
    char next[160];  /* what to do */
    bool unanswered; /* nobody judged the pod: no commit is to blame */
} cat_pod_refusal;

void cat_pod_refusal_of(const char *message, cat_pod_refusal *refusal);

#endif
