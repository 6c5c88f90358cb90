#include "organizations.h"

#include <string.h>

#include "base/memory.h"
#include "core/resources.h"
#include "domain/access.h"
#include "informers/informer.h"

static void on_gained(void *context, const char *organization)
{
    ec_controller *controller = context;
    cat_log_info("works for an Organization from now on", CAT_FIELD("organization", organization));
    /* What is remembered is from before another replica worked for it. */
    ec_asserted_forget_all(controller->asserted);
    ec_queue_add(controller->queue, "Gained", NULL, organization);
}

/* No key of it is being worked on any more, and none begins. */
static void on_lost(void *context, const char *organization)
{
    ec_controller *controller = context;
    cat_log_info("works for an Organization no more", CAT_FIELD("organization", organization));
    ec_informers_drop(controller->informers, organization);
}

int ec_organizations_start(ec_controller *controller, cat_error *error)
{
    cat_shard_options options = {.spine = controller->spine,
                                 .service = "environment-controller",
                                 .instance = controller->config->common.instance,
                                 .on_gained = on_gained,
                                 .on_lost = on_lost,
                                 .context = controller};
    return cat_shard_start(&options, &controller->shard, error);
}

void ec_organizations_stop(ec_controller *controller)
{
    cat_shard_stop(controller->shard);
}

int ec_organizations_know(ec_controller *controller, cat_error *error)
{
    cat_autojson json_t *objects = NULL;
    cat_auto(cat_strings) names = {0};
    int code = cat_kube_list_json(controller->kube, ec_resource("Organization"), NULL, NULL, &objects, error);
    if (code < 0)
        return code;
    size_t index;
    json_t *object;
    json_array_foreach(objects, index, object) cat_strings_add(&names, cat_object_name(object));
    cat_shard_know(controller->shard, &names);
    return 0;
}

void ec_organizations_add(ec_controller *controller, const char *organization)
{
    cat_shard_add(controller->shard, organization);
}

static int add_each(ec_controller *controller, const char *kind, const char *namespace, cat_error *error)
{
    cat_autojson json_t *objects = NULL;
    int code = cat_kube_list_json(controller->kube, ec_resource(kind), namespace, NULL, &objects, error);
    size_t index;
    json_t *object;
    json_array_foreach(objects, index, object)
        ec_queue_add(controller->queue, kind, cat_object_namespace(object), cat_object_name(object));
    return code;
}

/* What names an Organization that is not there. */
static int add_orphans(ec_controller *controller, const char *kind, cat_error *error)
{
    cat_autojson json_t *objects = NULL;
    int code = cat_kube_list_json(controller->kube, ec_resource(kind), NULL, NULL, &objects, error);
    size_t index;
    json_t *object;
    json_array_foreach(objects, index, object) if (!cat_shard_knows(controller->shard, cat_object_namespace(object)))
        ec_queue_add(controller->queue, kind, cat_object_namespace(object), cat_object_name(object));
    return code;
}

static int add_informers(ec_controller *controller, const char *organization, cat_error *error)
{
    cat_autojson json_t *secrets = NULL;
    int code = cat_kube_list_json(controller->kube, ec_resource("Secret"), organization, CAT_LABEL_VCLUSTER, &secrets, error);
    size_t index;
    json_t *secret;
    ec_queue_add(controller->queue, "Informer", organization, EC_MANAGEMENT);
    json_array_foreach(secrets, index, secret)
        ec_queue_add(controller->queue, "Informer", organization, cat_object_label(secret, CAT_LABEL_VCLUSTER));
    return code;
}

static int gained_sovereign(ec_controller *controller, cat_error *error)
{
    ec_queue_add(controller->queue, "People", NULL, CAT_ORGANIZATION_SYSTEM);
    int code = add_each(controller, "Sovereign", NULL, error);
    if (code == 0)
        code = add_each(controller, "EnvironmentPolicy", "catalyst-system", error);
    if (code == 0)
        code = add_orphans(controller, "Environment", error);
    return code < 0 ? code : add_orphans(controller, "Application", error);
}

int ec_organizations_gained(ec_controller *controller, const char *organization, cat_error *error)
{
    if (strcmp(organization, CAT_SHARD_SOVEREIGN) == 0)
        return gained_sovereign(controller, error);
    ec_queue_add(controller->queue, "Organization", NULL, organization);
    ec_queue_add(controller->queue, "People", NULL, organization);
    int code = add_each(controller, "Environment", organization, error);
    if (code == 0)
        code = add_each(controller, "Application", organization, error);
    return code < 0 ? code : add_informers(controller, organization, error);
}
