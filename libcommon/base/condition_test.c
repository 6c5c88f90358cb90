#include "base/condition.h"

#include "base/clock.h"
#include "base/test.h"

typedef struct {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool done;
} shared;

static shared *shared_make(void)
{
    static shared one;
    one.done = false;
    pthread_mutex_init(&one.lock, NULL);
    cat_condition_init(&one.changed);
    return &one;
}

static void shared_finish(shared *one)
{
    pthread_cond_destroy(&one->changed);
    pthread_mutex_destroy(&one->lock);
}

TEST("a wait that nobody ends is over at its time, not before it")
{
    shared *one = shared_make();
    int64_t until_ms = cat_deadline_after_ms(1050);
    pthread_mutex_lock(&one->lock);
    while (cat_condition_wait(&one->changed, &one->lock, until_ms))
        continue;
    pthread_mutex_unlock(&one->lock);
    EXPECT(cat_clock_system()->monotonic_ms(cat_clock_system()) >= until_ms);
    shared_finish(one);
}

static void *finish(void *context)
{
    shared *one = context;
    pthread_mutex_lock(&one->lock);
    one->done = true;
    pthread_cond_signal(&one->changed);
    pthread_mutex_unlock(&one->lock);
    return NULL;
}

TEST("a wait ends when what it waits for has come")
{
    shared *one = shared_make();
    pthread_t thread;
    pthread_mutex_lock(&one->lock);
    REQUIRE(pthread_create(&thread, NULL, finish, one) == 0);
    int64_t until_ms = cat_deadline_after_ms(60000);
    while (!one->done && cat_condition_wait(&one->changed, &one->lock, until_ms))
        continue;
    EXPECT(one->done);
    pthread_mutex_unlock(&one->lock);
    pthread_join(thread, NULL);
    EXPECT(cat_clock_system()->monotonic_ms(cat_clock_system()) < until_ms);
    shared_finish(one);
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
