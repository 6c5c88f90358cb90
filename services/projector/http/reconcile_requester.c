#include "http/reconcile_requester.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/condition.h"
#include "base/encoding.h"
#include "base/log.h"
#include "base/map.h"
#include "domain/kinds.h"
#include "svc/flux.h"

#define THREADS 4

struct prj_reconcile_requester {
    cat_kube *management;
    char *namespace; /* its own */
    pthread_mutex_t lock;
    pthread_cond_t changed;
    prj_reconcile_turns_schedule *schedule;
    cat_map *kubes; /* vcluster → cat_kube; one thread uses it at a time, as the schedule keeps a vcluster busy */
    bool stopping;
    pthread_t threads[THREADS];
    cat_metric *asked, *latency;
};

static int64_t now_ms(void)
{
    const cat_clock *clock = cat_clock_system();
    return clock->monotonic_ms(clock);
}

static void kube_release(void *value)
{
    cat_kube_destroy(value);
}

/* A kubeconfig of its own, with which it may ask GitRepositories of flux-system there to look, and nothing else. */
static int connect_vcluster(prj_reconcile_requester *all, const prj_reconcile_turns_target *target, cat_kube **kube,
                            cat_error *error)
{
    cat_autofree char *name = cat_printf("vc-%s", target->cluster);
    cat_autojson json_t *secret = NULL;
    int code = cat_kube_get(all->management, cat_resource_find("", "Secret"), all->namespace, name, &secret, error);
    if (code < 0)
        return cat_error_wrap(error, "reading the kubeconfig of %s", target->cluster);
    const char *encoded = cat_json_text(secret, "data.config");
    size_t length = 0;
    char *config = encoded ? (char *)cat_base64_decode(encoded, strlen(encoded), &length) : NULL;
    if (!config)
        return cat_error_set(error, CAT_E_INVALID, "Secret %s has no key config", name);
    code = cat_kube_create(config, length, kube, error);
    cat_wipe(config, length);
    free(config);
    return code;
}

static int find_kube(prj_reconcile_requester *all, const prj_reconcile_turns_target *target, cat_kube **kube, cat_error *error)
{
    if (!*target->cluster) {
        *kube = all->management;
        return 0;
    }
    pthread_mutex_lock(&all->lock);
    *kube = cat_map_get(all->kubes, target->cluster);
    pthread_mutex_unlock(&all->lock);
    if (*kube)
        return 0;
    int code = connect_vcluster(all, target, kube, error);
    if (code < 0)
        return code;
    pthread_mutex_lock(&all->lock);
    cat_map_set(all->kubes, target->cluster, *kube);
    pthread_mutex_unlock(&all->lock);
    return 0;
}

static int annotate(prj_reconcile_requester *all, const prj_reconcile_turns_target *target, cat_error *error)
{
    cat_kube *kube = NULL;
    int code = find_kube(all, target, &kube, error);
    if (code < 0)
        return code;
    code = (target->quiet ? cat_flux_tell_pushed : cat_flux_ask)(kube, target->namespace, target->name, error);
    if (code < 0 && code != CAT_E_NOT_FOUND && *target->cluster) {
        /* Its address or credentials may have changed: they are read anew the next time. */
        pthread_mutex_lock(&all->lock);
        cat_map_remove(all->kubes, target->cluster);
        pthread_mutex_unlock(&all->lock);
    }
    return code;
}

static bool carry_out(prj_reconcile_requester *all, const prj_reconcile_turns_target *target)
{
    cat_error error = {0};
    int code = annotate(all, target, &error);
    if (all->asked)
        cat_metric_add(all->asked, 1, (const char *const[]){code < 0 ? cat_error_name(code) : "ok"});
    if (code == 0 && all->latency)
        cat_metric_observe(all->latency, (double)(now_ms() - target->wished_ms) / 1000.0, NULL);
    /* A branch is pushed to where its Environment, or the Application in it, is not, or not yet: nobody needs to mend that. */
    if (code < 0 && code != CAT_E_NOT_FOUND)
        cat_log_warning("Flux could not be asked to look now", CAT_FIELD("vcluster", target->cluster),
                        CAT_FIELD("namespace", target->namespace), CAT_FIELD("repository", target->name),
                        CAT_FIELD_ERROR(&error));
    return code < 0 && code != CAT_E_NOT_FOUND;
}

static void wait_for_change(prj_reconcile_requester *all, int64_t wait_ms)
{
    if (wait_ms < 0) {
        pthread_cond_wait(&all->changed, &all->lock);
        return;
    }
    cat_condition_wait(&all->changed, &all->lock, cat_deadline_after_ms(wait_ms));
}

static void *run(void *argument)
{
    prj_reconcile_requester *all = argument;
    pthread_mutex_lock(&all->lock);
    while (!all->stopping) {
        int64_t wait_ms = -1;
        prj_reconcile_turns_target *target = prj_reconcile_turns_next(all->schedule, now_ms(), &wait_ms);
        if (!target) {
            wait_for_change(all, wait_ms);
            continue;
        }
        pthread_mutex_unlock(&all->lock);
        bool again = carry_out(all, target);
        pthread_mutex_lock(&all->lock);
        prj_reconcile_turns_done(all->schedule, target, now_ms(), again);
        pthread_cond_broadcast(&all->changed);
    }
    pthread_mutex_unlock(&all->lock);
    return NULL;
}

prj_reconcile_requester *prj_reconcile_requester_create(cat_kube *management, const char *namespace, cat_metrics *metrics)
{
    prj_reconcile_requester *all = cat_calloc(1, sizeof *all);
    all->management = management;
    all->namespace = cat_strdup(namespace);
    all->schedule = prj_reconcile_turns_schedule_create();
    all->kubes = cat_map_create(kube_release);
    pthread_mutex_init(&all->lock, NULL);
    cat_condition_init(&all->changed);
    if (metrics) {
        all->asked = cat_metric_get(metrics, CAT_METRIC_COUNTER, "projector_flux_asked_total",
                                    "GitRepositories that were asked to look now", "result");
        all->latency = cat_metric_get(metrics, CAT_METRIC_HISTOGRAM, "projector_webhook_to_flux_seconds",
                                      "From a webhook until Flux was asked", NULL);
    }
    for (size_t i = 0; i < THREADS; i++)
        if (pthread_create(&all->threads[i], NULL, run, all) != 0)
            abort();
    return all;
}

void prj_reconcile_requester_destroy(prj_reconcile_requester *all)
{
    if (!all)
        return;
    pthread_mutex_lock(&all->lock);
    all->stopping = true;
    pthread_cond_broadcast(&all->changed);
    pthread_mutex_unlock(&all->lock);
    for (size_t i = 0; i < THREADS; i++)
        pthread_join(all->threads[i], NULL);
    prj_reconcile_turns_schedule_destroy(all->schedule);
    free(all->namespace);
    cat_map_destroy(all->kubes);
    pthread_cond_destroy(&all->changed);
    pthread_mutex_destroy(&all->lock);
    free(all);
}

void prj_reconcile_requester_add(prj_reconcile_requester *all, const char *organization, const char *vcluster,
                                 const char *namespace, const char *name, bool quiet)
{
    prj_reconcile_turns_target wish = {
        (char *)vcluster, (char *)organization, (char *)namespace, (char *)name, now_ms(), 0, quiet};
    pthread_mutex_lock(&all->lock);
    if (!prj_reconcile_turns_add(all->schedule, &wish))
        cat_log_warning("too many GitRepositories wait to be asked", CAT_FIELD("repository", name));
    pthread_cond_broadcast(&all->changed);
    pthread_mutex_unlock(&all->lock);
}
