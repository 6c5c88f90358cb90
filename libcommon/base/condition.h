/* Waiting for a change until a time, by the clock that nobody can set: a step of the machine's time neither ends nor stretches it. */
#ifndef CAT_BASE_CONDITION_H
#define CAT_BASE_CONDITION_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

void cat_condition_init(pthread_cond_t *condition);
/* The time `ms` from now, as cat_clock_system()->monotonic_ms tells it. */
int64_t cat_deadline_after_ms(int64_t ms);
/* The lock is held. False: the time has come. True: signalled, or woken for nothing; look, and wait again. */
bool cat_condition_wait(pthread_cond_t *condition, pthread_mutex_t *lock, int64_t deadline_ms);

#endif
