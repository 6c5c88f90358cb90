#include "upkeep.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/task.h"
#include "domain/events.h"
#include "informers/informer.h"
#include "observe.h"
#include "organizations.h"
#include "svc/hear.h"
#include "triggers.h"
#include "wire/cloudevent.h"

#define HEALTH_MS 5000
/* Events tell of Organizations as they come; the list says which have gone (svc/lease.h lets go after a minute more). */
#define ORGANIZATIONS_MS 60000
#define ORGANIZATIONS_AGAIN_MS 2000
/* Keys of everything come spread over a minute, so that peers do not see them all at once. */
#define SPREAD_MS 60000

struct ec_upkeep {
    ec_controller *controller;
    cat_task *health, *organizations, *everything;
    cat_hear *relists;
    char relist_subject[CAT_SUBJECT_MAX];
    bool spine_was_away; /* the first task's alone */
};

static int64_t look_at_health(void *context, cat_task *task)
{
    (void)task;
    ec_upkeep *upkeep = context;
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
    return 0;
}

/* Every replica hears it: which of them informs is not the spine's to know. */
static void list_again(void *context, const cat_message *message)
{
    ec_controller *controller = context;
    cat_auto(cat_cloudevent_in) event = {0};
    if (cat_cloudevent_parse(message->data, message->length, &event, NULL) < 0)
        return;
    const char *organization = cat_view_text_or(event.data, "organization", ""),
               *environment = cat_view_text_or(event.data, "environment", "");
    cat_log_info("listing again", CAT_FIELD("environment", environment),
                 CAT_FIELD("reason", cat_view_text(event.data, "reason")));
    ec_informers_relist(controller->informers, organization, environment);
    /* Its stream or bucket may have been deleted: they are looked at again, whenever they were last seen. */
    cat_autofree char *seen = cat_printf("spine/%s", environment);
    ec_asserted_forget(controller->asserted, seen);
    ec_triggers_fire(controller, EC_ON_RELIST_WANTED, EC_SEEN_CHANGED,
                     &(ec_seen_object){.namespace = organization, .name = environment}, 0);
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

static int64_t look_for_organizations(void *context, cat_task *task)
{
    (void)task;
    cat_error failed = {0};
    if (ec_organizations_know(context, &failed) == 0)
        return 0;
    cat_log_warning("listing Organizations", CAT_FIELD_ERROR(&failed));
    return ORGANIZATIONS_AGAIN_MS;
}

static int64_t look_at_everything(void *context, cat_task *task)
{
    (void)task;
    ec_controller *controller = context;
    ec_triggers_fire(controller, EC_ON_INTERVAL, EC_SEEN_CHANGED, &(ec_seen_object){0}, SPREAD_MS);
    renew_system(controller);
    return 0;
}

ec_upkeep *ec_upkeep_start(ec_controller *controller)
{
    ec_upkeep *upkeep = cat_calloc(1, sizeof *upkeep);
    upkeep->controller = controller;
    cat_event_filter(CAT_EVENT_RELIST_WANTED, upkeep->relist_subject);
    upkeep->relists = cat_hear_start(&(cat_hear_options){.spine = controller->spine,
                                                         .stream = "catalyst-events",
                                                         .filter = upkeep->relist_subject,
                                                         .what = "wishes to list again",
                                                         .handle = list_again,
                                                         .context = controller});
    upkeep->health = cat_task_start(&(cat_task_options){.interval_ms = HEALTH_MS, .run = look_at_health, .context = upkeep});
    upkeep->organizations = cat_task_start(
        &(cat_task_options){.interval_ms = ORGANIZATIONS_MS, .run = look_for_organizations, .context = controller});
    upkeep->everything = cat_task_start(&(cat_task_options){
        .interval_ms = EC_ASSERTED_MS, .waits_first = true, .run = look_at_everything, .context = controller});
    return upkeep;
}

void ec_upkeep_stop(ec_upkeep *upkeep)
{
    if (!upkeep)
        return;
    cat_task_stop(upkeep->everything);
    cat_task_stop(upkeep->organizations);
    cat_task_stop(upkeep->health);
    cat_hear_stop(upkeep->relists);
    free(upkeep);
}
