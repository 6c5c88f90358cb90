#include "core/plan_facts.h"

#include <stdio.h>
#include <string.h>

static bool is_chosen(const json_t *names, const char *name)
{
    return !json_array_size(names) || cat_json_is_text_in(names, name);
}

static void add_vcluster(ec_vclusters *vclusters, const json_t *host, const char *organization)
{
    const char *name = cat_json_text(host, "name");
    if (!name || vclusters->count == EC_MAX_VCLUSTERS)
        return;
    ec_vcluster *vcluster = &vclusters->items[vclusters->count++];
    snprintf(vcluster->name, sizeof vcluster->name, "%s-%s", name, organization);
    snprintf(vcluster->host_cluster, sizeof vcluster->host_cluster, "%s", name);
    snprintf(vcluster->region, sizeof vcluster->region, "%s", cat_json_text_or(host, "region", ""));
    vcluster->on_management = !cat_json_get(host, "kubeconfigSecret");
}

void ec_vclusters_of_organization(const json_t *sovereign, const char *organization, ec_vclusters *vclusters)
{
    *vclusters = (ec_vclusters){0};
    size_t index;
    json_t *host;
    json_array_foreach(cat_json_get(sovereign, "spec.hostClusters"), index, host)
    {
        if (cat_json_is_text_in(cat_json_get(host, "roles"), "workload"))
            add_vcluster(vclusters, host, organization);
    }
}

static bool has_region(const ec_vclusters *vclusters, const char *region)
{
    for (size_t i = 0; i < vclusters->count; i++)
        if (strcmp(vclusters->items[i].region, region) == 0)
            return true;
    return false;
}

static const json_t *placed(const json_t *environment, const json_t *sovereign, const char *what)
{
    char own[64], fallback[64];
    snprintf(own, sizeof own, "spec.placement.%s", what);
    snprintf(fallback, sizeof fallback, "spec.defaultPlacement.%s", what);
    const json_t *list = cat_json_get(environment, own);
    return json_array_size(list) ? list : cat_json_get(sovereign, fallback);
}

/* {provider}-{region}-{building block}-{env type} */
static bool in_building_blocks(const json_t *host, const json_t *blocks)
{
    char name[64], *rest = NULL;
    snprintf(name, sizeof name, "%s", cat_json_text_or(host, "name", ""));
    const char *part = strtok_r(name, "-", &rest);
    for (int i = 0; i < 2 && part; i++)
        part = strtok_r(NULL, "-", &rest);
    return is_chosen(blocks, part ? part : "");
}

void ec_vclusters_of_environment(const json_t *sovereign, const json_t *environment, const char *organization,
                                 ec_vclusters *vclusters)
{
    *vclusters = (ec_vclusters){0};
    const json_t *regions = placed(environment, sovereign, "regions"), *blocks = placed(environment, sovereign, "buildingBlocks");
    bool one = !json_array_size(regions) ||
               cat_text_equal(cat_json_text_or(environment, "spec.placement.mode", "single-region"), "single-region");
    size_t index;
    json_t *host;
    json_array_foreach(cat_json_get(sovereign, "spec.hostClusters"), index, host)
    {
        const char *region = cat_json_text_or(host, "region", "");
        if (!cat_json_is_text_in(cat_json_get(host, "roles"), "workload") || !is_chosen(regions, region) ||
            !in_building_blocks(host, blocks) || has_region(vclusters, region) || (one && vclusters->count))
            continue;
        add_vcluster(vclusters, host, organization);
    }
}

void ec_vclusters_of_application(const json_t *sovereign, const json_t *environment, const json_t *application,
                                 const char *organization, ec_vclusters *vclusters)
{
    ec_vclusters all;
    ec_vclusters_of_environment(sovereign, environment, organization, &all);
    const json_t *regions = cat_json_get(application, "spec.placement.regions");
    *vclusters = (ec_vclusters){0};
    for (size_t i = 0; i < all.count; i++)
        if (is_chosen(regions, all.items[i].region))
            vclusters->items[vclusters->count++] = all.items[i];
}

const char *ec_host_of(const ec_vcluster *vcluster)
{
    return vcluster->on_management ? EC_MANAGEMENT : vcluster->host_cluster;
}

const char *ec_commit_of_revision(const char *revision)
{
    const char *colon = revision ? strrchr(revision, ':') : NULL;
    return colon && colon[1] ? colon + 1 : NULL;
}

bool ec_condition_holds(const json_t *object, const char *type)
{
    const json_t *condition = cat_condition_find(object, type);
    int64_t generation = cat_json_int_or(object, "metadata.generation", 0);
    return cat_text_equal(cat_json_text(condition, "status"), "True") &&
           cat_json_int_or(condition, "observedGeneration", generation) == generation;
}

bool ec_definition_serves(const json_t *definition, const char *version)
{
    if (!cat_text_equal(cat_condition_status(definition, "Established"), "True"))
        return false;
    size_t index;
    json_t *of;
    json_array_foreach(cat_json_get(definition, "spec.versions"), index, of)
    {
        if (cat_text_equal(cat_json_text(of, "name"), version))
            return cat_json_bool_or(of, "served", false);
    }
    return false;
}

bool ec_identity_is_shared(const json_t *sovereign)
{
    return !cat_text_equal(cat_json_text(sovereign, "spec.keycloakTopology"), "per-organization");
}

const char *ec_condition_after(const char *before, const cat_error *failed)
{
    if (failed->code == 0)
        return "True";
    bool is_away = failed->code == CAT_E_TIMEOUT || (failed->code == CAT_E_UNAVAILABLE && failed->class == CAT_CLASS_TRANSIENT);
    bool was_so = cat_text_equal(before, "True") || cat_text_equal(before, "Unknown");
    return is_away && was_so ? "Unknown" : "False";
}

void ec_await_rights(cat_error *error)
{
    if (error->code == CAT_E_FORBIDDEN || error->code == CAT_E_UNAUTHORIZED)
        error->class = CAT_CLASS_WAITING;
}

const char *ec_flux_problem(const json_t *object)
{
    if (!object)
        return "it is not there yet";
    if (ec_condition_holds(object, "Ready"))
        return NULL;
    const json_t *condition = cat_condition_find(object, "Ready");
    /* Flux says Unknown while it looks again: what it had done before still stands. */
    bool did = cat_json_text(object, "status.lastAppliedRevision") || cat_json_text(object, "status.artifact.revision");
    if (did && cat_text_equal(cat_json_text(condition, "status"), "Unknown"))
        return NULL;
    if (!condition || cat_text_equal(cat_json_text(condition, "status"), "True"))
        return "Flux has not looked at it yet";
    if (cat_text_equal(cat_json_text(condition, "status"), "Unknown"))
        return "Flux is at work on it";
    return cat_json_text_or(condition, "message", "Flux says that it is not ready");
}

/* A label's value holds letters, digits and -_. only; a version's '+' never comes here. */
static void set_label(json_t *labels, const char *label, const char *value)
{
    if (value && *value && strlen(value) <= 63)
        json_object_set_new(labels, label, json_string(value));
}

json_t *ec_labels(const ec_settings *settings, const char *organization, const char *environment, const ec_vcluster *vcluster,
                  const char *application, const json_t *source)
{
    json_t *labels = json_object();
    set_label(labels, CAT_LABEL_SOVEREIGN, settings->sovereign);
    set_label(labels, CAT_LABEL_ORGANIZATION, organization);
    set_label(labels, CAT_LABEL_ENVIRONMENT, environment);
    if (vcluster) {
        set_label(labels, CAT_LABEL_VCLUSTER, vcluster->name);
        set_label(labels, CAT_LABEL_HOST_CLUSTER, vcluster->host_cluster);
    }
    set_label(labels, CAT_LABEL_APPLICATION, application);
    set_label(labels, CAT_LABEL_BLUEPRINT, cat_json_text(source, "spec.blueprint.name"));
    set_label(labels, CAT_LABEL_BLUEPRINT_VERSION, cat_json_text(source, "spec.blueprint.version"));
    return labels;
}

json_t *ec_object(const char *api_version, const char *kind, const char *namespace, const char *name, json_t *labels_taken)
{
    json_t *object = cat_json_object("apiVersion", json_string(api_version), "kind", json_string(kind), NULL);
    json_t *metadata = json_object();
    json_object_set_new(metadata, "name", json_string(name));
    if (namespace && *namespace)
        json_object_set_new(metadata, "namespace", json_string(namespace));
    if (labels_taken)
        json_object_set_new(metadata, "labels", labels_taken);
    json_object_set_new(object, "metadata", metadata);
    return object;
}
