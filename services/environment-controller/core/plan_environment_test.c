/* An Environment's plan, as text; and where placements put it. */
#define EC_PLAN_TEST_MAIN
#include "core/plan_environment.h"

#include "core/plan_test_parts.h"

#define READY_ORGANIZATION "{metadata: {name: acme}, status: {conditions: [{type: AccountReady, status: 'True'}]}}"

#define DEFINITION(established, version, served)                                                                                 \
    "{spec: {versions: [{name: " version ", served: " served                                                                     \
    "}]}, status: {conditions: [{type: Established, status: '" established "'}]}}"
#define NOTHING "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" /* the digest of a kubeconfig without text */
#define TOKEN "NzAwZjhhNzEwNzc0Mzg5NDhlNjhjNTJmOTA0MjFkM2YzMzYxYjUzM2Q3NDZkOTA2NjhiY2U0ZGM4YTM4NzgxMg=="

static json_t *environment(const char *name, const char *metadata)
{
    cat_autofree char *text = cat_printf("{apiVersion: catalyst.openova.io/v1alpha1, kind: Environment, metadata: {name: %s, "
                                         "namespace: acme%s}, spec: {envType: dev}}",
                                         name, metadata);
    return test_json(text);
}

static void expect_plan(const ec_environment_facts *facts, const ec_observed *observed, const char *expected)
{
    cat_auto(ec_plan) plan = {0};
    ec_plan_environment(facts, observed, &plan);
    cat_autofree char *text = ec_plan_text(&plan);
    EXPECT_TEXT(text, expected);
}

TEST("an Environment waits for the account of its Organization")
{
    cat_autojson json_t *object = environment("acme-dev", ""), *organization = test_json("{metadata: {name: acme}}"),
                        *sovereign = test_json(SOVEREIGN);
    ec_environment_facts facts = {
        .settings = &SETTINGS, .environment = object, .organization = organization, .sovereign = sovereign};
    cat_auto(ec_observed) observed;
    ec_observed_init(&observed);
    expect_plan(&facts, &observed,
                "base: finalizer {\"present\":true}\n"
                "spine: wait: the event account of Organization acme is not ready yet\n"
                "flux: wait: vcluster " VCLUSTER " is not there yet\n");
}

TEST("an Environment whose policyRef does not agree with the policy says so, and one whose policy applies to it does not")
{
    static const struct {
        const char *policies, *line;
    } ROWS[] = {{"[]", "protection: refuse: acme-dev names the policy careful, and there is none of this name: add it, or take "
                       "policyRef away\n"},
                {"[{metadata: {name: careful}, spec: {appliesTo: {environments: [acme-prod]}}}]",
                 "protection: refuse: acme-dev names the policy careful, which does not apply to it: add acme-dev to its "
                 "appliesTo.environments, or take policyRef away\n"},
                {"[{metadata: {name: careful}, spec: {appliesTo: {environments: [acme-dev]}}}]", ""}};
    cat_autojson json_t *object = environment("acme-dev", ""), *organization = test_json(READY_ORGANIZATION),
                        *sovereign = test_json(SOVEREIGN);
    cat_json_set_text(object, "spec.policyRef.name", "careful");
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        cat_test_row("%s", ROWS[i].policies);
        cat_autojson json_t *policies = test_json(ROWS[i].policies);
        ec_environment_facts facts = {.settings = &SETTINGS,
                                      .environment = object,
                                      .organization = organization,
                                      .sovereign = sovereign,
                                      .policies = policies};
        cat_auto(ec_observed) observed;
        ec_observed_init(&observed);
        cat_auto(ec_plan) plan = {0};
        ec_plan_environment(&facts, &observed, &plan);
        cat_autofree char *text = ec_plan_text(&plan);
        EXPECT(strstr(text, ROWS[i].line) != NULL);
        EXPECT((strstr(text, "refuse") != NULL) == (ROWS[i].line[0] != 0));
    }
}

TEST("an Environment for which there is no host cluster says what it asks for and what there is")
{
    cat_autojson json_t *object =
                            test_json("{apiVersion: catalyst.openova.io/v1alpha1, kind: Environment, metadata: {name: acme-dev, "
                                      "namespace: acme}, spec: {envType: dev, placement: {regions: [mars, moon]}}}"),
                        *organization = test_json("{metadata: {name: acme}}"),
                        *sovereign =
                            test_json("{spec: {hostClusters: [{name: hz-nbg-rtz-prod, region: nbg, roles: [workload]}, {name: "
                                      "hz-fsn-rtz-prod, region: fsn, roles: [workload]}, {name: hz-hel-mgt-prod, region: hel, "
                                      "roles: [management]}]}}");
    ec_environment_facts facts = {
        .settings = &SETTINGS, .environment = object, .organization = organization, .sovereign = sovereign};
    cat_auto(ec_observed) observed;
    ec_observed_init(&observed);
    expect_plan(
        &facts, &observed,
        "base: finalizer {\"present\":true}\n"
        "spine: wait: the event account of Organization acme is not ready yet\n"
        "flux: wait: no host cluster of the Sovereign fits the placement, which asks for mars, moon: there are some in nbg, "
        "fsn\n");
}

TEST("an Environment of an Organization that is not there says so, and is not held when it is deleted")
{
    cat_autojson json_t *object = environment("acme-dev", ""), *held = environment("acme-dev", ", " DELETING),
                        *leaving = test_json("{metadata: {name: acme, deletionTimestamp: '2026-11-24T08:00:00Z'}}");
    ec_environment_facts facts = {.settings = &SETTINGS, .environment = object};
    cat_auto(ec_observed) observed;
    ec_observed_init(&observed);
    expect_plan(&facts, &observed, "base: wait: Organization acme is not there\n");
    facts.organization = leaving;
    expect_plan(&facts, &observed, "base: wait: Organization acme is being removed\n");
    facts.organization = NULL;
    facts.environment = held;
    expect_plan(&facts, &observed, "removal: finalizer {\"present\":false}\n");
}

TEST("a spine that does not answer takes nothing from an Environment that was there")
{
    cat_autojson json_t *object = environment("acme-dev", ", " FINALIZERS), *sovereign = test_json(SOVEREIGN),
                        *organization =
                            test_json("{metadata: {name: acme}, status: {conditions: [{type: AccountReady, status: Unknown}]}}");
    ec_environment_facts facts = {.settings = &SETTINGS,
                                  .environment = object,
                                  .organization = organization,
                                  .sovereign = sovereign,
                                  .spine_asserted = true};
    cat_auto(ec_observed) observed;
    ec_observed_init(&observed);
    expect_plan(&facts, &observed, "flux: wait: vcluster " VCLUSTER " is not there yet\n");
}

TEST("an Environment gets stream and bucket, and Flux's credentials in its vcluster")
{
    cat_autojson json_t *object = environment("acme-dev", ", " FINALIZERS), *organization = test_json(READY_ORGANIZATION),
                        *sovereign = test_json(SOVEREIGN);
    ec_environment_facts facts = {.settings = &SETTINGS,
                                  .environment = object,
                                  .organization = organization,
                                  .sovereign = sovereign,
                                  .flux_token = "token"};
    cat_auto(ec_observed) observed;
    ec_observed_init(&observed);
    expect_plan(&facts, &observed,
                "spine: stream and bucket {\"organization\":\"acme\",\"environment\":\"acme-dev\"}\n"
                "flux: wait: vcluster " VCLUSTER " is not there yet\n");
    test_put(&observed, "management Secret acme vc-" VCLUSTER, "{metadata: {name: x}}");
    expect_plan(&facts, &observed,
                "spine: stream and bucket {\"organization\":\"acme\",\"environment\":\"acme-dev\"}\n"
                "flux: apply Namespace on " VCLUSTER ": flux-system\n"
                "flux: apply ValidatingAdmissionPolicy on " VCLUSTER ": catalyst-home\n"
                "flux: apply ValidatingAdmissionPolicyBinding on " VCLUSTER ": catalyst-home\n"
                "flux: apply ValidatingAdmissionPolicy on " VCLUSTER ": catalyst-reach\n"
                "flux: apply ValidatingAdmissionPolicyBinding on " VCLUSTER ": catalyst-reach\n"
                "flux: apply Secret on " VCLUSTER ": flux-system/gitea-read\n"
                "flux: apply ServiceAccount on " VCLUSTER ": flux-system/catalyst-projector\n"
                "flux: apply Role on " VCLUSTER ": flux-system/catalyst-projector\n"
                "flux: apply RoleBinding on " VCLUSTER ": flux-system/catalyst-projector\n"
                "flux: projector's account {\"organization\":\"acme\",\"cluster\":\"" VCLUSTER "\",\"digest\":\"" NOTHING "\"}\n"
                "flux: wait: Flux is not installed in vcluster " VCLUSTER " yet\n"
                "flux: informer {\"organization\":\"acme\",\"cluster\":\"" VCLUSTER "\"}\n");
}

TEST("an Organization's Secret with pull credentials that is broken is told of, and holds nothing else back")
{
    cat_autojson json_t *object = environment("acme-dev", ", " FINALIZERS), *organization = test_json(READY_ORGANIZATION),
                        *sovereign = test_json(SOVEREIGN);
    ec_environment_facts facts = {.settings = &SETTINGS,
                                  .environment = object,
                                  .organization = organization,
                                  .sovereign = sovereign,
                                  .spine_asserted = true};
    cat_auto(ec_observed) observed;
    ec_observed_init(&observed);
    test_put(&observed, "management Secret acme pull-credentials", "{type: Opaque, data: {password: c2VjcmV0}}");
    expect_plan(&facts, &observed,
                "pull: refuse: Secret acme/pull-credentials: it is of type Opaque, not kubernetes.io/dockerconfigjson\n"
                "flux: wait: vcluster " VCLUSTER " is not there yet\n");
}

TEST("Flux in a vcluster tells Catalyst what happens once somebody there can send it")
{
    static const struct {
        const char *provider, *alert;
        bool told;
    } rows[] = {
        {"null", "null", false},
        {DEFINITION("True", "v1beta3", "true"), "null", false},
        {DEFINITION("True", "v1beta3", "true"), DEFINITION("False", "v1beta3", "true"), false},
        {DEFINITION("True", "v1beta2", "true"), DEFINITION("True", "v1beta3", "true"), false},
        {DEFINITION("True", "v1beta3", "true"), DEFINITION("True", "v1beta3", "false"), false},
        {DEFINITION("True", "v1beta3", "true"), DEFINITION("True", "v1beta3", "true"), true},
    };
    cat_autojson json_t *object = environment("acme-dev", ", " FINALIZERS), *organization = test_json(READY_ORGANIZATION),
                        *sovereign = test_json(SOVEREIGN);
    ec_environment_facts facts = {.settings = &SETTINGS,
                                  .environment = object,
                                  .organization = organization,
                                  .sovereign = sovereign,
                                  .flux_token = "token",
                                  .spine_asserted = true};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cat_test_row("%zu", i);
        cat_auto(ec_observed) observed;
        ec_observed_init(&observed);
        test_put(&observed, "management Secret acme vc-" VCLUSTER, "{metadata: {name: x}}");
        test_put(&observed, VCLUSTER " CustomResourceDefinition - providers.notification.toolkit.fluxcd.io", rows[i].provider);
        test_put(&observed, VCLUSTER " CustomResourceDefinition - alerts.notification.toolkit.fluxcd.io", rows[i].alert);
        cat_auto(ec_plan) plan = {0};
        ec_plan_environment(&facts, &observed, &plan);
        const json_t *provider = test_applied(&plan, "Provider", "catalyst-notifications"),
                     *alert = test_applied(&plan, "Alert", "catalyst-notifications"),
                     *secret = test_applied(&plan, "Secret", "catalyst-notifications");
        EXPECT((provider != NULL) == rows[i].told);
        EXPECT((alert != NULL) == rows[i].told);
        EXPECT((secret != NULL) == rows[i].told);
        if (!rows[i].told)
            continue;
        EXPECT_TEXT(cat_json_text(provider, "spec.type"), "generic-hmac");
        EXPECT_TEXT(cat_json_text(provider, "spec.address"),
                    "https://catalyst.example.org/hooks/flux?organization=acme&cluster=" VCLUSTER);
        EXPECT_TEXT(cat_json_text(provider, "spec.secretRef.name"), "catalyst-notifications");
        EXPECT_TEXT(cat_json_text(alert, "spec.providerRef.name"), "catalyst-notifications");
        /* The hexadecimal HMAC-SHA-256 of "acme" under "secret", in base64. */
        EXPECT_TEXT(cat_json_text(secret, "data.token"), TOKEN);
        test_carry_out(&plan, &observed);
        ec_plan_finish(&plan);
        ec_plan_environment(&facts, &observed, &plan);
        EXPECT(!ec_plan_has(&plan, EC_FLUX, EC_APPLY));
    }
}

TEST("a vcluster that does not answer is waited for, with why")
{
    cat_autojson json_t *object = environment("acme-dev", ", " FINALIZERS), *organization = test_json(READY_ORGANIZATION),
                        *sovereign = test_json(SOVEREIGN);
    ec_environment_facts facts = {.settings = &SETTINGS,
                                  .environment = object,
                                  .organization = organization,
                                  .sovereign = sovereign,
                                  .flux_token = "token",
                                  .spine_asserted = true};
    cat_auto(ec_observed) observed;
    ec_observed_init(&observed);
    test_put(&observed, "management Secret acme vc-" VCLUSTER, "{metadata: {name: x}}");
    json_object_set_new(observed.unreachable, VCLUSTER, json_string("connection refused"));
    expect_plan(&facts, &observed, "flux: wait: cluster " VCLUSTER " does not answer: connection refused\n");
}

TEST("an Environment that is called otherwise than its Organization and type is refused")
{
    cat_autojson json_t *object = environment("blue-dev", "");
    ec_environment_facts facts = {.settings = &SETTINGS, .environment = object};
    cat_auto(ec_observed) observed;
    ec_observed_init(&observed);
    expect_plan(&facts, &observed, "base: refuse: an Environment in namespace acme is called acme-dev, not blue-dev\n");
}

TEST("an Environment stays until no Application runs in it, then its stream goes")
{
    cat_autojson json_t *object = environment("acme-dev", ", " DELETING);
    ec_environment_facts facts = {.settings = &SETTINGS, .environment = object};
    cat_auto(ec_observed) observed;
    ec_observed_init(&observed);
    test_put(&observed, "management Application acme ?", "[{metadata: {name: blog}, spec: {environments: [acme-dev]}}]");
    expect_plan(&facts, &observed, "removal: wait: Application blog still runs in it; remove it from there first\n");
    test_put(&observed, "management Application acme ?", "[{metadata: {name: blog}, spec: {environments: [acme-prod]}}]");
    test_put(&observed, "management Secret catalyst-environment-controller nats-acme", "{metadata: {name: nats-acme}}");
    expect_plan(&facts, &observed,
                "removal: remove stream and bucket {\"organization\":\"acme\",\"environment\":\"acme-dev\"}\n"
                "removal: finalizer {\"present\":false}\n");
}

TEST("a placement chooses one vcluster a region, the first that fits its building blocks")
{
    static const char sovereign_text[] =
        "{spec: {defaultPlacement: {regions: [fsn], buildingBlocks: [rtz]}, hostClusters: ["
        "{name: hz-nbg-mgt-prod, region: nbg, roles: [management]}, {name: hz-fsn-dmz-prod, region: fsn, roles: [workload], "
        "kubeconfigSecret: {name: a}},"
        "{name: hz-fsn-rtz-prod, region: fsn, roles: [workload], kubeconfigSecret: {name: b}},"
        "{name: hz-hel-rtz-prod, region: hel, roles: [workload], kubeconfigSecret: {name: c}}]}}";
    static const struct {
        const char *placement, *expected;
    } rows[] = {
        {"{}", "hz-fsn-rtz-prod-acme "},
        {"{mode: single-region, regions: [hel]}", "hz-hel-rtz-prod-acme "},
        {"{mode: active-active, regions: [fsn, hel]}", "hz-fsn-rtz-prod-acme hz-hel-rtz-prod-acme "},
        {"{mode: active-active, regions: [fsn, hel], buildingBlocks: [dmz]}", "hz-fsn-dmz-prod-acme "},
        {"{regions: [sin]}", ""},
    };
    cat_autojson json_t *sovereign = test_json(sovereign_text);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cat_test_row("%s", rows[i].placement);
        cat_autofree char *text = cat_printf("{metadata: {name: acme-prod}, spec: {placement: %s}}", rows[i].placement);
        cat_autojson json_t *object = test_json(text);
        ec_vclusters vclusters;
        ec_vclusters_of_environment(sovereign, object, "acme", &vclusters);
        cat_auto(cat_string) names = CAT_STRING(4096);
        for (size_t at = 0; at < vclusters.count; at++)
            cat_string_appendf(&names, "%s ", vclusters.items[at].name);
        EXPECT_TEXT(cat_string_get(&names), rows[i].expected);
    }
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
