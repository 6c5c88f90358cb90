#include "core/informer_object.h"

#include <stdio.h>
#include <string.h>

#include "wire/digest.h"

#define COUNT(names) (sizeof(names) / sizeof *(names))

/* Of a name that is there twice the first counts, as for every reader. */
static bool is_first(cat_view object, const char *name, cat_view value)
{
    return cat_view_member(object, name).value == value.value;
}

static void write_metadata(cat_string *out, cat_view metadata)
{
    /* A whole copy of the object, a Secret's values in clear included. */
    static const char *const COPY[] = {"kubectl.kubernetes.io/last-applied-configuration"};
    const char *name;
    cat_view value;
    cat_view_iterator each = cat_view_each(metadata);
    cat_write_begin(out, "metadata", '{');
    while (cat_view_next(&each, &name, &value)) {
        if (strcmp(name, "managedFields") == 0 || !is_first(metadata, name, value))
            continue;
        if (strcmp(name, "annotations") != 0) {
            cat_write_view(out, name, value);
            continue;
        }
        cat_write_begin(out, name, '{');
        cat_write_members(out, value, COPY, COUNT(COPY));
        cat_write_end(out, '}');
    }
    cat_write_end(out, '}');
}

static void write_hashed(cat_string *out, cat_view data, const unsigned char *key)
{
    const char *name;
    cat_view value;
    cat_view_iterator each = cat_view_each(data);
    cat_write_begin(out, "data", '{');
    while (cat_view_next(&each, &name, &value)) {
        const char *text = cat_view_text_or(value, NULL, "");
        char hex[CAT_SHA256_HEX];
        cat_hmac_sha256_hex(key, EC_HASH_KEY_BYTES, text, strlen(text), hex);
        if (is_first(data, name, value))
            cat_write_text(out, name, hex);
    }
    cat_write_end(out, '}');
}

/* Items of a list do not say what they are. */
static void write_api(cat_string *out, const cat_resource *resource)
{
    char api[320];
    snprintf(api, sizeof api, "%s%s%s", resource->group, *resource->group ? "/" : "", resource->version);
    cat_write_text(out, "apiVersion", api);
    cat_write_text(out, "kind", resource->kind);
}

static void write_whole(cat_string *out, const ec_event_source *source, cat_view object)
{
    bool is_secret = strcmp(source->resource->kind, "Secret") == 0 && !*source->resource->group;
    const char *name;
    cat_view value;
    cat_view_iterator each = cat_view_each(object);
    while (cat_view_next(&each, &name, &value)) {
        if (strcmp(name, "apiVersion") == 0 || strcmp(name, "kind") == 0 || (is_secret && strcmp(name, "stringData") == 0) ||
            !is_first(object, name, value))
            continue;
        if (strcmp(name, "metadata") == 0)
            write_metadata(out, value);
        else if (is_secret && strcmp(name, "data") == 0)
            write_hashed(out, value, source->hash_key);
        else
            cat_write_view(out, name, value);
    }
}

static void write_some(cat_string *out, cat_view from, const char *const names[], size_t count)
{
    for (size_t i = 0; i < count; i++)
        cat_write_view(out, names[i], cat_view_member(from, names[i]));
}

/* Takes back a bracket that nothing came into. */
static void end_unless_empty(cat_string *out, size_t before, char closing)
{
    char last = out->length ? out->data[out->length - 1] : '\0';
    if (out->overflowed || (last != '{' && last != '[')) {
        cat_write_end(out, closing);
        return;
    }
    out->length = before;
    out->data[before] = '\0';
}

static void write_each(cat_string *out, const char *name, cat_view list, const char *const names[], size_t count)
{
    if (!cat_view_is_array(list))
        return;
    cat_view item;
    cat_view_iterator each = cat_view_each(list);
    cat_write_begin(out, name, '[');
    while (cat_view_next(&each, NULL, &item)) {
        size_t before = out->length;
        cat_write_begin(out, NULL, '{');
        write_some(out, item, names, count);
        end_unless_empty(out, before, '}');
    }
    cat_write_end(out, ']');
}

/* Of a Pod's spec what its images, requests and place are counted by: by rows, footprint and billing. `resources` may be there
 * already. */
static void write_pod(cat_string *out, cat_view spec, bool with_resources)
{
    static const char *const PLACE[] = {"nodeName", "restartPolicy", "serviceAccountName", "overhead"};
    static const char *const RESOURCES[] = {"resources"}, *const PRIORITY[] = {"priorityClassName"};
    static const char *const OF_CONTAINER[] = {"name", "image", "resources", "restartPolicy"};
    write_some(out, spec, PLACE, COUNT(PLACE));
    write_some(out, spec, RESOURCES, with_resources ? 1 : 0);
    write_some(out, spec, PRIORITY, 1);
    write_each(out, "containers", cat_view_member(spec, "containers"), OF_CONTAINER, COUNT(OF_CONTAINER));
    write_each(out, "initContainers", cat_view_member(spec, "initContainers"), OF_CONTAINER, COUNT(OF_CONTAINER));
}

static void write_template(cat_string *out, cat_view spec)
{
    size_t before = out->length;
    cat_write_begin(out, "template", '{');
    size_t inside = out->length;
    cat_write_begin(out, "spec", '{');
    write_pod(out, cat_view_get(spec, "template.spec"), true);
    end_unless_empty(out, inside, '}');
    end_unless_empty(out, before, '}');
}

/* What status needs of a spec (domain/object_status*.c, the projector's fold_details.c), without what makes it large. */
static void write_facts(cat_string *out, cat_view spec)
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
    write_some(out, spec, MEMBERS, COUNT(MEMBERS));
    write_pod(out, spec, false);
    write_template(out, spec);
    cat_view run = cat_view_get(spec, "jobTemplate.spec");
    if (run.value) {
        cat_write_begin(out, "jobTemplate", '{');
        cat_write_begin(out, "spec", '{');
        write_template(out, run);
        cat_write_end(out, '}');
        cat_write_end(out, '}');
    }
    write_each(out, "rules", cat_view_member(spec, "rules"), OF_RULE, COUNT(OF_RULE));
}

static void write_labels(cat_string *out, cat_view metadata)
{
    static const char *const NAMES[] = {
        "name",   "namespace",      "uid", "resourceVersion", "generation", "creationTimestamp", "deletionTimestamp",
        "labels", "ownerReferences"};
    cat_write_begin(out, "metadata", '{');
    write_some(out, metadata, NAMES, COUNT(NAMES));
    cat_write_end(out, '}');
}

static void write_state(cat_string *out, cat_view object)
{
    cat_view spec = cat_view_member(object, "spec");
    cat_write_view(out, "status", cat_view_member(object, "status"));
    if (!cat_view_is_object(spec))
        return;
    cat_write_begin(out, "spec", '{');
    write_facts(out, spec);
    cat_write_end(out, '}');
}

void ec_object_write(cat_string *out, const char *name, const ec_event_source *source, cat_view object, ec_object_part part)
{
    cat_view metadata = cat_view_member(object, "metadata");
    cat_write_begin(out, name, '{');
    write_api(out, source->resource);
    if (part == EC_OBJECT_WHOLE)
        write_whole(out, source, object);
    else if (part == EC_OBJECT_STATE && metadata.value)
        write_metadata(out, metadata);
    else if (part != EC_OBJECT_STATE)
        write_labels(out, metadata);
    if (part == EC_OBJECT_STATE || part == EC_OBJECT_LABELS)
        write_state(out, object);
    cat_write_end(out, '}');
}

bool ec_object_has_state(cat_view object)
{
    return cat_view_member(object, "status").value || cat_view_is_object(cat_view_member(object, "spec"));
}
