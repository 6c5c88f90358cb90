/* The keys that wait to be reconciled. It knows keys, and nothing of what becomes of them. Any thread adds. */
#ifndef EC_QUEUE_H
#define EC_QUEUE_H

#include "svc/reconcile.h"

typedef struct ec_queue ec_queue;
/* Its workers begin at once. */
ec_queue *ec_queue_create(const cat_reconciler_options *options);
/* Waits for what runs; what is added from then on is dropped: watches may still tell something while all is being stopped. */
void ec_queue_close(ec_queue *queue);   /* NULL allowed */
void ec_queue_destroy(ec_queue *queue); /* closed; NULL allowed */

/* A key as core/reconcile_key.h has it. `namespace` NULL: none. */
void ec_queue_add(ec_queue *queue, const char *kind, const char *namespace, const char *name);
void ec_queue_add_after(ec_queue *queue, const char *kind, const char *namespace, const char *name, int64_t delay_ms);

#endif
