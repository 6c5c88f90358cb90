#include "status.h"

#include <string.h>

#include "base/clock.h"
#include "domain/kinds.h"

json_t *bpc_status_make(const json_t *object, const json_t *fact, int64_t now_ms)
{
    json_t *conditions = json_deep_copy(cat_json_get(object, "status.conditions"));
    if (!json_is_array(conditions)) {
        json_decref(conditions);
        conditions = json_array();
    }
    int64_t generation = cat_json_int_or(object, "metadata.generation", 0);
    const char *moved = cat_json_text(fact, "moved"), *digest = cat_json_text(object, "spec.digest");
    cat_autofree char *message = NULL;
    const char *status = "True", *reason = "Registered";
    if (!fact) {
        status = "Unknown", reason = "NotRegistered";
        message = cat_strdup("This version is not among those that were found and checked");
    } else if (!cat_text_equal(digest, cat_json_text(fact, "digest"))) {
        status = "False", reason = "DigestDiffers";
        message = cat_printf("It was registered as %s", cat_json_text_or(fact, "digest", ""));
    } else if (cat_json_text(fact, "tagGone")) {
        reason = "TagGone";
        message = cat_printf(
            "Its tag %s is gone from %s; the version stays what it was registered as, and can be installed as long as Git "
            "keeps its commit",
            cat_json_text_or(fact, "tag", ""), cat_json_text_or(fact, "repository", "its repository"));
    } else if (moved) {
        reason = "TagMoved";
        message = cat_printf("Its tag %s names %.12s now; the version stays what it was registered as",
                             cat_json_text_or(fact, "tag", ""), moved);
    } else {
        message = cat_printf("It was found at tag %s and checked", cat_json_text_or(fact, "tag", ""));
    }
    cat_condition_set(conditions, "Ready", status, reason, message, generation, now_ms);
    json_t *made = cat_json_object("observedGeneration", json_integer(generation), "conditions", conditions, NULL);
    cat_json_set_text(made, "moved", moved);
    return made;
}

static int write_one(bpc_controller *controller, const cat_resource *resource, const json_t *object, const json_t *fact,
                     cat_error *error)
{
    cat_autojson json_t *status = bpc_status_make(object, fact, cat_clock_system()->wall_ms(cat_clock_system()));
    if (json_equal(status, json_object_get(object, "status")))
        return 0;
    /* Of this version of the object: whoever looked at an earlier one writes nothing. */
    const char *version = cat_json_text(object, "metadata.resourceVersion");
    /* A merge patch takes away only what it names. */
    if (!json_object_get(status, "moved"))
        json_object_set_new(status, "moved", json_null());
    cat_autojson json_t *patch =
        cat_json_object("metadata", cat_json_object("resourceVersion", json_string(version ? version : ""), NULL), "status",
                        json_incref(status), NULL);
    cat_error failed = {0};
    int code = cat_kube_patch(controller->kube, &(cat_kube_change){resource, NULL, cat_object_name(object), patch, "status"},
                              NULL, &failed);
    return code == CAT_E_NOT_FOUND ? 0 : code < 0 ? cat_error_copy(error, &failed) : 0;
}

typedef struct {
    bpc_controller *controller;
    const cat_resource *resource;
    const json_t *facts;
    json_t *seen;
} writing;

/* The Organization, or the catalog, whose repository it is of. The caller's. */
static char *owner_of(const json_t *fact)
{
    const char *repository = cat_json_text(fact, "repository");
    return repository ? cat_strndup(repository, strcspn(repository, "/")) : cat_strdup(CAT_SHARD_SOVEREIGN);
}

static int write_each(void *context, cat_view view, cat_error *error)
{
    writing *all = context;
    cat_autojson json_t *object = cat_view_to_json(view);
    const char *name = cat_object_name(object);
    if (!name || cat_object_is_deleting(object))
        return 0;
    json_object_set_new(all->seen, name, json_true());
    const json_t *fact = json_object_get(all->facts, name);
    cat_autofree char *owner = owner_of(fact);
    if (!cat_shard_enter(all->controller->shard, owner))
        return 0; /* another replica's */
    int code = write_one(all->controller, all->resource, object, fact, error);
    cat_shard_leave(all->controller->shard, owner);
    return code;
}

int bpc_status_write(bpc_controller *controller, cat_strings *missing, cat_error *error)
{
    cat_autojson json_t *facts = bpc_registry_facts(controller->registry), *seen = json_object();
    const cat_resource *resource = cat_resource_find(CAT_GROUP, "Blueprint");
    writing all = {controller, resource, facts, seen};
    int code = cat_kube_list(controller->kube, &(cat_kube_selection){resource}, write_each, &all, NULL, error);
    const char *key;
    json_t *fact;
    json_object_foreach(facts, key, fact)
    {
        if (code < 0 || missing->count >= BPC_BATCH_MAX || json_object_get(seen, key))
            continue;
        cat_autofree char *owner = owner_of(fact);
        if (cat_shard_holds(controller->shard, owner))
            cat_strings_add(missing, key);
    }
    return code;
}
