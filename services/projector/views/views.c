/* The table of views: opened by the first who looks, shared, closed a while after the last. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/condition.h"
#include "views/view_internal.h"

#define READY_TIMEOUT_MS 5000
#define IDLE_MS 60000

static int64_t now_ms(void)
{
    const cat_clock *clock = cat_clock_system();
    return clock->monotonic_ms(clock);
}

prj_views *prj_views_create(const prj_views_options *options)
{
    prj_views *all = cat_calloc(1, sizeof *all);
    all->options = *options;
    if (all->options.idle_ms == 0)
        all->options.idle_ms = IDLE_MS;
    pthread_mutex_init(&all->lock, NULL);
    cat_condition_init(&all->changed);
    all->open = cat_map_create(NULL);
    all->opening = cat_map_create(NULL);
    if (options->metrics)
        all->held = cat_metric_get(options->metrics, CAT_METRIC_GAUGE, "projector_views",
                                   "Environments held because somebody looks at them", NULL);
    return all;
}

static void let_go(prj_views *all, prj_view *seen)
{
    bool of_account = strcmp(seen->environment, "_") != 0 && !all->options.only_account;
    cat_autofree char *organization = cat_strdup(seen->organization);
    prj_view_close(seen);
    if (of_account)
        cat_accounts_release(all->options.accounts, organization);
}

void prj_views_destroy(prj_views *all)
{
    if (!all)
        return;
    size_t at = 0;
    const char *key;
    void *value;
    while (cat_map_next(all->open, &at, &key, &value))
        let_go(all, value);
    cat_map_destroy(all->open);
    cat_map_destroy(all->opening);
    pthread_cond_destroy(&all->changed);
    pthread_mutex_destroy(&all->lock);
    free(all);
}

static int find_spine(prj_views *all, const char *organization, const char *environment, cat_spine **spine, cat_error *error)
{
    if (strcmp(environment, "_") == 0)
        *spine = all->options.controlplane;
    else if (all->options.only_account)
        *spine = all->options.only_account;
    else
        return cat_accounts_acquire(all->options.accounts, organization, spine, error);
    return 0;
}

/* Connects and starts to watch: without the lock, as it may take a while. */
static int open_view(prj_views *all, const char *organization, const char *environment, prj_view **made, cat_error *error)
{
    prj_view *seen = cat_calloc(1, sizeof *seen);
    seen->all = all;
    seen->organization = cat_strdup(organization);
    seen->environment = cat_strdup(environment);
    if (strcmp(environment, "_") == 0)
        snprintf(seen->bucket, sizeof seen->bucket, "catalyst-state");
    else
        cat_bucket_of_environment(environment, seen->bucket, sizeof seen->bucket);
    if (all->options.metrics)
        seen->latency = cat_metric_get(all->options.metrics, CAT_METRIC_HISTOGRAM, "projector_event_to_client_seconds",
                                       "From an event's time until its row is on its way to clients", NULL);
    int code = find_spine(all, organization, environment, &seen->spine, error);
    if (code < 0) {
        free(seen->organization);
        free(seen->environment);
        free(seen);
        return code;
    }
    code = prj_view_open(seen, error);
    if (code < 0)
        let_go(all, seen);
    else
        *made = seen;
    return code < 0 && code == CAT_E_NOT_FOUND
               ? cat_error_set_class(error, code, CAT_CLASS_WAITING, "Environment %s is not set up yet", environment)
               : code;
}

/* With the lock: finds the view, or opens it while others wait for it. */
static int find_or_open(prj_views *all, const char *organization, const char *environment, int64_t until_ms, prj_view **found,
                        cat_error *error)
{
    for (;;) {
        *found = cat_map_get(all->open, environment);
        if (*found)
            return 0;
        if (cat_map_get(all->opening, environment)) {
            if (!cat_condition_wait(&all->changed, &all->lock, until_ms))
                return cat_error_set(error, CAT_E_UNAVAILABLE, "the state of %s is not there yet", environment);
            continue;
        }
        cat_map_set(all->opening, environment, all);
        pthread_mutex_unlock(&all->lock);
        prj_view *made = NULL;
        int code = open_view(all, organization, environment, &made, error);
        pthread_mutex_lock(&all->lock);
        cat_map_remove(all->opening, environment);
        pthread_cond_broadcast(&all->changed);
        if (code < 0)
            return code;
        cat_map_set(all->open, environment, made);
        *found = made;
        return 0;
    }
}

int prj_views_acquire(prj_views *all, const char *organization, const char *environment, prj_view **seen, cat_error *error)
{
    int64_t until_ms = now_ms() + READY_TIMEOUT_MS;
    prj_view *found = NULL;
    pthread_mutex_lock(&all->lock);
    int code = find_or_open(all, organization, environment, until_ms, &found, error);
    if (code == 0) {
        found->users++;
        while (!found->whole && cat_condition_wait(&all->changed, &all->lock, until_ms))
            ;
        if (!found->whole) {
            found->users--;
            code = cat_error_set(error, CAT_E_UNAVAILABLE, "the state of %s is not there yet", environment);
        }
    }
    if (all->held)
        cat_metric_set(all->held, (double)cat_map_count(all->open), NULL);
    pthread_mutex_unlock(&all->lock);
    if (code == 0)
        *seen = found;
    return code;
}

void prj_views_release(prj_views *all, prj_view *seen)
{
    if (!seen)
        return;
    pthread_mutex_lock(&all->lock);
    if (--seen->users == 0)
        seen->idle_since_ms = now_ms();
    pthread_mutex_unlock(&all->lock);
}

void prj_views_sweep(prj_views *all)
{
    prj_view *idle[64];
    size_t count = 0, at = 0;
    const char *key;
    void *value;
    pthread_mutex_lock(&all->lock);
    while (count < 64 && cat_map_next(all->open, &at, &key, &value)) {
        prj_view *seen = value;
        if (strcmp(key, "_") == 0 || seen->users > 0 || now_ms() - seen->idle_since_ms < all->options.idle_ms)
            continue;
        idle[count++] = seen;
        cat_map_remove(all->open, key);
    }
    pthread_mutex_unlock(&all->lock);
    for (size_t i = 0; i < count; i++)
        let_go(all, idle[i]);
    if (count > 0 && all->held)
        cat_metric_set(all->held, (double)prj_views_count(all), NULL);
}

size_t prj_views_count(prj_views *all)
{
    pthread_mutex_lock(&all->lock);
    size_t count = cat_map_count(all->open);
    pthread_mutex_unlock(&all->lock);
    return count;
}
