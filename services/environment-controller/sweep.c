#include "sweep.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/random.h"
#include "core/plan_pull.h"
#include "core/resources.h"
#include "domain/events.h"
#include "informers/informer.h"
#include "net/consumer.h"
#include "observe.h"
#include "wire/cloudevent.h"

#define HEALTH_MS 5000
/* The sweep's keys come spread over a minute, so that peers do not see them all at once. */
#define SPREAD_MS 60000
#define FETCH_MS 1000
#define FETCH_MAX 64

typedef struct {
    ec_sweeper *sweeper;
    const char *kind, *namespace, *selector;
    void (*changed)(ec_controller *controller, cat_watch_kind what, cat_view object);
    cat_kube_watch *watch;
} watched;

struct ec_sweeper {
    ec_controller *controller;
    pthread_t thread;
    atomic_bool stopping;
    cat_consumer *relists;
    bool spine_was_away;
    watched watches[11];
    char pull_secret[300]; /* a selector */
};

static const char *label(cat_view object, const char *name)
{
    return cat_view_text(cat_view_member(cat_view_get(object, "metadata.labels"), name), NULL);
}

static void enqueue_all(ec_controller *controller, const char *kind, const char *namespace, int64_t spread_ms)
{
    cat_autojson json_t *objects = NULL;
    cat_error failed = {0};
    if (cat_kube_list_json(controller->kube, ec_resource(kind), namespace, NULL, &objects, &failed) < 0) {
        cat_log_warning("listing for a sweep", CAT_FIELD("kind", kind), CAT_FIELD_ERROR(&failed));
        return;
    }
    size_t index;
    json_t *object;
    json_array_foreach(objects, index, object)
    {
        const char *in = cat_object_namespace(object);
        cat_autofree char *key = cat_printf("%s/%s/%s", kind, in ? in : "", cat_object_name(object));
        if (spread_ms)
            cat_reconciler_add_after(controller->reconciler, key, (int64_t)cat_random_below((uint64_t)spread_ms));
        else
            cat_reconciler_add(controller->reconciler, key);
    }
}

static void sovereign_changed(ec_controller *controller, cat_watch_kind what, cat_view object)
{
    ec_enqueue(controller, "Sovereign", NULL, cat_view_text_or(object, "metadata.name", ""));
    if (what != CAT_WATCH_LISTED)
        enqueue_all(controller, "Organization", NULL, 0);
}

static void organization_changed(ec_controller *controller, cat_watch_kind what, cat_view object)
{
    const char *name = cat_view_text_or(object, "metadata.name", "");
    ec_enqueue(controller, "Organization", NULL, name);
    ec_enqueue(controller, "People", NULL, name);
    if (what == CAT_WATCH_LISTED)
        return;
    enqueue_all(controller, "Environment", name, 0);
    ec_informers_look(controller->informers, name);
}

static void environment_changed(ec_controller *controller, cat_watch_kind what, cat_view object)
{
    const char *organization = cat_view_text_or(object, "metadata.namespace", "");
    ec_enqueue(controller, "Environment", organization, cat_view_text_or(object, "metadata.name", ""));
    if (what == CAT_WATCH_LISTED)
        return;
    ec_enqueue(controller, "Organization", NULL, organization);
    enqueue_all(controller, "Application", organization, 0);
    ec_informers_look(controller->informers, organization);
}

static void application_changed(ec_controller *controller, cat_watch_kind what, cat_view object)
{
    const char *organization = cat_view_text_or(object, "metadata.namespace", "");
    ec_enqueue(controller, "Application", organization, cat_view_text_or(object, "metadata.name", ""));
    if (what == CAT_WATCH_DELETED) { /* an Environment may have waited for it */
        enqueue_all(controller, "Environment", organization, 0);
        ec_enqueue(controller, "Organization", NULL, organization);
    }
}

static void policy_changed(ec_controller *controller, cat_watch_kind what, cat_view object)
{
    (void)what;
    ec_enqueue(controller, "EnvironmentPolicy", cat_view_text_or(object, "metadata.namespace", ""),
               cat_view_text_or(object, "metadata.name", ""));
}

/* Secret vc-{vcluster}: a vcluster came, went or changed its kubeconfig. */
static void vcluster_changed(ec_controller *controller, cat_watch_kind what, cat_view object)
{
    const char *organization = cat_view_text_or(object, "metadata.namespace", ""), *name = label(object, CAT_LABEL_VCLUSTER);
    ec_enqueue(controller, "Organization", NULL, organization);
    ec_enqueue(controller, "Informer", organization, name);
    if (what != CAT_WATCH_LISTED)
        enqueue_all(controller, "Environment", organization, 0);
}

static void part_changed(ec_controller *controller, cat_watch_kind what, cat_view object)
{
    const char *organization = label(object, CAT_LABEL_ORGANIZATION);
    if (organization && what != CAT_WATCH_LISTED)
        ec_enqueue(controller, "Organization", NULL, organization);
}

/* A Secret with credentials for registries: the Sovereign's is everybody's. */
static void pull_changed(ec_controller *controller, cat_watch_kind what, cat_view object)
{
    const char *namespace = cat_view_text_or(object, "metadata.namespace", "");
    const char *version = cat_view_text_or(object, "metadata.resourceVersion", "");
    cat_autofree char *key = cat_printf("pull/%s/%s", namespace, cat_view_text_or(object, "metadata.name", ""));
    /* A list that was begun anew may be the first that tells of a change. */
    if (what == CAT_WATCH_DELETED)
        ec_memory_forget(controller->memory, key);
    else if (ec_memory_holds(controller->memory, key, version, 0))
        return;
    else
        ec_memory_set(controller->memory, key, version);
    const char *organization = strcmp(namespace, controller->settings.namespace) == 0 ? NULL : namespace;
    enqueue_all(controller, "Environment", organization, 0);
    enqueue_all(controller, "Application", organization, 0);
}

static void on_object(void *context, cat_watch_kind what, cat_view object)
{
    const watched *watch = context;
    watch->changed(watch->sweeper->controller, what, object);
}

static void on_error(void *context, const cat_error *error)
{
    const watched *watch = context;
    cat_log_warning("watching the management cluster", CAT_FIELD("kind", watch->kind), CAT_FIELD_ERROR(error));
}

static int start_watches(ec_sweeper *sweeper, cat_error *error)
{
    const ec_settings *settings = &sweeper->controller->settings;
    if (settings->pull_secret)
        snprintf(sweeper->pull_secret, sizeof sweeper->pull_secret, "field:metadata.name=%s", settings->pull_secret);
    const watched wanted[] = {
        {sweeper, "Sovereign", NULL, NULL, sovereign_changed, NULL},
        {sweeper, "Organization", NULL, NULL, organization_changed, NULL},
        {sweeper, "Environment", NULL, NULL, environment_changed, NULL},
        {sweeper, "Application", NULL, NULL, application_changed, NULL},
        {sweeper, "EnvironmentPolicy", NULL, NULL, policy_changed, NULL},
        {sweeper, "Secret", NULL, CAT_LABEL_VCLUSTER, vcluster_changed, NULL},
        {sweeper, "Secret", NULL, "field:metadata.name=" EC_PULL_OWN, pull_changed, NULL},
        {sweeper, "HelmRelease", NULL, "catalyst.openova.io/vcluster=true", part_changed, NULL},
        {sweeper, "Kustomization", NULL, CAT_LABEL_ORGANIZATION, part_changed, NULL},
        {sweeper, "GitRepository", NULL, CAT_LABEL_ORGANIZATION, part_changed, NULL},
        {sweeper, "Secret", settings->namespace, sweeper->pull_secret, pull_changed, NULL},
    };
    _Static_assert(sizeof wanted == sizeof sweeper->watches, "a place for each watch");
    memcpy(sweeper->watches, wanted, sizeof wanted);
    size_t count = sizeof wanted / sizeof *wanted - (settings->pull_secret ? 0 : 1);
    for (size_t i = 0; i < count; i++) {
        watched *watch = &sweeper->watches[i];
        cat_kube_watch_handlers handlers = {.on_object = on_object, .on_error = on_error, .context = watch};
        int code = cat_kube_watch_start(sweeper->controller->watcher, sweeper->controller->kube, ec_resource(watch->kind),
                                        watch->namespace, watch->selector, &handlers, &watch->watch, error);
        if (code < 0)
            return code;
    }
    return 0;
}

static void look_at_health(ec_sweeper *sweeper)
{
    ec_controller *controller = sweeper->controller;
    cat_error failed = {0};
    cat_autofree char *body = NULL;
    size_t length = 0;
    int code = cat_kube_raw(controller->kube, "/version", &body, &length, &failed);
    cat_service_set_ready(controller->service, "kubernetes", code < 0 ? failed.message : NULL);
    bool connected = cat_spine_is_connected(controller->spine) && cat_spine_is_connected(controller->system);
    cat_service_set_ready(controller->service, "spine", connected ? NULL : "not connected");
    if (connected && sweeper->spine_was_away)
        enqueue_all(controller, "Organization", NULL, 0);
    sweeper->spine_was_away = !connected;
}

static void take_relists(ec_sweeper *sweeper)
{
    cat_auto(cat_messages) messages = {0};
    cat_error failed = {0};
    if (cat_consumer_fetch(sweeper->relists, FETCH_MAX, FETCH_MS, &messages, &failed) < 0) {
        cat_clock_system()->sleep_ms(cat_clock_system(), FETCH_MS);
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
            ec_informers_relist(sweeper->controller->informers, organization, environment);
            /* Its stream or bucket may have been deleted: they are looked at again, whenever they were last seen. */
            cat_autofree char *seen = cat_printf("spine/%s", environment);
            ec_memory_forget(sweeper->controller->memory, seen);
            ec_enqueue(sweeper->controller, "Environment", organization, environment);
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

static void *run(void *context)
{
    ec_sweeper *sweeper = context;
    ec_controller *controller = sweeper->controller;
    const cat_clock *clock = cat_clock_system();
    int64_t healthy_at = 0, swept_at = clock->monotonic_ms(clock);
    while (!atomic_load(&sweeper->stopping)) {
        take_relists(sweeper);
        int64_t now = clock->monotonic_ms(clock);
        if (now - healthy_at >= HEALTH_MS) {
            look_at_health(sweeper);
            healthy_at = now;
        }
        if (now - swept_at >= EC_SWEEP_MS) {
            static const char *const kinds[] = {"Sovereign", "Organization", "Environment", "Application", "EnvironmentPolicy"};
            for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
                enqueue_all(controller, kinds[i], NULL, SPREAD_MS);
            renew_system(controller);
            swept_at = now;
        }
    }
    return NULL;
}

int ec_sweeper_start(ec_controller *controller, ec_sweeper **sweeper, cat_error *error)
{
    ec_sweeper *made = cat_calloc(1, sizeof *made);
    made->controller = controller;
    char relists[CAT_SUBJECT_MAX];
    cat_event_filter(CAT_EVENT_RELIST_WANTED, relists);
    int code = cat_consumer_create(
        controller->spine,
        &(cat_consumer_options){
            .stream = "catalyst-events", .durable = "environment-controller", .filters = {relists}, .only_new = true},
        &made->relists, error);
    if (code == 0)
        code = start_watches(made, error);
    if (code == 0 && pthread_create(&made->thread, NULL, run, made) != 0)
        code = cat_error_set(error, CAT_E_INTERNAL, "the sweep's thread could not be started");
    if (code < 0) {
        for (size_t i = 0; i < sizeof made->watches / sizeof *made->watches; i++)
            cat_kube_watch_stop(made->watches[i].watch);
        cat_consumer_destroy(made->relists);
        free(made);
        return code;
    }
    *sweeper = made;
    return 0;
}

void ec_sweeper_stop(ec_sweeper *sweeper)
{
    if (!sweeper)
        return;
    atomic_store(&sweeper->stopping, true);
    pthread_join(sweeper->thread, NULL);
    for (size_t i = 0; i < sizeof sweeper->watches / sizeof *sweeper->watches; i++)
        cat_kube_watch_stop(sweeper->watches[i].watch);
    cat_consumer_destroy(sweeper->relists);
    free(sweeper);
}
