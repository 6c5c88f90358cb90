#include "domain/access.h"

#include "base/memory.h"
#include "base/test.h"

static cat_principal person(const char *organization, const char *environment, const char *role)
{
    cat_principal principal = {.user = cat_strdup("ada"), .organization = cat_strdup(organization)};
    cat_strings_add(&principal.environments, environment);
    cat_strings_add(&principal.roles, role);
    return principal;
}

/* One letter an action, in the order of the enumeration: Y yes, F forbidden, N not found. */
static void check_row(const char *organization, const char *listed, const char *role, const char *of, const char *environment,
                      const char *expected)
{
    for (int action = 0; action < CAT_ACTION_COUNT; action++) {
        cat_auto(cat_principal) principal = person(organization, listed, role);
        cat_error error = {0};
        int code = cat_access_check(&principal, (cat_action)action, of, environment, &error);
        cat_test_row("%s of %s [%s]: %s %s %s", role, organization, listed, cat_action_name((cat_action)action), of,
                     environment ? environment : "itself");
        EXPECT_INT(code, expected[action] == 'Y' ? 0 : expected[action] == 'F' ? CAT_E_FORBIDDEN : CAT_E_NOT_FOUND);
        EXPECT(code == 0 || error.message[0]);
    }
}

TEST("the table says who may do what")
{
    static const char *const rows[][6] = {
        /* organization, environments, role, of, environment: read write propose manage onboard money r-policy w-policy audit */
        {"acme", "*", "org-viewer", "acme", "acme-dev", "YFFFFFFFF"},
        {"acme", "*", "org-viewer", "acme", NULL, "YFFFFFFFF"},
        {"acme", "*", "org-developer", "acme", "acme-dev", "YYYFFFFFF"},
        {"acme", "*", "org-developer", "acme", "acme-stg", "YYYFFFFFF"},
        {"acme", "*", "org-developer", "acme", "acme-prod", "YFYFFFFFF"},
        {"acme", "*", "org-developer", "acme", "acme-poc", "YFYFFFFFF"},
        {"acme", "*", "org-developer", "acme", NULL, "YFYFFFFFF"},
        {"acme", "*", "org-admin", "acme", "acme-prod", "YYYYFYYYY"},
        {"acme", "*", "org-admin", "acme", NULL, "YYYYFYYYY"},
        {"acme", "*", "security-officer", "acme", NULL, "FFFFFFYYY"},
        {"acme", "*", "billing-admin", "acme", NULL, "FFFFFYFFF"},
        {"acme", "*", "sovereign-admin", "acme", NULL, "FFFFFFFFF"},
        {"acme", "*", "made-up", "acme", "acme-dev", "FFFFFFFFF"},
        {"acme", "acme-dev", "org-admin", "acme", "acme-dev", "YYYYFYYYY"},
        {"acme", "acme-dev", "org-admin", "acme", "acme-prod", "NNNNNNNNN"},
        {"acme", "*", "org-admin", "globex", NULL, "NNNNNNNNN"},
        {"acme", "*", "org-admin", "globex", "globex-dev", "NNNNNNNNN"},
        {"acme", "*", "org-admin", "acme", "globex-dev", "NNNNNNNNN"},
        {"acme", "*", "org-admin", "acme", "acme", "NNNNNNNNN"},
        {"acme", "*", "sovereign-admin", "globex", NULL, "NNNNNNNNN"},
        {"acme", "*", "security-officer", "globex", NULL, "NNNNNNNNN"},
        {"system", "*", "sovereign-admin", "acme", "acme-prod", "YYYYYYYYY"},
        {"system", "*", "sovereign-admin", "acme", NULL, "YYYYYYYYY"},
        {"system", "acme-dev", "sovereign-admin", "acme", "acme-prod", "NNNNNNNNN"},
        {"system", "*", "security-officer", "acme", NULL, "FFFFFFYYY"},
        {"system", "*", "billing-admin", "acme", NULL, "FFFFFYFFF"},
        {"system", "*", "org-admin", "acme", NULL, "NNNNNNNNN"},
        {"system", "*", "org-admin", "system", NULL, "YYYYFYYYY"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
        check_row(rows[i][0], rows[i][1], rows[i][2], rows[i][3], rows[i][4], rows[i][5]);
}

TEST("onboarding needs no Organization yet")
{
    cat_auto(cat_principal) sovereign = person("system", "*", "sovereign-admin"), admin = person("acme", "*", "org-admin");
    EXPECT_INT(cat_access_check(&sovereign, CAT_ACTION_ONBOARD, NULL, NULL, NULL), 0);
    EXPECT_INT(cat_access_check(&admin, CAT_ACTION_ONBOARD, NULL, NULL, NULL), CAT_E_FORBIDDEN);
}

TEST("a refusal says who could do it")
{
    cat_auto(cat_principal) principal = person("acme", "*", "org-developer");
    cat_error error = {0};
    cat_access_check(&principal, CAT_ACTION_WRITE, "acme", "acme-prod", &error);
    EXPECT_TEXT(error.message, "changing acme-prod needs the role org-admin or sovereign-admin; ada has org-developer");
}

TEST("several roles add up")
{
    cat_auto(cat_principal) principal = person("acme", "*", "org-viewer");
    cat_strings_add(&principal.roles, "billing-admin");
    EXPECT_INT(cat_access_check(&principal, CAT_ACTION_READ, "acme", "acme-dev", NULL), 0);
    EXPECT_INT(cat_access_check(&principal, CAT_ACTION_READ_MONEY, "acme", NULL, NULL), 0);
}

TEST("a principal is made of a token's claims")
{
    cat_autojson json_t *claims =
        json_pack("{s:s,s:s,s:s,s:[s],s:[s,s],s:i,s:s}", "preferred_username", "ada", "sub", "1-2", "organization", "acme",
                  "environments", "*", "roles", "org-admin", "offline_access", "exp", 1764000000, "email", "ada@example.org");
    cat_auto(cat_principal) principal = {0};
    REQUIRE(cat_principal_from_claims(claims, &principal, NULL) == 0);
    EXPECT_TEXT(principal.user, "ada");
    EXPECT_TEXT(principal.organization, "acme");
    EXPECT_TEXT(principal.email, "ada@example.org");
    EXPECT(principal.display_name == NULL);
    EXPECT_INT(principal.roles.count, 2);
    EXPECT_INT(principal.expires_ms, INT64_C(1764000000000));
    static const char *const needed[] = {"preferred_username", "sub", "organization", "environments", "roles", "exp"};
    for (size_t i = 0; i < sizeof(needed) / sizeof(*needed); i++) {
        cat_test_row("%s", needed[i]);
        for (int wrong = 0; wrong < 2; wrong++) {
            cat_autojson json_t *changed = json_deep_copy(claims);
            if (wrong)
                json_object_set_new(changed, needed[i], json_pack("[i]", 1));
            else
                json_object_del(changed, needed[i]);
            cat_principal none = {0};
            cat_error error = {0};
            EXPECT_INT(cat_principal_from_claims(changed, &none, &error), CAT_E_UNAUTHORIZED);
            EXPECT(none.user == NULL && strstr(error.message, needed[i]));
        }
    }
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
