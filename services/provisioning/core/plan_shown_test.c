/* What of a plan somebody sees, and that it names no Environment that is hidden from them. */
#include "core/plan_shown.h"

#include <string.h>

#include "base/memory.h"
#include "base/test.h"

static const char PLAN[] =
    "{\"organization\": \"acme\", \"kind\": \"install\", \"environments\": [\"acme-dev\", \"acme-stg\"], \"trees\": [1], "
    "\"request\": {\"application\": \"blog\", \"environments\": [\"acme-dev\", \"acme-stg\"]}, "
    "\"applications\": [{\"name\": \"blog\", \"footprint\": {\"pods\": 4}, \"environments\": [\"acme-dev\", \"acme-stg\"], "
    "\"values\": {\"environments\": "
    "[\"a\"]}, \"clusterScope\": [{\"environment\": \"acme-stg\", \"kind\": \"ClusterRole\", \"names\": [\"x\"]}]}], "
    "\"links\": [{\"application\": \"pg\", \"environments\": [\"acme-stg\"]}], "
    "\"secrets\": [{\"path\": \"org/acme/env/dev/blog/db\"}, {\"path\": \"org/acme/env/stg/blog/db\"}], "
    "\"objects\": [{\"object\": {\"spec\": {\"environments\": [\"acme-dev\", \"acme-stg\"]}}}], "
    "\"reads\": [{\"repository\": \"system/catalyst-config\", \"path\": \"environments/acme-dev.yaml\"}, "
    "{\"repository\": \"system/catalyst-config\", \"path\": \"environments/acme-stg.yaml\"}, {\"repository\": "
    "\"system/catalyst-config\", \"path\": \"policies/of-acme-stg.yaml\"}, {\"repository\": \"acme/blog\", \"path\": "
    "\"values.yaml\"}, {\"repository\": \"acme/blog\", \"branch\": \"staging\", \"path\": \"values.yaml\"}, {\"repository\": "
    "\"acme/blog\", \"branch\": \"develop\", \"path\": \"overlays/stg/values.yaml\"}], "
    "\"files\": [{\"repository\": \"system/catalyst-config\", \"path\": \"applications/blog.yaml\", \"diff\": \"+acme-stg\"}, "
    "{\"repository\": \"acme/blog\", \"path\": \"overlays/stg/environment.yaml\", \"diff\": \"+acme-stg\"}, "
    "{\"repository\": \"acme/blog\", \"path\": \"overlays/dev/environment.yaml\", \"diff\": \"+acme-dev\"}, "
    "{\"repository\": \"acme/blog\", \"branch\": \"staging\", \"path\": \"values.yaml\", \"diff\": \"+a: 1\"}, "
    "{\"repository\": \"acme/blog\", \"branch\": \"develop\", \"path\": \"values.yaml\", \"diff\": \"+a: 1\"}]}";

static json_t *shown_to(const char *group, const char *plan_text)
{
    cat_auto(cat_principal) principal = {.user = cat_strdup("devi"), .subject = cat_strdup("1")};
    cat_membership membership;
    cat_autojson json_t *plan = json_loads(plan_text, 0, NULL);
    if (!plan || !cat_membership_parse(group, &membership))
        return NULL;
    cat_principal_add(&principal, &membership);
    json_t *shown = prv_shown_plan(&principal, plan);
    cat_autojson json_t *untouched = json_loads(plan_text, 0, NULL);
    EXPECT(json_equal(plan, untouched));
    return shown;
}

TEST("who sees all of it is shown all of it, but for what is the worker's")
{
    cat_autojson json_t *shown = shown_to("/acme/org-viewer", PLAN), *plan = json_loads(PLAN, 0, NULL);
    json_object_del(plan, "trees");
    json_object_set_new(plan, "elsewhere", json_false());
    EXPECT(json_equal(shown, plan));
}

TEST("who sees one Environment of it is shown that one, and told that there is more")
{
    cat_autojson json_t *shown = shown_to("/acme/org-developer/dev", PLAN);
    cat_autofree char *text = cat_json_format(shown);
    REQUIRE(shown);
    EXPECT(!strstr(text, "acme-stg") && !strstr(text, "/stg/") && !strstr(text, "staging") && !strstr(text, "footprint"));
    EXPECT(cat_json_bool_or(shown, "elsewhere", false));
    EXPECT_TEXT(cat_json_text(shown, "environments.0"), "acme-dev");
    EXPECT_TEXT(cat_json_text(shown, "applications.0.environments.0"), "acme-dev");
    EXPECT_TEXT(cat_json_text(shown, "applications.0.values.environments.0"), "a");
    EXPECT_TEXT(cat_json_text(shown, "request.environments.0"), "acme-dev");
    EXPECT_TEXT(cat_json_text(shown, "secrets.0.path"), "org/acme/env/dev/blog/db");
    EXPECT_INT(json_array_size(json_object_get(shown, "files")), 2);
    EXPECT_INT(json_array_size(json_object_get(shown, "objects")), 0);
    EXPECT_INT(json_array_size(json_object_get(shown, "reads")), 1);
}

TEST("a change in one Environment does not tell in which others the Application runs")
{
    static const char ONE[] = "{\"organization\": \"acme\", \"kind\": \"configure\", \"environments\": [\"acme-dev\"], "
                              "\"applications\": [{\"name\": \"blog\", \"environments\": [\"acme-dev\", \"acme-prod\"]}]}";
    cat_autojson json_t *shown = shown_to("/acme/org-developer/dev", ONE);
    cat_autofree char *text = cat_json_format(shown);
    EXPECT(!strstr(text, "acme-prod") && strstr(text, "acme-dev"));
    EXPECT(cat_json_bool_or(shown, "elsewhere", false));
}

TEST("a warning about an Environment that somebody does not see is not shown to them")
{
    static const struct {
        const char *warning;
        bool shown;
    } rows[] = {{"blog in acme-dev: volume data has 5Gi", true},
                {"blog in acme-prod cannot be built as its repository stands", false},
                {"acme-prod is governed by careful", false},
                {"overlays/prod/values.yaml loses a comment", false},
                {"values.yaml on main of acme/blog loses a comment", false},
                {"kustomization.yaml on branch main of acme/pg cannot be read", false},
                {"values.yaml on develop of acme/blog loses a comment", true},
                {"the secret org/acme/env/prod/blog/db is kept", false},
                {"the secret org/acme/env/dev/blog/db is kept", true},
                {"shop uses blog", true}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cat_test_row("%s", rows[i].warning);
        cat_autofree char *text = cat_printf("{\"organization\": \"acme\", \"kind\": \"configure\", \"environments\": "
                                             "[\"acme-dev\"], \"warnings\": [\"%s\"], \"applications\": [{\"name\": \"blog\", "
                                             "\"environments\": [\"acme-dev\", \"acme-prod\"]}]}",
                                             rows[i].warning);
        cat_autojson json_t *dev = shown_to("/acme/org-developer/dev", text), *all = shown_to("/acme/org-developer", text),
                            *prod = shown_to("/acme/org-viewer/prod", text);
        EXPECT_INT(json_array_size(json_object_get(dev, "warnings")), rows[i].shown);
        EXPECT_INT(json_array_size(json_object_get(all, "warnings")), 1);
        EXPECT(json_array_size(json_object_get(prod, "warnings")) || rows[i].shown);
    }
}

TEST("of a list of Environments those are left that somebody may see")
{
    cat_auto(cat_principal) principal = {.user = cat_strdup("devi"), .subject = cat_strdup("1")};
    cat_membership membership;
    REQUIRE(cat_membership_parse("/acme/org-admin/prod", &membership));
    cat_principal_add(&principal, &membership);
    cat_autojson json_t *all = json_loads("[\"acme-dev\", 7, \"acme-prod\", \"blue-prod\"]", 0, NULL);
    cat_autojson json_t *visible = prv_visible(&principal, "acme", all), *none = prv_visible(&principal, "acme", NULL);
    EXPECT_INT(json_array_size(visible), 1);
    EXPECT_TEXT(cat_json_text(visible, "0"), "acme-prod");
    EXPECT_INT(json_array_size(none), 0);
}

TEST("what a plan rests on makes it no plan of others")
{
    static const char ONE[] = "{\"organization\": \"acme\", \"environments\": [\"acme-dev\"], \"reads\": [{\"repository\": "
                              "\"system/catalyst-config\", \"path\": \"environments/acme-stg.yaml\"}]}";
    cat_autojson json_t *shown = shown_to("/acme/org-developer/dev", ONE);
    EXPECT_INT(json_array_size(json_object_get(shown, "reads")), 0);
    EXPECT(!cat_json_bool_or(shown, "elsewhere", true));
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
