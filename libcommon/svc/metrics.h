/* Counters, gauges and histograms in Prometheus' text form. Any thread; updates are atomic. Names and label names are literals.
 */
#ifndef CAT_SVC_METRICS_H
#define CAT_SVC_METRICS_H

#include "base/string.h"

typedef struct cat_metrics cat_metrics;
typedef struct cat_metric cat_metric;
cat_metrics *cat_metrics_create(void);
void cat_metrics_destroy(cat_metrics *metrics);
typedef enum { CAT_METRIC_COUNTER, CAT_METRIC_GAUGE, CAT_METRIC_HISTOGRAM } cat_metric_kind;
/* The same name twice gives the same metric. `labels` "a,b" or NULL. Histograms: seconds, 0.001 … 60. */
cat_metric *cat_metric_get(cat_metrics *metrics, cat_metric_kind kind, const char *name, const char *help, const char *labels);
/* One value per label, in order; at most 1,000 combinations, further ones are counted under "other". */
void cat_metric_add(cat_metric *metric, double amount, const char *const *values);
void cat_metric_set(cat_metric *metric, double value, const char *const *values);
void cat_metric_observe(cat_metric *metric, double seconds, const char *const *values);
double cat_metric_value(cat_metric *metric, const char *const *values); /* for tests and readiness */
void cat_metrics_format(cat_metrics *metrics, cat_string *out);

#endif
