#include "holder/assignment.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/random.h"
#include "base/task.h"
#include "holder/holder.h"
#include "svc/shard.h"

#define TICK_MS 500
/* After a holder gave way, the other holder gets this long to be the only one. */
#define AGAIN_AFTER_MS 3000
/* An account that is not there yet is asked for ever more rarely: its Organization may never come. */
#define ACCOUNT_FIRST_MS 500
#define ACCOUNT_LAST_MS 30000

typedef struct {
    char *organization, *environment;
    prj_holder *holder;
    bool of_account; /* its connection is lent */
    int64_t not_before_ms;
    unsigned refusals; /* of its account, one after the other */
} share;

struct prj_assignment {
    prj_assignment_options options;
    char *instance;
    cat_shard *shard;
    prj_view *controlplane;
    cat_task *task;
    pthread_mutex_t lock; /* of the next group */
    cat_map *shares;      /* environment → share */
    share **retired;      /* they write nothing more; their threads are about to end */
    size_t retired_count, retired_capacity;
};

static int64_t now_ms(void)
{
    const cat_clock *clock = cat_clock_system();
    return clock->monotonic_ms(clock);
}

/* All of the following: with the lock. */

static void stop_folder(prj_assignment *all, share *one)
{
    prj_holder_stop(cat_take(one->holder));
    if (one->of_account)
        cat_accounts_release(all->options.accounts, one->organization);
    one->of_account = false;
}

static void share_free(void *value)
{
    share *one = value;
    free(one->organization);
    free(one->environment);
    free(one);
}

/* It writes nothing more from now on; the thread is waited for later. */
static void retire(prj_assignment *all, const char *environment)
{
    share *one = cat_map_take(all->shares, environment);
    if (one->holder)
        prj_holder_halt(one->holder);
    if (all->retired_count == all->retired_capacity) {
        all->retired_capacity = all->retired_capacity ? all->retired_capacity * 2 : 16;
        all->retired = cat_realloc(all->retired, all->retired_capacity * sizeof *all->retired);
    }
    all->retired[all->retired_count++] = one;
}

static void bury_retired(prj_assignment *all, bool wait)
{
    for (size_t i = all->retired_count; i-- > 0;) {
        share *one = all->retired[i];
        if (one->holder && !wait && prj_holder_is_running(one->holder))
            continue;
        stop_folder(all, one);
        share_free(one);
        all->retired[i] = all->retired[--all->retired_count];
    }
}

static void start_folder(prj_assignment *all, share *one)
{
    cat_error error = {0};
    cat_spine *spine = all->options.controlplane;
    one->not_before_ms = now_ms() + AGAIN_AFTER_MS;
    if (strcmp(one->environment, "_") != 0) {
        int code = cat_accounts_acquire(all->options.accounts, one->organization, &spine, &error);
        if (code < 0) {
            if (one->refusals++ == 0)
                cat_log_info("cannot fold yet", CAT_FIELD("environment", one->environment), CAT_FIELD_ERROR(&error));
            if (code == CAT_E_NOT_FOUND)
                one->not_before_ms = now_ms() + cat_backoff_ms(one->refusals - 1, ACCOUNT_FIRST_MS, ACCOUNT_LAST_MS);
            return;
        }
        one->refusals = 0;
        one->of_account = true;
    }
    prj_holder_options options = {.spine = spine,
                                  .controlplane = all->options.controlplane,
                                  .organization = one->organization,
                                  .environment = one->environment,
                                  .holder = all->instance,
                                  .metrics = all->options.metrics};
    if (prj_holder_start(&options, &one->holder, &error) < 0) {
        cat_log_error("cannot fold", CAT_FIELD("environment", one->environment), CAT_FIELD_ERROR(&error));
        stop_folder(all, one);
    }
}

static void want(prj_assignment *all, cat_map *wanted, const char *organization, const char *environment)
{
    if (!cat_shard_holds(all->shard, organization))
        return;
    cat_map_set(wanted, environment, all);
    if (cat_map_get(all->shares, environment))
        return;
    share *one = cat_calloc(1, sizeof *one);
    *one = (share){.organization = cat_strdup(organization), .environment = cat_strdup(environment)};
    cat_map_set(all->shares, environment, one);
}

static void wish(prj_assignment *all, cat_map *wanted)
{
    cat_auto(cat_strings) organizations = {0};
    want(all, wanted, CAT_SHARD_SOVEREIGN, "_");
    prj_view_lock(all->controlplane);
    size_t at = 0;
    for (const prj_view_row *row; (row = prj_view_next(all->controlplane, &at));) {
        if (row->deleted || strcmp(row->kind, "environment") != 0 || !*row->organization)
            continue;
        cat_strings_add(&organizations, row->organization);
        want(all, wanted, row->organization, row->name);
    }
    prj_view_unlock(all->controlplane);
    cat_shard_know(all->shard, &organizations);
}

static void make_equal(prj_assignment *all)
{
    cat_map *wanted = cat_map_create(NULL);
    wish(all, wanted);
    size_t at = 0;
    const char *environment;
    void *value;
    while (cat_map_next(all->shares, &at, &environment, &value)) {
        share *one = value;
        bool keep = cat_map_get(wanted, environment) != NULL;
        if (!keep) {
            cat_autofree char *name = cat_strdup(environment);
            retire(all, name);
            continue;
        }
        if (one->holder && !prj_holder_is_running(one->holder))
            stop_folder(all, one);
        if (!one->holder && now_ms() >= one->not_before_ms)
            start_folder(all, one);
    }
    cat_map_destroy(wanted);
    bury_retired(all, false);
}

static int64_t make_equal_again(void *context, cat_task *task)
{
    (void)task;
    prj_assignment *all = context;
    pthread_mutex_lock(&all->lock);
    make_equal(all);
    pthread_mutex_unlock(&all->lock);
    return 0;
}

/* On the shard's thread */

static void on_gained(void *context, const char *organization)
{
    (void)organization; /* each look asks what is held */
    prj_assignment *all = context;
    pthread_mutex_lock(&all->lock);
    if (all->task) /* else it looks when it begins */
        cat_task_wake(all->task);
    pthread_mutex_unlock(&all->lock);
}

static void on_lost(void *context, const char *organization)
{
    prj_assignment *all = context;
    pthread_mutex_lock(&all->lock);
    size_t at = 0;
    const char *environment;
    void *value;
    while (cat_map_next(all->shares, &at, &environment, &value)) {
        share *one = value;
        if (strcmp(one->organization, organization) != 0)
            continue;
        cat_autofree char *name = cat_strdup(environment);
        retire(all, name);
    }
    pthread_mutex_unlock(&all->lock);
}

static void finish(prj_assignment *all)
{
    cat_task_stop(all->task);
    size_t at = 0;
    const char *environment;
    void *value;
    while (cat_map_next(all->shares, &at, &environment, &value)) {
        cat_autofree char *name = cat_strdup(environment);
        retire(all, name);
    }
    bury_retired(all, true);
    free(all->retired);
    cat_map_destroy(all->shares);
    cat_shard_destroy(all->shard);
    prj_views_release(all->options.views, all->controlplane);
    pthread_mutex_destroy(&all->lock);
    free(all->instance);
    free(all);
}

int prj_assignment_start(const prj_assignment_options *options, prj_assignment **made, cat_error *error)
{
    prj_view *controlplane = NULL;
    int code = prj_views_acquire(options->views, "system", "_", &controlplane, error);
    if (code < 0)
        return code;
    prj_assignment *all = cat_calloc(1, sizeof *all);
    all->options = *options;
    all->instance = cat_strdup(options->instance);
    all->controlplane = controlplane;
    all->shares = cat_map_create(share_free);
    pthread_mutex_init(&all->lock, NULL);
    cat_shard_options shard = {.spine = options->controlplane,
                               .service = "projector",
                               .instance = all->instance,
                               .on_gained = on_gained,
                               .on_lost = on_lost,
                               .context = all};
    code = cat_shard_start(&shard, &all->shard, error);
    if (code < 0) {
        finish(all);
        return code;
    }
    pthread_mutex_lock(&all->lock);
    all->task = cat_task_start(&(cat_task_options){.interval_ms = TICK_MS, .run = make_equal_again, .context = all});
    pthread_mutex_unlock(&all->lock);
    *made = all;
    return 0;
}

void prj_assignment_stop(prj_assignment *all)
{
    if (!all)
        return;
    cat_shard_stop(all->shard);
    finish(all);
}

void prj_assignment_each(prj_assignment *all, void (*each)(void *context, const char *organization, const char *environment),
                         void *context)
{
    cat_auto(cat_strings) organizations = {0};
    cat_auto(cat_strings) environments = {0};
    size_t at = 0;
    const char *environment;
    void *value;
    pthread_mutex_lock(&all->lock);
    while (cat_map_next(all->shares, &at, &environment, &value)) {
        if (strcmp(environment, "_") == 0)
            continue;
        cat_strings_add(&organizations, ((share *)value)->organization);
        cat_strings_add(&environments, environment);
    }
    pthread_mutex_unlock(&all->lock);
    for (size_t i = 0; i < environments.count; i++)
        each(context, organizations.items[i], environments.items[i]);
}
