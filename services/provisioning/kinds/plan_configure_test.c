/* Changes of config and size, as people read their plans, and what becomes of what they wrote by hand. */
#include "core/plan_parts.h"
#include "core/plan_testing.h"

TEST("a change everywhere is made on develop and carried to the branches in use, each keeping its overlay")
{
    cat_autojson json_t *facts = facts_with(ENVIRONMENTS, SITE);
    expect_plan(facts,
                "{'kind': 'configure', 'application': 'site', 'config': {'title': 'New', 'database': 'postgres', 'replicas': 2}}",
                "application site change bp-wordpress 1.3.0 in acme-dev,acme-stg after \n"
                "tree acme/site develop from '' keep \n  write values.yaml\n"
                "tree acme/site staging from 'develop' keep overlays/stg\n");
}

TEST("a change that leaves fields out gets their defaults, as an install does")
{
    cat_autojson json_t *facts = facts_with(ENVIRONMENTS, SITE);
    cat_autojson json_t *plan = plan_of(facts, "{'kind': 'configure', 'application': 'site', 'config': {'title': 'New'}}");
    REQUIRE(plan);
    const char *values = content_of(plan, "acme/site", "develop", "values.yaml");
    REQUIRE(values);
    EXPECT(strstr(values, "database: postgres"));
    EXPECT(strstr(values, "replicas: 1"));
}

/* The file of a branch of site becomes `text`. */
static json_t *facts_with_file(const char *branch, const char *path, const char *text)
{
    json_t *facts = facts_with(ENVIRONMENTS, SITE);
    json_t *branches = json_object_get(json_object_get(json_object_get(facts, "applications"), "site"), "branches");
    json_object_set_new(json_object_get(json_object_get(branches, branch), "files"), path, json_string(text));
    return facts;
}

TEST("a change keeps the comments, the order and the line ends that people wrote, on every branch it reaches")
{
    static const char *const VALUES =
        "# Ask Ann before you change this.\r\nkind: Values\r\napiVersion: catalyst.openova.io/v1alpha1\r\n"
        "metadata:\r\n  name: values\r\n  labels: {team: web}\r\n  annotations:\r\n"
        "    config.kubernetes.io/local-config: 'true'\r\nspec:\r\n  title: Old # shown on top\r\n"
        "  database: postgres\r\n  replicas: 1\r\n";
    cat_autojson json_t *facts = facts_with_file("develop", "values.yaml", VALUES);
    cat_autojson json_t *plan = plan_of(
        facts, "{'kind': 'configure', 'application': 'site', 'config': {'title': 'New', 'database': 'postgres', 'replicas': 1}}");
    const char *after = content_of(plan, "acme/site", "develop", "values.yaml"), *old = strstr(VALUES, "Old");
    cat_autofree char *wanted = cat_printf("%.*sNew%s", (int)(old - VALUES), VALUES, old + 3);
    EXPECT_TEXT(after, wanted);
    EXPECT_INT(json_array_size(json_object_get(plan, "warnings")), 0);
}

TEST("comments that go with what they stand at are told in the plan")
{
    cat_autojson json_t *facts =
        facts_with_file("staging", "overlays/stg/values.yaml",
                        "apiVersion: catalyst.openova.io/v1alpha1\nkind: Values\nmetadata:\n  name: values\n  annotations:\n"
                        "    config.kubernetes.io/local-config: \"true\"\nspec:\n  title: x # for the fair\n  replicas: 2\n");
    cat_autojson json_t *plan =
        plan_of(facts, "{'kind': 'configure', 'application': 'site', 'environment': 'acme-stg', 'config': {'replicas': 3}}");
    const char *warning = cat_json_text_or(plan, "warnings.0", "");
    EXPECT(strstr(warning, "overlays/stg/values.yaml on staging of acme/site") && strstr(warning, "# for the fair"));
}

TEST("people's own patches and components in an overlay outlive a change of size")
{
    static const char *const OVERLAY = "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\ncomponents:\n"
                                       "- ../../extra\n- ../../blueprint/sizes/small # to begin with\npatches:\n"
                                       "- path: environment.yaml\n- path: mine.yaml # by hand\n- path: values.yaml\n";
    cat_auto(cat_strings) lost = {0};
    cat_autofree char *same = prv_overlay_kept(OVERLAY, "small", NULL, &lost),
                      *other = prv_overlay_kept(OVERLAY, "large", NULL, &lost);
    cat_autojson json_t *links = json_pack("{s:[]}", "blog");
    cat_autofree char *linked = prv_overlay_kept(OVERLAY, "small", links, &lost);
    cat_autofree char *unlinked = prv_overlay_kept(linked, "small", NULL, &lost);
    EXPECT_TEXT(same, OVERLAY);
    EXPECT_TEXT(unlinked, OVERLAY);
    EXPECT(strstr(other, "- ../../extra\n- ../../blueprint/sizes/large # to begin with\n") &&
           strstr(other, "mine.yaml # by hand"));
    EXPECT(strstr(linked, "- path: values.yaml\n- path: links/blog.yaml\n"));
    EXPECT_INT(lost.count, 0);
}

TEST("a change in one Environment touches its overlay alone")
{
    cat_autojson json_t *facts = facts_with(ENVIRONMENTS, SITE);
    expect_plan(facts, "{'kind': 'configure', 'application': 'site', 'environment': 'acme-stg', 'config': {'replicas': 3}}",
                "application site change bp-wordpress 1.3.0 in acme-stg after \n"
                "tree acme/site staging from '' keep \n  write overlays/stg/values.yaml\n");
}

TEST("null means as if it were not said: the default for everybody, everybody's value in one Environment, in every kind of plan")
{
    static const struct {
        const char *wish, *repository, *branch, *path, *has, *has_not;
    } ROWS[] = {
        {"{'kind': 'install', 'application': 'blog', 'blueprint': {'name': 'bp-wordpress'}, 'environments': ['acme-dev'],"
         " 'config': {'title': 'x', 'replicas': null}}",
         "acme/blog", "develop", "values.yaml", "replicas: 1\n", "null"},
        {"{'kind': 'install', 'application': 'blog', 'blueprint': {'name': 'bp-wordpress'}, 'environments': ['acme-dev'],"
         " 'config': {'title': 'x'}, 'dependencies': {'db': {'use': 'new', 'config': {'databases': null}}}}",
         "acme/blog-postgres", "develop", "values.yaml", "databases:\n  - blog\n", "null"},
        {"{'kind': 'configure', 'application': 'site', 'config': {'title': 'New', 'replicas': null}}", "acme/site", "develop",
         "values.yaml", "replicas: 1\n", "null"},
        {"{'kind': 'configure', 'application': 'site', 'environment': 'acme-stg', 'config': {'title': 'New', 'replicas': null}}",
         "acme/site", "staging", "overlays/stg/values.yaml", "title: New\n", "replicas"}};
    cat_autojson json_t *facts = facts_with(ENVIRONMENTS, SITE);
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        cat_test_row("%s", ROWS[i].wish);
        cat_autojson json_t *plan = plan_of(facts, ROWS[i].wish);
        const char *text = content_of(plan, ROWS[i].repository, ROWS[i].branch, ROWS[i].path);
        REQUIRE(text);
        EXPECT(strstr(text, ROWS[i].has));
        EXPECT(!strstr(text, ROWS[i].has_not));
    }
}

TEST("what the schema calls an integer is written as one, and a large one is not changed")
{
    static const char *const ROWS[][2] = {{"2.0", "replicas: 2\n"},
                                          {"1e3", "replicas: 1000\n"},
                                          {"9007199254740993", "replicas: 9007199254740993\n"},
                                          {"9223372036854775807", "replicas: 9223372036854775807\n"}};
    cat_autojson json_t *facts = facts_with(ENVIRONMENTS, SITE);
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        cat_test_row("%s", ROWS[i][0]);
        cat_autofree char *all =
            cat_printf("{'kind': 'configure', 'application': 'site', 'config': {'title': 'x', 'replicas': %s}}", ROWS[i][0]);
        cat_autofree char *one = cat_printf("{'kind': 'configure', 'application': 'site', 'environment': 'acme-stg', 'config': "
                                            "{'replicas': %s}}",
                                            ROWS[i][0]);
        cat_autojson json_t *everywhere = plan_of(facts, all), *there = plan_of(facts, one);
        const char *values = content_of(everywhere, "acme/site", "develop", "values.yaml");
        const char *overlay = content_of(there, "acme/site", "staging", "overlays/stg/values.yaml");
        REQUIRE(values && overlay);
        EXPECT(strstr(values, ROWS[i][1]));
        EXPECT(strstr(overlay, ROWS[i][1]));
    }
}

TEST("a governed Environment is not reached by a change that is carried, and the plan says so")
{
    cat_autojson json_t *facts = facts_with("{'acme-dev': {'type': 'dev', 'domain': 'd', 'vclusters': ['hz-acme']},"
                                            " 'acme-stg': {'type': 'stg', 'domain': 's', 'vclusters': ['hz-acme']}}",
                                            SITE);
    json_object_set_new(facts, "policies",
                        json("[{'metadata': {'name': 'careful'}, 'spec': {'appliesTo': {'environments': ['acme-stg']}}}]"));
    expect_plan(facts,
                "{'kind': 'configure', 'application': 'site', 'config': {'title': 'New', 'database': 'postgres', 'replicas': 2}}",
                "application site change bp-wordpress 1.3.0 in acme-dev after \n"
                "tree acme/site develop from '' keep \n  write values.yaml\n"
                "warning acme-stg is governed by careful: the change does not reach it before it is promoted there\n");
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
