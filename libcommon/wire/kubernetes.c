#include "wire/kubernetes.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"

json_t *cat_object_make(const cat_resource *resource, const char *namespace, const char *name)
{
    cat_autofree char *api_version = resource->group[0]
                                         ? cat_printf("%s/%s", resource->group, resource->version)
                                         : cat_strdup(resource->version);
    return cat_json_object(
        "apiVersion", json_string(api_version), "kind", json_string(resource->kind), "metadata",
        cat_json_object("name", json_string(name), "namespace",
                        resource->namespaced && namespace ? json_string(namespace) : NULL, NULL),
        NULL);
}

const char *cat_object_name(const json_t *object)
{
    return cat_json_text(object, "metadata.name");
}

const char *cat_object_namespace(const json_t *object)
{
    const char *namespace = cat_json_text(object, "metadata.namespace");
    return namespace && *namespace ? namespace : NULL;
}

const char *cat_object_uid(const json_t *object)
{
    return cat_json_text(object, "metadata.uid");
}

const char *cat_object_resource_version(const json_t *object)
{
    return cat_json_text(object, "metadata.resourceVersion");
}

/* Labels and annotations have dots in their names, hence no path. */
static const char *metadata_entry(const json_t *object, const char *map, const char *name)
{
    const char *const names[] = {"metadata", map, name};
    return json_string_value(cat_json_at(object, names, 3));
}

static void set_metadata_entry(json_t *object, const char *map, const char *name, const char *value)
{
    const char *const names[] = {"metadata", map};
    json_t *entries = cat_json_at(object, names, 2);
    if (!value) {
        json_object_del(entries, name);
        return;
    }
    if (!json_is_object(entries)) {
        json_t *metadata = json_object_get(object, "metadata");
        if (!json_is_object(metadata))
            json_object_set_new(object, "metadata", metadata = json_object());
        json_object_set_new(metadata, map, entries = json_object());
    }
    json_object_set_new(entries, name, json_string(value));
}

const char *cat_object_label(const json_t *object, const char *label)
{
    return metadata_entry(object, "labels", label);
}

const char *cat_object_annotation(const json_t *object, const char *annotation)
{
    return metadata_entry(object, "annotations", annotation);
}

void cat_object_set_label(json_t *object, const char *label, const char *value)
{
    set_metadata_entry(object, "labels", label, value);
}

void cat_object_set_annotation(json_t *object, const char *annotation, const char *value)
{
    set_metadata_entry(object, "annotations", annotation, value);
}

bool cat_object_is_deleting(const json_t *object)
{
    return cat_json_text(object, "metadata.deletionTimestamp") != NULL;
}

bool cat_object_has_finalizer(const json_t *object, const char *finalizer)
{
    return cat_json_is_text_in(cat_json_get(object, "metadata.finalizers"), finalizer);
}

void cat_api_version_split(const char *api_version, char *group, size_t group_size, char *version,
                           size_t version_size)
{
    const char *slash = strchr(api_version, '/');
    snprintf(group, group_size, "%.*s", slash ? (int)(slash - api_version) : 0, api_version);
    snprintf(version, version_size, "%s", slash ? slash + 1 : api_version);
}

static const char *digits_of(const char *text)
{
    if (!text || !*text || strspn(text, "0123456789") != strlen(text))
        return NULL;
    while (*text == '0' && text[1])
        text++;
    return text;
}

int cat_resource_version_compare(const char *a, const char *b)
{
    const char *left = digits_of(a), *right = digits_of(b);
    int order;
    if (left && right) {
        size_t left_length = strlen(left), right_length = strlen(right);
        order = left_length != right_length ? (left_length < right_length ? -1 : 1) : strcmp(left, right);
    } else {
        order = strcmp(a ? a : "", b ? b : "");
    }
    return order < 0 ? -1 : order > 0;
}

static json_t *find_condition(const json_t *conditions, const char *type)
{
    for (size_t i = 0; i < json_array_size(conditions); i++) {
        json_t *condition = json_array_get(conditions, i);
        if (cat_text_equal(json_string_value(json_object_get(condition, "type")), type))
            return condition;
    }
    return NULL;
}

json_t *cat_condition_find(const json_t *object, const char *type)
{
    return find_condition(cat_json_get(object, "status.conditions"), type);
}

const char *cat_condition_status(const json_t *object, const char *type)
{
    return json_string_value(json_object_get(cat_condition_find(object, type), "status"));
}

/* metav1.Time has seconds alone: what the API server gives back is then what was sent. */
static json_t *time_in_seconds(int64_t ms)
{
    char text[CAT_TIME_TEXT_MAX];
    cat_time_format(ms, text);
    memcpy(text + strlen("2026-11-24T08:00:00"), "Z", 2);
    return json_string(text);
}

void cat_condition_set(json_t *conditions_array, const char *type, const char *status, const char *reason,
                       const char *message, int64_t observed_generation, int64_t now_ms)
{
    json_t *condition = find_condition(conditions_array, type);
    if (!condition) {
        condition = cat_json_object("type", json_string(type), NULL);
        json_array_append_new(conditions_array, condition);
    }
    const char *before = json_string_value(json_object_get(condition, "status"));
    if (!cat_text_equal(before, status) || !json_is_string(json_object_get(condition, "lastTransitionTime")))
        json_object_set_new(condition, "lastTransitionTime", time_in_seconds(now_ms));
    json_object_set_new(condition, "status", json_string(status));
    json_object_set_new(condition, "reason", json_string(reason));
    json_object_set_new(condition, "message", json_string(message ? message : ""));
    if (observed_generation > 0)
        json_object_set_new(condition, "observedGeneration", json_integer(observed_generation));
}
