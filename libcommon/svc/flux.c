#include "svc/flux.h"

#include "base/clock.h"
#include "domain/kinds.h"
#include "wire/json.h"

json_t *cat_flux_patch(const char *annotation, int64_t wall_ms)
{
    char now[CAT_TIME_TEXT_MAX];
    cat_time_format(wall_ms, now);
    json_t *annotations = cat_json_object(annotation, json_string(now), NULL);
    return cat_json_object("metadata", cat_json_object("annotations", annotations, NULL), NULL);
}

static int annotate(cat_kube *kube, const char *namespace, const char *name, const char *annotation, cat_error *error)
{
    cat_autojson json_t *patch = cat_flux_patch(annotation, cat_clock_system()->wall_ms(cat_clock_system()));
    return cat_kube_patch(
        kube, &(cat_kube_change){cat_resource_find("source.toolkit.fluxcd.io", "GitRepository"), namespace, name, patch}, NULL,
        error);
}

int cat_flux_ask(cat_kube *kube, const char *namespace, const char *name, cat_error *error)
{
    return annotate(kube, namespace, name, "reconcile.fluxcd.io/requestedAt", error);
}

int cat_flux_tell_pushed(cat_kube *kube, const char *namespace, const char *name, cat_error *error)
{
    return annotate(kube, namespace, name, "openova.io/pushed-at", error);
}
