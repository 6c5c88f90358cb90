/* Which secrets an Application may read, with what, and until when. */
#define EC_PLAN_TEST_MAIN
#include "core/plan_secrets.h"

#include "base/encoding.h"
#include "core/plan_test_parts.h"

#define NOW_S 1800000000
#define PLACE "catalyst-secrets-acme"

/* A consumer and its database, as the catalog's are. */
#define WORDPRESS                                                                                                                \
    "{spec: {rotation: [{secret: salts}, {secret: admin}], depends: [{blueprint: bp-postgres, alias: db}, {blueprint: "          \
    "bp-valkey}]}}"
#define POSTGRES                                                                                                                 \
    "{spec: {rotation: [{secret: db}, {secret: replication}], outputs: {secretPath: '{{ .environment.secretPath }}/db'}}}"
#define SITE_DB                                                                                                                  \
    "{metadata: {name: site-db}, spec: {environments: [acme-dev]}, status: {environments: [{name: acme-dev, wanted: {source: "   \
    "catalog, blueprint: bp-postgres, version: 1.4.0}}]}}"

typedef struct {
    json_t *application, *source;
    ec_application_facts facts;
    ec_observed observed;
    ec_plan plan;
} fixture;

static void fixture_cleanup(fixture *f)
{
    json_decref(f->application);
    json_decref(f->source);
    ec_observed_finish(&f->observed);
    ec_plan_finish(&f->plan);
}

static void begin(fixture *f, const char *metadata, const char *blueprint, const char *dependencies)
{
    cat_autofree char *application = cat_printf("{metadata: {name: site, namespace: acme, %s}}", metadata);
    cat_autofree char *source = cat_printf("{spec: {blueprint: %s, dependencies: %s}}", blueprint, dependencies);
    f->application = test_json(application);
    f->source = test_json(source);
    f->facts = (ec_application_facts){.settings = &SETTINGS, .application = f->application, .now_s = NOW_S};
    f->facts.environments[0] =
        (ec_application_environment){.name = "acme-dev", .branch = "develop", .env_type = "dev", .source = f->source};
    f->facts.environment_count = 1;
    ec_observed_init(&f->observed);
    test_put(&f->observed, "management Blueprint - catalog.bp-wordpress.1.3.0", WORDPRESS);
    test_put(&f->observed, "management Blueprint - catalog.bp-postgres.1.4.0", POSTGRES);
    test_put(&f->observed, "management Application acme site-db", SITE_DB);
}

#define IS_WORDPRESS "{source: catalog, name: bp-wordpress, version: 1.3.0}"
#define NEEDS_DB "{db: {application: site-db}}"

static void grant(fixture *f)
{
    ec_plan_finish(&f->plan);
    ec_secrets_grant(&f->facts, &f->facts.environments[0], &f->observed, &f->plan);
}

/* Names that the Role lists besides the path itself, with commas between. The caller's. */
static char *granted(fixture *f)
{
    grant(f);
    const json_t *role = test_applied(&f->plan, "Role", "site-dev");
    EXPECT_TEXT(cat_json_text(role, "rules.0.resourceNames.0") ? "named" : "all", "named");
    cat_auto(cat_string) text = CAT_STRING(4096);
    size_t index;
    json_t *name;
    json_array_foreach(cat_json_get(role, "rules.0.resourceNames"), index,
                       name) if (strcmp(json_string_value(name), "org.acme.env.dev.site") != 0)
        cat_string_appendf(&text, "%s%s", text.length ? "," : "", json_string_value(name));
    return cat_string_take(&text);
}

TEST("an Application may get its own secrets and the one that its dependency's output names, and do nothing else with them")
{
    cat_auto(fixture) f = {0};
    begin(&f, FINALIZERS, IS_WORDPRESS, NEEDS_DB);
    cat_autofree char *names = granted(&f);
    EXPECT_TEXT(names, "org.acme.env.dev.site-db.db,org.acme.env.dev.site.admin,org.acme.env.dev.site.salts");
    const json_t *role = test_applied(&f.plan, "Role", "site-dev");
    cat_autofree char *rest = cat_json_format(cat_json_get(role, "rules.0.verbs"));
    EXPECT_TEXT(rest, "[\"get\"]");
    EXPECT_INT(json_array_size(cat_json_get(role, "rules")), 1);
    EXPECT_TEXT(cat_object_namespace(role), PLACE);
    const json_t *binding = test_applied(&f.plan, "RoleBinding", "site-dev");
    EXPECT_TEXT(cat_json_text(binding, "subjects.0.name"), "site-dev");
    EXPECT_TEXT(cat_json_text(binding, "subjects.0.namespace"), PLACE);
    EXPECT_TEXT(cat_json_text(binding, "roleRef.name"), "site-dev");
    EXPECT(test_applied(&f.plan, "ServiceAccount", "site-dev"));
    EXPECT(!ec_plan_has(&f.plan, EC_SECRETS, EC_WAIT));
    test_carry_out(&f.plan, &f.observed);
    grant(&f);
    EXPECT_INT(f.plan.count, 0);
}

TEST("what somebody writes into catalyst.yaml grants nothing that Blueprints and Applications do not say as well")
{
    static const char own[] = "org.acme.env.dev.site.admin,org.acme.env.dev.site.salts";
    static const struct {
        const char *sentence, *blueprint, *dependencies, *key, *value, *granted;
    } table[] = {
        {"an alias that the Blueprint does not have", IS_WORDPRESS, "{other: {application: site-db}}", NULL, NULL, own},
        {"an Application that is not there", IS_WORDPRESS, "{db: {application: nobody}}", NULL, NULL, own},
        {"an Application of another Blueprint", IS_WORDPRESS, "{bp-valkey: {application: site-db}}", NULL, NULL, own},
        {"an Application that does not run in this Environment", IS_WORDPRESS, NEEDS_DB, "management Application acme site-db",
         "{metadata: {name: site-db}, spec: {environments: [acme-prod]}, status: {environments: [{name: acme-prod, wanted: "
         "{source: catalog, blueprint: bp-postgres, version: 1.4.0}}]}}",
         own},
        {"one that left the Environment and was not looked at since", IS_WORDPRESS, NEEDS_DB,
         "management Application acme site-db",
         "{metadata: {name: site-db}, spec: {environments: [acme-prod]}, status: {environments: [{name: acme-dev, wanted: "
         "{source: catalog, blueprint: bp-postgres, version: 1.4.0}}]}}",
         own},
        {"a Blueprint that is not registered", "{source: catalog, name: bp-made-up, version: 1.0.0}", NEEDS_DB, NULL, NULL, ""},
        {"another Organization's Blueprint", "{source: blue, name: bp-wordpress, version: 1.3.0}", NEEDS_DB,
         "management Blueprint - blue.bp-wordpress.1.3.0", WORDPRESS, ""},
        {"a name with a selector in it", "{source: catalog, name: '?x', version: 1.3.0}", NEEDS_DB, NULL, NULL, ""},
        {"a version with a space in it", "{source: catalog, name: bp-wordpress, version: '1.3.0 x'}", NEEDS_DB, NULL, NULL, ""},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        cat_test_row("%s", table[i].sentence);
        cat_auto(fixture) f = {0};
        begin(&f, FINALIZERS, table[i].blueprint, table[i].dependencies);
        if (table[i].key)
            test_put(&f.observed, table[i].key, table[i].value);
        cat_autofree char *names = granted(&f);
        EXPECT_TEXT(names, table[i].granted);
        EXPECT(ec_plan_has(&f.plan, EC_SECRETS, EC_WAIT));
    }
}

TEST("a dependency's output names one of its own secrets in this Environment, or nothing is granted")
{
    static const struct {
        const char *output, *granted;
    } table[] = {
        {"{{ .environment.secretPath }}/db", "org.acme.env.dev.site-db.db"},
        {"org/{{ .organization.name }}/env/{{ .environment.type }}/{{ .application.name }}/db", "org.acme.env.dev.site-db.db"},
        {"{{ .environment.secretPath }}/none", ""},
        {"{{ .environment.secretPath }}", ""},
        {"{{ .environment.secretPath }}/", ""},
        {"{{ .environment.secretPath }}/db/db", ""},
        {"{{ .environment.secretPath }}/../site-db/db", ""},
        {"{{ .environment.secretPath }}2/db", ""},
        {"{{ .environment.secretPath }}/{{ .config.name }}", ""},
        {"org/acme/env/dev/other/db", ""},
        {"org/acme/env/prod/site-db/db", ""},
        {"org/blue/env/dev/site-db/db", ""},
        {"org.acme.env.dev.site-db.db", ""},
        {"ORG/acme/env/dev/site-db/db", ""},
        {"*", ""},
        {"", ""},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        cat_test_row("%s", table[i].output);
        cat_auto(fixture) f = {0};
        begin(&f, FINALIZERS, "{source: acme, name: bp-plain, version: 1.0.0}", NEEDS_DB);
        test_put(&f.observed, "management Blueprint - acme.bp-plain.1.0.0",
                 "{spec: {rotation: [], depends: [{blueprint: bp-postgres, alias: db}]}}");
        cat_autofree char *blueprint =
            cat_printf("{spec: {rotation: [{secret: db}], outputs: {secretPath: '%s'}}}", table[i].output);
        test_put(&f.observed, "management Blueprint - catalog.bp-postgres.1.4.0", blueprint);
        cat_autofree char *names = granted(&f);
        EXPECT_TEXT(names, table[i].granted);
    }
}

TEST("a grant goes when the dependency does")
{
    cat_auto(fixture) f = {0}, later = {0};
    begin(&f, FINALIZERS, IS_WORDPRESS, NEEDS_DB);
    grant(&f);
    begin(&later, FINALIZERS, IS_WORDPRESS, "{}");
    test_carry_out(&f.plan, &later.observed);
    cat_autofree char *names = granted(&later);
    EXPECT_TEXT(names, "org.acme.env.dev.site.admin,org.acme.env.dev.site.salts");
    EXPECT_INT(later.plan.count, 1);
}

static char *token(const char *claims)
{
    cat_autojson json_t *value = test_json(claims);
    cat_autofree char *text = cat_json_format(value), *middle = cat_base64url_encode(text, strlen(text)),
                      *whole = cat_printf("e30.%s.c2ln", middle);
    return cat_base64_encode(whole, strlen(whole));
}

TEST("a token is kept while it is of that ServiceAccount and not half over")
{
    static const struct {
        const char *sentence, *claims;
        bool holds;
    } table[] = {
        {"just made",
         "{sub: 'system:serviceaccount:" PLACE ":site-dev', iat: 1800000000, exp: 1800086400, kubernetes.io: "
         "{serviceaccount: {uid: u-1}}}",
         true},
        {"a second before half",
         "{sub: 'system:serviceaccount:" PLACE ":site-dev', iat: 1799956801, exp: 1800043201, "
         "kubernetes.io: {serviceaccount: {uid: u-1}}}",
         true},
        {"half over",
         "{sub: 'system:serviceaccount:" PLACE ":site-dev', iat: 1799956800, exp: 1800043200, kubernetes.io: "
         "{serviceaccount: {uid: u-1}}}",
         false},
        {"over",
         "{sub: 'system:serviceaccount:" PLACE ":site-dev', iat: 1700000000, exp: 1700086400, kubernetes.io: "
         "{serviceaccount: {uid: u-1}}}",
         false},
        {"of an account that was made anew",
         "{sub: 'system:serviceaccount:" PLACE ":site-dev', iat: 1800000000, exp: 1800086400, "
         "kubernetes.io: {serviceaccount: {uid: u-0}}}",
         false},
        {"of another Application",
         "{sub: 'system:serviceaccount:" PLACE ":other-dev', iat: 1800000000, exp: 1800086400, "
         "kubernetes.io: {serviceaccount: {uid: u-1}}}",
         false},
        {"without an end", "{sub: 'system:serviceaccount:" PLACE ":site-dev', kubernetes.io: {serviceaccount: {uid: u-1}}}",
         false},
        {"from tomorrow",
         "{sub: 'system:serviceaccount:" PLACE ":site-dev', iat: 1800086400, exp: 1900000000, kubernetes.io: "
         "{serviceaccount: {uid: u-1}}}",
         false},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        cat_test_row("%s", table[i].sentence);
        cat_autofree char *encoded = token(table[i].claims);
        EXPECT_INT(ec_secrets_token_holds(encoded, PLACE, "site-dev", "u-1", NOW_S), table[i].holds);
    }
    static const char *const broken[] = {NULL, "", "!", "e30=", "e30uZTMwLg==", "Li4="};
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++)
        EXPECT(!ec_secrets_token_holds(broken[i], PLACE, "site-dev", "u-1", NOW_S));
    cat_autofree char *good = token(table[0].claims);
    EXPECT(!ec_secrets_token_holds(good, PLACE, "site-dev", NULL, NOW_S));
}

static void give(fixture *f)
{
    ec_plan_finish(&f->plan);
    ec_secrets_give(&f->facts, &f->facts.environments[0], &f->observed, &f->plan, VCLUSTER, test_json("{a: b}"));
}

TEST("the store signs in as its own identity, with a token that is made once and then kept")
{
    cat_auto(fixture) f = {0};
    begin(&f, FINALIZERS, IS_WORDPRESS, NEEDS_DB);
    give(&f);
    cat_autofree char *text = test_section(&f.plan, EC_SECRETS);
    EXPECT_TEXT(text, "token of the secret store "
                      "{\"organization\":\"acme\",\"cluster\":\"" VCLUSTER "\",\"place\":\"" PLACE
                      "\",\"account\":\"site-dev\",\"labels\":{\"a\":\"b\"}}\n"
                      "apply SecretStore on " VCLUSTER ": site-dev/catalyst\n");
    const json_t *store = test_applied(&f.plan, "SecretStore", "catalyst");
    EXPECT_TEXT(cat_json_text(store, "spec.provider.kubernetes.remoteNamespace"), PLACE);
    EXPECT_TEXT(cat_json_text(store, "spec.provider.kubernetes.server.url"), "https://management");
    EXPECT_TEXT(cat_json_text(store, "spec.provider.kubernetes.server.caBundle"), "UEVN");
    EXPECT_TEXT(cat_json_text(store, "spec.provider.kubernetes.auth.token.bearerToken.name"), "catalyst-secrets");
    test_carry_out(&f.plan, &f.observed);
    cat_autofree char *made = token("{sub: 'system:serviceaccount:" PLACE ":site-dev', iat: 1800000000, exp: 1800086400, "
                                    "kubernetes.io: {serviceaccount: {uid: u-1}}}");
    static const char form[] =
        "{apiVersion: v1, kind: Secret, type: Opaque, metadata: {name: catalyst-secrets, namespace: site-dev, "
        "labels: {a: %s}, annotations: {kustomize.toolkit.fluxcd.io/prune: disabled, kustomize.toolkit.fluxcd.io/ssa: Ignore}}, "
        "data: {token: %s}}";
    cat_autofree char *secret = cat_printf(form, "b", made), *foreign = cat_printf(form, "c", made);
    test_put(&f.observed, "management ServiceAccount " PLACE " site-dev", "{metadata: {uid: u-1}}");
    test_put(&f.observed, VCLUSTER " Secret site-dev catalyst-secrets", secret);
    give(&f);
    EXPECT_INT(f.plan.count, 0);
    /* Changed labels are put right without a new token. */
    test_put(&f.observed, VCLUSTER " Secret site-dev catalyst-secrets", foreign);
    give(&f);
    EXPECT_INT(f.plan.count, 1);
    EXPECT_TEXT(cat_json_text(test_applied(&f.plan, "Secret", "catalyst-secrets"), "data.token"), made);
}

static char *removed(fixture *f)
{
    ec_plan_finish(&f->plan);
    ec_secrets_remove(&f->facts, &f->observed, &f->plan);
    return test_section(&f->plan, EC_REMOVAL);
}

TEST("identities go with their Environments, and all with the Application")
{
    static const char key[] = "management ServiceAccount " PLACE " ?openova.io/application=site,openova.io/organization=acme";
    cat_auto(fixture) f = {0}, deleted = {0};
    begin(&f, FINALIZERS, IS_WORDPRESS, NEEDS_DB);
    test_put(&f.observed, key, "[{metadata: {name: site-dev}}, {metadata: {name: site-prod}}]");
    cat_autofree char *text = removed(&f);
    EXPECT_TEXT(text, "delete RoleBinding on management: " PLACE "/site-prod\n"
                      "delete Role on management: " PLACE "/site-prod\n"
                      "delete ServiceAccount on management: " PLACE "/site-prod\n");
    begin(&deleted, DELETING, IS_WORDPRESS, NEEDS_DB);
    test_put(&deleted.observed, key, "[{metadata: {name: site-dev}}]");
    cat_autofree char *all = removed(&deleted);
    EXPECT_TEXT(all, "delete RoleBinding on management: " PLACE "/site-dev\n"
                     "delete Role on management: " PLACE "/site-dev\n"
                     "delete ServiceAccount on management: " PLACE "/site-dev\n");
    test_put(&deleted.observed, VCLUSTER " Secret site-dev catalyst-secrets", "{metadata: {name: x}}");
    ec_secrets_take(&deleted.observed, &deleted.plan, VCLUSTER, "site-dev");
    EXPECT(ec_plan_has(&deleted.plan, EC_REMOVAL, EC_DELETE));
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
