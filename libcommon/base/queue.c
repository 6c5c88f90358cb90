#include "base/queue.h"
#include "base/condition.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/memory.h"

/* A ring that grows up to the maximum, so that a queue with a generous ceiling costs nothing while it is empty. */
struct cat_queue {
    pthread_mutex_t lock;
    pthread_cond_t filled, emptied;
    void **ring;
    size_t capacity, max_items, first, count;
    bool closed;
    void (*release)(void *item);
};

cat_queue *cat_queue_create(size_t max_items, void (*release)(void *item))
{
    cat_queue *queue = cat_calloc(1, sizeof *queue);
    queue->max_items = max_items ? max_items : 1;
    queue->release = release;
    pthread_mutex_init(&queue->lock, NULL);
    cat_condition_init(&queue->filled);
    cat_condition_init(&queue->emptied);
    return queue;
}

void cat_queue_destroy(cat_queue *queue)
{
    if (!queue)
        return;
    for (; queue->count > 0; queue->count--) {
        if (queue->release)
            queue->release(queue->ring[queue->first]);
        queue->first = (queue->first + 1) % queue->capacity;
    }
    pthread_cond_destroy(&queue->filled);
    pthread_cond_destroy(&queue->emptied);
    pthread_mutex_destroy(&queue->lock);
    free(queue->ring);
    free(queue);
}

static void grow(cat_queue *queue)
{
    size_t capacity = queue->capacity ? queue->capacity * 2 : 16;
    if (capacity > queue->max_items)
        capacity = queue->max_items;
    void **ring = cat_malloc(capacity * sizeof *ring);
    for (size_t i = 0; i < queue->count; i++)
        ring[i] = queue->ring[(queue->first + i) % queue->capacity];
    free(queue->ring);
    queue->ring = ring;
    queue->capacity = capacity;
    queue->first = 0;
}

static bool push_locked(cat_queue *queue, void *item)
{
    if (queue->closed || queue->count == queue->max_items)
        return false;
    if (queue->count == queue->capacity)
        grow(queue);
    queue->ring[(queue->first + queue->count++) % queue->capacity] = item;
    pthread_cond_signal(&queue->filled);
    return true;
}

bool cat_queue_try_push(cat_queue *queue, void *item)
{
    pthread_mutex_lock(&queue->lock);
    bool pushed = push_locked(queue, item);
    pthread_mutex_unlock(&queue->lock);
    return pushed;
}

bool cat_queue_push(cat_queue *queue, void *item)
{
    pthread_mutex_lock(&queue->lock);
    while (!queue->closed && queue->count == queue->max_items)
        pthread_cond_wait(&queue->emptied, &queue->lock);
    bool pushed = push_locked(queue, item);
    pthread_mutex_unlock(&queue->lock);
    return pushed;
}

/* With the lock held: waits until there is something, until closed, or until the time is over. */
static void wait_filled(cat_queue *queue, int64_t timeout_ms)
{
    if (timeout_ms < 0) {
        while (queue->count == 0 && !queue->closed)
            pthread_cond_wait(&queue->filled, &queue->lock);
        return;
    }
    if (queue->count > 0 || timeout_ms == 0)
        return;
    int64_t until_ms = cat_deadline_after_ms(timeout_ms);
    while (queue->count == 0 && !queue->closed)
        if (!cat_condition_wait(&queue->filled, &queue->lock, until_ms))
            return;
}

size_t cat_queue_pop_many(cat_queue *queue, void **items, size_t max, int64_t timeout_ms)
{
    pthread_mutex_lock(&queue->lock);
    wait_filled(queue, timeout_ms);
    size_t taken = 0;
    for (; taken < max && queue->count > 0; taken++, queue->count--) {
        items[taken] = queue->ring[queue->first];
        queue->first = (queue->first + 1) % queue->capacity;
    }
    if (taken > 1)
        pthread_cond_broadcast(&queue->emptied);
    else if (taken == 1)
        pthread_cond_signal(&queue->emptied);
    pthread_mutex_unlock(&queue->lock);
    return taken;
}

void *cat_queue_pop(cat_queue *queue, int64_t timeout_ms)
{
    void *item = NULL;
    return cat_queue_pop_many(queue, &item, 1, timeout_ms) ? item : NULL;
}

void cat_queue_close(cat_queue *queue)
{
    pthread_mutex_lock(&queue->lock);
    queue->closed = true;
    pthread_cond_broadcast(&queue->filled);
    pthread_cond_broadcast(&queue->emptied);
    pthread_mutex_unlock(&queue->lock);
}

size_t cat_queue_count(cat_queue *queue)
{
    pthread_mutex_lock(&queue->lock);
    size_t count = queue->count;
    pthread_mutex_unlock(&queue->lock);
    return count;
}
