/* The mark of the fold. */
#include "domain/fold_mark.h"

#include "base/memory.h"
#include "base/test.h"
#include "wire/subjects.h"

static const cat_fold_mark MARK = {.cursor = 41,
                                   .incarnation = "a1b2",
                                   .epoch = 3,
                                   .holder = "projector-0",
                                   .fold_version = 7,
                                   .time_ms = 1764547200000,
                                   .write = 12,
                                   .rows = 5};

TEST("a mark is written as readers of a running system know it, and says that it clears only while it does")
{
    cat_autofree char *text = cat_fold_mark_format(&MARK);
    EXPECT_TEXT(text, "{\"cursor\":41,\"incarnation\":\"a1b2\",\"epoch\":3,\"holder\":\"projector-0\",\"foldVersion\":7,"
                      "\"time\":1764547200000,\"write\":12,\"rows\":5}");
    cat_fold_mark clearing = MARK;
    clearing.clearing = true;
    cat_autofree char *other = cat_fold_mark_format(&clearing);
    EXPECT_TEXT(other, "{\"cursor\":41,\"incarnation\":\"a1b2\",\"epoch\":3,\"holder\":\"projector-0\",\"foldVersion\":7,"
                       "\"time\":1764547200000,\"write\":12,\"rows\":5,\"clearing\":true}");
}

TEST("what was written is what is read")
{
    cat_fold_mark written = MARK;
    written.clearing = true;
    cat_autofree char *text = cat_fold_mark_format(&written);
    cat_auto(cat_fold_mark) mark = {0};
    REQUIRE(cat_fold_mark_parse(text, strlen(text), &mark, NULL) == 0);
    EXPECT_INT(mark.cursor, 41);
    EXPECT_TEXT(mark.incarnation, "a1b2");
    EXPECT_INT(mark.epoch, 3);
    EXPECT_TEXT(mark.holder, "projector-0");
    EXPECT_INT(mark.fold_version, 7);
    EXPECT_INT(mark.time_ms, 1764547200000);
    EXPECT_INT(mark.write, 12);
    EXPECT_INT(mark.rows, 5);
    EXPECT(mark.clearing);
}

TEST("what a mark does not say, or says as something else, is nothing")
{
    static const char *const TEXTS[] = {"{}", "[]", "7", "{\"cursor\":\"x\",\"epoch\":null,\"holder\":1,\"rows\":-3}"};
    for (size_t i = 0; i < sizeof TEXTS / sizeof *TEXTS; i++) {
        cat_test_row("%s", TEXTS[i]);
        cat_auto(cat_fold_mark) mark = {0};
        REQUIRE(cat_fold_mark_parse(TEXTS[i], strlen(TEXTS[i]), &mark, NULL) == 0);
        EXPECT_INT(mark.cursor, 0);
        EXPECT_INT(mark.epoch, 0);
        EXPECT_INT(mark.rows, 0);
        EXPECT(!mark.holder && !mark.incarnation && !mark.clearing);
    }
}

TEST("what is no JSON is refused, and leaves what there was")
{
    cat_fold_mark mark = MARK;
    EXPECT_INT(cat_fold_mark_parse("{\"cursor\":", 10, &mark, NULL), CAT_E_INVALID);
    EXPECT_INT(cat_fold_mark_parse("", 0, &mark, NULL), CAT_E_INVALID);
    EXPECT_INT(mark.cursor, 41);
}

TEST("no row has the mark's key")
{
    cat_key key;
    EXPECT(cat_key_parse(CAT_FOLD_MARK, &key, NULL) < 0);
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
