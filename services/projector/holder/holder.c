/* The life of a holder: it takes over and consumes until it is to stop, or another one has taken over from it. */
#include "holder/holder.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/random.h"
#include "holder/holder_internal.h"

#define STACK_BYTES (512 * 1024)

static int begin_following(prj_holder *holder, cat_error *error)
{
    char old[64];
    snprintf(old, sizeof old, "fold-%lld", (long long)holder->epoch - 1);
    snprintf(holder->consumer_name, sizeof holder->consumer_name, "fold-%lld", (long long)holder->epoch);
    cat_error ignored = {0};
    if (cat_consumer_delete_named(holder->options.spine, holder->stream, old, &ignored) < 0)
        cat_log_debug("the old consumer leaves by itself", CAT_FIELD("stream", holder->stream), CAT_FIELD_ERROR(&ignored));
    cat_follow_options options = {
        .spine = holder->options.spine, .stream = holder->stream, .name = holder->consumer_name, .after = holder->cursor};
    return cat_follow_create(&options, &holder->follow, error);
}

static int hold(prj_holder *holder, cat_error *error)
{
    int code = prj_holder_take_over(holder, error);
    if (code == 0)
        code = begin_following(holder, error);
    if (code < 0)
        return code;
    cat_log_info("folding", CAT_FIELD("environment", holder->environment), CAT_FIELD_INT("epoch", holder->epoch),
                 CAT_FIELD_INT("cursor", holder->cursor), CAT_FIELD_INT("rows", prj_fold_rows(holder->state)));
    code = prj_holder_consume(holder, error);
    prj_holder_write_behind(holder, false);
    cat_follow_destroy(cat_take(holder->follow));
    return code;
}

static void *run(void *argument)
{
    prj_holder *holder = argument;
    unsigned failures = 0;
    pthread_mutex_lock(&holder->working);
    while (!atomic_load(&holder->stopping)) {
        cat_error error = {0};
        int code = hold(holder, &error);
        if (code == 0 || code == CAT_E_CANCELLED)
            break;
        if (code == CAT_E_CONFLICT || prj_holder_is_lost(holder)) {
            cat_log_info("gave way to another holder", CAT_FIELD("environment", holder->environment));
            break;
        }
        if (failures < 3 || failures % 20 == 0)
            cat_log_warning("folding is interrupted", CAT_FIELD("environment", holder->environment), CAT_FIELD_ERROR(&error));
        pthread_mutex_unlock(&holder->working);
        prj_holder_wait(holder, cat_backoff_ms(failures++, 200, 5000));
        pthread_mutex_lock(&holder->working);
    }
    pthread_mutex_unlock(&holder->working);
    if (holder->lag) /* whoever folds it now tells its lag */
        cat_metric_set(holder->lag, 0, (const char *const[]){holder->environment});
    prj_fold_destroy(cat_take(holder->state));
    atomic_store(&holder->ended, true);
    return NULL;
}

static void name_metrics(prj_holder *holder)
{
    cat_metrics *metrics = holder->options.metrics;
    if (!metrics)
        return;
    holder->lag = cat_metric_get(metrics, CAT_METRIC_GAUGE, "projector_fold_lag_events",
                                 "Events on the stream that are not folded yet", "environment");
    holder->rows = cat_metric_get(metrics, CAT_METRIC_GAUGE, "projector_fold_rows", "Rows of an Environment, tombstones included",
                                  "environment");
    holder->events = cat_metric_get(metrics, CAT_METRIC_COUNTER, "projector_fold_events_total", "Events folded", NULL);
    holder->poison = cat_metric_get(metrics, CAT_METRIC_COUNTER, "projector_fold_poison_total",
                                    "Events that went to the dead letters", "code");
    holder->failures = cat_metric_get(metrics, CAT_METRIC_COUNTER, "projector_fold_write_failures_total",
                                      "Batches that were not confirmed at once", "code");
    holder->latency = cat_metric_get(metrics, CAT_METRIC_HISTOGRAM, "projector_fold_latency_seconds",
                                     "From an event's time until its rows are stored", NULL);
}

static void holder_free(prj_holder *holder)
{
    pthread_mutex_destroy(&holder->working);
    pthread_mutex_destroy(&holder->writer.lock);
    pthread_cond_destroy(&holder->writer.changed);
    free(holder->organization);
    free(holder->environment);
    free(holder->holder);
    free(holder);
}

int prj_holder_start(const prj_holder_options *options, prj_holder **made, cat_error *error)
{
    prj_holder *holder = cat_calloc(1, sizeof *holder);
    holder->options = *options;
    holder->organization = cat_strdup(options->organization);
    holder->environment = cat_strdup(options->environment);
    /* Unique, so that a restarted replica does not take its predecessor's batch for its own. */
    char id[CAT_ID_MAX];
    const cat_clock *clock = cat_clock_system();
    cat_id_make(clock->wall_ms(clock), id);
    holder->holder = cat_printf("%s/%s", options->holder, id);
    if (strcmp(options->environment, "_") == 0) {
        snprintf(holder->stream, sizeof holder->stream, "catalyst-events");
        snprintf(holder->bucket, sizeof holder->bucket, "catalyst-state");
    } else {
        cat_stream_of_environment(options->environment, holder->stream, sizeof holder->stream);
        cat_bucket_of_environment(options->environment, holder->bucket, sizeof holder->bucket);
    }
    name_metrics(holder);
    pthread_mutex_init(&holder->working, NULL);
    pthread_mutex_init(&holder->writer.lock, NULL);
    pthread_cond_init(&holder->writer.changed, NULL);
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, STACK_BYTES);
    int code = pthread_create(&holder->thread, &attributes, run, holder);
    pthread_attr_destroy(&attributes);
    if (code != 0) {
        holder_free(holder);
        return cat_error_set(error, CAT_E_LIMIT, "no thread for folding %s", options->environment);
    }
    *made = holder;
    return 0;
}

bool prj_holder_is_running(prj_holder *holder)
{
    return !atomic_load(&holder->ended);
}

void prj_holder_halt(prj_holder *holder)
{
    atomic_store(&holder->stopping, true);
    pthread_mutex_lock(&holder->working);
    pthread_mutex_unlock(&holder->working);
    prj_holder_flush(holder, NULL);
}

void prj_holder_stop(prj_holder *holder)
{
    if (!holder)
        return;
    prj_holder_halt(holder);
    pthread_join(holder->thread, NULL);
    holder_free(holder);
}
