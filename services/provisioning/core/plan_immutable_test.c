/* Which changes of rendered objects a cluster never takes, and where the request asked for them. */
#include "core/plan_immutable.h"

#include "base/memory.h"
#include "base/test.h"
#include "wire/kubernetes.h"

static json_t *json(const char *text)
{
    cat_autofree char *copy = cat_strdup(text);
    for (char *at = copy; *at; at++)
        if (*at == '\'')
            *at = '"';
    json_t *value = json_loads(copy, 0, NULL);
    if (!value)
        cat_test_fail(__FILE__, __LINE__, "the test's own JSON is wrong: %s", copy);
    return value;
}

#define WEB(rest)                                                                                                                \
    "[{'apiVersion': 'apps/v1', 'kind': 'Deployment', 'metadata': {'name': 'web', 'namespace': 'blog-dev'}, 'spec': {" rest "}}" \
    "]"
#define DB(rest) "[{'apiVersion': 'apps/v1', 'kind': 'StatefulSet', 'metadata': {'name': 'db'}, 'spec': {" rest "}}]"
#define DATA(rest) "[{'apiVersion': 'v1', 'kind': 'PersistentVolumeClaim', 'metadata': {'name': 'data'}, 'spec': {" rest "}}]"
#define JOB(annotations, rest)                                                                                                   \
    "[{'apiVersion': 'batch/v1', 'kind': 'Job', 'metadata': {'name': 'make', 'annotations': {" annotations "}}, 'spec': {" rest  \
    "}}]"
#define WEB_SERVICE(rest) "[{'apiVersion': 'v1', 'kind': 'Service', 'metadata': {'name': 'web'}, 'spec': {" rest "}}]"
#define SETTINGS(rest) "[{'apiVersion': 'v1', 'kind': 'ConfigMap', 'metadata': {'name': 'web'}, " rest "}]"
#define KEYS(rest) "[{'apiVersion': 'v1', 'kind': 'Secret', 'metadata': {'name': 'keys'}, " rest "}]"

typedef struct {
    const char *before, *after, *says; /* part of the first complaint; NULL: none */
} comparison;

static void expect(const comparison *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        cat_test_row("%s → %s", rows[i].before, rows[i].after);
        cat_autojson json_t *before = json(rows[i].before), *after = json(rows[i].after), *complaints = json_array(),
                            *changes = json("[{'pointer': '/config/x', 'value': 1}]");
        prv_plan_immutable(before, after, changes, "blog in acme-dev", complaints);
        EXPECT_INT(json_array_size(complaints), rows[i].says ? 1 : 0);
        const char *said = cat_json_text_or(complaints, "0.message", "");
        EXPECT(!rows[i].says || strstr(said, rows[i].says));
        if (rows[i].says)
            EXPECT_TEXT(cat_json_text(complaints, "0.pointer"), "/config/x");
    }
}

TEST("a field that Kubernetes fixes when an object is made is refused, of each kind; what may change is not")
{
    static const comparison ROWS[] = {
        {WEB("'selector': {'a': 'x'}"), WEB("'selector': {'a': 'y'}"), "spec.selector of Deployment web"},
        {WEB("'selector': {'a': 'x'}, 'replicas': 1, 'template': {'a': 1}"),
         WEB("'selector': {'a': 'x'}, 'replicas': 2, 'template': {}"), NULL},
        {DB("'serviceName': 'db'"), DB("'serviceName': 'other'"), "from db to other"},
        {DB("'volumeClaimTemplates': [{'spec': {'resources': {'requests': {'storage': '1Gi'}}}}]"),
         DB("'volumeClaimTemplates': [{'spec': {'resources': {'requests': {'storage': '2Gi'}}}}]"), "spec.volumeClaimTemplates"},
        {DB("'podManagementPolicy': 'Parallel'"), DB("'replicas': 2"), "spec.podManagementPolicy"},
        {DB("'replicas': 1, 'updateStrategy': {}"), DB("'replicas': 3, 'minReadySeconds': 2"), NULL},
        {JOB("", "'template': {'a': 1}"), JOB("", "'template': {'a': 2}"), "spec.template of Job make"},
        {JOB("", "'parallelism': 1"), JOB("", "'parallelism': 2, 'suspend': true"), NULL},
        {JOB("", "'template': {'a': 1}"), JOB("'kustomize.toolkit.fluxcd.io/force': 'enabled'", "'template': {'a': 2}"), NULL},
        {WEB_SERVICE("'clusterIP': '10.0.0.1'"), WEB_SERVICE("'clusterIP': 'None'"), "spec.clusterIP"},
        {WEB_SERVICE("'ports': []"), WEB_SERVICE("'clusterIP': 'None'"), "spec.clusterIP"},
        {WEB_SERVICE("'clusterIP': 'None'"), WEB_SERVICE("'ports': []"), NULL},
        {SETTINGS("'data': {'a': '1'}"), SETTINGS("'data': {'a': '2'}"), NULL},
        {SETTINGS("'immutable': true, 'data': {'a': '1'}"), SETTINGS("'immutable': true, 'data': {'a': '2'}"),
         "data of ConfigMap web"},
        {SETTINGS("'immutable': true"), SETTINGS("'immutable': false"), "immutable of ConfigMap web"},
        {SETTINGS("'immutable': false, 'data': {}"), SETTINGS("'immutable': true, 'data': {}"), NULL},
        {KEYS("'type': 'Opaque'"), KEYS("'type': 'kubernetes.io/tls'"), "type of Secret keys"},
        {WEB("'selector': {'a': 'x'}"), "[]", NULL},
        {"[]", WEB("'selector': {'a': 'x'}"), NULL}};
    expect(ROWS, sizeof ROWS / sizeof *ROWS);
}

TEST("a volume keeps its class and modes")
{
    static const comparison ROWS[] = {
        {DATA("'resources': {'requests': {'storage': '1Gi'}}"), DATA("'resources': {'requests': {'storage': '2Gi'}}"), NULL},
        {DATA("'accessModes': ['ReadWriteOnce']"), DATA("'accessModes': ['ReadWriteMany']"), "spec.accessModes"},
        {DATA("'storageClassName': 'fast'"), DATA("'storageClassName': 'slow'"), "spec.storageClassName"},
        {DATA("'storageClassName': 'fast'"), DATA("'volumeMode': 'Block'"), "spec.volumeMode"}};
    expect(ROWS, sizeof ROWS / sizeof *ROWS);
}

TEST("what a claim asked for before is read from the same claim, unless it is made anew")
{
    cat_autojson json_t *before = json(DATA("'resources': {'requests': {'storage': '20Gi'}}")),
                        *same = json(DATA("'resources': {'requests': {'storage': '10Gi'}}")), *forced = json_deep_copy(same),
                        *other = json_deep_copy(same);
    cat_object_set_annotation(json_array_get(forced, 0), "kustomize.toolkit.fluxcd.io/force", "enabled");
    cat_json_set_text(json_array_get(other, 0), "metadata.name", "more");
    EXPECT_TEXT(prv_volume_before(before, json_array_get(same, 0)), "20Gi");
    EXPECT_TEXT(prv_volume_before(before, json_array_get(forced, 0)), NULL);
    EXPECT_TEXT(prv_volume_before(before, json_array_get(other, 0)), NULL);
}

TEST("what a Secret holds is not shown")
{
    cat_autojson json_t *before = json(KEYS("'immutable': true, 'data': {'a': 'b2xk'}")),
                        *after = json(KEYS("'immutable': true, 'data': {'a': 'bmV3'}")), *complaints = json_array();
    prv_plan_immutable(before, after, NULL, "blog in acme-dev", complaints);
    EXPECT_INT(json_array_size(complaints), 1);
    EXPECT(!strstr(cat_json_text_or(complaints, "0.message", "bmV3"), "bmV3"));
}

TEST("of several changes the one whose value stands in the object is pointed at")
{
    static const char *const ROWS[][2] = {
        {"[{'pointer': '/config/storage', 'value': '10Gi'}, {'pointer': '/config/title', 'value': 'x'}]", "/config/storage"},
        {"[{'pointer': '/config/title', 'value': 'x'}]", "/config/title"},
        {"[{'pointer': '/config/a', 'value': '1'}, {'pointer': '/size', 'value': 'large'}]", "/config"},
        {"[]", "/config"}};
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        cat_test_row("%s", ROWS[i][0]);
        cat_autojson json_t *changes = json(ROWS[i][0]), *value = json_string("10Gi");
        EXPECT_TEXT(prv_pointer_of_change(changes, value), ROWS[i][1]);
    }
}

TEST("what a request changed is read from the files of the Environment's branch")
{
    cat_autojson json_t *before =
        json("{'values.yaml': 'spec: {a: 1, b: {c: 2, d: 3}, e: [1]}', 'catalyst.yaml': 'spec: {size: small}',"
             " 'overlays/dev/values.yaml': 'spec: {}', 'overlays/stg/values.yaml': 'spec: {}'}");
    cat_autojson json_t *after = json("{'values.yaml': 'spec: {a: 1, b: {c: 5, d: 3}}', 'catalyst.yaml': 'spec: {size: large}',"
                                      " 'overlays/dev/values.yaml': 'spec: {f: 1}', 'overlays/stg/values.yaml': 'spec: {g: 1}'}");
    cat_autojson json_t *changes = prv_config_changes(before, after, "dev");
    cat_autofree char *text = cat_json_format(changes);
    EXPECT_TEXT(text,
                "[{\"pointer\":\"/config/b/c\",\"value\":5},{\"pointer\":\"/config/e\"},{\"pointer\":\"/config/f\",\"value\":1},"
                "{\"pointer\":\"/size\",\"value\":\"large\"}]");
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
