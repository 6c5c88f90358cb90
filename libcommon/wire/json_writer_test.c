#include "wire/json_writer.h"

#include "base/memory.h"
#include "base/test.h"

static cat_document *parse(const char *text)
{
    cat_document *document = NULL;
    cat_error error = {0};
    if (cat_document_parse(text, strlen(text), &CAT_JSON_CAPS, &document, &error) < 0)
        cat_test_fail(__FILE__, __LINE__, "%s: %s", text, error.message);
    return document;
}

TEST("commas stand between members and elements, and nowhere else")
{
    cat_auto(cat_string) out = CAT_STRING(1000);
    cat_write_begin(&out, NULL, '{');
    cat_write_begin(&out, "empty", '[');
    cat_write_end(&out, ']');
    cat_write_begin(&out, "list", '[');
    cat_write_text(&out, NULL, "[");
    cat_write_text(&out, NULL, "{");
    cat_write_int(&out, NULL, -7);
    cat_write_begin(&out, NULL, '{');
    cat_write_end(&out, '}');
    cat_write_end(&out, ']');
    cat_write_text(&out, "absent", NULL);
    cat_write_bool(&out, "yes", true);
    cat_write_bool(&out, "no", false);
    cat_write_raw(&out, "raw", "[1]", 3);
    cat_write_view(&out, "nothing", (cat_view){NULL});
    cat_write_end(&out, '}');
    EXPECT_TEXT(cat_string_get(&out), "{\"empty\":[],\"list\":[\"[\",\"{\",-7,{}],\"yes\":true,\"no\":false,\"raw\":[1]}");
}

TEST("integers are written to their limits")
{
    cat_auto(cat_string) out = CAT_STRING(1000);
    cat_write_begin(&out, NULL, '[');
    cat_write_int(&out, NULL, 0);
    cat_write_int(&out, NULL, INT64_MAX);
    cat_write_int(&out, NULL, INT64_MIN);
    cat_write_end(&out, ']');
    EXPECT_TEXT(cat_string_get(&out), "[0,9223372036854775807,-9223372036854775808]");
}

static void expect_escaped(size_t length, unsigned c, size_t at)
{
    char text[] = "abcdefghijklmnopqrst";
    text[length] = '\0';
    text[at] = (char)c;
    cat_test_row("character %u at %zu of %zu", c, at, length);
    cat_auto(cat_string) out = CAT_STRING(1000);
    cat_write_begin(&out, NULL, '{');
    cat_write_text(&out, text, text);
    cat_write_end(&out, '}');
    cat_autojson json_t *json = cat_json_object(text, json_string(text), NULL);
    cat_autofree char *theirs = json_dumps(json, JSON_COMPACT);
    cat_autojson json_t *ours = NULL;
    EXPECT_INT(cat_json_parse(out.data, out.length, &CAT_JSON_CAPS, &ours, NULL), 0);
    EXPECT(json_equal(ours, json));
    EXPECT_INT(out.length, strlen(theirs));
}

/* At each place of texts of every length, as they are looked at eight bytes at once. */
TEST("every character is escaped where JSON wants it, wherever it stands")
{
    for (unsigned c = 1; c < 0x80; c++)
        for (size_t length = 1; length <= 20; length++)
            for (size_t at = 0; at < length; at++)
                expect_escaped(length, c, at);
    cat_auto(cat_string) out = CAT_STRING(1000);
    cat_write_text(&out, NULL, "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80 and so on");
    EXPECT_TEXT(cat_string_get(&out), "\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80 and so on\"");
}

TEST("a view is written as it was read")
{
    static const char *const TEXTS[] = {
        "{\"a\":[1,2.5,-3,true,false,null,\"x\\ny\",{}],\"b\":{\"c\":{\"d\":[[]]}}}",
        "[]",
        "{}",
        "\"text\"",
        "-9223372036854775808",
        "1e+300",
        "null",
    };
    for (size_t i = 0; i < sizeof TEXTS / sizeof *TEXTS; i++) {
        cat_autoptr(cat_document) document = parse(TEXTS[i]);
        cat_auto(cat_string) out = CAT_STRING(1000);
        cat_write_view(&out, NULL, cat_document_root(document));
        EXPECT_TEXT(cat_string_get(&out), TEXTS[i]);
    }
}

TEST("a number that no int64_t holds becomes a real one, which every reader takes")
{
    cat_autoptr(cat_document) document = parse("[18446744073709551615]");
    cat_auto(cat_string) out = CAT_STRING(1000);
    cat_write_view(&out, NULL, cat_document_root(document));
    EXPECT_TEXT(cat_string_get(&out), "[18446744073709552000.0]");
    cat_autojson json_t *json = NULL;
    EXPECT_INT(cat_json_parse(out.data, out.length, &CAT_JSON_CAPS, &json, NULL), 0);
}

TEST("of a name that is there twice the first is written, in small objects and large ones")
{
    for (int members = 1; members < 80; members += 39) {
        cat_auto(cat_string) text = CAT_STRING(10000);
        cat_string_append(&text, "{\"twice\":1");
        for (int i = 0; i < members; i++)
            cat_string_appendf(&text, ",\"m%d\":%d", i, i);
        cat_auto(cat_string) expected = CAT_STRING(10000);
        cat_string_append(&expected, cat_string_get(&text));
        cat_string_append(&expected, "}");
        cat_string_append(&text, ",\"twice\":2}");
        cat_test_row("%d members", members);
        cat_autoptr(cat_document) document = parse(cat_string_get(&text));
        cat_auto(cat_string) out = CAT_STRING(10000);
        cat_write_view(&out, NULL, cat_document_root(document));
        EXPECT_TEXT(cat_string_get(&out), cat_string_get(&expected));
    }
}

TEST("members are written but those that are named")
{
    static const char *const EXCEPT[] = {"b", "d"};
    cat_autoptr(cat_document) document = parse("{\"a\":1,\"b\":2,\"bb\":3,\"d\":4,\"c\":5}");
    cat_auto(cat_string) out = CAT_STRING(1000);
    cat_write_begin(&out, NULL, '{');
    cat_write_members(&out, cat_document_root(document), EXCEPT, 2);
    cat_write_end(&out, '}');
    EXPECT_TEXT(cat_string_get(&out), "{\"a\":1,\"bb\":3,\"c\":5}");
}

TEST("what does not fit below the ceiling is told")
{
    cat_auto(cat_string) out = CAT_STRING(8);
    cat_write_begin(&out, NULL, '{');
    cat_write_text(&out, "name", "a long text");
    EXPECT(out.overflowed);
    EXPECT(out.length <= 8);
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
