/* Quantities that are none, and those that something may still mend. */
#include "domain/quantity_check.h"

#include "base/memory.h"
#include "base/string.h"
#include "base/test.h"

#define DEPLOYMENT "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\n"
#define LIMIT(quantity)                                                                                                          \
    DEPLOYMENT "spec:\n  template:\n    spec:\n      containers:\n      - name: web\n        resources:\n          limits:\n"    \
               "            cpu: " quantity "\n"
#define FIELD "spec.template.spec.containers[name=\"web\"].resources.limits.cpu"
#define NONE(value) "is " value ", which is no quantity: write it such as 500m, 2, 128Mi or 1Gi\n"
#define SAID "a.yaml:11: " FIELD " of Deployment web " NONE("\"five\"")
#define VOLUME(spec) "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: data}\nspec: " spec "\n"

/* `b.yaml` is read too where there is a text for it; `c.yaml` never is. */
static char *said_of(const char *text, const char *other)
{
    cat_autojson json_t *files = cat_json_object("a.yaml", json_string(text), "c.yaml", json_string(LIMIT("six")), NULL),
                        *errors = NULL;
    if (other)
        json_object_set_new(files, "b.yaml", json_string(other));
    bool passes = cat_quantities_check(files, "a.yaml b.yaml", &errors);
    EXPECT(passes == !errors);
    cat_auto(cat_string) all = CAT_STRING(65536);
    size_t index;
    json_t *one;
    json_array_foreach(errors, index, one)
    {
        EXPECT(!json_object_get(one, "path"));
        cat_string_appendf(&all, "%s:%lld: %s\n", cat_json_text_or(one, "file", "?"), (long long)cat_json_int_or(one, "line", 0),
                           cat_json_text_or(one, "message", "?"));
    }
    return cat_string_take(&all);
}

TEST("a quantity that is none is told with its line, field and value, in whatever makes Pods and volumes")
{
    static const char *const ROWS[][2] = {
        {LIMIT("five"), SAID},
        {LIMIT("500m"), ""},
        {LIMIT("1.5"), ""},
        {LIMIT("null"), ""},
        {LIMIT("{a: 1}"), ""}, /* of which the cluster names the field */
        {LIMIT("''"), "a.yaml:11: " FIELD " of Deployment web " NONE("\"\"")},
        {LIMIT("true"), "a.yaml:11: " FIELD " of Deployment web " NONE("true")},
        {LIMIT("\"a\\nb\""), "a.yaml:11: " FIELD " of Deployment web " NONE("\"a b\"")},
        {"a: 1\n---\n" LIMIT("five"), "a.yaml:13: " FIELD " of Deployment web " NONE("\"five\"")},
        {VOLUME("{resources: {requests: {storage: 1 GB}}}"),
         "a.yaml:4: spec.resources.requests.storage of PersistentVolumeClaim data " NONE("\"1 GB\"")},
        {DEPLOYMENT "spec: {template: {spec: {volumes: [{name: v, emptyDir: {sizeLimit: big}}, {name: w, emptyDir: {}}]}}}\n",
         "a.yaml:4: spec.template.spec.volumes[name=\"v\"].emptyDir.sizeLimit of Deployment web " NONE("\"big\"")},
        {"apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: run}\nspec: {jobTemplate: {spec: {template: {spec: {containers: "
         "[{resources: {requests: {memory: 64MB}}}]}}}}}\n",
         "a.yaml:4: spec.jobTemplate.spec.template.spec.containers[0].resources.requests.memory of CronJob run " NONE(
             "\"64MB\"")},
        /* Somebody else's kind may mean something else by it. */
        {"apiVersion: example.org/v1\nkind: Plan\nspec: {resources: {limits: {cpu: five}}}\n", ""},
        {"apiVersion: v1\nkind: ConfigMap\ndata: {resources: five}\n", ""},
        {"apiVersion: v1\nkind: Pod\nmetadata: {name: x, annotations: {kustomize.toolkit.fluxcd.io/reconcile: disabled}}\nspec: "
         "{containers: [{resources: {limits: {cpu: five}}}]}\n",
         ""},
        {"a: [", ""},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        cat_test_row("%s", ROWS[i][0]);
        cat_autofree char *said = said_of(ROWS[i][0], NULL);
        EXPECT_TEXT(said, ROWS[i][1]);
    }
}

#define KUSTOMIZATION(rest) "kind: Kustomization\n" rest
#define BINDING(path) "replacements: [{source: {kind: Values, fieldPath: spec.cpu}, targets: [{fieldPaths: ['" path "']}]}]\n"

TEST("one that a patch, a binding or a taking away may still change is left to the cluster, and no other is")
{
    static const struct {
        const char *other;
        bool told;
    } ROWS[] = {
        {LIMIT("1"), false},
        {LIMIT("6x"), true}, /* told twice */
        {LIMIT("~"), false},
        {DEPLOYMENT "spec: {template: ~}\n", false},
        {DEPLOYMENT "spec: {template: {spec: {containers: [{name: web, resources: {limits: {memory: 1Gi}}}]}}}\n", true},
        {DEPLOYMENT "spec: {template: {spec: {containers: [{name: other, resources: {limits: {cpu: 1}}}]}}}\n", true},
        {DEPLOYMENT "spec: {template: {spec: {containers: [{name: web, $patch: delete}]}}}\n", false},
        {BINDING("spec.template.spec.containers.[name=web].resources.limits.cpu"), false},
        {BINDING("spec.template.spec.containers.*.resources"), false},
        {BINDING("spec.template.spec.containers.0"), false},
        {BINDING("spec.template.spec.containers.[name=web].resources.requests.cpu"), true},
        {BINDING("spec.template.spec.containers.[name=web].image"), true},
        {BINDING("spec.replicas"), true},
        {BINDING("spec.template.spec.containers.0.resources.limits.a\\.b"), false},
        {"[{op: replace, path: /spec/template/spec/containers/0/resources/limits/cpu, value: 1}]\n", false},
        {"[{op: remove, path: /spec/template/spec/containers/1}]\n", false},
        {"[{op: add, path: /metadata/labels/a, value: b}]\n", true},
        {KUSTOMIZATION("patches: [{patch: '[{op: remove, path: /spec/template/spec/containers}]'}]\n"), false},
        {KUSTOMIZATION("patches: [{patch: '{kind: Deployment, metadata: {name: web}}'}]\n"), true},
        {KUSTOMIZATION("patches:\n- patch: '{spec: {template: {spec: {containers: [{name: web, resources: {limits: {cpu: "
                       "2}}}]}}}}'\n"),
         false},
        {KUSTOMIZATION("resources: [a.yaml, /, spec/]\n"), false},
        {KUSTOMIZATION("resources: [a.yaml, /]\nimages: [{name: x, newTag: specific}]\n"), true},
        {"a: [", false},
        {"a: &a 1\nb: *a\n", false},
        {KUSTOMIZATION("patches: [{patch: '[{'}]\n"), false},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        cat_test_row("%s", ROWS[i].other);
        cat_autofree char *said = said_of(LIMIT("five"), ROWS[i].other);
        EXPECT(ROWS[i].told ? cat_text_starts_with(said, SAID) : !*said);
    }
}

TEST("many of them, or much text, are no burden")
{
    cat_auto(cat_string) many = CAT_STRING(4 * 1024 * 1024), large = CAT_STRING(4 * 1024 * 1024);
    for (int i = 0; i < 250; i++)
        cat_string_append(&many, LIMIT("five") "---\n");
    cat_autofree char *said = said_of(cat_string_get(&many), NULL);
    EXPECT(cat_text_starts_with(said, SAID));
    while (large.length < 2 * 1024 * 1024)
        cat_string_append(&large, "# 0123456789012345678901234567890123456789\n");
    cat_autofree char *nothing = said_of(LIMIT("five"), cat_string_get(&large));
    EXPECT_TEXT(nothing, "");
}

TEST("where it is not known what is read, nothing is said")
{
    cat_autojson json_t *files = cat_json_object("a.yaml", json_string(LIMIT("five")), NULL), *errors = NULL;
    EXPECT(cat_quantities_check(files, NULL, &errors) && !errors);
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
