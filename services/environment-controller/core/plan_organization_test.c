/* An Organization's plan, as text. */
#define EC_PLAN_TEST_MAIN
#include "core/plan_organization.h"

#include "core/plan_test_parts.h"
#include "domain/spine_rights.h"

#define ACCOUNT                                                                                                                  \
    "{publicKey: AKEY, signingKey: ASIGN, wanted: {disk_storage: 100, streams: 11}, shown: true, "                               \
    "claims: {limits: {disk_storage: 100, streams: 11, subs: -1}, signing_keys: [ASIGN], default_permissions: {pub: {deny: "     \
    "[\">\"]}}}}"
/* 2026-11-29T11:00:00Z */
#define NOW_MS INT64_C(1795950000000)

typedef struct {
    json_t *organization, *sovereign, *people, *account;
    ec_organization_facts facts;
    ec_observed observed;
    ec_plan plan;
} fixture;

static void fixture_cleanup(fixture *f)
{
    json_decref(f->organization);
    json_decref(f->sovereign);
    json_decref(f->people);
    json_decref(f->account);
    ec_observed_finish(&f->observed);
    ec_plan_finish(&f->plan);
}

static void begin(fixture *f, const char *metadata, const char *account)
{
    cat_autofree char *text = cat_printf(
        "{apiVersion: catalyst.openova.io/v1alpha1, kind: Organization, metadata: {name: acme, %s}, spec: {displayName: "
        "Acme, plan: small}}",
        metadata);
    f->organization = test_json(text);
    f->sovereign = test_json(SOVEREIGN);
    f->people = test_json(
        "{users: [{login: fatma, email: f@example.org, name: Fatma}], teams: {viewers: [], developers: [fatma], admins: []}}");
    f->account = account ? test_json(account) : NULL;
    f->facts = (ec_organization_facts){.settings = &SETTINGS,
                                       .organization = f->organization,
                                       .sovereign = f->sovereign,
                                       .people = f->people,
                                       .now_ms = NOW_MS,
                                       .account = f->account};
    ec_observed_init(&f->observed);
}

static void plan(fixture *f)
{
    ec_plan_finish(&f->plan);
    ec_plan_organization(&f->facts, &f->observed, &f->plan);
}

static void expect_section(const fixture *f, ec_section section, const char *expected)
{
    cat_autofree char *text = test_section(&f->plan, section);
    EXPECT_TEXT(text, expected);
}

TEST("a new Organization gets a finalizer, its namespaces and its keys before anything else")
{
    cat_auto(fixture) f = {0};
    begin(&f, "generation: 1", NULL);
    plan(&f);
    expect_section(&f, EC_BASE,
                   "finalizer {\"present\":true}\n"
                   "apply Namespace on management: acme\n"
                   "apply Namespace on management: catalyst-secrets-acme\n"
                   "apply Role on management: catalyst-secrets-acme/provisioning\n"
                   "apply RoleBinding on management: catalyst-secrets-acme/provisioning\n"
                   "make the Organization's keys {\"organization\":\"acme\"}\n");
    expect_section(&f, EC_ACCOUNT, "wait: the Organization's keys are being made\n");
}

TEST("Git gets the organization, people as users, teams by role, and a token for Flux")
{
    cat_auto(fixture) f = {0};
    begin(&f, "generation: 1", NULL);
    plan(&f);
    expect_section(
        &f, EC_GIT,
        "Git organization {\"name\":\"acme\",\"displayName\":\"Acme\"}\n"
        "Git user {\"login\":\"fatma\",\"email\":\"f@example.org\",\"name\":\"Fatma\"}\n"
        "Git user {\"login\":\"flux-acme\",\"email\":\"flux-acme@example.org\",\"name\":\"Flux of acme\"}\n"
        "Git team {\"organization\":\"acme\",\"team\":\"viewers\",\"permission\":\"read\",\"members\":[]}\n"
        "Git team {\"organization\":\"acme\",\"team\":\"developers\",\"permission\":\"write\",\"members\":[\"fatma\"]}\n"
        "Git team {\"organization\":\"acme\",\"team\":\"admins\",\"permission\":\"write\",\"members\":[]}\n"
        "Git team {\"organization\":\"acme\",\"team\":\"publishers\",\"permission\":\"write\"}\n"
        "Git team {\"organization\":\"acme\",\"team\":\"writers-dev\",\"permission\":\"write\"}\n"
        "Git team {\"organization\":\"acme\",\"team\":\"writers-stg\",\"permission\":\"write\"}\n"
        "Git team {\"organization\":\"acme\",\"team\":\"writers-uat\",\"permission\":\"write\"}\n"
        "Git team {\"organization\":\"acme\",\"team\":\"writers-prod\",\"permission\":\"write\"}\n"
        "Git team {\"organization\":\"acme\",\"team\":\"writers-poc\",\"permission\":\"write\"}\n"
        "Git team {\"organization\":\"acme\",\"team\":\"services\",\"permission\":\"read\",\"members\":[\"catalyst-projector\","
        "\"catalyst-blueprints\",\"flux-acme\"]}\n"
        "Git repository {\"owner\":\"acme\",\"name\":\"shared-blueprints\"}\n"
        "Git protection {\"owner\":\"acme\",\"name\":\"shared-blueprints\",\"rule\":{\"rule_name\":\"main\",\"enable_push\":true,"
        "\"enable_push_whitelist\":true,\"push_whitelist_teams\":[\"publishers\"],\"push_whitelist_usernames\":[\"catalyst-"
        "environment\"],\"enable_merge_whitelist\":true,\"merge_whitelist_teams\":[\"publishers\"],\"merge_whitelist_usernames\":"
        "["
        "\"catalyst-environment\"]}}\n"
        "Git tag protection "
        "{\"owner\":\"acme\",\"name\":\"shared-blueprints\",\"rule\":{\"name_pattern\":\"/.*/\",\"whitelist_teams\":["
        "\"publishers\"],\"whitelist_usernames\":[\"catalyst-environment\"]}}\n"
        "Git webhook {\"organization\":\"acme\"}\n"
        "Git token {\"organization\":\"acme\",\"login\":\"flux-acme\"}\n"
        "remember that Git is as asked {\"organization\":\"acme\"}\n");
}

TEST("people who cannot be read leave teams as they are, and Git is not called as asked")
{
    cat_auto(fixture) f = {0};
    begin(&f, "generation: 1", NULL);
    f.facts.people = NULL;
    f.facts.people_problem = "no answer";
    f.facts.has_flux_token = true;
    plan(&f);
    cat_autofree char *text = test_section(&f.plan, EC_GIT);
    EXPECT(strstr(text, "unknown: people cannot be read: no answer\n") == text);
    EXPECT(strstr(text, "\"team\":\"developers\",\"permission\":\"write\"}\n") != NULL);
    EXPECT(strstr(text, "remember") == NULL);
}

TEST("a spine that does not answer holds back the account alone")
{
    cat_auto(fixture) f = {0};
    begin(&f, "generation: 1, " FINALIZERS, NULL);
    f.facts.account_problem = "no answer within 5 s";
    plan(&f);
    expect_section(&f, EC_ACCOUNT, "unknown: the event account cannot be looked at: no answer within 5 s\n");
    EXPECT(ec_plan_has(&f.plan, EC_GIT, EC_DO));
    EXPECT(ec_plan_has(&f.plan, EC_VCLUSTER, EC_APPLY));
    EXPECT(ec_plan_has(&f.plan, EC_SOURCE, EC_APPLY));
}

TEST("a Keycloak for each Organization is refused with what to do")
{
    cat_auto(fixture) f = {0};
    begin(&f, "generation: 1", NULL);
    plan(&f);
    expect_section(&f, EC_IDENTITY, "");
    cat_json_set_text(f.sovereign, "spec.keycloakTopology", "per-organization");
    plan(&f);
    expect_section(&f, EC_IDENTITY, "refuse: " EC_IDENTITY_NOT_SHARED "\n");
}

static void put_credentials(fixture *f, const char *key, const char *rights_of, const char *account, const char *renew_at)
{
    char digest[65];
    cat_spine_rights_digest(rights_of, CAT_SPINE_ORGANIZATION, digest);
    cat_autofree char *text = cat_printf("{metadata: {name: nats-acme, annotations: {openova.io/nats-account: %s, "
                                         "openova.io/nats-rights: \"%s\", openova.io/nats-renew-at: \"%s\"}}}",
                                         account, digest, renew_at);
    test_put(&f->observed, key, text);
}

TEST("what was asserted a short while ago is left alone")
{
    cat_auto(fixture) f = {0};
    begin(&f, "generation: 1, " FINALIZERS, ACCOUNT);
    f.facts.git_asserted = f.facts.has_flux_token = f.facts.dead_letter = true;
    for (size_t i = 0; EC_ACCOUNT_SERVICES[i]; i++) {
        cat_autofree char *namespace = cat_printf("catalyst-%s", EC_ACCOUNT_SERVICES[i]);
        cat_autofree char *key = ec_key(EC_MANAGEMENT, "Secret", namespace, "nats-acme");
        put_credentials(&f, key, EC_ACCOUNT_SERVICES[i], "AKEY", "2026-11-29T12:00:00Z");
    }
    plan(&f);
    expect_section(&f, EC_GIT, "");
    expect_section(&f, EC_ACCOUNT, "");
}

TEST("credentials of another account, with other rights, without an end or near it are made anew")
{
    static const char *const KEY = "management Secret catalyst-billing nats-acme";
    static const struct {
        const char *what, *service, *account, *renew_at;
    } rows[] = {{"another account", "billing", "AOLD", "2026-11-29T12:00:00Z"},
                {"another release's rights", "projector", "AKEY", "2026-11-29T12:00:00Z"},
                {"half of their life is over", "billing", "AKEY", "2026-11-29T11:00:00Z"},
                {"no end", "billing", "AKEY", "never"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cat_test_row("%s", rows[i].what);
        cat_auto(fixture) f = {0};
        begin(&f, "generation: 1, " FINALIZERS, ACCOUNT);
        put_credentials(&f, KEY, rows[i].service, rows[i].account, rows[i].renew_at);
        plan(&f);
        cat_autofree char *text = test_section(&f.plan, EC_ACCOUNT);
        EXPECT(strstr(text, "credentials of the event account {\"organization\":\"acme\",\"service\":\"billing\"}\n") != NULL);
    }
}

TEST("an account whose limits on the server differ is pushed, and checked")
{
    static const struct {
        const char *what, *account;
    } rows[] = {
        {"no claims", "{publicKey: AKEY, signingKey: ASIGN, wanted: {disk_storage: 100}, claims: null, shown: false}"},
        {"other limits", "{publicKey: AKEY, signingKey: ASIGN, wanted: {disk_storage: 100}, shown: true, claims: {limits: "
                         "{disk_storage: 50}, signing_keys: [ASIGN]}}"},
        {"users that name nothing may everything",
         "{publicKey: AKEY, signingKey: ASIGN, wanted: {disk_storage: 100}, shown: true, claims: {limits: "
         "{disk_storage: 100}, signing_keys: [ASIGN], default_permissions: {pub: {}, sub: {}}}}"},
        {"another signing key", "{publicKey: AKEY, signingKey: ASIGN, wanted: {disk_storage: 100}, shown: true, claims: {limits: "
                                "{disk_storage: 100}, signing_keys: [AX]}}"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cat_test_row("%s", rows[i].what);
        cat_auto(fixture) f = {0};
        begin(&f, "generation: 1", rows[i].account);
        plan(&f);
        cat_autofree char *text = test_section(&f.plan, EC_ACCOUNT);
        EXPECT(strstr(text, "push the event account {\"organization\":\"acme\",\"account\":\"AKEY\"}\n") == text);
        EXPECT(strstr(text, "credentials of the event account {\"organization\":\"acme\",\"service\":\"billing\"}\n") != NULL);
        EXPECT(strstr(text, "check the event account's limits") != NULL);
    }
}

TEST("a vcluster is asked for on every host cluster for workloads, and its kubeconfig waited for")
{
    cat_auto(fixture) f = {0};
    begin(&f, "generation: 1", ACCOUNT);
    plan(&f);
    expect_section(&f, EC_VCLUSTER,
                   "apply HelmRelease on management: acme/" VCLUSTER "\n"
                   "wait: Secret acme/vc-" VCLUSTER " with the kubeconfig of vcluster " VCLUSTER " is not there yet\n");
    EXPECT_TEXT(cat_object_label(test_applied(&f.plan, "HelmRelease", VCLUSTER), "catalyst.openova.io/vcluster"), "true");
    test_carry_out(&f.plan, &f.observed);
    test_put(&f.observed, "management Secret acme vc-" VCLUSTER, "{metadata: {name: vc}}");
    plan(&f);
    expect_section(&f, EC_VCLUSTER, "informer {\"organization\":\"acme\",\"cluster\":\"" VCLUSTER "\"}\n");
}

TEST("the branch of the Organization is applied by the host's Flux under an account of its own")
{
    cat_auto(fixture) f = {0};
    begin(&f, "generation: 1", ACCOUNT);
    test_put(
        &f.observed, "management GitRepository flux-system catalyst-config",
        "{metadata: {name: catalyst-config}, spec: {url: 'http://git/system/catalyst-config.git', secretRef: {name: read}}}");
    test_put(&f.observed, "management Secret flux-system read", "{metadata: {name: read}, data: {username: eA==}}");
    plan(&f);
    expect_section(&f, EC_SOURCE,
                   "apply ServiceAccount on management: acme/flux\n"
                   "apply Role on management: acme/flux\n"
                   "apply RoleBinding on management: acme/flux\n"
                   "apply Secret on management: acme/catalyst-config-read\n"
                   "apply GitRepository on management: acme/catalyst-config\n"
                   "apply Kustomization on management: acme/catalyst-config\n"
                   "wait: branch org/acme of system/catalyst-config: it is not there yet\n");
    const json_t *repository = test_applied(&f.plan, "GitRepository", "catalyst-config");
    EXPECT_TEXT(cat_json_text(repository, "spec.ref.branch"), "org/acme");
    EXPECT_TEXT(cat_json_text(repository, "spec.url"), "http://git/system/catalyst-config.git");
    EXPECT_TEXT(cat_json_text(test_applied(&f.plan, "Kustomization", "catalyst-config"), "spec.serviceAccountName"), "flux");
    cat_autofree char *rules = cat_json_format(cat_json_get(test_applied(&f.plan, "Role", "flux"), "rules"));
    EXPECT_TEXT(rules, "[{\"apiGroups\":[\"catalyst.openova.io\"],\"resources\":[\"environments\",\"applications\"],\"verbs\":"
                       "[\"get\",\"list\",\"watch\",\"create\",\"update\",\"patch\",\"delete\"]}]");
}

TEST("deleting runs backwards: Flux, Applications, vclusters, account, and only then the finalizer")
{
    cat_auto(fixture) f = {0};
    begin(&f, DELETING, ACCOUNT);
    test_put(&f.observed, "management Kustomization acme catalyst-config", "{metadata: {name: catalyst-config}}");
    plan(&f);
    expect_section(&f, EC_REMOVAL,
                   "delete Kustomization on management: acme/catalyst-config\n"
                   "wait: the host's Flux is removing the Organization's Applications and Environments\n");
    ec_observed_set(&f.observed, "management Kustomization acme catalyst-config", json_null());
    test_put(&f.observed, "management Application acme ?", "[{metadata: {name: blog}}]");
    plan(&f);
    expect_section(&f, EC_REMOVAL,
                   "delete Application on management: acme/blog\n"
                   "wait: 1 Applications of the Organization are still being removed\n");
    test_put(&f.observed, "management Application acme ?", "[]");
    test_put(&f.observed, "management Environment acme ?", "[]");
    test_put(&f.observed, "management HelmRelease acme " VCLUSTER, "{metadata: {name: x}}");
    test_put(&f.observed, "management Secret acme vc-" VCLUSTER, "{metadata: {name: x}}");
    test_put(&f.observed, VCLUSTER " PersistentVolumeClaim - ?", "[{metadata: {name: data}}]");
    plan(&f);
    expect_section(&f, EC_REMOVAL,
                   "wait: vcluster " VCLUSTER
                   " still holds 1 volumes; delete them, or annotate the Organization with openova.io/delete-data: acme\n");
    test_put(&f.observed, VCLUSTER " PersistentVolumeClaim - ?", "[]");
    plan(&f);
    expect_section(&f, EC_REMOVAL,
                   "delete HelmRelease on management: acme/" VCLUSTER "\n"
                   "wait: vcluster " VCLUSTER " is being removed\n");
    ec_observed_set(&f.observed, "management HelmRelease acme " VCLUSTER, json_null());
    plan(&f);
    expect_section(&f, EC_REMOVAL,
                   "archive Git repositories {\"organization\":\"acme\"}\n"
                   "remove the event account {\"organization\":\"acme\"}\n"
                   "delete Secret on management: catalyst-environment-controller/nats-acme\n"
                   "delete Secret on management: catalyst-projector/nats-acme\n"
                   "delete Secret on management: catalyst-provisioning/nats-acme\n"
                   "delete Secret on management: catalyst-billing/nats-acme\n"
                   "delete Secret on management: catalyst-environment-controller/organization-acme\n"
                   "delete Secret on management: catalyst-projector/vc-" VCLUSTER "\n"
                   "delete Namespace on management: acme\n"
                   "finalizer {\"present\":false}\n");
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
