#include "core/informer_event.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "wire/digest.h"

ec_identity_of ec_event_identity(cat_view object)
{
    cat_view metadata = cat_view_member(object, "metadata");
    return (ec_identity_of){.namespace = cat_view_text_or(metadata, "namespace", ""),
                            .name = cat_view_text_or(metadata, "name", ""),
                            .uid = cat_view_text_or(metadata, "uid", ""),
                            .resource_version = cat_view_text_or(metadata, "resourceVersion", "")};
}

static json_t *annotations_of(cat_view annotations)
{
    json_t *kept = json_object();
    const char *name;
    cat_view value;
    cat_view_iterator each = cat_view_each(annotations);
    while (cat_view_next(&each, &name, &value)) {
        /* A whole copy of the object, a Secret's values in clear included. */
        if (strcmp(name, "kubectl.kubernetes.io/last-applied-configuration") != 0)
            json_object_set_new(kept, name, cat_view_to_json(value));
    }
    return kept;
}

static json_t *metadata_of(cat_view metadata)
{
    json_t *kept = json_object();
    const char *name;
    cat_view value;
    cat_view_iterator each = cat_view_each(metadata);
    while (cat_view_next(&each, &name, &value)) {
        if (strcmp(name, "managedFields") == 0)
            continue;
        json_object_set_new(kept, name, strcmp(name, "annotations") == 0 ? annotations_of(value) : cat_view_to_json(value));
    }
    return kept;
}

static json_t *hashed(cat_view data, const unsigned char *key)
{
    json_t *kept = json_object();
    const char *name;
    cat_view value;
    cat_view_iterator each = cat_view_each(data);
    while (cat_view_next(&each, &name, &value)) {
        const char *text = cat_view_text_or(value, NULL, "");
        char hex[CAT_SHA256_HEX];
        cat_hmac_sha256_hex(key, EC_HASH_KEY_BYTES, text, strlen(text), hex);
        json_object_set_new(kept, name, json_string(hex));
    }
    return kept;
}

static void put_api(json_t *object, const cat_resource *resource)
{
    /* Items of a list do not say what they are. */
    cat_autofree char *api =
        *resource->group ? cat_printf("%s/%s", resource->group, resource->version) : cat_strdup(resource->version);
    json_object_set_new(object, "apiVersion", json_string(api));
    json_object_set_new(object, "kind", json_string(resource->kind));
}

static json_t *object_of(const ec_event_source *source, cat_view object)
{
    bool is_secret = strcmp(source->resource->kind, "Secret") == 0 && !*source->resource->group;
    json_t *kept = json_object();
    put_api(kept, source->resource);
    const char *name;
    cat_view value;
    cat_view_iterator each = cat_view_each(object);
    while (cat_view_next(&each, &name, &value)) {
        if (strcmp(name, "apiVersion") == 0 || strcmp(name, "kind") == 0 || (is_secret && strcmp(name, "stringData") == 0))
            continue;
        json_t *made = strcmp(name, "metadata") == 0            ? metadata_of(value)
                       : is_secret && strcmp(name, "data") == 0 ? hashed(value, source->hash_key)
                                                                : cat_view_to_json(value);
        json_object_set_new(kept, name, made);
    }
    return kept;
}

static bool fits(const json_t *object)
{
    cat_autofree char *text = cat_json_format(object);
    return strlen(text) <= EC_OBJECT_MAX_BYTES;
}

/* Members of `from` that are on the list, as they are; NULL when there is none. */
static json_t *only(const json_t *from, const char *const names[], size_t count)
{
    json_t *kept = json_object();
    for (size_t i = 0; i < count; i++)
        json_object_set(kept, names[i], json_object_get(from, names[i]));
    if (json_object_size(kept) > 0)
        return kept;
    json_decref(kept);
    return NULL;
}
#define ONLY(from, names) only(from, names, sizeof(names) / sizeof *(names))

/* Of a Pod's spec what its images, requests and place are counted by: by rows, footprint and billing. */
static json_t *facts_of_pod(const json_t *spec)
{
    static const char *const MEMBERS[] = {"nodeName", "restartPolicy", "serviceAccountName",
                                          "overhead", "resources",     "priorityClassName"};
    static const char *const LISTS[] = {"containers", "initContainers"};
    static const char *const OF_CONTAINER[] = {"name", "image", "resources", "restartPolicy"};
    json_t *kept = ONLY(spec, MEMBERS);
    for (size_t i = 0; i < sizeof LISTS / sizeof *LISTS; i++) {
        const json_t *list = json_object_get(spec, LISTS[i]), *container;
        size_t at;
        json_t *facts = json_is_array(list) ? json_array() : NULL;
        json_array_foreach(list, at, container) json_array_append_new(facts, ONLY(container, OF_CONTAINER));
        if (facts && !kept)
            kept = json_object();
        if (facts)
            json_object_set_new(kept, LISTS[i], facts);
    }
    return kept;
}

static void put_template(json_t *kept, const json_t *spec)
{
    json_t *facts = facts_of_pod(cat_json_get(spec, "template.spec"));
    if (facts)
        json_object_set_new(kept, "template", json_pack("{s:o}", "spec", facts));
}

/* What status needs of a spec (domain/object_status*.c, the projector's fold_details.c), without what makes it large. */
static json_t *facts_of(const json_t *spec)
{
    static const char *const MEMBERS[] = {"replicas",
                                          "suspend",
                                          "paused",
                                          "parallelism",
                                          "completions",
                                          "progressDeadlineSeconds",
                                          "minReadySeconds",
                                          "updateStrategy",
                                          "storageClassName",
                                          "volumeName",
                                          "resources",
                                          "type",
                                          "clusterIP",
                                          "schedule",
                                          "ref",
                                          "suspended",
                                          "displayName",
                                          "environments",
                                          "hostnames",
                                          "tls"};
    static const char *const OF_RULE[] = {"host"};
    json_t *kept = ONLY(spec, MEMBERS), *pod = facts_of_pod(spec);
    kept = kept ? kept : json_object();
    if (pod)
        json_object_update_new(kept, pod);
    put_template(kept, spec);
    const json_t *run = cat_json_get(spec, "jobTemplate.spec"), *rules = json_object_get(spec, "rules"), *rule;
    if (run) {
        json_t *job = json_object();
        put_template(job, run);
        json_object_set_new(kept, "jobTemplate", json_pack("{s:o}", "spec", job));
    }
    size_t at;
    json_t *hosts = json_is_array(rules) ? json_array() : NULL;
    json_array_foreach(rules, at, rule) json_array_append_new(hosts, ONLY(rule, OF_RULE));
    if (hosts)
        json_object_set_new(kept, "rules", hosts);
    return kept;
}

/* Takes `object` and gives what fits: metadata, status and what status needs of the spec. Where that is too much too, metadata's
 * own names alone, and `*too_large`: nobody can judge it by that. */
static json_t *cut(json_t *object, bool *too_large)
{
    cat_autojson json_t *whole = object;
    json_t *small = json_object(), *spec = json_object_get(whole, "spec");
    static const char *const PARTS[] = {"apiVersion", "kind", "metadata", "status"};
    for (size_t i = 0; i < sizeof PARTS / sizeof *PARTS; i++)
        json_object_set(small, PARTS[i], json_object_get(whole, PARTS[i]));
    if (json_is_object(spec))
        json_object_set_new(small, "spec", facts_of(spec));
    if (fits(small))
        return small;
    /* Annotations are the usual weight, and mean nothing to status but for a few small ones. */
    cat_autojson json_t *metadata = json_object();
    static const char *const NAMES[] = {
        "name",   "namespace",      "uid", "resourceVersion", "generation", "creationTimestamp", "deletionTimestamp",
        "labels", "ownerReferences"};
    for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++)
        json_object_set(metadata, NAMES[i], json_object_get(json_object_get(whole, "metadata"), NAMES[i]));
    json_object_set(small, "metadata", metadata);
    if (fits(small))
        return small;
    *too_large = json_object_get(small, "status") || json_object_get(small, "spec");
    json_object_del(small, "status");
    json_object_del(small, "spec");
    return small;
}

static json_t *data_of(const ec_event_source *source, const char *namespace, const char *name, const char *uid,
                       const char *resource_version)
{
    const cat_resource *resource = source->resource;
    return json_pack("{s:s, s:I, s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "cluster", source->cluster, "epoch",
                     (json_int_t)source->epoch, "uid", uid, "resourceVersion", resource_version, "kind", resource->kind, "group",
                     resource->group, "version", resource->version, "namespace", namespace, "name", name);
}

json_t *ec_event_object(const ec_event_source *source, cat_view object)
{
    ec_identity_of of = ec_event_identity(object);
    json_t *data = data_of(source, of.namespace, of.name, of.uid, of.resource_version);
    json_t *kept = object_of(source, object);
    if (!fits(kept)) {
        bool too_large = false;
        kept = cut(kept, &too_large);
        json_object_set_new(data, "cut", json_true());
        if (too_large)
            json_object_set_new(data, "tooLarge", json_true());
    }
    if (ec_fields_is_by_hand(object))
        json_object_set_new(data, "byHand", json_true());
    json_object_set_new(data, "object", kept);
    return data;
}

json_t *ec_event_deleted(const ec_event_source *source, const char *namespace, const char *name, const char *uid,
                         const char *resource_version)
{
    return data_of(source, namespace, name, uid, resource_version);
}

char *ec_event_id(const ec_event_source *source, const char *uid, const char *resource_version, bool deleted)
{
    return cat_printf("%s/%lld/%s/%s%s", source->cluster, (long long)source->epoch, uid, resource_version,
                      deleted ? "/deleted" : "");
}

bool ec_event_is_noise(const cat_resource *resource, cat_view object)
{
    if (*resource->group)
        return false;
    /* That a claim waits for its first consumer is no warning, and says that nothing is wrong any more. */
    if (strcmp(resource->kind, "Event") == 0)
        return strcmp(cat_view_text_or(object, "type", ""), "Warning") != 0 &&
               strcmp(cat_view_text_or(object, "reason", ""), "WaitForFirstConsumer") != 0;
    if (strcmp(resource->kind, "ConfigMap") == 0)
        return strcmp(cat_view_text_or(object, "metadata.name", ""), "kube-root-ca.crt") == 0;
    if (strcmp(resource->kind, "Secret") == 0)
        return strcmp(cat_view_text_or(object, "type", ""), "kubernetes.io/service-account-token") == 0;
    return false;
}

void ec_event_put_drift(json_t *data, const ec_drift *drift)
{
    if (drift->mark)
        json_object_set_new(data, "drift",
                            json_pack("{s:s, s:s*}", "manager", drift->manager, "at", *drift->at ? drift->at : NULL));
}

void ec_event_put_applied(json_t *data, const char *at, const char *digest)
{
    json_object_set_new(data, "flux", json_pack("{s:s, s:s}", "at", at, "digest", digest));
}

/* A Job that has ended, and when; false while it runs. */
static bool finished_at(cat_view job, int64_t *at_ms)
{
    cat_view condition;
    cat_view_iterator each = cat_view_each(cat_view_get(job, "status.conditions"));
    while (cat_view_next(&each, NULL, &condition)) {
        const char *type = cat_view_text_or(condition, "type", "");
        bool ends = strcmp(type, "Complete") == 0 || strcmp(type, "Failed") == 0;
        if (ends && strcmp(cat_view_text_or(condition, "status", ""), "True") == 0)
            return cat_time_parse(cat_view_text_or(condition, "lastTransitionTime", ""), at_ms);
    }
    return false;
}

bool ec_event_ended_by_itself(const cat_resource *resource, cat_view object, int64_t now_ms)
{
    if (cat_view_count(cat_view_get(object, "metadata.ownerReferences")) > 0)
        return true;
    if (strcmp(resource->kind, "Pod") == 0 && !*resource->group) {
        const char *phase = cat_view_text_or(object, "status.phase", "");
        return strcmp(phase, "Succeeded") == 0 || strcmp(phase, "Failed") == 0;
    }
    int64_t ended_ms = 0, stays_s = cat_view_int_or(object, "spec.ttlSecondsAfterFinished", -1);
    bool is_job = strcmp(resource->kind, "Job") == 0 && strcmp(resource->group, "batch") == 0;
    return is_job && stays_s >= 0 && finished_at(object, &ended_ms) && ended_ms + stays_s * 1000 <= now_ms;
}
