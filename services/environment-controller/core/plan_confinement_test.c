/* The account that Flux applies an Application as, what it may do, and what keeps Flux off Catalyst's own objects. */
#define EC_PLAN_TEST_MAIN
#include "core/plan_confinement.h"

#include "core/plan_test_parts.h"
#include "domain/cluster_scope.h"
#include "domain/home.h"

#define CLUSTER "vc"

static void confine_with(const ec_observed *observed, ec_plan *plan, const char *scope)
{
    cat_autojson json_t *granted = scope ? test_json(scope) : NULL;
    ec_plan_finish(plan);
    ec_confine(observed, plan, CLUSTER, "blog-dev", granted, test_json("{openova.io/application: blog}"));
}

static void confine(const ec_observed *observed, ec_plan *plan)
{
    confine_with(observed, plan, NULL);
}

static void expect_kept(const json_t *object)
{
    EXPECT_TEXT(cat_object_annotation(object, "kustomize.toolkit.fluxcd.io/prune"), "disabled");
    EXPECT_TEXT(cat_object_annotation(object, "kustomize.toolkit.fluxcd.io/ssa"), "Ignore");
}

TEST("Flux applies an Application as an account of its own, whose rights lie in its namespace alone")
{
    cat_auto(ec_observed) observed;
    cat_auto(ec_plan) plan = {0};
    ec_observed_init(&observed);
    confine(&observed, &plan);
    const json_t *account = test_applied(&plan, "ServiceAccount", "blog-dev"), *role = test_applied(&plan, "Role", CAT_HOME_ROLE),
                 *binding = test_applied(&plan, "RoleBinding", CAT_HOME_ROLE);
    REQUIRE(account && role && binding);
    EXPECT_TEXT(cat_object_namespace(account), EC_FLUX_NAMESPACE);
    EXPECT_TEXT(cat_object_namespace(role), "blog-dev");
    EXPECT_TEXT(cat_object_namespace(binding), "blog-dev");
    EXPECT_TEXT(cat_json_text(binding, "roleRef.kind"), "Role");
    EXPECT_TEXT(cat_json_text(binding, "subjects.0.name"), "blog-dev");
    EXPECT_TEXT(cat_json_text(binding, "subjects.0.namespace"), EC_FLUX_NAMESPACE);
    expect_kept(role);
    expect_kept(binding);
    test_carry_out(&plan, &observed);
    confine(&observed, &plan);
    EXPECT_INT(plan.count, 0);
}

TEST("claims that Crossplane offers in the vcluster are in the Role from then on")
{
    cat_auto(ec_observed) observed;
    cat_auto(ec_plan) plan = {0};
    ec_observed_init(&observed);
    confine(&observed, &plan);
    test_carry_out(&plan, &observed);
    test_put(&observed, CLUSTER " CompositeResourceDefinition - ?",
             "[{spec: {group: example.org, claimNames: {kind: Store, plural: stores}}}, {spec: {group: example.org}}]");
    confine(&observed, &plan);
    cat_autofree char *text = ec_plan_text(&plan);
    EXPECT_TEXT(text, "flux: apply Role on vc: blog-dev/catalyst-application\n");
    cat_autofree char *rules = cat_json_format(json_object_get(test_applied(&plan, "Role", CAT_HOME_ROLE), "rules"));
    EXPECT(strstr(rules, "stores") != NULL);
}

TEST("what it was granted of the cluster it may write by name, until it is granted no more")
{
    cat_auto(ec_observed) observed;
    cat_auto(ec_plan) plan = {0};
    static const char SCOPE[] = "[{kind: ClusterRole, names: [watcher]}, {kind: CustomResourceDefinition, names: "
                                "[widgets.acme.example]}]";
    ec_observed_init(&observed);
    confine_with(&observed, &plan, SCOPE);
    const json_t *role = test_applied(&plan, "ClusterRole", CAT_CLUSTER_SCOPE_ROLE "blog-dev"),
                 *binding = test_applied(&plan, "ClusterRoleBinding", CAT_CLUSTER_SCOPE_ROLE "blog-dev");
    REQUIRE(role && binding);
    EXPECT_TEXT(cat_json_text(role, "rules.0.resourceNames.0"), "widgets.acme.example");
    EXPECT_TEXT(cat_json_text(role, "rules.1.resourceNames.0"), "watcher");
    EXPECT_TEXT(cat_json_text(binding, "subjects.0.namespace"), EC_FLUX_NAMESPACE);
    EXPECT_TEXT(cat_json_text(binding, "subjects.1.namespace"), CAT_CLUSTER_SCOPE_GRANTED);
    expect_kept(role);
    cat_autofree char *rules = cat_json_format(json_object_get(test_applied(&plan, "Role", CAT_HOME_ROLE), "rules"));
    EXPECT(strstr(rules, "\"widgets\"") != NULL);
    test_carry_out(&plan, &observed);
    confine_with(&observed, &plan, SCOPE);
    EXPECT_INT(plan.count, 0);
    confine(&observed, &plan);
    cat_autofree char *text = ec_plan_text(&plan);
    EXPECT_TEXT(text, "flux: delete ClusterRoleBinding on vc: catalyst-scope-blog-dev\n"
                      "flux: delete ClusterRole on vc: catalyst-scope-blog-dev\n"
                      "flux: apply Role on vc: blog-dev/catalyst-application\n");
}

TEST("a namespace of an Application keeps Flux off, and pods out that ask for the machine")
{
    cat_autojson json_t *namespace = ec_application_namespace("blog-dev", test_json("{openova.io/application: blog}"));
    expect_kept(namespace);
    EXPECT_TEXT(cat_object_label(namespace, "pod-security.kubernetes.io/enforce"), "baseline");
    EXPECT_TEXT(cat_object_label(namespace, "openova.io/application"), "blog");
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
