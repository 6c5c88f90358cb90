/* What somebody may ask for, and what a refusal does not give away. */
#include "core/plan_rights.h"

#include <string.h>

#include "base/memory.h"
#include "base/test.h"

static const struct {
    const char *what, *group, *environments;
    bool named, divisible;
    int code;
    const char *says;
} ROWS[] = {
    {"everywhere she may", "/acme/org-developer", "[\"acme-dev\",\"acme-stg\"]", false, true, 0, ""},
    {"one type alone, everywhere", "/acme/org-developer/dev", "[\"acme-dev\",\"acme-stg\"]", false, true, CAT_E_FORBIDDEN,
     "blog also runs where you may not change it: choose one of: acme-dev"},
    {"the hidden one first", "/acme/org-developer/dev", "[\"acme-stg\",\"acme-dev\"]", false, true, CAT_E_FORBIDDEN,
     "blog also runs where you may not change it: choose one of: acme-dev"},
    {"an uninstall", "/acme/org-developer/dev", "[\"acme-dev\",\"acme-stg\"]", false, false, CAT_E_FORBIDDEN,
     "blog also runs where you may not change it: somebody who may change all of it has to. You may in: acme-dev"},
    {"an Application that she does not see", "/acme/org-developer/dev", "[\"acme-stg\"]", false, true, CAT_E_NOT_FOUND,
     "there is no Application 'blog'"},
    {"an Environment that she named", "/acme/org-developer/dev", "[\"acme-dev\",\"acme-stg\"]", true, true, CAT_E_NOT_FOUND,
     "there is no Environment acme-stg"},
    {"one that she sees and may not change", "/acme/org-viewer", "[\"acme-dev\"]", false, true, CAT_E_FORBIDDEN, NULL},
    {"another Organization's", "/blue/org-admin", "[\"acme-dev\"]", false, true, CAT_E_NOT_FOUND,
     "there is no Organization acme"},
};

TEST("who may change one type of Environment is told so, and of no other")
{
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        cat_test_row("%s", ROWS[i].what);
        cat_auto(cat_principal) principal = {.user = cat_strdup("devi"), .subject = cat_strdup("1")};
        cat_membership membership;
        REQUIRE(cat_membership_parse(ROWS[i].group, &membership));
        cat_principal_add(&principal, &membership);
        cat_autojson json_t *environments = json_loads(ROWS[i].environments, 0, NULL);
        prv_asking ask = {.principal = &principal,
                          .organization = "acme",
                          .application = "blog",
                          .named = ROWS[i].named,
                          .divisible = ROWS[i].divisible};
        cat_error error = {0};
        EXPECT_INT(prv_may_change(&ask, environments, &error), ROWS[i].code);
        if (ROWS[i].says)
            EXPECT_TEXT(error.message, ROWS[i].says);
        EXPECT(ROWS[i].named || !strstr(error.message, "acme-stg"));
    }
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
