#include "upkeep.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/task.h"
#include "domain/events.h"
#include "informers/informer.h"
#include "net/consumer.h"
#include "observe.h"
#include "triggers.h"
#include "wire/cloudevent.h"

#define HEALTH_MS 5000
/* Keys of everything come spread over a minute, so that peers do not see them all at once. */
#define SPREAD_MS 60000
#define FETCH_MS 1000
#define FETCH_MAX 64

struct ec_upkeep {
    ec_controller *controller;
    cat_task *task;
    cat_consumer *relists;
    bool spine_was_away;
    int64_t healthy_at, all_at; /* looked at last */
};

static void look_at_health(ec_upkeep *upkeep)
{
    ec_controller *controller = upkeep->controller;
    cat_error failed = {0};
    cat_autofree char *body = NULL;
    size_t length = 0;
    int code = cat_kube_raw(controller->kube, "/version", &body, &length, &failed);
    cat_service_set_ready(controller->service, "kubernetes", code < 0 ? failed.message : NULL);
    bool connected = cat_spine_is_connected(controller->spine) && cat_spine_is_connected(controller->system);
    cat_service_set_ready(controller->service, "spine", connected ? NULL : "not connected");
    if (connected && upkeep->spine_was_away)
        ec_triggers_fire(controller, EC_ON_SPINE_BACK, EC_SEEN_CHANGED, &(ec_seen_object){0}, 0);
    upkeep->spine_was_away = !connected;
}

static void take_relists(ec_upkeep *upkeep, cat_task *task)
{
    cat_auto(cat_messages) messages = {0};
    cat_error failed = {0};
    if (cat_consumer_fetch(upkeep->relists, FETCH_MAX, FETCH_MS, &messages, &failed) < 0) {
        cat_task_pause(task, FETCH_MS);
        return;
    }
    for (size_t i = 0; i < messages.count; i++) {
        cat_message *message = &messages.items[i];
        cat_auto(cat_cloudevent_in) event = {0};
        if (cat_cloudevent_parse(message->data, message->length, &event, NULL) == 0) {
            const char *organization = cat_view_text_or(event.data, "organization", ""),
                       *environment = cat_view_text_or(event.data, "environment", "");
            cat_log_info("listing again", CAT_FIELD("environment", environment),
                         CAT_FIELD("reason", cat_view_text(event.data, "reason")));
            ec_informers_relist(upkeep->controller->informers, organization, environment);
            /* Its stream or bucket may have been deleted: they are looked at again, whenever they were last seen. */
            cat_autofree char *seen = cat_printf("spine/%s", environment);
            ec_asserted_forget(upkeep->controller->asserted, seen);
            ec_triggers_fire(upkeep->controller, EC_ON_RELIST_WANTED, EC_SEEN_CHANGED,
                             &(ec_seen_object){.namespace = organization, .name = environment}, 0);
        }
        cat_message_ack(message, NULL);
    }
}

/* The installer renews the user of SYS in its Secret; the next connection signs in with it. */
static void renew_system(ec_controller *controller)
{
    cat_autosecret char *credentials = NULL;
    cat_error failed = {0};
    int code = ec_observe_secret(controller, controller->config->common.kubernetes.namespace,
                                 controller->config->accounts.operator_secret, "system.creds", &credentials, &failed);
    if (code == 0 && credentials)
        cat_spine_set_credentials(controller->system, credentials);
    else if (code < 0)
        cat_log_warning("the credentials of SYS could not be looked at", CAT_FIELD_ERROR(&failed));
}

/* Waiting for wishes to list again is what paces it. */
static int64_t run(void *context, cat_task *task)
{
    ec_upkeep *upkeep = context;
    const cat_clock *clock = cat_clock_system();
    take_relists(upkeep, task);
    int64_t now = clock->monotonic_ms(clock);
    if (now - upkeep->healthy_at >= HEALTH_MS) {
        look_at_health(upkeep);
        upkeep->healthy_at = now;
    }
    if (now - upkeep->all_at >= EC_ASSERTED_MS) {
        ec_triggers_fire(upkeep->controller, EC_ON_INTERVAL, EC_SEEN_CHANGED, &(ec_seen_object){0}, SPREAD_MS);
        renew_system(upkeep->controller);
        upkeep->all_at = now;
    }
    return 0;
}

int ec_upkeep_start(ec_controller *controller, ec_upkeep **upkeep, cat_error *error)
{
    char filter[CAT_SUBJECT_MAX];
    cat_event_filter(CAT_EVENT_RELIST_WANTED, filter);
    const cat_consumer_options wishes = {
        .stream = "catalyst-events", .durable = "environment-controller", .filters = {filter}, .only_new = true};
    cat_consumer *relists = NULL;
    int code = cat_consumer_create(controller->spine, &wishes, &relists, error);
    if (code < 0)
        return code;
    ec_upkeep *made = cat_calloc(1, sizeof *made);
    made->controller = controller;
    made->relists = relists;
    made->all_at = cat_clock_system()->monotonic_ms(cat_clock_system());
    made->task = cat_task_start(&(cat_task_options){.interval_ms = 1, .run = run, .context = made});
    *upkeep = made;
    return 0;
}

void ec_upkeep_stop(ec_upkeep *upkeep)
{
    if (!upkeep)
        return;
    cat_task_stop(upkeep->task);
    cat_consumer_destroy(upkeep->relists);
    free(upkeep);
}
