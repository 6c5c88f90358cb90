#include "svc/reconcile.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/condition.h"
#include "base/log.h"
#include "base/map.h"
#include "base/memory.h"
#include "base/random.h"

enum {
    TRANSIENT_BASE_MS = 200,
    WAITING_BASE_MS = 5000,
    MAX_DELAY_MS = 60000,
    FAKE_CLOCK_POLL_MS = 2, /* a fake clock wakes nobody */
};

/* A key that waits, runs or waits for its time. An item is in one place: the ready list, the heap, or with a worker. */
typedef struct item item;
struct item {
    char *key;
    item *next;     /* in the ready list */
    size_t heap_at; /* from 1; 0: not in the heap */
    int64_t due_ms;
    unsigned failures;
    bool is_ready, is_running;
    bool again;          /* added while it ran */
    int64_t again_at_ms; /* add_after while it ran; 0: not */
};

typedef struct {
    cat_metric *total, *errors, *seconds, *depth, *active;
} measures;

struct cat_reconciler {
    cat_reconciler_options options;
    const cat_clock *clock;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    cat_map *items;
    item *ready, **ready_last;
    size_t ready_count;
    item **heap; /* from 1, smallest due_ms first */
    size_t heap_count, heap_capacity;
    pthread_t *threads;
    bool stopping;
    measures measures;
};

static void item_free(void *pointer)
{
    item *own = pointer;
    free(own->key);
    free(own);
}

/* Heap. */

static void heap_put(cat_reconciler *reconciler, size_t at, item *own)
{
    reconciler->heap[at] = own;
    own->heap_at = at;
}

static void heap_up(cat_reconciler *reconciler, size_t at)
{
    item *own = reconciler->heap[at];
    for (; at > 1 && reconciler->heap[at / 2]->due_ms > own->due_ms; at /= 2)
        heap_put(reconciler, at, reconciler->heap[at / 2]);
    heap_put(reconciler, at, own);
}

static void heap_down(cat_reconciler *reconciler, size_t at)
{
    item *own = reconciler->heap[at];
    for (size_t child; (child = at * 2) <= reconciler->heap_count; at = child) {
        if (child < reconciler->heap_count && reconciler->heap[child + 1]->due_ms < reconciler->heap[child]->due_ms)
            child++;
        if (reconciler->heap[child]->due_ms >= own->due_ms)
            break;
        heap_put(reconciler, at, reconciler->heap[child]);
    }
    heap_put(reconciler, at, own);
}

static void heap_add(cat_reconciler *reconciler, item *own, int64_t due_ms)
{
    if (reconciler->heap_count + 2 > reconciler->heap_capacity) {
        reconciler->heap_capacity = reconciler->heap_capacity ? reconciler->heap_capacity * 2 : 64;
        reconciler->heap = cat_realloc(reconciler->heap, reconciler->heap_capacity * sizeof(item *));
    }
    own->due_ms = due_ms;
    heap_put(reconciler, ++reconciler->heap_count, own);
    heap_up(reconciler, reconciler->heap_count);
}

static void heap_remove(cat_reconciler *reconciler, item *own)
{
    size_t at = own->heap_at;
    item *last = reconciler->heap[reconciler->heap_count--];
    own->heap_at = 0;
    if (last == own)
        return;
    heap_put(reconciler, at, last);
    heap_up(reconciler, at);
    heap_down(reconciler, last->heap_at);
}

/* Queue; the mutex is held. */

static void make_ready(cat_reconciler *reconciler, item *own)
{
    own->is_ready = true;
    own->next = NULL;
    *reconciler->ready_last = own;
    reconciler->ready_last = &own->next;
    reconciler->ready_count++;
    pthread_cond_signal(&reconciler->changed);
}

static item *take_ready(cat_reconciler *reconciler)
{
    item *own = reconciler->ready;
    if (!own)
        return NULL;
    reconciler->ready = own->next;
    if (!reconciler->ready)
        reconciler->ready_last = &reconciler->ready;
    reconciler->ready_count--;
    own->is_ready = false;
    own->is_running = true;
    return own;
}

static int64_t now_ms(const cat_reconciler *reconciler)
{
    return reconciler->clock->monotonic_ms(reconciler->clock);
}

static void make_due_ready(cat_reconciler *reconciler)
{
    int64_t now = now_ms(reconciler);
    while (reconciler->heap_count > 0 && reconciler->heap[1]->due_ms <= now) {
        item *own = reconciler->heap[1];
        heap_remove(reconciler, own);
        make_ready(reconciler, own);
    }
}

static item *find_or_make(cat_reconciler *reconciler, const char *key)
{
    item *own = cat_map_get(reconciler->items, key);
    if (own || cat_map_count(reconciler->items) >= reconciler->options.max_keys)
        return own;
    own = cat_calloc(1, sizeof *own);
    own->key = cat_strdup(key);
    cat_map_set(reconciler->items, key, own);
    return own;
}

static bool add(cat_reconciler *reconciler, const char *key, int64_t delay_ms)
{
    item *own = reconciler->stopping ? NULL : find_or_make(reconciler, key);
    if (!own)
        return false;
    int64_t due_ms = now_ms(reconciler) + delay_ms;
    if (own->is_running) {
        own->again |= delay_ms <= 0;
        if (delay_ms > 0 && (!own->again_at_ms || due_ms < own->again_at_ms))
            own->again_at_ms = due_ms;
        return true;
    }
    if (own->is_ready || (own->heap_at && own->due_ms <= due_ms))
        return true;
    if (own->heap_at)
        heap_remove(reconciler, own);
    if (delay_ms <= 0) {
        make_ready(reconciler, own);
    } else {
        heap_add(reconciler, own, due_ms);
        pthread_cond_signal(&reconciler->changed); /* it may be due before what a worker waits for */
    }
    return true;
}

bool cat_reconciler_add(cat_reconciler *reconciler, const char *key)
{
    return cat_reconciler_add_after(reconciler, key, 0);
}

bool cat_reconciler_add_after(cat_reconciler *reconciler, const char *key, int64_t delay_ms)
{
    pthread_mutex_lock(&reconciler->mutex);
    bool added = add(reconciler, key, delay_ms);
    pthread_mutex_unlock(&reconciler->mutex);
    return added;
}

size_t cat_reconciler_waiting(cat_reconciler *reconciler)
{
    pthread_mutex_lock(&reconciler->mutex);
    size_t count = reconciler->ready_count + reconciler->heap_count;
    pthread_mutex_unlock(&reconciler->mutex);
    return count;
}

/* Work. */

static void wait_for_change(cat_reconciler *reconciler)
{
    bool is_fake = reconciler->clock != cat_clock_system();
    if (reconciler->heap_count == 0 && !is_fake) {
        pthread_cond_wait(&reconciler->changed, &reconciler->mutex);
        return;
    }
    int64_t until_ms = is_fake ? cat_deadline_after_ms(FAKE_CLOCK_POLL_MS) : reconciler->heap[1]->due_ms;
    cat_condition_wait(&reconciler->changed, &reconciler->mutex, until_ms);
}

/* NULL: stop. */
static item *next(cat_reconciler *reconciler)
{
    while (!reconciler->stopping) {
        make_due_ready(reconciler);
        item *own = take_ready(reconciler);
        if (own && reconciler->heap_count > 0) /* this one may have been the only one that waited for what is due next */
            pthread_cond_signal(&reconciler->changed);
        if (own)
            return own;
        wait_for_change(reconciler);
    }
    return NULL;
}

/* Delay before the key comes again after this error; -1: it does not by itself. */
static int64_t delay_after(const cat_error *error, unsigned failures)
{
    if (error->code == CAT_E_CANCELLED || error->class == CAT_CLASS_STALLED)
        return -1;
    return cat_backoff_ms(failures, error->class == CAT_CLASS_WAITING ? WAITING_BASE_MS : TRANSIENT_BASE_MS, MAX_DELAY_MS);
}

static void log_error(const cat_reconciler *reconciler, const item *own, const cat_error *error)
{
    static const char *const CLASSES[] = {"transient", "waiting", "stalled"};
    /* Waiting is no news after the first time. */
    cat_log_level level = error->class != CAT_CLASS_WAITING ? CAT_LOG_WARNING : own->failures ? CAT_LOG_DEBUG : CAT_LOG_INFO;
    cat_log_write(level, "reconcile failed",
                  (const cat_field[]){CAT_FIELD("controller", reconciler->options.name), CAT_FIELD("key", own->key),
                                      CAT_FIELD("class", CLASSES[error->class]), CAT_FIELD_ERROR(error)},
                  5);
}

/* The mutex is held. The item's next place, or none: then it is forgotten. */
static void put_back(cat_reconciler *reconciler, item *own, int result, int64_t again_ms, const cat_error *error)
{
    int64_t delay_ms = result < 0 ? delay_after(error, own->failures) : again_ms > 0 ? again_ms : -1;
    own->failures = result < 0 ? own->failures + 1 : 0;
    own->is_running = false;
    bool again = own->again;
    int64_t due_ms = delay_ms > 0 ? now_ms(reconciler) + delay_ms : 0;
    if (own->again_at_ms && (!due_ms || own->again_at_ms < due_ms))
        due_ms = own->again_at_ms;
    own->again = false;
    own->again_at_ms = 0;
    if (again)
        make_ready(reconciler, own);
    else if (due_ms)
        heap_add(reconciler, own, due_ms);
    else
        cat_map_remove(reconciler->items, own->key);
}

static void measure(cat_reconciler *reconciler, int result, int64_t again_ms, double seconds)
{
    measures *own = &reconciler->measures;
    if (!own->total)
        return;
    const char *name = reconciler->options.name;
    const char *outcome = result < 0 ? "error" : again_ms > 0 ? "requeue_after" : "success";
    cat_metric_add(own->total, 1, (const char *const[]){name, outcome});
    cat_metric_observe(own->seconds, seconds, &name);
    if (result < 0)
        cat_metric_add(own->errors, 1, &name);
    cat_metric_add(own->active, -1, &name);
}

static double seconds_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void work_on(cat_reconciler *reconciler, item *own)
{
    cat_error error = {0};
    int64_t again_ms = 0;
    double started = seconds_now();
    if (reconciler->measures.active)
        cat_metric_add(reconciler->measures.active, 1, &reconciler->options.name);
    int result = reconciler->options.reconcile(reconciler->options.context, own->key, &again_ms, &error);
    if (result < 0 && error.code == 0)
        cat_error_set(&error, result, "%s", cat_error_name(result));
    measure(reconciler, result, again_ms, seconds_now() - started);
    if (result < 0 && error.code != CAT_E_CANCELLED)
        log_error(reconciler, own, &error);
    pthread_mutex_lock(&reconciler->mutex);
    put_back(reconciler, own, result, again_ms, &error);
    if (reconciler->measures.depth)
        cat_metric_set(reconciler->measures.depth, (double)reconciler->ready_count, &reconciler->options.name);
    pthread_mutex_unlock(&reconciler->mutex);
}

static void *work(void *context)
{
    cat_reconciler *reconciler = context;
    for (;;) {
        pthread_mutex_lock(&reconciler->mutex);
        item *own = next(reconciler);
        pthread_mutex_unlock(&reconciler->mutex);
        if (!own)
            return NULL;
        work_on(reconciler, own);
    }
}

static void make_measures(cat_reconciler *reconciler)
{
    cat_metrics *all = reconciler->options.metrics;
    if (!all)
        return;
    reconciler->measures = (measures){
        .total = cat_metric_get(all, CAT_METRIC_COUNTER, "controller_runtime_reconcile_total", "Reconciliations.",
                                "controller,result"),
        .errors = cat_metric_get(all, CAT_METRIC_COUNTER, "controller_runtime_reconcile_errors_total",
                                 "Reconciliations that failed.", "controller"),
        .seconds = cat_metric_get(all, CAT_METRIC_HISTOGRAM, "controller_runtime_reconcile_time_seconds",
                                  "Duration of a reconciliation.", "controller"),
        .active =
            cat_metric_get(all, CAT_METRIC_GAUGE, "controller_runtime_active_workers", "Reconciliations that run.", "controller"),
        .depth = cat_metric_get(all, CAT_METRIC_GAUGE, "workqueue_depth", "Keys that are ready to be worked on.", "name")};
}

cat_reconciler *cat_reconciler_create(const cat_reconciler_options *options)
{
    cat_reconciler *reconciler = cat_calloc(1, sizeof *reconciler);
    reconciler->options = *options;
    if (!reconciler->options.workers)
        reconciler->options.workers = 2;
    if (!reconciler->options.max_keys)
        reconciler->options.max_keys = 100000;
    reconciler->clock = options->clock ? options->clock : cat_clock_system();
    pthread_mutex_init(&reconciler->mutex, NULL);
    cat_condition_init(&reconciler->changed);
    reconciler->items = cat_map_create(item_free);
    reconciler->ready_last = &reconciler->ready;
    make_measures(reconciler);
    reconciler->threads = cat_calloc(reconciler->options.workers, sizeof *reconciler->threads);
    for (unsigned i = 0; i < reconciler->options.workers; i++)
        if (pthread_create(&reconciler->threads[i], NULL, work, reconciler) != 0)
            abort(); /* no threads left: nothing that a service could do about it */
    return reconciler;
}

void cat_reconciler_stop(cat_reconciler *reconciler)
{
    if (!reconciler)
        return;
    pthread_mutex_lock(&reconciler->mutex);
    reconciler->stopping = true;
    pthread_cond_broadcast(&reconciler->changed);
    pthread_mutex_unlock(&reconciler->mutex);
    for (unsigned i = 0; i < reconciler->options.workers; i++)
        pthread_join(reconciler->threads[i], NULL);
    cat_map_destroy(reconciler->items);
    pthread_mutex_destroy(&reconciler->mutex);
    pthread_cond_destroy(&reconciler->changed);
    free(reconciler->heap);
    free(reconciler->threads);
    free(reconciler);
}
