#include "wire/semver.h"

#include "base/test.h"

TEST("versions are read and written back")
{
    static const char *const good[] = {
        "0.0.0",
        "1.2.3",
        "10.20.30",
        "1.0.0-alpha",
        "1.0.0-alpha.1",
        "1.0.0-0.3.7",
        "1.0.0-x-y.z",
        "1.0.0-0a",
        "0.0.0-sha.0123456789abcdef0123456789abcdef01234567",
        "9007199254740991.9007199254740991.9007199254740991",
        "1.0.0-20261129203412.main.feature-branches-have-long-names-now.and-then-some.0a1b2c3d4e5f"};
    for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
        cat_test_row("%s", good[i]);
        cat_semver version;
        REQUIRE(cat_semver_parse(good[i], &version, NULL) == 0);
        char text[CAT_SEMVER_TEXT_MAX];
        cat_semver_format(&version, text);
        EXPECT_TEXT(text, good[i]);
    }
}

TEST("what is no version is refused")
{
    static const char *const bad[] = {"",
                                      "1",
                                      "1.2",
                                      "v1.2.3",
                                      "1.2.3.4",
                                      "01.2.3",
                                      "1.02.3",
                                      "1.2.3-",
                                      "1.2.3-01",
                                      "1.2.3-a..b",
                                      "1.2.3+build",
                                      "1.2.3-a+b",
                                      " 1.2.3",
                                      "1.2.3 ",
                                      "a.b.c",
                                      "-1.2.3",
                                      "99999999999999999999.0.0",
                                      "1.2.3-\xc3\xa4"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        cat_test_row("%s", bad[i]);
        cat_semver version = {.major = 7};
        cat_error error = {0};
        EXPECT_INT(cat_semver_parse(bad[i], &version, &error), CAT_E_INVALID);
        EXPECT(error.message[0]);
        EXPECT_INT(version.major, 7);
    }
}

TEST("a version has as many characters as npm allows, and no more")
{
    char text[CAT_SEMVER_MAX_CHARACTERS + 2] = "0.0.0-", out[CAT_SEMVER_TEXT_MAX];
    memset(text + 6, 'a', CAT_SEMVER_MAX_CHARACTERS - 6);
    cat_semver version = {0};
    cat_semver_range range;
    REQUIRE(cat_semver_parse(text, &version, NULL) == 0);
    cat_semver_format(&version, out);
    EXPECT_TEXT(out, text);
    REQUIRE(cat_semver_range_parse(text, &range, NULL) == 0);
    EXPECT(cat_semver_range_holds(&range, &version));
    EXPECT(cat_semver_ranges_meet(&range, &range));
    text[CAT_SEMVER_MAX_CHARACTERS] = 'a';
    cat_error error = {0};
    EXPECT_INT(cat_semver_parse(text, &version, &error), CAT_E_TOO_LARGE);
    EXPECT_TEXT(error.message, "a version is longer than 256 characters");
    EXPECT_INT(cat_semver_range_parse(text, &range, &error), CAT_E_TOO_LARGE);
}

TEST("the order is that of the specification")
{
    static const char *const order[] = {"0.9.9",        "1.0.0-1",       "1.0.0-2",          "1.0.0-10",
                                        "1.0.0-alpha",  "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta",
                                        "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0-rc.1",       "1.0.0",
                                        "1.0.1",        "1.1.0",         "1.10.0",           "2.0.0"};
    size_t count = sizeof(order) / sizeof(*order);
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < count; j++) {
            cat_test_row("%s %s", order[i], order[j]);
            cat_semver a, b;
            REQUIRE(cat_semver_parse(order[i], &a, NULL) == 0 && cat_semver_parse(order[j], &b, NULL) == 0);
            EXPECT_INT(cat_semver_compare(&a, &b), i < j ? -1 : i > j);
        }
}

TEST("ranges hold what npm says they hold")
{
    static const struct {
        const char *range, *version;
        bool holds;
    } rows[] = {
        {"^1.4", "1.4.0", true},
        {"^1.4", "1.99.0", true},
        {"^1.4", "2.0.0", false},
        {"^1.4", "1.3.9", false},
        {"^0.2.3", "0.2.9", true},
        {"^0.2.3", "0.3.0", false},
        {"^0.0.3", "0.0.3", true},
        {"^0.0.3", "0.0.4", false},
        {"^0", "0.9.0", true},
        {"^0.0", "0.0.9", true},
        {"^0.0", "0.1.0", false},
        {"^1.x", "1.9.0", true},
        {"~1.2", "1.2.9", true},
        {"~1.2", "1.3.0", false},
        {"~1.2.3", "1.2.2", false},
        {"~1", "1.9.0", true},
        {"1.x", "1.0.0", true},
        {"1.x", "2.0.0", false},
        {"1.2", "1.2.7", true},
        {"1.2.*", "1.3.0", false},
        {"*", "7.0.0", true},
        {"", "7.0.0", true},
        {"*", "7.0.0-rc.1", false},
        {"=1.2.3", "1.2.3", true},
        {"=1.2.3", "1.2.4", false},
        {"1.2.3", "1.2.3", true},
        {">=1 <2", "1.5.0", true},
        {">=1 <2", "2.0.0", false},
        {">=1,<2", "1.5.0", true},
        {">= 1.2 < 1.4", "1.3.9", true},
        {">1", "1.9.0", false},
        {">1", "2.0.0", true},
        {">1.2.3", "1.2.3", false},
        {"<=1.2", "1.2.9", true},
        {"<=1.2", "1.3.0", false},
        {"<1.2", "1.1.9", true},
        {"<1.2", "1.2.0-rc.1", false},
        {"^1 || ^3", "3.1.0", true},
        {"^1 || ^3", "2.1.0", false},
        {"1.2 - 1.4", "1.4.9", true},
        {"1.2.3 - 1.4.0", "1.4.1", false},
        {"^1.2.3-beta.2", "1.2.3-beta.4", true},
        {"^1.2.3-beta.2", "1.2.4-beta.2", false},
        {"^1.2.3-beta.2", "1.5.0", true},
        {">=1.0.0-rc.1 <2", "1.0.0-rc.2", true},
        {"^1.2", "2.0.0-alpha", false},
        {"<*", "0.0.0", false},
        {"1.x || >=2.5.0 || 5.0.0 - 7.2.3", "2.4.0", false},
        /* Answers of node-semver 7.8.6. */
        {"1.2.3-alpha - 2.0.0-beta", "1.2.3-beta", true},
        {"1.2.3-alpha - 2.0.0-beta", "2.0.0-alpha", true},
        {"1.2.3-alpha - 2.0.0-beta", "2.0.0-rc", false},
        {"1.2.3-alpha - 2.0.0-beta", "1.5.0-rc", false},
        {"1.2.3-alpha - 2", "1.2.3-alpha", true},
        {"1.2.3-alpha - 2", "2.9.9", true},
        {"1.2.3-alpha - 2", "3.0.0-0", false},
        {"1.2 - 1.3.0-rc.1", "1.3.0-rc.0", true},
        {"1.2 - 1.3.0-rc.1", "1.2.0-rc.0", false},
        {"0 - 0.0.0-beta", "0.0.0-alpha", true},
        {">=0.0.0 <0.0.0-beta", "0.0.0-alpha", true},
        {"* || 1.0.0-rc.1", "1.0.0-rc.1", false},
        {"x - 2.0.0-rc.1", "2.0.0-rc.0", true},
        {"1.x.x - *", "7.0.0", true},
        {"~1.2.3-rc.1", "1.2.3-rc.2", true},
        {"~1.2.3-rc.1", "1.2.9", true},
        {"^0.0.3-rc.1", "0.0.3-rc.2", true},
        {"^0.0.3-rc.1", "0.0.4", false},
        {">1.2.3-rc.1", "1.2.3-rc.2", true},
        {">1.2.3-rc.1", "1.2.4-rc.2", false},
        {"<1.3 >1.2.0-alpha", "1.2.0-beta", true},
        {"<2.0.0-0", "2.0.0-alpha", false},
        {"~> 1.2", "1.2.9", true},
        {"1.2.x-rc.1", "1.2.4", true},
        {"=v1.2.3+build.7", "1.2.3", true},
        {"^1.x.3", "1.0.0", true},
        {"0.0.0-sha.0123456789abcdef0123456789abcdef01234567", "0.0.0-sha.0123456789abcdef0123456789abcdef01234567", true}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        cat_test_row("%s of %s", rows[i].version, rows[i].range);
        cat_semver version;
        cat_semver_range range;
        cat_error error = {0};
        REQUIRE(cat_semver_parse(rows[i].version, &version, NULL) == 0);
        if (cat_semver_range_parse(rows[i].range, &range, &error) < 0)
            cat_test_fail(__FILE__, __LINE__, "%s", error.message);
        else
            EXPECT_INT(cat_semver_range_holds(&range, &version), rows[i].holds);
    }
}

TEST("what is no range is refused, and the sentence shows where")
{
    static const char *const bad[] = {"1.x.3", "^",     ">",   "1.2.3.4",  "abc",      "1.2 |",   "x.2",
                                      ">x.1",  "1 | 2", "^^1", "1.2-beta", ">=1.0.0-", "1.0.0 -", "^01.2"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        cat_test_row("%s", bad[i]);
        cat_semver_range range;
        cat_error error = {0};
        EXPECT_INT(cat_semver_range_parse(bad[i], &range, &error), CAT_E_INVALID);
        EXPECT(strstr(error.message, "character") != NULL);
    }
    cat_semver_range range;
    EXPECT_INT(cat_semver_range_parse("1 2 3 4 5 6 7 8 9 1 2 3 4 5 6 7 8", &range, NULL), CAT_E_TOO_LARGE);
    EXPECT_INT(cat_semver_range_parse("1||2||3||4||5||6||7||8||9||1||2||3||4||5||6||7||8||", &range, NULL), CAT_E_TOO_LARGE);
}

TEST("two ranges meet when some version is in both")
{
    static const struct {
        const char *a, *b;
        bool meet;
    } rows[] = {{"^1.4", "^1.2", true},
                {"^1.4", "^2", false},
                {">=1 <2", "<1", false},
                {"<1.2.3", ">=1.2.3", false},
                {"<=1.2.3", ">=1.2.3", true},
                {">1.2.3", "<1.2.4", false},
                {"^1 || ^3", "^2 || ^3", true},
                {"*", "^5", true},
                {"=1.0.0-beta", "^1", false},
                {"^1.0.0-beta", ">=1.0.0-alpha <1.0.0", true},
                {">0.0.0", "<0.0.1", false},
                {"~1.2", "1.2.7", true},
                {"<1", "<2", true},
                {"<1.2.3-beta", ">1.2.2 <1.2.3-gamma", true},
                {"<0.0.0-beta", "<0.0.0-gamma", true},
                {"<0.0.0-0", "*", false}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        cat_test_row("%s and %s", rows[i].a, rows[i].b);
        cat_semver_range a, b;
        REQUIRE(cat_semver_range_parse(rows[i].a, &a, NULL) == 0 && cat_semver_range_parse(rows[i].b, &b, NULL) == 0);
        EXPECT_INT(cat_semver_ranges_meet(&a, &b), rows[i].meet);
        EXPECT_INT(cat_semver_ranges_meet(&b, &a), rows[i].meet);
    }
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
