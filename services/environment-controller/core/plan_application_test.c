/* An Application's plan, as text, and its Flux objects. */
#define EC_PLAN_TEST_MAIN
#include "core/plan_application.h"

#include "core/plan_test_parts.h"

#define READY                                                                                                                    \
    "{metadata: {name: acme-dev, namespace: acme}, spec: {envType: dev}, status: {conditions: [{type: Ready, status: 'True'}]}}"
#define SOURCE                                                                                                                   \
    "{kind: ApplicationSource, metadata: {name: blog}, spec: {blueprint: {source: catalog, name: bp-wordpress, version: "        \
    "1.3.0}, size: small, "                                                                                                      \
    "dependencies: {db: {application: blog-postgres}, cache: {application: a-valkey}}}}"

#define SELECTOR "?openova.io/application=blog,openova.io/organization=acme"

/* ghcr.io, a:b */
#define PULL_SECRET                                                                                                              \
    "{type: kubernetes.io/dockerconfigjson, data: {.dockerconfigjson: eyJhdXRocyI6eyJnaGNyLmlvIjp7ImF1dGgiOiJZVHBpIn19fQ==}}"

typedef struct {
    json_t *application, *organization, *sovereign, *environment, *source;
    ec_application_facts facts;
    ec_observed observed;
    ec_plan plan;
} fixture;

static void fixture_cleanup(fixture *f)
{
    json_decref(f->application);
    json_decref(f->organization);
    json_decref(f->sovereign);
    json_decref(f->environment);
    json_decref(f->source);
    ec_observed_finish(&f->observed);
    ec_plan_finish(&f->plan);
}

static void begin(fixture *f, const char *metadata, const char *spec)
{
    cat_autofree char *text = cat_printf(
        "{apiVersion: catalyst.openova.io/v1alpha1, kind: Application, metadata: {name: blog, namespace: acme, %s}, spec: {%s}}",
        metadata, spec);
    f->application = test_json(text);
    f->organization = test_json("{metadata: {name: acme}}");
    f->sovereign = test_json(SOVEREIGN);
    f->environment = test_json(READY);
    f->source = test_json(SOURCE);
    f->facts = (ec_application_facts){.settings = &SETTINGS,
                                      .application = f->application,
                                      .organization = f->organization,
                                      .sovereign = f->sovereign,
                                      .repository = 7,
                                      .protection_asserted = true};
    ec_observed_init(&f->observed);
    test_put(&f->observed, "management Secret acme vc-" VCLUSTER, "{metadata: {name: x}}");
}

static void run_in_dev(fixture *f)
{
    f->facts.environments[0] = (ec_application_environment){.name = "acme-dev",
                                                            .environment = f->environment,
                                                            .branch = "develop",
                                                            .env_type = "dev",
                                                            .commit = "abc",
                                                            .source = f->source};
    f->facts.environment_count = 1;
}

static void plan(fixture *f)
{
    ec_plan_finish(&f->plan);
    ec_plan_application(&f->facts, &f->observed, &f->plan);
}

static void expect_section(const fixture *f, ec_section section, const char *expected)
{
    cat_autofree char *text = test_section(&f->plan, section);
    EXPECT_TEXT(text, expected);
}

TEST("an Application gets a namespace and Flux objects in the vcluster of its Environment")
{
    cat_auto(fixture) f = {0};
    begin(&f, FINALIZERS, "environments: [acme-dev]");
    run_in_dev(&f);
    plan(&f);
    expect_section(&f, EC_FLUX,
                   "apply Namespace on " VCLUSTER ": blog-dev\n"
                   "apply ServiceAccount on " VCLUSTER ": flux-system/blog-dev\n"
                   "apply Role on " VCLUSTER ": blog-dev/catalyst-application\n"
                   "apply RoleBinding on " VCLUSTER ": blog-dev/catalyst-application\n"
                   "apply NetworkPolicy on " VCLUSTER ": blog-dev/default-deny\n"
                   "apply GitRepository on " VCLUSTER ": flux-system/blog-dev\n"
                   "apply Kustomization on " VCLUSTER ": flux-system/blog-dev\n");
    test_put(&f.observed, VCLUSTER " CustomResourceDefinition - secretstores.external-secrets.io", "{metadata: {name: x}}");
    test_carry_out(&f.plan, &f.observed);
    plan(&f);
    expect_section(&f, EC_FLUX, "");
    EXPECT(test_applied(&f.plan, "SecretStore", "catalyst"));
}

static const json_t *given(const fixture *f)
{
    const json_t *applied = test_applied(&f->plan, "GitRepository", "blog-dev");
    return applied ? applied : json_object_get(f->observed.objects, VCLUSTER " GitRepository flux-system blog-dev");
}

TEST("Flux is given a commit that may be built, keeps it while the branch's head may not, and its row says why")
{
    cat_auto(fixture) f = {0};
    begin(&f, FINALIZERS, "environments: [acme-dev]");
    run_in_dev(&f);
    plan(&f);
    EXPECT_TEXT(cat_json_text(given(&f), "spec.ref.commit"), "abc");
    test_carry_out(&f.plan, &f.observed);
    f.facts.environments[0].not_built = "bomb.yaml, line 1: too large";
    snprintf(f.facts.environments[0].commit, sizeof f.facts.environments[0].commit, "bad");
    plan(&f);
    expect_section(&f, EC_FLUX,
                   "refuse: branch develop: bomb.yaml, line 1: too large\n"
                   "apply GitRepository on " VCLUSTER ": flux-system/blog-dev\n"
                   "apply Kustomization on " VCLUSTER ": flux-system/blog-dev\n");
    const json_t *flux = test_applied(&f.plan, "Kustomization", "blog-dev");
    EXPECT(!cat_json_bool_or(flux, "spec.suspend", true));
    const char *const annotation[] = {"metadata", "annotations", "openova.io/not-built"};
    EXPECT_TEXT(json_string_value(cat_json_at(flux, annotation, 3)), "bad: bomb.yaml, line 1: too large");
    EXPECT_TEXT(cat_json_text(given(&f), "spec.ref.commit"), "abc");
    bool ready = true;
    cat_autofree char *why = NULL;
    cat_autojson json_t *status = ec_application_environments(&f.facts, &f.observed, &ready, &why);
    EXPECT(!ready);
    EXPECT_INT(json_array_size(status), 1);
    EXPECT_TEXT(why, "acme-dev: bad: bomb.yaml, line 1: too large");
    EXPECT(!cat_json_bool_or(given(&f), "spec.suspend", true));
    f.facts.environments[0].too_large = true;
    plan(&f);
    EXPECT(cat_json_bool_or(given(&f), "spec.suspend", false));
    EXPECT_TEXT(cat_json_text(given(&f), "spec.ref.commit"), "abc");
    test_carry_out(&f.plan, &f.observed);
    f.facts.environments[0].not_built = NULL;
    f.facts.environments[0].too_large = false;
    snprintf(f.facts.environments[0].commit, sizeof f.facts.environments[0].commit, "mended");
    plan(&f);
    EXPECT_TEXT(cat_json_text(given(&f), "spec.ref.commit"), "mended");
    EXPECT(!cat_json_bool_or(given(&f), "spec.suspend", true));
    flux = test_applied(&f.plan, "Kustomization", "blog-dev");
    EXPECT_TEXT(json_string_value(cat_json_at(flux, annotation, 3)), "");
    test_carry_out(&f.plan, &f.observed);
    plan(&f);
    expect_section(&f, EC_FLUX, "");
}

static const char *reads_of(const fixture *f)
{
    return json_string_value(json_object_get(cat_json_get(given(f), "metadata.annotations"), "openova.io/reads"));
}

TEST("what Flux is given says which of its files are applied, and keeps saying it while that commit stays")
{
    cat_auto(fixture) f = {0};
    begin(&f, FINALIZERS, "environments: [acme-dev]");
    run_in_dev(&f);
    ec_application_environment *dev = &f.facts.environments[0];
    dev->reads = "kustomization.yaml web/";
    plan(&f);
    EXPECT_TEXT(reads_of(&f), "kustomization.yaml web/");
    test_carry_out(&f.plan, &f.observed);
    dev->reads = NULL; /* looked at before */
    plan(&f);
    expect_section(&f, EC_FLUX, "");
    dev->not_built = "bomb.yaml, line 1: too large";
    snprintf(dev->commit, sizeof dev->commit, "bad");
    plan(&f);
    EXPECT_TEXT(reads_of(&f), "kustomization.yaml web/");
    test_carry_out(&f.plan, &f.observed);
    dev->not_built = NULL;
    snprintf(dev->commit, sizeof dev->commit, "unseen");
    plan(&f);
    EXPECT_TEXT(reads_of(&f), "");
}

TEST("what is planned for one Environment or one leftover of it is a part of its own, and what stands for all is none")
{
    static const char FLUX[] = "[{metadata: {name: blog-dev}}, {metadata: {name: blog-stg}}]";
    cat_auto(fixture) f = {0}, gone = {0};
    begin(&f, FINALIZERS, "environments: [acme-dev]");
    run_in_dev(&f);
    plan(&f);
    for (size_t i = 0; i < f.plan.count; i++)
        if (f.plan.items[i].section == EC_FLUX)
            EXPECT_TEXT(f.plan.items[i].part, VCLUSTER " dev");
    begin(&gone, DELETING, "environments: []");
    test_put(&gone.observed, VCLUSTER " Kustomization flux-system " SELECTOR, FLUX);
    test_put(&gone.observed, VCLUSTER " Namespace - " SELECTOR, FLUX);
    plan(&gone);
    for (size_t i = 0; i < gone.plan.count; i++)
        if (gone.plan.items[i].verb == EC_DELETE)
            EXPECT(cat_text_starts_with(gone.plan.items[i].part ? gone.plan.items[i].part : "", VCLUSTER " blog-"));
    EXPECT(gone.plan.part == NULL);
}

TEST("Flux fetches nothing of an Application of which no commit has passed yet")
{
    cat_auto(fixture) f = {0};
    begin(&f, FINALIZERS, "environments: [acme-dev]");
    run_in_dev(&f);
    f.facts.environments[0].not_built = "bomb.yaml, line 1: too large";
    plan(&f);
    EXPECT(cat_json_bool_or(given(&f), "spec.suspend", false));
    EXPECT_TEXT(cat_json_text(given(&f), "spec.ref.commit"), NULL);
    EXPECT(cat_json_bool_or(test_applied(&f.plan, "Kustomization", "blog-dev"), "spec.suspend", false));
    test_carry_out(&f.plan, &f.observed);
    f.facts.environments[0].not_built = NULL;
    plan(&f);
    EXPECT(!cat_json_bool_or(given(&f), "spec.suspend", true));
    EXPECT_TEXT(cat_json_text(given(&f), "spec.ref.commit"), "abc");
    EXPECT(!cat_json_bool_or(test_applied(&f.plan, "Kustomization", "blog-dev"), "spec.suspend", true));
}

TEST("what two Applications were granted the one that was made first has, and the other is told")
{
    static const char SCOPE[] =
        "environments: [acme-dev], clusterScope: [{environment: acme-dev, kind: ClusterRole, names: [w]}]";
    static const struct {
        const char *other, *says;
        bool given;
    } rows[] = {
        {"[{metadata: {name: shop, creationTimestamp: '2026-01-01T00:00:00Z'}, spec: {clusterScope: [{environment: acme-dev, "
         "kind: "
         "ClusterRole, names: [v, w]}]}}]",
         "refuse: ClusterRole w is there once for the whole cluster, and Application shop has it\n", false},
        {"[{metadata: {name: shop, creationTimestamp: '2026-01-03T00:00:00Z'}, spec: {clusterScope: [{environment: acme-dev, "
         "kind: "
         "ClusterRole, names: [w]}]}}]",
         NULL, true},
        {"[{metadata: {name: shop, creationTimestamp: '2026-01-01T00:00:00Z'}, spec: {clusterScope: [{environment: acme-dev, "
         "kind: "
         "PriorityClass, names: [w]}]}}]",
         NULL, true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cat_auto(fixture) f = {0};
        cat_test_row("row %zu", i);
        begin(&f, FINALIZERS ", creationTimestamp: '2026-01-02T00:00:00Z'", SCOPE);
        run_in_dev(&f);
        test_put(&f.observed, "management Application acme ?", rows[i].other);
        plan(&f);
        cat_autofree char *text = ec_plan_text(&f.plan);
        EXPECT_INT(strstr(text, "refuse:") != NULL, rows[i].says != NULL);
        if (rows[i].says)
            EXPECT(strstr(text, rows[i].says) != NULL);
        EXPECT_INT(test_applied(&f.plan, "ClusterRole", "catalyst-scope-blog-dev") != NULL, rows[i].given);
    }
}

TEST("pull credentials are there before what makes pods")
{
    cat_auto(fixture) f = {0};
    begin(&f, FINALIZERS, "environments: [acme-dev]");
    run_in_dev(&f);
    test_put(&f.observed, "management Secret acme pull-credentials", PULL_SECRET);
    plan(&f);
    expect_section(&f, EC_FLUX,
                   "apply Namespace on " VCLUSTER ": blog-dev\n"
                   "apply ServiceAccount on " VCLUSTER ": flux-system/blog-dev\n"
                   "apply Role on " VCLUSTER ": blog-dev/catalyst-application\n"
                   "apply RoleBinding on " VCLUSTER ": blog-dev/catalyst-application\n"
                   "apply NetworkPolicy on " VCLUSTER ": blog-dev/default-deny\n"
                   "apply Secret on " VCLUSTER ": blog-dev/catalyst-pull\n"
                   "apply ServiceAccount on " VCLUSTER ": blog-dev/default\n"
                   "apply GitRepository on " VCLUSTER ": flux-system/blog-dev\n"
                   "apply Kustomization on " VCLUSTER ": flux-system/blog-dev\n");
    const char *const label[] = {"metadata", "labels", "openova.io/environment"};
    EXPECT_TEXT(json_string_value(cat_json_at(test_applied(&f.plan, "Secret", "catalyst-pull"), label, 3)), "acme-dev");
    const json_t *flux = test_applied(&f.plan, "Kustomization", "blog-dev");
    EXPECT_TEXT(cat_json_text(flux, "spec.patches.0.target.kind"), "ServiceAccount");
    EXPECT_TEXT(cat_json_text(flux, "spec.patches.0.target.annotationSelector"), "openova.io/pull-credentials!=own");
    EXPECT_TEXT(cat_json_text(flux, "spec.patches.0.patch"),
                "- op: add\n  path: /imagePullSecrets\n  value: [{name: catalyst-pull}]\n");
}

TEST("when nobody gives pull credentials any more, Flux takes them from the Application's ServiceAccounts")
{
    cat_auto(fixture) f = {0};
    begin(&f, FINALIZERS, "environments: [acme-dev]");
    run_in_dev(&f);
    test_put(&f.observed, "management Secret acme pull-credentials", PULL_SECRET);
    plan(&f);
    test_carry_out(&f.plan, &f.observed);
    plan(&f);
    expect_section(&f, EC_FLUX, "");
    test_put(&f.observed, "management Secret acme pull-credentials", "null");
    plan(&f);
    expect_section(&f, EC_FLUX,
                   "change ServiceAccount on " VCLUSTER ": blog-dev/default\n"
                   "delete Secret on " VCLUSTER ": blog-dev/catalyst-pull\n"
                   "apply Kustomization on " VCLUSTER ": flux-system/blog-dev\n");
    EXPECT_INT(json_array_size(cat_json_get(test_applied(&f.plan, "Kustomization", "blog-dev"), "spec.patches")), 0);
    test_carry_out(&f.plan, &f.observed);
    test_put(&f.observed, VCLUSTER " Secret blog-dev catalyst-pull", "null");
    plan(&f);
    expect_section(&f, EC_FLUX, "");
}

TEST("the Kustomization has the settings that were agreed on, and depends on the same Environment's Applications")
{
    cat_auto(fixture) f = {0};
    begin(&f, FINALIZERS, "environments: [acme-dev]");
    run_in_dev(&f);
    plan(&f);
    const json_t *flux = test_applied(&f.plan, "Kustomization", "blog-dev");
    REQUIRE(flux != NULL);
    cat_autojson json_t *expected = test_json(
        "{interval: 30m, retryInterval: 30s, timeout: 5m, path: ./, prune: true, wait: true, suspend: false, targetNamespace: "
        "blog-dev, serviceAccountName: blog-dev,"
        "deletionPolicy: WaitForTermination, components: [overlays/dev], sourceRef: {kind: GitRepository, name: blog-dev},"
        "dependsOn: [{name: a-valkey-dev}, {name: blog-postgres-dev}], commonMetadata: {labels: {openova.io/sovereign: local,"
        "openova.io/organization: acme, openova.io/environment: acme-dev, openova.io/vcluster: " VCLUSTER
        ", openova.io/host-cluster: hz-nbg-mgt-prod,"
        "openova.io/application: blog, openova.io/blueprint: bp-wordpress, openova.io/blueprint-version: 1.3.0}}}");
    const json_t *checks = cat_json_get(flux, "spec.healthCheckExprs"), *claims = json_array_get(checks, 0);
    EXPECT_INT(json_array_size(checks), 3);
    EXPECT_TEXT(cat_json_text(claims, "kind"), "PersistentVolumeClaim");
    EXPECT_TEXT(cat_json_text(json_array_get(checks, 1), "kind"), "Job");
    EXPECT(
        cat_text_starts_with(cat_json_text_or(json_array_get(checks, 1), "current", ""), "(has(spec.suspend) && spec.suspend)"));
    EXPECT(strstr(cat_json_text_or(claims, "current", ""), "selected-node") != NULL);
    EXPECT_TEXT(cat_json_text(json_array_get(checks, 2), "kind"), "Deployment");
    EXPECT(cat_text_starts_with(cat_json_text_or(json_array_get(checks, 2), "current", ""), "(has(spec.paused) && spec.paused)"));
    json_object_set(expected, "healthCheckExprs", (json_t *)checks);
    cat_autofree char *have = cat_json_canonical(json_object_get(flux, "spec")), *want = cat_json_canonical(expected);
    EXPECT_TEXT(have, want);
    const json_t *repository = test_applied(&f.plan, "GitRepository", "blog-dev");
    EXPECT_TEXT(cat_json_text(repository, "spec.url"), "http://git/acme/blog.git");
    EXPECT_TEXT(cat_json_text(repository, "spec.ref.branch"), "develop");
}

TEST("an Application that depends on nothing any more waits for nothing")
{
    cat_auto(fixture) f = {0};
    begin(&f, FINALIZERS, "environments: [acme-dev]");
    run_in_dev(&f);
    plan(&f);
    test_carry_out(&f.plan, &f.observed);
    cat_autojson json_t *alone = json_deep_copy(f.facts.environments[0].source);
    json_object_del(json_object_get(alone, "spec"), "dependencies");
    f.facts.environments[0].source = alone;
    plan(&f);
    expect_section(&f, EC_FLUX, "apply Kustomization on " VCLUSTER ": flux-system/blog-dev\n");
    const json_t *flux = test_applied(&f.plan, "Kustomization", "blog-dev");
    EXPECT(json_is_array(cat_json_get(flux, "spec.dependsOn")));
    EXPECT_INT(json_array_size(cat_json_get(flux, "spec.dependsOn")), 0);
    test_carry_out(&f.plan, &f.observed);
    plan(&f);
    expect_section(&f, EC_FLUX, "");
}

TEST("a branch without a catalyst.yaml is waited for, one with a wrong file is refused")
{
    cat_auto(fixture) f = {0};
    begin(&f, FINALIZERS, "environments: [acme-dev]");
    run_in_dev(&f);
    f.facts.environments[0].source = NULL;
    f.facts.environments[0].problem = "it has no catalyst.yaml yet";
    plan(&f);
    expect_section(&f, EC_FLUX, "wait: branch develop: it has no catalyst.yaml yet\n");
    f.facts.environments[0].refused = true;
    plan(&f);
    expect_section(&f, EC_FLUX, "refuse: branch develop: it has no catalyst.yaml yet\n");
}

TEST("every branch of an env type takes what its writers push and merge; one that a policy governs takes merges of Catalyst's "
     "account alone")
{
    cat_auto(fixture) f = {0};
    begin(&f, FINALIZERS, "environments: [acme-dev]");
    cat_autojson json_t *policies = test_json("[{metadata: {name: p}, spec: {appliesTo: {environments: [acme-prod]}}}]");
    f.facts.policies = policies;
    cat_autojson json_t *rules = ec_application_protection(&f.facts);
    static const struct {
        const char *name, *who;
        bool push, whitelist;
    } rows[] = {{"develop", "[\"writers-dev\"]", true, true},
                {"staging", "[\"writers-stg\"]", true, true},
                {"uat", "[\"writers-uat\"]", true, true},
                {"main", "[]", false, false},
                {"poc", "[\"writers-poc\"]", true, true},
                {"catalyst/**", NULL, true, true},
                {"{catalyst,{main,staging,develop,uat,poc}/**}", NULL, false, false}};
    EXPECT_INT(json_array_size(rules), 7);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cat_test_row("%s", rows[i].name);
        const json_t *rule = json_array_get(rules, i);
        EXPECT_TEXT(cat_json_text(rule, "rule_name"), rows[i].name);
        EXPECT_INT(cat_json_bool_or(rule, "enable_push", false), rows[i].push);
        EXPECT_INT(cat_json_bool_or(rule, "enable_push_whitelist", false), rows[i].whitelist);
        EXPECT_INT(cat_json_bool_or(rule, "enable_force_push", false), false);
        static const char *const lists[] = {"push_whitelist_teams", "merge_whitelist_teams"};
        for (size_t at = 0; rows[i].who && at < 2; at++) {
            cat_autofree char *who = cat_json_format(json_object_get(rule, lists[at]));
            EXPECT_TEXT(who, rows[i].who);
        }
        EXPECT(!rows[i].who || cat_json_bool_or(rule, "enable_merge_whitelist", false));
    }
    EXPECT_TEXT(cat_json_text(rules, "0.push_whitelist_usernames.0"), "catalyst-provisioning");
    EXPECT_INT(json_array_size(cat_json_get(rules, "3.merge_whitelist_usernames")), 1);
    EXPECT_TEXT(cat_json_text(rules, "3.merge_whitelist_usernames.0"), "catalyst-merge");
}

TEST("a policyRef closes its branch whether or not the policy applies, and so does a policy where nobody may merge")
{
    cat_auto(fixture) f = {0};
    begin(&f, FINALIZERS, "environments: [acme-dev]");
    ec_settings settings = SETTINGS;
    settings.merge_user = NULL;
    f.facts.settings = &settings;
    cat_autojson json_t *policies = test_json("[{metadata: {name: p}, spec: {appliesTo: {environments: [acme-prod]}}}]");
    cat_autojson json_t *environments = test_json("[{metadata: {name: acme-stg}, spec: {policyRef: {name: p}}}, "
                                                  "{metadata: {name: acme-dev}, spec: {}}]");
    f.facts.policies = policies;
    f.facts.environment_objects = environments;
    cat_autojson json_t *rules = ec_application_protection(&f.facts);
    static const bool OPEN[] = {true, false, true, false, true}; /* develop, staging, uat, main, poc */
    for (size_t i = 0; i < sizeof OPEN / sizeof *OPEN; i++) {
        const json_t *rule = json_array_get(rules, i);
        cat_test_row("%s", cat_json_text(rule, "rule_name"));
        EXPECT_INT(cat_json_bool_or(rule, "enable_push", false), OPEN[i]);
        EXPECT(OPEN[i] || json_array_size(json_object_get(rule, "merge_whitelist_usernames")) == 0);
    }
}

TEST("protection waits for the teams that it names")
{
    cat_auto(fixture) f = {0};
    begin(&f, FINALIZERS, "environments: [acme-dev]");
    f.facts.protection_asserted = false;
    plan(&f);
    expect_section(&f, EC_PROTECTION, "wait: the teams of Organization acme are being made\n");
    f.facts.has_teams = true;
    plan(&f);
    EXPECT(ec_plan_has(&f.plan, EC_PROTECTION, EC_DO) && !ec_plan_has(&f.plan, EC_PROTECTION, EC_WAIT));
}

TEST("protection waits for a repository, and another repository of the same name is protected anew")
{
    cat_auto(fixture) f = {0};
    begin(&f, FINALIZERS, "environments: [acme-dev]");
    char first[65], second[65];
    ec_application_protection_digest(&f.facts, first);
    f.facts.repository = 8;
    ec_application_protection_digest(&f.facts, second);
    EXPECT(strcmp(first, second) != 0);
    f.facts.repository = 0;
    plan(&f);
    expect_section(&f, EC_PROTECTION, "wait: repository acme/blog is not there yet\n");
}

TEST("an Environment that is no longer wanted loses Flux's objects first, then its namespace when no volume is left")
{
    cat_auto(fixture) f = {0};
    begin(&f, FINALIZERS, "environments: []");
    test_put(&f.observed, VCLUSTER " Kustomization flux-system " SELECTOR,
             "[{metadata: {name: blog-dev}, spec: {suspend: true}}]");
    test_put(&f.observed, VCLUSTER " GitRepository flux-system " SELECTOR, "[{metadata: {name: blog-dev}}]");
    test_put(&f.observed, VCLUSTER " Namespace - " SELECTOR, "[{metadata: {name: blog-dev}}]");
    plan(&f);
    expect_section(&f, EC_REMOVAL,
                   "change Kustomization on " VCLUSTER ": flux-system/blog-dev\n"
                   "delete Kustomization on " VCLUSTER ": flux-system/blog-dev\n"
                   "wait: Flux is removing what blog-dev has in " VCLUSTER "\n");
    test_put(&f.observed, VCLUSTER " Kustomization flux-system " SELECTOR,
             "[{metadata: {name: blog-dev, deletionTimestamp: now}}]");
    plan(&f);
    expect_section(&f, EC_REMOVAL, "wait: Flux is removing what blog-dev has in " VCLUSTER "\n");
    test_put(&f.observed, VCLUSTER " Kustomization flux-system " SELECTOR, "[]");
    test_put(&f.observed, VCLUSTER " PersistentVolumeClaim blog-dev ?", "[{metadata: {name: data}}]");
    plan(&f);
    expect_section(&f, EC_REMOVAL,
                   "delete ServiceAccount on " VCLUSTER ": flux-system/blog-dev\n"
                   "delete GitRepository on " VCLUSTER ": flux-system/blog-dev\n");
    test_put(&f.observed, VCLUSTER " Secret blog-dev catalyst-pull", PULL_SECRET);
    plan(&f);
    expect_section(&f, EC_REMOVAL,
                   "delete ServiceAccount on " VCLUSTER ": flux-system/blog-dev\n"
                   "delete GitRepository on " VCLUSTER ": flux-system/blog-dev\n"
                   "delete Secret on " VCLUSTER ": blog-dev/catalyst-pull\n");
    test_put(&f.observed, VCLUSTER " PersistentVolumeClaim blog-dev ?", "[]");
    plan(&f);
    expect_section(&f, EC_REMOVAL,
                   "delete ServiceAccount on " VCLUSTER ": flux-system/blog-dev\n"
                   "delete GitRepository on " VCLUSTER ": flux-system/blog-dev\n"
                   "delete Namespace on " VCLUSTER ": blog-dev\n"
                   "wait: namespace blog-dev is being removed from " VCLUSTER "\n");
    test_put(&f.observed, VCLUSTER " Namespace - " SELECTOR,
             "[{metadata: {name: blog-dev, deletionTimestamp: now}, status: {conditions: [{type: NamespaceFinalizersRemaining, "
             "status: 'True', message: 'Some content in the namespace has finalizers remaining: example.org/stay in 1 resource "
             "instances'}]}}]");
    plan(&f);
    cat_autofree char *held = ec_plan_text(&f.plan);
    EXPECT(strstr(held, "waits until these finalizers are taken off what is in it, by whoever set them: example.org/stay in 1 "
                        "resource") != NULL);
}

TEST("what holds a removal is named: the object, its finalizer, and who takes it off")
{
    cat_auto(fixture) f = {0};
    begin(&f, FINALIZERS, "environments: []");
    test_put(&f.observed, VCLUSTER " Namespace - " SELECTOR,
             "[{metadata: {name: blog-dev, deletionTimestamp: now}, status: {conditions: [{type: NamespaceFinalizersRemaining, "
             "status: 'True', message: 'Some content in the namespace has finalizers remaining: example.org/stay in 1 resource "
             "instances'}, {type: NamespaceContentRemaining, status: 'True', message: 'Some resources are remaining: configmaps. "
             "has 1 resource instances, widgets.example.org has 1 resource instances'}]}}]");
    plan(&f);
    cat_autofree char *asks = ec_plan_text(&f.plan);
    EXPECT(strstr(asks, "left are configmaps. has 1 resource instances") != NULL);
    test_put(&f.observed, VCLUSTER " ConfigMap blog-dev ?",
             "[{metadata: {name: free, deletionTimestamp: now}}, "
             "{metadata: {name: pinned, deletionTimestamp: now, finalizers: [example.org/stay]}}]");
    plan(&f);
    cat_autofree char *held = ec_plan_text(&f.plan);
    EXPECT(strstr(held, "namespace blog-dev is being removed from " VCLUSTER ", and waits for ConfigMap pinned with finalizer "
                        "example.org/stay: whoever set the finalizer takes it off") != NULL);
}

TEST("a Kustomization that somebody else holds says who")
{
    cat_auto(fixture) f = {0};
    begin(&f, FINALIZERS, "environments: []");
    test_put(&f.observed, VCLUSTER " Kustomization flux-system " SELECTOR,
             "[{kind: Kustomization, metadata: {name: blog-dev, deletionTimestamp: now, finalizers: [finalizers.fluxcd.io, "
             "example.org/stay]}}]");
    test_put(&f.observed, VCLUSTER " Namespace - " SELECTOR, "[{metadata: {name: blog-dev}}]");
    plan(&f);
    cat_autofree char *held = ec_plan_text(&f.plan);
    EXPECT(strstr(held,
                  "Flux is removing what blog-dev has in " VCLUSTER ", and waits until Kustomization blog-dev has no finalizer "
                  "example.org/stay any more: whoever set it takes it off") != NULL);
}

TEST("what Flux has asked to go and somebody holds is named once it takes long, and a volume in use without a finalizer's owner")
{
    static const char FLUX[] =
        "[{kind: Kustomization, metadata: {name: blog-dev, deletionTimestamp: '2026-01-01T00:00:00Z', finalizers: "
        "[finalizers.fluxcd.io]}, status: {inventory: {entries: [{id: blog-dev_blog_apps_Deployment, v: v1}, {id: "
        "blog-dev_notes__ConfigMap, v: v1}, {id: blog-dev_data__PersistentVolumeClaim, v: v1}]}}}]";
    cat_auto(fixture) f = {0};
    begin(&f, FINALIZERS, "environments: []");
    test_put(&f.observed, VCLUSTER " Kustomization flux-system " SELECTOR, FLUX);
    test_put(&f.observed, VCLUSTER " Namespace - " SELECTOR, "[{metadata: {name: blog-dev}}]");
    test_put(&f.observed, VCLUSTER " Deployment blog-dev ?",
             "[{metadata: {name: blog, deletionTimestamp: now, finalizers: "
             "[foregroundDeletion]}}]");
    test_put(&f.observed, VCLUSTER " ConfigMap blog-dev ?",
             "[{metadata: {name: other, finalizers: [example.org/stay]}}, {metadata: {name: notes, deletionTimestamp: now, "
             "finalizers: [example.org/stay]}}]");
    test_put(&f.observed, VCLUSTER " PersistentVolumeClaim blog-dev ?",
             "[{metadata: {name: data, deletionTimestamp: now, finalizers: [kubernetes.io/pvc-protection]}}]");
    f.facts.now_s = 1767225600 + 9;
    plan(&f);
    expect_section(&f, EC_REMOVAL, "wait: Flux is removing what blog-dev has in " VCLUSTER "\n");
    f.facts.now_s++;
    plan(&f);
    expect_section(
        &f, EC_REMOVAL,
        "wait: Flux is removing what blog-dev has in " VCLUSTER
        ", and waits for ConfigMap notes with finalizer example.org/stay, PersistentVolumeClaim data, which a Pod uses: "
        "whoever set the finalizer takes it off; a volume goes when its last Pod has gone\n");
}

TEST("what Flux cannot look at any more, as its namespace went before it, is let go")
{
    cat_auto(fixture) f = {0};
    begin(&f, FINALIZERS, "environments: []");
    test_put(&f.observed, VCLUSTER " Kustomization flux-system " SELECTOR, "[{metadata: {name: blog-dev, " DELETING "}}]");
    test_put(&f.observed, VCLUSTER " GitRepository flux-system " SELECTOR, "[{metadata: {name: blog-dev}}]");
    test_put(&f.observed, VCLUSTER " Namespace - " SELECTOR, "[]");
    plan(&f);
    expect_section(&f, EC_REMOVAL,
                   "change Kustomization on " VCLUSTER ": flux-system/blog-dev\n"
                   "wait: Flux is removing what blog-dev has in " VCLUSTER "\n");
}

TEST("an Application that is deleted keeps its finalizer until nothing of it is left")
{
    cat_auto(fixture) f = {0};
    begin(&f, DELETING, "environments: [acme-dev]");
    run_in_dev(&f);
    test_put(&f.observed, VCLUSTER " Kustomization flux-system " SELECTOR, "[{metadata: {name: blog-dev}}]");
    test_put(&f.observed, VCLUSTER " Namespace - " SELECTOR, "[{metadata: {name: blog-dev}}]");
    plan(&f);
    expect_section(&f, EC_FLUX, "");
    expect_section(&f, EC_REMOVAL,
                   "delete Kustomization on " VCLUSTER ": flux-system/blog-dev\n"
                   "wait: Flux is removing what blog-dev has in " VCLUSTER "\n");
    test_put(&f.observed, VCLUSTER " Kustomization flux-system " SELECTOR, "[]");
    test_put(&f.observed, VCLUSTER " Namespace - " SELECTOR, "[]");
    plan(&f);
    expect_section(&f, EC_REMOVAL, "finalizer {\"present\":false}\n");
}

TEST("an Environment that is away for a moment takes nothing away")
{
    cat_auto(fixture) f = {0};
    begin(&f, FINALIZERS, "environments: [acme-dev]");
    run_in_dev(&f);
    f.facts.environments[0].source = NULL;
    f.facts.environments[0].problem = "no such branch";
    test_put(&f.observed, VCLUSTER " Kustomization flux-system " SELECTOR, "[{metadata: {name: blog-dev}}]");
    test_put(&f.observed, VCLUSTER " Namespace - " SELECTOR, "[{metadata: {name: blog-dev}}]");
    plan(&f);
    expect_section(&f, EC_REMOVAL, "");
}

TEST("an Application of an Organization that is not there says so, and is not held when it is deleted")
{
    cat_auto(fixture) f = {0};
    begin(&f, "generation: 1", "environments: [acme-dev]");
    f.facts.organization = NULL;
    plan(&f);
    cat_autofree char *waits = ec_plan_text(&f.plan);
    EXPECT_TEXT(waits, "base: wait: Organization acme is not there\n");
    cat_json_set(f.application, "metadata", test_json("{name: blog, namespace: acme, " DELETING "}"));
    json_object_set_new(f.observed.unreachable, VCLUSTER, json_string("connection refused"));
    plan(&f);
    cat_autofree char *goes = ec_plan_text(&f.plan);
    EXPECT_TEXT(goes, "removal: finalizer {\"present\":false}\n");
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
