#include "triggers.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/random.h"
#include "core/resources.h"
#include "informers/informer.h"
#include "organizations.h"

typedef struct {
    ec_controller *controller;
    ec_trigger_on on;
    ec_trigger_watch watched;
    cat_kube_watch *watch; /* NULL: it is not watched */
} watcher;

struct ec_triggers {
    watcher watchers[EC_TRIGGER_COUNT];
};

static void add_each(ec_controller *controller, const ec_wanted *wanted, int64_t spread_ms)
{
    cat_autojson json_t *objects = NULL;
    cat_error failed = {0};
    if (cat_kube_list_json(controller->kube, ec_resource(wanted->kind), wanted->namespace, NULL, &objects, &failed) < 0) {
        cat_log_warning("listing what is to be looked at", CAT_FIELD("kind", wanted->kind), CAT_FIELD_ERROR(&failed));
        return;
    }
    size_t index;
    json_t *object;
    json_array_foreach(objects, index, object)
    {
        int64_t delay_ms = spread_ms ? (int64_t)cat_random_below((uint64_t)spread_ms) : 0;
        ec_queue_add_after(controller->queue, wanted->kind, cat_object_namespace(object), cat_object_name(object), delay_ms);
    }
}

void ec_triggers_fire(ec_controller *controller, ec_trigger_on on, ec_seen seen, const ec_seen_object *object, int64_t spread_ms)
{
    ec_wanted wanted[EC_WANTED_MAX];
    size_t count = ec_triggers_decide(on, seen, object, wanted);
    for (size_t i = 0; i < count; i++) {
        if (wanted[i].name)
            ec_queue_add(controller->queue, wanted[i].kind, wanted[i].namespace, wanted[i].name);
        else if (strcmp(wanted[i].kind, "Informer") == 0) /* no object: those that run are known here */
            ec_informers_look(controller->informers, wanted[i].namespace);
        else
            add_each(controller, &wanted[i], spread_ms);
    }
}

/* A list that was begun anew may be the first that tells of a change. */
static bool is_news(ec_controller *controller, ec_seen seen, cat_view object)
{
    const char *version = cat_view_text_or(object, "metadata.resourceVersion", "");
    cat_autofree char *key = cat_printf("pull/%s/%s", cat_view_text_or(object, "metadata.namespace", ""),
                                        cat_view_text_or(object, "metadata.name", ""));
    if (seen == EC_SEEN_DELETED) {
        ec_asserted_forget(controller->asserted, key);
        return true;
    }
    if (ec_asserted_holds(controller->asserted, key, version, 0))
        return false;
    ec_asserted_set(controller->asserted, key, version);
    return true;
}

static void on_object(void *context, cat_watch_kind what, cat_view object)
{
    const watcher *own = context;
    ec_seen seen = what == CAT_WATCH_LISTED ? EC_SEEN_LISTED : what == CAT_WATCH_DELETED ? EC_SEEN_DELETED : EC_SEEN_CHANGED;
    if (own->watched.once_a_version && !is_news(own->controller, seen, object))
        return;
    ec_seen_object of = ec_triggers_object(own->on, &own->controller->settings, object);
    if (own->on == EC_ON_ORGANIZATION && seen != EC_SEEN_DELETED)
        ec_organizations_add(own->controller, of.name);
    ec_triggers_fire(own->controller, own->on, seen, &of, 0);
}

static void on_error(void *context, const cat_error *error)
{
    const watcher *own = context;
    cat_log_warning("watching the management cluster", CAT_FIELD("kind", own->watched.kind), CAT_FIELD_ERROR(error));
}

static int start_watch(watcher *own, cat_error *error)
{
    if (!ec_triggers_watch(own->on, &own->controller->settings, &own->watched))
        return 0;
    cat_kube_watch_handlers handlers = {.on_object = on_object, .on_error = on_error, .context = own};
    return cat_kube_watch_start(own->controller->watcher, own->controller->kube,
                                &(cat_kube_selection){ec_resource(own->watched.kind), own->watched.namespace,
                                                      *own->watched.selector ? own->watched.selector : NULL},
                                &handlers, &own->watch, error);
}

int ec_triggers_start(ec_controller *controller, ec_triggers **triggers, cat_error *error)
{
    ec_triggers *made = cat_calloc(1, sizeof *made);
    int code = 0;
    for (size_t i = 0; i < EC_TRIGGER_COUNT && code == 0; i++) {
        made->watchers[i] = (watcher){.controller = controller, .on = (ec_trigger_on)i};
        code = start_watch(&made->watchers[i], error);
    }
    if (code < 0)
        ec_triggers_stop(made);
    else
        *triggers = made;
    return code;
}

void ec_triggers_stop(ec_triggers *triggers)
{
    if (!triggers)
        return;
    for (size_t i = 0; i < EC_TRIGGER_COUNT; i++)
        cat_kube_watch_stop(triggers->watchers[i].watch);
    free(triggers);
}
