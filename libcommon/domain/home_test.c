/* What an Application may bring. The objects of tests/security/home.json are given to a real API server too
 * (tests/security/home.sh): both have to say the same. */
#include "domain/home.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/test.h"

#define HOME "blog-dev"

static json_t *cases(void)
{
    cat_autofree char *text = NULL;
    size_t length = 0;
    json_t *list = NULL;
    cat_error error = {0};
    if (cat_file_read(CATALYST_SOURCE_DIR "/tests/security/home.json", 1024 * 1024, &text, &length, &error) < 0 ||
        cat_json_parse(text, length, &CAT_JSON_CAPS, &list, &error) < 0)
        cat_test_fail(__FILE__, __LINE__, "%s", error.message);
    return list;
}

static json_t *parse(const char *text)
{
    json_t *value = NULL;
    cat_error error = {0};
    if (cat_json_parse(text, strlen(text), &CAT_JSON_CAPS, &value, &error) < 0)
        cat_test_fail(__FILE__, __LINE__, "%s", error.message);
    return value;
}

TEST("what the cluster takes is taken here, and what it refuses is refused here")
{
    cat_autojson json_t *list = cases();
    EXPECT(json_array_size(list) > 40);
    size_t index;
    json_t *one;
    json_array_foreach(list, index, one)
    {
        char why[CAT_HOME_SENTENCE_MAX] = "";
        bool refused = cat_text_equal(cat_json_text(one, "verdict"), "refused");
        cat_test_row("%s", cat_json_text_or(one, "says", "?"));
        EXPECT_INT(cat_home_judge(json_object_get(one, "object"), HOME, NULL, why), refused ? CAT_HOME_REFUSED : CAT_HOME_TAKEN);
        EXPECT_INT(why[0] != '\0', refused);
    }
}

TEST("a refusal says which object, why, and what to do")
{
    static const struct {
        const char *object, *sentence;
    } rows[] = {
        {"{\"apiVersion\":\"rbac.authorization.k8s.io/v1\",\"kind\":\"ClusterRoleBinding\",\"metadata\":{\"name\":\"root\"}}",
         "ClusterRoleBinding root: an Application may not bring a ClusterRoleBinding, as its rights end at its own namespace; a "
         "Role and a "
         "RoleBinding are enough there. Take it out, or let its Blueprint's clusterScope name it, which has to be granted"},
        {"{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"a\",\"namespace\":\"shop-dev\"}}",
         "ConfigMap a: it is to lie in namespace shop-dev, and an Application is at home in its own alone, which is blog-dev. "
         "Leave its "
         "namespace out"},
        {"{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"a\",\"labels\":{\"openova.io/"
         "environment\":\"x\"}}}",
         "ConfigMap a: label openova.io/environment is Catalyst's, which sets it itself. Correct it, or take it out"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char why[CAT_HOME_SENTENCE_MAX] = "";
        cat_autojson json_t *object = parse(rows[i].object);
        cat_home_judge(object, HOME, NULL, why);
        EXPECT_TEXT(why, rows[i].sentence);
    }
}

TEST("each object of a List is judged, and what makes pods by its pods")
{
    static const struct {
        const char *object;
        cat_home_verdict verdict;
    } rows[] = {
        {"{\"apiVersion\":\"v1\",\"kind\":\"List\",\"items\":[{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\"}]}", CAT_HOME_TAKEN},
        {"{\"apiVersion\":\"v1\",\"kind\":\"List\",\"items\":[{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\"},{\"apiVersion\":"
         "\"v1\","
         "\"kind\":\"Namespace\"}]}",
         CAT_HOME_REFUSED},
        {"{\"apiVersion\":\"v1\",\"kind\":\"List\",\"items\":[{\"apiVersion\":\"v1\",\"kind\":\"List\",\"items\":[]}]}",
         CAT_HOME_REFUSED},
        {"{\"apiVersion\":\"v1\",\"kind\":\"list\",\"items\":[]}", CAT_HOME_REFUSED},
        {"{\"apiVersion\":\"v1\",\"kind\":\"configmap\"}", CAT_HOME_REFUSED},
        {"{\"apiVersion\":\"apps/v1\",\"kind\":\"Deployment\",\"spec\":{\"template\":{\"spec\":{\"hostPID\":true}}}}",
         CAT_HOME_REFUSED},
        {"{\"apiVersion\":\"batch/"
         "v1\",\"kind\":\"CronJob\",\"spec\":{\"jobTemplate\":{\"spec\":{\"template\":{\"metadata\":{\"labels\":{"
         "\"openova.io/application\":\"x\"}}}}}}}",
         CAT_HOME_REFUSED},
        {"{\"apiVersion\":\"apps/v1\",\"kind\":\"StatefulSet\",\"spec\":{\"volumeClaimTemplates\":[{\"metadata\":{\"labels\":{"
         "\"openova.io/application\":\"x\"}}}]}}",
         CAT_HOME_REFUSED},
        {"{\"apiVersion\":\"database.example.org/v1\",\"kind\":\"Postgres\",\"metadata\":{\"name\":\"a\"}}", CAT_HOME_UNKNOWN},
        {"{\"apiVersion\":\"pkg.crossplane.io/v1\",\"kind\":\"Provider\"}", CAT_HOME_REFUSED},
        {"{\"apiVersion\":\"helm.toolkit.fluxcd.io/v2\",\"kind\":\"HelmRelease\"}", CAT_HOME_REFUSED},
        {"{\"apiVersion\":\"generators.external-secrets.io/v1alpha1\",\"kind\":\"Webhook\"}", CAT_HOME_REFUSED},
        {"{\"apiVersion\":\"cert-manager.io/v1\",\"kind\":\"ClusterIssuer\"}", CAT_HOME_REFUSED},
        {"{}", CAT_HOME_REFUSED},
        {"[]", CAT_HOME_REFUSED},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char why[CAT_HOME_SENTENCE_MAX];
        cat_test_row("%s", rows[i].object);
        cat_autojson json_t *object = parse(rows[i].object);
        EXPECT_INT(cat_home_judge(object, NULL, NULL, why), rows[i].verdict);
    }
}

static bool grants(const json_t *rules, const char *group, const char *resource, const char *verb)
{
    size_t index;
    json_t *rule;
    json_array_foreach((json_t *)rules, index, rule)
    {
        if (cat_json_is_text_in(json_object_get(rule, "apiGroups"), group) &&
            cat_json_is_text_in(json_object_get(rule, "resources"), resource) &&
            cat_json_is_text_in(json_object_get(rule, "verbs"), verb))
            return true;
    }
    return false;
}

TEST("the Role allows what may be brought, and of claims those that are nobody's own")
{
    cat_autojson json_t *claims = parse("[{\"group\":\"database.example.org\",\"plural\":\"postgreses\"},"
                                        "{\"group\":\"rbac.authorization.k8s.io\",\"plural\":\"clusterroles\"},"
                                        "{\"group\":\"kustomize.toolkit.fluxcd.io\",\"plural\":\"kustomizations\"},"
                                        "{\"group\":\"\",\"plural\":\"resourcequotas\"}]");
    cat_autojson json_t *rules = cat_home_role_rules(claims);
    for (const cat_home_kind *known = CAT_HOME_KINDS; known->kind; known++) {
        cat_test_row("%s", known->resource);
        EXPECT(grants(rules, known->group, known->resource, "create") && grants(rules, known->group, known->resource, "delete"));
    }
    EXPECT(grants(rules, "database.example.org", "postgreses", "patch"));
    EXPECT(!grants(rules, "rbac.authorization.k8s.io", "clusterroles", "get"));
    EXPECT(!grants(rules, "kustomize.toolkit.fluxcd.io", "kustomizations", "get"));
    EXPECT(grants(rules, "", "resourcequotas", "get") && !grants(rules, "", "resourcequotas", "patch"));
    EXPECT(!grants(rules, "", "serviceaccounts/token", "create") && !grants(rules, "", "namespaces", "get"));
    cat_autofree char *text = cat_json_format(rules);
    EXPECT(!strstr(text, "\"*\"") && !strstr(text, "escalate") && !strstr(text, "bind\"") && !strstr(text, "impersonate"));
}

TEST("the policies are two, each with its binding, and speak of every kind that may be brought")
{
    cat_autojson json_t *policies = cat_home_policies();
    EXPECT_INT(json_array_size(policies), 4);
    EXPECT_TEXT(cat_json_text(policies, "1.spec.validationActions.0"), "Deny");
    EXPECT_TEXT(cat_json_text(policies, "3.spec.policyName"), CAT_HOME_REACH);
    const char *kinds = cat_json_text_or(policies, "0.spec.validations.0.expression", "");
    for (const cat_home_kind *known = CAT_HOME_KINDS; known->kind; known++) {
        cat_autofree char *item = cat_printf("'%s/%s'", known->group, known->resource);
        cat_test_row("%s", item);
        EXPECT(strstr(kinds, item) != NULL);
    }
}

TEST("what Flux says of a refusal is said in words that help, and nothing else is touched")
{
    static const struct {
        const char *message, *sentence;
    } rows[] = {
        {"ClusterRoleBinding/root dry-run failed (Forbidden): clusterrolebindings.rbac.authorization.k8s.io \"root\" is "
         "forbidden: User "
         "\"system:serviceaccount:flux-system:blog-dev\" cannot patch resource \"clusterrolebindings\" in API group "
         "\"rbac.authorization.k8s.io\" at the cluster scope",
         "ClusterRoleBinding root: an Application may not bring a ClusterRoleBinding, as its rights end at its own namespace; a "
         "Role and a "
         "RoleBinding are enough there. Take it out of the repository, and commit"},
        {"Service/blog-dev/web dry-run failed (Forbidden): services \"web\" is forbidden: ValidatingAdmissionPolicy "
         "'catalyst-home' with "
         "binding 'catalyst-home' denied request: a Service is of type ClusterIP\n",
         "Service web: a Service is of type ClusterIP. Correct it in the repository, or take it out, and commit"},
        {"Role/blog-dev/all dry-run failed (Forbidden): roles.rbac.authorization.k8s.io \"all\" is forbidden: user "
         "\"system:serviceaccount:flux-system:blog-dev\" (groups=[\"system:serviceaccounts\"]) is attempting to grant RBAC "
         "permissions not "
         "currently held:",
         "Role all: it gives rights that the Application does not have itself. Take these rights out of it, and commit"},
        {"Pod/blog-dev/a dry-run failed (Forbidden): pods \"a\" is forbidden: violates PodSecurity \"baseline:latest\": host "
         "namespaces",
         "Pod a: its pods ask for more of the machine than an Application may have. Correct it in the repository, and commit"},
        {"Widget/blog-dev/w dry-run failed (Forbidden): widgets.example.org \"w\" is forbidden: User "
         "\"system:serviceaccount:flux-system:blog-dev\" cannot patch resource \"widgets\" in API group \"example.org\" in the "
         "namespace \"blog-dev\"",
         "Widget w: Widget of example.org is not among the kinds that an Application may bring. Take it out of the repository, "
         "and commit; or let its Blueprint's clusterScope define the kind, which has to be granted"},
        {"ConfigMap/shop-dev/a dry-run failed (Forbidden): configmaps \"a\" is forbidden: User "
         "\"system:serviceaccount:flux-system:blog-dev\" cannot patch resource \"configmaps\" in API group \"\" in the namespace "
         "\"shop-dev\"",
         "ConfigMap a: it is to lie outside the Application's namespace, where an Application may not write. Leave its namespace "
         "out, and commit"},
        {"ConfigMap/blog-dev/a dry-run failed (Forbidden): configmaps \"a\" is forbidden: User "
         "\"system:serviceaccount:flux-system:blog-dev\" cannot patch resource \"configmaps\" in API group \"\" in the namespace "
         "\"blog-dev\"",
         "ConfigMap a: its Application may not write it yet. It is tried again by itself; if that does not help, the Sovereign's "
         "people find why"},
        {"health check failed after 5m", NULL},
        {"Deployment/blog-dev/web dry-run failed (Invalid): spec.selector: Required value", NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char sentence[CAT_HOME_SENTENCE_MAX] = "";
        cat_test_row("%s", rows[i].message);
        EXPECT_INT(cat_home_explain(rows[i].message, sentence), rows[i].sentence != NULL);
        EXPECT_TEXT(sentence, rows[i].sentence ? rows[i].sentence : "");
    }
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
