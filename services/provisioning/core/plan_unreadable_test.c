/* What people broke in a repository, or took away from it. */
#include "core/plan_parts.h"
#include "core/plan_testing.h"

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
        EXPECT_INT(prv_plan_make(prv_kind_of(wish), facts, wish, &plan, &errors, &problem, &error), ROWS[i].code);
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
        EXPECT_INT(prv_plan_make(prv_kind_of(wish), facts, wish, &none, &errors, &problem, &error), CAT_E_CONFLICT);
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
    EXPECT_INT(prv_plan_make(prv_kind_of(wish), facts, wish, &none, NULL, &problem, NULL), CAT_E_CONFLICT);
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

TEST("a file with nothing in it is told as empty; of one Environment's values that means that nothing differs there")
{
    static const struct {
        const char *file, *text;
        bool source;
        const char *says; /* NULL: nothing */
    } ROWS[] = {
        {"catalyst.yaml", "", false, "catalyst.yaml is empty on branch develop of acme/site: bring back in Git what was in it"},
        {"catalyst.yaml", "# x\n", false,
         "catalyst.yaml is empty on branch develop of acme/site: bring back in Git what was in it"},
        {"values.yaml", "", true, "values.yaml is empty on branch develop of acme/site: bring back in Git what was in it"},
        {"values.yaml", "---\n", true, "values.yaml is empty on branch develop of acme/site: bring back in Git what was in it"},
        {"overlays/dev/values.yaml", "", true, NULL}};
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        cat_test_row("%s: %s", ROWS[i].file, ROWS[i].text);
        cat_autojson json_t *facts = facts_with(ENVIRONMENTS, SITE), *all = json("['acme-dev']"), *none = NULL,
                            *wish = json("{'kind': 'configure', 'application': 'site', 'config': {'title': 'New'}}");
        json_t *develop = cat_json_get(facts, "applications.site.branches.develop"), *files = json_object_get(develop, "files");
        json_object_set_new(files, "overlays/dev/kustomization.yaml", json_string("kind: Component\n"));
        json_object_set_new(files, "overlays/dev/values.yaml", json_string("kind: Values\n"));
        json_object_set_new(files, ROWS[i].file, json_string(ROWS[i].text));
        if (!ROWS[i].source)
            json_object_del(develop, "source");
        cat_autojson json_t *told = prv_unreadable(facts, "site", (prv_part){all, true}, "");
        EXPECT_INT(json_array_size(told), ROWS[i].says ? 1 : 0);
        EXPECT_TEXT(cat_json_text(told, "0.message"), ROWS[i].says);
        cat_error error = {0};
        EXPECT_INT(prv_plan_make(prv_kind_of(wish), facts, wish, &none, NULL, NULL, &error), ROWS[i].says ? CAT_E_CONFLICT : 0);
        EXPECT_TEXT(error.message, ROWS[i].says ? ROWS[i].says : "");
    }
}

TEST("of a branch that is too large to be read nothing is called gone")
{
    cat_autojson json_t *facts = broken_facts("site", "develop", "[{'file': '', 'message': 'it holds more than 5000 files'}]");
    json_t *develop = cat_json_get(facts, "applications.site.branches.develop");
    json_object_set_new(develop, "files", json_object());
    json_object_del(develop, "source");
    cat_autojson json_t *wish = json("{'kind': 'configure', 'application': 'site', 'config': {'title': 'New'}}"), *errors = NULL,
                        *plan = NULL;
    const char *problem = NULL;
    cat_error error = {0};
    EXPECT_INT(prv_plan_make(prv_kind_of(wish), facts, wish, &plan, &errors, &problem, &error), CAT_E_CONFLICT);
    EXPECT_TEXT(error.message, "branch develop of acme/site cannot be read: it holds more than 5000 files. Take some out in Git");
}

TEST("an Application whose repository is archived takes no change, and can be uninstalled")
{
    static const struct {
        const char *wish;
        int code;
    } ROWS[] = {{"{'kind': 'configure', 'application': 'site', 'config': {'title': 'New'}}", CAT_E_CONFLICT},
                {"{'kind': 'uninstall', 'application': 'site', 'confirm': 'site'}", 0}};
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        cat_test_row("%s", ROWS[i].wish);
        cat_autojson json_t *facts = facts_with(ENVIRONMENTS, SITE), *wish = json(ROWS[i].wish), *errors = NULL, *plan = NULL;
        json_object_set_new(cat_json_get(facts, "applications.site"), "archived", json_true());
        const char *problem = NULL;
        cat_error error = {0};
        EXPECT_INT(prv_plan_make(prv_kind_of(wish), facts, wish, &plan, &errors, &problem, &error), ROWS[i].code);
        EXPECT_TEXT(error.message, ROWS[i].code
                                       ? "repository acme/site is archived in Git and takes no change: take it out of the "
                                         "archive there, or uninstall site"
                                       : "");
    }
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

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
