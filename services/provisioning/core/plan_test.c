/* Wishes that are refused, and what holds for every plan. */
#include "core/plan_testing.h"

TEST("the same facts and wish give the same plan, byte for byte")
{
    cat_autojson json_t *facts = facts_with(ENVIRONMENTS, "{}"), *one = plan_of(facts, WISH), *other = plan_of(facts, WISH);
    char first[65], second[65];
    cat_json_digest(one, first);
    cat_json_digest(other, second);
    EXPECT_TEXT(first, second);
}

TEST("what a plan needs are the Blueprints that it copies, not those that it reuses")
{
    cat_autojson json_t *facts = facts_with(ENVIRONMENTS, PG), *keys = NULL;
    cat_autojson json_t *wish = json("{'kind': 'install', 'application': 'blog', 'blueprint': {'name': 'bp-wordpress'},"
                                     " 'environments': ['acme-dev'], 'config': {'title': 'Blog'},"
                                     " 'dependencies': {'db': {'use': 'existing', 'application': 'pg'}}}");
    EXPECT_INT(prv_plan_needs(prv_kind_of(wish), facts, wish, &keys, NULL, NULL, NULL), 0);
    EXPECT_INT(json_array_size(keys), 1);
    EXPECT_TEXT(cat_json_text(keys, "0"), "catalog.bp-wordpress.1.3.0");
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
        EXPECT_INT(prv_plan_make(prv_kind_of(wish), facts, wish, &plan, &errors, &problem, &error), rows[i].code);
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
        EXPECT_INT(prv_plan_make(prv_kind_of(wish), facts, wish, &plan, NULL, &problem, NULL), ROWS[i].code);
        EXPECT_TEXT(problem, ROWS[i].code ? "quota-exceeded" : NULL);
    }
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
