#include "plan_held.h"

#include <string.h>

#include "base/memory.h"

#define MAX_NAMED 3
#define FLUX_FINALIZER "finalizers.fluxcd.io" /* fluxcd/kustomize-controller, api/v1: KustomizationFinalizer */

/* Finalizers of others than Flux and ourselves; the caller's, NULL for none. */
static char *finalizers_of(const json_t *object)
{
    cat_auto(cat_string) names = CAT_STRING(1024);
    size_t index;
    json_t *finalizer;
    json_array_foreach(cat_json_get(object, "metadata.finalizers"), index, finalizer)
    {
        const char *name = json_string_value(finalizer);
        if (name && strcmp(name, FLUX_FINALIZER) != 0 && strcmp(name, EC_FINALIZER) != 0)
            cat_string_appendf(&names, "%s%.100s", names.length ? ", " : "", name);
    }
    return names.length ? cat_strdup(cat_string_get(&names)) : NULL;
}

char *ec_held_by(const char *kind, const json_t *object)
{
    cat_autofree char *names = cat_object_is_deleting(object) ? finalizers_of(object) : NULL;
    return names ? cat_printf(", and waits until %s %s has no finalizer %s any more: whoever set it takes it off", kind,
                              cat_object_name(object), names)
                 : cat_strdup("");
}

static const char *told(const json_t *namespace, const char *type, const char *before)
{
    size_t index;
    json_t *condition;
    json_array_foreach(cat_json_get(namespace, "status.conditions"), index, condition)
    {
        const char *found = strstr(cat_json_text_or(condition, "message", ""), before);
        if (cat_text_equal(cat_json_text(condition, "type"), type) &&
            cat_text_equal(cat_json_text(condition, "status"), "True") && found)
            return found + strlen(before);
    }
    return NULL;
}

/* "configmaps. has 1 resource instances, widgets.example.org has 2 resource instances" names plurals with their groups. */
static bool is_left(const char *remaining, const cat_resource *resource)
{
    cat_autofree char *start = cat_printf("%s.%s has ", resource->plural, resource->group);
    const char *found = strstr(remaining, start);
    return found && (found == remaining || found[-1] == ' ');
}

static void name_objects(cat_string *out, ec_plan *plan, const ec_observed *observed, const char *cluster, const char *namespace,
                         const cat_resource *resource, size_t *named)
{
    size_t index;
    json_t *object;
    json_array_foreach(ec_look_list(plan, observed, cluster, resource->kind, namespace, NULL), index, object)
    {
        cat_autofree char *finalizers = finalizers_of(object);
        if (!finalizers || (*named)++ >= MAX_NAMED)
            continue;
        cat_string_appendf(out, "%s%s %.100s with finalizer %s", out->length ? ", " : "", resource->kind, cat_object_name(object),
                           finalizers);
    }
}

char *ec_held_in(ec_plan *plan, const ec_observed *observed, const char *cluster, const json_t *namespace)
{
    const char *finalizers = told(namespace, "NamespaceFinalizersRemaining", "finalizers remaining: ");
    const char *remaining = told(namespace, "NamespaceContentRemaining", "resources are remaining: ");
    cat_auto(cat_string) objects = CAT_STRING(4096);
    size_t named = 0;
    if (!finalizers)
        return cat_strdup("");
    for (size_t i = 0; remaining && CAT_RESOURCES[i].kind; i++)
        if (CAT_RESOURCES[i].namespaced && is_left(remaining, &CAT_RESOURCES[i]))
            name_objects(&objects, plan, observed, cluster, cat_object_name(namespace), &CAT_RESOURCES[i], &named);
    if (objects.length)
        return cat_printf(", and waits for %s: whoever set the finalizer takes it off", cat_string_get(&objects));
    return cat_printf(", and waits until these finalizers are taken off what is in it, by whoever set them: %.200s%s%.200s",
                      finalizers, remaining ? "; left are " : "", remaining ? remaining : "");
}
