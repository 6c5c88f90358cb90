/* What can be granted outside a namespace, and what comes with it. */
#include "domain/cluster_scope.h"

#include <string.h>

#include "base/memory.h"
#include "base/test.h"
#include "domain/home.h"

static json_t *parse(const char *text)
{
    json_t *value = NULL;
    cat_error error = {0};
    if (cat_json_parse(text, strlen(text), &CAT_JSON_CAPS, &value, &error) < 0)
        cat_test_fail(__FILE__, __LINE__, "%s", error.message);
    return value;
}

static void note(void *context, const char *pointer, const char *message)
{
    cat_string_appendf(context, "%s: %s\n", pointer, message);
}

static char *complaints_of(const char *scope)
{
    cat_auto(cat_string) text = CAT_STRING(65536);
    cat_autojson json_t *list = parse(scope);
    cat_cluster_scope_check(list, note, &text);
    return cat_string_take(&text);
}

TEST("four kinds can be granted, each object by a name that is nobody else's")
{
    static const struct {
        const char *scope, *says;
    } rows[] = {
        {"[]", ""},
        {"[{\"kind\":\"ClusterRole\",\"names\":[\"watcher\",\"a.b-c\"]},{\"kind\":\"PriorityClass\",\"names\":[\"low\"]}]", ""},
        {"[{\"kind\":\"CustomResourceDefinition\",\"names\":[\"widgets.acme.example\"]}]", ""},
        {"[{\"kind\":\"clusterrole\",\"names\":[\"a\"]}]", "/0/kind: a 'clusterrole' cannot be granted"},
        {"[{\"kind\":\"MutatingWebhookConfiguration\",\"names\":[\"a\"]}]", "/0/kind: a 'MutatingWebhookConfiguration' cannot"},
        {"[{\"kind\":\"ClusterRole\",\"names\":[]}]", "/0/names: names its objects one by one"},
        {"[{\"kind\":\"ClusterRole\"}]", "/0/names: names its objects one by one"},
        {"[{\"kind\":\"ClusterRole\",\"names\":[\"*\"]}]", "/0/names/0: ClusterRole '*' is no name of an object"},
        {"[{\"kind\":\"ClusterRole\",\"names\":[\"system:node\"]}]", "is no name of an object"},
        {"[{\"kind\":\"ClusterRole\",\"names\":[7]}]", "/0/names/0: ClusterRole '' is no name of an object"},
        {"[{\"kind\":\"ClusterRole\",\"names\":[\"a\",\"edit\"]}]", "/0/names/1: ClusterRole 'edit' is Kubernetes' own"},
        {"[{\"kind\":\"ClusterRole\",\"names\":[\"catalyst-scope-blog-dev\"]}]", "is Catalyst's own"},
        {"[{\"kind\":\"PriorityClass\",\"names\":[\"system-node-critical\"]}]", "is Kubernetes' own"},
        {"[{\"kind\":\"CustomResourceDefinition\",\"names\":[\"widgets\"]}]", "is not {plural}.{group}"},
        {"[{\"kind\":\"CustomResourceDefinition\",\"names\":[\"kustomizations.kustomize.toolkit.fluxcd.io\"]}]",
         "somebody else's"},
        {"[{\"kind\":\"CustomResourceDefinition\",\"names\":[\"widgets.openova.io\"]}]", "somebody else's"},
        {"[{\"kind\":\"CustomResourceDefinition\",\"names\":[\"pods.apps\"]}]", "somebody else's"},
        {"[{\"kind\":\"CustomResourceDefinition\",\"names\":[\"widgets.k8s.io\"]}]", "somebody else's"},
        {"[{\"kind\":\"CustomResourceDefinition\",\"names\":[\"externalsecrets.external-secrets.io\"]}]", "somebody else's"},
        {"[{\"kind\":\"ClusterRole\",\"names\":[\"a\"]},{\"kind\":\"ClusterRole\",\"names\":[\"b\"]}]",
         "/1/kind: is there twice"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cat_test_row("row %zu: %s", i, rows[i].scope);
        cat_autofree char *says = complaints_of(rows[i].scope);
        if (*rows[i].says)
            EXPECT(strstr(says, rows[i].says) != NULL);
        else
            EXPECT_TEXT(says, "");
    }
}

TEST("an object is granted by kind, group and name, and its content is bounded")
{
    cat_autojson json_t *scope =
        parse("[{\"kind\":\"ClusterRole\",\"names\":[\"w\"]},{\"kind\":\"ClusterRoleBinding\",\"names\":[\"w\"]},"
              "{\"kind\":\"CustomResourceDefinition\",\"names\":[\"widgets.acme.example\"]},"
              "{\"kind\":\"PriorityClass\",\"names\":[\"low\"]}]");
    static const struct {
        const char *object;
        cat_home_verdict verdict;
    } rows[] = {
        {"{\"apiVersion\":\"rbac.authorization.k8s.io/v1\",\"kind\":\"ClusterRole\",\"metadata\":{\"name\":\"w\"}}",
         CAT_HOME_TAKEN},
        {"{\"apiVersion\":\"rbac.authorization.k8s.io/v1\",\"kind\":\"ClusterRole\",\"metadata\":{\"name\":\"W\"}}",
         CAT_HOME_REFUSED},
        {"{\"apiVersion\":\"rbac.authorization.k8s.io/v1\",\"kind\":\"ClusterRole\",\"metadata\":{\"generateName\":\"w\"}}",
         CAT_HOME_REFUSED},
        {"{\"apiVersion\":\"other.example/v1\",\"kind\":\"ClusterRole\",\"metadata\":{\"name\":\"w\"}}", CAT_HOME_UNKNOWN},
        {"{\"apiVersion\":\"acme.example/v1\",\"kind\":\"Widget\",\"metadata\":{\"name\":\"a\"}}", CAT_HOME_TAKEN},
        {"{\"apiVersion\":\"acme.example/v1\",\"kind\":\"Widget\",\"metadata\":{\"name\":\"a\",\"namespace\":\"shop-dev\"}}",
         CAT_HOME_REFUSED},
        {"{\"apiVersion\":\"more.acme.example/v1\",\"kind\":\"Widget\",\"metadata\":{\"name\":\"a\"}}", CAT_HOME_UNKNOWN},
        {"{\"apiVersion\":\"rbac.authorization.k8s.io/v1\",\"kind\":\"ClusterRoleBinding\",\"metadata\":{\"name\":\"w\"},"
         "\"subjects\":[{\"kind\":\"ServiceAccount\",\"name\":\"a\",\"namespace\":\"blog-dev\"}]}",
         CAT_HOME_TAKEN},
        {"{\"apiVersion\":\"rbac.authorization.k8s.io/v1\",\"kind\":\"ClusterRoleBinding\",\"metadata\":{\"name\":\"w\"},"
         "\"subjects\":[{\"kind\":\"ServiceAccount\",\"name\":\"a\",\"namespace\":\"shop-dev\"}]}",
         CAT_HOME_REFUSED},
        {"{\"apiVersion\":\"rbac.authorization.k8s.io/v1\",\"kind\":\"ClusterRoleBinding\",\"metadata\":{\"name\":\"w\"},"
         "\"subjects\":[{\"kind\":\"Group\",\"name\":\"system:authenticated\"}]}",
         CAT_HOME_REFUSED},
        {"{\"apiVersion\":\"apiextensions.k8s.io/v1\",\"kind\":\"CustomResourceDefinition\",\"metadata\":{\"name\":"
         "\"widgets.acme.example\"},\"spec\":{\"conversion\":{\"strategy\":\"None\"}}}",
         CAT_HOME_TAKEN},
        {"{\"apiVersion\":\"apiextensions.k8s.io/v1\",\"kind\":\"CustomResourceDefinition\",\"metadata\":{\"name\":"
         "\"widgets.acme.example\"},\"spec\":{\"conversion\":{\"strategy\":\"Webhook\",\"webhook\":{}}}}",
         CAT_HOME_REFUSED},
        {"{\"apiVersion\":\"scheduling.k8s.io/v1\",\"kind\":\"PriorityClass\",\"metadata\":{\"name\":\"low\"},\"value\":1,"
         "\"preemptionPolicy\":\"Never\"}",
         CAT_HOME_TAKEN},
        {"{\"apiVersion\":\"scheduling.k8s.io/v1\",\"kind\":\"PriorityClass\",\"metadata\":{\"name\":\"low\"},\"value\":1}",
         CAT_HOME_REFUSED},
        {"{\"apiVersion\":\"scheduling.k8s.io/v1\",\"kind\":\"PriorityClass\",\"metadata\":{\"name\":\"low\"},\"value\":2000000,"
         "\"preemptionPolicy\":\"Never\"}",
         CAT_HOME_REFUSED},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char why[CAT_HOME_SENTENCE_MAX] = "";
        cat_test_row("row %zu: %s", i, rows[i].object);
        cat_autojson json_t *object = parse(rows[i].object);
        EXPECT_INT(cat_home_judge(object, "blog-dev", scope, why), rows[i].verdict);
        EXPECT_INT(cat_home_judge(object, "blog-dev", NULL, why) == CAT_HOME_TAKEN, false);
    }
}

TEST("what is granted in one Environment is not in another, and is told in words")
{
    cat_autojson json_t *granted = parse("[{\"environment\":\"acme-dev\",\"kind\":\"ClusterRole\",\"names\":[\"a\",\"b\"]},"
                                         "{\"environment\":\"acme-prod\",\"kind\":\"PriorityClass\",\"names\":[\"low\"]}]"),
                        *dev = cat_cluster_scope_in(granted, "acme-dev"), *none = cat_cluster_scope_in(NULL, "acme-dev");
    cat_autofree char *words = cat_cluster_scope_print(dev), *all = cat_cluster_scope_print(granted);
    EXPECT_TEXT(words, "ClusterRole a, ClusterRole b");
    EXPECT_TEXT(all, "ClusterRole a, ClusterRole b, PriorityClass low");
    EXPECT_INT(json_array_size(none), 0);
    EXPECT(!cat_cluster_scope_has(dev, "scheduling.k8s.io", "PriorityClass", "low"));
}

TEST("the ClusterRole says kinds and names, all of them, and the kinds that its definitions define")
{
    cat_autojson json_t *scope = parse("[{\"kind\":\"CustomResourceDefinition\",\"names\":[\"widgets.acme.example\"]}]"),
                        *rules = cat_cluster_scope_role_rules(scope), *kinds = json_array();
    cat_cluster_scope_add_kinds(scope, kinds);
    EXPECT_INT(json_array_size(rules), 2);
    EXPECT_TEXT(cat_json_text(rules, "0.resources.0"), "customresourcedefinitions");
    EXPECT_TEXT(cat_json_text(rules, "0.resourceNames.0"), "widgets.acme.example");
    EXPECT_TEXT(cat_json_text(rules, "1.resources.0"), "widgets");
    EXPECT_TEXT(cat_json_text(rules, "1.apiGroups.0"), "acme.example");
    EXPECT_TEXT(cat_json_text(kinds, "0.plural"), "widgets");
    EXPECT_TEXT(cat_json_text(kinds, "0.group"), "acme.example");
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
