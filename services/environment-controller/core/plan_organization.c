#include "core/plan_organization.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "core/plan_reconcile_requester.h"
#include "domain/source.h"
#include "domain/spine_rights.h"

const char *const EC_ACCOUNT_SERVICES[] = {"environment-controller", "projector", "provisioning", "billing", NULL};

#define HELM_API "helm.toolkit.fluxcd.io/v2"
#define SOURCE_API "source.toolkit.fluxcd.io/v1"
#define KUSTOMIZE_API "kustomize.toolkit.fluxcd.io/v1"
#define RBAC_API "rbac.authorization.k8s.io/v1"
#define WRITER "provisioning" /* of secret values: the service, its account, and its Role */
#define ANNOTATION_DELETE_DATA "openova.io/delete-data"

const ec_team EC_TEAMS[] = {
    {"viewers", "read", CAT_ACTION_READ, NULL, false},        {"developers", "write", CAT_ACTION_PROPOSE, NULL, false},
    {"admins", "write", CAT_ACTION_MANAGE, NULL, true},       {"publishers", "write", CAT_ACTION_PROPOSE, NULL, true},
    {"writers-dev", "write", CAT_ACTION_WRITE, "dev", false}, {"writers-stg", "write", CAT_ACTION_WRITE, "stg", false},
    {"writers-uat", "write", CAT_ACTION_WRITE, "uat", false}, {"writers-prod", "write", CAT_ACTION_WRITE, "prod", false},
    {"writers-poc", "write", CAT_ACTION_WRITE, "poc", false}, {NULL, NULL, CAT_ACTION_READ, NULL, false},
};

bool ec_team_takes(const ec_team *team, const cat_principal *person, const char *organization)
{
    cat_autofree char *environment = team->env_type ? cat_printf("%s-%s", organization, team->env_type) : NULL;
    if (environment || team->as_a_whole)
        return cat_access_check(person, team->action, organization, environment, NULL) == 0;
    return cat_access_check_somewhere(person, team->action, organization, NULL) == 0;
}

void ec_team_of_writers(const char *env_type, char team[32])
{
    snprintf(team, 32, "writers-%s", env_type);
}

static json_t *labels(const ec_organization_facts *facts)
{
    return ec_labels(facts->settings, cat_object_name(facts->organization), NULL, NULL, NULL, NULL);
}

json_t *ec_organization_git(const ec_settings *settings, const json_t *organization, const json_t *people)
{
    const char *name = cat_object_name(organization);
    json_t *git = cat_json_object("organization", json_string(name), "displayName",
                                  json_string(cat_json_text_or(organization, "spec.displayName", name)), NULL);
    json_t *teams = json_object(), *users = json_array();
    for (const ec_team *team = EC_TEAMS; team->name; team++) {
        char path[64];
        snprintf(path, sizeof path, "teams.%s", team->name);
        json_t *members = cat_json_get(people, path);
        json_object_set_new(teams, team->name,
                            cat_json_object("permission", json_string(team->permission), "members",
                                            members ? json_deep_copy(members) : NULL, NULL));
    }
    cat_autofree char *flux = cat_printf("flux-%s", name);
    json_object_set_new(teams, "services",
                        cat_json_object("permission", json_string("read"), "members",
                                        json_pack("[s, s, s]", settings->projector_user, settings->blueprints_user, flux), NULL));
    if (people)
        json_array_extend(users, cat_json_get(people, "users"));
    cat_autofree char *email = cat_printf("%s@%s", flux, settings->domain);
    cat_autofree char *full = cat_printf("Flux of %s", name);
    json_array_append_new(users, json_pack("{s:s, s:s, s:s}", "login", flux, "email", email, "name", full));
    cat_json_set_text(git, "uid", cat_object_uid(organization)); /* a new one of the same name is asserted anew */
    json_object_set_new(git, "users", users);
    json_object_set_new(git, "teams", teams);
    return git;
}

/* A Blueprint may be installed wherever the Organization installs: who publishes one may propose for all of it. */
static void plan_shared_blueprints(const ec_settings *settings, const char *name, ec_plan *plan)
{
    ec_do(plan, EC_GIT, EC_STEP_GIT_REPOSITORY, json_pack("{s:s, s:s}", "owner", name, "name", CAT_SHARED_BLUEPRINTS));
    ec_do(plan, EC_GIT, EC_STEP_GIT_PROTECTION,
          json_pack("{s:s, s:s, s:{s:s, s:b, s:b, s:[s], s:[s], s:b, s:[s], s:[s]}}", "owner", name, "name",
                    CAT_SHARED_BLUEPRINTS, "rule", "rule_name", "main", "enable_push", 1, "enable_push_whitelist", 1,
                    "push_whitelist_teams", "publishers", "push_whitelist_usernames", settings->git_user,
                    "enable_merge_whitelist", 1, "merge_whitelist_teams", "publishers", "merge_whitelist_usernames",
                    settings->git_user));
    ec_do(plan, EC_GIT, EC_STEP_GIT_TAGS,
          json_pack("{s:s, s:s, s:{s:s, s:[s], s:[s]}}", "owner", name, "name", CAT_SHARED_BLUEPRINTS, "rule", "name_pattern",
                    "/.*/", "whitelist_teams", "publishers", "whitelist_usernames", settings->git_user));
}

static void plan_git(const ec_organization_facts *facts, ec_plan *plan)
{
    if (facts->people_problem)
        ec_unknown(plan, EC_GIT, "people cannot be read: %s", facts->people_problem);
    if (facts->git_asserted && facts->has_flux_token)
        return;
    const char *name = cat_object_name(facts->organization);
    cat_autojson json_t *git = ec_organization_git(facts->settings, facts->organization, facts->people);
    ec_do(plan, EC_GIT, EC_STEP_GIT_ORGANIZATION,
          json_pack("{s:s, s:s}", "name", name, "displayName", cat_json_text(git, "displayName")));
    size_t index;
    json_t *user, *team;
    json_array_foreach(json_object_get(git, "users"), index, user) ec_do(plan, EC_GIT, EC_STEP_GIT_PERSON, json_deep_copy(user));
    const char *team_name;
    json_object_foreach(json_object_get(git, "teams"), team_name, team)
    {
        json_t *arguments = json_pack("{s:s, s:s}", "organization", name, "team", team_name);
        json_object_update(arguments, team);
        ec_do(plan, EC_GIT, EC_STEP_GIT_TEAM, arguments);
    }
    plan_shared_blueprints(facts->settings, name, plan);
    ec_do(plan, EC_GIT, EC_STEP_GIT_HOOK, json_pack("{s:s}", "organization", name));
    if (!facts->has_flux_token) {
        cat_autofree char *flux = cat_printf("flux-%s", name);
        ec_do(plan, EC_GIT, EC_STEP_GIT_TOKEN, json_pack("{s:s, s:s}", "organization", name, "login", flux));
    }
    if (!facts->people_problem) {
        char digest[65];
        cat_json_digest(git, digest);
        ec_do(plan, EC_GIT, EC_STEP_GIT_ASSERTED, json_pack("{s:s, s:s}", "organization", name, "digest", digest));
    }
}

static bool has_claims(const json_t *account)
{
    const json_t *claims = json_object_get(account, "claims");
    return ec_covers(json_object_get(claims, "limits"), json_object_get(account, "wanted")) &&
           cat_json_is_text_in(cat_json_get(claims, "default_permissions.pub.deny"), ">") &&
           cat_json_is_text_in(json_object_get(claims, "signing_keys"), cat_json_text_or(account, "signingKey", ""));
}

/* Of this account, with the rights of this release, and not about to expire. */
static bool are_credentials_good(const ec_organization_facts *facts, const json_t *secret, const char *service,
                                 const char *public_key)
{
    char digest[65];
    int64_t renew_at_ms = 0;
    cat_spine_rights_digest(service, CAT_SPINE_ORGANIZATION, digest);
    const char *renew_at = cat_object_annotation(secret, EC_ANNOTATION_RENEW_AT);
    return secret && cat_text_equal(cat_object_annotation(secret, EC_ANNOTATION_ACCOUNT), public_key) &&
           cat_text_equal(cat_object_annotation(secret, EC_ANNOTATION_RIGHTS), digest) && renew_at &&
           cat_time_parse(renew_at, &renew_at_ms) && facts->now_ms < renew_at_ms;
}

static void plan_account(const ec_organization_facts *facts, const ec_observed *observed, ec_plan *plan)
{
    const char *name = cat_object_name(facts->organization);
    if (facts->account_problem) {
        ec_unknown(plan, EC_ACCOUNT, "the event account cannot be looked at: %s", facts->account_problem);
        return;
    }
    if (!facts->account) {
        ec_do(plan, EC_BASE, EC_STEP_KEYS, json_pack("{s:s}", "organization", name));
        ec_wait(plan, EC_ACCOUNT, "the Organization's keys are being made");
        return;
    }
    const char *public_key = cat_json_text(facts->account, "publicKey");
    bool has = has_claims(facts->account);
    if (!has)
        ec_do(plan, EC_ACCOUNT, EC_STEP_ACCOUNT_PUSH, json_pack("{s:s, s:s}", "organization", name, "account", public_key));
    cat_autofree char *secret = cat_printf("nats-%s", name);
    for (size_t i = 0; EC_ACCOUNT_SERVICES[i]; i++) {
        cat_autofree char *namespace = cat_printf("catalyst-%s", EC_ACCOUNT_SERVICES[i]);
        const json_t *have = ec_look(plan, observed, EC_MANAGEMENT, "Secret", namespace, secret);
        if (!are_credentials_good(facts, have, EC_ACCOUNT_SERVICES[i], public_key))
            ec_do(plan, EC_ACCOUNT, EC_STEP_ACCOUNT_CREDENTIALS,
                  json_pack("{s:s, s:s}", "organization", name, "service", EC_ACCOUNT_SERVICES[i]));
    }
    if (!has || !cat_json_bool_or(facts->account, "shown", false))
        ec_do(plan, EC_ACCOUNT, EC_STEP_ACCOUNT_CHECK, json_pack("{s:s}", "organization", name));
    if (!facts->dead_letter)
        ec_do(plan, EC_ACCOUNT, EC_STEP_ACCOUNT_DEAD_LETTER, json_pack("{s:s}", "organization", name));
}

static json_t *helm_values(const ec_organization_facts *facts, const ec_vcluster *vcluster)
{
    const char *organization = cat_object_name(facts->organization);
    cat_autofree char *secret = cat_printf("vc-%s", vcluster->name);
    json_t *values = json_object();
    cat_json_set_text(values, "exportKubeConfig.secret.name", secret);
    cat_json_set_text(values, "exportKubeConfig.secret.namespace", organization);
    const json_t *quotas = cat_json_get(facts->organization, "spec.quotas");
    if (quotas) {
        cat_json_set_bool(values, "policies.resourceQuota.enabled", true);
        json_t *hard = json_object();
        static const char *const names[][2] = {
            {"cpu", "requests.cpu"}, {"memory", "requests.memory"}, {"storage", "requests.storage"}};
        for (size_t i = 0; i < 3; i++) {
            const char *amount = cat_json_text(quotas, names[i][0]);
            if (amount)
                json_object_set_new(hard, names[i][1], json_string(amount));
        }
        cat_json_set(values, "policies.resourceQuota.quota", hard);
    }
    return values;
}

static json_t *helm_release(const ec_organization_facts *facts, const ec_vcluster *vcluster)
{
    const ec_settings *settings = facts->settings;
    const char *organization = cat_object_name(facts->organization);
    json_t *marks = ec_labels(settings, organization, NULL, vcluster, NULL, NULL);
    json_object_set_new(marks, "catalyst.openova.io/vcluster", json_string("true"));
    json_t *release = ec_object(HELM_API, "HelmRelease", organization, vcluster->name, marks);
    json_object_set_new(release, "spec",
                        json_pack("{s:s, s:s, s:{s:{s:s, s:s, s:{s:s, s:s}}}, s:o}", "interval", "30m", "timeout", "10m", "chart",
                                  "spec", "chart", settings->chart, "version", settings->chart_version, "sourceRef", "kind",
                                  "HelmRepository", "name", settings->chart_repository, "values", helm_values(facts, vcluster)));
    return release;
}

/* No Flux of ours follows a reference into another namespace: where the installation's chart repository is, each Organization has
 * a copy of what it says. */
static void plan_chart_repository(const ec_organization_facts *facts, const ec_observed *observed, ec_plan *plan,
                                  const char *host)
{
    const char *name = cat_object_name(facts->organization), *repository = facts->settings->chart_repository;
    const json_t *source = ec_look(plan, observed, host, "HelmRepository", EC_FLUX_NAMESPACE, repository);
    if (!source)
        return;
    json_t *copy = ec_object(SOURCE_API, "HelmRepository", name, repository, labels(facts));
    json_object_set_new(copy, "spec", json_deep_copy(json_object_get(source, "spec")));
    ec_want(plan, observed, EC_VCLUSTER, host, copy);
}

static void plan_vclusters(const ec_organization_facts *facts, const ec_observed *observed, ec_plan *plan)
{
    const char *name = cat_object_name(facts->organization);
    ec_vclusters vclusters;
    ec_vclusters_of_organization(facts->sovereign, name, &vclusters);
    if (!facts->sovereign)
        ec_wait(plan, EC_VCLUSTER, "there is no Sovereign yet");
    else if (!vclusters.count)
        ec_wait(plan, EC_VCLUSTER, "no host cluster of the Sovereign has the role workload");
    for (size_t i = 0; i < vclusters.count; i++) {
        const ec_vcluster *vcluster = &vclusters.items[i];
        const char *host = ec_host_of(vcluster);
        ec_part(plan, vcluster->name, "");
        if (!vcluster->on_management)
            ec_want(plan, observed, EC_VCLUSTER, host, ec_object("v1", "Namespace", NULL, name, labels(facts)));
        plan_chart_repository(facts, observed, plan, host);
        ec_want(plan, observed, EC_VCLUSTER, host, helm_release(facts, vcluster));
        cat_autofree char *secret = cat_printf("vc-%s", vcluster->name);
        if (!ec_look(plan, observed, EC_MANAGEMENT, "Secret", name, secret)) {
            ec_wait(plan, EC_VCLUSTER, "Secret %s/%s with the kubeconfig of vcluster %s is not there yet", name, secret,
                    vcluster->name);
            continue;
        }
        /* Any object of every cluster: whether it answers shows by looking. */
        ec_look(plan, observed, vcluster->name, "Namespace", NULL, "kube-system");
        const char *why = ec_unreachable(observed, vcluster->name);
        if (why)
            ec_wait(plan, EC_VCLUSTER, "vcluster %s does not answer: %s", vcluster->name, why);
        else
            ec_do(plan, EC_VCLUSTER, EC_STEP_INFORMER, json_pack("{s:s, s:s}", "organization", name, "cluster", vcluster->name));
    }
    ec_part(plan, NULL, NULL);
}

json_t *ec_organization_vclusters(const ec_organization_facts *facts, const ec_observed *observed)
{
    const char *name = cat_object_name(facts->organization);
    json_t *list = json_array();
    ec_vclusters vclusters;
    ec_vclusters_of_organization(facts->sovereign, name, &vclusters);
    for (size_t i = 0; i < vclusters.count; i++) {
        const ec_vcluster *vcluster = &vclusters.items[i];
        cat_autofree char *secret = cat_printf("vc-%s", vcluster->name);
        cat_autofree char *key = ec_key(EC_MANAGEMENT, "Secret", name, secret);
        bool there = json_is_object(json_object_get(observed->objects, key));
        const char *why = there ? ec_unreachable(observed, vcluster->name) : "its kubeconfig is not there yet";
        json_t *item =
            json_pack("{s:s, s:s, s:b}", "name", vcluster->name, "hostCluster", vcluster->host_cluster, "ready", why == NULL);
        cat_json_set_text(item, "message", why);
        json_array_append_new(list, item);
    }
    return list;
}

/* The host Flux applies the Organization's branch as an account that can reach nothing but its Environments and Applications. */
static void plan_confinement(const ec_organization_facts *facts, const ec_observed *observed, ec_plan *plan)
{
    const char *name = cat_object_name(facts->organization);
    ec_want(plan, observed, EC_SOURCE, EC_MANAGEMENT, ec_object("v1", "ServiceAccount", name, "flux", labels(facts)));
    json_t *role = ec_object(RBAC_API, "Role", name, "flux", labels(facts));
    json_object_set_new(role, "rules",
                        json_pack("[{s:[s], s:[s, s], s:[s, s, s, s, s, s, s]}]", "apiGroups", CAT_GROUP, "resources",
                                  "environments", "applications", "verbs", "get", "list", "watch", "create", "update", "patch",
                                  "delete"));
    ec_want(plan, observed, EC_SOURCE, EC_MANAGEMENT, role);
    json_t *binding = ec_object(RBAC_API, "RoleBinding", name, "flux", labels(facts));
    json_object_set_new(binding, "roleRef",
                        json_pack("{s:s, s:s, s:s}", "apiGroup", "rbac.authorization.k8s.io", "kind", "Role", "name", "flux"));
    json_object_set_new(binding, "subjects",
                        json_pack("[{s:s, s:s, s:s}]", "kind", "ServiceAccount", "name", "flux", "namespace", name));
    ec_want(plan, observed, EC_SOURCE, EC_MANAGEMENT, binding);
}

static void plan_source(const ec_organization_facts *facts, const ec_observed *observed, ec_plan *plan)
{
    const char *name = cat_object_name(facts->organization), *source = facts->settings->source_name;
    plan_confinement(facts, observed, plan);
    const json_t *host = ec_look(plan, observed, EC_MANAGEMENT, "GitRepository", EC_FLUX_NAMESPACE, source);
    if (!host) {
        ec_wait(plan, EC_SOURCE, "GitRepository %s/%s of the installation is not there yet", EC_FLUX_NAMESPACE, source);
        return;
    }
    const char *credentials = cat_json_text(host, "spec.secretRef.name");
    const json_t *secret = credentials ? ec_look(plan, observed, EC_MANAGEMENT, "Secret", EC_FLUX_NAMESPACE, credentials) : NULL;
    if (credentials && !secret) {
        ec_wait(plan, EC_SOURCE, "Secret %s/%s with the host Flux's credentials is not there yet", EC_FLUX_NAMESPACE,
                credentials);
        return;
    }
    json_t *repository = ec_object(SOURCE_API, "GitRepository", name, "catalyst-config", labels(facts));
    cat_autofree char *branch = cat_printf("org/%s", name);
    json_object_set_new(repository, "spec",
                        json_pack("{s:s, s:s, s:s, s:{s:s}}", "url", cat_json_text_or(host, "spec.url", ""), "interval", "10m",
                                  "timeout", "60s", "ref", "branch", branch));
    if (secret) {
        json_t *copy = ec_object("v1", "Secret", name, "catalyst-config-read", labels(facts));
        json_object_set_new(copy, "type", json_string("Opaque"));
        json_object_set_new(copy, "data", json_deep_copy(json_object_get(secret, "data")));
        ec_want(plan, observed, EC_SOURCE, EC_MANAGEMENT, copy);
        cat_json_set_text(repository, "spec.secretRef.name", "catalyst-config-read");
    }
    ec_want(plan, observed, EC_SOURCE, EC_MANAGEMENT, repository);
    json_t *kustomization = ec_object(KUSTOMIZE_API, "Kustomization", name, "catalyst-config", labels(facts));
    json_object_set_new(kustomization, "spec",
                        json_pack("{s:s, s:s, s:s, s:s, s:b, s:s, s:s, s:{s:s, s:s}}", "interval", "30m", "retryInterval", "30s",
                                  "timeout", "5m", "path", "./", "prune", 1, "serviceAccountName", "flux", "targetNamespace",
                                  name, "sourceRef", "kind", "GitRepository", "name", "catalyst-config"));
    ec_want(plan, observed, EC_SOURCE, EC_MANAGEMENT, kustomization);
    const char *problem = ec_flux_problem(ec_look(plan, observed, EC_MANAGEMENT, "GitRepository", name, "catalyst-config"));
    if (!problem)
        problem = ec_flux_problem(ec_look(plan, observed, EC_MANAGEMENT, "Kustomization", name, "catalyst-config"));
    if (problem)
        ec_wait(plan, EC_SOURCE, "branch %s of system/catalyst-config: %s", branch, problem);
}

/* Deletes what is left of a kind; true while some is. */
static bool remove_all(const ec_observed *observed, ec_plan *plan, const char *kind, const char *namespace)
{
    const json_t *left = ec_look_list(plan, observed, EC_MANAGEMENT, kind, namespace, NULL);
    size_t index;
    json_t *object;
    json_array_foreach(left, index, object)
    {
        ec_part(plan, EC_MANAGEMENT, cat_object_name(object));
        if (!cat_object_is_deleting(object))
            ec_delete(plan, EC_REMOVAL, EC_MANAGEMENT, kind, namespace, cat_object_name(object));
    }
    ec_part(plan, NULL, NULL);
    if (json_array_size(left))
        ec_wait(plan, EC_REMOVAL, "%zu %ss of the Organization are still being removed", json_array_size(left), kind);
    return json_array_size(left) > 0;
}

/* Volumes go with their vcluster, so it stays until they are gone or somebody said that they may go. */
static bool holds_volumes(const ec_organization_facts *facts, const ec_observed *observed, ec_plan *plan,
                          const ec_vcluster *vcluster)
{
    const char *name = cat_object_name(facts->organization);
    if (cat_text_equal(cat_object_annotation(facts->organization, ANNOTATION_DELETE_DATA), name))
        return false;
    cat_autofree char *secret = cat_printf("vc-%s", vcluster->name);
    if (!ec_look(plan, observed, EC_MANAGEMENT, "Secret", name, secret))
        return false;
    const json_t *volumes = ec_look_list(plan, observed, vcluster->name, "PersistentVolumeClaim", NULL, NULL);
    const char *why = ec_unreachable(observed, vcluster->name);
    if (why)
        ec_wait(plan, EC_REMOVAL, "vcluster %s does not answer, so nobody knows whether it holds volumes: %s", vcluster->name,
                why);
    else if (json_array_size(volumes))
        ec_wait(plan, EC_REMOVAL,
                "vcluster %s still holds %zu volumes; delete them, or annotate the Organization with " ANNOTATION_DELETE_DATA
                ": %s",
                vcluster->name, json_array_size(volumes), name);
    return why || json_array_size(volumes);
}

static bool remove_vclusters(const ec_organization_facts *facts, const ec_observed *observed, ec_plan *plan)
{
    const char *name = cat_object_name(facts->organization);
    ec_vclusters vclusters;
    ec_vclusters_of_organization(facts->sovereign, name, &vclusters);
    bool left = false;
    for (size_t i = 0; i < vclusters.count; i++) {
        const ec_vcluster *vcluster = &vclusters.items[i];
        const json_t *release = ec_look(plan, observed, ec_host_of(vcluster), "HelmRelease", name, vcluster->name);
        if (!release)
            continue;
        left = true;
        ec_part(plan, vcluster->name, "");
        if (cat_object_is_deleting(release)) {
            ec_wait(plan, EC_REMOVAL, "vcluster %s is being removed", vcluster->name);
        } else if (!holds_volumes(facts, observed, plan, vcluster)) {
            ec_delete(plan, EC_REMOVAL, ec_host_of(vcluster), "HelmRelease", name, vcluster->name);
            ec_wait(plan, EC_REMOVAL, "vcluster %s is being removed", vcluster->name);
        }
    }
    ec_part(plan, NULL, NULL);
    return left;
}

/* Backwards: what runs, then where it runs, then the account, last the names. Repositories stay, archived. */
static void plan_removal(const ec_organization_facts *facts, const ec_observed *observed, ec_plan *plan)
{
    const char *name = cat_object_name(facts->organization);
    if (!cat_object_has_finalizer(facts->organization, EC_FINALIZER))
        return;
    const json_t *branch = ec_look(plan, observed, EC_MANAGEMENT, "Kustomization", name, "catalyst-config");
    if (branch) {
        if (!cat_object_is_deleting(branch))
            ec_delete(plan, EC_REMOVAL, EC_MANAGEMENT, "Kustomization", name, "catalyst-config");
        ec_wait(plan, EC_REMOVAL, "the host's Flux is removing the Organization's Applications and Environments");
        return;
    }
    if (remove_all(observed, plan, "Application", name) || remove_all(observed, plan, "Environment", name) ||
        remove_vclusters(facts, observed, plan))
        return;
    ec_do(plan, EC_REMOVAL, EC_STEP_GIT_ARCHIVE, json_pack("{s:s}", "organization", name));
    ec_do(plan, EC_REMOVAL, EC_STEP_ACCOUNT_REMOVE, json_pack("{s:s}", "organization", name));
    cat_autofree char *secret = cat_printf("nats-%s", name);
    for (size_t i = 0; EC_ACCOUNT_SERVICES[i]; i++) {
        cat_autofree char *namespace = cat_printf("catalyst-%s", EC_ACCOUNT_SERVICES[i]);
        ec_delete(plan, EC_REMOVAL, EC_MANAGEMENT, "Secret", namespace, secret);
    }
    cat_autofree char *keys = cat_printf("organization-%s", name);
    ec_vclusters vclusters;
    ec_vclusters_of_organization(facts->sovereign, name, &vclusters);
    ec_delete(plan, EC_REMOVAL, EC_MANAGEMENT, "Secret", facts->settings->namespace, keys);
    for (size_t i = 0; i < vclusters.count; i++) {
        cat_autofree char *kubeconfig = cat_printf("vc-%s", vclusters.items[i].name);
        ec_delete(plan, EC_REMOVAL, EC_MANAGEMENT, "Secret", EC_RECONCILE_REQUESTER, kubeconfig);
    }
    ec_delete(plan, EC_REMOVAL, EC_MANAGEMENT, "Namespace", NULL, name);
    if (cat_text_equal(cat_object_annotation(facts->organization, ANNOTATION_DELETE_DATA), name)) {
        cat_autofree char *values = cat_printf("catalyst-secrets-%s", name);
        ec_delete(plan, EC_REMOVAL, EC_MANAGEMENT, "Namespace", NULL, values);
    }
    ec_do(plan, EC_REMOVAL, EC_STEP_FINALIZER, json_pack("{s:b}", "present", 0));
}

/* provisioning makes secret values here, and may do so nowhere else. It looks which keys of a Secret are there already. */
static void plan_writer(const ec_organization_facts *facts, const ec_observed *observed, ec_plan *plan, const char *namespace)
{
    json_t *role = ec_object(RBAC_API, "Role", namespace, WRITER, labels(facts));
    json_object_set_new(
        role, "rules",
        json_pack("[{s:[s], s:[s], s:[s, s, s]}]", "apiGroups", "", "resources", "secrets", "verbs", "get", "create", "patch"));
    ec_want(plan, observed, EC_BASE, EC_MANAGEMENT, role);
    json_t *binding = ec_object(RBAC_API, "RoleBinding", namespace, WRITER, labels(facts));
    json_object_set_new(binding, "roleRef",
                        json_pack("{s:s, s:s, s:s}", "apiGroup", "rbac.authorization.k8s.io", "kind", "Role", "name", WRITER));
    json_object_set_new(
        binding, "subjects",
        json_pack("[{s:s, s:s, s:s}]", "kind", "ServiceAccount", "name", WRITER, "namespace", "catalyst-" WRITER));
    ec_want(plan, observed, EC_BASE, EC_MANAGEMENT, binding);
}

void ec_plan_organization(const ec_organization_facts *facts, const ec_observed *observed, ec_plan *plan)
{
    if (cat_object_is_deleting(facts->organization)) {
        plan_removal(facts, observed, plan);
        return;
    }
    const char *name = cat_object_name(facts->organization);
    if (!cat_object_has_finalizer(facts->organization, EC_FINALIZER))
        ec_do(plan, EC_BASE, EC_STEP_FINALIZER, json_pack("{s:b}", "present", 1));
    ec_want(plan, observed, EC_BASE, EC_MANAGEMENT, ec_object("v1", "Namespace", NULL, name, labels(facts)));
    cat_autofree char *values = cat_printf("catalyst-secrets-%s", name);
    ec_want(plan, observed, EC_BASE, EC_MANAGEMENT, ec_object("v1", "Namespace", NULL, values, labels(facts)));
    plan_writer(facts, observed, plan, values);
    if (!ec_identity_is_shared(facts->sovereign))
        ec_refuse(plan, EC_IDENTITY, EC_IDENTITY_NOT_SHARED);
    /* Keys first: the token of Flux is kept in the same Secret. */
    plan_account(facts, observed, plan);
    plan_git(facts, plan);
    plan_vclusters(facts, observed, plan);
    plan_source(facts, observed, plan);
}
