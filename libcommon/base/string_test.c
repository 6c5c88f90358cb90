#include "base/string.h"

#include <limits.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/test.h"

TEST("a text grows up to its ceiling and drops whole what does not fit")
{
    cat_auto(cat_string) text = CAT_STRING(10);
    EXPECT_TEXT(cat_string_get(&text), "");
    cat_string_append(&text, "12345");
    cat_string_appendf(&text, "%d", 678);
    cat_string_append_char(&text, '9');
    EXPECT(!text.overflowed);
    cat_string_append(&text, "ab");
    EXPECT(text.overflowed);
    cat_string_append_char(&text, 'x');
    EXPECT_TEXT(cat_string_get(&text), "123456789");
    cat_string_clear(&text);
    cat_string_appendf(&text, "%s", "1234567890");
    EXPECT(!text.overflowed);
    EXPECT_INT(text.length, 10);
    cat_string_appendf(&text, "%s", "");
    EXPECT(!text.overflowed);
    cat_autofree char *taken = cat_string_take(&text);
    EXPECT_TEXT(taken, "1234567890");
    EXPECT_INT(text.length, 0);
    cat_autofree char *empty = cat_string_take(&text);
    EXPECT_TEXT(empty, "");
    cat_string_append(&text, "again");
    EXPECT_TEXT(cat_string_get(&text), "again");
    cat_string_append_bytes(&text, "\0x", 2);
    EXPECT_INT(text.length, 7);
}

TEST("UTF-8 is told from what only looks like it")
{
    static const struct {
        const char *text;
        bool good;
    } rows[] = {
        {"", true},
        {"plain and long enough for eight at a time", true},
        {"\xc3\xa4", true},
        {"\xe2\x82\xac", true},
        {"\xf0\x9f\x98\x80", true},
        {"\xf4\x8f\xbf\xbf", true},
        {"\xef\xbf\xbf", true},
        {"12345678\xc3\xa4 12345678", true},
        {"\xc0\x80", false},
        {"\xc1\xbf", false},
        {"\xe0\x9f\xbf", false},
        {"\xed\xa0\x80", false},
        {"\xf0\x8f\xbf\xbf", false},
        {"\xf4\x90\x80\x80", false},
        {"\xf5\x80\x80\x80", false},
        {"\x80", false},
        {"\xc3", false},
        {"\xe2\x82", false},
        {"\xf0\x9f\x98", false},
        {"\xff", false},
        {"12345678\xe2\x28\xa1", false},
        {"1234567\xc3", false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cat_test_row("row %zu", i);
        EXPECT_INT(cat_text_is_utf8(rows[i].text, strlen(rows[i].text)), rows[i].good);
    }
}

TEST("numbers are read whole and within their bounds")
{
    static const struct {
        const char *text;
        long long minimum, maximum;
        bool good;
        long long value;
    } rows[] = {
        {"0", 0, 10, true, 0},
        {"10", 0, 10, true, 10},
        {"11", 0, 10, false, 0},
        {"-1", 0, 10, false, 0},
        {"-5", -9, 9, true, -5},
        {"", 0, 10, false, 0},
        {" 1", 0, 10, false, 0},
        {"+1", 0, 10, false, 0},
        {"1 ", 0, 10, false, 0},
        {"1x", 0, 10, false, 0},
        {"-", -9, 9, false, 0},
        {"0x1", 0, 10, false, 0},
        {"9223372036854775807", 0, LLONG_MAX, true, LLONG_MAX},
        {"9223372036854775808", 0, LLONG_MAX, false, 0},
        {"-9223372036854775808", LLONG_MIN, 0, true, LLONG_MIN},
        {NULL, 0, 1, false, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cat_test_row("%s", rows[i].text ? rows[i].text : "(null)");
        long long value = -77;
        EXPECT_INT(cat_text_to_int64(rows[i].text, rows[i].minimum, rows[i].maximum, &value), rows[i].good);
        EXPECT_INT(value, rows[i].good ? rows[i].value : -77);
    }
}

TEST("texts and slices are compared by content")
{
    EXPECT(cat_text_starts_with("catalyst", "cata") && !cat_text_starts_with("cat", "cata") && cat_text_starts_with("cat", ""));
    EXPECT(cat_text_ends_with("acme-prod", "-prod") && !cat_text_ends_with("prod", "-prod"));
    EXPECT(cat_text_equal(NULL, NULL) && !cat_text_equal("", NULL) && cat_text_equal("a", "a") && !cat_text_equal("a", "b"));
    EXPECT(cat_slice_equal(CAT_SLICE("ab"), (cat_slice){"abc", 2}) && cat_slice_equal((cat_slice){NULL, 0}, cat_slice_of(NULL)));
    EXPECT(cat_slice_equal_text(CAT_SLICE("ab"), "ab") && !cat_slice_equal_text(CAT_SLICE("ab"), "abc") &&
           !cat_slice_equal_text(cat_slice_of(""), NULL));
    EXPECT(cat_bytes_equal_constant_time("abc", "abd", 2) && !cat_bytes_equal_constant_time("abc", "abd", 3));
}

TEST("a list owns its texts and sorts them by bytes")
{
    cat_auto(cat_strings) list = {0};
    for (int i = 0; i < 20; i++)
        cat_strings_addf(&list, "%d", 19 - i);
    cat_strings_add(&list, "B");
    cat_strings_add(&list, "a");
    cat_strings_sort(&list);
    EXPECT_INT(list.count, 22);
    EXPECT_TEXT(list.items[0], "0");
    EXPECT_TEXT(list.items[2], "10");
    EXPECT_TEXT(list.items[20], "B");
    EXPECT(cat_strings_has(&list, "a") && !cat_strings_has(&list, "b"));
}

TEST("a plain text has nothing that does not print or turns others around")
{
    static const struct {
        const char *text, *plain;
    } rows[] = {{"", ""},
                {"a\tb\nc", "a\tb\nc"},
                {"a\x1b[31mb\r\n\x7f", "a[31mb\n"},
                {"x\xE2\x80\xAEtxt.exe\xE2\x80\xAC y", "xtxt.exe y"},
                {"\xE2\x81\xA6i\xE2\x81\xA9 \xD8\x9C!", "i !"},
                {"\xD9\x85\xD8\xB1\xD8\xAD\xD8\xA8\xD8\xA7 \xE2\x80\x94 \xE2\x82\xAC",
                 "\xD9\x85\xD8\xB1\xD8\xAD\xD8\xA8\xD8\xA7 \xE2\x80\x94 \xE2\x82\xAC"},
                {"cut \xE2\x80", "cut \xE2\x80"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cat_test_row("%zu", i);
        cat_autofree char *plain = cat_text_plain(rows[i].text);
        EXPECT_TEXT(plain, rows[i].plain);
    }
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
