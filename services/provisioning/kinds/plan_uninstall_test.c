/* Uninstalls as people read their plans, and what is said of names that are kept. */
#include "core/plan_kept.h"
#include "core/plan_parts.h"
#include "core/plan_testing.h"

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
    EXPECT_INT(prv_plan_make(prv_kind_of(install), facts, install, &plan, NULL, NULL, &error), CAT_E_EXISTS);
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
         "'half-shop' is a repository without an Application. If it was renamed, give it its name back; if an install or an "
         "uninstall left it, uninstall it. Or choose another name"},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        cat_test_row("row %zu: %s %s", i, ROWS[i].work, ROWS[i].wish);
        cat_autojson json_t *facts = facts_with(ENVIRONMENTS, SITE), *wish = json(ROWS[i].wish), *plan = NULL, *errors = NULL;
        json_object_set_new(facts, "work", json_object());
        cat_autojson json_t *operation = json(ROWS[i].work);
        if (json_is_object(operation))
            json_object_set_new(json_object_get(facts, "work"), "half-shop",
                                prv_work_of(prv_kind_of(operation), operation, cat_json_bool_or(operation, "ended", false)));
        /* As a removal finds what has no object any more. */
        if (ROWS[i].wish == UNINSTALL)
            json_object_set_new(json_object_get(facts, "applications"), "half-shop",
                                json("{'spec': {'environments': ['acme-dev']}, 'branches': {}}"));
        const char *problem = NULL;
        cat_error error = {0};
        EXPECT(prv_plan_make(prv_kind_of(wish), facts, wish, &plan, &errors, &problem, &error) < 0);
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

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
