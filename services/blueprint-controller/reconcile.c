#include "reconcile.h"

#include <string.h>

#include "apply.h"
#include "base/clock.h"
#include "base/log.h"
#include "observe.h"
#include "status.h"

#define STATUS_AGAIN_MS 2000 /* while objects of registered versions are on their way through Flux */
#define STATUS_SLOWLY_MS 60000

static int act(bpc_controller *controller, const json_t *registered, const json_t *looks, cat_error *error)
{
    if (json_array_size(looks) == 0)
        return 0;
    char now[CAT_TIME_TEXT_MAX];
    cat_time_format(cat_clock_system()->wall_ms(cat_clock_system()), now);
    cat_autojson json_t *facts = json_object();
    json_object_set_new(facts, "now", json_string(now));
    json_object_set_new(facts, "registered", json_deep_copy(registered));
    json_object_set_new(facts, "looks", json_deep_copy(looks));
    cat_autojson json_t *plan = bpc_plan_make(controller->checker, facts);
    cat_autofree char *text = bpc_plan_print(plan);
    cat_log_debug("plan", CAT_FIELD("plan", text));
    int code = bpc_apply(controller, plan, error);
    cat_reconciler_add_after(controller->reconciler, BPC_STATUS, 500);
    return code;
}

/* One repository that cannot be read does not keep the others waiting; what was found is registered in one commit. */
static int look_through(bpc_controller *controller, const cat_strings *repositories, bool *more, cat_error *error)
{
    cat_autojson json_t *registered = bpc_registry_facts(controller->registry), *looks = json_array();
    cat_error first = {0};
    for (size_t i = 0; i < repositories->count && !cat_service_is_stopping(controller->service); i++) {
        cat_error failed = {0};
        bool others = false;
        if (bpc_observe_repository(controller, repositories->items[i], registered, looks, &others, &failed) < 0 &&
            first.code == 0) {
            cat_error_wrap(&failed, "%s", repositories->items[i]);
            cat_error_copy(&first, &failed);
        }
        *more = *more || others;
        if (json_array_size(looks) >= BPC_BATCH_MAX) {
            *more = true;
            break;
        }
    }
    int code = act(controller, registered, looks, error);
    if (code == 0 && first.code < 0)
        code = cat_error_copy(error, &first);
    return code;
}

static int look_at_all(bpc_controller *controller, int64_t *again_ms, cat_error *error)
{
    cat_auto(cat_strings) repositories = {0};
    bool more = false;
    int code = bpc_observe_repositories(controller, &repositories, error);
    if (code == 0)
        code = look_through(controller, &repositories, &more, error);
    const char *result = code < 0 ? "error" : "success";
    cat_metric_add(controller->scans, 1, &result);
    /* It is ready once all sources were looked through, and stays so: what fails later is told by metrics. */
    if (code == 0)
        cat_service_set_ready(controller->service, "sources", NULL);
    *again_ms = more ? 1 : (int64_t)controller->config->sources.interval_seconds * 1000;
    return code;
}

static int look_at_one(bpc_controller *controller, const char *repository, int64_t *again_ms, cat_error *error)
{
    cat_auto(cat_strings) repositories = {0};
    bool more = false;
    cat_strings_add(&repositories, repository);
    int code = look_through(controller, &repositories, &more, error);
    if (more)
        *again_ms = 1;
    return code;
}

int bpc_reconcile(void *context, const char *key, int64_t *again_ms, cat_error *error)
{
    bpc_controller *controller = context;
    if (strcmp(key, BPC_ALL) == 0)
        return look_at_all(controller, again_ms, error);
    if (strcmp(key, BPC_STATUS) != 0)
        return look_at_one(controller, key, again_ms, error);
    size_t missing = 0;
    int code = bpc_status_write(controller, &missing, error);
    *again_ms = missing > 0 ? STATUS_AGAIN_MS : STATUS_SLOWLY_MS;
    return code;
}
