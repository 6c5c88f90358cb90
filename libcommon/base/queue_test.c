#include "base/queue.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/test.h"

static int released;

static void release(void *item)
{
    released++;
    free(item);
}

TEST("items come out in the order in which they went in, and a full queue refuses")
{
    cat_queue *queue = cat_queue_create(40, NULL);
    for (int round = 0; round < 3; round++) {
        for (uintptr_t i = 1; i <= 40; i++)
            EXPECT(cat_queue_try_push(queue, (void *)i));
        EXPECT(!cat_queue_try_push(queue, (void *)99));
        EXPECT_INT(cat_queue_count(queue), 40);
        void *items[64];
        EXPECT_INT((uintptr_t)cat_queue_pop(queue, 0), 1);
        EXPECT_INT(cat_queue_pop_many(queue, items, 30, -1), 30);
        for (uintptr_t i = 0; i < 30; i++)
            EXPECT_INT((uintptr_t)items[i], i + 2);
        EXPECT_INT(cat_queue_pop_many(queue, items, 64, 0), 9);
        EXPECT_INT(cat_queue_pop_many(queue, items, 64, 0), 0);
    }
    EXPECT(cat_queue_pop(queue, 1) == NULL);
    cat_queue_destroy(queue);
}

TEST("a closed queue takes nothing and gives what is left")
{
    released = 0;
    cat_queue *queue = cat_queue_create(4, release);
    cat_queue_push(queue, cat_strdup("a"));
    cat_queue_push(queue, cat_strdup("b"));
    cat_queue_close(queue);
    EXPECT(!cat_queue_push(queue, "c"));
    EXPECT(!cat_queue_try_push(queue, "c"));
    cat_autofree char *first = cat_queue_pop(queue, -1);
    EXPECT_TEXT(first, "a");
    cat_queue_destroy(queue);
    EXPECT_INT(released, 1);
    cat_queue_destroy(NULL);
}

typedef struct {
    cat_queue *queue;
    atomic_llong sum, count;
} shared;

static void *consume(void *argument)
{
    shared *all = argument;
    void *items[7];
    for (size_t got; (got = cat_queue_pop_many(all->queue, items, 7, -1)) > 0;)
        for (size_t i = 0; i < got; i++) {
            atomic_fetch_add(&all->sum, (long long)(uintptr_t)items[i]);
            atomic_fetch_add(&all->count, 1);
        }
    return NULL;
}

static void *produce(void *argument)
{
    shared *all = argument;
    for (uintptr_t i = 1; i <= 10000; i++)
        if (!cat_queue_push(all->queue, (void *)i))
            abort();
    return NULL;
}

TEST("several producers and consumers lose nothing and double nothing")
{
    shared all = {.queue = cat_queue_create(16, NULL)};
    pthread_t producers[3], consumers[3];
    for (int i = 0; i < 3; i++) {
        pthread_create(&producers[i], NULL, produce, &all);
        pthread_create(&consumers[i], NULL, consume, &all);
    }
    for (int i = 0; i < 3; i++)
        pthread_join(producers[i], NULL);
    cat_queue_close(all.queue);
    for (int i = 0; i < 3; i++)
        pthread_join(consumers[i], NULL);
    EXPECT_INT(atomic_load(&all.count), 30000);
    EXPECT_INT(atomic_load(&all.sum), 3LL * 10000 * 10001 / 2);
    cat_queue_destroy(all.queue);
}

static void *push_one(void *argument)
{
    return cat_queue_push(argument, (void *)2) ? argument : NULL;
}

TEST("closing frees who waits for room")
{
    cat_queue *queue = cat_queue_create(1, NULL);
    cat_queue_push(queue, (void *)1);
    pthread_t waiter;
    pthread_create(&waiter, NULL, push_one, queue);
    cat_queue_close(queue);
    void *pushed;
    pthread_join(waiter, &pushed);
    EXPECT(pushed == NULL);
    EXPECT_INT(cat_queue_count(queue), 1);
    cat_queue_destroy(queue);
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
