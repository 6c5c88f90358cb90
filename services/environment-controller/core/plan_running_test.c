/* What an Application's status says of its branches and of what runs. */
#define EC_PLAN_TEST_MAIN
#include "core/plan_application.h"

#include "core/plan_test_parts.h"

typedef struct {
    json_t *application, *sovereign, *environment, *source;
    ec_application_facts facts;
    ec_observed observed;
} fixture;

static void fixture_cleanup(fixture *f)
{
    json_decref(f->application);
    json_decref(f->sovereign);
    json_decref(f->environment);
    json_decref(f->source);
    ec_observed_finish(&f->observed);
}

/* blog in acme-dev, whose branch's head is abc. */
static void begin(fixture *f)
{
    f->application = test_json("{kind: Application, metadata: {name: blog, namespace: acme}}");
    f->sovereign = test_json(SOVEREIGN);
    f->environment = test_json("{metadata: {name: acme-dev, namespace: acme}, spec: {envType: dev}}");
    f->source = test_json("{spec: {blueprint: {source: catalog, name: bp-wordpress, version: 1.3.0}, size: small}}");
    f->facts = (ec_application_facts){
        .settings = &SETTINGS, .application = f->application, .sovereign = f->sovereign, .environment_count = 1};
    f->facts.environments[0] = (ec_application_environment){.name = "acme-dev",
                                                            .environment = f->environment,
                                                            .branch = "develop",
                                                            .env_type = "dev",
                                                            .commit = "abc",
                                                            .source = f->source};
    ec_observed_init(&f->observed);
}

TEST("an Environment whose catalyst.yaml cannot be read says which commit is not built and why, one that waits for its branch "
     "does not")
{
    for (int refused = 1; refused >= 0; refused--) {
        cat_auto(fixture) f = {0};
        begin(&f);
        f.facts.environments[0].source = NULL;
        f.facts.environments[0].problem = refused ? "catalyst.yaml: line 3: no" : "it has no catalyst.yaml yet";
        f.facts.environments[0].refused = refused;
        bool ready = true;
        cat_autofree char *why = NULL;
        cat_autojson json_t *status = ec_application_environments(&f.facts, &f.observed, &ready, &why);
        EXPECT_TEXT(cat_json_text(json_array_get(status, 0), "reason"), refused ? "NotBuilt" : NULL);
        EXPECT_TEXT(cat_json_text(json_array_get(status, 0), "message"),
                    refused ? "abc: catalyst.yaml: line 3: no" : "it has no catalyst.yaml yet");
    }
}

#define APPLIED(commit)                                                                                                          \
    "{metadata: {generation: 1}, status: {lastAppliedRevision: 'develop@sha1:" commit "', conditions: [{type: Ready, status: "   \
    "'True', observedGeneration: 1}]}}"

TEST("the status says what each branch wants and what runs")
{
    static const struct {
        const char *flux, *message;
        bool ready;
    } rows[] = {
        {"null", "its Flux objects are not there yet", false},
        {"{metadata: {generation: 1}, status: {lastAppliedRevision: 'develop@sha1:abc', conditions: [{type: Ready, status: "
         "'True', observedGeneration: 1}]}}",
         NULL, true},
        {"{metadata: {generation: 1}, status: {lastAppliedRevision: 'develop@sha1:old', conditions: [{type: Ready, status: "
         "'True', observedGeneration: 1}]}}",
         "Flux has not applied the branch's head yet", false},
        {"{metadata: {generation: 1}, status: {conditions: [{type: Ready, status: 'False', message: 'dependency not ready', "
         "observedGeneration: 1}]}}",
         "dependency not ready", false},
        {"{metadata: {generation: 1}, spec: {suspend: true}}", "it is suspended", false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cat_test_row("%s", rows[i].flux);
        cat_auto(fixture) f = {0};
        begin(&f);
        test_put(&f.observed, VCLUSTER " Kustomization flux-system blog-dev", rows[i].flux);
        test_put(&f.observed, VCLUSTER " GitRepository flux-system blog-dev",
                 "{metadata: {generation: 1}, status: {conditions: [{type: Ready, status: 'True'}]}}");
        bool ready = false;
        cat_autofree char *why = NULL;
        cat_autojson json_t *status = ec_application_environments(&f.facts, &f.observed, &ready, &why);
        EXPECT_INT(ready, rows[i].ready);
        EXPECT_TEXT(cat_json_text(status, "0.message"), rows[i].message);
        EXPECT_TEXT(cat_json_text(status, "0.wanted.version"), "1.3.0");
        EXPECT_TEXT(cat_json_text(status, "0.wanted.commit"), "abc");
        if (rows[i].ready)
            EXPECT_TEXT(cat_json_text(status, "0.running.version"), "1.3.0");
    }
}

TEST("a version that nobody registered is told where nothing else is, and does not make what runs unready")
{
    static const struct {
        const char *blueprint, *flux, *reason, *message;
    } rows[] = {
        {"null", APPLIED("abc"), "BlueprintUnknown",
         "version 1.3.0 of Blueprint bp-wordpress (of catalog) is not registered here"},
        {"{metadata: {name: x}}", APPLIED("abc"), NULL, NULL},
        {NULL, APPLIED("abc"), NULL, NULL}, /* nobody has looked */
        {"null", APPLIED("old"), NULL, "Flux has not applied the branch's head yet"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cat_test_row("%zu", i);
        cat_auto(fixture) f = {0};
        begin(&f);
        test_put(&f.observed, VCLUSTER " Kustomization flux-system blog-dev", rows[i].flux);
        test_put(&f.observed, VCLUSTER " GitRepository flux-system blog-dev",
                 "{metadata: {generation: 1}, status: {conditions: [{type: Ready, status: 'True'}]}}");
        if (rows[i].blueprint)
            test_put(&f.observed, "management Blueprint - catalog.bp-wordpress.1.3.0", rows[i].blueprint);
        bool ready = false;
        cat_autojson json_t *status = ec_application_environments(&f.facts, &f.observed, &ready, NULL);
        EXPECT_INT(ready, !rows[i].message || rows[i].reason);
        EXPECT_TEXT(cat_json_text(status, "0.reason"), rows[i].reason);
        EXPECT_TEXT(cat_json_text(status, "0.message"), rows[i].message);
    }
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
