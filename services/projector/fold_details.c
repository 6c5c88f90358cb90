/* What a kind shows beside its status: conditions, images, owner, and the few fields that people look for. */
#include <string.h>

#include "fold_internal.h"
#include "wire/kubernetes.h"

#define CONDITIONS_MAX 32
#define IMAGES_MAX 64
#define HOSTS_MAX 16

json_t *fold_conditions(cat_view object)
{
    static const char *const COPIED[] = {"type", "status", "reason", "message", "lastTransitionTime"};
    json_t *conditions = json_array();
    cat_view_iterator it = cat_view_each(cat_view_get(object, "status.conditions"));
    cat_view condition;
    while (json_array_size(conditions) < CONDITIONS_MAX && cat_view_next(&it, NULL, &condition)) {
        if (!cat_view_text(condition, "type"))
            continue;
        json_t *copy = json_object();
        for (size_t i = 0; i < sizeof COPIED / sizeof *COPIED; i++)
            fold_put(copy, COPIED[i], cat_view_text(condition, COPIED[i]));
        json_array_append_new(conditions, copy);
    }
    return conditions;
}

static void add_unique(json_t *array, const char *text, size_t max)
{
    if (text && *text && json_array_size(array) < max && !cat_json_is_text_in(array, text))
        json_array_append_new(array, fold_cut(text, 512));
}

json_t *fold_images(cat_view object)
{
    static const char *const PATHS[] = {"spec.initContainers", "spec.containers", "spec.template.spec.initContainers",
                                        "spec.template.spec.containers", "spec.jobTemplate.spec.template.spec.containers"};
    json_t *images = json_array();
    for (size_t i = 0; i < sizeof PATHS / sizeof *PATHS; i++) {
        cat_view_iterator it = cat_view_each(cat_view_get(object, PATHS[i]));
        cat_view container;
        while (cat_view_next(&it, NULL, &container))
            add_unique(images, cat_view_text(container, "image"), IMAGES_MAX);
    }
    return images;
}

char *fold_owner(cat_view object)
{
    cat_view_iterator it = cat_view_each(cat_view_get(object, "metadata.ownerReferences"));
    cat_view owner;
    while (cat_view_next(&it, NULL, &owner)) {
        const char *kind = cat_view_text(owner, "kind"), *name = cat_view_text(owner, "name");
        if (!cat_view_bool_or(owner, "controller", false) || !kind || !name)
            continue;
        char group[254], version[64], token[CAT_KEY_MAX], key[CAT_KEY_MAX];
        cat_api_version_split(cat_view_text_or(owner, "apiVersion", "v1"), group, sizeof group, version, sizeof version);
        cat_kind_token(kind, group, token, sizeof token);
        if (cat_key_make(token, cat_view_text(object, "metadata.namespace"), name, key, NULL) == 0)
            return cat_strdup(key);
    }
    return NULL;
}

static void hosts_of_ingress(cat_view object, json_t *entry)
{
    json_t *hosts = json_array();
    cat_view_iterator it = cat_view_each(cat_view_get(object, "spec.rules"));
    cat_view rule;
    while (cat_view_next(&it, NULL, &rule))
        add_unique(hosts, cat_view_text(rule, "host"), HOSTS_MAX);
    json_object_set_new(entry, "hosts", hosts);
    json_object_set_new(entry, "tls", json_boolean(cat_view_count(cat_view_get(object, "spec.tls")) > 0));
}

static void hosts_of_route(cat_view object, json_t *entry)
{
    json_t *hosts = json_array();
    cat_view_iterator it = cat_view_each(cat_view_get(object, "spec.hostnames"));
    cat_view host;
    while (cat_view_next(&it, NULL, &host))
        add_unique(hosts, cat_view_text(host, NULL), HOSTS_MAX);
    json_object_set_new(entry, "hosts", hosts);
    json_object_set_new(entry, "tls", json_true());
}

static void restarts_of_pod(cat_view object, json_t *entry)
{
    int64_t restarts = 0;
    cat_view_iterator it = cat_view_each(cat_view_get(object, "status.containerStatuses"));
    cat_view container;
    while (cat_view_next(&it, NULL, &container))
        restarts += cat_view_int_or(container, "restartCount", 0);
    json_object_set_new(entry, "restarts", json_integer(restarts));
    fold_put(entry, "node", cat_view_text(object, "spec.nodeName"));
}

static void involved_in_event(cat_view object, json_t *entry)
{
    char group[254], version[64], token[CAT_KEY_MAX], key[CAT_KEY_MAX];
    const char *kind = cat_view_text(object, "involvedObject.kind"), *name = cat_view_text(object, "involvedObject.name");
    fold_put(entry, "reason", cat_view_text(object, "reason"));
    fold_put(entry, "message", cat_view_text(object, "message"));
    if (!kind || !name)
        return;
    cat_api_version_split(cat_view_text_or(object, "involvedObject.apiVersion", "v1"), group, sizeof group, version,
                          sizeof version);
    cat_kind_token(kind, group, token, sizeof token);
    if (cat_key_make(token, cat_view_text(object, "involvedObject.namespace"), name, key, NULL) == 0)
        fold_put(entry, "involved", key);
}

static void flux_kustomization(cat_view object, json_t *entry)
{
    fold_put(entry, "applied", cat_view_text(object, "status.lastAppliedRevision"));
    fold_put(entry, "attempted", cat_view_text(object, "status.lastAttemptedRevision"));
}

static void flux_repository(cat_view object, json_t *entry)
{
    fold_put(entry, "revision", cat_view_text(object, "status.artifact.revision"));
    fold_put(entry, "branch", cat_view_text(object, "spec.ref.branch"));
}

static void catalyst_application(cat_view object, json_t *entry)
{
    fold_put(entry, "displayName", cat_view_text(object, "spec.displayName"));
    if (cat_view_bool_or(object, "spec.suspended", false))
        json_object_set_new(entry, "suspended", json_true());
}

void fold_details(cat_view object, const char *kind, json_t *entry)
{
    static const struct {
        const char *kind;
        void (*read)(cat_view object, json_t *entry);
    } DETAILS[] = {
        {"ingress", hosts_of_ingress},
        {"httproute_gateway_networking_k8s_io", hosts_of_route},
        {"pod", restarts_of_pod},
        {"event", involved_in_event},
        {FOLD_KIND_KUSTOMIZATION, flux_kustomization},
        {FOLD_KIND_GITREPOSITORY, flux_repository},
        {FOLD_KIND_APPLICATION_OBJECT, catalyst_application},
    };
    for (size_t i = 0; i < sizeof DETAILS / sizeof *DETAILS; i++)
        if (strcmp(kind, DETAILS[i].kind) == 0)
            DETAILS[i].read(object, entry);
}
