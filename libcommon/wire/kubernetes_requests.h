/* What a pod asks a cluster for, as Kubernetes counts it: the one place, for what a plan shows and for what is billed. Pure; any
 * thread.
 *
 *     cat_pod_requests asked = cat_pod_requests_of(cat_view_get(pod, "spec"));
 */
#ifndef CAT_WIRE_KUBERNETES_REQUESTS_H
#define CAT_WIRE_KUBERNETES_REQUESTS_H

#include "wire/json.h"

typedef struct {
    int64_t cpu_milli, memory_bytes; /* never negative; INT64_MAX where it is more */
} cat_pod_requests;

/* Of a pod's `spec`, or that of a template (`spec.template.spec`), defaults of the API server counted in. What is no quantity, or
 * below 0, which a cluster refuses, counts as 0. An absent `spec` asks for nothing. */
cat_pod_requests cat_pod_requests_of(cat_view spec);
/* A quantity that is a text or a number ("10Gi", 1024, 1.5e3), in whole bytes; 0 as above. */
int64_t cat_quantity_bytes_of(cat_view quantity);

#endif
