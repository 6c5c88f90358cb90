/* Making Flux look at once: a dependent when its dependency turned ready, a Kustomization when somebody changed what it applied.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "informers/informer_internal.h"

typedef struct {
    bool ready;
    cat_strings depends_on;
} flux_state;

void ec_informer_flux_release(void *value)
{
    flux_state *state = value;
    cat_strings_finish(&state->depends_on);
    free(state);
}

static void ask(const ec_informer *informer, const char *namespace, const char *name, const char *why)
{
    cat_autofree char *what = cat_printf("%s %s %s %s", informer->cluster, namespace, name, why);
    ec_queue_add(informer->controller->queue, "Flux", informer->organization, what);
}

static void tell_application(const ec_informer *informer, cat_watch_kind what, cat_view object)
{
    cat_view labels = cat_view_get(object, "metadata.labels");
    ec_informer_trigger(informer, EC_ON_FLUX, what, cat_view_text(cat_view_member(labels, CAT_LABEL_APPLICATION), NULL));
}

static bool is_ready(cat_view object)
{
    cat_view condition;
    cat_view_iterator each = cat_view_each(cat_view_get(object, "status.conditions"));
    while (cat_view_next(&each, NULL, &condition)) {
        if (strcmp(cat_view_text_or(condition, "type", ""), "Ready") == 0)
            return strcmp(cat_view_text_or(condition, "status", ""), "True") == 0;
    }
    return false;
}

static flux_state *state_of(cat_view object)
{
    flux_state *state = cat_calloc(1, sizeof *state);
    state->ready = is_ready(object);
    cat_view dependency;
    cat_view_iterator each = cat_view_each(cat_view_get(object, "spec.dependsOn"));
    while (cat_view_next(&each, NULL, &dependency))
        cat_strings_add(&state->depends_on, cat_view_text_or(dependency, "name", ""));
    return state;
}

static void wake_dependents(ec_kind_watch *kind, const char *namespace, const char *name)
{
    size_t at = 0;
    const char *other;
    void *value;
    while (cat_map_next(kind->flux, &at, &other, &value)) {
        const flux_state *state = value;
        if (!state->ready && cat_strings_has(&state->depends_on, name))
            ask(kind->informer, namespace, other, "ready");
    }
}

static void kustomization(ec_kind_watch *kind, cat_watch_kind what, cat_view object)
{
    ec_identity_of of = ec_event_identity(object);
    const flux_state *before = cat_map_get(kind->flux, of.name);
    bool was_ready = before ? before->ready : what == CAT_WATCH_LISTED;
    flux_state *state = state_of(object);
    bool turned = state->ready && !was_ready;
    cat_map_set(kind->flux, of.name, state);
    if (turned)
        wake_dependents(kind, of.namespace, of.name);
}

/* In a vcluster an Application's objects lie in the namespace that its Kustomization is called after: labels that say otherwise
 * would have Flux look at somebody else's, and those that somebody took off would have it look at nothing. On the management
 * cluster nobody but Catalyst writes. */
static void ask_to_put_back(const ec_kind_watch *kind, cat_view object)
{
    cat_view labels = cat_view_get(object, "metadata.labels");
    const char *name = cat_view_text(cat_view_member(labels, CAT_LABEL_FLUX_NAME), NULL);
    const char *namespace = cat_view_text(cat_view_member(labels, "kustomize.toolkit.fluxcd.io/namespace"), NULL);
    if (!kind->informer->is_management) {
        name = ec_event_identity(object).namespace;
        namespace = EC_FLUX_NAMESPACE;
    }
    if (name && *name && namespace)
        ask(kind->informer, namespace, name, "drift");
}

/* A volume that is larger than Git says: Flux is kept from it (plan_volumes.h), and its row says so. */
static bool is_left_as_it_is(const ec_kind_watch *kind, cat_view object)
{
    return strcmp(kind->resource.kind, "PersistentVolumeClaim") == 0 && !kind->is_claim &&
           cat_view_member(cat_view_get(object, "metadata.annotations"), CAT_ANNOTATION_LARGER).value;
}

void ec_informer_flux_judge(ec_kind_watch *kind, cat_watch_kind what, cat_view object, ec_entry *entry, ec_drift *drift)
{
    *drift = (ec_drift){0};
    if (kind->is_flux)
        return;
    bool was_known = entry->applied != NULL;
    ec_fields_judge(&entry->applied, object, kind->informer->hash_key, drift);
    if (is_left_as_it_is(kind, object)) {
        *drift = (ec_drift){0};
        entry->told = 0;
        return;
    }
    bool doubtful = what == CAT_WATCH_LISTED && !was_known && ec_fields_doubtful(object);
    /* Once for each change: what Flux leaves as it is, it leaves. What is on its way out is told when it is gone. */
    bool changed = drift->mark && drift->mark != entry->told && !cat_view_text(object, "metadata.deletionTimestamp");
    /* An autoscaler changes again whatever is put back, and Pods would come and go with that: Flux does it at its own interval.
     */
    changed = changed && !drift->scaled;
    if (changed || doubtful)
        ask_to_put_back(kind, object);
    entry->told = drift->mark;
}

void ec_informer_flux_said(const ec_kind_watch *kind, cat_view object, const ec_entry *entry, const ec_drift *drift,
                           char digest[EC_FIELDS_DIGEST_MAX], ec_event_flux *flux)
{
    *flux = (ec_event_flux){.drift = drift};
    if (!ec_fields_digest(entry->applied, object, drift, kind->informer->hash_key, digest))
        return;
    flux->at = entry->applied->at;
    flux->digest = digest;
}

void ec_informer_flux_object(ec_kind_watch *kind, cat_watch_kind what, cat_view object)
{
    if (!kind->is_flux)
        return;
    if (kind->flux)
        kustomization(kind, what, object);
    tell_application(kind->informer, what, object);
}

void ec_informer_flux_gone(ec_kind_watch *kind, cat_view object)
{
    if (kind->is_flux) {
        if (kind->flux)
            cat_map_remove(kind->flux, ec_event_identity(object).name);
        tell_application(kind->informer, CAT_WATCH_DELETED, object);
        return;
    }
    const cat_clock *clock = cat_clock_system();
    if (ec_fields_is_applied(object) && !ec_event_ended_by_itself(&kind->resource, object, clock->wall_ms(clock)))
        ask_to_put_back(kind, object);
}
