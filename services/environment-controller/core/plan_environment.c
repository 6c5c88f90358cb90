#include "core/plan_environment.h"

#include <string.h>

#include "base/encoding.h"
#include "base/memory.h"
#include "core/plan_reconcile_requester.h"
#include "core/plan_confinement.h"
#include "core/plan_pull.h"
#include "domain/policy.h"
#include "wire/digest.h"

static json_t *read_secret(const ec_environment_facts *facts, const ec_vcluster *vcluster, const char *organization)
{
    cat_autofree char *login = cat_printf("flux-%s", organization);
    cat_autofree char *user = cat_base64_encode(login, strlen(login));
    cat_autofree char *password = cat_base64_encode(facts->flux_token, strlen(facts->flux_token));
    json_t *secret = ec_object("v1", "Secret", EC_FLUX_NAMESPACE, "gitea-read",
                               ec_labels(facts->settings, organization, NULL, vcluster, NULL, NULL));
    json_object_set_new(secret, "type", json_string("Opaque"));
    json_object_set_new(secret, "data", json_pack("{s:s, s:s}", "username", user, "password", password));
    return secret;
}

#define NOTIFICATIONS "catalyst-notifications"

/* The token is the Organization's own, so that none can speak for another. */
static json_t *token_secret(const ec_environment_facts *facts, const char *organization, json_t *labels)
{
    const char *secret = facts->settings->flux_secret;
    char token[CAT_SHA256_HEX];
    cat_hmac_sha256_hex(secret, strlen(secret), organization, strlen(organization), token);
    cat_autofree char *encoded = cat_base64_encode(token, strlen(token));
    json_t *object = ec_object("v1", "Secret", EC_FLUX_NAMESPACE, NOTIFICATIONS, labels);
    json_object_set_new(object, "type", json_string("Opaque"));
    json_object_set_new(object, "data", json_pack("{s:s}", "token", encoded));
    cat_wipe(token, sizeof token);
    return object;
}

static json_t *provider(const ec_environment_facts *facts, const ec_vcluster *vcluster, const char *organization, json_t *labels)
{
    cat_autofree char *address =
        cat_printf("%s/hooks/flux?organization=%s&cluster=%s", facts->settings->public_url, organization, vcluster->name);
    json_t *object =
        ec_object(EC_NOTIFICATION_GROUP "/" EC_NOTIFICATION_VERSION, "Provider", EC_FLUX_NAMESPACE, NOTIFICATIONS, labels);
    json_object_set_new(
        object, "spec",
        json_pack("{s:s, s:s, s:{s:s}}", "type", "generic-hmac", "address", address, "secretRef", "name", NOTIFICATIONS));
    return object;
}

static json_t *alert(json_t *labels)
{
    json_t *object =
        ec_object(EC_NOTIFICATION_GROUP "/" EC_NOTIFICATION_VERSION, "Alert", EC_FLUX_NAMESPACE, NOTIFICATIONS, labels);
    json_object_set_new(object, "spec",
                        json_pack("{s:{s:s}, s:s, s:[{s:s, s:s}]}", "providerRef", "name", NOTIFICATIONS, "eventSeverity", "info",
                                  "eventSources", "kind", "Kustomization", "name", "*"));
    return object;
}

/* Flux tells at once what a watch of its objects shows a moment later; where nobody would send it, nothing is missing. */
static void plan_notifications(const ec_environment_facts *facts, const ec_observed *observed, ec_plan *plan,
                               const ec_vcluster *vcluster, const char *organization)
{
    static const char *const definitions[] = {"providers." EC_NOTIFICATION_GROUP, "alerts." EC_NOTIFICATION_GROUP};
    if (!facts->settings->flux_secret || !facts->settings->public_url)
        return;
    for (size_t i = 0; i < 2; i++)
        if (!ec_definition_serves(ec_look(plan, observed, vcluster->name, "CustomResourceDefinition", NULL, definitions[i]),
                                  EC_NOTIFICATION_VERSION))
            return;
    cat_autojson json_t *labels = ec_labels(facts->settings, organization, NULL, vcluster, NULL, NULL);
    ec_want(plan, observed, EC_FLUX, vcluster->name, token_secret(facts, organization, json_incref(labels)));
    ec_want(plan, observed, EC_FLUX, vcluster->name, provider(facts, vcluster, organization, json_incref(labels)));
    ec_want(plan, observed, EC_FLUX, vcluster->name, alert(json_incref(labels)));
}

static void plan_vcluster(const ec_environment_facts *facts, const ec_observed *observed, ec_plan *plan,
                          const ec_vcluster *vcluster, const char *organization)
{
    cat_autofree char *secret = cat_printf("vc-%s", vcluster->name);
    const json_t *kubeconfig = ec_look(plan, observed, EC_MANAGEMENT, "Secret", organization, secret);
    if (!kubeconfig) {
        ec_wait(plan, EC_FLUX, "vcluster %s is not there yet", vcluster->name);
        return;
    }
    if (!facts->flux_token) {
        ec_wait(plan, EC_FLUX, "the Organization has no Git token for Flux yet");
        return;
    }
    ec_want(plan, observed, EC_FLUX, vcluster->name,
            ec_object("v1", "Namespace", NULL, EC_FLUX_NAMESPACE,
                      ec_labels(facts->settings, organization, NULL, vcluster, NULL, NULL)));
    if (ec_unreachable(observed, vcluster->name))
        return;
    ec_admit(observed, plan, vcluster->name, ec_labels(facts->settings, organization, NULL, vcluster, NULL, NULL));
    ec_want(plan, observed, EC_FLUX, vcluster->name, read_secret(facts, vcluster, organization));
    ec_plan_reconcile_requester(facts->settings, kubeconfig, facts->now_ms, observed, plan, vcluster, organization);
    if (!ec_look(plan, observed, vcluster->name, "CustomResourceDefinition", NULL, "kustomizations.kustomize.toolkit.fluxcd.io"))
        ec_wait(plan, EC_FLUX, "Flux is not installed in vcluster %s yet", vcluster->name);
    plan_notifications(facts, observed, plan, vcluster, organization);
    if (!cat_json_is_text_in(facts->informing, vcluster->name))
        ec_do(plan, EC_FLUX, EC_STEP_INFORMER, json_pack("{s:s, s:s}", "organization", organization, "cluster", vcluster->name));
}

/* Applications go first; then what the Environment itself had. What was in its stream goes with it. */
static void plan_removal(const ec_environment_facts *facts, const ec_observed *observed, ec_plan *plan, const char *organization)
{
    const char *name = cat_object_name(facts->environment);
    if (!cat_object_has_finalizer(facts->environment, EC_FINALIZER))
        return;
    size_t index, left = 0;
    json_t *application;
    const json_t *applications = ec_look_list(plan, observed, EC_MANAGEMENT, "Application", organization, NULL);
    json_array_foreach(applications, index, application)
    {
        const json_t *entries = cat_json_get(application, "status.environments");
        bool runs = cat_json_is_text_in(cat_json_get(application, "spec.environments"), name);
        for (size_t i = 0; i < json_array_size(entries); i++)
            runs = runs || cat_text_equal(cat_json_text(json_array_get(entries, i), "name"), name);
        if (runs && !left++)
            ec_wait(plan, EC_REMOVAL, "Application %s still runs in it; remove it from there first",
                    cat_object_name(application));
    }
    if (left)
        return;
    /* Without credentials of the account nothing was made in it, or it went with its Organization. */
    cat_autofree char *credentials = cat_printf("nats-%s", organization);
    if (ec_look(plan, observed, EC_MANAGEMENT, "Secret", facts->settings->namespace, credentials))
        ec_do(plan, EC_REMOVAL, EC_STEP_SPINE_REMOVE, json_pack("{s:s, s:s}", "organization", organization, "environment", name));
    ec_do(plan, EC_REMOVAL, EC_STEP_FINALIZER, json_pack("{s:b}", "present", 0));
}

static void add_once(cat_strings *names, const char *name)
{
    if (name && *name && !cat_strings_has(names, name))
        cat_strings_add(names, name);
}

/* "a, b"; the caller's. */
static char *listed(const cat_strings *names)
{
    cat_string text = CAT_STRING(400);
    for (size_t i = 0; i < names->count; i++)
        cat_string_appendf(&text, "%s%.40s", i ? ", " : "", names->items[i]);
    return cat_string_take(&text);
}

/* Which regions it asks for, and which there are. */
static void wait_for_host(const ec_environment_facts *facts, ec_plan *plan)
{
    cat_auto(cat_strings) asked = {0}, there = {0};
    size_t index;
    json_t *entry;
    json_array_foreach(cat_json_get(facts->environment, "spec.placement.regions"), index, entry)
        add_once(&asked, json_string_value(entry));
    json_array_foreach(cat_json_get(facts->sovereign, "spec.hostClusters"), index, entry)
    {
        if (cat_json_is_text_in(cat_json_get(entry, "roles"), "workload"))
            add_once(&there, cat_json_text(entry, "region"));
    }
    cat_autofree char *wanted = listed(&asked), *offered = listed(&there);
    ec_wait(plan, EC_FLUX, "no host cluster of the Sovereign fits the placement%s%s: there are some in %s",
            asked.count ? ", which asks for " : "", wanted, there.count ? offered : "no region");
}

void ec_plan_environment(const ec_environment_facts *facts, const ec_observed *observed, ec_plan *plan)
{
    const char *name = cat_object_name(facts->environment), *organization = cat_object_namespace(facts->environment);
    if (cat_object_is_deleting(facts->environment)) {
        plan_removal(facts, observed, plan, organization);
        return;
    }
    char owner[CAT_NAME_ORGANIZATION_MAX + 1], env_type[8];
    if (!cat_environment_split(name, owner, env_type) || !cat_text_equal(owner, organization) ||
        !cat_text_equal(env_type, cat_json_text(facts->environment, "spec.envType"))) {
        ec_refuse(plan, EC_BASE, "an Environment in namespace %s is called %s-%s, not %s", organization, organization,
                  cat_json_text_or(facts->environment, "spec.envType", "{env type}"), name);
        return;
    }
    if (!facts->organization || cat_object_is_deleting(facts->organization)) {
        ec_wait(plan, EC_BASE, facts->organization ? "Organization %s is being removed" : "Organization %s is not there",
                organization);
        return;
    }
    if (!cat_object_has_finalizer(facts->environment, EC_FINALIZER))
        ec_do(plan, EC_BASE, EC_STEP_FINALIZER, json_pack("{s:b}", "present", 1));
    /* Unknown: it was ready, and the spine does not answer now. */
    const char *account = cat_condition_status(facts->organization, "AccountReady");
    if (!cat_text_equal(account, "True") && !cat_text_equal(account, "Unknown"))
        ec_wait(plan, EC_SPINE, "the event account of Organization %s is not ready yet", organization);
    else if (!facts->spine_asserted)
        ec_do(plan, EC_SPINE, EC_STEP_SPINE_ENVIRONMENT,
              json_pack("{s:s, s:s}", "organization", organization, "environment", name));
    char why[CAT_POLICY_WORDS_MAX];
    if (!cat_policy_reference_agrees(facts->policies, name, cat_json_text(facts->environment, "spec.policyRef.name"), why))
        ec_refuse(plan, EC_PROTECTION, "%s", why);
    ec_pull_tell(facts->settings, organization, observed, plan);
    ec_vclusters vclusters;
    ec_vclusters_of_environment(facts->sovereign, facts->environment, organization, &vclusters);
    if (!vclusters.count)
        wait_for_host(facts, plan);
    for (size_t i = 0; i < vclusters.count; i++) {
        ec_part(plan, vclusters.items[i].name, "");
        plan_vcluster(facts, observed, plan, &vclusters.items[i], organization);
    }
    ec_part(plan, NULL, NULL);
}

json_t *ec_environment_vclusters(const ec_environment_facts *facts, const ec_observed *observed)
{
    const char *organization = cat_object_namespace(facts->environment);
    json_t *list = json_array();
    ec_vclusters vclusters;
    ec_vclusters_of_environment(facts->sovereign, facts->environment, organization, &vclusters);
    for (size_t i = 0; i < vclusters.count; i++) {
        const ec_vcluster *vcluster = &vclusters.items[i];
        cat_autofree char *secret = cat_printf("vc-%s", vcluster->name);
        cat_autofree char *key = ec_key(EC_MANAGEMENT, "Secret", organization, secret);
        bool there = json_is_object(json_object_get(observed->objects, key));
        const char *why = there ? ec_unreachable(observed, vcluster->name) : "it is not there yet";
        json_t *item =
            json_pack("{s:s, s:s, s:s, s:b, s:b}", "name", vcluster->name, "hostCluster", vcluster->host_cluster, "region",
                      vcluster->region, "ready", why == NULL, "informing", cat_json_is_text_in(facts->informing, vcluster->name));
        cat_json_set_text(item, "message", why);
        json_array_append_new(list, item);
    }
    return list;
}
