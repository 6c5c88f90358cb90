/* Something that is done again and again: a thread of its own that runs a function, waits, and runs it again. Stopping does not
 * wait out the interval, and what takes long asks whether it is to stop. Any thread may wake and stop it; the function and its
 * context are the task's thread's alone, as far as the context does not say otherwise.
 *
 *     static int64_t look(void *context, cat_task *task)
 *     {
 *         for (size_t i = 0; i < count && !cat_task_is_stopping(task); i++)
 *             …
 *         return failed ? 5000 : 0;
 *     }
 *     cat_task *task = cat_task_start(&(cat_task_options){.interval_ms = 60000, .run = look, .context = all});
 *     …
 *     cat_task_stop(task);
 */
#ifndef CAT_BASE_TASK_H
#define CAT_BASE_TASK_H

#include <stdbool.h>
#include <stdint.h>

typedef struct cat_task cat_task;
typedef struct {
    int64_t interval_ms; /* from one run's end to the next one's beginning */
    bool waits_first;    /* the first run is an interval after the start, not at once */
    /* Returns in how many ms it wants to run again; 0: after the interval. Handles its own errors. */
    int64_t (*run)(void *context, cat_task *task);
    void *context;
} cat_task_options;
/* Aborts where there is no thread to be had, as where there is no memory. The context is lent until the task was stopped. */
cat_task *cat_task_start(const cat_task_options *options);
/* Runs it now; while it runs, once more when it has ended. However often it is woken meanwhile, it runs once. */
void cat_task_wake(cat_task *task);
bool cat_task_is_stopping(cat_task *task);
/* From within the run: waits, but not longer than until it is to stop. false: it is to stop. */
bool cat_task_pause(cat_task *task, int64_t ms);
/* Asks it to stop, and does not wait: for several that are to stop together. cat_task_stop frees it. */
void cat_task_ask_to_stop(cat_task *task);
/* Lets a run end, then frees the task: nothing of it runs after this. Not from within the run. NULL allowed. */
void cat_task_stop(cat_task *task);

#endif
