/* Pages stay right while things come and go. */
#include "core/list.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/test.h"

static void fill(prj_list *all, int from, int to)
{
    for (int i = from; i < to; i++) {
        char name[16];
        snprintf(name, sizeof name, "app%03d", i);
        prj_list_add(all, i % 2 ? "odd" : "even", name, NULL);
    }
}

TEST("pages follow each other without gap or repeat, in both directions")
{
    for (int descending = 0; descending < 2; descending++) {
        cat_autofree char *cursor = NULL;
        cat_auto(cat_strings) seen = {0};
        for (int page = 0; page < 20; page++) {
            cat_auto(prj_list) all = {.descending = descending};
            fill(&all, 0, 25);
            size_t from = 0, to = 0;
            char *next = NULL;
            REQUIRE(prj_list_page(&all, cursor, 4, &from, &to, &next, NULL) == 0);
            for (size_t i = from; i < to; i++) {
                EXPECT(!cat_strings_has(&seen, all.items[i].id));
                cat_strings_add(&seen, all.items[i].id);
            }
            free(cursor);
            cursor = next;
            if (!next)
                break;
        }
        EXPECT_INT(seen.count, 25);
        EXPECT_TEXT(seen.items[0], descending ? "app001" : "app000");
    }
}

TEST("a page goes on behind an item that is gone")
{
    cat_auto(prj_list) first = {0};
    fill(&first, 0, 10);
    size_t from, to;
    cat_autofree char *next = NULL, *last = NULL;
    REQUIRE(prj_list_page(&first, NULL, 3, &from, &to, &next, NULL) == 0);
    EXPECT_TEXT(first.items[to - 1].id, "app004");
    cat_auto(prj_list) second = {0};
    fill(&second, 5, 10);
    REQUIRE(prj_list_page(&second, next, 3, &from, &to, &last, NULL) == 0);
    EXPECT_TEXT(second.items[from].id, "app006");
}

TEST("a cursor that no list gave is refused")
{
    static const char *const CURSORS[] = {"x", "!!", "YWJj", ""};
    for (size_t i = 0; i < 4; i++) {
        cat_auto(prj_list) all = {0};
        size_t from, to;
        char *next = NULL;
        EXPECT_INT(prj_list_page(&all, CURSORS[i], 3, &from, &to, &next, NULL), CAT_E_INVALID);
    }
}

TEST("text is found in any case")
{
    EXPECT(prj_list_text_has("Marketing-Site", "site"));
    EXPECT(prj_list_text_has("", ""));
    EXPECT(!prj_list_text_has("blog", "blogs"));
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
