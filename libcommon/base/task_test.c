#include "base/task.h"

#include <semaphore.h>
#include <stdatomic.h>

#include "base/clock.h"
#include "base/test.h"

#define NEVER_MS (INT64_C(3600) * 1000)

typedef struct {
    sem_t began, may_end; /* `may_end` is waited for where `holds` */
    bool holds;
    int64_t again_ms;
    atomic_uint runs;
    unsigned plain; /* the task's thread writes, the test reads once it was stopped */
    bool paused_out;
} counting;

static void begin(counting *one)
{
    *one = (counting){0};
    sem_init(&one->began, 0, 0);
    sem_init(&one->may_end, 0, 0);
}

static int64_t count(void *context, cat_task *task)
{
    (void)task;
    counting *one = context;
    one->plain++;
    atomic_fetch_add(&one->runs, 1);
    sem_post(&one->began);
    if (one->holds)
        sem_wait(&one->may_end);
    return one->again_ms;
}

static int64_t pause_long(void *context, cat_task *task)
{
    counting *one = context;
    sem_post(&one->began);
    one->paused_out = cat_task_pause(task, NEVER_MS);
    return 0;
}

static int64_t run_until_told(void *context, cat_task *task)
{
    counting *one = context;
    sem_post(&one->began);
    do
        one->plain++;
    while (!cat_task_is_stopping(task));
    return 0;
}

static void await(counting *one, unsigned times)
{
    for (unsigned i = 0; i < times; i++)
        sem_wait(&one->began);
}

static void finish(counting *one)
{
    sem_destroy(&one->began);
    sem_destroy(&one->may_end);
}

TEST("a task runs at once and again after each interval")
{
    counting one;
    begin(&one);
    cat_task *task = cat_task_start(&(cat_task_options){.interval_ms = 1, .run = count, .context = &one});
    await(&one, 5);
    cat_task_stop(task);
    EXPECT(one.plain >= 5);
    finish(&one);
}

TEST("a task that waits first and is stopped in its wait has never run, and stops at once")
{
    counting one;
    begin(&one);
    cat_task *task =
        cat_task_start(&(cat_task_options){.interval_ms = NEVER_MS, .waits_first = true, .run = count, .context = &one});
    int64_t before_ms = cat_clock_system()->monotonic_ms(cat_clock_system());
    cat_task_stop(task);
    EXPECT(cat_clock_system()->monotonic_ms(cat_clock_system()) - before_ms < NEVER_MS);
    EXPECT(one.plain == 0);
    finish(&one);
}

TEST("a task that is woken runs without waiting out its interval")
{
    counting one;
    begin(&one);
    cat_task *task =
        cat_task_start(&(cat_task_options){.interval_ms = NEVER_MS, .waits_first = true, .run = count, .context = &one});
    cat_task_wake(task);
    await(&one, 1);
    cat_task_stop(task);
    EXPECT(one.plain == 1);
    finish(&one);
}

TEST("a task that is woken often while it runs runs once more")
{
    counting one;
    begin(&one);
    one.holds = true;
    cat_task *task = cat_task_start(&(cat_task_options){.interval_ms = NEVER_MS, .run = count, .context = &one});
    await(&one, 1);
    for (int i = 0; i < 10; i++)
        cat_task_wake(task);
    sem_post(&one.may_end);
    await(&one, 1);
    EXPECT(atomic_load(&one.runs) == 2);
    sem_post(&one.may_end);
    cat_task_stop(task);
    EXPECT(one.plain == 2);
    finish(&one);
}

TEST("a run that wants to be run again sooner is")
{
    counting one;
    begin(&one);
    one.again_ms = 1;
    cat_task *task = cat_task_start(&(cat_task_options){.interval_ms = NEVER_MS, .run = count, .context = &one});
    await(&one, 3);
    cat_task_stop(task);
    EXPECT(one.plain >= 3);
    finish(&one);
}

TEST("a run that pauses is told to stop in its pause")
{
    counting one;
    begin(&one);
    one.paused_out = true;
    cat_task *task = cat_task_start(&(cat_task_options){.interval_ms = NEVER_MS, .run = pause_long, .context = &one});
    await(&one, 1);
    cat_task_stop(task);
    EXPECT(!one.paused_out);
    finish(&one);
}

TEST("a run that takes long learns that it is to stop")
{
    counting one;
    begin(&one);
    cat_task *task = cat_task_start(&(cat_task_options){.interval_ms = NEVER_MS, .run = run_until_told, .context = &one});
    await(&one, 1);
    cat_task_stop(task);
    EXPECT(one.plain > 0);
    finish(&one);
}

TEST("stopping no task is nothing")
{
    cat_task_stop(NULL);
    EXPECT(true);
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
