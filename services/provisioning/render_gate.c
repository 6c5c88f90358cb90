#include "render_gate.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/condition.h"
#include "base/map.h"
#include "base/memory.h"

typedef struct {
    unsigned plans, waiting, programs;
    unsigned holders; /* of this struct */
} tenant;

struct prv_render_gate {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    cat_map *tenants; /* name → tenant, of those that are here now */
    unsigned programs, most;
};

prv_render_gate *prv_render_gate_create(unsigned programs)
{
    prv_render_gate *gate = cat_calloc(1, sizeof *gate);
    pthread_mutex_init(&gate->lock, NULL);
    cat_condition_init(&gate->changed);
    gate->tenants = cat_map_create(free);
    gate->most = programs;
    return gate;
}

void prv_render_gate_destroy(prv_render_gate *gate)
{
    if (!gate)
        return;
    cat_map_destroy(gate->tenants);
    pthread_cond_destroy(&gate->changed);
    pthread_mutex_destroy(&gate->lock);
    free(gate);
}

static tenant *hold(prv_render_gate *gate, const char *organization)
{
    tenant *one = cat_map_get(gate->tenants, organization);
    if (!one) {
        one = cat_calloc(1, sizeof *one);
        cat_map_set(gate->tenants, organization, one);
    }
    one->holders++;
    return one;
}

static void release(prv_render_gate *gate, const char *organization, tenant *one)
{
    if (--one->holders == 0)
        cat_map_remove(gate->tenants, organization);
}

int prv_render_gate_enter_plan(prv_render_gate *gate, const char *organization, long wait_ms, cat_error *error)
{
    int64_t until_ms = cat_deadline_after_ms(wait_ms);
    pthread_mutex_lock(&gate->lock);
    tenant *one = hold(gate, organization);
    bool free_place = one->plans < PRV_GATE_PLANS;
    if (!free_place && one->waiting < PRV_GATE_WAITING) {
        one->waiting++;
        while (one->plans >= PRV_GATE_PLANS && cat_condition_wait(&gate->changed, &gate->lock, until_ms))
            continue;
        one->waiting--;
        free_place = one->plans < PRV_GATE_PLANS;
    }
    if (free_place)
        one->plans++;
    else
        release(gate, organization, one);
    pthread_mutex_unlock(&gate->lock);
    return free_place ? 0
                      : cat_error_set(error, CAT_E_LIMIT,
                                      "%d plans of this Organization are being made already: try again when one of them is there",
                                      PRV_GATE_PLANS);
}

void prv_render_gate_leave_plan(prv_render_gate *gate, const char *organization)
{
    pthread_mutex_lock(&gate->lock);
    tenant *one = cat_map_get(gate->tenants, organization);
    one->plans--;
    release(gate, organization, one);
    pthread_cond_broadcast(&gate->changed);
    pthread_mutex_unlock(&gate->lock);
}

static bool may_run(const prv_render_gate *gate, const tenant *one)
{
    unsigned most_of_one = gate->most > 1 ? gate->most - 1 : 1;
    return gate->programs < gate->most && one->programs < most_of_one;
}

int prv_render_gate_enter_program(prv_render_gate *gate, const char *organization, long wait_ms, cat_error *error)
{
    int64_t until_ms = cat_deadline_after_ms(wait_ms);
    pthread_mutex_lock(&gate->lock);
    tenant *one = hold(gate, organization);
    while (!may_run(gate, one) && cat_condition_wait(&gate->changed, &gate->lock, until_ms))
        continue;
    bool runs = may_run(gate, one);
    if (runs) {
        one->programs++;
        gate->programs++;
    } else {
        release(gate, organization, one);
    }
    pthread_mutex_unlock(&gate->lock);
    return runs ? 0
                : cat_error_set(error, CAT_E_LIMIT, "too many manifests are being built at this moment: try again in a minute");
}

void prv_render_gate_leave_program(prv_render_gate *gate, const char *organization)
{
    pthread_mutex_lock(&gate->lock);
    tenant *one = cat_map_get(gate->tenants, organization);
    one->programs--;
    gate->programs--;
    release(gate, organization, one);
    pthread_cond_broadcast(&gate->changed);
    pthread_mutex_unlock(&gate->lock);
}
