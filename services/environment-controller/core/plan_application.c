#include "core/plan_application.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "core/plan_confinement.h"
#include "core/plan_grant.h"
#include "core/plan_health.h"
#include "core/plan_held.h"
#include "core/plan_organization.h"
#include "core/plan_pull.h"
#include "core/plan_secrets.h"
#include "core/plan_volumes.h"
#include "domain/home.h"
#include "domain/policy.h"

#define SOURCE_API "source.toolkit.fluxcd.io/v1"
#define KUSTOMIZE_API "kustomize.toolkit.fluxcd.io/v1"

typedef struct {
    const ec_application_facts *facts;
    const ec_observed *observed;
    ec_plan *plan;
    const char *application, *organization;
    json_t *kept; /* {"{vcluster} {name}": true}: what shall stay */
} planning;

/* Catalyst's own accounts: the one that commits for people whose right it has asked, and the one that keeps these rules. */
static json_t *own_accounts(const ec_settings *settings)
{
    json_t *users = json_pack("[s]", settings->provisioning_user);
    if (settings->git_user && strcmp(settings->git_user, settings->provisioning_user) != 0)
        json_array_append_new(users, json_string(settings->git_user));
    return users;
}

static json_t *mergers(const ec_settings *settings)
{
    return settings->merge_user ? json_pack("[s]", settings->merge_user) : json_array();
}

/* A policyRef counts also where the policy does not (domain/policy.h). */
static bool is_governed(const ec_application_facts *facts, const char *environment)
{
    const char *reference = NULL;
    size_t index;
    json_t *object;
    json_array_foreach((json_t *)facts->environment_objects, index, object)
    {
        if (cat_text_equal(cat_object_name(object), environment))
            reference = cat_json_text(object, "spec.policyRef.name");
    }
    return cat_is_governed(facts->policies, environment, reference);
}

/* A branch takes pushes and merges of those whose role may write its type of Environment; a governed one takes merges of
 * Catalyst's own account alone, the administrators' not either, and none where no account is named. */
static json_t *rule_of_branch(const ec_application_facts *facts, const char *env_type, bool governed)
{
    char writers[32];
    ec_team_of_writers(env_type, writers);
    json_t *rule = json_pack("{s:s, s:b, s:b, s:b, s:i}", "rule_name", cat_branch_of_env_type(env_type), "enable_push", !governed,
                             "enable_push_whitelist", !governed, "enable_force_push", 0, "required_approvals", 0);
    json_object_set_new(rule, "push_whitelist_teams", governed ? json_array() : json_pack("[s]", writers));
    json_object_set_new(rule, "push_whitelist_usernames", governed ? json_array() : own_accounts(facts->settings));
    json_object_set_new(rule, "enable_merge_whitelist", json_true());
    json_object_set_new(rule, "merge_whitelist_teams", governed ? json_array() : json_pack("[s]", writers));
    json_object_set_new(rule, "merge_whitelist_usernames", governed ? mergers(facts->settings) : own_accounts(facts->settings));
    json_object_set_new(rule, "block_admin_merge_override", json_boolean(governed));
    return rule;
}

json_t *ec_application_protection(const ec_application_facts *facts)
{
    static const char *const env_types[] = {"dev", "stg", "uat", "prod", "poc"};
    json_t *rules = json_array();
    const char *organization = cat_object_namespace(facts->application);
    for (size_t i = 0; i < sizeof env_types / sizeof *env_types; i++) {
        cat_autofree char *environment = cat_printf("%s-%s", organization, env_types[i]);
        json_array_append_new(rules, rule_of_branch(facts, env_types[i], is_governed(facts, environment)));
    }
    json_array_append_new(rules, json_pack("{s:s, s:b, s:b, s:[s], s:b, s:i}", "rule_name", "catalyst/**", "enable_push", 1,
                                           "enable_push_whitelist", 1, "push_whitelist_usernames",
                                           facts->settings->provisioning_user, "enable_force_push", 0, "required_approvals", 0));
    /* Nobody's: as Git keeps names, a branch `uat/x` would keep `uat` from ever being made, and `catalyst` all of Catalyst's. */
    json_array_append_new(rules,
                          json_pack("{s:s, s:b}", "rule_name", "{catalyst,{main,staging,develop,uat,poc}/**}", "enable_push", 0));
    return rules;
}

void ec_application_protection_digest(const ec_application_facts *facts, char digest[65])
{
    cat_autojson json_t *all =
        cat_json_object("rules", ec_application_protection(facts), "repository", json_integer(facts->repository), "of",
                        json_string(cat_object_uid(facts->application) ? cat_object_uid(facts->application) : ""), NULL);
    cat_json_digest(all, digest);
}

static void plan_protection(const planning *p)
{
    if (!p->facts->repository) {
        ec_wait(p->plan, EC_PROTECTION, "repository %s/%s is not there yet", p->organization, p->application);
        return;
    }
    if (p->facts->protection_asserted)
        return;
    if (!p->facts->has_teams) {
        ec_wait(p->plan, EC_PROTECTION, "the teams of Organization %s are being made", p->organization);
        return;
    }
    cat_autojson json_t *rules = ec_application_protection(p->facts);
    size_t index;
    json_t *rule;
    json_array_foreach(rules, index, rule)
        ec_do(p->plan, EC_PROTECTION, EC_STEP_GIT_PROTECTION,
              json_pack("{s:s, s:s, s:O}", "owner", p->organization, "name", p->application, "rule", rule));
    char digest[65];
    ec_application_protection_digest(p->facts, digest);
    ec_do(p->plan, EC_PROTECTION, EC_STEP_GIT_ASSERTED,
          json_pack("{s:s, s:s, s:s}", "organization", p->organization, "application", p->application, "digest", digest));
}

static json_t *network_policy(const char *namespace, const char *organization, json_t *labels)
{
    json_t *policy = ec_object("networking.k8s.io/v1", "NetworkPolicy", namespace, CAT_HOME_NETWORK_POLICY, labels);
    json_object_set_new(policy, "spec",
                        json_pack("{s:{}, s:[s], s:[{s:[{s:{s:{s:s}}}]}]}", "podSelector", "policyTypes", "Ingress", "ingress",
                                  "from", "namespaceSelector", "matchLabels", CAT_LABEL_ORGANIZATION, organization));
    return policy;
}

/* Within the Organization's own limit: no Application's namespace may ask for more than all together. */
static json_t *quota(const char *namespace, const json_t *quotas, json_t *labels)
{
    json_t *object = ec_object("v1", "ResourceQuota", namespace, "organization", labels), *hard = json_object();
    static const char *const names[][2] = {
        {"cpu", "requests.cpu"}, {"memory", "requests.memory"}, {"storage", "requests.storage"}};
    for (size_t i = 0; i < 3; i++)
        if (cat_json_text(quotas, names[i][0]))
            json_object_set_new(hard, names[i][1], json_string(cat_json_text(quotas, names[i][0])));
    cat_json_set(object, "spec.hard", hard);
    return object;
}

/* Says on an object of Flux why it is not given the branch's head, or takes back what it said. */
static void say_not_built(json_t *object, const ec_application_environment *environment, const json_t *have)
{
    cat_autofree char *why = environment->not_built ? cat_printf("%.8s: %s", environment->commit, environment->not_built) : NULL;
    if (why || cat_object_annotation(have, CAT_ANNOTATION_NOT_BUILT))
        cat_object_set_annotation(object, CAT_ANNOTATION_NOT_BUILT, why ? why : "");
}

/* Says which files make up what Flux is given, so that projector knows which commits can have changed it. A commit's tree is
 * looked at before Flux is given it, and perhaps never again. */
static void say_reads(json_t *object, const ec_application_environment *environment, const json_t *have, const char *commit)
{
    const char *said = cat_object_annotation(have, CAT_ANNOTATION_READS),
               *reads = environment->not_built ? NULL : environment->reads;
    if (!reads && commit && cat_text_equal(cat_json_text(have, "spec.ref.commit"), commit))
        reads = said;
    if (reads || said)
        cat_object_set_annotation(object, CAT_ANNOTATION_READS, reads ? reads : "");
}

/* The commit that Flux is given: the branch's head once it has passed, else the one that it has; NULL: none has passed yet. Flux
 * fetches addresses and builds without limits, so it never follows a branch by itself. */
static const char *commit_for_flux(const ec_application_environment *environment, const json_t *have)
{
    return environment->not_built ? cat_json_text(have, "spec.ref.commit") : environment->commit;
}

/* Flux unpacks the branch's head before the commit that it is given, and with 12,000 files does not end, whatever its time-out
 * says. */
static json_t *git_repository(const planning *p, const char *name, const ec_application_environment *environment,
                              const json_t *have, const char *commit, json_t *labels)
{
    json_t *repository = ec_object(SOURCE_API, "GitRepository", EC_FLUX_NAMESPACE, name, labels);
    cat_autofree char *url = cat_printf("%s/%s/%s.git", p->facts->settings->git_url, p->organization, p->application);
    json_object_set_new(repository, "spec",
                        json_pack("{s:s, s:s, s:s, s:b, s:{s:s}, s:{s:s}}", "url", url, "interval", "10m", "timeout", "60s",
                                  "suspend", commit == NULL || environment->too_large, "ref", "branch", environment->branch,
                                  "secretRef", "name", "gitea-read"));
    cat_json_set_text(repository, "spec.ref.commit", commit);
    say_not_built(repository, environment, have);
    say_reads(repository, environment, have, commit);
    return repository;
}

/* Aliases' Applications in the same Environment, sorted, each once. */
static json_t *depends_on(const json_t *source, const char *env_type)
{
    cat_auto(cat_strings) names = {0};
    const char *alias;
    json_t *dependency, *list = json_array();
    json_object_foreach(cat_json_get(source, "spec.dependencies"), alias, dependency)
    {
        cat_autofree char *name = cat_printf("%s-%s", cat_json_text_or(dependency, "application", ""), env_type);
        if (!cat_strings_has(&names, name))
            cat_strings_add(&names, name);
    }
    cat_strings_sort(&names);
    for (size_t i = 0; i < names.count; i++)
        json_array_append_new(list, json_pack("{s:s}", "name", names.items[i]));
    return list;
}

/* `list` is taken. An empty one is written only where there is something to take out: what is not written is not seen as
 * different. */
static void set_list(json_t *object, const char *path, const json_t *have, json_t *list)
{
    if (json_array_size(list) || json_array_size(cat_json_get(have, path)))
        cat_json_set(object, path, list);
    else
        json_decref(list);
}

typedef struct {
    const json_t *have; /* as it stands there; NULL: it does not */
    bool held;          /* no commit is given to it */
    bool pulls;         /* its pods have something to pull with */
    const char *left;   /* what it no longer removes; NULL: nothing */
} standing;

static json_t *kustomization(const planning *p, const char *name, const ec_application_environment *environment,
                             const standing *now, json_t *labels)
{
    const json_t *have = now->have;
    json_t *object = ec_object(KUSTOMIZE_API, "Kustomization", EC_FLUX_NAMESPACE, name, labels);
    cat_autofree char *overlay = cat_printf("overlays/%s", environment->env_type);
    bool suspended = now->held || cat_json_bool_or(p->facts->application, "spec.suspended", false);
    json_object_set_new(object, "spec",
                        json_pack("{s:s, s:s, s:s, s:s, s:b, s:b, s:b, s:s, s:s, s:[s], s:{s:s, s:s}}", "interval", "30m",
                                  "retryInterval", "30s", "timeout", "5m", "path", "./", "prune", 1, "wait", 1, "suspend",
                                  suspended, "targetNamespace", name, "deletionPolicy", "WaitForTermination", "components",
                                  overlay, "sourceRef", "kind", "GitRepository", "name", name));
    set_list(object, "spec.dependsOn", have, depends_on(environment->source, environment->env_type));
    set_list(object, "spec.patches", have, ec_pull_patches(now->pulls));
    cat_json_set(object, "spec.healthCheckExprs", ec_health_checks());
    cat_json_set(object, "spec.commonMetadata.labels", json_copy(labels));
    cat_json_set_text(object, "spec.serviceAccountName", name);
    if (now->left)
        cat_object_set_annotation(object, EC_ANNOTATION_LEFT, now->left);
    say_not_built(object, environment, have);
    return object;
}

static void keep(const planning *p, const char *vcluster, const char *name)
{
    cat_autofree char *key = cat_printf("%s %s", vcluster, name);
    json_object_set_new(p->kept, key, json_true());
}

static void plan_in_vcluster(const planning *p, const ec_application_environment *environment, const ec_vcluster *vcluster)
{
    cat_autofree char *name = cat_printf("%s-%s", p->application, environment->env_type);
    keep(p, vcluster->name, name);
    cat_autofree char *secret = cat_printf("vc-%s", vcluster->name);
    if (!ec_look(p->plan, p->observed, EC_MANAGEMENT, "Secret", p->organization, secret)) {
        ec_wait(p->plan, EC_FLUX, "vcluster %s is not there yet", vcluster->name);
        return;
    }
    cat_autojson json_t *labels =
        ec_labels(p->facts->settings, p->organization, environment->name, vcluster, p->application, environment->source);
    const char *cluster = vcluster->name;
    ec_want(p->plan, p->observed, EC_FLUX, cluster, ec_application_namespace(name, json_incref(labels)));
    if (ec_unreachable(p->observed, cluster))
        return;
    cat_autojson json_t *scope = ec_granted(p->observed, p->plan, p->facts->application, environment->name);
    ec_confine(p->observed, p->plan, cluster, name, scope, json_incref(labels));
    ec_want(p->plan, p->observed, EC_FLUX, cluster,
            ec_keep_from_flux(network_policy(name, p->organization, json_incref(labels))));
    const json_t *quotas = cat_json_get(p->facts->organization, "spec.quotas");
    if (cat_json_text(quotas, "cpu") || cat_json_text(quotas, "memory") || cat_json_text(quotas, "storage"))
        ec_want(p->plan, p->observed, EC_FLUX, cluster, ec_keep_from_flux(quota(name, quotas, json_incref(labels))));
    if (ec_look(p->plan, p->observed, cluster, "CustomResourceDefinition", NULL, "secretstores.external-secrets.io"))
        ec_secrets_give(p->facts, environment, p->observed, p->plan, cluster, json_incref(labels));
    /* No pod may start without them, so they come before what makes pods. */
    bool pulls = ec_pull_give(p->facts->settings, p->organization, p->observed, p->plan, cluster, name, json_incref(labels));
    const json_t *have = ec_look(p->plan, p->observed, cluster, "Kustomization", EC_FLUX_NAMESPACE, name);
    const json_t *source = ec_look(p->plan, p->observed, cluster, "GitRepository", EC_FLUX_NAMESPACE, name);
    const char *commit = commit_for_flux(environment, source);
    cat_autofree char *left = ec_volumes_release(p->plan, p->observed, cluster, have, commit);
    ec_want(p->plan, p->observed, EC_FLUX, cluster, git_repository(p, name, environment, source, commit, json_incref(labels)));
    const standing now = {.have = have, .held = commit == NULL, .pulls = pulls, .left = left};
    ec_want(p->plan, p->observed, EC_FLUX, cluster, kustomization(p, name, environment, &now, json_incref(labels)));
    ec_volumes_keep(p->plan, p->observed, cluster, have, commit, p->facts->now_s);
}

static void plan_environment(const planning *p, const ec_application_environment *environment)
{
    ec_vclusters vclusters = {0};
    if (environment->environment)
        ec_vclusters_of_application(p->facts->sovereign, environment->environment, p->facts->application, p->organization,
                                    &vclusters);
    for (size_t i = 0; i < vclusters.count; i++) {
        cat_autofree char *name = cat_printf("%s-%s", p->application, environment->env_type);
        keep(p, vclusters.items[i].name, name);
    }
    if (!environment->environment) {
        ec_wait(p->plan, EC_FLUX, "Environment %s is not there", environment->name);
    } else if (!cat_text_equal(cat_condition_status(environment->environment, "Ready"), "True")) {
        ec_wait(p->plan, EC_FLUX, "Environment %s is not ready yet", environment->name);
    } else if (!environment->source) {
        if (environment->refused)
            ec_refuse(p->plan, EC_FLUX, "branch %s: %s", environment->branch, environment->problem);
        else
            ec_wait(p->plan, EC_FLUX, "branch %s: %s", environment->branch, environment->problem);
    } else if (!vclusters.count) {
        ec_wait(p->plan, EC_FLUX, "no host cluster fits the placement of %s", environment->name);
    } else {
        if (environment->not_built)
            ec_refuse(p->plan, EC_FLUX, "branch %s: %s", environment->branch, environment->not_built);
        ec_secrets_grant(p->facts, environment, p->observed, p->plan);
        for (size_t i = 0; i < vclusters.count; i++) {
            ec_part(p->plan, vclusters.items[i].name, environment->env_type);
            plan_in_vcluster(p, environment, &vclusters.items[i]);
        }
        ec_part(p->plan, NULL, NULL);
    }
}

static bool is_kept(const planning *p, const char *vcluster, const char *name)
{
    cat_autofree char *key = cat_printf("%s %s", vcluster, name);
    return json_object_get(p->kept, key) != NULL;
}

static bool is_in_list(const json_t *list, const char *name)
{
    for (size_t i = 0; i < json_array_size(list); i++)
        if (cat_text_equal(cat_object_name(json_array_get(list, i)), name))
            return true;
    return false;
}

/* `housed`: its namespace is there. Without it nothing is left to remove, and Flux's account has no rights to look. */
static void remove_kustomization(const planning *p, const char *cluster, const json_t *object, bool housed)
{
    const char *name = cat_object_name(object);
    if (!housed && !cat_text_equal(cat_json_text(object, "spec.deletionPolicy"), "Orphan")) {
        json_t *patch = ec_object(KUSTOMIZE_API, "Kustomization", EC_FLUX_NAMESPACE, name, NULL);
        cat_json_set_text(patch, "spec.deletionPolicy", "Orphan");
        ec_patch(p->plan, EC_REMOVAL, cluster, patch);
    }
    if (!cat_object_is_deleting(object)) {
        ec_volumes_release_all(p->plan, p->observed, cluster, object);
        /* A suspended one would go without removing what it made. */
        if (cat_json_bool_or(object, "spec.suspend", false)) {
            json_t *patch = ec_object(KUSTOMIZE_API, "Kustomization", EC_FLUX_NAMESPACE, name, NULL);
            cat_json_set_bool(patch, "spec.suspend", false);
            ec_patch(p->plan, EC_REMOVAL, cluster, patch);
        }
        ec_delete(p->plan, EC_REMOVAL, cluster, "Kustomization", EC_FLUX_NAMESPACE, name);
    }
    cat_autofree char *held = ec_held_from_flux(p->plan, p->observed, cluster, object, p->facts->now_s);
    ec_wait(p->plan, EC_REMOVAL, "Flux is removing what %s has in %s%s", name, cluster, held);
}

/* A namespace that still holds a volume stays, with its labels, for somebody to decide; credentials do not. */
static void remove_namespace(const planning *p, const char *cluster, const json_t *namespace)
{
    const char *name = cat_object_name(namespace);
    if (cat_object_is_deleting(namespace)) {
        cat_autofree char *held = ec_held_in(p->plan, p->observed, cluster, namespace, p->facts->now_s);
        ec_wait(p->plan, EC_REMOVAL, "namespace %s is being removed from %s%s", name, cluster, held);
        return;
    }
    if (json_array_size(ec_look_list(p->plan, p->observed, cluster, "PersistentVolumeClaim", name, NULL))) {
        ec_pull_take(p->observed, p->plan, EC_REMOVAL, cluster, name);
        ec_secrets_take(p->observed, p->plan, cluster, name);
        return;
    }
    ec_delete(p->plan, EC_REMOVAL, cluster, "Namespace", NULL, name);
    ec_wait(p->plan, EC_REMOVAL, "namespace %s is being removed from %s", name, cluster);
}

static void plan_removal_in(const planning *p, const ec_vcluster *vcluster)
{
    cat_autofree char *secret = cat_printf("vc-%s", vcluster->name);
    if (!ec_look(p->plan, p->observed, EC_MANAGEMENT, "Secret", p->organization, secret))
        return;
    const char *cluster = vcluster->name;
    cat_autofree char *selector =
        cat_printf(CAT_LABEL_APPLICATION "=%s," CAT_LABEL_ORGANIZATION "=%s", p->application, p->organization);
    const json_t *flux = ec_look_list(p->plan, p->observed, cluster, "Kustomization", EC_FLUX_NAMESPACE, selector);
    const json_t *sources = ec_look_list(p->plan, p->observed, cluster, "GitRepository", EC_FLUX_NAMESPACE, selector);
    const json_t *namespaces = ec_look_list(p->plan, p->observed, cluster, "Namespace", NULL, selector);
    const char *why = ec_unreachable(p->observed, cluster);
    if (why && !p->facts->organization)
        return; /* it went with its Organization */
    if (why) {
        ec_wait(p->plan, EC_REMOVAL, "cluster %s does not answer: %s", cluster, why);
        return;
    }
    size_t index;
    json_t *object;
    json_array_foreach(flux, index, object)
    {
        ec_part(p->plan, cluster, cat_object_name(object));
        if (!is_kept(p, cluster, cat_object_name(object)))
            remove_kustomization(p, cluster, object, is_in_list(namespaces, cat_object_name(object)));
    }
    json_array_foreach(sources, index, object)
    {
        const char *name = cat_object_name(object);
        ec_part(p->plan, cluster, name);
        if (is_kept(p, cluster, name) || is_in_list(flux, name) || cat_object_is_deleting(object))
            continue;
        ec_unconfine(p->observed, p->plan, cluster, name);
        ec_delete(p->plan, EC_REMOVAL, cluster, "GitRepository", EC_FLUX_NAMESPACE, name);
    }
    json_array_foreach(namespaces, index, object)
    {
        const char *name = cat_object_name(object);
        ec_part(p->plan, cluster, name);
        if (!is_kept(p, cluster, name) && !is_in_list(flux, name))
            remove_namespace(p, cluster, object);
    }
    ec_part(p->plan, NULL, NULL);
}

void ec_plan_application(const ec_application_facts *facts, const ec_observed *observed, ec_plan *plan)
{
    cat_autojson json_t *kept = json_object();
    planning p = {facts, observed, plan, cat_object_name(facts->application), cat_object_namespace(facts->application), kept};
    bool deleting = cat_object_is_deleting(facts->application),
         finalizer = cat_object_has_finalizer(facts->application, EC_FINALIZER);
    if (deleting && !finalizer)
        return;
    if (!deleting && !facts->organization) {
        ec_wait(plan, EC_BASE, "Organization %s is not there", p.organization);
        return;
    }
    if (!deleting) {
        if (!finalizer)
            ec_do(plan, EC_BASE, EC_STEP_FINALIZER, json_pack("{s:b}", "present", 1));
        plan_protection(&p);
        for (size_t i = 0; i < facts->environment_count; i++)
            plan_environment(&p, &facts->environments[i]);
    }
    ec_secrets_remove(facts, observed, plan);
    ec_vclusters all;
    ec_vclusters_of_organization(facts->sovereign, p.organization, &all);
    for (size_t i = 0; i < all.count; i++)
        plan_removal_in(&p, &all.items[i]);
    if (deleting && !ec_plan_has(plan, EC_REMOVAL, EC_WAIT))
        ec_do(plan, EC_REMOVAL, EC_STEP_FINALIZER, json_pack("{s:b}", "present", 0));
}
