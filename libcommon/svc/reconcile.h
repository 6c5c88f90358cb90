/* A work queue of keys and the loop that reconciles them: a key waits once however often it was added, is never worked on twice
 * at the same time, and comes again after an error by its class: transient with back-off (0.2 s … 60 s), waiting slowly (5 s … 60
 * s, or when added), stalled only when added. Any thread adds. */
#ifndef CAT_SVC_RECONCILE_H
#define CAT_SVC_RECONCILE_H

#include "base/clock.h"
#include "base/error.h"
#include "svc/metrics.h"

typedef struct cat_reconciler cat_reconciler;
typedef struct {
    const char *name;
    unsigned workers; /* default 2 */
    size_t max_keys;  /* default 100,000 */
    /* 0: done; `*again_ms` > 0: come again then. Negative: error. Logged here, once. */
    int (*reconcile)(void *context, const char *key, int64_t *again_ms, cat_error *error);
    void *context;
    cat_metrics *metrics;   /* may be NULL; controller-runtime's names: controller_runtime_reconcile_total … */
    const cat_clock *clock; /* NULL: the system's */
} cat_reconciler_options;
cat_reconciler *cat_reconciler_create(const cat_reconciler_options *options);
bool cat_reconciler_add(cat_reconciler *reconciler, const char *key);
bool cat_reconciler_add_after(cat_reconciler *reconciler, const char *key, int64_t delay_ms);
size_t cat_reconciler_waiting(cat_reconciler *reconciler);
void cat_reconciler_stop(cat_reconciler *reconciler); /* waits for what runs, then destroys */

#endif
