#include "wire/json.h"

#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/test.h"

static json_t *parse(const char *text)
{
    json_t *json = NULL;
    cat_error error = {0};
    if (cat_json_parse(text, strlen(text), &CAT_JSON_CAPS, &json, &error) < 0)
        cat_test_fail(__FILE__, __LINE__, "%s: %s", text, error.message);
    return json;
}

TEST("a document keeps the order of its members")
{
    cat_autojson json_t *json = parse("{\"z\": 1, \"a\": [true, null, \"x\"], \"m\": {}, \"e\": []}");
    cat_autofree char *text = cat_json_format(json);
    EXPECT_TEXT(text, "{\"z\":1,\"a\":[true,null,\"x\"],\"m\":{},\"e\":[]}");
    cat_autofree char *pretty = cat_json_format_pretty(json);
    EXPECT_TEXT(pretty, "{\n  \"z\": 1,\n  \"a\": [\n    true,\n    null,\n    \"x\"\n  ],\n  \"m\": {},\n  \"e\": []\n}\n");
}

TEST("texts that are no JSON are refused with line and column")
{
    static const struct {
        const char *text, *message;
        int code;
    } rows[] = {
        {"", "line 1, column 0", CAT_E_INVALID},
        {"{\"a\": 1,\n \"a\": 2}", "line 2, column 4: a name stands twice in one group", CAT_E_INVALID},
        {"[1,]", "line 1, column 4: this is no JSON", CAT_E_INVALID},
        {"{\"a\" 1}", "line 1", CAT_E_INVALID},
        {"[1] 2", "line 1", CAT_E_INVALID},
        {"\"\xff\"", "the text is not UTF-8", CAT_E_INVALID},
        {"\"\\u0000\"", "a text holds a zero character (\\u0000)", CAT_E_INVALID},
        {"{\"\\u0000\": 1}", "a text holds a zero character (\\u0000)", CAT_E_INVALID},
        {"NaN", "line 1", CAT_E_INVALID},
        {"1e999", "line 1", CAT_E_INVALID},
        {"99999999999999999999", "a number is too large to be kept as it is: write it as text", CAT_E_INVALID},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cat_test_row("%s", rows[i].text);
        json_t *json = NULL;
        cat_error error = {0};
        EXPECT_INT(cat_json_parse(rows[i].text, strlen(rows[i].text), &CAT_JSON_CAPS, &json, &error), rows[i].code);
        EXPECT(strstr(error.message, rows[i].message));
        EXPECT(json == NULL);
        json_decref(json);
    }
}

TEST("a zero byte is refused wherever it stands")
{
    static const char text[] = "[1,\n2]\0 ";
    json_t *json = NULL;
    cat_error error = {0};
    EXPECT_INT(cat_json_parse(text, sizeof text - 1, &CAT_JSON_CAPS, &json, &error), CAT_E_INVALID);
    EXPECT_TEXT(error.message, "line 2, column 3: a zero byte");
    EXPECT_INT(cat_json_parse("\"a\0b\"", 5, &CAT_JSON_CAPS, &json, NULL), CAT_E_INVALID);
}

TEST("the caps on bytes and depth hold exactly, for documents and views")
{
    static const cat_json_caps caps = {.max_bytes = 10, .max_depth = 3};
    static const struct {
        const char *text;
        int code;
    } rows[] = {
        {"[[[]]]", 0},        {"[[[[]]]]", CAT_E_TOO_LARGE},    {"[{\"a\":[]}]", 0},
        {"[[],[[]] ]", 0},    {"[[],[[[]]]", CAT_E_TOO_LARGE},  {"\"[[[[[[[\"", 0},
        {"\"[[\\\"[[[\"", 0}, {"0123456789 ", CAT_E_TOO_LARGE}, {"1234567890", 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cat_test_row("%s", rows[i].text);
        size_t length = strlen(rows[i].text);
        cat_autojson json_t *json = NULL;
        EXPECT_INT(cat_json_parse(rows[i].text, length, &caps, &json, NULL), rows[i].code);
        if (strcmp(rows[i].text, "[[],[[[]]]") == 0)
            continue; /* broken as well: the view's parser says that first */
        cat_autoptr(cat_document) document = NULL;
        EXPECT_INT(cat_document_parse(rows[i].text, length, &caps, &document, NULL), rows[i].code);
    }
}

TEST("values are reached by dotted paths")
{
    cat_autojson json_t *json = parse("{\"metadata\": {\"name\": \"shop\", \"labels\": {\"a.b/c\": \"d\"}, \"generation\": 7},"
                                      "\"items\": [{\"on\": true}, {\"on\": false}], \"x\": 1.5}");
    EXPECT_TEXT(cat_json_text(json, "metadata.name"), "shop");
    EXPECT_INT(cat_json_int_or(json, "metadata.generation", -1), 7);
    EXPECT_INT(cat_json_int_or(json, "metadata.name", -1), -1);
    EXPECT_INT(cat_json_int_or(json, "x", -1), -1);
    EXPECT(cat_json_bool_or(json, "items.0.on", false));
    EXPECT(!cat_json_bool_or(json, "items.1.on", true));
    EXPECT(cat_json_bool_or(json, "items.2.on", true));
    EXPECT(cat_json_get(json, "items.01") == NULL);
    EXPECT(cat_json_get(json, "metadata.name.first") == NULL);
    EXPECT(cat_json_get(json, "") == json);
    EXPECT(cat_json_get(NULL, "a") == NULL);
    EXPECT_TEXT(cat_json_text_or(json, "metadata.none", "fallback"), "fallback");
    const char *const names[] = {"metadata", "labels", "a.b/c"};
    EXPECT_TEXT(json_string_value(cat_json_at(json, names, 3)), "d");
}

TEST("setting makes the objects on the way and takes what it is given")
{
    cat_autojson json_t *json = json_object();
    cat_json_set_text(json, "a.b.c", "x");
    cat_json_set_int(json, "a.n", 3);
    cat_json_set_bool(json, "t", true);
    cat_json_set_text(json, "none", NULL);
    cat_json_set(json, "none", NULL);
    cat_json_set_text(json, "a.n.deep", "y");
    cat_json_set(json, "", json_true());
    cat_autofree char *text = cat_json_format(json);
    EXPECT_TEXT(text, "{\"a\":{\"b\":{\"c\":\"x\"},\"n\":{\"deep\":\"y\"}},\"t\":true}");
    cat_autojson json_t *made = cat_json_object("kind", json_string("Pod"), "absent", NULL, "n", json_integer(1), NULL);
    cat_autofree char *made_text = cat_json_format(made);
    EXPECT_TEXT(made_text, "{\"kind\":\"Pod\",\"n\":1}");
}

TEST("texts are lists of strings and back")
{
    cat_auto(cat_strings) strings = {0};
    cat_strings_add(&strings, "b");
    cat_strings_addf(&strings, "%d", 7);
    cat_autojson json_t *array = cat_json_strings(&strings);
    cat_autofree char *text = cat_json_format(array);
    EXPECT_TEXT(text, "[\"b\",\"7\"]");
    EXPECT(cat_json_is_text_in(array, "7"));
    EXPECT(!cat_json_is_text_in(array, "8"));
    EXPECT(!cat_json_is_text_in(NULL, "8"));
}

TEST("numbers are written as ECMAScript writes them in the canonical form")
{
    static const struct {
        double number;
        const char *canonical, *compact;
    } rows[] = {
        /* The samples of RFC 8785, appendix B, and of section 3.2.2. */
        {0.0, "0", "0.0"},
        {-0.0, "0", "-0.0"},
        {5e-324, "5e-324", "5e-324"},
        {-5e-324, "-5e-324", "-5e-324"},
        {1.7976931348623157e308, "1.7976931348623157e+308", "1.7976931348623157e+308"},
        {9007199254740992.0, "9007199254740992", "9007199254740992.0"},
        {295147905179352830000.0, "295147905179352830000", "295147905179352830000.0"},
        {9.999999999999997e22, "9.999999999999997e+22", "9.999999999999997e+22"},
        {1e23, "1e+23", "1e+23"},
        {1.0000000000000001e23, "1.0000000000000001e+23", "1.0000000000000001e+23"},
        {999999999999999700000.0, "999999999999999700000", "999999999999999700000.0"},
        {1e21, "1e+21", "1e+21"},
        {9.999999999999997e-7, "9.999999999999997e-7", "9.999999999999997e-7"},
        {0.000001, "0.000001", "0.000001"},
        {333333333.33333329, "333333333.3333333", "333333333.3333333"},
        {4.50, "4.5", "4.5"},
        {2e-3, "0.002", "0.002"},
        {1e-27, "1e-27", "1e-27"},
        {0.1, "0.1", "0.1"},
        {-1424953923781206.2, "-1424953923781206.2", "-1424953923781206.2"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cat_test_row("%s", rows[i].canonical);
        cat_autojson json_t *json = json_real(rows[i].number);
        cat_autofree char *canonical = cat_json_canonical(json), *compact = cat_json_format(json);
        EXPECT_TEXT(canonical, rows[i].canonical);
        EXPECT_TEXT(compact, rows[i].compact);
        cat_autojson json_t *again = parse(compact);
        EXPECT(json_is_real(again) && json_real_value(again) == rows[i].number);
    }
    cat_autojson json_t *big = json_integer(4611686018427387904);
    cat_autofree char *canonical = cat_json_canonical(big), *compact = cat_json_format(big);
    EXPECT_TEXT(canonical, "4611686018427388000");
    EXPECT_TEXT(compact, "4611686018427387904");
}

TEST("the canonical form sorts by UTF-16 units and escapes as RFC 8785 says")
{
    cat_autojson json_t *json =
        parse("{\"\\u20ac\": \"Euro Sign\", \"\\r\": \"Carriage Return\", \"\\ufb33\": \"Dalet\", \"1\": \"One\","
              "\"\\ud83d\\ude00\": \"Smile\", \"\\u0080\": \"Control\", \"\\u00f6\": \"O\"}");
    cat_autofree char *text = cat_json_canonical(json);
    EXPECT_TEXT(text, "{\"\\r\":\"Carriage Return\",\"1\":\"One\",\"\xc2\x80\":\"Control\",\"\xc3\xb6\":\"O\","
                      "\"\xe2\x82\xac\":\"Euro Sign\",\"\xf0\x9f\x98\x80\":\"Smile\",\"\xef\xac\xb3\":\"Dalet\"}");
    cat_autojson json_t *escapes = parse("[\"\\u20ac$\\u000F\\u000aA'\\u0042\\u0022\\u005c\\\\\\\"\\/\\b\\f\\t\\u007f\"]");
    cat_autofree char *escaped = cat_json_canonical(escapes);
    EXPECT_TEXT(escaped, "[\"\xe2\x82\xac$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\\b\\f\\t\x7f\"]");
}

TEST("the digest does not depend on the order of members")
{
    cat_autojson json_t *a = parse("{\"b\": [1, 2.0], \"a\": \"x\"}"), *b = parse("{\"a\": \"x\", \"b\": [1.0, 2]}");
    char first[65], second[65];
    cat_json_digest(a, first);
    cat_json_digest(b, second);
    EXPECT_TEXT(first, second);
    /* printf '{"a":"x","b":[1,2]}' | sha256sum */
    EXPECT_TEXT(first, "721ef82f2d6c0997bffb7a8ab3f40f8fb45b0b52ce2af3afa6b0f05efbdc317f");
}

TEST("a pointer is read with its escapes")
{
    cat_autojson json_t *json = parse("{\"foo\": [\"bar\", \"baz\"], \"\": 0, \"a/b\": 1, \"m~n\": 8, \"~1\": 9}");
    static const struct {
        const char *pointer, *value;
    } rows[] = {
        {"/foo/0", "\"bar\""}, {"/", "0"},    {"/a~1b", "1"},  {"/m~0n", "8"}, {"/~01", "9"},    {"/foo/01", NULL},
        {"/foo/2", NULL},      {"foo", NULL}, {"/a~2b", NULL}, {"/m~", NULL},  {"/foo/-", NULL}, {"/foo/0/x", NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cat_test_row("%s", rows[i].pointer);
        const json_t *found = cat_json_pointer(json, rows[i].pointer);
        cat_autofree char *text = found ? cat_json_format(found) : NULL;
        EXPECT_TEXT(text, rows[i].value);
    }
    EXPECT(cat_json_pointer(json, "") == json);
    cat_autofree char *joined = cat_json_pointer_join("/a", "b/c~d");
    EXPECT_TEXT(joined, "/a/b~1c~0d");
}

TEST("merge patches follow every example of RFC 7396")
{
    static const struct {
        const char *target, *patch, *result;
    } rows[] = {
        {"{\"a\":\"b\"}", "{\"a\":\"c\"}", "{\"a\":\"c\"}"},
        {"{\"a\":\"b\"}", "{\"b\":\"c\"}", "{\"a\":\"b\",\"b\":\"c\"}"},
        {"{\"a\":\"b\"}", "{\"a\":null}", "{}"},
        {"{\"a\":\"b\",\"b\":\"c\"}", "{\"a\":null}", "{\"b\":\"c\"}"},
        {"{\"a\":[\"b\"]}", "{\"a\":\"c\"}", "{\"a\":\"c\"}"},
        {"{\"a\":\"c\"}", "{\"a\":[\"b\"]}", "{\"a\":[\"b\"]}"},
        {"{\"a\":{\"b\":\"c\"}}", "{\"a\":{\"b\":\"d\",\"c\":null}}", "{\"a\":{\"b\":\"d\"}}"},
        {"{\"a\":[{\"b\":\"c\"}]}", "{\"a\":[1]}", "{\"a\":[1]}"},
        {"[\"a\",\"b\"]", "[\"c\",\"d\"]", "[\"c\",\"d\"]"},
        {"{\"a\":\"b\"}", "[\"c\"]", "[\"c\"]"},
        {"{\"a\":\"foo\"}", "null", "null"},
        {"{\"a\":\"foo\"}", "\"bar\"", "\"bar\""},
        {"{\"e\":null}", "{\"a\":1}", "{\"e\":null,\"a\":1}"},
        {"[1,2]", "{\"a\":\"b\",\"c\":null}", "{\"a\":\"b\"}"},
        {"{}", "{\"a\":{\"bb\":{\"ccc\":null}}}", "{\"a\":{\"bb\":{}}}"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cat_test_row("%s with %s", rows[i].target, rows[i].patch);
        cat_autojson json_t *target = parse(rows[i].target), *patch = parse(rows[i].patch);
        cat_autojson json_t *result = cat_json_merge_patch(target, patch);
        cat_autofree char *text = cat_json_format(result);
        EXPECT_TEXT(text, rows[i].result);
    }
    cat_autojson json_t *patch = parse("{\"a\":1}"), *result = cat_json_merge_patch(NULL, patch);
    EXPECT_INT(cat_json_int_or(result, "a", 0), 1);
}

TEST("patches add, remove, replace and test as RFC 6902 says")
{
    static const struct {
        const char *document, *operations, *result;
        int code;
    } rows[] = {
        {"{\"foo\":\"bar\"}", "[{\"op\":\"add\",\"path\":\"/baz\",\"value\":\"qux\"}]", "{\"foo\":\"bar\",\"baz\":\"qux\"}", 0},
        {"{\"foo\":[\"bar\",\"baz\"]}", "[{\"op\":\"add\",\"path\":\"/foo/1\",\"value\":\"qux\"}]",
         "{\"foo\":[\"bar\",\"qux\",\"baz\"]}", 0},
        {"{\"foo\":[1]}", "[{\"op\":\"add\",\"path\":\"/foo/-\",\"value\":[2]}]", "{\"foo\":[1,[2]]}", 0},
        {"{\"foo\":[1]}", "[{\"op\":\"add\",\"path\":\"/foo/2\",\"value\":2}]", NULL, CAT_E_INVALID},
        {"{\"baz\":\"qux\",\"foo\":\"bar\"}", "[{\"op\":\"remove\",\"path\":\"/baz\"}]", "{\"foo\":\"bar\"}", 0},
        {"{\"foo\":[1,2,3]}", "[{\"op\":\"remove\",\"path\":\"/foo/1\"}]", "{\"foo\":[1,3]}", 0},
        {"{\"foo\":1}", "[{\"op\":\"remove\",\"path\":\"/bar\"}]", NULL, CAT_E_INVALID},
        {"{\"baz\":\"qux\",\"foo\":\"bar\"}", "[{\"op\":\"replace\",\"path\":\"/baz\",\"value\":\"boo\"}]",
         "{\"baz\":\"boo\",\"foo\":\"bar\"}", 0},
        {"{\"a\":[1,2]}", "[{\"op\":\"replace\",\"path\":\"/a/1\",\"value\":null}]", "{\"a\":[1,null]}", 0},
        {"{\"a\":1}", "[{\"op\":\"replace\",\"path\":\"/b\",\"value\":2}]", NULL, CAT_E_INVALID},
        {"{\"a\":[1,{\"b\":1.0}]}", "[{\"op\":\"test\",\"path\":\"/a\",\"value\":[1.0,{\"b\":1}]}]", "{\"a\":[1,{\"b\":1.0}]}",
         0},
        {"{\"baz\":\"qux\"}", "[{\"op\":\"test\",\"path\":\"/baz\",\"value\":\"bar\"}]", NULL, CAT_E_CONFLICT},
        {"{\"a~b/c\":1}", "[{\"op\":\"replace\",\"path\":\"/a~0b~1c\",\"value\":2}]", "{\"a~b/c\":2}", 0},
        {"{\"a\":1}", "[{\"op\":\"replace\",\"path\":\"\",\"value\":{\"b\":2}}]", "{\"b\":2}", 0},
        {"{\"a\":1}", "[{\"op\":\"replace\",\"path\":\"\",\"value\":2}]", NULL, CAT_E_UNSUPPORTED},
        {"{\"a\":1}", "[{\"op\":\"move\",\"path\":\"/b\",\"from\":\"/a\"}]", NULL, CAT_E_UNSUPPORTED},
        {"{\"a\":1}", "[{\"op\":\"add\",\"path\":\"b\",\"value\":1}]", NULL, CAT_E_INVALID},
        {"{\"a\":1}", "[{\"op\":\"add\",\"path\":\"/b\"}]", NULL, CAT_E_INVALID},
        {"{\"a\":1}", "[{\"op\":\"add\",\"path\":\"/a/b\",\"value\":1}]", NULL, CAT_E_INVALID},
        {"{\"a\":1}", "[{\"op\":\"add\",\"path\":\"/x/y\",\"value\":1}]", NULL, CAT_E_INVALID},
        {"{\"a\":1}", "{}", NULL, CAT_E_INVALID},
        {"{\"a\":1}", "[7]", NULL, CAT_E_INVALID},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cat_test_row("%s with %s", rows[i].document, rows[i].operations);
        cat_autojson json_t *document = parse(rows[i].document), *operations = parse(rows[i].operations);
        EXPECT_INT(cat_json_patch(document, operations, NULL), rows[i].code);
        cat_autofree char *text = rows[i].result ? cat_json_format(document) : NULL;
        EXPECT_TEXT(text, rows[i].result);
    }
}

TEST("what a patch added does not change with the patch")
{
    cat_autojson json_t *document = json_object(), *operations = parse("[{\"op\":\"add\",\"path\":\"/a\",\"value\":{\"b\":1}}]");
    EXPECT_INT(cat_json_patch(document, operations, NULL), 0);
    cat_json_set_int(json_array_get(operations, 0), "value.b", 2);
    EXPECT_INT(cat_json_int_or(document, "a.b", 0), 1);
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
