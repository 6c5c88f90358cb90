#include "core/plan_held.h"

#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "domain/kinds.h"

#define MAX_NAMED 3
#define FLUX_FINALIZER "finalizers.fluxcd.io" /* fluxcd/kustomize-controller, api/v1: KustomizationFinalizer */
#define VOLUME_IN_USE "kubernetes.io/pvc-protection"
/* What is not held goes within seconds; only then is it worth looking through what Flux applied. */
#define SLOW_S 10

/* Those that let go by themselves, or that somebody else tells of. */
static bool is_known(const char *finalizer)
{
    static const char *const KNOWN[] = {FLUX_FINALIZER, EC_FINALIZER, "foregroundDeletion", "orphan"};
    for (size_t i = 0; i < sizeof KNOWN / sizeof *KNOWN; i++)
        if (strcmp(finalizer, KNOWN[i]) == 0)
            return true;
    return false;
}

/* Finalizers of others; the caller's, NULL for none. */
static char *finalizers_of(const json_t *object)
{
    cat_auto(cat_string) names = CAT_STRING(1024);
    size_t index;
    json_t *finalizer;
    json_array_foreach(cat_json_get(object, "metadata.finalizers"), index, finalizer)
    {
        const char *name = json_string_value(finalizer);
        if (name && !is_known(name))
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

/* What holds a removal: `in_use` counts volumes that Pods use, `set` what somebody has to take a finalizer off. */
typedef struct {
    cat_string text;
    size_t named, in_use, set;
} holders;

static void name_objects(holders *out, ec_plan *plan, const ec_observed *observed, const char *cluster, const char *namespace,
                         const cat_resource *resource)
{
    size_t index;
    json_t *object;
    json_array_foreach(ec_look_list(plan, observed, cluster, resource->kind, namespace, NULL), index, object)
    {
        cat_autofree char *finalizers = finalizers_of(object);
        if (!finalizers || !cat_object_is_deleting(object) || out->named >= MAX_NAMED)
            continue;
        bool in_use = strcmp(finalizers, VOLUME_IN_USE) == 0;
        out->named++;
        out->in_use += in_use;
        out->set += !in_use;
        cat_string_appendf(&out->text, "%s%s %.100s%s%s", out->text.length ? ", " : "", resource->kind, cat_object_name(object),
                           in_use ? ", which a Pod uses" : " with finalizer ", in_use ? "" : finalizers);
    }
}

static char *say_holders(holders *out)
{
    return cat_printf(", and waits for %s%s%s", cat_string_get(&out->text),
                      out->set ? ": whoever set the finalizer takes it off" : "",
                      out->in_use ? "; a volume goes when its last Pod has gone" : "");
}

static bool is_slow(const json_t *object, int64_t now_s)
{
    int64_t since_ms = 0;
    const char *since = cat_json_text(object, "metadata.deletionTimestamp");
    return since && cat_time_parse(since, &since_ms) && now_s >= since_ms / 1000 + SLOW_S;
}

/* Kubernetes takes Pods out first and gives them the time that they ask for; it tells nothing of the namespace until they are
 * gone (k8s.io/kubernetes, namespaced_resources_deleter: estimate). */
static char *held_by_pods(ec_plan *plan, const ec_observed *observed, const char *cluster, const json_t *namespace)
{
    static const cat_resource POD = {"", "v1", "Pod", "pods", true};
    holders out = {.text = CAT_STRING(4096)};
    name_objects(&out, plan, observed, cluster, cat_object_name(namespace), &POD);
    char *said = out.named ? say_holders(&out) : cat_strdup("");
    cat_string_finish(&out.text);
    return said;
}

char *ec_held_in(ec_plan *plan, const ec_observed *observed, const char *cluster, const json_t *namespace, int64_t now_s)
{
    const char *finalizers = told(namespace, "NamespaceFinalizersRemaining", "finalizers remaining: ");
    const char *remaining = told(namespace, "NamespaceContentRemaining", "resources are remaining: ");
    holders out = {.text = CAT_STRING(4096)};
    if (!finalizers)
        return is_slow(namespace, now_s) ? held_by_pods(plan, observed, cluster, namespace) : cat_strdup("");
    for (int i = 0; remaining && i < CAT_KIND_COUNT; i++) {
        const cat_resource *resource = &cat_kind_get((cat_kind)i)->resource;
        if (resource->namespaced && is_left(remaining, resource))
            name_objects(&out, plan, observed, cluster, cat_object_name(namespace), resource);
    }
    char *said =
        out.named
            ? say_holders(&out)
            : cat_printf(", and waits until these finalizers are taken off what is in it, by whoever set them: %.200s%s%.200s",
                         finalizers, remaining ? "; left are " : "", remaining ? remaining : "");
    cat_string_finish(&out.text);
    return said;
}

/* Flux's inventory says {namespace}_{name}_{group}_{kind} of what it applied (fluxcd/cli-utils, object.ObjMetadata). */
static bool has_applied(const json_t *kustomization, const cat_resource *resource)
{
    cat_autofree char *end = cat_printf("_%s_%s", resource->group, resource->kind);
    size_t index;
    json_t *entry;
    json_array_foreach(cat_json_get(kustomization, "status.inventory.entries"), index, entry)
    {
        if (cat_text_ends_with(cat_json_text_or(entry, "id", ""), end))
            return true;
    }
    return false;
}

char *ec_held_from_flux(ec_plan *plan, const ec_observed *observed, const char *cluster, const json_t *kustomization,
                        int64_t now_s)
{
    const char *name = cat_object_name(kustomization);
    cat_autofree char *own = ec_held_by("Kustomization", kustomization);
    if (*own || !is_slow(kustomization, now_s))
        return cat_take(own);
    holders out = {.text = CAT_STRING(4096)};
    for (int i = 0; i < CAT_KIND_COUNT; i++) {
        const cat_resource *resource = &cat_kind_get((cat_kind)i)->resource;
        if (resource->namespaced && has_applied(kustomization, resource))
            name_objects(&out, plan, observed, cluster, name, resource);
    }
    char *said = out.named ? say_holders(&out) : cat_strdup("");
    cat_string_finish(&out.text);
    return said;
}
