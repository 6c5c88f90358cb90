/* The account that Flux applies an Application as, what it may do, and what keeps Flux off Catalyst's own objects. */
#define EC_PLAN_TEST_MAIN
#include "plan_confinement.h"

#include "domain/home.h"
#include "plan_test_parts.h"

#define CLUSTER "vc"

static void confine(const ec_observed *observed, ec_plan *plan)
{
    ec_plan_finish(plan);
    ec_confine(observed, plan, CLUSTER, "blog-dev", test_json("{openova.io/application: blog}"));
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
