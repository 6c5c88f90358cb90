#include "wire/page.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/encoding.h"
#include "base/memory.h"
#include "base/test.h"

/* The list 0, 10, 20 …; the cursor's place is a number. */
static int stands(const void *context, size_t index)
{
    int item = (int)index * 10, at = *(const int *)context;
    return item < at ? -1 : item > at;
}

TEST("a page begins behind the cursor's place, whether that is still there or not, and holds at most its limit")
{
    static const struct {
        size_t count, limit;
        int at; /* -1: no cursor */
        size_t from, to;
        bool goes_on;
    } ROWS[] = {
        {0, 3, -1, 0, 0, false},          {5, 3, -1, 0, 3, true},  {5, 5, -1, 0, 5, false}, {5, 9, -1, 0, 5, false},
        {5, 2, 10, 2, 4, true},           {5, 2, 20, 3, 5, false}, {5, 2, 15, 2, 4, true},  {5, 2, 40, 5, 5, false},
        {5, 2, 1000, 5, 5, false},        {0, 2, 10, 0, 0, false}, {5, 0, -1, 0, 0, false}, {5, 0, 10, 2, 2, false},
        {5, (size_t)-1, 10, 2, 5, false},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        cat_test_row("%zu of %zu behind %d", ROWS[i].limit, ROWS[i].count, ROWS[i].at);
        cat_page page = cat_page_cut(ROWS[i].count, ROWS[i].limit, ROWS[i].at < 0 ? NULL : stands, &ROWS[i].at);
        EXPECT_INT(page.from, ROWS[i].from);
        EXPECT_INT(page.to, ROWS[i].to);
        EXPECT_INT(page.goes_on, ROWS[i].goes_on);
    }
}

TEST("a cursor gives back the parts that it was made of, and the last may hold anything")
{
    cat_autofree char *cursor = cat_cursor_format((const char *const[]){"3", "",
                                                                        "a\x1f"
                                                                        "b"},
                                                  3),
                      *bytes = NULL;
    const char *parts[3];
    EXPECT_INT(cat_cursor_parse(cursor, 3, &bytes, parts, NULL), 0);
    EXPECT_TEXT(parts[0], "3");
    EXPECT_TEXT(parts[1], "");
    EXPECT_TEXT(parts[2], "a\x1f"
                          "b");
}

TEST("a cursor that no list gave is refused")
{
    char long_one[CAT_CURSOR_MAX + 2] = {0};
    memset(long_one, 'A', sizeof long_one - 1);
    cat_autofree char *whole = cat_base64url_encode("a\0\x1f"
                                                    "b",
                                                    4);
    const char *const CURSORS[] = {"x", "!!", "YWJj", "", whole, long_one};
    for (size_t i = 0; i < sizeof CURSORS / sizeof *CURSORS; i++) {
        cat_test_row("%.20s", CURSORS[i]);
        cat_error error = {0};
        cat_autofree char *bytes = NULL;
        const char *parts[2];
        EXPECT_INT(cat_cursor_parse(CURSORS[i], 2, &bytes, parts, &error), CAT_E_INVALID);
        EXPECT_TEXT(error.message, "cursor is not one that this list gave");
        EXPECT(!bytes);
    }
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
