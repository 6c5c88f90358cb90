/* One reading of a value: what Git has, what a plan and the form show, and what the cluster gets. */
#include <string.h>

#include "base/memory.h"
#include "base/test.h"
#include "core/plan_parts.h"
#include "kinds/kinds.h"
#include "wire/yaml.h"

static const char HEAD[] = "apiVersion: catalyst.openova.io/v1alpha1\nkind: Values\nmetadata:\n  name: values\n  annotations:\n"
                           "    config.kubernetes.io/local-config: \"true\"\nspec:\n";
static const char SCHEMA[] =
    "{type: object, additionalProperties: false, properties: {message: {type: string}, color: {type: string}, replicas: {type: "
    "integer}, owner: {type: string, x-catalyst-immutable: true}, at: {type: object, properties: {zone: {type: string, "
    "x-catalyst-immutable: true}}}, logLevel: {enum: [info, debug]}, tags: {type: array, items: {type: string}}}}";

static json_t *yaml(const char *text)
{
    json_t *value = NULL;
    cat_error error = {0};
    if (cat_yaml_parse(text, strlen(text), &CAT_YAML_CAPS, &value, NULL, &error) < 0)
        cat_test_fail(__FILE__, __LINE__, "the test's own YAML is wrong: %s", error.message);
    return value;
}

/* An Application of a Blueprint with SCHEMA whose values.yaml says `spec`, as it is observed. */
static json_t *facts_of(const char *spec, const char *overlay)
{
    cat_autofree char *values = cat_printf("%s%s", HEAD, spec), *own = cat_printf("%s%s", HEAD, overlay);
    cat_autojson json_t *known = yaml(values), *known_own = yaml(own);
    json_t *source = yaml("{blueprint: {source: catalog, name: bp-x, version: 1.0.0}, size: small}");
    json_t *branch = cat_json_object(
        "source", source, "values", json_incref(cat_json_get(known, "spec")), "overlays",
        cat_json_object("dev", cat_json_object("values", json_incref(cat_json_get(known_own, "spec")), NULL), NULL), "files",
        cat_json_object("values.yaml", json_string(values), "overlays/dev/values.yaml", json_string(own), NULL), NULL);
    json_t *facts = cat_json_object("organization", cat_json_object("name", json_string("acme"), NULL), "environments",
                                    yaml("{acme-dev: {type: dev, domain: d}}"), "blueprints",
                                    json_pack("[o]", cat_json_object("source", json_string("catalog"), "name",
                                                                     json_string("bp-x"), "version", json_string("1.0.0"), "spec",
                                                                     cat_json_object("configSchema", yaml(SCHEMA), NULL), NULL)),
                                    "applications",
                                    cat_json_object("x",
                                                    cat_json_object("spec", yaml("{environments: [acme-dev]}"), "branches",
                                                                    cat_json_object("develop", branch, NULL), NULL),
                                                    NULL),
                                    NULL);
    prv_type_values(facts);
    return facts;
}

TEST("what is bound into a text is shown as it was written, and everything else as YAML reads it")
{
    static const struct {
        const char *spec, *config;
    } ROWS[] = {{"  message: 2026-11-30\n", "{\"message\":\"2026-11-30\"}"},
                {"  message: 0x1F\n  replicas: 0x1F\n", "{\"message\":\"0x1F\",\"replicas\":31}"},
                {"  message: 1.10\n", "{\"message\":\"1.10\"}"},
                {"  message: True\n", "{\"message\":\"True\"}"},
                {"  message: \"1.10\"\n", "{\"message\":\"1.10\"}"},
                {"  message: ~\n", "{\"message\":null}"},
                {"  unknown: 2026-11-30\n  other: 1.10\n", "{\"unknown\":\"2026-11-30\",\"other\":1.1}"},
                {"  tags: [1.10, 2026-11-30]\n", "{\"tags\":[1.1,\"2026-11-30T00:00:00Z\"]}"}};
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        cat_test_row("%s", ROWS[i].spec);
        cat_autojson json_t *facts = facts_of(ROWS[i].spec, ROWS[i].spec);
        const json_t *branch = cat_json_get(facts, "applications.x.branches.develop");
        cat_autofree char *shown = cat_json_format(cat_json_get(branch, "values")),
                          *own = cat_json_format(cat_json_get(branch, "overlays.dev.values"));
        EXPECT_TEXT(shown, ROWS[i].config);
        EXPECT_TEXT(own, ROWS[i].config);
    }
}

/* The plan of a change of color beside what the form shows; the caller's. */
static json_t *plan_color(const json_t *facts, const char *environment, cat_error *error)
{
    cat_autojson json_t *config = json_deep_copy(cat_json_get(facts, "applications.x.branches.develop.values")), *plan = NULL;
    cat_json_set_text(config, "color", "blue");
    cat_autojson json_t *wish =
        cat_json_object("kind", json_string("configure"), "application", json_string("x"), "config", json_incref(config), NULL);
    cat_json_set_text(wish, "environment", environment);
    prv_plan_make(prv_kind_of(wish), facts, wish, &plan, NULL, NULL, error);
    return json_incref(plan);
}

TEST("a field that a plan does not touch neither holds it up nor is written anew, and one that the schema does not take is told")
{
    static const struct {
        const char *spec, *warning;
    } ROWS[] = {{"  message: 2026-11-30 # the day\n", NULL},
                {"  message: 0x1F\n", NULL},
                {"  message: 1.10\n", NULL},
                {"  replicas: 0x1F\n", NULL},
                {"  message: {a: b}\n", "/config/message: This has to be text, but it is a group of fields. It is so in Git"},
                {"  tags: [1.10]\n", "/config/tags/0: This has to be text, but it is a number. It is so in Git"},
                {"  mesage: x\n", "/config/mesage: There is no field mesage here"},
                {"  logLevel: loud\n", "/config/logLevel: This has to be one of: info, debug. It is so in Git already"}};
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        cat_test_row("%s", ROWS[i].spec);
        cat_error error = {0};
        cat_autojson json_t *facts = facts_of(ROWS[i].spec, "  replicas: 1\n"), *plan = plan_color(facts, NULL, &error);
        cat_autofree char *wanted = cat_printf("%s%s  color: blue\n", HEAD, ROWS[i].spec);
        EXPECT_TEXT(cat_json_text(plan, "trees.0.files.0.content"), wanted);
        const char *warning = cat_json_text_or(plan, "warnings.0", "");
        EXPECT(ROWS[i].warning ? strstr(warning, ROWS[i].warning) != NULL : !*warning);
    }
}

TEST("what one Environment has of its own is held to the schema by the same reading")
{
    cat_error error = {0};
    cat_autojson json_t *facts = facts_of("  message: 1.10\n", "  color: 0x1F\n"), *plan = plan_color(facts, "acme-dev", &error);
    EXPECT_TEXT(error.message, "");
    EXPECT(strstr(cat_json_text_or(plan, "trees.0.files.0.content", ""), "color: blue"));
}

TEST("what the schema does not take of Git's values is told, everybody's once and an Environment's with it")
{
    static const struct {
        const char *spec, *own, *problems;
    } ROWS[] = {
        {"  message: x\n", "  color: y\n", ""},
        {"  logLevel: loud\n", "  color: y\n", "/values/logLevel: This has to be one of: info, debug\n"},
        {"  message: {a: b}\n", "  color: y\n", "/values/message: This has to be text, but it is a group of fields\n"},
        {"  message: x\n", "  logLevel: loud\n", "/overlays/dev/logLevel: This has to be one of: info, debug\n"},
        {"  logLevel: loud\n", "  logLevel: info\n", "/values/logLevel: This has to be one of: info, debug\n"},
        {"  logLevel: loud\n", "  logLevel: loud\n",
         "/values/logLevel: This has to be one of: info, debug\n/overlays/dev/logLevel: This has to be one of: info, debug\n"},
        {"  message: ~\n", "  message: ~\n", "/values/message: This has to be text, but it is empty (null)\n"},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        cat_test_row("%s with %s", ROWS[i].spec, ROWS[i].own);
        cat_autojson json_t *facts = facts_of(ROWS[i].spec, ROWS[i].own), *overlays = yaml("{dev: {}}"),
                            *problems = prv_problems_of_values(facts, "x", overlays);
        cat_auto(cat_string) said = CAT_STRING(4096);
        size_t index;
        json_t *one;
        json_array_foreach(problems, index, one)
            cat_string_appendf(&said, "%s: %s\n", cat_json_text_or(one, "pointer", "?"), cat_json_text_or(one, "message", "?"));
        EXPECT_TEXT(cat_string_get(&said), ROWS[i].problems);
    }
    cat_autojson json_t *facts = facts_of("  message: x\n", "  logLevel: loud\n"), *nowhere = json_object(),
                        *unseen = prv_problems_of_values(facts, "x", nowhere);
    EXPECT_INT(json_array_size(unseen), 0);
}

TEST("a value that the wish brings is held to the schema, whatever stood there before")
{
    cat_autojson json_t *facts = facts_of("  logLevel: loud\n", "  replicas: 1\n"), *plan = NULL, *errors = NULL;
    cat_autojson json_t *wish = yaml("{kind: configure, application: x, config: {logLevel: louder}}");
    EXPECT_INT(prv_plan_make(prv_kind_of(wish), facts, wish, &plan, &errors, NULL, NULL), CAT_E_INVALID);
    EXPECT_TEXT(cat_json_text(errors, "0.pointer"), "/config/logLevel");
}

TEST("what the Blueprint fixes once the Application is there is refused at its field, and may be set where it was not")
{
    static const struct {
        const char *spec, *config, *pointer;
    } ROWS[] = {{"  owner: ann\n", "{owner: bob}", "/config/owner"},
                {"  owner: ann\n", "{color: red}", "/config/owner"}, /* left out: taken away */
                {"  owner: ann\n", "{owner: ann, color: red}", NULL},
                {"  owner: 1.10\n", "{owner: '1.10', color: red}", NULL},
                {"  color: blue\n", "{owner: bob}", NULL},
                {"  at: {zone: a}\n", "{at: {zone: b}}", "/config/at/zone"}};
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        cat_test_row("%s %s", ROWS[i].spec, ROWS[i].config);
        cat_autojson json_t *facts = facts_of(ROWS[i].spec, "  replicas: 1\n"), *plan = NULL, *errors = NULL;
        cat_autojson json_t *wish = yaml("{kind: configure, application: x}");
        json_object_set_new(wish, "config", yaml(ROWS[i].config));
        EXPECT_INT(prv_plan_make(prv_kind_of(wish), facts, wish, &plan, &errors, NULL, NULL),
                   ROWS[i].pointer ? CAT_E_INVALID : 0);
        EXPECT_TEXT(cat_json_text(errors, "0.pointer"), ROWS[i].pointer);
    }
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
