/* Kubernetes objects: one row for each, with an entry for every vcluster that has it. Within a vcluster the order is (epoch,
 * resourceVersion, deleted); what is not newer than what the row knows changes nothing. What a vcluster had is remembered in
 * `gone` as long as a tombstone would stay, so that a late event does not bring it back. */
#include <string.h>

#include "base/clock.h"
#include "domain/object_status.h"
#include "fold_internal.h"
#include "wire/kubernetes.h"

typedef struct {
    const char *cluster, *uid, *resource_version, *kind, *group, *namespace, *name;
    int64_t epoch;
    char token[CAT_KEY_MAX];
    char key[CAT_KEY_MAX];
} identity;

static int read_identity(cat_view data, identity *id, cat_error *error)
{
    *id = (identity){
        .cluster = cat_view_text(data, "cluster"),
        .uid = cat_view_text_or(data, "uid", ""),
        .resource_version = cat_view_text(data, "resourceVersion"),
        .kind = cat_view_text(data, "kind"),
        .group = cat_view_text_or(data, "group", ""),
        .namespace = cat_view_text_or(data, "namespace", ""),
        .name = cat_view_text(data, "name"),
        .epoch = cat_view_int_or(data, "epoch", -1),
    };
    if (!id->cluster || !*id->cluster || !id->resource_version || !*id->resource_version || !id->kind || !*id->kind ||
        !id->name || !*id->name || id->epoch < 0)
        return cat_error_set(error, CAT_E_INVALID, "an object needs cluster, epoch, resourceVersion, kind and name");
    if (strlen(id->cluster) > 253 || strlen(id->uid) > 128 || strlen(id->resource_version) > 64)
        return cat_error_set(error, CAT_E_TOO_LARGE, "cluster, uid or resourceVersion is longer than any of Kubernetes");
    cat_kind_token(id->kind, id->group, id->token, sizeof id->token);
    if (strcmp(id->token, "application") == 0 || strcmp(id->token, "repository") == 0 || strcmp(id->token, "operation") == 0)
        return cat_error_set(error, CAT_E_INVALID, "kind %s of the built-in groups does not exist", id->token);
    return cat_key_make(id->token, id->namespace, id->name, id->key, error);
}

/* Below, equal or above what is known. A delete stands above the object of its own resourceVersion. */
static int compare(const json_t *known, bool known_deleted, const identity *id, bool deleted)
{
    int64_t epoch = cat_json_int_or(known, "epoch", -1);
    if (epoch != id->epoch)
        return epoch < id->epoch ? 1 : -1;
    int order = cat_resource_version_compare(id->resource_version, cat_json_text_or(known, "resourceVersion", "0"));
    return order ? order : (int)deleted - (int)known_deleted;
}

static json_t *member(json_t *json, const char *name)
{
    json_t *object = json_object_get(json, name);
    if (!json_is_object(object)) {
        object = json_object();
        json_object_set_new(json, name, object);
    }
    return object;
}

static bool is_stale(fold *state, const identity *id, bool deleted)
{
    fold_row *row = fold_find(state, id->key);
    if (!row)
        return false;
    json_t *json = fold_json(row);
    const json_t *here = json_object_get(json_object_get(json, "clusters"), id->cluster);
    const json_t *gone = json_object_get(json_object_get(json, "gone"), id->cluster);
    return (here && compare(here, false, id, deleted) <= 0) || (gone && compare(gone, true, id, deleted) <= 0);
}

/* The namespace of an Application is `{app}-{env type}`. */
static char *application_of_namespace(const fold *state, const char *namespace)
{
    const char *type = strrchr(state->environment, '-');
    size_t length = strlen(namespace), tail = type ? strlen(type) : 0;
    if (tail == 0 || length <= tail || strcmp(namespace + length - tail, type) != 0)
        return NULL;
    return cat_strndup(namespace, length - tail);
}

static void set_application(const fold *state, const fold_step *step, const identity *id, cat_view object, json_t *json)
{
    const char *name = step->event->application;
    cat_view labels = cat_view_get(object, "metadata.labels");
    if (!name || !*name)
        name = cat_view_text(cat_view_member(labels, CAT_LABEL_APPLICATION), NULL);
    cat_autofree char *by_namespace = name && *name ? NULL : application_of_namespace(state, id->namespace);
    if (!name || !*name)
        name = by_namespace;
    if (!name && strcmp(id->token, FOLD_KIND_APPLICATION_OBJECT) == 0)
        name = id->name;
    if (name)
        fold_put(json, "application", name);
    const char *blueprint = cat_view_text(cat_view_member(labels, CAT_LABEL_BLUEPRINT), NULL);
    const char *version = cat_view_text(cat_view_member(labels, CAT_LABEL_BLUEPRINT_VERSION), NULL);
    if (blueprint)
        fold_put(json, "blueprint", blueprint);
    if (version)
        fold_put(json, "version", version);
}

static void pass_unknown(cat_view data, json_t *entry)
{
    static const char *const KNOWN[] = {"cluster", "kind", "group", "version", "namespace", "name", "object", "repair", "drift"};
    cat_view_iterator it = cat_view_each(data);
    const char *name;
    cat_view value;
    while (cat_view_next(&it, &name, &value)) {
        bool known = json_object_get(entry, name) != NULL;
        for (size_t i = 0; i < sizeof KNOWN / sizeof *KNOWN && !known; i++)
            known = strcmp(name, KNOWN[i]) == 0;
        if (!known)
            json_object_set_new(entry, name, cat_view_to_json(value));
    }
}

static json_t *make_entry(const fold_step *step, const identity *id, cat_view data, cat_view object)
{
    cat_object_status status = {0};
    cat_object_status_of(object, &status);
    json_t *entry = json_object();
    json_object_set_new(entry, "epoch", json_integer(id->epoch));
    fold_put(entry, "uid", id->uid);
    json_object_set_new(entry, "resourceVersion", json_string(id->resource_version));
    json_object_set_new(entry, "generation", json_integer(cat_view_int_or(object, "metadata.generation", 0)));
    json_object_set_new(entry, "observedGeneration", json_integer(cat_view_int_or(object, "status.observedGeneration", 0)));
    json_object_set_new(entry, "ready", json_boolean(status.status == CAT_STATUS_RUNNING));
    json_object_set_new(entry, "status", json_string(cat_status_name(status.status)));
    fold_put(entry, "reason", status.reason);
    fold_put(entry, "message", status.message);
    fold_put(entry, "next", status.next);
    fold_put(entry, "since", status.since);
    if (status.wanted >= 0)
        json_object_set_new(entry, "replicas",
                            cat_json_object("wanted", json_integer(status.wanted), "ready",
                                            json_integer(status.ready < 0 ? 0 : status.ready), NULL));
    json_object_set_new(entry, "conditions", fold_conditions(object));
    json_object_set_new(entry, "images", fold_images(object));
    cat_autofree char *owner = fold_owner(object);
    fold_put(entry, "owner", owner);
    json_object_set_new(entry, "at", json_string(step->time_text));
    const char *manager = cat_view_text(data, "drift.manager");
    if (manager) {
        json_t *drift = cat_json_object("manager", fold_cut(manager, 128), NULL);
        fold_put(drift, "at", cat_view_text(data, "drift.at"));
        json_object_set_new(entry, "drift", drift);
    }
    fold_details(object, id->token, entry);
    pass_unknown(data, entry);
    return entry;
}

/* The row's own status is that of the vcluster that people should hear of first. */
static void merge_clusters(json_t *json)
{
    json_t *clusters = json_object_get(json, "clusters"), *worst = NULL;
    cat_status status = CAT_STATUS_RUNNING;
    const char *name, *worst_name = NULL, *drifted = NULL;
    json_t *entry;
    json_object_foreach(clusters, name, entry)
    {
        cat_status here = CAT_STATUS_UNKNOWN;
        cat_status_parse(cat_json_text_or(entry, "status", "Unknown"), &here);
        bool first = !worst || (cat_status_worse(here, status) == here && here != status) ||
                     (here == status && strcmp(name, worst_name) < 0);
        if (first) {
            worst = entry;
            worst_name = name;
            status = here;
        }
        if (json_object_get(entry, "drift") && (!drifted || strcmp(name, drifted) < 0))
            drifted = name;
    }
    fold_put(json, "status", cat_status_name(status));
    static const char *const COPIED[] = {"reason", "message", "next", "since"};
    for (size_t i = 0; i < sizeof COPIED / sizeof *COPIED; i++)
        fold_put(json, COPIED[i], cat_json_text(worst, COPIED[i]));
    json_object_del(json, "drift");
    json_object_del(json, "cause");
    if (!drifted)
        return;
    json_t *drift = json_object_get(json_object_get(clusters, drifted), "drift");
    json_object_set(json, "drift", drift);
    const char *at = cat_json_text(drift, "at");
    cat_autofree char *cause =
        cat_printf("changed outside Git by %s%s%s", cat_json_text_or(drift, "manager", "?"), at ? " at " : "", at ? at : "");
    fold_put(json, "cause", cause);
}

static void forget_old_gone(const fold *state, json_t *json)
{
    json_t *gone = json_object_get(json, "gone");
    void *next;
    const char *name;
    json_t *entry;
    json_object_foreach_safe(gone, next, name, entry)
    {
        int64_t at_ms = 0;
        if (cat_time_parse(cat_json_text_or(entry, "at", ""), &at_ms) && at_ms + FOLD_TOMBSTONE_MS <= state->time_ms)
            json_object_del(gone, name);
    }
    if (json_object_size(gone) == 0)
        json_object_del(json, "gone");
}

/* What is left of a row when its last vcluster lost it. */
static void make_tombstone(fold *state, const fold_step *step, const identity *id, fold_row *row)
{
    static const char *const KEPT[] = {"kind", "namespace", "name", "environment", "application", "gone", "seq", "observedAt"};
    json_t *tombstone = json_object();
    for (size_t i = 0; i < sizeof KEPT / sizeof *KEPT; i++) {
        json_t *value = json_object_get(row->json, KEPT[i]);
        if (value)
            json_object_set(tombstone, KEPT[i], value);
    }
    json_object_set_new(tombstone, "deleted", json_true());
    fold_put(tombstone, "uid", id->uid);
    json_object_set_new(tombstone, "epoch", json_integer(id->epoch));
    json_object_set_new(tombstone, "resourceVersion", json_string(id->resource_version));
    json_decref(row->json);
    row->json = tombstone;
    fold_bury(state, row, step->time_ms);
}

static void apply_delete(fold *state, const fold_step *step, const identity *id, fold_row *row)
{
    json_object_del(json_object_get(row->json, "clusters"), id->cluster);
    json_t *gone = cat_json_object("epoch", json_integer(id->epoch), "resourceVersion", json_string(id->resource_version), "at",
                                   json_string(step->time_text), NULL);
    fold_put(gone, "uid", id->uid);
    forget_old_gone(state, row->json);
    json_object_set_new(member(row->json, "gone"), id->cluster, gone);
    if (json_object_size(json_object_get(row->json, "clusters")) == 0)
        make_tombstone(state, step, id, row);
    else
        merge_clusters(row->json);
}

static void apply_object(fold *state, const fold_step *step, const identity *id, cat_view data, fold_row *row)
{
    cat_view object = cat_view_get(data, "object");
    static const char *const OF_TOMBSTONE[] = {"deleted", "uid", "epoch", "resourceVersion"};
    for (size_t i = 0; i < sizeof OF_TOMBSTONE / sizeof *OF_TOMBSTONE; i++)
        json_object_del(row->json, OF_TOMBSTONE[i]);
    json_object_set_new(member(row->json, "clusters"), id->cluster, make_entry(step, id, data, object));
    json_object_del(json_object_get(row->json, "gone"), id->cluster);
    forget_old_gone(state, row->json);
    set_application(state, step, id, object, row->json);
    fold_put(row->json, "commit", step->event->commit);
    merge_clusters(row->json);
}

int fold_object(fold *state, const fold_step *step, cat_view data, bool deleted, cat_error *error)
{
    identity id;
    int code = read_identity(data, &id, error);
    if (code < 0)
        return code;
    if (!deleted && !cat_view_is_object(cat_view_get(data, "object")))
        return cat_error_set(error, CAT_E_INVALID, "an object event without the object");
    if (is_stale(state, &id, deleted))
        return 0;
    fold_row *row = fold_edit(state, id.key);
    fold_stamp(state, row->json, step, id.token, id.namespace, id.name);
    if (deleted) {
        fold_put(row->json, "application",
                 step->event->application && *step->event->application ? step->event->application
                                                                       : cat_json_text(row->json, "application"));
        apply_delete(state, step, &id, row);
    } else {
        apply_object(state, step, &id, data, row);
    }
    fold_index(state, row);
    return 0;
}

/* A notice adds what Flux said to the row of its Kustomization; without a row there is nothing to add it to. */
int fold_notice(fold *state, const fold_step *step, cat_error *error)
{
    cat_view data = step->event->data;
    const char *cluster = cat_view_text(data, "cluster"), *name = cat_view_text(data, "kustomization");
    if (!cluster || !*cluster || strlen(cluster) > 253 || !name || !*name)
        return cat_error_set(error, CAT_E_INVALID, "a notice needs cluster and kustomization");
    char key[CAT_KEY_MAX];
    int code = cat_key_make(FOLD_KIND_KUSTOMIZATION, cat_view_text_or(data, "namespace", "flux-system"), name, key, error);
    if (code < 0)
        return code;
    fold_row *row = fold_find(state, key);
    if (!row || cat_json_bool_or(fold_json(row), "deleted", false) ||
        !json_object_get(json_object_get(row->json, "clusters"), cluster))
        return 0;
    const json_t *known = json_object_get(json_object_get(row->json, "notices"), cluster);
    if (known && strcmp(cat_json_text_or(known, "at", ""), step->time_text) >= 0)
        return 0;
    row = fold_edit(state, key);
    json_t *notice = cat_json_object("at", json_string(step->time_text), NULL);
    static const char *const COPIED[] = {"severity", "reason", "message", "revision"};
    for (size_t i = 0; i < sizeof COPIED / sizeof *COPIED; i++)
        fold_put(notice, COPIED[i], cat_view_text(data, COPIED[i]));
    json_object_set_new(member(row->json, "notices"), cluster, notice);
    json_object_set_new(row->json, "seq", json_integer((json_int_t)step->sequence));
    json_object_set_new(row->json, "observedAt", json_string(step->time_text));
    fold_index(state, row);
    return 0;
}
