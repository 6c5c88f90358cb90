#include "domain/access.h"

#include "base/memory.h"
#include "base/test.h"

/* Somebody in these groups, with commas between. */
static cat_principal person(const char *groups)
{
    cat_principal principal = {.user = cat_strdup("ada")};
    for (const char *at = groups; *at;) {
        size_t length = strcspn(at, ",");
        cat_autofree char *group = cat_strndup(at, length);
        cat_membership membership;
        if (!cat_membership_parse(group, &membership))
            cat_test_fail(__FILE__, __LINE__, "%s is no membership", group);
        cat_principal_add(&principal, &membership);
        at += length + (at[length] == ',');
    }
    return principal;
}

/* One letter an action, in the order of the enumeration: Y yes, F forbidden, N not found. */
static void check_row(const char *groups, const char *of, const char *environment, const char *expected)
{
    EXPECT_INT(strlen(expected), CAT_ACTION_COUNT);
    for (int action = 0; action < CAT_ACTION_COUNT; action++) {
        cat_auto(cat_principal) principal = person(groups);
        cat_error error = {0};
        int code = cat_access_check(&principal, (cat_action)action, of, environment, &error);
        cat_test_row("%s: %s %s %s", groups, cat_action_name((cat_action)action), of, environment ? environment : "itself");
        EXPECT_INT(code, expected[action] == 'Y' ? 0 : expected[action] == 'F' ? CAT_E_FORBIDDEN : CAT_E_NOT_FOUND);
        EXPECT(code == 0 || error.message[0]);
    }
}

TEST("the table says who may do what")
{
    static const char *const rows[][4] = {
        /* groups, of, environment: read write propose manage onboard money r-policy w-policy audit secrets */
        {"/acme/org-viewer", "acme", "acme-dev", "YFFFFFFFFY"},    {"/acme/org-viewer", "acme", NULL, "YFFFFFFFFY"},
        {"/acme/org-developer", "acme", "acme-dev", "YYYFFFFFFY"}, {"/acme/org-developer", "acme", "acme-stg", "YYYFFFFFFY"},
        {"/acme/org-developer", "acme", "acme-uat", "YFYFFFFFFY"}, {"/acme/org-developer", "acme", "acme-prod", "YFYFFFFFFY"},
        {"/acme/org-developer", "acme", "acme-poc", "YFYFFFFFFY"}, {"/acme/org-developer", "acme", NULL, "YFYFFFFFFY"},
        {"/acme/org-admin", "acme", "acme-prod", "YYYYFYYYYY"},    {"/acme/org-admin", "acme", NULL, "YYYYFYYYYY"},
        {"/acme/security-officer", "acme", NULL, "FFFFFFYYYY"},    {"/acme/security-officer", "acme", "acme-prod", "FFFFFFYYYY"},
        {"/acme/billing-admin", "acme", NULL, "FFFFFYFFFF"},       {"/acme/org-admin", "globex", NULL, "NNNNNNNNNN"},
        {"/acme/org-admin", "globex", "globex-dev", "NNNNNNNNNN"}, {"/acme/org-admin", "acme", "globex-dev", "NNNNNNNNNN"},
        {"/acme/org-admin", "acme", "acme", "NNNNNNNNNN"},         {"/acme/org-admin", "system", NULL, "NNNNNNNNNN"},
        {"/acme/security-officer", "globex", NULL, "NNNNNNNNNN"},  {"/system/sovereign-admin", "acme", "acme-prod", "YYYYYYYYYF"},
        {"/system/sovereign-admin", "acme", NULL, "YYYYYYYYYF"},   {"/system/sovereign-admin", "system", NULL, "YYYYYYYYYF"},
        {"/system/security-officer", "acme", NULL, "FFFFFFYYYY"},  {"/system/billing-admin", "acme", NULL, "FFFFFYFFFF"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
        check_row(rows[i][0], rows[i][1], rows[i][2], rows[i][3]);
}

TEST("a role that is given for one type of Environment counts there and nowhere else")
{
    static const char *const rows[][4] = {
        {"/acme/org-admin/dev", "acme", "acme-dev", "YYYYFYYYYY"},
        {"/acme/org-admin/dev", "acme", "acme-prod", "NNNNNNNNNN"},
        {"/acme/org-admin/dev", "acme", NULL, "YFFFFFFFFF"}, /* of the whole no more than that it is there */
        {"/acme/org-developer/dev", "acme", "acme-dev", "YYYFFFFFFY"},
        {"/acme/org-developer/dev", "acme", "acme-stg", "NNNNNNNNNN"},
        {"/acme/org-developer/prod", "acme", "acme-prod", "YFYFFFFFFY"}, /* the type adds nothing to the role */
        {"/acme/billing-admin/prod", "acme", "acme-prod", "FFFFFYFFFF"},
        {"/acme/billing-admin/prod", "acme", NULL, "FFFFFFFFFF"},
        {"/acme/org-admin/dev", "globex", "globex-dev", "NNNNNNNNNN"},
        {"/system/sovereign-admin/dev", "acme", "acme-dev", "YYYYYYYYYF"},
        {"/system/sovereign-admin/dev", "acme", "acme-prod", "NNNNNNNNNN"},
        {"/system/sovereign-admin/dev", "acme", NULL, "YFFFFFFFFF"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
        check_row(rows[i][0], rows[i][1], rows[i][2], rows[i][3]);
}

TEST("roles of several groups add up where each was given, and only there")
{
    static const char *const rows[][4] = {
        {"/blue/billing-admin,/acme/org-admin", "blue", NULL, "FFFFFYFFFF"},
        {"/blue/billing-admin,/acme/org-admin", "blue", "blue-dev", "FFFFFYFFFF"},
        {"/blue/billing-admin,/acme/org-admin", "acme", "acme-prod", "YYYYFYYYYY"},
        {"/acme/org-admin,/system/billing-admin", "blue", NULL, "FFFFFYFFFF"},
        {"/acme/org-admin,/system/billing-admin", "system", NULL, "FFFFFYFFFF"},
        {"/acme/org-viewer,/acme/org-admin/dev", "acme", "acme-dev", "YYYYFYYYYY"},
        {"/acme/org-viewer,/acme/org-admin/dev", "acme", "acme-prod", "YFFFFFFFFY"},
        {"/acme/org-viewer,/acme/org-admin/dev", "acme", NULL, "YFFFFFFFFY"},
        {"/acme/org-viewer/dev,/blue/org-admin/prod", "acme", "acme-prod", "NNNNNNNNNN"},
        {"/acme/org-viewer/dev,/blue/org-admin/prod", "blue", "blue-dev", "NNNNNNNNNN"},
        {"/acme/org-viewer,/acme/billing-admin", "acme", NULL, "YFFFFYFFFY"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
        check_row(rows[i][0], rows[i][1], rows[i][2], rows[i][3]);
}

TEST("a right somewhere is one in the Organization as a whole or in any of its Environments")
{
    static const struct {
        const char *groups, *of;
        cat_action action;
        int code;
    } rows[] = {{"/acme/org-developer/dev", "acme", CAT_ACTION_WRITE, 0},
                {"/acme/org-developer", "acme", CAT_ACTION_WRITE, 0},
                {"/acme/org-developer/prod", "acme", CAT_ACTION_WRITE, CAT_E_FORBIDDEN},
                {"/acme/billing-admin/prod", "acme", CAT_ACTION_READ_MONEY, 0},
                {"/acme/org-viewer", "acme", CAT_ACTION_READ_MONEY, CAT_E_FORBIDDEN},
                {"/acme/org-admin", "blue", CAT_ACTION_READ, CAT_E_NOT_FOUND}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        cat_auto(cat_principal) principal = person(rows[i].groups);
        cat_test_row("%s %s", rows[i].groups, cat_action_name(rows[i].action));
        EXPECT_INT(cat_access_check_somewhere(&principal, rows[i].action, rows[i].of, NULL), rows[i].code);
    }
}

TEST("a group is a membership to the letter or not at all")
{
    static const char *const good[] = {"/acme/org-admin", "/acme/org-viewer/dev", "/system/sovereign-admin",
                                       "/system/billing-admin/prod"};
    static const char *const bad[] = {"",
                                      "/",
                                      "//",
                                      "/acme",
                                      "/acme/",
                                      "acme/org-admin",
                                      "/acme/org-admin/",
                                      "//org-admin",
                                      "/acme//dev",
                                      "/acme/org-admin//",
                                      "/acme/org-admin/prod/x",
                                      "/acme/org-admin/prod/",
                                      "/ACME/org-admin",
                                      "/acme/org-admin ",
                                      " /acme/org-admin",
                                      "/acme /org-admin",
                                      "/acme/Org-Admin",
                                      "/acme/ORG-ADMIN",
                                      "/acme/org-admin/PROD",
                                      "/acme/org-admin/production",
                                      "/acme/org-admin/*",
                                      "/acme/*",
                                      "/*/org-admin",
                                      "/x/acme/org-admin",
                                      "/acme/sovereign-admin",
                                      "/system/org-admin",
                                      "/system/org-viewer",
                                      "/system/org-developer/dev",
                                      "/System/sovereign-admin",
                                      "/system/sovereign-admin/",
                                      "/acme/org-admin\n",
                                      "/acme\n/org-admin",
                                      "/acme/../system/sovereign-admin",
                                      "/acme~/org-admin",
                                      "/acme%2forg-admin",
                                      "/catalog/org-admin",
                                      "/catalyst-x/org-admin",
                                      "/acme-dev/org-admin",
                                      "/ac/org-admin",
                                      "/acme/owner",
                                      "/acme/org-viewer-org-developer-org-admin-org-viewer",
                                      "/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/org-admin",
                                      "\\acme\\org-admin",
                                      ("/\xd0\xb0"
                                       "cme/org-admin") /* Cyrillic a */};
    for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
        cat_membership membership;
        char again[CAT_GROUP_MAX];
        cat_test_row("%s", good[i]);
        REQUIRE(cat_membership_parse(good[i], &membership));
        cat_membership_format(&membership, again);
        EXPECT_TEXT(again, good[i]);
    }
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        cat_membership membership;
        cat_test_row("%s", bad[i]);
        EXPECT(!cat_membership_parse(bad[i], &membership));
    }
}

TEST("one Organization is active: the one that is asked for, else the only one")
{
    static const struct {
        const char *groups, *asked;
        int code;
        const char *chosen;
    } rows[] = {{"/acme/org-admin", NULL, 0, "acme"},
                {"/acme/org-admin,/acme/billing-admin/dev", NULL, 0, "acme"},
                {"/acme/org-admin", "acme", 0, "acme"},
                {"/acme/org-admin", "blue", CAT_E_NOT_FOUND, NULL},
                {"/acme/org-admin", "system", CAT_E_NOT_FOUND, NULL},
                {"/acme/org-admin", "", CAT_E_NOT_FOUND, NULL},
                {"/acme/org-admin", "ACME", CAT_E_NOT_FOUND, NULL},
                {"/blue/org-viewer,/acme/org-admin", NULL, CAT_E_INVALID, NULL},
                {"/blue/org-viewer,/acme/org-admin", "blue", 0, "blue"},
                {"/blue/org-viewer,/acme/org-admin", "globex", CAT_E_NOT_FOUND, NULL},
                {"/system/sovereign-admin", NULL, 0, "system"},
                {"/system/sovereign-admin", "anything", 0, "anything"},
                {"/system/sovereign-admin", "No Name", CAT_E_NOT_FOUND, NULL},
                {"", NULL, CAT_E_FORBIDDEN, NULL},
                {"", "acme", CAT_E_FORBIDDEN, NULL}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        cat_auto(cat_principal) principal = person(rows[i].groups);
        const char *chosen = NULL;
        cat_error error = {0};
        cat_test_row("%s asks for %s", rows[i].groups, rows[i].asked ? rows[i].asked : "none");
        EXPECT_INT(cat_principal_choose(&principal, rows[i].asked, &chosen, &error), rows[i].code);
        EXPECT_TEXT(chosen, rows[i].chosen);
        EXPECT(rows[i].code == 0 || error.message[0]);
    }
    cat_auto(cat_principal) several = person("/blue/org-viewer,/acme/org-admin,/globex/org-viewer");
    const char *chosen = NULL;
    cat_error error = {0};
    cat_principal_choose(&several, NULL, &chosen, &error);
    EXPECT_TEXT(error.message, "ada belongs to the Organizations acme, blue and globex: say which with ?organization=");
}

TEST("onboarding needs no Organization yet")
{
    static const char *const rows[][2] = {{"/system/sovereign-admin", "Y"},
                                          {"/acme/org-admin", "F"},
                                          {"/system/security-officer", "F"},
                                          {"/system/sovereign-admin/dev", "F"},
                                          {"/system/billing-admin,/acme/org-admin", "F"}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        cat_auto(cat_principal) principal = person(rows[i][0]);
        cat_test_row("%s", rows[i][0]);
        EXPECT_INT(cat_access_check(&principal, CAT_ACTION_ONBOARD, NULL, NULL, NULL),
                   rows[i][1][0] == 'Y' ? 0 : CAT_E_FORBIDDEN);
    }
}

TEST("a refusal says who could do it, and which roles count there")
{
    cat_auto(cat_principal) principal = person("/acme/org-developer,/acme/org-admin/dev,/blue/org-admin");
    cat_error error = {0};
    cat_access_check(&principal, CAT_ACTION_WRITE, "acme", "acme-prod", &error);
    EXPECT_TEXT(error.message,
                "changing acme-prod needs the role org-admin or sovereign-admin; ada has org-admin/dev, org-developer");
}

TEST("of each action it is known which roles allow it, so that who may not is told who could")
{
    static const char *const rows[][3] = {
        {"read", "org-viewer org-developer org-admin sovereign-admin", NULL},
        {"write", "org-developer org-admin sovereign-admin", "dev"},
        {"write", "org-admin sovereign-admin", "prod"},
        {"write", "org-admin sovereign-admin", NULL},
        {"manage", "org-admin sovereign-admin", NULL},
        {"onboard", "sovereign-admin", NULL},
        {"read-money", "org-admin billing-admin sovereign-admin", NULL},
        {"read-secrets", "org-viewer org-developer org-admin security-officer", NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cat_test_row("%s", rows[i][0]);
        for (int action = 0; action < CAT_ACTION_COUNT; action++) {
            cat_auto(cat_strings) roles = {0};
            cat_auto(cat_string) text = CAT_STRING(300);
            if (strcmp(cat_action_name((cat_action)action), rows[i][0]) != 0)
                continue;
            cat_access_roles((cat_action)action, rows[i][2], &roles);
            for (size_t at = 0; at < roles.count; at++)
                cat_string_appendf(&text, "%s%s", at ? " " : "", roles.items[at]);
            EXPECT_TEXT(cat_string_get(&text), rows[i][1]);
        }
    }
}

TEST("an Organization exists for its members, and for people of the Sovereign whose role reaches all of them")
{
    static const struct {
        const char *groups, *organization;
        bool reaches;
    } rows[] = {
        {"/acme/org-viewer", "acme", true},         {"/acme/org-viewer", "blue", false},
        {"/system/sovereign-admin", "blue", true},  {"/system/billing-admin", "blue", true},
        {"/system/security-officer", "blue", true}, {"/blue/billing-admin", "acme", false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cat_test_row("%s in %s", rows[i].groups, rows[i].organization);
        cat_auto(cat_principal) principal = person(rows[i].groups);
        EXPECT(cat_principal_reaches(&principal, rows[i].organization) == rows[i].reaches);
    }
}

TEST("a principal is made of a token's claims")
{
    cat_autojson json_t *claims =
        json_pack("{s:s,s:s,s:[s,s,s,s],s:i,s:i,s:s}", "preferred_username", "ada", "sub", "1-2", "groups", "/acme/org-admin",
                  "/acme/org-admin", "/offline_access", "/blue/org-viewer/dev", "iat", 1763999100, "exp", 1764000000, "email",
                  "ada@example.org");
    cat_auto(cat_principal) principal = {0}, copy = {0};
    REQUIRE(cat_principal_from_claims(claims, &principal, NULL) == 0);
    cat_principal_copy(&copy, &principal);
    EXPECT_TEXT(copy.user, "ada");
    EXPECT_TEXT(copy.email, "ada@example.org");
    EXPECT(copy.display_name == NULL);
    EXPECT_INT(copy.membership_count, 2);
    EXPECT(cat_principal_is_member(&copy, "blue") && !cat_principal_is_member(&copy, "offline_access"));
    EXPECT_INT(copy.issued_ms, INT64_C(1763999100000));
    EXPECT_INT(copy.expires_ms, INT64_C(1764000000000));
    static const char *const needed[] = {"preferred_username", "sub", "exp"};
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

TEST("who is in no group is somebody without memberships, and groups of another shape are refused")
{
    static const struct {
        const char *groups;
        int code;
    } rows[] = {{NULL, 0},
                {"[]", 0},
                {"[\"/somewhere/else\"]", 0},
                {"\"/acme/org-admin\"", CAT_E_UNAUTHORIZED},
                {"[1]", CAT_E_UNAUTHORIZED},
                {"{\"0\":\"/acme/org-admin\"}", CAT_E_UNAUTHORIZED},
                {"[[\"/acme/org-admin\"]]", CAT_E_UNAUTHORIZED},
                {"null", CAT_E_UNAUTHORIZED}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        cat_autofree char *text = cat_printf("{\"preferred_username\":\"ada\",\"sub\":\"1\",\"exp\":1%s%s}",
                                             rows[i].groups ? ",\"groups\":" : "", rows[i].groups ? rows[i].groups : "");
        cat_autojson json_t *claims = NULL;
        REQUIRE(cat_json_parse(text, strlen(text), &CAT_JSON_CAPS, &claims, NULL) == 0);
        cat_auto(cat_principal) principal = {0};
        cat_test_row("%s", rows[i].groups ? rows[i].groups : "none");
        EXPECT_INT(cat_principal_from_claims(claims, &principal, NULL), rows[i].code);
        EXPECT_INT(principal.membership_count, 0);
    }
    cat_autojson json_t *many = json_pack("{s:s,s:s,s:i,s:[]}", "preferred_username", "ada", "sub", "1", "exp", 1, "groups");
    for (int i = 0; i < 1001; i++)
        json_array_append_new(json_object_get(many, "groups"), json_string("/acme/org-admin"));
    cat_principal none = {0};
    EXPECT_INT(cat_principal_from_claims(many, &none, NULL), CAT_E_UNAUTHORIZED);
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
