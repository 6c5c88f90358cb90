/* Golden tests of installs: a wish over small facts, and the plan as people read it. */
#include "core/plan_testing.h"

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
    EXPECT_INT(prv_plan_make(prv_kind_of(wish), facts, wish, &none, &errors, NULL, NULL), CAT_E_INVALID);
    EXPECT_TEXT(cat_json_text(errors, "0.message"), "bp-wordpress has no dependency 'dbb'. It has: db");
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
        EXPECT_INT(prv_plan_make(prv_kind_of(wish), facts, wish, &plan, &errors, NULL, &error), CAT_E_NOT_FOUND);
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
    EXPECT_INT(prv_plan_make(prv_kind_of(wish), facts, wish, &plan, &errors, NULL, &error), CAT_E_INVALID);
    EXPECT_TEXT(cat_json_text(errors, "0.pointer"), "/application");
    EXPECT(strstr(cat_json_text_or(errors, "0.message", ""),
                  "app-1password-postgres would get '1password' in its field databases, made from this name"));
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
    EXPECT_INT(prv_plan_make(prv_kind_of(wish), facts, wish, &plan, NULL, NULL, &error), CAT_E_CONFLICT);
    EXPECT(strstr(error.message, "pg cannot serve: its 'username' would have to be \"other\""));
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
        EXPECT_INT(step ? prv_plan_make(prv_kind_of(wish), facts, wish, &plan, &errors, &problem, &error)
                        : prv_plan_needs(prv_kind_of(wish), facts, wish, &keys, &errors, &problem, &error),
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

/* The message of the refusal, the caller's, with the name of what was asked for taken out. */
static char *refusal_of(json_t *facts, const char *name)
{
    cat_autofree char *wish = cat_printf("{'kind': 'install', 'application': 'blog', 'blueprint': {'name': 'bp-wordpress'},"
                                         " 'environments': ['acme-dev'], 'config': {'title': 'Blog'},"
                                         " 'dependencies': {'db': {'use': 'existing', 'application': '%s'}}}",
                                         name);
    cat_autojson json_t *request = json(wish), *plan = NULL, *errors = NULL;
    cat_error error = {0};
    EXPECT_INT(prv_plan_make(prv_kind_of(request), facts, request, &plan, &errors, NULL, &error), CAT_E_INVALID);
    char *message = cat_strdup(cat_json_text_or(errors, "0.message", "")), *found;
    while ((found = strstr(message, name)) != NULL)
        memmove(found, found + strlen(name), strlen(found + strlen(name)) + 1);
    return message;
}

TEST("what runs only where the person may not look is refused in the words for what is not there")
{
    cat_autojson json_t *facts = facts_with(ENVIRONMENTS, PG), *uninstall = NULL, *plan = NULL;
    cat_error error = {0};
    json_object_set_new(facts, "unseen", json_pack("[s]", "pg"));
    cat_autofree char *hidden = refusal_of(facts, "pg"), *absent = refusal_of(facts, "nowhere");
    EXPECT_TEXT(hidden, absent);
    cat_autojson json_t *used = facts_with(ENVIRONMENTS, SITE);
    json_object_set_new(used, "unseen", json_pack("[s]", "site"));
    uninstall = json("{'kind': 'uninstall', 'application': 'pg', 'confirm': 'pg'}");
    EXPECT_INT(prv_plan_make(prv_kind_of(uninstall), used, uninstall, &plan, NULL, NULL, &error), CAT_E_CONFLICT);
    EXPECT(!strstr(error.message, "site"));
    EXPECT(strstr(error.message, "in an Environment that you do not see"));
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
