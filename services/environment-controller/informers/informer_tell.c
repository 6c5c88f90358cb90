/* An object's event, in the streams of the Environments that it belongs to: its data is written once, whichever they are. */
#include <string.h>

#include "base/memory.h"
#include "domain/events.h"
#include "informers/informer_internal.h"

typedef struct {
    const ec_kind_watch *kind;
    const ec_identity_of *of;
    bool deleted;
    const char *id, *about, *application;
    cat_slice data;
} telling;

static ec_event_source source_of(const ec_kind_watch *kind)
{
    const ec_informer *informer = kind->informer;
    return (ec_event_source){
        .cluster = informer->cluster, .epoch = informer->epoch, .resource = &kind->resource, .hash_key = informer->hash_key};
}

static int subject_of(const telling *what, const char *environment, char subject[CAT_SUBJECT_MAX], cat_error *error)
{
    const ec_kind_watch *kind = what->kind;
    const cat_resource *resource = &kind->resource;
    if (kind->is_flux)
        return cat_subject_flux(environment, what->of->name, subject, error);
    return (kind->is_claim ? cat_subject_crossplane : cat_subject_k8s)(environment, resource->kind, resource->group,
                                                                       what->of->namespace, what->of->name, subject, error);
}

static int send(const telling *what, const char *environment, cat_error *error)
{
    const ec_informer *informer = what->kind->informer;
    char subject[CAT_SUBJECT_MAX];
    const cat_cloudevent event = {.id = what->id,
                                  .source = informer->cluster,
                                  .type = cat_event_type(what->deleted ? CAT_EVENT_K8S_DELETED : CAT_EVENT_K8S_OBJECT),
                                  .subject = what->about,
                                  .time_ms = cat_clock_system()->wall_ms(cat_clock_system()),
                                  .organization = informer->organization,
                                  .environment = environment,
                                  .application = what->application,
                                  .data_text = what->data};
    int code = subject_of(what, environment, subject, error);
    return code < 0 ? code : cat_event_send(informer->publisher, subject, &event, NULL, error);
}

static void tell_one(const telling *what, const char *environment)
{
    ec_informer *informer = what->kind->informer;
    cat_error failed = {0};
    int code = send(what, environment, &failed);
    const char *labels[] = {informer->cluster, what->deleted ? "deleted" : "object"};
    if (code == 0) {
        cat_metric_add(informer->controller->informer_events, 1, labels);
        return;
    }
    cat_log_warning("an object's event was not sent", CAT_FIELD("cluster", informer->cluster), CAT_FIELD("object", what->about),
                    CAT_FIELD_ERROR(&failed));
    /* What cannot ever be sent is left out; anything else is found again as a difference. */
    if (code != CAT_E_TOO_LARGE && code != CAT_E_INVALID)
        ec_informer_make_stale(informer);
}

static void tell(telling *what, const ec_event_source *source, const cat_string *data, uint16_t environments)
{
    const ec_informer *informer = what->kind->informer;
    const ec_identity_of *of = what->of;
    cat_autofree char *id = ec_event_id(source, of->uid, of->resource_version, what->deleted);
    cat_autofree char *about = cat_printf("%s/%s/%s", what->kind->resource.kind, *of->namespace ? of->namespace : "_", of->name);
    if (data->overflowed) {
        cat_log_warning("an object is too large for an event", CAT_FIELD("cluster", informer->cluster),
                        CAT_FIELD("object", about));
        return;
    }
    what->id = id;
    what->about = about;
    what->data = (cat_slice){data->data, data->length};
    for (unsigned i = 0; i < informer->environment_count; i++)
        if (environments & (1u << i))
            tell_one(what, informer->environments[i]);
}

void ec_informer_tell_deleted(const ec_kind_watch *kind, const ec_identity_of *of, uint16_t environments)
{
    if (!environments || atomic_load(&kind->informer->muted))
        return;
    ec_event_source source = source_of(kind);
    cat_auto(cat_string) data = CAT_STRING(EC_EVENT_DATA_MAX_BYTES);
    ec_event_write_deleted(&data, &source, of);
    tell(&(telling){.kind = kind, .of = of, .deleted = true}, &source, &data, environments);
}

void ec_informer_tell_object(const ec_kind_watch *kind, cat_view object, const ec_event_flux *flux, const char *application,
                             uint16_t environments)
{
    if (!environments || atomic_load(&kind->informer->muted))
        return;
    ec_identity_of of = ec_event_identity(object);
    ec_event_source source = source_of(kind);
    cat_auto(cat_string) data = CAT_STRING(EC_EVENT_DATA_MAX_BYTES);
    ec_event_write_object(&data, &source, object, flux);
    telling what = {.kind = kind, .of = &of, .application = application && *application ? application : NULL};
    tell(&what, &source, &data, environments);
}
