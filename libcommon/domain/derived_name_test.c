/* Names of Applications that nobody named. */
#include "domain/derived_name.h"

#include <string.h>

#include "base/memory.h"
#include "base/string.h"
#include "base/test.h"
#include "wire/names.h"

TEST("a dependency is called by its dependant and what it is, as long as that is a name")
{
    static const char *const ROWS[][3] = {
        {"blog", "postgres", "blog-postgres"},
        {"1password", "postgres", "app-1password-postgres"},
        {"abcdefghijklmnopqrstuvwxyz-abcd", "postgres", "abcdefghijklmnopqrstuvwxyz-abcd-postgres"}};
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        cat_test_row("%s %s", ROWS[i][0], ROWS[i][1]);
        cat_autofree char *name = cat_derived_name(ROWS[i][0], ROWS[i][1]);
        EXPECT_TEXT(name, ROWS[i][2]);
    }
}

TEST("one that is too long is cut, the same each time, and those that differ stay apart")
{
    static const char *const LONG[][2] = {{"abcdefghijklmnopqrstuvwxyz-abcdefghijklm", "postgres"},
                                          {"abcdefghijklmnopqrstuvwxyz-abcdefghijkln", "postgres"},
                                          {"abcdefghijklmnopqrs----------------------------", "postgres"},
                                          {"blog", "a-very-long-name-of-a-blueprint-that-goes-on"},
                                          {"blog", "a-very-long-name-of-a-blueprint-that-goes-off"},
                                          {"0123456789012345678901234567890123456789", "postgres"}};
    cat_auto(cat_strings) seen = {0};
    for (size_t i = 0; i < sizeof LONG / sizeof *LONG; i++) {
        cat_test_row("%s %s", LONG[i][0], LONG[i][1]);
        cat_autofree char *name = cat_derived_name(LONG[i][0], LONG[i][1]), *again = cat_derived_name(LONG[i][0], LONG[i][1]);
        EXPECT_TEXT(name, again);
        EXPECT_INT(cat_name_check_application(name, NULL), 0);
        EXPECT(name[0] >= 'a' && name[0] <= 'z');
        EXPECT(!cat_strings_has(&seen, name));
        cat_strings_add(&seen, name);
    }
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
