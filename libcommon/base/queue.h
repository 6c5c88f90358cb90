/* The one way for things to cross threads: a bounded queue of pointers. Any thread on either side. */
#ifndef CAT_BASE_QUEUE_H
#define CAT_BASE_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct cat_queue cat_queue;
/* `release` frees what is left at destroy (NULL: nothing). */
cat_queue *cat_queue_create(size_t max_items, void (*release)(void *item));
void cat_queue_destroy(cat_queue *queue);
/* false when full or closed: the item stays the caller's. */
bool cat_queue_try_push(cat_queue *queue, void *item);
/* Waits for room. false when closed. */
bool cat_queue_push(cat_queue *queue, void *item);
/* Waits up to `timeout_ms` (-1: for ever). NULL on time-out or when closed and empty. */
void *cat_queue_pop(cat_queue *queue, int64_t timeout_ms);
/* Up to `max` at once; returns how many. Waits for the first like pop. */
size_t cat_queue_pop_many(cat_queue *queue, void **items, size_t max, int64_t timeout_ms);
/* No more pushes; poppers drain what is left, then get NULL. */
void cat_queue_close(cat_queue *queue);
size_t cat_queue_count(cat_queue *queue);

#endif
