#include "wire/names.h"

#include "base/test.h"
#include "wire/names_data.h"

typedef int (*check)(const char *name, cat_error *error);

typedef struct {
    const char *name, *why; /* why NULL: allowed; else a part of the sentence */
} name_row;

static void check_rows(check function, const name_row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        cat_test_row("%s", rows[i].name ? rows[i].name : "(null)");
        cat_error error = {0};
        EXPECT_INT(function(rows[i].name, &error), rows[i].why ? CAT_E_INVALID : 0);
        if (rows[i].why && !strstr(error.message, rows[i].why))
            cat_test_fail(__FILE__, __LINE__, "the sentence is: %s", error.message);
    }
}
#define CHECK_ROWS(function, rows) check_rows(function, rows, sizeof rows / sizeof *rows)

TEST("an Organization's name follows the rule and keeps off reserved words")
{
    static const name_row rows[] = {
        {"acme", NULL},
        {"abc", NULL},
        {"a1-b2-c3", NULL},
        {"acme-products", NULL},
        {"france", NULL},
        {"devices", NULL},
        {"prod-line", NULL},
        {"a2345678901234567890123456789012", NULL},
        {"a23456789012345678901234567890123", "3 to 32"},
        {"ab", "3 to 32"},
        {"", "3 to 32"},
        {NULL, "3 to 32"},
        {"Acme", "lower-case"},
        {"1acme", "begins with a letter"},
        {"acme-", "single hyphens"},
        {"-acme", "single hyphens"},
        {"ac--me", "single hyphens"},
        {"ac.me", "single hyphens"},
        {"ac_me", "single hyphens"},
        {"acm\xc3\xa9", "single hyphens"},
        {"system", "reserved"},
        {"default", "reserved"},
        {"user", "reserved"},
        {"login", "reserved"},
        {"admin", "reserved"},
        {"api", "reserved"},
        {"catalog", "begin with \"catalog\""},
        {"catalog-sovereign", "begin with \"catalog\""},
        {"catalysts", "begin with \"catalyst\""},
        {"flux-system", "begin with \"flux\""},
        {"gitea-actions", "begin with \"gitea\""},
        {"kube-system", "begin with \"kube\""},
        {"crossplane-x", "begin with \"crossplane\""},
        {"oci", "code of a provider"},
        {"fsn", "code of a provider"},
        {"rtz", "code of a provider"},
        {"prod", "code of a provider"},
        {"acme-prod", "read as an Environment"},
        {"acme-poc", "read as an Environment"},
        {"ghost", "reserved"},
    };
    CHECK_ROWS(cat_name_check_organization, rows);
}

TEST("an Environment's name is its Organization's and a type")
{
    static const name_row rows[] = {
        {"acme-prod", NULL},
        {"acme-shop-dev", NULL},
        {"a2345678901234567890123456789012-prod", NULL},
        {"acme", "{organization}-{type}"},
        {"acme-dr", "{organization}-{type}"},
        {"acme-", "{organization}-{type}"},
        {"-prod", "3 to 32"},
        {"system-prod", "reserved"},
        {"acme-prod-dev", "read as an Environment"},
        {"a23456789012345678901234567890123-dev", "3 to 32"},
        {NULL, "{organization}-{type}"},
    };
    CHECK_ROWS(cat_name_check_environment, rows);
}

TEST("an Application's name is a label of at most 40 characters")
{
    static const name_row rows[] = {
        {"blog", NULL},
        {"a", NULL},
        {"2048", NULL},
        {"marketing-site", NULL},
        {"a--b", NULL},
        {"catalysts", NULL},
        {"catalyst", "Catalyst's own"},
        {"catalyst-config", "Catalyst's own"},
        {"a234567890123456789012345678901234567890", NULL},
        {"a2345678901234567890123456789012345678901", "1 to 40"},
        {"", "1 to 40"},
        {NULL, "1 to 40"},
        {"Blog", "lower-case"},
        {"blog-", "hyphen"},
        {"-blog", "hyphen"},
        {"a.b", "lower-case"},
        {"shared-blueprints", "reserved"},
    };
    CHECK_ROWS(cat_name_check_application, rows);
}

TEST("a Blueprint's name begins with bp-")
{
    static const name_row rows[] = {
        {"bp-wordpress", NULL},
        {"bp-a", NULL},
        {"bp-", "after"},
        {"bp", "begins with"},
        {"wordpress", "begins with"},
        {"bp--a", "after"},
        {"bp-A", "after"},
        {NULL, "begins with"},
        {"bp-a23456789012345678901234567890123456789012345678901234567890", NULL},
        {"bp-a234567890123456789012345678901234567890123456789012345678901", "after"},
    };
    CHECK_ROWS(cat_name_check_blueprint, rows);
}

TEST("a host cluster's name gives its location code")
{
    static const struct {
        const char *name, *code, *why;
    } rows[] = {
        {"hz-fsn-rtz-prod", "hfrp", NULL},
        {"hz-fsn-mgt-prod", "hfmp", NULL},
        {"hw-las-dmz-stg", "wqds", NULL},
        {"oci-dxb-rtz-uat", "oxru", NULL},
        {"ct-eu-rtz-poc", "cerc", NULL},
        {"hz-hel-rtz-dev", "hlrd", NULL},
        {"hz-dxb-rtz-prod", NULL, "Hetzner has no region"},
        {"aws-fsn-rtz-prod", NULL, "AWS has no region"},
        {"xx-fsn-rtz-prod", NULL, "no provider"},
        {"hz-fsn-abc-prod", NULL, "no building block"},
        {"hz-fsn-rtz-dr", NULL, "no environment type"},
        {"hz-fsn-rtz", NULL, "is called"},
        {"hz-fsn-rtz-prod-acme", NULL, "is called"},
        {"", NULL, "is called"},
        {NULL, NULL, "is called"},
        {"hz--rtz-prod", NULL, "no region"},
        {"hz-fsn-rtz-prod00000000000000000000000000000000000000000000000000000", NULL, "is called"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cat_test_row("%s", rows[i].name ? rows[i].name : "(null)");
        char code[5] = "none";
        cat_error error = {0};
        EXPECT_INT(cat_host_cluster_code(rows[i].name, code, &error), rows[i].code ? 0 : CAT_E_INVALID);
        EXPECT_TEXT(code, rows[i].code ? rows[i].code : "none");
        EXPECT(!rows[i].why || strstr(error.message, rows[i].why));
        EXPECT_INT(cat_name_check_host_cluster(rows[i].name, NULL), rows[i].code ? 0 : CAT_E_INVALID);
    }
}

TEST("no two places share a letter where a location code has to tell them apart")
{
    for (const cat_provider *a = CAT_PROVIDERS; a->name; a++) {
        for (const cat_provider *b = a + 1; b->name; b++)
            EXPECT(a->code.letter != b->code.letter && strcmp(a->code.code, b->code.code) != 0);
        for (const cat_location_code *r = a->regions; r->code; r++)
            for (const cat_location_code *s = r + 1; s->code; s++)
                EXPECT(r->letter != s->letter && strcmp(r->code, s->code) != 0);
    }
}

TEST("env types have a branch and a place in the order of promotion")
{
    static const struct {
        const char *type, *branch;
        int rank;
    } rows[] = {{"dev", "develop", 0}, {"stg", "staging", 1}, {"uat", "uat", 2}, {"prod", "main", 3}, {"poc", "poc", -1}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cat_test_row("%s", rows[i].type);
        EXPECT(cat_env_type_is(rows[i].type));
        EXPECT(cat_env_type_is(cat_env_type_at((unsigned)i)));
        EXPECT_TEXT(cat_branch_of_env_type(rows[i].type), rows[i].branch);
        EXPECT_TEXT(cat_env_type_of_branch(rows[i].branch), rows[i].type);
        EXPECT_INT(cat_env_type_rank(rows[i].type), rows[i].rank);
    }
    EXPECT(cat_env_type_at(5) == NULL && cat_env_type_at(99) == NULL);
    EXPECT(!cat_env_type_is("dr") && !cat_env_type_is(NULL) && !cat_env_type_is(""));
    EXPECT(cat_branch_of_env_type("dr") == NULL && cat_env_type_of_branch("catalyst/promote/main") == NULL);
    EXPECT(cat_env_type_of_branch(NULL) == NULL);
}

TEST("an Environment's name splits into its Organization and its type")
{
    char organization[CAT_NAME_ORGANIZATION_MAX + 1] = "", type[8] = "";
    EXPECT(cat_environment_split("acme-shop-prod", organization, type));
    EXPECT_TEXT(organization, "acme-shop");
    EXPECT_TEXT(type, "prod");
    EXPECT(!cat_environment_split("acme", organization, type));
    EXPECT(!cat_environment_split("a23456789012345678901234567890123-prod", organization, type));
    EXPECT(!cat_environment_split(NULL, organization, type));
    EXPECT_TEXT(organization, "acme-shop");
}

TEST("a person's login is never one of a service, of the Git server, or one that looks like it")
{
    static const name_row rows[] = {
        {"dana", NULL},
        {"dana.dietrich", NULL},
        {"d_d-2", NULL},
        {"Dana", NULL},
        {"a", NULL},
        {"1234567890123456789012345678901234567890", NULL},
        {"12345678901234567890123456789012345678901", "1 to 40"},
        {NULL, "1 to 40"},
        {"", "1 to 40"},
        {"catalyst-provisioning", "kept for services"},
        {"Catalyst-Environment", "kept for services"},
        {"CATALYST", "kept for services"},
        {"flux-acme", "kept for services"},
        {"FLUX-system", "kept for services"},
        {"gitea-actions", "kept for services"},
        {"service-account-catalyst-api", "kept for services"},
        {"Root", "is reserved"},
        {"ghost", "is reserved"},
        {"admin", "is reserved"},
        {"system", "is reserved"},
        {"c\xd0\xb0talyst-provisioning", "letters from a to z"},     /* a Cyrillic a */
        {"catalyst\xe2\x80\x90provisioning", "letters from a to z"}, /* another hyphen */
        {"\xe2\x80\x8b"
         "catalyst-merge",
         "letters from a to z"}, /* a space of no width */
        {"catalyst-merge ", "letters from a to z"},
        {"dana/../x", "letters from a to z"},
        {"dana\ncatalyst", "letters from a to z"},
        {"dana--x", "letters from a to z"},
        {"-dana", "letters from a to z"},
        {"dana.", "letters from a to z"},
        {"dana@example.org", "letters from a to z"},
    };
    CHECK_ROWS(cat_name_check_login, rows);
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
