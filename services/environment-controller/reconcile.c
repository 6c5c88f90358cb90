#include "reconcile.h"

#include <stdio.h>
#include <string.h>

#include "apply/apply.h"
#include "base/log.h"
#include "base/memory.h"
#include "core/plan_organization.h"
#include "core/reconcile_key.h"
#include "core/resources.h"
#include "domain/source.h"
#include "informers/informer.h"
#include "observe.h"
#include "organizations.h"
#include "people_mirror.h"
#include "repository.h"
#include "status.h"

static int reconcile_sovereign(ec_controller *controller, const char *name, cat_error *error)
{
    const char *const organizations[] = {CAT_ORGANIZATION_SYSTEM, cat_source_word(CAT_SOURCE_CATALOG, NULL),
                                         cat_source_word(CAT_SOURCE_CURATED, NULL)};
    static const char *const events[] = {"push", "pull_request", NULL};
    cat_autojson json_t *sovereign = NULL;
    int code = ec_observe_object(controller, "Sovereign", NULL, name, &sovereign, error);
    if (code < 0 || !sovereign || cat_object_is_deleting(sovereign))
        return code;
    cat_error failed = {0};
    for (size_t i = 0; i < sizeof organizations / sizeof *organizations; i++) {
        cat_error one = {0};
        if (cat_gitea_ensure_hook(controller->gitea, organizations[i], controller->config->common.gitea.webhook_url,
                                  controller->webhook_secret, events, NULL, &one) == 0)
            continue;
        cat_error_wrap(&one, "webhook of %s", organizations[i]);
        if (!failed.code)
            failed = one;
    }
    if (failed.code == 0 && !ec_identity_is_shared(sovereign))
        cat_error_set(&failed, CAT_E_UNSUPPORTED, EC_IDENTITY_NOT_SHARED);
    ec_queue_add(controller->queue, "People", NULL, CAT_ORGANIZATION_SYSTEM);
    code = ec_status_sovereign(controller, sovereign, &failed, error);
    return code < 0 ? code : failed.code < 0 ? cat_error_copy(error, &failed) : 0;
}

static void plan_organization(const void *facts, const ec_observed *observed, ec_plan *plan)
{
    ec_plan_organization(facts, observed, plan);
}

static void plan_environment(const void *facts, const ec_observed *observed, ec_plan *plan)
{
    ec_plan_environment(facts, observed, plan);
}

static void plan_application(const void *facts, const ec_observed *observed, ec_plan *plan)
{
    ec_plan_application(facts, observed, plan);
}

static int has_token(ec_controller *controller, const char *organization, char **token, cat_error *error)
{
    cat_autofree char *secret = cat_printf("organization-%s", organization);
    return ec_observe_secret(controller, controller->settings.namespace, secret, "flux-token", token, error);
}

typedef struct {
    char people[CAT_ERROR_MESSAGE_MAX], account[CAT_ERROR_MESSAGE_MAX];
} peer_problems;

/* What an Organization's plan rests on besides Kubernetes. A peer that does not answer holds back its own part alone. */
static int gather_organization(ec_controller *controller, ec_organization_facts *facts, json_t **people, json_t **account,
                               peer_problems *problems, cat_error *error)
{
    const char *name = cat_object_name(facts->organization);
    cat_autofree char *token = NULL;
    int code = has_token(controller, name, &token, error);
    if (code < 0)
        return code;
    facts->has_flux_token = token != NULL;
    if (token)
        cat_wipe(token, strlen(token));
    if (!cat_object_is_deleting(facts->organization)) {
        cat_error failed = {0};
        bool mirrored = controller->people && ec_identity_is_shared(facts->sovereign);
        if (mirrored && ec_people_of(controller->people, name, people, &failed) < 0) {
            snprintf(problems->people, sizeof problems->people, "%s", failed.message);
            facts->people_problem = problems->people;
        }
        facts->people = *people;
        cat_error away = {0};
        if (ec_account_observe(controller, name, cat_json_text_or(facts->organization, "spec.plan", "small"), account, &away) <
            0) {
            snprintf(problems->account, sizeof problems->account, "%s", away.message);
            facts->account_problem = problems->account;
        }
        facts->account = *account;
    }
    cat_autojson json_t *git = ec_organization_git(&controller->settings, facts->organization, *people);
    cat_autofree char *git_key = cat_printf("git/%s", name), *dead_letter_key = cat_printf("spine/%s", name);
    char digest[65];
    cat_json_digest(git, digest);
    facts->git_asserted = ec_asserted_holds(controller->asserted, git_key, digest, EC_ASSERTED_MS);
    facts->dead_letter = ec_asserted_holds(controller->asserted, dead_letter_key, "made", EC_ASSERTED_MS);
    return 0;
}

/* An object that is gone for good: others are told once. */
static bool is_finished(const json_t *object, const ec_plan *plan, const ec_outcome *outcome)
{
    return cat_object_is_deleting(object) &&
           (plan->count == 0 || (ec_outcome_worst(outcome, NULL) == 0 && !ec_plan_has(plan, EC_REMOVAL, EC_WAIT)));
}

static int reconcile_organization(ec_controller *controller, const char *name, int64_t *again_ms, cat_error *error)
{
    cat_autojson json_t *organization = NULL, *sovereign = NULL, *people = NULL, *account = NULL;
    int code = ec_observe_object(controller, "Organization", NULL, name, &organization, error);
    if (code < 0 || !organization)
        return code;
    code = ec_observe_sovereign(controller, &sovereign, error);
    ec_organization_facts facts = {.settings = &controller->settings,
                                   .organization = organization,
                                   .sovereign = sovereign,
                                   .now_ms = cat_clock_system()->wall_ms(cat_clock_system())};
    peer_problems problems;
    if (code == 0)
        code = gather_organization(controller, &facts, &people, &account, &problems, error);
    if (code < 0)
        return code;
    cat_auto(ec_observed) observed;
    ec_observed_init(&observed);
    cat_auto(ec_plan) plan = {0};
    code = ec_observe(controller, name, plan_organization, &facts, &observed, &plan, error);
    if (code < 0)
        return code;
    ec_outcome outcome;
    ec_apply(controller, name, organization, &plan, &outcome);
    if (is_finished(organization, &plan, &outcome)) {
        cat_accounts_forget(controller->accounts, name);
        cat_autofree char *dead_letter = cat_printf("spine/%s", name);
        ec_asserted_forget(controller->asserted, dead_letter);
        return ec_status_deleted(controller, "organization", organization, error);
    }
    code = ec_status_organization(controller, &facts, &observed, &outcome, error);
    if (code == 0)
        ec_queue_add(controller->queue, "Informer", name, EC_MANAGEMENT);
    *again_ms = 0;
    return code < 0 ? code : ec_outcome_worst(&outcome, error);
}

/* Of every namespace when `namespace` is NULL. */
static int enqueue_all(ec_controller *controller, const char *kind, const char *namespace, cat_error *error)
{
    cat_autojson json_t *objects = NULL;
    int code = cat_kube_list_json(controller->kube, ec_resource(kind), namespace, NULL, &objects, error);
    size_t index;
    json_t *object;
    json_array_foreach(objects, index, object)
        ec_queue_add(controller->queue, kind, cat_object_namespace(object), cat_object_name(object));
    return code;
}

/* Branches are protected with the Application: each has to look again when a policyRef came, went or changed. */
static int tell_applications(ec_controller *controller, const json_t *environment, cat_error *error)
{
    const char *reference = cat_json_text_or(environment, "spec.policyRef.name", "none");
    cat_autofree char *key = cat_printf("policy/%s", cat_object_name(environment));
    if (ec_asserted_holds(controller->asserted, key, reference, 0))
        return 0;
    int code = enqueue_all(controller, "Application", cat_object_namespace(environment), error);
    if (code == 0)
        ec_asserted_set(controller->asserted, key, reference);
    return code;
}

static int list_policies(ec_controller *controller, json_t **policies, cat_error *error)
{
    return cat_kube_list_json(controller->kube, ec_resource("EnvironmentPolicy"), "catalyst-system", NULL, policies, error);
}

static int reconcile_environment(ec_controller *controller, const char *namespace, const char *name, cat_error *error)
{
    cat_autojson json_t *environment = NULL, *organization = NULL, *sovereign = NULL, *informing = NULL, *policies = NULL;
    int code = ec_observe_object(controller, "Environment", namespace, name, &environment, error);
    if (code < 0 || !environment)
        return code;
    code = ec_observe_object(controller, "Organization", NULL, namespace, &organization, error);
    if (code == 0)
        code = ec_observe_sovereign(controller, &sovereign, error);
    cat_autofree char *token = NULL, *key = cat_printf("spine/%s", name);
    if (code == 0)
        code = has_token(controller, namespace, &token, error);
    if (code == 0)
        code = list_policies(controller, &policies, error);
    if (code == 0)
        code = tell_applications(controller, environment, error);
    if (code < 0)
        return code;
    informing = ec_informers_of(controller->informers, namespace, name);
    ec_environment_facts facts = {.settings = &controller->settings,
                                  .now_ms = cat_clock_system()->wall_ms(cat_clock_system()),
                                  .environment = environment,
                                  .organization = organization,
                                  .sovereign = sovereign,
                                  .policies = policies,
                                  .flux_token = token,
                                  .spine_asserted = ec_asserted_holds(controller->asserted, key, "made", EC_ASSERTED_MS),
                                  .informing = informing};
    cat_auto(ec_observed) observed;
    ec_observed_init(&observed);
    cat_auto(ec_plan) plan = {0};
    code = ec_observe(controller, namespace, plan_environment, &facts, &observed, &plan, error);
    if (code < 0)
        return code;
    ec_outcome outcome;
    if (cat_object_is_deleting(environment) && !ec_plan_has(&plan, EC_REMOVAL, EC_WAIT))
        ec_informers_look(controller->informers, namespace); /* they are made anew without it */
    ec_apply(controller, namespace, environment, &plan, &outcome);
    if (token)
        cat_wipe(token, strlen(token));
    ec_queue_add(controller->queue, "Informer", namespace, EC_MANAGEMENT);
    if (is_finished(environment, &plan, &outcome))
        return ec_status_deleted(controller, "environment", environment, error);
    code = ec_status_environment(controller, &facts, &observed, &outcome, error);
    return code < 0 ? code : ec_outcome_worst(&outcome, error);
}

static int apply_application(ec_controller *controller, ec_application_facts *facts, cat_error *error)
{
    const json_t *application = facts->application;
    const char *organization = cat_object_namespace(application);
    cat_auto(ec_observed) observed;
    ec_observed_init(&observed);
    cat_auto(ec_plan) plan = {0};
    int code = ec_observe(controller, organization, plan_application, facts, &observed, &plan, error);
    if (code < 0)
        return code;
    ec_outcome outcome;
    ec_apply(controller, organization, application, &plan, &outcome);
    if (is_finished(application, &plan, &outcome))
        return ec_status_deleted(controller, "application", application, error);
    ec_repository_running(controller, facts, &observed);
    code = ec_status_application(controller, facts, &observed, &outcome, error);
    return code < 0 ? code : ec_outcome_worst(&outcome, error);
}

static bool has_teams(ec_controller *controller, const char *organization)
{
    for (const ec_team *team = EC_TEAMS; team->name; team++) {
        cat_autofree char *key = ec_team_key(organization, team->name);
        if (!ec_asserted_holds(controller->asserted, key, "made", 0))
            return false;
    }
    return true;
}

static int reconcile_application(ec_controller *controller, const char *namespace, const char *name, cat_error *error)
{
    cat_autojson json_t *application = NULL, *organization = NULL, *sovereign = NULL, *policies = NULL, *environments = NULL;
    int code = ec_observe_object(controller, "Application", namespace, name, &application, error);
    if (code < 0 || !application)
        return code;
    code = ec_observe_object(controller, "Organization", NULL, namespace, &organization, error);
    if (code == 0)
        code = ec_observe_sovereign(controller, &sovereign, error);
    if (code == 0)
        code = list_policies(controller, &policies, error);
    if (code == 0)
        code = cat_kube_list_json(controller->kube, ec_resource("Environment"), namespace, NULL, &environments, error);
    if (code < 0)
        return code;
    ec_application_facts facts = {.settings = &controller->settings,
                                  .application = application,
                                  .organization = organization,
                                  .sovereign = sovereign,
                                  .policies = policies,
                                  .environment_objects = environments,
                                  .now_s = cat_clock_system()->wall_ms(cat_clock_system()) / 1000};
    cat_autofree char *key = cat_printf("git/%s/%s", namespace, name);
    code = ec_repository_gather(controller, &facts, error);
    char digest[65];
    ec_application_protection_digest(&facts, digest);
    facts.protection_asserted = ec_asserted_holds(controller->asserted, key, digest, EC_ASSERTED_MS);
    facts.has_teams = has_teams(controller, namespace);
    if (code == 0)
        code = apply_application(controller, &facts, error);
    ec_repository_finish(&facts);
    return code;
}

static int reconcile_policy(ec_controller *controller, const char *namespace, const char *name, cat_error *error)
{
    cat_autojson json_t *policy = NULL;
    int code = ec_observe_object(controller, "EnvironmentPolicy", namespace, name, &policy, error);
    /* Also when the policy went: protection falls back to what every branch has, and who refers to it has to know. */
    if (code == 0)
        code = enqueue_all(controller, "Environment", NULL, error);
    if (code == 0)
        code = enqueue_all(controller, "Application", NULL, error);
    if (code < 0)
        return code;
    return policy ? ec_status_policy(controller, policy, error) : 0;
}

static int mirror_people(ec_controller *controller, const char *name, json_t **people, cat_error *error)
{
    const cat_clock *clock = cat_clock_system();
    int64_t began_ms = clock->wall_ms(clock);
    int code = ec_people_of(controller->people, name, people, error);
    return code < 0 ? code : ec_people_mirror_tell(controller, name, json_object_get(*people, "groups"), began_ms, error);
}

/* Tells services who is in which group, and Git when somebody joined, left or changed roles since it was asserted. The people of
 * the Sovereign itself have no Organization. */
static int look_at_people(ec_controller *controller, const char *name, int64_t *again_ms, cat_error *error)
{
    cat_autojson json_t *organization = NULL, *sovereign = NULL, *people = NULL;
    bool of_system = strcmp(name, CAT_ORGANIZATION_SYSTEM) == 0;
    int code = of_system ? 0 : ec_observe_object(controller, "Organization", NULL, name, &organization, error);
    if (code < 0 || !controller->people)
        return code;
    if (!of_system && (!organization || cat_object_is_deleting(organization)))
        return ec_people_mirror_forget(controller, name, error);
    code = ec_observe_sovereign(controller, &sovereign, error);
    if (code < 0 || !ec_identity_is_shared(sovereign))
        return code;
    /* At one pace, also while the identity provider or the spine is away: a longer wait would be one for who lost a right. */
    *again_ms = EC_PEOPLE_EVERY_MS;
    cat_error failed = {0};
    if (mirror_people(controller, name, &people, &failed) < 0)
        cat_log_warning("people not mirrored", CAT_FIELD("organization", name), CAT_FIELD_ERROR(&failed));
    if (of_system || !people)
        return 0;
    cat_autojson json_t *git = ec_organization_git(&controller->settings, organization, people);
    cat_autofree char *key = cat_printf("git/%s", name);
    char digest[65];
    cat_json_digest(git, digest);
    if (!ec_asserted_holds(controller->asserted, key, digest, 0))
        ec_queue_add(controller->queue, "Organization", NULL, name);
    return 0;
}

static int reconcile_one(ec_controller *controller, const ec_reconcile_key *key, int64_t *again_ms, cat_error *error)
{
    if (strcmp(key->kind, "Gained") == 0)
        return ec_organizations_gained(controller, key->name, error);
    if (strcmp(key->kind, "Application") == 0)
        return reconcile_application(controller, key->namespace, key->name, error);
    if (strcmp(key->kind, "Environment") == 0)
        return reconcile_environment(controller, key->namespace, key->name, error);
    if (strcmp(key->kind, "Organization") == 0)
        return reconcile_organization(controller, key->name, again_ms, error);
    if (strcmp(key->kind, "Informer") == 0)
        return ec_informers_reconcile(controller->informers, key->namespace, key->name, again_ms, error);
    if (strcmp(key->kind, "Flux") == 0)
        return ec_informers_ask_flux(controller->informers, key->namespace, key->name, again_ms, error);
    if (strcmp(key->kind, "People") == 0)
        return look_at_people(controller, key->name, again_ms, error);
    if (strcmp(key->kind, "EnvironmentPolicy") == 0)
        return reconcile_policy(controller, key->namespace, key->name, error);
    if (strcmp(key->kind, "Sovereign") == 0)
        return reconcile_sovereign(controller, key->name, error);
    return cat_error_set_class(error, CAT_E_INTERNAL, CAT_CLASS_STALLED, "nobody reconciles a %.60s", key->kind);
}

/* What names an Organization that is not there is told so by whoever works for the Sovereign. */
static int reconcile_orphan(ec_controller *controller, const ec_reconcile_key *key, int64_t *again_ms, cat_error *error)
{
    bool tells = strcmp(key->kind, "Environment") == 0 || strcmp(key->kind, "Application") == 0;
    if (!tells || cat_shard_knows(controller->shard, key->namespace) || !cat_shard_enter(controller->shard, EC_SOVEREIGNS_OWN))
        return 0;
    cat_autojson json_t *organization = NULL;
    int code = ec_observe_object(controller, "Organization", NULL, key->namespace, &organization, error);
    if (code == 0 && organization)
        ec_organizations_add(controller, key->namespace); /* it has just come: whoever gains it looks at this too */
    else if (code == 0)
        code = reconcile_one(controller, key, again_ms, error);
    cat_shard_leave(controller->shard, EC_SOVEREIGNS_OWN);
    return code;
}

static int reconcile_key(ec_controller *controller, const char *text, int64_t *again_ms, cat_error *error)
{
    ec_reconcile_key key;
    if (!ec_reconcile_key_parse(text, &key))
        return cat_error_set_class(error, CAT_E_INTERNAL, CAT_CLASS_STALLED, "the key %.200s names nothing", text);
    const char *owner = ec_reconcile_key_owner(&key);
    if (!cat_shard_enter(controller->shard, owner)) /* another replica's, or nobody's yet: whoever gains it looks at everything */
        return reconcile_orphan(controller, &key, again_ms, error);
    int code = reconcile_one(controller, &key, again_ms, error);
    cat_shard_leave(controller->shard, owner);
    return code;
}

int ec_reconcile(void *context, const char *text, int64_t *again_ms, cat_error *error)
{
    cat_error failed = {0};
    int code = reconcile_key(context, text, again_ms, &failed);
    ec_await_rights(&failed);
    return code < 0 ? cat_error_copy(error, &failed) : 0;
}
