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

static void write_identity(cat_string *out, const ec_event_source *source, const ec_identity_of *of)
{
    const cat_resource *resource = source->resource;
    cat_write_text(out, "cluster", source->cluster);
    cat_write_int(out, "epoch", source->epoch);
    cat_write_text(out, "uid", of->uid);
    cat_write_text(out, "resourceVersion", of->resource_version);
    cat_write_text(out, "kind", resource->kind);
    cat_write_text(out, "group", resource->group);
    cat_write_text(out, "version", resource->version);
    cat_write_text(out, "namespace", of->namespace);
    cat_write_text(out, "name", of->name);
}

static void write_drift(cat_string *out, const ec_drift *drift)
{
    if (!drift->mark)
        return;
    cat_write_begin(out, "drift", '{');
    cat_write_text(out, "manager", drift->manager);
    cat_write_text(out, "at", *drift->at ? drift->at : NULL);
    cat_write_end(out, '}');
}

static void write_applied(cat_string *out, const ec_event_flux *flux)
{
    if (!flux->at)
        return;
    cat_write_begin(out, "flux", '{');
    cat_write_text(out, "at", flux->at);
    cat_write_text(out, "digest", flux->digest);
    cat_write_end(out, '}');
}

/* Takes back what was written since. */
static void rewind_to(cat_string *out, size_t length)
{
    out->length = length;
    out->data[length] = '\0';
    out->overflowed = false;
}

/* False: as much of the object as `part` says does not fit. What is too much is not even written to its end. */
static bool write_part(cat_string *out, const ec_event_source *source, cat_view object, ec_object_part part)
{
    size_t ceiling = out->max_bytes, from = out->length + strlen(",\"object\":");
    if (part != EC_OBJECT_NAMES)
        out->max_bytes = from + EC_OBJECT_MAX_BYTES;
    ec_object_write(out, "object", source, object, part);
    out->max_bytes = ceiling;
    return !out->overflowed && out->length - from <= EC_OBJECT_MAX_BYTES;
}

void ec_event_write_object(cat_string *out, const ec_event_source *source, cat_view object, const ec_event_flux *flux)
{
    ec_identity_of of = ec_event_identity(object);
    bool by_hand = ec_fields_is_by_hand(object), fits = false;
    cat_write_begin(out, NULL, '{');
    write_identity(out, source, &of);
    size_t from = out->length;
    for (ec_object_part part = EC_OBJECT_WHOLE; !fits && part <= EC_OBJECT_NAMES; part++) {
        rewind_to(out, from);
        if (part != EC_OBJECT_WHOLE)
            cat_write_bool(out, "cut", true);
        if (part == EC_OBJECT_NAMES && ec_object_has_state(object))
            cat_write_bool(out, "tooLarge", true);
        if (by_hand)
            cat_write_bool(out, "byHand", true);
        fits = write_part(out, source, object, part);
    }
    write_drift(out, flux->drift);
    write_applied(out, flux);
    cat_write_end(out, '}');
}

void ec_event_write_deleted(cat_string *out, const ec_event_source *source, const ec_identity_of *of)
{
    cat_write_begin(out, NULL, '{');
    write_identity(out, source, of);
    cat_write_end(out, '}');
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
