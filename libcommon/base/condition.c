#include "base/condition.h"

#include <errno.h>
#include <time.h>

#include "base/clock.h"

void cat_condition_init(pthread_cond_t *condition)
{
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(condition, &attributes);
    pthread_condattr_destroy(&attributes);
}

int64_t cat_deadline_after_ms(int64_t ms)
{
    return cat_clock_system()->monotonic_ms(cat_clock_system()) + ms;
}

bool cat_condition_wait(pthread_cond_t *condition, pthread_mutex_t *lock, int64_t deadline_ms)
{
    struct timespec until = {.tv_sec = deadline_ms / 1000, .tv_nsec = deadline_ms % 1000 * 1000000};
    return pthread_cond_timedwait(condition, lock, &until) != ETIMEDOUT;
}
