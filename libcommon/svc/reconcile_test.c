#include "svc/reconcile.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/test.h"

/* A reconciler whose answers the test decides, and whose runs it can hold and count. */
typedef struct {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    int runs, running, most_running;
    bool hold;
    int result;
    cat_error_class class;
    int64_t again_ms;
    char order[64];
} stage;

static int reconcile(void *context, const char *key, int64_t *again_ms, cat_error *error)
{
    stage *own = context;
    pthread_mutex_lock(&own->mutex);
    own->runs++;
    own->running++;
    if (own->running > own->most_running)
        own->most_running = own->running;
    if (strlen(own->order) < 32)
        strncat(own->order, key, 8);
    pthread_cond_broadcast(&own->changed);
    while (own->hold)
        pthread_cond_wait(&own->changed, &own->mutex);
    int result = own->result;
    *again_ms = own->again_ms;
    own->running--;
    pthread_cond_broadcast(&own->changed);
    cat_error_class class = own->class;
    pthread_mutex_unlock(&own->mutex);
    return result < 0 ? cat_error_set_class(error, result, class, "as the test wants") : 0;
}

#define STAGE() ((stage){.mutex = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER})

static void wait_for_runs(stage *own, int runs)
{
    pthread_mutex_lock(&own->mutex);
    while (own->runs < runs || (own->running > 0 && !own->hold))
        pthread_cond_wait(&own->changed, &own->mutex);
    pthread_mutex_unlock(&own->mutex);
}

static void set_hold(stage *own, bool hold)
{
    pthread_mutex_lock(&own->mutex);
    own->hold = hold;
    pthread_cond_broadcast(&own->changed);
    pthread_mutex_unlock(&own->mutex);
}

static int runs_of(stage *own)
{
    pthread_mutex_lock(&own->mutex);
    int runs = own->runs;
    pthread_mutex_unlock(&own->mutex);
    return runs;
}

/* What runs is put back after its function returned: until then the queue does not show it. */
static void wait_for_waiting(cat_reconciler *reconciler, size_t count)
{
    while (cat_reconciler_waiting(reconciler) != count)
        usleep(200);
}

static cat_reconciler *make(stage *own, cat_clock_fake *clock, unsigned workers, size_t max_keys)
{
    return cat_reconciler_create(&(cat_reconciler_options){.name = "tested",
                                                           .workers = workers,
                                                           .max_keys = max_keys,
                                                           .reconcile = reconcile,
                                                           .context = own,
                                                           .clock = clock ? &clock->clock : NULL});
}

TEST("a key waits once however often it is added, and keys are worked on in order")
{
    stage own = STAGE();
    own.hold = true;
    cat_reconciler *reconciler = make(&own, NULL, 1, 0);
    EXPECT(cat_reconciler_add(reconciler, "x"));
    wait_for_runs(&own, 1);
    for (int i = 0; i < 3; i++) {
        EXPECT(cat_reconciler_add(reconciler, "a"));
        EXPECT(cat_reconciler_add(reconciler, "b"));
    }
    EXPECT_INT(cat_reconciler_waiting(reconciler), 2);
    set_hold(&own, false);
    wait_for_runs(&own, 3);
    cat_reconciler_stop(reconciler);
    EXPECT_INT(own.runs, 3);
    EXPECT_TEXT(own.order, "xab");
}

TEST("a key is never worked on twice at the same time, and comes again when added meanwhile")
{
    stage own = STAGE();
    own.hold = true;
    cat_reconciler *reconciler = make(&own, NULL, 4, 0);
    cat_reconciler_add(reconciler, "a");
    wait_for_runs(&own, 1);
    cat_reconciler_add(reconciler, "a");
    cat_reconciler_add(reconciler, "a");
    EXPECT_INT(cat_reconciler_waiting(reconciler), 0);
    set_hold(&own, false);
    wait_for_runs(&own, 2);
    cat_reconciler_stop(reconciler);
    EXPECT_INT(own.runs, 2);
    EXPECT_INT(own.most_running, 1);
}

TEST("several keys are worked on at the same time")
{
    stage own = STAGE();
    own.hold = true;
    cat_reconciler *reconciler = make(&own, NULL, 3, 0);
    cat_reconciler_add(reconciler, "a");
    cat_reconciler_add(reconciler, "b");
    cat_reconciler_add(reconciler, "c");
    wait_for_runs(&own, 3);
    set_hold(&own, false);
    cat_reconciler_stop(reconciler);
    EXPECT_INT(own.most_running, 3);
}

TEST("after an error a key comes again by the error's class and by how often it failed")
{
    static const struct {
        const char *name;
        int code;
        cat_error_class class;
        int64_t too_early_ms[3], in_time_ms[3]; /* after each failure: nothing yet, then surely */
    } ROWS[] = {{"transient", CAT_E_UNAVAILABLE, CAT_CLASS_TRANSIENT, {99, 199, 399}, {101, 201, 401}},
                {"waiting", CAT_E_NOT_FOUND, CAT_CLASS_WAITING, {2499, 4999, 9999}, {2501, 5001, 10001}}};
    for (size_t i = 0; i < 2; i++) {
        cat_test_row("%s", ROWS[i].name);
        stage own = STAGE();
        own.result = ROWS[i].code;
        own.class = ROWS[i].class;
        cat_clock_fake clock;
        cat_clock_fake_init(&clock, 0);
        cat_reconciler *reconciler = make(&own, &clock, 1, 0);
        cat_reconciler_add(reconciler, "a");
        for (int failure = 0; failure < 3; failure++) {
            wait_for_runs(&own, failure + 1);
            wait_for_waiting(reconciler, 1);
            cat_clock_fake_advance(&clock, ROWS[i].too_early_ms[failure]);
            usleep(10000); /* several polls of the fake clock */
            EXPECT_INT(runs_of(&own), failure + 1);
            cat_clock_fake_advance(&clock, ROWS[i].in_time_ms[failure]);
        }
        wait_for_runs(&own, 4);
        cat_reconciler_stop(reconciler);
        EXPECT_INT(own.runs, 4);
    }
}

TEST("a stalled key comes again only when added, a waiting one at once when added")
{
    stage own = STAGE();
    own.result = CAT_E_INVALID;
    own.class = CAT_CLASS_STALLED;
    cat_clock_fake clock;
    cat_clock_fake_init(&clock, 0);
    cat_reconciler *reconciler = make(&own, &clock, 1, 0);
    cat_reconciler_add(reconciler, "a");
    wait_for_runs(&own, 1);
    cat_clock_fake_advance(&clock, 3600 * 1000);
    usleep(10000);
    EXPECT_INT(runs_of(&own), 1);
    EXPECT_INT(cat_reconciler_waiting(reconciler), 0);
    pthread_mutex_lock(&own.mutex);
    own.class = CAT_CLASS_WAITING;
    pthread_mutex_unlock(&own.mutex);
    cat_reconciler_add(reconciler, "a");
    wait_for_runs(&own, 2);
    wait_for_waiting(reconciler, 1);
    cat_reconciler_add(reconciler, "a"); /* the clock stands still */
    wait_for_runs(&own, 3);
    cat_reconciler_stop(reconciler);
    EXPECT_INT(own.runs, 3);
}

TEST("a key that asks for it comes again, and success forgets failures")
{
    stage own = STAGE();
    own.again_ms = 1000;
    cat_clock_fake clock;
    cat_clock_fake_init(&clock, 0);
    cat_reconciler *reconciler = make(&own, &clock, 1, 0);
    cat_reconciler_add(reconciler, "a");
    wait_for_runs(&own, 1);
    wait_for_waiting(reconciler, 1);
    cat_clock_fake_advance(&clock, 999);
    usleep(10000);
    EXPECT_INT(runs_of(&own), 1);
    cat_clock_fake_advance(&clock, 1);
    wait_for_runs(&own, 2);
    cat_reconciler_stop(reconciler);
}

TEST("of several times the earliest counts")
{
    stage own = STAGE();
    cat_clock_fake clock;
    cat_clock_fake_init(&clock, 0);
    cat_reconciler *reconciler = make(&own, &clock, 1, 0);
    static const int DELAYS[] = {700, 300, 900, 100, 500, 800, 200, 600, 400};
    for (size_t i = 0; i < 9; i++) {
        char key[16];
        snprintf(key, sizeof key, "%d", DELAYS[i] / 100);
        EXPECT(cat_reconciler_add_after(reconciler, key, 5000));
        EXPECT(cat_reconciler_add_after(reconciler, key, DELAYS[i]));
        EXPECT(cat_reconciler_add_after(reconciler, key, 9000));
    }
    for (int i = 1; i <= 9; i++) {
        cat_clock_fake_advance(&clock, 100);
        wait_for_runs(&own, i);
    }
    cat_reconciler_stop(reconciler);
    EXPECT_TEXT(own.order, "123456789");
}

TEST("keys above the maximum are refused, known ones are not")
{
    stage own = STAGE();
    own.hold = true;
    cat_reconciler *reconciler = make(&own, NULL, 1, 2);
    EXPECT(cat_reconciler_add(reconciler, "a"));
    EXPECT(cat_reconciler_add(reconciler, "b"));
    EXPECT(!cat_reconciler_add(reconciler, "c"));
    EXPECT(cat_reconciler_add(reconciler, "b"));
    set_hold(&own, false);
    wait_for_runs(&own, 2);
    cat_reconciler_stop(reconciler);
}

TEST("metrics have the names that dashboards know")
{
    stage own = STAGE();
    own.result = CAT_E_INVALID;
    own.class = CAT_CLASS_STALLED;
    cat_metrics *metrics = cat_metrics_create();
    cat_reconciler *reconciler = cat_reconciler_create(
        &(cat_reconciler_options){.name = "tested", .reconcile = reconcile, .context = &own, .metrics = metrics});
    cat_reconciler_add(reconciler, "a");
    wait_for_runs(&own, 1);
    cat_reconciler_stop(reconciler);
    cat_string text = CAT_STRING(65536);
    cat_metrics_format(metrics, &text);
    EXPECT(strstr(text.data, "controller_runtime_reconcile_total{controller=\"tested\",result=\"error\"} 1\n"));
    EXPECT(strstr(text.data, "controller_runtime_reconcile_errors_total{controller=\"tested\"} 1\n"));
    EXPECT(strstr(text.data, "controller_runtime_reconcile_time_seconds_count{controller=\"tested\"} 1\n"));
    EXPECT(strstr(text.data, "controller_runtime_active_workers{controller=\"tested\"} 0\n"));
    cat_string_finish(&text);
    cat_metrics_destroy(metrics);
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
