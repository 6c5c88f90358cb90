#include "base/task.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/condition.h"
#include "base/memory.h"

struct cat_task {
    cat_task_options options;
    pthread_t thread;
    pthread_mutex_t lock; /* of what follows */
    pthread_cond_t changed;
    bool woken, stopping;
};

/* The lock is held. */
static void wait_for_turn(cat_task *task, int64_t ms)
{
    int64_t until_ms = cat_deadline_after_ms(ms);
    while (!task->stopping && !task->woken && cat_condition_wait(&task->changed, &task->lock, until_ms))
        ;
}

static void *keep_running(void *context)
{
    cat_task *task = context;
    int64_t next_ms = task->options.waits_first ? task->options.interval_ms : 0;
    pthread_mutex_lock(&task->lock);
    while (!task->stopping) {
        wait_for_turn(task, next_ms);
        if (task->stopping)
            break;
        task->woken = false;
        pthread_mutex_unlock(&task->lock);
        int64_t wanted_ms = task->options.run(task->options.context, task);
        next_ms = wanted_ms > 0 ? wanted_ms : task->options.interval_ms;
        pthread_mutex_lock(&task->lock);
    }
    pthread_mutex_unlock(&task->lock);
    return NULL;
}

cat_task *cat_task_start(const cat_task_options *options)
{
    cat_task *task = cat_calloc(1, sizeof *task);
    task->options = *options;
    pthread_mutex_init(&task->lock, NULL);
    cat_condition_init(&task->changed);
    if (pthread_create(&task->thread, NULL, keep_running, task) != 0)
        abort();
    return task;
}

void cat_task_wake(cat_task *task)
{
    pthread_mutex_lock(&task->lock);
    task->woken = true;
    pthread_cond_broadcast(&task->changed);
    pthread_mutex_unlock(&task->lock);
}

bool cat_task_is_stopping(cat_task *task)
{
    pthread_mutex_lock(&task->lock);
    bool stopping = task->stopping;
    pthread_mutex_unlock(&task->lock);
    return stopping;
}

bool cat_task_pause(cat_task *task, int64_t ms)
{
    int64_t until_ms = cat_deadline_after_ms(ms);
    pthread_mutex_lock(&task->lock);
    while (!task->stopping && cat_condition_wait(&task->changed, &task->lock, until_ms))
        ;
    bool stopping = task->stopping;
    pthread_mutex_unlock(&task->lock);
    return !stopping;
}

void cat_task_ask_to_stop(cat_task *task)
{
    pthread_mutex_lock(&task->lock);
    task->stopping = true;
    pthread_cond_broadcast(&task->changed);
    pthread_mutex_unlock(&task->lock);
}

void cat_task_stop(cat_task *task)
{
    if (!task)
        return;
    cat_task_ask_to_stop(task);
    pthread_join(task->thread, NULL);
    pthread_cond_destroy(&task->changed);
    pthread_mutex_destroy(&task->lock);
    free(task);
}
