#include "observe.h"

#include <stdlib.h>
#include <string.h>

#include "base/encoding.h"
#include "base/memory.h"
#include "core/resources.h"

/* A planner that still asks after so many rounds goes round in circles. */
#define MAX_ROUNDS 12

static int fetch_from(cat_kube *kube, const ec_key_parts *of, json_t **value, cat_error *error)
{
    const cat_resource *resource = ec_resource(of->kind);
    if (!resource)
        return cat_error_set(error, CAT_E_INTERNAL, "nobody said how to read a %s", of->kind);
    const char *selector = of->selector && *of->selector ? of->selector : NULL;
    cat_error failed = {0};
    int code = of->name ? cat_kube_get(kube, resource, of->namespace, of->name, value, &failed)
                        : cat_kube_list_json(kube, resource, of->namespace, selector, value, &failed);
    if (code == CAT_E_NOT_FOUND) {
        *value = json_null();
        return 0;
    }
    return code < 0 ? cat_error_copy(error, &failed) : 0;
}

/* A fault of the connection, or a cluster that does not know us yet: not an answer. */
static bool is_unreachable(const cat_error *error)
{
    return error->code == CAT_E_UNAVAILABLE || error->code == CAT_E_TIMEOUT || error->code == CAT_E_UNAUTHORIZED ||
           error->code == CAT_E_FORBIDDEN || error->code == CAT_E_NOT_FOUND;
}

static int fetch(ec_controller *controller, const char *organization, const char *key, ec_observed *observed, cat_error *error)
{
    ec_key_parts of;
    if (!ec_key_parse(key, &of))
        return cat_error_set(error, CAT_E_INTERNAL, "a plan asked for something without a name: %.200s", key);
    if (ec_unreachable(observed, of.cluster)) {
        ec_observed_set(observed, key, json_null());
        return 0;
    }
    ec_autocluster ec_cluster *client = NULL;
    json_t *value = NULL;
    cat_error failed = {0};
    int code = ec_clusters_acquire(controller->clusters, organization, of.cluster, &client, &failed);
    if (code == 0)
        code = fetch_from(ec_cluster_kube(client), &of, &value, &failed);
    if (code < 0 && strcmp(of.cluster, EC_MANAGEMENT) != 0 && is_unreachable(&failed)) {
        json_object_set_new(observed->unreachable, of.cluster, json_string(failed.message));
        value = json_null();
    } else if (code < 0) {
        return cat_error_copy(error, &failed);
    }
    ec_observed_set(observed, key, value);
    return 0;
}

int ec_observe(ec_controller *controller, const char *organization, ec_planner planner, const void *facts, ec_observed *observed,
               ec_plan *plan, cat_error *error)
{
    for (int round = 0; round < MAX_ROUNDS; round++) {
        ec_plan_finish(plan);
        planner(facts, observed, plan);
        if (!plan->looks.count)
            return 0;
        for (size_t i = 0; i < plan->looks.count; i++) {
            int code = fetch(controller, organization, plan->looks.items[i], observed, error);
            if (code < 0)
                return code;
        }
    }
    return cat_error_set(error, CAT_E_INTERNAL, "the plan of %s asks for more and more",
                         organization ? organization : "the Sovereign");
}

int ec_observe_object(ec_controller *controller, const char *kind, const char *namespace, const char *name, json_t **object,
                      cat_error *error)
{
    cat_error failed = {0};
    int code = cat_kube_get(controller->kube, ec_resource(kind), namespace, name, object, &failed);
    if (code == CAT_E_NOT_FOUND) {
        *object = NULL;
        return 0;
    }
    return code < 0 ? cat_error_copy(error, &failed) : 0;
}

int ec_observe_sovereign(ec_controller *controller, json_t **sovereign, cat_error *error)
{
    return ec_observe_object(controller, "Sovereign", NULL, controller->settings.sovereign, sovereign, error);
}

int ec_observe_secret(ec_controller *controller, const char *namespace, const char *name, const char *key, char **text,
                      cat_error *error)
{
    cat_autojson json_t *secret = NULL;
    int code = ec_observe_object(controller, "Secret", namespace, name, &secret, error);
    if (code < 0)
        return code;
    const char *encoded = json_string_value(json_object_get(json_object_get(secret, "data"), key));
    size_t length;
    *text = encoded ? (char *)cat_base64_decode(encoded, strlen(encoded), &length) : NULL;
    return 0;
}
