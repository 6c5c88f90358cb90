#include "apply/apply.h"

#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "core/plan_going.h"
#include "core/resources.h"

static int apply_object(ec_controller *controller, const char *organization, const ec_action *action, cat_error *error)
{
    ec_autocluster ec_cluster *cluster = NULL;
    int code = ec_clusters_acquire(controller->clusters, organization, action->cluster, &cluster, error);
    if (code < 0)
        return code;
    cat_kube *kube = ec_cluster_kube(cluster);
    const char *namespace = cat_object_namespace(action->object), *name = cat_object_name(action->object);
    const cat_resource *resource = ec_resource(cat_json_text(action->object, "kind"));
    if (!resource)
        return cat_error_set(error, CAT_E_INTERNAL, "nobody said how to write a %s",
                             cat_json_text_or(action->object, "kind", "?"));
    switch (action->verb) {
    case EC_APPLY:
        return cat_kube_apply(kube, action->object, &(cat_apply_options){.field_manager = EC_FIELD_MANAGER, .force = true}, NULL,
                              error);
    case EC_PATCH:
        return cat_kube_patch(kube, &(cat_kube_change){resource, namespace, name, action->object}, NULL, error);
    default:
        return cat_kube_delete(kube, resource, namespace, name, "Background", error);
    }
}

static int set_finalizer(ec_controller *controller, const json_t *object, bool present, cat_error *error)
{
    if (cat_object_has_finalizer(object, EC_FINALIZER) == present)
        return 0;
    json_t *list = json_array();
    size_t index;
    json_t *name;
    json_array_foreach(cat_json_get(object, "metadata.finalizers"), index, name)
    {
        if (!cat_text_equal(json_string_value(name), EC_FINALIZER))
            json_array_append(list, name);
    }
    if (present)
        json_array_append_new(list, json_string(EC_FINALIZER));
    cat_autojson json_t *patch = json_object();
    cat_json_set(patch, "metadata.finalizers", list);
    /* Somebody else's finalizer must not be lost: only on the object that was seen. */
    cat_json_set_text(patch, "metadata.resourceVersion", cat_object_resource_version(object));
    const cat_resource *resource = ec_resource(cat_json_text(object, "kind"));
    cat_error failed = {0};
    int code =
        cat_kube_patch(controller->kube,
                       &(cat_kube_change){resource, cat_object_namespace(object), cat_object_name(object), patch}, NULL, &failed);
    return code == CAT_E_NOT_FOUND && !present ? 0 : code < 0 ? cat_error_copy(error, &failed) : 0;
}

static int do_step(ec_controller *controller, const json_t *object, const ec_action *action, cat_error *error)
{
    switch (action->step) {
    case EC_STEP_FINALIZER:
        return set_finalizer(controller, object, cat_json_bool_or(action->object, "present", true), error);
    case EC_STEP_STORE_TOKEN:
        return ec_apply_store_token(controller, action->object, error);
    case EC_STEP_RECONCILE_REQUESTER:
        return ec_apply_reconcile_requester(controller, action->object, error);
    case EC_STEP_INFORMER:
        ec_queue_add(controller->queue, "Informer", cat_json_text(action->object, "organization"),
                     cat_json_text(action->object, "cluster"));
        return 0;
    case EC_STEP_GIT_ORGANIZATION:
    case EC_STEP_GIT_PERSON:
    case EC_STEP_GIT_TEAM:
    case EC_STEP_GIT_TOKEN:
    case EC_STEP_GIT_REPOSITORY:
    case EC_STEP_GIT_HOOK:
    case EC_STEP_GIT_PROTECTION:
    case EC_STEP_GIT_TAGS:
    case EC_STEP_GIT_ARCHIVE:
    case EC_STEP_GIT_ASSERTED:
        return ec_apply_git(controller, action->step, action->object, error);
    default:
        return ec_apply_account(controller, action->step, action->object, error);
    }
}

static int carry_out(ec_controller *controller, const char *organization, const json_t *object, const ec_action *action,
                     cat_error *error)
{
    switch (action->verb) {
    case EC_APPLY:
    case EC_PATCH:
    case EC_DELETE:
        return apply_object(controller, organization, action, error);
    case EC_DO:
        return do_step(controller, object, action, error);
    case EC_WAIT:
        return cat_error_set_class(error, CAT_E_UNAVAILABLE, CAT_CLASS_WAITING, "%s", action->text);
    case EC_UNKNOWN:
        return cat_error_set_class(error, CAT_E_TIMEOUT, CAT_CLASS_WAITING, "%s", action->text);
    case EC_REFUSE:
        return cat_error_set_class(error, CAT_E_INVALID, CAT_CLASS_STALLED, "%s", action->text);
    }
    return 0;
}

/* The first is handed on and logged by who asked; the others only here. */
static void keep_first(const ec_action *action, const cat_error *failed, bool speaks, cat_error *kept)
{
    if (kept->code == 0 || (!speaks && kept->class == CAT_CLASS_WAITING))
        *kept = *failed;
    else if (!speaks)
        cat_log_warning("another part of a plan failed", CAT_FIELD("section", ec_section_name(action->section)),
                        CAT_FIELD("part", action->part), CAT_FIELD_ERROR(failed));
}

static void say_how_many(const ec_going *going, ec_outcome *outcome)
{
    for (size_t i = 0; i < EC_SECTION_COUNT; i++) {
        size_t length = strlen(outcome->sections[i].message);
        if (going->failures[i] > 1)
            snprintf(outcome->sections[i].message + length, sizeof outcome->sections[i].message - length,
                     " (and %zu more failed)", going->failures[i] - 1);
    }
}

void ec_apply(ec_controller *controller, const char *organization, const json_t *object, const ec_plan *plan, ec_outcome *outcome)
{
    cat_auto(ec_going) going = {0};
    *outcome = (ec_outcome){0};
    for (size_t i = 0; i < plan->count; i++) {
        const ec_action *action = &plan->items[i];
        if (!ec_going_may(&going, action))
            continue;
        cat_error failed = {0};
        bool speaks = action->verb == EC_WAIT || action->verb == EC_UNKNOWN || action->verb == EC_REFUSE;
        int code = carry_out(controller, organization, object, action, &failed);
        if (code == 0) {
            outcome->changed = true;
            continue;
        }
        ec_await_rights(&failed);
        if (!speaks)
            ec_going_failed(&going, action, &failed);
        keep_first(action, &failed, speaks, &outcome->sections[action->section]);
    }
    say_how_many(&going, outcome);
}

int ec_outcome_worst(const ec_outcome *outcome, cat_error *error)
{
    const cat_error *worst = NULL;
    for (size_t i = 0; i < EC_SECTION_COUNT; i++) {
        const cat_error *section = &outcome->sections[i];
        if (section->code < 0 && (!worst || section->class < worst->class))
            worst = section;
    }
    return worst ? cat_error_copy(error, worst) : 0;
}
