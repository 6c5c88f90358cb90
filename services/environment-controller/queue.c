#include "queue.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/memory.h"
#include "core/reconcile_key.h"

struct ec_queue {
    pthread_mutex_t lock; /* over the next */
    cat_reconciler *reconciler;
};

ec_queue *ec_queue_create(const cat_reconciler_options *options)
{
    ec_queue *queue = cat_calloc(1, sizeof *queue);
    pthread_mutex_init(&queue->lock, NULL);
    queue->reconciler = cat_reconciler_create(options);
    return queue;
}

void ec_queue_close(ec_queue *queue)
{
    if (!queue)
        return;
    pthread_mutex_lock(&queue->lock);
    cat_reconciler *reconciler = cat_take(queue->reconciler);
    pthread_mutex_unlock(&queue->lock);
    if (reconciler) /* not under the lock: what runs may add */
        cat_reconciler_stop(reconciler);
}

void ec_queue_destroy(ec_queue *queue)
{
    if (!queue)
        return;
    pthread_mutex_destroy(&queue->lock);
    free(queue);
}

void ec_queue_add(ec_queue *queue, const char *kind, const char *namespace, const char *name)
{
    ec_queue_add_after(queue, kind, namespace, name, 0);
}

void ec_queue_add_after(ec_queue *queue, const char *kind, const char *namespace, const char *name, int64_t delay_ms)
{
    char key[EC_RECONCILE_KEY_MAX];
    if (!ec_reconcile_key_format(kind, namespace, name, key))
        return;
    pthread_mutex_lock(&queue->lock);
    if (queue->reconciler)
        cat_reconciler_add_after(queue->reconciler, key, delay_ms);
    pthread_mutex_unlock(&queue->lock);
}
