/* What Prometheus' clients tell of their own process, under the same names. Any thread. */
#ifndef CAT_SVC_PROCESS_METRICS_H
#define CAT_SVC_PROCESS_METRICS_H

#include "svc/metrics.h"

void cat_process_metrics_update(cat_metrics *metrics);

#endif
