/* What a new Application needs outside its namespace: said in the plan, granted when it is applied. Objects of a whole vcluster
 * are one for all of it, so an Application that has some runs in one Environment, and no two have the same. */
#include "core/plan_parts.h"

#include "base/memory.h"
#include "domain/cluster_scope.h"

static const char *holder_of(const json_t *facts, const char *kind, const char *object)
{
    const char *name;
    json_t *application, *entry;
    size_t index;
    json_object_foreach(cat_json_get(facts, "applications"), name, application)
    {
        json_array_foreach(cat_json_get(application, "spec.clusterScope"), index, entry)
        {
            if (cat_text_equal(cat_json_text(entry, "kind"), kind) &&
                cat_json_is_text_in(json_object_get(entry, "names"), object))
                return name;
        }
    }
    return NULL;
}

static void check_holders(prv_draft *draft, const json_t *entry)
{
    const char *kind = cat_json_text_or(entry, "kind", "");
    size_t index;
    json_t *name;
    json_array_foreach(json_object_get(entry, "names"), index, name)
    {
        const char *holder = holder_of(draft->facts, kind, json_string_value(name));
        if (holder)
            prv_draft_complain(draft, "/blueprint", "%s %.200s is there once for the whole cluster, and Application %s has it",
                               kind, json_string_value(name), holder);
    }
}

json_t *prv_scope_wanted(prv_draft *draft, const prv_application *application)
{
    const json_t *wanted = cat_json_get(application->blueprint, "spec.clusterScope");
    if (json_array_size(wanted) == 0)
        return NULL;
    if (json_array_size(application->environments) > 1)
        prv_draft_complain(draft, "/environments",
                           "%s brings objects of a whole cluster, so it runs in one Environment of an Organization",
                           cat_json_text_or(application->blueprint, "name", ""));
    json_t *scope = json_array(), *entry;
    size_t index;
    json_array_foreach((json_t *)wanted, index, entry)
    {
        check_holders(draft, entry);
        json_array_append_new(scope, cat_json_object("environment", json_incref(json_array_get(application->environments, 0)),
                                                     "kind", json_incref(json_object_get(entry, "kind")), "names",
                                                     json_incref(json_object_get(entry, "names")), NULL));
    }
    return scope;
}
