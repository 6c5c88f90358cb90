#include "core/plan_grant.h"

#include <string.h>

#include "domain/cluster_scope.h"

static bool is_older(const json_t *one, const json_t *other)
{
    int order = strcmp(cat_json_text_or(one, "metadata.creationTimestamp", ""),
                       cat_json_text_or(other, "metadata.creationTimestamp", ""));
    return order ? order < 0 : strcmp(cat_object_name(one), cat_object_name(other)) < 0;
}

/* The first name of the entry that the Application was granted too; NULL: none. */
static const char *shared_name(const json_t *entry, const json_t *application)
{
    size_t index, at;
    json_t *other, *name;
    json_array_foreach(cat_json_get(application, "spec.clusterScope"), index, other)
    {
        if (!cat_text_equal(cat_json_text(other, "kind"), cat_json_text(entry, "kind")))
            continue;
        json_array_foreach(json_object_get(entry, "names"), at, name)
        {
            if (cat_json_is_text_in(json_object_get(other, "names"), json_string_value(name)))
                return json_string_value(name);
        }
    }
    return NULL;
}

static bool is_taken(ec_plan *plan, const json_t *entry, const json_t *application, const json_t *all)
{
    size_t index;
    json_t *other;
    json_array_foreach((json_t *)all, index, other)
    {
        bool before = !cat_text_equal(cat_object_name(other), cat_object_name(application)) && is_older(other, application);
        const char *name = before ? shared_name(entry, other) : NULL;
        if (!name)
            continue;
        ec_refuse(plan, EC_FLUX, "%s %s is there once for the whole cluster, and Application %s has it",
                  cat_json_text_or(entry, "kind", ""), name, cat_object_name(other));
        return true;
    }
    return false;
}

json_t *ec_granted(const ec_observed *observed, ec_plan *plan, const json_t *application, const char *environment)
{
    json_t *scope = cat_cluster_scope_in(cat_json_get(application, "spec.clusterScope"), environment);
    if (json_array_size(scope) == 0)
        return scope;
    const json_t *all = ec_look_list(plan, observed, EC_MANAGEMENT, "Application", cat_object_namespace(application), NULL);
    size_t index;
    json_t *entry;
    json_array_foreach(scope, index, entry)
    {
        if (is_taken(plan, entry, application, all)) {
            json_array_clear(scope);
            break;
        }
    }
    return scope;
}
