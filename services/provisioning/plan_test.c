/* Golden tests: a wish over small facts, and the plan as people read it. */
#include "plan.h"

#include <stdio.h>

#include "base/memory.h"
#include "base/test.h"
#include "plan_kept.h"
#include "plan_parts.h"

/* JSON with single quotes, so that tests read well. */
static json_t *json(const char *text)
{
    cat_autofree char *copy = cat_strdup(text);
    for (char *at = copy; *at; at++)
        if (*at == '\'')
            *at = '"';
    json_t *value = json_loads(copy, JSON_DECODE_ANY, NULL);
    if (!value)
        cat_test_fail(__FILE__, __LINE__, "the test's own JSON is wrong: %s", copy);
    return value;
}

static const char BLUEPRINTS[] =
    "[{'source': 'catalog', 'name': 'bp-postgres', 'version': '1.4.0', 'digest': 'git-tree:a1', 'spec': {"
    "   'card': {'title': 'PostgreSQL'}, 'placementSchema': {'modes': ['single-region'], 'maxRegions': 1}, 'depends': [], "
    "'manifests': {'sizes': ['small', 'large']},"
    "   'configSchema': {'type': 'object', 'additionalProperties': false, 'properties': {"
    "      'username': {'type': 'string', 'default': 'app'},"
    "      'databases': {'type': 'array', 'items': {'type': 'string'}, 'default': []}}},"
    "   'outputs': {'host': '{{ .application.name }}.{{ .application.namespace }}.svc', 'port': '5432', 'user': '{{ "
    ".config.username }}',"
    "      'secretPath': '{{ .environment.secretPath }}/db'},"
    "   'rotation': [{'secret': 'db', 'keys': [{'name': 'password', 'length': 32}]}]}},"
    " {'source': 'catalog', 'name': 'bp-wordpress', 'version': '1.3.0', 'digest': 'git-tree:b1', 'spec': {"
    "   'card': {'title': 'WordPress'}, 'manifests': {'sizes': ['small', 'large']},"
    "   'configSchema': {'type': 'object', 'additionalProperties': false, 'required': ['title'], 'properties': {"
    "      'title': {'type': 'string', 'minLength': 1}, 'database': {'enum': ['postgres', 'sqlite'], 'default': 'postgres'},"
    "      'replicas': {'type': 'integer', 'minimum': 1, 'default': 1}}},"
    "   'depends': [{'blueprint': 'bp-postgres', 'version': '^1.4', 'alias': 'db', 'when': '{{ .config.database == "
    "\\\"postgres\\\" }}',"
    "      'values': {'databases': ['{{ .application.name }}']}}],"
    "   'outputs': {'url': 'http://{{ .application.name }}.{{ .environment.domain }}'},"
    "   'rotation': [{'secret': 'salts', 'keys': [{'name': 'auth', 'length': 64}]}]}}]";

static const char ENVIRONMENTS[] = "{'acme-dev': {'type': 'dev', 'domain': 'acme-dev.example.org', 'vclusters': ['hz-acme']},"
                                   " 'acme-stg': {'type': 'stg', 'domain': 'acme-stg.example.org', 'vclusters': ['hz-acme']},"
                                   " 'acme-prod': {'type': 'prod', 'domain': 'acme-prod.example.org', 'vclusters': ['hz-acme']}}";

static json_t *facts_with(const char *environments, const char *applications)
{
    cat_autojson json_t *manifests =
        json("{'catalog.bp-postgres.1.4.0': {'manifests/kustomization.yaml': 'resources: []\\n',"
             "  'sizes/small/kustomization.yaml': 'patches: []\\n', 'bind/kustomization.yaml': 'resources: []\\n'},"
             " 'catalog.bp-wordpress.1.3.0': {'manifests/kustomization.yaml': 'resources: []\\n',"
             "  'sizes/small/kustomization.yaml': 'patches: []\\n'}}");
    return cat_json_object(
        "now", json_string("2026-11-24T09:00:00.000Z"), "sovereign", json("{'name': 'one', 'domain': 'example.org'}"),
        "organization", json("{'name': 'acme', 'displayName': 'Acme'}"), "environments", json(environments), "blueprints",
        json(BLUEPRINTS), "manifests", json_incref(manifests), "applications", json(applications), "taken",
        json("['shared-blueprints', 'old-shop']"), "unfinished", json("['half-shop']"), "reads", json_array(), NULL);
}

/* A Postgres that runs in dev, as its branch has it. */
static const char PG[] =
    "{'pg': {'spec': {'environments': ['acme-dev']}, 'text': 'kind: Application\\n', 'branches': {'develop': {'commit': 'c0ffee',"
    "  'source': {'blueprint': {'source': 'catalog', 'name': 'bp-postgres', 'version': '1.4.0'}, 'size': 'small', "
    "'dependencies': {}},"
    "  'values': {'username': 'app', 'databases': []},"
    "  'overlays': {'dev': {'size': 'small', 'values': {}, 'links': {}}}, 'files': {'values.yaml': 'old\\n'}}}}}";

static const char WISH[] =
    "{'kind': 'install', 'application': 'site', 'blueprint': {'source': 'catalog', 'name': 'bp-wordpress'},"
    " 'environments': ['acme-dev'], 'config': {'title': 'Hello'}}";

static json_t *plan_of(const json_t *facts, const char *request)
{
    cat_autojson json_t *wish = json(request), *errors = NULL;
    json_t *plan = NULL;
    cat_error error = {0};
    if (prv_plan_make(facts, wish, &plan, &errors, NULL, &error) < 0)
        cat_test_fail(__FILE__, __LINE__, "no plan: %s", error.message);
    return plan;
}

static void expect_plan(const json_t *facts, const char *request, const char *expected)
{
    cat_autojson json_t *plan = plan_of(facts, request);
    if (!plan)
        return;
    cat_autofree char *printed = prv_plan_print(plan);
    EXPECT_TEXT(printed, expected);
}

static const char *content_of(const json_t *plan, const char *repository, const char *branch, const char *path)
{
    size_t index, at;
    json_t *tree, *file;
    const char *found = NULL;
    json_array_foreach(json_object_get(plan, "trees"), index, tree)
    {
        if (!cat_text_equal(cat_json_text(tree, "repository"), repository) ||
            !cat_text_equal(cat_json_text(tree, "branch"), branch))
            continue;
        json_array_foreach(json_object_get(tree, "files"), at, file)
        {
            if (cat_text_equal(cat_json_text(file, "path"), path))
                found = cat_json_text(file, "content");
        }
    }
    return found;
}

TEST("an install makes its new database first, with both branches' worth of files and the secrets of each")
{
    cat_autojson json_t *facts = facts_with(ENVIRONMENTS, "{}");
    expect_plan(
        facts, WISH,
        "application site-postgres create bp-postgres 1.4.0 in acme-dev after \n"
        "application site create bp-wordpress 1.3.0 in acme-dev after site-postgres\n"
        "tree acme/site-postgres develop from 'skeleton' keep \n"
        "  write kustomization.yaml\n  write catalyst.yaml\n  write values.yaml\n  write blueprint/kustomization.yaml\n"
        "  write blueprint/sizes/small/kustomization.yaml\n  write blueprint/bind/kustomization.yaml\n"
        "  write secrets/db.yaml\n  write secrets/kustomization.yaml\n  write secrets/bind/kustomization.yaml\n"
        "  write secrets/bind/secrets.yaml\n"
        "  write overlays/dev/kustomization.yaml\n  write overlays/dev/environment.yaml\n  write overlays/dev/values.yaml\n"
        "tree acme/site-postgres staging from 'skeleton' keep \n"
        "tree acme/site-postgres main from 'skeleton' keep \n"
        "tree acme/site develop from 'skeleton' keep \n"
        "  write kustomization.yaml\n  write catalyst.yaml\n  write values.yaml\n  write blueprint/kustomization.yaml\n"
        "  write blueprint/sizes/small/kustomization.yaml\n  write blueprint/bind/kustomization.yaml\n"
        "  write secrets/salts.yaml\n  write secrets/db.yaml\n  write secrets/kustomization.yaml\n"
        "  write secrets/bind/kustomization.yaml\n  write secrets/bind/secrets.yaml\n"
        "  write overlays/dev/kustomization.yaml\n  write overlays/dev/environment.yaml\n  write overlays/dev/values.yaml\n"
        "tree acme/site staging from 'skeleton' keep \n"
        "tree acme/site main from 'skeleton' keep \n"
        "secret org/acme/env/dev/site-postgres/db\n"
        "secret org/acme/env/dev/site/salts\n"
        "object apply org/acme applications/site-postgres.yaml\n"
        "object apply org/acme applications/site.yaml\n");
}

TEST("a new dependency gets what its dependant asks of it, and the dependant its outputs for the Environment")
{
    cat_autojson json_t *facts = facts_with(ENVIRONMENTS, "{}"), *plan = plan_of(facts, WISH);
    REQUIRE(plan);
    const char *values = content_of(plan, "acme/site-postgres", "develop", "values.yaml");
    const char *environment = content_of(plan, "acme/site", "develop", "overlays/dev/environment.yaml");
    REQUIRE(values && environment);
    EXPECT(strstr(values, "databases:\n  - site\n"));
    EXPECT(strstr(environment, "host: site-postgres.site-postgres-dev.svc\n"));
    EXPECT(strstr(environment, "secretPath: org.acme.env.dev.site-postgres.db\n"));
    EXPECT(strstr(environment, "host: site.acme-dev.example.org\n"));
    EXPECT_INT(json_array_size(json_object_get(plan, "skeletons")), 2);
}

TEST("the same facts and wish give the same plan, byte for byte")
{
    cat_autojson json_t *facts = facts_with(ENVIRONMENTS, "{}"), *one = plan_of(facts, WISH), *other = plan_of(facts, WISH);
    char first[65], second[65];
    cat_json_digest(one, first);
    cat_json_digest(other, second);
    EXPECT_TEXT(first, second);
}

TEST("an install that reuses a database makes one Application and links it")
{
    cat_autojson json_t *facts = facts_with(ENVIRONMENTS, PG);
    static const char REUSE[] =
        "{'kind': 'install', 'application': 'blog', 'blueprint': {'source': 'catalog', 'name': 'bp-wordpress'},"
        " 'environments': ['acme-dev'], 'config': {'title': 'Blog'},"
        " 'dependencies': {'db': {'use': 'existing', 'application': 'pg'}}}";
    cat_autojson json_t *plan = plan_of(facts, REUSE);
    REQUIRE(plan);
    cat_autofree char *printed = prv_plan_print(plan);
    EXPECT(strstr(printed, "application pg reuse bp-postgres 1.4.0 in  after \n"));
    EXPECT(strstr(printed, "application blog create bp-wordpress 1.3.0 in acme-dev after pg\n"));
    EXPECT(strstr(printed, "tree acme/pg develop from '' keep \n  write overlays/dev/links/blog.yaml\n"
                           "  write overlays/dev/kustomization.yaml\n"));
    EXPECT_TEXT(content_of(plan, "acme/pg", "develop", "overlays/dev/links/blog.yaml"),
                "- op: add\n  path: /spec/databases/-\n  value: blog\n");
    const char *kustomization = content_of(plan, "acme/pg", "develop", "overlays/dev/kustomization.yaml");
    REQUIRE(kustomization);
    EXPECT(strstr(kustomization, "path: links/blog.yaml"));
    const char *environment = content_of(plan, "acme/blog", "develop", "overlays/dev/environment.yaml");
    REQUIRE(environment);
    EXPECT(strstr(environment, "host: pg.pg-dev.svc\n"));
    EXPECT_INT(json_array_size(json_object_get(plan, "links")), 1);
}

TEST("an install into production alone carries the manifests from develop to main, whatever Environments there are")
{
    cat_autojson json_t *facts = facts_with("{'acme-prod': {'type': 'prod', 'domain': 'p', 'vclusters': ['hz-acme']}}", "{}");
    static const char PRODUCTION[] =
        "{'kind': 'install', 'application': 'pg', 'blueprint': {'source': 'catalog', 'name': 'bp-postgres'},"
        " 'environments': ['acme-prod']}";
    expect_plan(
        facts, PRODUCTION,
        "application pg create bp-postgres 1.4.0 in acme-prod after \n"
        "tree acme/pg develop from 'skeleton' keep \n"
        "  write kustomization.yaml\n  write catalyst.yaml\n  write values.yaml\n  write blueprint/kustomization.yaml\n"
        "  write blueprint/sizes/small/kustomization.yaml\n  write blueprint/bind/kustomization.yaml\n"
        "  write secrets/db.yaml\n  write secrets/kustomization.yaml\n  write secrets/bind/kustomization.yaml\n"
        "  write secrets/bind/secrets.yaml\n"
        "tree acme/pg staging from 'develop' keep \n"
        "tree acme/pg main from 'staging' keep \n"
        "  write overlays/prod/kustomization.yaml\n  write overlays/prod/environment.yaml\n  write overlays/prod/values.yaml\n"
        "secret org/acme/env/prod/pg/db\n"
        "object apply org/acme applications/pg.yaml\n");
}

TEST("a dependency whose condition does not hold is not made, and its outputs are there as empty text")
{
    cat_autojson json_t *facts = facts_with(ENVIRONMENTS, "{}");
    cat_autojson json_t *plan =
        plan_of(facts, "{'kind': 'install', 'application': 'site', 'blueprint': {'source': 'catalog', 'name': 'bp-wordpress'},"
                       " 'environments': ['acme-dev'], 'config': {'title': 'x', 'database': 'sqlite'}}");
    REQUIRE(plan);
    EXPECT_INT(json_array_size(json_object_get(plan, "applications")), 1);
    const char *environment = content_of(plan, "acme/site", "develop", "overlays/dev/environment.yaml");
    REQUIRE(environment);
    EXPECT(strstr(environment, "host: \"\"\n"));
    EXPECT(!content_of(plan, "acme/site", "develop", "secrets/db.yaml"));
}

/* An Application in dev and stg. */
static const char SITE[] =
    "{'site': {'spec': {'environments': ['acme-dev', 'acme-stg']}, 'text': 'kind: Application\\n', 'branches': {"
    "  'develop': {'commit': 'd', 'source': {'blueprint': {'source': 'catalog', 'name': 'bp-wordpress', 'version': '1.3.0'}, "
    "'size': 'small',"
    "     'dependencies': {'db': {'application': 'pg'}}}, 'values': {'title': 'Hello', 'database': 'postgres', 'replicas': 1},"
    "     'overlays': {'dev': {'size': 'small', 'links': {}}}, 'files': {'values.yaml': 'old\\n'}},"
    "  'staging': {'commit': 's', 'source': {'blueprint': {'source': 'catalog', 'name': 'bp-wordpress', 'version': '1.3.0'}, "
    "'size': 'small'},"
    "     'values': {'title': 'Hello', 'database': 'postgres', 'replicas': 1}, 'overlays': {'stg': {'size': 'small', 'links': "
    "{}}},"
    "     'files': {'values.yaml': 'old\\n'}},"
    "  'main': {'commit': 'm', 'overlays': {}, 'files': {}}}},"
    " 'pg': {'spec': {'environments': ['acme-dev', 'acme-stg']}, 'text': 'kind: Application\\n', 'branches': {"
    "  'develop': {'commit': 'd', 'source': {'blueprint': {'source': 'catalog', 'name': 'bp-postgres', 'version': '1.4.0'}, "
    "'size': 'small'},"
    "     'values': {'username': 'app', 'databases': []}, 'overlays': {'dev': {'size': 'small', 'links': {'site': [], 'shop': "
    "[]}}},"
    "     'files': {'values.yaml': 'old\\n', 'overlays/dev/links/site.yaml': 'x\\n'}}}}}";

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
                "application site change bp-wordpress 1.3.0 in acme-dev,acme-stg after \n"
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
    cat_autojson json_t *facts =
        facts_with("{'acme-dev': {'type': 'dev', 'domain': 'd', 'vclusters': ['hz-acme']},"
                   " 'acme-stg': {'type': 'stg', 'domain': 's', 'vclusters': ['hz-acme'], 'policy': 'careful'}}",
                   SITE);
    expect_plan(facts,
                "{'kind': 'configure', 'application': 'site', 'config': {'title': 'New', 'database': 'postgres', 'replicas': 2}}",
                "application site change bp-wordpress 1.3.0 in acme-dev,acme-stg after \n"
                "tree acme/site develop from '' keep \n  write values.yaml\n"
                "warning acme-stg is governed by careful: the change does not reach it before it is promoted there\n");
}

TEST("an uninstall takes the links out of what served it, and removes the object")
{
    cat_autojson json_t *facts = facts_with(ENVIRONMENTS, SITE);
    cat_autojson json_t *plan = plan_of(facts, "{'kind': 'uninstall', 'application': 'site', 'confirm': 'site'}");
    REQUIRE(plan);
    cat_autofree char *printed = prv_plan_print(plan);
    EXPECT_TEXT(printed, "application site remove bp-wordpress 1.3.0 in acme-dev,acme-stg after \n"
                         "tree acme/pg develop from '' keep \n  remove overlays/dev/links/site.yaml\n"
                         "  write overlays/dev/kustomization.yaml\n"
                         "object remove org/acme applications/site.yaml\n");
    const char *kustomization = content_of(plan, "acme/pg", "develop", "overlays/dev/kustomization.yaml");
    REQUIRE(kustomization);
    EXPECT(strstr(kustomization, "links/shop.yaml"));
    EXPECT(!strstr(kustomization, "links/site.yaml"));
}

TEST("who frees a kept name is said alike by the uninstall and by the refusal of the name")
{
    cat_autojson json_t *facts = facts_with(ENVIRONMENTS, SITE), *uninstall = NULL, *install = NULL, *plan = NULL, *kept = NULL;
    uninstall = plan_of(facts, "{'kind': 'uninstall', 'application': 'site', 'confirm': 'site'}");
    kept = json("{'volumes': [], 'secrets': []}");
    prv_tell_kept(uninstall, kept);
    install = json("{'kind': 'install', 'application': 'old-shop', 'blueprint': {'name': 'bp-postgres'}, 'environments': "
                   "['acme-dev']}");
    cat_error error = {0};
    EXPECT_INT(prv_plan_make(facts, install, &plan, NULL, NULL, &error), CAT_E_EXISTS);
    EXPECT(strstr(cat_json_text_or(uninstall, "warnings.0", ""), PRV_WHO_FREES) != NULL);
    EXPECT(strstr(error.message, PRV_WHO_FREES) != NULL);
}

TEST("what has a repository and no Application says what is under way with it, or what ended before its end")
{
    static const char INSTALL[] = "{'kind': 'install', 'application': 'half-shop', 'blueprint': {'name': 'bp-postgres'}, "
                                  "'environments': ['acme-dev']}",
                      CONFIGURE[] = "{'kind': 'configure', 'application': 'half-shop', 'config': {}}",
                      UNINSTALL[] = "{'kind': 'uninstall', 'application': 'half-shop', 'confirm': 'half-shop'}";
    static const struct {
        const char *work, *wish, *problem, *says;
    } ROWS[] = {
        {"{'kind': 'uninstall', 'operation': '01op', 'ended': false}", INSTALL, "name-taken",
         "'half-shop' is being removed, by operation 01op, and its name stays taken afterwards: choose another name"},
        {"{'kind': 'uninstall', 'operation': '01op', 'ended': false}", CONFIGURE, "operation-running",
         "'half-shop' is being removed, by operation 01op"},
        {"{'kind': 'uninstall', 'operation': '01op', 'ended': false}", UNINSTALL, "operation-running",
         "'half-shop' is being removed, by operation 01op"},
        {"{'kind': 'uninstall', 'operation': '01op', 'ended': true}", INSTALL, "name-taken",
         "'half-shop' is left of an uninstall that did not end: operation 01op says why, and can be tried again. Or choose "
         "another name"},
        {"{'kind': 'install', 'operation': '01op', 'ended': false}", INSTALL, "name-taken",
         "'half-shop' is being installed, by operation 01op: choose another name"},
        {"{'kind': 'install', 'operation': '01op', 'ended': true}", INSTALL, "name-taken",
         "'half-shop' is left of an install that did not end: retry operation 01op, or uninstall it. Or choose another name"},
        {"{'kind': 'install', 'operation': '01op', 'ended': true}", CONFIGURE, NULL, "there is no Application 'half-shop'"},
        {"null", INSTALL, "name-taken",
         "'half-shop' is a repository without an Application, left of an install or an uninstall that did not end: uninstall "
         "it. Or choose another name"},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        cat_test_row("row %zu: %s %s", i, ROWS[i].work, ROWS[i].wish);
        cat_autojson json_t *facts = facts_with(ENVIRONMENTS, SITE), *wish = json(ROWS[i].wish), *plan = NULL, *errors = NULL;
        json_object_set_new(facts, "work", json_object());
        json_object_set_new(json_object_get(facts, "work"), "half-shop", json(ROWS[i].work));
        /* As a removal finds what has no object any more. */
        if (ROWS[i].wish == UNINSTALL)
            json_object_set_new(json_object_get(facts, "applications"), "half-shop",
                                json("{'spec': {'environments': ['acme-dev']}, 'branches': {}}"));
        const char *problem = NULL;
        cat_error error = {0};
        EXPECT(prv_plan_make(facts, wish, &plan, &errors, &problem, &error) < 0);
        EXPECT_TEXT(problem, ROWS[i].problem);
        EXPECT_TEXT(error.message, ROWS[i].says);
    }
}

TEST("an uninstall of what an install left takes its links out, and has no object to remove")
{
    cat_autojson json_t *facts = facts_with(ENVIRONMENTS, SITE);
    json_object_del(json_object_get(json_object_get(facts, "applications"), "site"), "text");
    cat_autojson json_t *plan = plan_of(facts, "{'kind': 'uninstall', 'application': 'site', 'confirm': 'site'}");
    REQUIRE(plan);
    cat_autofree char *printed = prv_plan_print(plan);
    EXPECT_TEXT(printed, "application site remove bp-wordpress 1.3.0 in acme-dev,acme-stg after \n"
                         "tree acme/pg develop from '' keep \n  remove overlays/dev/links/site.yaml\n"
                         "  write overlays/dev/kustomization.yaml\n");
}

/* SITE, and what people broke in a branch of one of them. */
static json_t *broken_facts(const char *application, const char *branch, const char *unreadable)
{
    json_t *facts = facts_with(ENVIRONMENTS, SITE);
    cat_autofree char *path = cat_printf("applications.%s.branches.%s", application, branch);
    json_object_set_new(cat_json_get(facts, path), "unreadable", json(unreadable));
    return facts;
}

static const char BROKEN_VALUES[] = "[{'file': 'values.yaml', 'message': 'line 3, column 1: did not find expected key'}]";

TEST("what people broke in an Application's repository is told of it, with file, line and what to do, and never of the request")
{
    static const struct {
        const char *application, *branch, *wish;
        int code;
    } ROWS[] = {
        {"site", "develop", "{'kind': 'configure', 'application': 'site', 'config': {'title': 'New'}}", CAT_E_CONFLICT},
        {"site", "staging", "{'kind': 'configure', 'application': 'site', 'config': {'title': 'New'}}", CAT_E_CONFLICT},
        {"site", "staging", "{'kind': 'configure', 'application': 'site', 'environment': 'acme-stg', 'config': {}}",
         CAT_E_CONFLICT},
        {"site", "main", "{'kind': 'configure', 'application': 'site', 'environment': 'acme-dev', 'config': {'replicas': 2}}", 0},
        {"pg", "develop", "{'kind': 'configure', 'application': 'site', 'config': {'title': 'New'}}", 0},
        {"pg", "develop", "{'kind': 'uninstall', 'application': 'site', 'confirm': 'site'}", 0},
        {"pg", "develop",
         "{'kind': 'install', 'application': 'blog', 'blueprint': {'name': 'bp-wordpress'}, 'environments': ['acme-dev'],"
         " 'config': {'title': 'x'}, 'dependencies': {'db': {'use': 'existing', 'application': 'pg'}}}",
         CAT_E_CONFLICT},
        {"pg", "develop",
         "{'kind': 'install', 'application': 'blog', 'blueprint': {'name': 'bp-wordpress'}, 'environments': ['acme-dev'],"
         " 'config': {'title': 'x'}}",
         0}};
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        cat_test_row("%s %s %s", ROWS[i].application, ROWS[i].branch, ROWS[i].wish);
        cat_autojson json_t *facts = broken_facts(ROWS[i].application, ROWS[i].branch, BROKEN_VALUES), *wish = json(ROWS[i].wish),
                            *errors = NULL, *plan = NULL;
        const char *problem = NULL;
        cat_error error = {0};
        EXPECT_INT(prv_plan_make(facts, wish, &plan, &errors, &problem, &error), ROWS[i].code);
        EXPECT_TEXT(problem, ROWS[i].code ? "application-unreadable" : NULL);
        cat_autofree char *says = cat_printf("values.yaml on branch %s of acme/%s cannot be read: line 3, column 1: did not find "
                                             "expected key. Correct the file in Git",
                                             ROWS[i].branch, ROWS[i].application);
        EXPECT_TEXT(error.message, ROWS[i].code ? says : "");
        EXPECT_TEXT(cat_json_text(errors, "0.message"), ROWS[i].code ? says : NULL);
    }
}

TEST("a catalyst.yaml that is gone, or names what is not registered, is told as that, and never that somebody was faster")
{
    static const struct {
        const char *branch, *name, *version, *problem, *says; /* name NULL: the file is gone */
    } ROWS[] = {
        {"develop", NULL, NULL, "application-unreadable",
         "catalyst.yaml is not there on branch develop of acme/site: bring it back in Git"},
        {"staging", NULL, NULL, "application-unreadable",
         "catalyst.yaml is not there on branch staging of acme/site: bring it back in Git"},
        {"develop", "bp-nothing", "1.3.0", "application-unreadable",
         "catalyst.yaml on branch develop of acme/site names Blueprint bp-nothing of catalog, and none of that name is "
         "registered "
         "there: correct spec.blueprint in Git, or have the Blueprint registered again"},
        {"develop", "bp-wordpress", "1.0.9", "blueprint-gone",
         "version 1.0.9 of Blueprint bp-wordpress (of catalog), which site is made from, is not registered here: have it "
         "registered again, or name another version under spec.blueprint.version of catalyst.yaml on branch develop of "
         "acme/site"},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        cat_test_row("%s %s", ROWS[i].branch, ROWS[i].name);
        cat_autojson json_t *facts = facts_with(ENVIRONMENTS, SITE), *errors = NULL, *none = NULL,
                            *wish = json("{'kind': 'configure', 'application': 'site', 'config': {'title': 'New'}}");
        cat_autofree char *path = cat_printf("applications.site.branches.%s", ROWS[i].branch);
        json_t *branch = cat_json_get(facts, path);
        if (ROWS[i].name) {
            cat_json_set(branch, "source.blueprint.name", json_string(ROWS[i].name));
            cat_json_set(branch, "source.blueprint.version", json_string(ROWS[i].version));
        } else {
            json_object_del(branch, "source");
        }
        const char *problem = NULL;
        cat_error error = {0};
        EXPECT_INT(prv_plan_make(facts, wish, &none, &errors, &problem, &error), CAT_E_CONFLICT);
        EXPECT_TEXT(problem, ROWS[i].problem);
        EXPECT_TEXT(error.message, ROWS[i].says);
        EXPECT_TEXT(cat_json_text(errors, "0.message"), ROWS[i].says);
        EXPECT_TEXT(cat_json_text(errors, "0.pointer"), "/application");
        cat_autojson json_t *gone = plan_of(facts, "{'kind': 'uninstall', 'application': 'site', 'confirm': 'site'}");
        EXPECT(gone);
    }
}

TEST("values that are gone are told as that, and hold up the Application that they are of alone")
{
    static const char GONE[] = "values.yaml is not there on branch develop of acme/site: bring it back in Git";
    cat_autojson json_t *facts = facts_with(ENVIRONMENTS, SITE), *none = NULL, *all = json("['acme-dev', 'acme-stg']"),
                        *whole = prv_unreadable(facts, "site", (prv_part){all, true}, "");
    EXPECT_INT(json_array_size(whole), 0); /* main has neither manifests nor values */
    json_object_del(cat_json_get(facts, "applications.site.branches.develop.files"), "values.yaml");
    cat_autojson json_t *broken = prv_unreadable(facts, "site", (prv_part){all, true}, "");
    EXPECT_TEXT(cat_json_text(broken, "0.message"), GONE);
    EXPECT_INT(json_array_size(broken), 1);
    cat_autojson json_t *wish = json("{'kind': 'configure', 'application': 'site', 'config': {'title': 'New'}}");
    const char *problem = NULL;
    EXPECT_INT(prv_plan_make(facts, wish, &none, NULL, &problem, NULL), CAT_E_CONFLICT);
    EXPECT_TEXT(problem, "application-unreadable");
    cat_autojson json_t *gone = plan_of(facts, "{'kind': 'uninstall', 'application': 'site', 'confirm': 'site'}");
    EXPECT(gone);
    cat_autojson json_t *others = facts_with(ENVIRONMENTS, SITE);
    json_t *files = cat_json_get(others, "applications.site.branches.develop.files");
    json_object_del(files, "overlays/dev/values.yaml");
    json_object_set_new(files, "overlays/dev/kustomization.yaml", json_string("kind: Component\n"));
    cat_autojson json_t *own = prv_unreadable(others, "site", (prv_part){all, true}, "");
    EXPECT_TEXT(cat_json_text(own, "0.message"),
                "overlays/dev/values.yaml is not there on branch develop of acme/site: bring it back in Git");
}

TEST("an uninstall goes on whatever people broke, and names what it could not look at")
{
    static const char WISHED[] = "{'kind': 'uninstall', 'application': 'site', 'confirm': 'site'}";
    cat_autojson json_t *served = broken_facts("pg", "develop",
                                               "[{'file': 'catalyst.yaml', 'message': 'x'},"
                                               " {'file': 'overlays/dev/kustomization.yaml', 'message': 'x'}]");
    cat_autojson json_t *plan = plan_of(served, WISHED);
    REQUIRE(plan);
    cat_autofree char *printed = prv_plan_print(plan);
    EXPECT(strstr(printed, "object remove org/acme applications/site.yaml\n"));
    EXPECT(!strstr(printed, "tree acme/pg"));
    EXPECT(strstr(printed, "warning Whether pg uses site is not known: its catalyst.yaml cannot be read"));
    EXPECT(strstr(printed, "warning overlays/dev/kustomization.yaml on branch develop of acme/pg cannot be read, so site stays "
                           "in it: whoever corrects it takes links/site.yaml out too"));
    cat_autojson json_t *own = broken_facts("site", "develop", BROKEN_VALUES), *unaffected = plan_of(own, WISHED);
    EXPECT(unaffected);
}

typedef struct {
    const char *what, *applications, *wish;
    int code;
    const char *problem, *pointer;
} refused_wish;

static void expect_refused(const refused_wish *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        cat_test_row("%s", rows[i].what);
        cat_autojson json_t *facts = facts_with(ENVIRONMENTS, rows[i].applications), *wish = json(rows[i].wish), *errors = NULL,
                            *plan = NULL;
        const char *problem = NULL;
        cat_error error = {0};
        EXPECT_INT(prv_plan_make(facts, wish, &plan, &errors, &problem, &error), rows[i].code);
        EXPECT_TEXT(problem, rows[i].problem);
        EXPECT(*error.message);
        if (rows[i].pointer)
            EXPECT_TEXT(cat_json_text(errors, "0.pointer"), rows[i].pointer);
    }
}

TEST("a wish that is wrong in itself is refused with a code and a pointer")
{
    static const refused_wish ROWS[] = {
        {"name taken by an Application", PG,
         "{'kind': 'install', 'application': 'pg', 'blueprint': {'name': 'bp-postgres'}, 'environments': ['acme-dev']}",
         CAT_E_EXISTS, "name-taken", "/application"},
        {"name of a repository that is kept", "{}",
         "{'kind': 'install', 'application': 'old-shop', 'blueprint': {'name': 'bp-postgres'}, 'environments': ['acme-dev']}",
         CAT_E_EXISTS, "name-taken", "/application"},
        {"name of what an install left", "{}",
         "{'kind': 'install', 'application': 'half-shop', 'blueprint': {'name': 'bp-postgres'}, 'environments': ['acme-dev']}",
         CAT_E_EXISTS, "name-taken", "/application"},
        {"no name", "{}",
         "{'kind': 'install', 'application': 'Not A Name', 'blueprint': {'name': 'bp-postgres'}, 'environments': ['acme-dev']}",
         CAT_E_INVALID, "schema-invalid", "/application"},
        {"unknown Environment", "{}",
         "{'kind': 'install', 'application': 'x', 'blueprint': {'name': 'bp-postgres'}, 'environments': ['acme-uat']}",
         CAT_E_INVALID, "schema-invalid", "/environments/0"},
        {"mode that the Blueprint cannot run in", "{}",
         "{'kind': 'install', 'application': 'x', 'blueprint': {'name': 'bp-postgres'}, 'environments': ['acme-dev'],"
         " 'placement': {'mode': 'active-active'}}",
         CAT_E_INVALID, "schema-invalid", "/placement/mode"},
        {"more regions than the Blueprint can run in", "{}",
         "{'kind': 'install', 'application': 'x', 'blueprint': {'name': 'bp-postgres'}, 'environments': ['acme-dev'],"
         " 'placement': {'mode': 'single-region', 'regions': ['fsn', 'nbg']}}",
         CAT_E_INVALID, "schema-invalid", "/placement/regions"},
        {"unknown size", "{}",
         "{'kind': 'install', 'application': 'x', 'blueprint': {'name': 'bp-postgres'}, 'environments': ['acme-dev'], 'size': "
         "'huge'}",
         CAT_E_INVALID, "schema-invalid", "/size"},
        {"bad config", "{}",
         "{'kind': 'install', 'application': 'x', 'blueprint': {'name': 'bp-wordpress'}, 'environments': ['acme-dev'],"
         " 'config': {'title': 'x', 'replicas': 0}}",
         CAT_E_INVALID, "schema-invalid", "/config/replicas"},
        {"bad config of a dependency", "{}",
         "{'kind': 'install', 'application': 'x', 'blueprint': {'name': 'bp-wordpress'}, 'environments': ['acme-dev'],"
         " 'config': {'title': 'x'}, 'dependencies': {'db': {'use': 'new', 'config': {'username': 7}}}}",
         CAT_E_INVALID, "schema-invalid", "/dependencies/db/config/username"},
        {"an Environment named twice", "{}",
         "{'kind': 'install', 'application': 'x', 'blueprint': {'name': 'bp-postgres'}, 'environments': ['acme-dev', "
         "'acme-dev']}",
         CAT_E_INVALID, "schema-invalid", "/environments/1"},
        {"a dependency that the Blueprint does not have", "{}",
         "{'kind': 'install', 'application': 'x', 'blueprint': {'name': 'bp-wordpress'}, 'environments': ['acme-dev'],"
         " 'config': {'title': 'x'}, 'dependencies': {'dbb': {'use': 'new'}}}",
         CAT_E_INVALID, "schema-invalid", "/dependencies/dbb"},
        {"one that the dependency's Blueprint does not have", "{}",
         "{'kind': 'install', 'application': 'x', 'blueprint': {'name': 'bp-wordpress'}, 'environments': ['acme-dev'],"
         " 'config': {'title': 'x'}, 'dependencies': {'db': {'use': 'new', 'dependencies': {'a/b': {'use': 'new'}}}}}",
         CAT_E_INVALID, "schema-invalid", "/dependencies/db/dependencies/a~1b"},
        {"a size that a dependency does not have", "{}",
         "{'kind': 'install', 'application': 'x', 'blueprint': {'name': 'bp-wordpress'}, 'environments': ['acme-dev'],"
         " 'config': {'title': 'x'}, 'dependencies': {'db': {'use': 'new', 'size': 'huge'}}}",
         CAT_E_INVALID, "schema-invalid", "/dependencies/db/size"},
        {"unknown kind", "{}", "{'kind': 'explode'}", CAT_E_INVALID, "schema-invalid", "/kind"},
    };
    expect_refused(ROWS, sizeof ROWS / sizeof *ROWS);
}

TEST("an answer for a dependency that is not needed is told in the plan, and one that there is not with those that there are")
{
    cat_autojson json_t *facts = facts_with(ENVIRONMENTS, PG), *errors = NULL, *none = NULL;
    cat_autojson json_t *unneeded =
        plan_of(facts, "{'kind': 'install', 'application': 'x', 'blueprint': {'name': 'bp-wordpress'}, 'environments': "
                       "['acme-dev'], 'config': {'title': 'x', 'database': 'sqlite'}, 'dependencies': {'db': {'use': 'new', "
                       "'name': 'y'}}}");
    EXPECT_TEXT(cat_json_text(unneeded, "warnings.0"), "x needs no db as it is configured: what was chosen for it is not used");
    cat_autojson json_t *below =
        plan_of(facts, "{'kind': 'install', 'application': 'x', 'blueprint': {'name': 'bp-wordpress'}, 'environments': "
                       "['acme-dev'], 'config': {'title': 'x'}, 'dependencies': {'db': {'use': 'existing', 'application': 'pg', "
                       "'dependencies': {'cache': {'use': 'new'}}}}}");
    EXPECT_TEXT(cat_json_text(below, "warnings.0"), "pg is used as it is: what it depends on does not change by this plan");
    cat_autojson json_t *wish =
        json("{'kind': 'install', 'application': 'x', 'blueprint': {'name': 'bp-wordpress'}, 'environments': ['acme-dev'],"
             " 'config': {'title': 'x'}, 'dependencies': {'dbb': {'use': 'existing', 'application': 'pg'}}}");
    EXPECT_INT(prv_plan_make(facts, wish, &none, &errors, NULL, NULL), CAT_E_INVALID);
    EXPECT_TEXT(cat_json_text(errors, "0.message"), "bp-wordpress has no dependency 'dbb'. It has: db");
}

TEST("a wish that does not fit what is there is refused with a code")
{
    static const refused_wish ROWS[] = {
        {"a dependency's name that is none", "{}",
         "{'kind': 'install', 'application': 'x', 'blueprint': {'name': 'bp-wordpress'}, 'environments': ['acme-dev'],"
         " 'config': {'title': 'x'}, 'dependencies': {'db': {'use': 'new', 'name': 'Not A Name'}}}",
         CAT_E_INVALID, "name-invalid", "/dependencies/db/name"},
        {"a dependency's derived name that an Application has", "{'x-postgres': {'spec': {'environments': ['acme-dev']}}}",
         "{'kind': 'install', 'application': 'x', 'blueprint': {'name': 'bp-wordpress'}, 'environments': ['acme-dev'],"
         " 'config': {'title': 'x'}}",
         CAT_E_EXISTS, "name-taken", "/dependencies/db/name"},
        {"a dependency that is named like the Application", "{}",
         "{'kind': 'install', 'application': 'x', 'blueprint': {'name': 'bp-wordpress'}, 'environments': ['acme-dev'],"
         " 'config': {'title': 'x'}, 'dependencies': {'db': {'use': 'new', 'name': 'x'}}}",
         CAT_E_INVALID, "name-invalid", "/dependencies/db/name"},
        {"a dependency's name that a repository keeps", "{}",
         "{'kind': 'install', 'application': 'x', 'blueprint': {'name': 'bp-wordpress'}, 'environments': ['acme-dev'],"
         " 'config': {'title': 'x'}, 'dependencies': {'db': {'use': 'new', 'name': 'old-shop'}}}",
         CAT_E_EXISTS, "name-taken", "/dependencies/db/name"},
        {"unknown Blueprint", "{}",
         "{'kind': 'install', 'application': 'x', 'blueprint': {'name': 'bp-none'}, 'environments': ['acme-dev']}",
         CAT_E_NOT_FOUND, "dependency-missing", NULL},
        {"dependency that runs elsewhere", PG,
         "{'kind': 'install', 'application': 'x', 'blueprint': {'name': 'bp-wordpress'}, 'environments': ['acme-stg'],"
         " 'config': {'title': 'x'}, 'dependencies': {'db': {'use': 'existing', 'application': 'pg'}}}",
         CAT_E_INVALID, "dependency-conflict", "/dependencies/db/application"},
        {"an existing dependency, and not which", PG,
         "{'kind': 'install', 'application': 'x', 'blueprint': {'name': 'bp-wordpress'}, 'environments': ['acme-dev'],"
         " 'config': {'title': 'x'}, 'dependencies': {'db': {'use': 'existing'}}}",
         CAT_E_INVALID, "schema-invalid", "/dependencies/db/application"},
        {"dependency that is not there", PG,
         "{'kind': 'install', 'application': 'x', 'blueprint': {'name': 'bp-wordpress'}, 'environments': ['acme-dev'],"
         " 'config': {'title': 'x'}, 'dependencies': {'db': {'use': 'existing', 'application': 'gone'}}}",
         CAT_E_INVALID, "dependency-conflict", "/dependencies/db/application"},
        {"configure what is not there", "{}", "{'kind': 'configure', 'application': 'x', 'config': {}}", CAT_E_NOT_FOUND, NULL,
         NULL},
        {"configure nothing", SITE,
         "{'kind': 'configure', 'application': 'site', 'config': {'title': '', 'database': 'postgres'}}", CAT_E_INVALID,
         "schema-invalid", "/config/title"},
        {"uninstall without the name typed", SITE, "{'kind': 'uninstall', 'application': 'site', 'confirm': 'yes'}",
         CAT_E_INVALID, "confirmation-missing", "/confirm"},
        {"uninstall of what others use", SITE, "{'kind': 'uninstall', 'application': 'pg', 'confirm': 'pg'}", CAT_E_CONFLICT,
         "dependants-exist", NULL},
    };
    expect_refused(ROWS, sizeof ROWS / sizeof *ROWS);
}

TEST("a name that nobody chose is mended: cut when it is too long, another one when a repository is kept by it")
{
    static const struct {
        const char *application, *taken, *dependency;
    } ROWS[] = {{"site", "[]", "site-postgres"},
                {"site", "['site-postgres']", "site-postgres-2"},
                {"abcdefghijklmnopqrstuvwxyz-abcdefghijklm", "[]", NULL}};
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        cat_test_row("%s", ROWS[i].application);
        cat_autojson json_t *facts = facts_with(ENVIRONMENTS, "{}");
        json_object_set_new(facts, "taken", json(ROWS[i].taken));
        cat_autofree char *wish =
            cat_printf("{'kind': 'install', 'application': '%s', 'blueprint': {'name': 'bp-wordpress'}, 'environments': "
                       "['acme-dev'], 'config': {'title': 'x'}}",
                       ROWS[i].application);
        cat_autojson json_t *plan = plan_of(facts, wish);
        const char *name = cat_json_text_or(plan, "applications.0.name", "");
        if (ROWS[i].dependency)
            EXPECT_TEXT(name, ROWS[i].dependency);
        EXPECT(*name && strlen(name) <= 40);
        EXPECT(!ROWS[i].dependency || strcmp(cat_json_text_or(plan, "applications.1.name", ""), ROWS[i].application) == 0);
    }
}

TEST("who wishes for a Blueprint without its prefix is told which one is there")
{
    static const char *const ROWS[][2] = {{"wordpress", "there is no Blueprint wordpress. Do you mean bp-wordpress?"},
                                          {"BP-WordPress", "there is no Blueprint BP-WordPress. Do you mean bp-wordpress?"}};
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        cat_test_row("%s", ROWS[i][0]);
        cat_autojson json_t *facts = facts_with(ENVIRONMENTS, "{}"), *errors = NULL, *plan = NULL;
        cat_autofree char *text = cat_printf(
            "{'kind': 'install', 'application': 'x', 'blueprint': {'name': '%s'}, 'environments': ['acme-dev']}", ROWS[i][0]);
        cat_autojson json_t *wish = json(text);
        cat_error error = {0};
        EXPECT_INT(prv_plan_make(facts, wish, &plan, &errors, NULL, &error), CAT_E_NOT_FOUND);
        EXPECT_TEXT(error.message, ROWS[i][1]);
        EXPECT_TEXT(cat_json_text(errors, "0.pointer"), "/blueprint/name");
    }
}

TEST("a value that is made from the Application's name and not taken is told at that name, with what was tried")
{
    cat_autojson json_t *facts = facts_with(ENVIRONMENTS, "{}"), *errors = NULL, *plan = NULL;
    json_object_set_new(cat_json_get(facts, "blueprints.0.spec.configSchema.properties.databases.items"), "pattern",
                        json_string("^[a-z]"));
    cat_autojson json_t *wish = json("{'kind': 'install', 'application': '1password', 'blueprint': {'name': 'bp-wordpress'},"
                                     " 'environments': ['acme-dev'], 'config': {'title': 'x'}}");
    cat_error error = {0};
    EXPECT_INT(prv_plan_make(facts, wish, &plan, &errors, NULL, &error), CAT_E_INVALID);
    EXPECT_TEXT(cat_json_text(errors, "0.pointer"), "/application");
    EXPECT(strstr(cat_json_text_or(errors, "0.message", ""), "app-1password-postgres would get '1password' as databases.0"));
}

TEST("a link refuses an Application whose single values are otherwise")
{
    cat_autojson json_t *facts = facts_with(ENVIRONMENTS, PG);
    json_t *depends = cat_json_get(facts, "blueprints.1.spec.depends.0.values");
    json_object_set_new(depends, "username", json_string("other"));
    cat_autojson json_t *wish = json("{'kind': 'install', 'application': 'blog', 'blueprint': {'name': 'bp-wordpress'},"
                                     " 'environments': ['acme-dev'], 'config': {'title': 'Blog'},"
                                     " 'dependencies': {'db': {'use': 'existing', 'application': 'pg'}}}");
    cat_autojson json_t *plan = NULL;
    cat_error error = {0};
    EXPECT_INT(prv_plan_make(facts, wish, &plan, NULL, NULL, &error), CAT_E_CONFLICT);
    EXPECT(strstr(error.message, "pg cannot serve: its 'username' would have to be \"other\""));
}

TEST("an Organization that has as many Applications as it may gets no more")
{
    static const struct {
        int quota, code;
    } ROWS[] = {{1, CAT_E_LIMIT}, {2, 0}};
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        cat_test_row("%d", ROWS[i].quota);
        cat_autojson json_t *facts = facts_with(ENVIRONMENTS, "{}"), *wish = json(WISH), *plan = NULL;
        cat_json_set_int(facts, "organization.quotas.applications", ROWS[i].quota);
        const char *problem = NULL;
        EXPECT_INT(prv_plan_make(facts, wish, &plan, NULL, &problem, NULL), ROWS[i].code);
        EXPECT_TEXT(problem, ROWS[i].code ? "quota-exceeded" : NULL);
    }
}

TEST("what a plan needs are the Blueprints that it copies, not those that it reuses")
{
    cat_autojson json_t *facts = facts_with(ENVIRONMENTS, PG), *keys = NULL;
    cat_autojson json_t *wish = json("{'kind': 'install', 'application': 'blog', 'blueprint': {'name': 'bp-wordpress'},"
                                     " 'environments': ['acme-dev'], 'config': {'title': 'Blog'},"
                                     " 'dependencies': {'db': {'use': 'existing', 'application': 'pg'}}}");
    EXPECT_INT(prv_plan_needs(facts, wish, &keys, NULL, NULL, NULL), 0);
    EXPECT_INT(json_array_size(keys), 1);
    EXPECT_TEXT(cat_json_text(keys, "0"), "catalog.bp-wordpress.1.3.0");
}

TEST("an Application that was installed meanwhile is told as the cause, and not what it brought with it")
{
    cat_autojson json_t *facts = facts_with(ENVIRONMENTS, "{'site': {'spec': {'environments': ['acme-dev']}},"
                                                          " 'site-postgres': {'spec': {'environments': ['acme-dev']}}}"),
                        *wish = json(WISH), *keys = NULL, *plan = NULL;
    for (int step = 0; step < 2; step++) {
        cat_test_row("%s", step ? "the plan" : "what it needs");
        cat_autojson json_t *errors = NULL;
        const char *problem = NULL;
        cat_error error = {0};
        EXPECT_INT(step ? prv_plan_make(facts, wish, &plan, &errors, &problem, &error)
                        : prv_plan_needs(facts, wish, &keys, &errors, &problem, &error),
                   CAT_E_EXISTS);
        EXPECT_TEXT(problem, "name-taken");
        EXPECT_TEXT(cat_json_text(errors, "0.pointer"), "/application");
        EXPECT_TEXT(error.message, "there is an Application 'site' already: choose another name");
    }
}

TEST("a Blueprint's version that cannot be read holds no install up, and the plan says that it was left out")
{
    cat_autojson json_t *facts = facts_with(ENVIRONMENTS, "{}");
    json_array_insert_new(
        json_object_get(facts, "blueprints"), 0,
        json("{'source': 'catalog', 'name': 'bp-postgres', 'version': '1.5', 'digest': 'git-tree:a2', 'spec': {}}"));
    cat_autojson json_t *plan = plan_of(facts, WISH);
    EXPECT_INT(json_array_size(json_object_get(plan, "applications")), 2);
    EXPECT_TEXT(cat_json_text(plan, "warnings.0"),
                "bp-postgres 1.5 of catalog was left out, as it cannot be used: 1.5 is no version "
                "such as 1.4.0 or 2.0.0-rc.1");
}

TEST("a footprint adds up what all copies ask for, and leaves out what ends by itself")
{
    cat_autojson json_t *objects =
        json("[{'apiVersion': 'apps/v1', 'kind': 'Deployment', 'spec': {'replicas': 3, 'template': {'spec': {'containers': ["
             "   {'resources': {'requests': {'cpu': '250m', 'memory': '64Mi'}}}, {'resources': {'requests': {'cpu': '1'}}}]}}}},"
             " {'apiVersion': 'apps/v1', 'kind': 'StatefulSet', 'spec': {'template': {'spec': {'containers': []}},"
             "   'volumeClaimTemplates': [{'spec': {'resources': {'requests': {'storage': '1Gi'}}}}]}},"
             " {'apiVersion': 'v1', 'kind': 'PersistentVolumeClaim', 'spec': {'resources': {'requests': {'storage': '2Gi'}}}},"
             " {'apiVersion': 'batch/v1', 'kind': 'Job',"
             "  'spec': {'template': {'spec': {'containers': [{'resources': {'requests': {'cpu': '8'}}}]}}}}]");
    cat_autojson json_t *sum = prv_plan_footprint(objects);
    EXPECT_INT(cat_json_int_or(sum, "pods", 0), 4);
    EXPECT_INT(cat_json_int_or(sum, "cpuMilli", 0), 3750);
    EXPECT_INT(cat_json_int_or(sum, "memoryBytes", 0), 3 * 64 * 1024 * 1024);
    EXPECT_INT(cat_json_int_or(sum, "storageBytes", 0), 3LL * 1024 * 1024 * 1024);
}

TEST("each kind counts as often as it runs, and its pods as Kubernetes counts them")
{
#define POD                                                                                                                      \
    "{'initContainers': [{'restartPolicy': 'Always', 'resources': {'limits': {'cpu': 0.5}}}],"                                   \
    " 'containers': [{'resources': {'requests': {'cpu': 1, 'memory': 1e3}}}]"
    static const struct {
        const char *object;
        int64_t pods, cpu_milli, memory_bytes, storage_bytes;
    } rows[] = {
        {"{'apiVersion': 'apps/v1', 'kind': 'Deployment', 'spec': {'template': {'spec': " POD "}}}}", 1, 1500, 1000, 0},
        {"{'apiVersion': 'apps/v1', 'kind': 'Deployment', 'spec': {'replicas': 0, 'template': {'spec': " POD "}}}}", 0, 0, 0, 0},
        {"{'apiVersion': 'apps/v1', 'kind': 'ReplicaSet', 'spec': {'replicas': 2, 'template': {'spec': " POD "}}}}", 2, 3000,
         2000, 0},
        {"{'apiVersion': 'apps/v1', 'kind': 'DaemonSet', 'spec': {'replicas': 9, 'template': {'spec': " POD "}}}}", 1, 1500, 1000,
         0},
        {"{'apiVersion': 'apps/v1', 'kind': 'StatefulSet', 'spec': {'replicas': 3, 'template': {'spec': " POD "}},"
         "'volumeClaimTemplates': [{'spec': {'resources': {'requests': {'storage': 1024}}}}]}}",
         3, 4500, 3000, 3072},
        {"{'apiVersion': 'batch/v1', 'kind': 'CronJob', 'spec': {'jobTemplate': {'spec': {'template': {'spec': " POD "}}}}}}", 0,
         0, 0, 0},
        {"{'apiVersion': 'v1', 'kind': 'Pod', 'spec': " POD "}}", 1, 1500, 1000, 0},
        {"{'apiVersion': 'v1', 'kind': 'Pod', 'spec': " POD ", 'restartPolicy': 'Never'}}", 0, 0, 0, 0},
        {"{'apiVersion': 'example.org/v1', 'kind': 'Deployment', 'spec': {'template': {'spec': " POD "}}}}", 0, 0, 0, 0},
        {"{'apiVersion': 'apps/v1', 'kind': 'Deployment', 'spec': {'replicas': 9000000000000000000, 'template': {'spec': " POD
         "}}}}",
         INT64_C(9000000000000000000), INT64_MAX, INT64_MAX, 0},
        {"7", 0, 0, 0, 0}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        cat_test_row("%s", rows[i].object);
        cat_autofree char *text = cat_printf("[%s]", rows[i].object);
        cat_autojson json_t *objects = json(text), *sum = prv_plan_footprint(objects);
        EXPECT_INT(cat_json_int_or(sum, "pods", -1), rows[i].pods);
        EXPECT_INT(cat_json_int_or(sum, "cpuMilli", -1), rows[i].cpu_milli);
        EXPECT_INT(cat_json_int_or(sum, "memoryBytes", -1), rows[i].memory_bytes);
        EXPECT_INT(cat_json_int_or(sum, "storageBytes", -1), rows[i].storage_bytes);
    }
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
