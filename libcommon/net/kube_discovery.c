/* Which kinds a server knows, asked group by group and kept for a short while. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/encoding.h"
#include "domain/kinds.h"
#include "net/kube_internal.h"

/* Long enough that a burst asks once, short enough that a CRD made meanwhile is seen soon. */
#define KEPT_MS 10000
#define MAX_GROUPS 512

typedef struct {
    json_t *resources; /* {kind: {plural, namespaced}} */
    int64_t at_ms;
} group_resources;

static void group_release(void *value)
{
    group_resources *group = value;
    json_decref(group->resources);
    free(group);
}

void kube_discovery_forget(cat_kube *kube)
{
    cat_map_destroy(kube->groups);
    kube->groups = NULL;
}

static json_t *fold_resources(const json_t *answer)
{
    json_t *kinds = json_object();
    const json_t *list = cat_json_get(answer, "resources");
    size_t index;
    json_t *item;
    json_array_foreach(list, index, item)
    {
        const char *name = cat_json_text(item, "name"), *kind = cat_json_text(item, "kind");
        if (!name || !kind || strchr(name, '/')) /* "pods/status" is a part of a resource */
            continue;
        json_object_set_new(kinds, kind,
                            cat_json_object("plural", json_string(name), "namespaced",
                                            json_boolean(cat_json_bool_or(item, "namespaced", false)), NULL));
    }
    return kinds;
}

static int fetch(cat_kube *kube, const char *group, const char *version, json_t **kinds, cat_error *error)
{
    static const cat_json_caps caps = {(size_t)4 * 1024 * 1024, 32};
    cat_auto(cat_string) path = CAT_STRING(2048);
    cat_string_append(&path, *group ? "/apis/" : "/api/");
    if (*group) {
        cat_percent_encode(&path, group);
        cat_string_append_char(&path, '/');
    }
    cat_percent_encode(&path, version);
    cat_autofree char *body = NULL;
    size_t length;
    cat_error failed = {0};
    int code = cat_kube_raw(kube, cat_string_get(&path), &body, &length, &failed);
    if (code == CAT_E_NOT_FOUND) { /* the group version is not served at all */
        *kinds = json_object();
        return 0;
    }
    cat_autojson json_t *answer = NULL;
    if (code == 0)
        code = cat_json_parse(body, length, &caps, &answer, &failed);
    if (code < 0) {
        cat_error_wrap(&failed, "asking which kinds %s has", *group ? group : version);
        return cat_error_copy(error, &failed);
    }
    *kinds = fold_resources(answer);
    return 0;
}

/* `*entry`: what is known of the kind, a new reference; NULL when it is not served. */
static int look_up(cat_kube *kube, const char *group, const char *version, const char *kind, json_t **entry, cat_error *error)
{
    cat_autofree char *key = cat_printf("%s/%s", group, version);
    int64_t now = cat_clock_system()->monotonic_ms(cat_clock_system());
    pthread_mutex_lock(&kube->lock);
    group_resources *known = kube->groups ? cat_map_get(kube->groups, key) : NULL;
    bool fresh = known && now - known->at_ms < KEPT_MS;
    /* json_t is not shared between threads: what leaves the lock is a copy. */
    json_t *found = fresh ? json_deep_copy(json_object_get(known->resources, kind)) : NULL;
    pthread_mutex_unlock(&kube->lock);
    if (fresh) {
        *entry = found;
        return 0;
    }
    json_t *kinds = NULL;
    int code = fetch(kube, group, version, &kinds, error);
    if (code < 0)
        return code;
    found = json_deep_copy(json_object_get(kinds, kind));
    group_resources *made = cat_calloc(1, sizeof *made);
    *made = (group_resources){kinds, now};
    pthread_mutex_lock(&kube->lock);
    if (kube->groups && cat_map_count(kube->groups) >= MAX_GROUPS)
        cat_map_clear(kube->groups);
    if (!kube->groups)
        kube->groups = cat_map_create(group_release);
    cat_map_set(kube->groups, key, made);
    pthread_mutex_unlock(&kube->lock);
    *entry = found;
    return 0;
}

int cat_kube_serves(cat_kube *kube, const cat_resource *resource, bool *served, cat_error *error)
{
    cat_autojson json_t *entry = NULL;
    int code = look_up(kube, resource->group ? resource->group : "", resource->version, resource->kind, &entry, error);
    if (code == 0)
        *served = entry != NULL;
    return code;
}

int kube_resource_of(cat_kube *kube, const json_t *object, kube_resource *kept, cat_error *error)
{
    const char *api_version = cat_json_text(object, "apiVersion"), *kind = cat_json_text(object, "kind");
    if (!api_version || !kind || strlen(kind) >= sizeof kept->kind || strlen(api_version) >= sizeof kept->group)
        return cat_error_set(error, CAT_E_INVALID, "a Kubernetes object needs apiVersion and kind");
    *kept = (kube_resource){0};
    cat_api_version_split(api_version, kept->group, sizeof kept->group, kept->version, sizeof kept->version);
    memcpy(kept->kind, kind, strlen(kind) + 1);
    const cat_resource *known = cat_resource_find(kept->group, kept->kind);
    kept->resource = (cat_resource){kept->group, kept->version, kept->kind, kept->plural, true};
    if (known) {
        kept->resource.plural = known->plural;
        kept->resource.namespaced = known->namespaced;
        return 0;
    }
    cat_autojson json_t *entry = NULL;
    int code = look_up(kube, kept->group, kept->version, kept->kind, &entry, error);
    if (code < 0)
        return code;
    const char *plural = cat_json_text_or(entry, "plural", "");
    if (!entry || !*plural || strlen(plural) >= sizeof kept->plural)
        return cat_error_set_class(error, CAT_E_NOT_FOUND, CAT_CLASS_WAITING, "the API server does not serve %.60s of %.100s",
                                   kind, api_version);
    memcpy(kept->plural, plural, strlen(plural) + 1);
    kept->resource.namespaced = cat_json_bool_or(entry, "namespaced", true);
    return 0;
}
