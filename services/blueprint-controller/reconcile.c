#include "reconcile.h"

#include <stdlib.h>
#include <string.h>

#include "apply.h"
#include "base/clock.h"
#include "base/log.h"
#include "observe.h"
#include "status.h"

#define NEXT_MS 200          /* until what was registered is heard of */
#define STATUS_AGAIN_MS 2000 /* while objects of registered versions are on their way through Flux */
#define STATUS_SLOWLY_MS 60000
/* Rounds in which an object of a registered version is missing before its file is looked for, and between looking for it again.
 */
#define MEND_FIRST 4
#define MEND_AGAIN 10

/* What was rejected is known from the registry: when that was made anew, everything is judged again. */
static bpc_observation begin(bpc_controller *controller)
{
    unsigned incarnation = bpc_registry_incarnation(controller->registry);
    if (incarnation != controller->incarnation)
        json_object_clear(controller->settled);
    controller->incarnation = incarnation;
    return (bpc_observation){.registered = bpc_registry_facts(controller->registry),
                             .rejected = bpc_registry_rejections(controller->registry),
                             .looks = json_array(),
                             .over = json_array(),
                             .gone = json_array(),
                             .found = json_array()};
}

static void bpc_observation_cleanup(bpc_observation *observation)
{
    json_decref(observation->registered);
    json_decref(observation->rejected);
    json_decref(observation->looks);
    json_decref(observation->over);
    json_decref(observation->gone);
    json_decref(observation->found);
}

static int act(bpc_controller *controller, const bpc_observation *observation, cat_error *error)
{
    bool found = json_array_size(observation->looks) > 0;
    size_t tags = json_array_size(observation->gone) + json_array_size(observation->found);
    if (!found && json_array_size(observation->over) == 0 && tags == 0)
        return 0;
    char now[CAT_TIME_TEXT_MAX];
    cat_time_format(cat_clock_system()->wall_ms(cat_clock_system()), now);
    cat_autojson json_t *facts = cat_json_object("now", json_string(now), "registered", json_incref(observation->registered),
                                                 "looks", json_incref(observation->looks), NULL);
    cat_autojson json_t *plan = bpc_plan_make(controller->checker, facts);
    json_object_set(plan, "forget", observation->over);
    json_object_set(plan, "gone", observation->gone);
    json_object_set(plan, "found", observation->found);
    cat_autofree char *text = bpc_plan_print(plan);
    cat_log_debug("plan", CAT_FIELD("plan", text));
    int code = bpc_apply(controller, plan, error);
    if (!found && tags == 0)
        return code;
    controller->missing_rounds = 0; /* other objects are on their way now */
    cat_reconciler_add_after(controller->reconciler, BPC_STATUS, 500);
    return code;
}

/* What is kept of repositories that are away belongs to no owner that anybody could hold any more. */
static int look_for_gone(bpc_controller *controller, const cat_strings *repositories, cat_error *error)
{
    if (!cat_shard_enter(controller->shard, CAT_SHARD_SOVEREIGN))
        return 0;
    cat_auto(bpc_observation) observation = begin(controller);
    bpc_observe_away(repositories, &observation);
    int code = act(controller, &observation, error);
    cat_shard_leave(controller->shard, CAT_SHARD_SOVEREIGN);
    return code;
}

/* From `*at` on, until there is as much as one commit takes: then `*at` is where to go on. What was found is registered in one
 * commit. One repository that cannot be read does not keep the others waiting: it comes again by itself. */
static int look_through(bpc_controller *controller, const cat_strings *repositories, size_t *at, bool *failed, cat_error *error)
{
    cat_auto(bpc_observation) observation = begin(controller);
    for (; *at < repositories->count && !cat_service_is_stopping(controller->service); ++*at) {
        bool more = false;
        if (bpc_observe_repository(controller, repositories->items[*at], &observation, &more, NULL) < 0) {
            *failed = true;
            cat_reconciler_add(controller->reconciler, repositories->items[*at]);
        }
        if (more || json_array_size(observation.looks) >= BPC_BATCH_MAX)
            break; /* this one again: it has more, or nothing new */
    }
    return act(controller, &observation, error);
}

static char *owner_of(const char *repository)
{
    return cat_strndup(repository, strcspn(repository, "/"));
}

/* Everybody's owners are known to every replica; what it does not have it does not look at. */
static void find_own(bpc_controller *controller, const cat_strings *repositories, cat_strings *own)
{
    cat_auto(cat_strings) owners = {0};
    for (size_t i = 0; i < repositories->count; i++) {
        cat_autofree char *owner = owner_of(repositories->items[i]);
        cat_strings_add(&owners, owner);
        if (cat_shard_holds(controller->shard, owner))
            cat_strings_add(own, repositories->items[i]);
    }
    cat_shard_know(controller->shard, &owners);
}

static size_t place_of(const cat_strings *repositories, const char *name)
{
    for (size_t i = 0; name && i < repositories->count; i++)
        if (strcmp(repositories->items[i], name) == 0)
            return i;
    return 0;
}

static int look_at_all(bpc_controller *controller, int64_t *again_ms, cat_error *error)
{
    cat_auto(cat_strings) all_repositories = {0}, repositories = {0};
    bool failed = false;
    int code = bpc_observe_repositories(controller, &all_repositories, error);
    if (code == 0) {
        find_own(controller, &all_repositories, &repositories);
        code = look_for_gone(controller, &all_repositories, error);
    }
    size_t at = place_of(&repositories, controller->resume), from = at;
    if (code == 0)
        code = look_through(controller, &repositories, &at, &failed, error);
    const char *result = code < 0 || failed ? "error" : "success";
    cat_metric_add(controller->scans, 1, &result);
    bool all = code == 0 && at == repositories.count;
    /* What was not registered is looked at again. */
    size_t next = code < 0 ? from : at;
    free(controller->resume);
    controller->resume = !all && next < repositories.count ? cat_strdup(repositories.items[next]) : NULL;
    /* It is ready once all sources were looked through, and stays so: what fails later is told by metrics. */
    if (all)
        cat_service_set_ready(controller->service, "sources", NULL);
    *again_ms = all ? (int64_t)controller->config->sources.interval_seconds * 1000 : NEXT_MS;
    return code;
}

static int look_at_one(bpc_controller *controller, const char *repository, int64_t *again_ms, cat_error *error)
{
    cat_auto(bpc_observation) observation = begin(controller);
    bool more = false;
    cat_error failed = {0};
    int read = bpc_observe_repository(controller, repository, &observation, &more, &failed);
    int code = act(controller, &observation, error);
    if (code == 0 && read < 0) {
        cat_error_wrap(&failed, "%s", repository);
        return cat_error_copy(error, &failed);
    }
    if (more)
        *again_ms = NEXT_MS;
    return code;
}

/* Objects follow their files through Flux, which takes a while; a file that is gone has to be written again. */
static int write_status(bpc_controller *controller, int64_t *again_ms, cat_error *error)
{
    cat_auto(cat_strings) missing = {0};
    int code = bpc_status_write(controller, &missing, error);
    if (code < 0)
        return code;
    controller->missing_rounds = missing.count > 0 ? controller->missing_rounds + 1 : 0;
    unsigned rounds = controller->missing_rounds;
    bool wrote = false;
    if (rounds == MEND_FIRST || (rounds > MEND_FIRST && rounds % MEND_AGAIN == 0))
        code = bpc_mend(controller, &missing, &wrote, error);
    if (wrote)
        controller->missing_rounds = rounds = 1;
    int64_t wait_ms = rounds > 0 && rounds < 6 ? STATUS_AGAIN_MS << (rounds - 1) : STATUS_SLOWLY_MS;
    *again_ms = wait_ms < STATUS_SLOWLY_MS ? wait_ms : STATUS_SLOWLY_MS;
    return code;
}

int bpc_reconcile(void *context, const char *key, int64_t *again_ms, cat_error *error)
{
    bpc_controller *controller = context;
    if (strcmp(key, BPC_ALL) == 0)
        return look_at_all(controller, again_ms, error);
    if (strcmp(key, BPC_STATUS) == 0)
        return write_status(controller, again_ms, error);
    cat_autofree char *owner = owner_of(key);
    if (!cat_shard_enter(controller->shard, owner))
        return 0; /* another replica's: whoever gains it looks at everything */
    int code = look_at_one(controller, key, again_ms, error);
    cat_shard_leave(controller->shard, owner);
    return code;
}
