#include "core/reconcile_turns.h"

#include <stdlib.h>

#include "base/map.h"
#include "base/memory.h"

#define ATTEMPTS_MAX 4
#define FORGET_ABOVE 1000

typedef struct {
    double tokens;
    int64_t refilled_ms;
    bool busy;
} cluster_state;

typedef struct {
    int64_t asked_ms;
} target_state;

struct prj_reconcile_turns_schedule {
    cat_map *waiting;  /* cluster|namespace|name → prj_reconcile_turns_target, in the order of wishes */
    cat_map *targets;  /* → target_state, of the last second */
    cat_map *clusters; /* name → cluster_state */
};

static void target_free(void *value)
{
    prj_reconcile_turns_target *target = value;
    free(target->cluster);
    free(target->organization);
    free(target->namespace);
    free(target->name);
    free(target);
}

prj_reconcile_turns_schedule *prj_reconcile_turns_schedule_create(void)
{
    prj_reconcile_turns_schedule *schedule = cat_calloc(1, sizeof *schedule);
    schedule->waiting = cat_map_create(target_free);
    schedule->targets = cat_map_create(free);
    schedule->clusters = cat_map_create(free);
    return schedule;
}

void prj_reconcile_turns_schedule_destroy(prj_reconcile_turns_schedule *schedule)
{
    if (!schedule)
        return;
    cat_map_destroy(schedule->waiting);
    cat_map_destroy(schedule->targets);
    cat_map_destroy(schedule->clusters);
    free(schedule);
}

static char *key_of(const prj_reconcile_turns_target *target)
{
    return cat_printf("%s|%s|%s", target->cluster, target->namespace, target->name);
}

bool prj_reconcile_turns_add(prj_reconcile_turns_schedule *schedule, const prj_reconcile_turns_target *wish)
{
    cat_autofree char *key = key_of(wish);
    prj_reconcile_turns_target *waiting = cat_map_get(schedule->waiting, key);
    if (waiting) {
        waiting->quiet |= wish->quiet;
        return true;
    }
    if (cat_map_count(schedule->waiting) >= ASK_WAITING_MAX)
        return false;
    prj_reconcile_turns_target *copy = cat_calloc(1, sizeof *copy);
    *copy = (prj_reconcile_turns_target){cat_strdup(wish->cluster),
                                         cat_strdup(wish->organization ? wish->organization : ""),
                                         cat_strdup(wish->namespace),
                                         cat_strdup(wish->name),
                                         wish->wished_ms,
                                         wish->attempts,
                                         wish->quiet};
    cat_map_set(schedule->waiting, key, copy);
    return true;
}

static cluster_state *cluster_of(prj_reconcile_turns_schedule *schedule, const char *name, int64_t now_ms)
{
    cluster_state *state = cat_map_get(schedule->clusters, name);
    if (!state) {
        state = cat_calloc(1, sizeof *state);
        *state = (cluster_state){.tokens = ASK_CLUSTER_PER_SECOND, .refilled_ms = now_ms};
        cat_map_set(schedule->clusters, name, state);
    }
    state->tokens += (double)(now_ms - state->refilled_ms) * ASK_CLUSTER_PER_SECOND / 1000.0;
    if (state->tokens > ASK_CLUSTER_PER_SECOND)
        state->tokens = ASK_CLUSTER_PER_SECOND;
    state->refilled_ms = now_ms;
    return state;
}

/* 0: now; otherwise how long it has to wait; -1: until what is under way in its cluster is done. */
static int64_t delay_of(prj_reconcile_turns_schedule *schedule, const char *key, const prj_reconcile_turns_target *target,
                        int64_t now_ms)
{
    const target_state *state = cat_map_get(schedule->targets, key);
    const cluster_state *cluster = cluster_of(schedule, target->cluster, now_ms);
    if (cluster->busy)
        return -1;
    int64_t delay_ms = state && state->asked_ms + ASK_EVERY_MS > now_ms ? state->asked_ms + ASK_EVERY_MS - now_ms : 0;
    if (cluster->tokens < 1.0) {
        int64_t refill_ms = (int64_t)((1.0 - cluster->tokens) * 1000.0 / ASK_CLUSTER_PER_SECOND) + 1;
        delay_ms = refill_ms > delay_ms ? refill_ms : delay_ms;
    }
    return delay_ms;
}

static void forget_old(prj_reconcile_turns_schedule *schedule, int64_t now_ms)
{
    if (cat_map_count(schedule->targets) < FORGET_ABOVE)
        return;
    size_t at = 0;
    const char *key;
    void *value;
    while (cat_map_next(schedule->targets, &at, &key, &value))
        if (((target_state *)value)->asked_ms + ASK_EVERY_MS <= now_ms)
            cat_map_remove(schedule->targets, key);
}

prj_reconcile_turns_target *prj_reconcile_turns_next(prj_reconcile_turns_schedule *schedule, int64_t now_ms, int64_t *wait_ms)
{
    size_t at = 0;
    const char *key;
    void *value;
    *wait_ms = -1;
    forget_old(schedule, now_ms);
    while (cat_map_next(schedule->waiting, &at, &key, &value)) {
        int64_t delay_ms = delay_of(schedule, key, value, now_ms);
        if (delay_ms > 0 && (*wait_ms < 0 || delay_ms < *wait_ms))
            *wait_ms = delay_ms;
        if (delay_ms != 0)
            continue;
        prj_reconcile_turns_target *target = value;
        cluster_state *cluster = cluster_of(schedule, target->cluster, now_ms);
        cluster->busy = true;
        cluster->tokens -= 1.0;
        target_state *state = cat_calloc(1, sizeof *state);
        state->asked_ms = now_ms;
        cat_map_set(schedule->targets, key, state);
        cat_autofree char *taken = cat_strdup(key);
        return cat_map_take(schedule->waiting, taken);
    }
    return NULL;
}

void prj_reconcile_turns_done(prj_reconcile_turns_schedule *schedule, prj_reconcile_turns_target *target, int64_t now_ms,
                              bool again)
{
    cluster_of(schedule, target->cluster, now_ms)->busy = false;
    target->attempts++;
    if (again && target->attempts < ATTEMPTS_MAX)
        prj_reconcile_turns_add(schedule, target);
    target_free(target);
}

size_t prj_reconcile_turns_waiting(const prj_reconcile_turns_schedule *schedule)
{
    return cat_map_count(schedule->waiting);
}
