/* What the mirror of people takes away from tokens. */
#include "domain/people.h"

#include "base/memory.h"
#include "base/test.h"

static cat_people *mirror;

static int tell(const char *key, const char *value)
{
    cat_autojson json_t *said = NULL;
    if (value && cat_json_parse(value, strlen(value), &CAT_JSON_CAPS, &said, NULL) < 0)
        return CAT_E_INVALID;
    return cat_people_apply(mirror, key, said, NULL);
}

static void begin(void)
{
    mirror = cat_people_create();
    EXPECT_INT(tell("members.acme", "{\"groups\":{\"org-developer\":[\"ada\"],\"org-admin/dev\":[\"ada\",\"bo\"]}}"), 0);
    EXPECT_INT(tell("read.acme", "{\"at\":1000}"), 0);
}

static bool keeps(const char *subject, int64_t issued_ms, const char *group)
{
    cat_membership membership;
    EXPECT(cat_membership_parse(group, &membership));
    return cat_people_keeps(mirror, subject, issued_ms, &membership);
}

TEST("a token that is older than the mirror keeps what the mirror has, to the letter")
{
    begin();
    EXPECT(keeps("ada", 1000, "/acme/org-developer"));
    EXPECT(keeps("ada", 0, "/acme/org-admin/dev"));
    EXPECT(keeps("bo", 900, "/acme/org-admin/dev"));
    EXPECT(!keeps("bo", 900, "/acme/org-developer"));
    EXPECT(!keeps("ada", 900, "/acme/org-admin"));
    EXPECT(!keeps("ada", 900, "/acme/org-admin/prod"));
    EXPECT(!keeps("ad", 900, "/acme/org-developer"));
    EXPECT(!keeps("", 900, "/acme/org-developer"));
    cat_people_destroy(mirror);
}

TEST("a token that is newer than the mirror, and an Organization that nobody has read, keep what the token says")
{
    begin();
    EXPECT(keeps("new", 1001, "/acme/org-admin"));
    EXPECT(keeps("new", 1, "/blue/org-admin"));
    EXPECT_INT(tell("members.blue", "{\"groups\":{}}"), 0);
    EXPECT(keeps("new", 1, "/blue/org-admin"));
    EXPECT_INT(tell("read.blue", "{\"at\":2}"), 0);
    EXPECT(!keeps("new", 1, "/blue/org-admin"));
    cat_people_destroy(mirror);
}

TEST("what is read anew counts from then on, and an Organization that has gone is known no more")
{
    begin();
    EXPECT_INT(tell("members.acme", "{\"groups\":{\"org-developer\":[\"bo\"]}}"), 0);
    EXPECT_INT(tell("read.acme", "{\"at\":2000}"), 0);
    EXPECT(!keeps("ada", 1500, "/acme/org-developer"));
    EXPECT(keeps("bo", 1500, "/acme/org-developer"));
    EXPECT_INT(tell("read.acme", NULL), 0);
    EXPECT(keeps("ada", 1500, "/acme/org-developer"));
    cat_people_destroy(mirror);
}

TEST("what is no entry changes nothing")
{
    static const char *const rows[][2] = {{"members.acme", "[]"},      {"members.acme", "{\"groups\":[]}"}, {"members.acme", "{"},
                                          {"read.acme", "{\"at\":0}"}, {"read.acme", "{\"at\":\"1\"}"},     {"other.acme", "{}"}};
    begin();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cat_test_row("%s %s", rows[i][0], rows[i][1]);
        EXPECT(tell(rows[i][0], rows[i][1]) < 0);
        EXPECT(keeps("ada", 1000, "/acme/org-developer"));
        EXPECT(!keeps("bo", 1000, "/acme/org-developer"));
    }
    cat_people_destroy(mirror);
}

TEST("a person loses exactly the memberships that are gone")
{
    begin();
    cat_auto(cat_principal) principal = {.subject = cat_strdup("ada"), .issued_ms = 500};
    static const char *const groups[] = {"/acme/org-admin", "/acme/org-developer", "/blue/billing-admin", "/acme/org-viewer/dev"};
    for (size_t i = 0; i < sizeof groups / sizeof *groups; i++) {
        cat_membership membership;
        EXPECT(cat_membership_parse(groups[i], &membership));
        cat_principal_add(&principal, &membership);
    }
    EXPECT(cat_people_reduce(mirror, &principal));
    EXPECT_INT(principal.membership_count, 2);
    char left[2][CAT_GROUP_MAX];
    for (size_t i = 0; i < 2; i++)
        cat_membership_format(&principal.memberships[i], left[i]);
    EXPECT_TEXT(left[0], "/acme/org-developer");
    EXPECT_TEXT(left[1], "/blue/billing-admin");
    EXPECT(!cat_people_reduce(mirror, &principal));
    cat_people_destroy(mirror);
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
