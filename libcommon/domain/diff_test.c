#include "domain/diff.h"

#include "base/memory.h"
#include "base/test.h"

TEST("texts are compared line by line")
{
    static const struct {
        const char *before, *after, *diff;
        unsigned context;
    } rows[] = {{"a\nb\n", "a\nb\n", "", 3},
                {NULL, "a\n", "--- /dev/null\n+++ new\n@@ -0,0 +1 @@\n+a\n", 3},
                {"a\n", NULL, "--- old\n+++ /dev/null\n@@ -1 +0,0 @@\n-a\n", 3},
                {"a\nb\nc\n", "a\nx\nc\n", "--- old\n+++ new\n@@ -1,3 +1,3 @@\n a\n-b\n+x\n c\n", 3},
                {"a\nb\nc\n", "a\nx\nc\n", "--- old\n+++ new\n@@ -2 +2 @@\n-b\n+x\n", 0},
                {"a", "a\n", "--- old\n+++ new\n@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+a\n", 3},
                {"1\n2\n3\n4\n5\n6\n7\n8\n9\n", "0\n1\n2\n3\n4\n5\n6\n7\n8\n",
                 "--- old\n+++ new\n@@ -1 +1,2 @@\n+0\n 1\n@@ -8,2 +9 @@\n 8\n-9\n", 1},
                {"1\n2\n3\n4\n", "x\n2\n3\ny\n", "--- old\n+++ new\n@@ -1,4 +1,4 @@\n-1\n+x\n 2\n 3\n-4\n+y\n", 1},
                {"", "a\n", "--- old\n+++ new\n@@ -0,0 +1 @@\n+a\n", 3},
                {"a\nb\nc\na\nb\nb\na\n", "c\nb\na\nb\na\nc\n",
                 "--- old\n+++ new\n@@ -1,7 +1,6 @@\n-a\n-b\n c\n+b\n a\n b\n-b\n a\n+c\n", 3}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        cat_test_row("row %zu", i);
        cat_autofree char *diff = cat_diff_text(rows[i].before, rows[i].after, "old", "new", rows[i].context);
        EXPECT_TEXT(diff, rows[i].diff);
    }
}

/* Applies a unified diff with whole context: what remains without marks and removed lines. */
static char *applied(const char *diff)
{
    cat_auto(cat_string) out = CAT_STRING(1 << 20);
    for (const char *at = diff; *at;) {
        size_t length = strcspn(at, "\n");
        if ((*at == ' ' || *at == '+') && strncmp(at, "+++ ", 4) != 0) {
            cat_string_append_bytes(&out, at + 1, length - 1);
            cat_string_append_char(&out, '\n');
        }
        at += length + (at[length] == '\n');
    }
    return cat_string_take(&out);
}

TEST("a diff with whole context gives the new text back, few edits or many")
{
    unsigned state = 12345;
    for (int round = 0; round < 60; round++) {
        cat_test_row("round %d", round);
        cat_auto(cat_string) before = CAT_STRING(1 << 20), after = CAT_STRING(1 << 20);
        int count = round == 59 ? 3000 : round * 3, variety = round == 59 ? 100000 : 2 + round % 5;
        for (int i = 0; i < count; i++) {
            state = state * 1103515245u + 12345u;
            cat_string_appendf(&before, "%u\n", (state >> 16) % (unsigned)variety);
            state = state * 1103515245u + 12345u;
            cat_string_appendf(&after, "%u\n", (state >> 16) % (unsigned)variety);
        }
        cat_autofree char *diff = cat_diff_text(cat_string_get(&before), cat_string_get(&after), "old", "new", 100000);
        cat_autofree char *again = applied(diff);
        if (*diff)
            EXPECT_TEXT(again, cat_string_get(&after));
    }
}

TEST("what is too large is only said to have changed")
{
    cat_auto(cat_string) large = CAT_STRING(1 << 20);
    for (int i = 0; i < 10001; i++)
        cat_string_append(&large, "x\n");
    cat_autofree char *diff = cat_diff_text("a\n", cat_string_get(&large), "old", "new", 3);
    EXPECT_TEXT(diff, "--- old\n+++ new\nThe file changed; it is too large to be compared here\n");
}

TEST("values are compared member by member, in the order of the pointers")
{
    static const struct {
        const char *before, *after, *diff;
    } rows[] = {{"{\"a\":1}", "{\"a\":1}", "[]"},
                {"{\"b\":1,\"a\":1}", "{\"a\":2,\"c\":null}",
                 "[{\"pointer\":\"/a\",\"op\":\"replace\",\"from\":1,\"to\":2},{\"pointer\":\"/b\",\"op\":\"remove\",\"from\":1},"
                 "{\"pointer\":\"/c\",\"op\":\"add\",\"to\":null}]"},
                {"[1,2,3,4]", "[1,5]",
                 "[{\"pointer\":\"/1\",\"op\":\"replace\",\"from\":2,\"to\":5},{\"pointer\":\"/3\",\"op\":\"remove\",\"from\":4},"
                 "{\"pointer\":\"/2\",\"op\":\"remove\",\"from\":3}]"},
                {"[1]", "[1,2]", "[{\"pointer\":\"/1\",\"op\":\"add\",\"to\":2}]"},
                {"{\"a/b\":{\"c~\":[]}}", "{\"a/b\":{\"c~\":{}}}",
                 "[{\"pointer\":\"/a~1b/c~0\",\"op\":\"replace\",\"from\":[],\"to\":{}}]"},
                {"1", "\"1\"", "[{\"pointer\":\"\",\"op\":\"replace\",\"from\":1,\"to\":\"1\"}]"}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        cat_test_row("%s %s", rows[i].before, rows[i].after);
        cat_autojson json_t *before = NULL, *after = NULL;
        REQUIRE(cat_json_parse(rows[i].before, strlen(rows[i].before), &CAT_JSON_CAPS, &before, NULL) == 0);
        REQUIRE(cat_json_parse(rows[i].after, strlen(rows[i].after), &CAT_JSON_CAPS, &after, NULL) == 0);
        cat_autojson json_t *diff = cat_diff_json(before, after);
        cat_autofree char *text = cat_json_format(diff);
        EXPECT_TEXT(text, rows[i].diff);
    }
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
