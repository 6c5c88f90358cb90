#include "wire/yaml.h"

#include "base/memory.h"
#include "base/test.h"

static json_t *parse(const char *text)
{
    json_t *json = NULL;
    cat_error error = {0};
    if (cat_yaml_parse(text, strlen(text), &CAT_YAML_CAPS, &json, NULL, &error) < 0)
        cat_test_fail(__FILE__, __LINE__, "%s: %s", text, error.message);
    return json;
}

TEST("plain scalars and those with tags are what a cluster gets of them")
{
    static const struct {
        const char *yaml, *json;
    } rows[] = {
        {"", "null"},
        {"# nothing\n", "null"},
        {"---\n", "null"},
        {"a\n---\n", "\"a\""},
        {"a\n...\n", "\"a\""},
        {"a\n...\n---\n# nothing\n", "\"a\""},
        {"---\n---\na\n", "\"a\""},
        {"---\n---\n", "null"},
        {"|\n  <<<<<<< HEAD\n", "\"<<<<<<< HEAD\\n\""},
        {"~", "null"},
        {"null", "null"},
        {"NULL", "null"},
        {"nUll", "\"nUll\""},
        {"true", "true"},
        {"False", "false"},
        {"TRUE", "true"},
        {"yes", "\"yes\""},
        {"on", "\"on\""},
        {"No", "\"No\""},
        {"1", "1"},
        {"-12", "-12"},
        {"+3", "3"},
        {"007", "7"},
        {"0o17", "15"},
        {"0x1F", "31"},
        {"-0x1F", "-31"},
        {"0o18", "\"0o18\""},
        {"9223372036854775807", "9223372036854775807"},
        {"-9223372036854775808", "-9223372036854775808"},
        {"1.5", "1.5"},
        {".5", "0.5"},
        {"1.", "1"},
        {"1e3", "1000"},
        {"-1.5E-2", "-0.015"},
        {"1.10.0", "\"1.10.0\""},
        {"1_000", "1000"},
        {"1:30", "\"1:30\""},
        {"2026-11-24", "\"2026-11-24T00:00:00Z\""},
        {".", "\".\""},
        {"-", "[null]"},
        {"+", "\"+\""},
        {"e3", "\"e3\""},
        {"'1'", "\"1\""},
        {"\"true\"", "\"true\""},
        {"!!str 1", "\"1\""},
        {"! 1", "1"},
        {"!!int 7", "7"},
        {"!!float 7", "7"},
        {"!!null ~", "null"},
        {"!!bool true", "true"},
        {"|\n  a\n  b\n", "\"a\\nb\\n\""},
        {">-\n  a\n  b\n", "\"a b\""},
        {"\xc3\xa4", "\"\xc3\xa4\""},
        {"\"\\u00e4\"", "\"\xc3\xa4\""},
        {"\xef\xbb\xbf"
         "a: 1\nb: 2",
         "{\"a\":1,\"b\":2}"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cat_test_row("%s", rows[i].yaml);
        cat_autojson json_t *json = parse(rows[i].yaml);
        cat_autofree char *text = json ? cat_json_format(json) : NULL;
        EXPECT_TEXT(text, rows[i].json);
    }
}

TEST("block and flow collections become objects and arrays")
{
    cat_autojson json_t *json =
        parse("kind: Kustomization\nresources: [a.yaml, {b: 1}]\npatches:\n- target:\n    kind: Values\n  \"1\": x\n"
              "\"quoted name\": {}\nempty:\n? explicit\n: - 1\n  - [2]\n");
    cat_autofree char *text = cat_json_format(json);
    EXPECT_TEXT(text, "{\"kind\":\"Kustomization\",\"resources\":[\"a.yaml\",{\"b\":1}],\"patches\":[{"
                      "\"target\":{\"kind\":\"Values\"},"
                      "\"1\":\"x\"}],\"quoted name\":{},\"empty\":null,\"explicit\":[1,[2]]}");
}

TEST("what is refused is refused with its place")
{
    static const struct {
        const char *yaml, *message;
    } rows[] = {
        {"a: *x\n", "line 1, column 4: an alias is of an anchor that is not there"},
        {"a: &x [*x]\n", "line 1, column 8: an alias stands inside"},
        {"a: &x 1\nb: &x [*x]\n", "line 2, column 8: an alias stands inside"},
        {"*a : 1\n", "line 1, column 1: an alias"},
        {"a: 1\nb: 2\na: 3\n", "line 3, column 1: the name \"a\" is there twice"},
        {"a: &k b\nb: 1\n*k : 2\n", "line 3, column 1: the name \"b\" is there twice"},
        {"1: a\n", "line 1, column 1: a member's name must be a text: put \"1\" in quotes"},
        {"<<: [1]\n", "line 1, column 1: what << merges"},
        {"a:\n  \"<<\": {a: 1}\n", "line 2, column 3: a member with the name <<"},
        {"~: 1\n", "must be a text"},
        {"[a]: 1\n", "must be a text"},
        {"a: !!int x\n", "not what its tag says"},
        {"a: .inf\n", "endless"},
        {"a: \"\\0\"\n", "zero character"},
        {"a: !!binary /w==\n", "no text"},
        {"a: \"b\\/c\"\n", "line 1, column 4: \\/ is no escape"},
        {"%YAML 1.1\n--- a\n", "line 1, column 1: lines that begin with %"},
        {"a: [1\n", "line"},
        {"a: b: c\n", "line 1"},
        {"\ta: 1\n", "line 1"},
        {"b: 1\na: \xff\n", "line 2, column 4: the text is not UTF-8"},
        {"a: \"\\ud800\"\n", "line 1"},
        {"a: 1\n---\nb: 1\n", "line 2, column 1: there is more than one document"},
        {"---\n---\na: 1\n---\n# nothing\n---\nb: 1\n", "line 6, column 1: there is more than one document"},
        {"a: 1\n--- [\n", "line"},
        {"{{{\n", "line 1, column 2: {{ }} is not filled in here: write the value itself"},
        {"a: {{ .Values.a }}\n", "line 1, column 5: {{ }} is not filled in here"},
        {"\xc3\xa4: {{ .Values.a }}-x\n", "line 1, column 5: {{ }} is not filled in here"},
        {"{ {a: 1}: 2}\n", "line 1, column 3: a member's name must be a text"},
        {": : :\n", "line 1, column 1: a name is expected here: look at the indentation, and for a colon without a name"},
        {"a: 1\n b\n: : x\n", "look at"},
        {"<<<<<<< HEAD\na: 1\n=======\na: 2\n>>>>>>> theirs\n", "line 1, column 1: a merge conflict is left here: resolve it"},
        {"s:\r\n  a: 1\r\n=======\r\n  a: 2\r\n", "line 3, column 1: a merge conflict is left here"},
        {"a: 1\n>>>>>>> theirs\n", "line 2, column 1: a merge conflict is left here"},
        {"a: [\n======== title\n", "line 3"},
        {"\xff\xfe"
         "a\0",
         "UTF-16"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cat_test_row("%s", rows[i].yaml);
        json_t *json = NULL;
        cat_yaml_positions *positions = NULL;
        cat_error error = {0};
        EXPECT_INT(cat_yaml_parse(rows[i].yaml, strlen(rows[i].yaml), &CAT_YAML_CAPS, &json, &positions, &error), CAT_E_INVALID);
        if (!strstr(error.message, rows[i].message))
            cat_test_fail(__FILE__, __LINE__, "the message is: %s", error.message);
        EXPECT(json == NULL && positions == NULL);
    }
}

TEST("a text that is bound as a text is read as it was written, whatever YAML takes it for")
{
    static const struct {
        const char *yaml, *json;
    } rows[] = {
        {"a: 2026-11-30\nb: 0x1F\nc: 1.10\nd: true\n", "{\"a\":\"2026-11-30\",\"b\":\"0x1F\",\"c\":\"1.10\",\"d\":\"true\"}"},
        {"a: ~\nb:\nc: null\nd: \"~\"\n", "{\"a\":null,\"b\":null,\"c\":null,\"d\":\"~\"}"},
        {"a: &x 1\nb: *x\nc: !!int 1\nd: .inf\n", "{\"a\":\"1\",\"b\":\"1\",\"c\":1,\"d\":\".inf\"}"},
        {"{a: , b: 07}\n", "{\"a\":\"\",\"b\":\"07\"}"}};
    cat_yaml_caps caps = CAT_YAML_CAPS;
    caps.as_written = true;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cat_test_row("%s", rows[i].yaml);
        cat_autojson json_t *json = NULL;
        EXPECT_INT(cat_yaml_parse(rows[i].yaml, strlen(rows[i].yaml), &caps, &json, NULL, NULL), 0);
        cat_autofree char *text = cat_json_format(json);
        EXPECT_TEXT(text, rows[i].json);
    }
}

TEST("the caps on bytes, depth, values and documents hold exactly")
{
    static const cat_yaml_caps caps = {.max_bytes = 30, .max_depth = 3, .max_nodes = 6, .max_documents = 2};
    static const struct {
        const char *yaml;
        int code;
    } rows[] = {
        {"[[[1]]]", 0},
        {"[[[[]]]]", CAT_E_TOO_LARGE},
        {"[1,2,3,4,5]", 0},
        {"[1,2,3,4,5,6]", CAT_E_TOO_LARGE},
        {"{a: 1, b: 2}", 0},
        {"{a: 1, b: 2, c: 3}", CAT_E_TOO_LARGE},
        {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 0},
        {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", CAT_E_TOO_LARGE},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cat_test_row("%s", rows[i].yaml);
        cat_autojson json_t *json = NULL;
        EXPECT_INT(cat_yaml_parse(rows[i].yaml, strlen(rows[i].yaml), &caps, &json, NULL, NULL), rows[i].code);
    }
    cat_autojson json_t *two = NULL, *three = NULL;
    EXPECT_INT(cat_yaml_parse_all("a\n---\nb\n", 8, &caps, &two, NULL), 0);
    EXPECT_INT(cat_yaml_parse_all("a\n---\nb\n---\nc\n", 14, &caps, &three, NULL), CAT_E_TOO_LARGE);
    EXPECT(three == NULL);
    cat_autojson json_t *first = NULL, *empty = NULL;
    EXPECT_INT(cat_yaml_parse("a\n---\n", 6, &caps, &first, NULL, NULL), 0);
    EXPECT_INT(cat_yaml_parse("a\n---\n---\n", 10, &caps, &empty, NULL, NULL), CAT_E_TOO_LARGE);
}

TEST("a heap of tag directives is refused before it costs time")
{
    cat_auto(cat_string) text = CAT_STRING(1 << 20);
    for (int i = 0; i < 17; i++)
        cat_string_appendf(&text, "%%TAG !%d! x\n", i);
    cat_string_append(&text, "--- a\n");
    json_t *refused = NULL;
    EXPECT_INT(cat_yaml_parse(cat_string_get(&text), text.length, &CAT_YAML_CAPS, &refused, NULL, NULL), CAT_E_TOO_LARGE);
}

TEST("a text whose aliases make it large is refused, whatever they are of")
{
    cat_auto(cat_string) text = CAT_STRING(1 << 20);
    cat_string_append(&text, "a0: &a0 [x, x]\n");
    for (int i = 1; i < 40; i++)
        cat_string_appendf(&text, "a%d: &a%d [*a%d, *a%d]\n", i, i, i - 1, i - 1);
    json_t *refused = NULL;
    cat_error error = {0};
    EXPECT_INT(cat_yaml_parse(cat_string_get(&text), text.length, &CAT_YAML_CAPS, &refused, NULL, &error), CAT_E_TOO_LARGE);
    cat_auto(cat_string) merges = CAT_STRING(1 << 20);
    cat_string_append(&merges, "a0: &a0 {x: {y: 1}, z: {y: 1}}\n");
    for (int i = 1; i < 40; i++)
        cat_string_appendf(&merges, "a%d: &a%d {<<: [*a%d, *a%d], p: *a%d, q: *a%d}\n", i, i, i - 1, i - 1, i - 1, i - 1);
    EXPECT_INT(cat_yaml_parse(cat_string_get(&merges), merges.length, &CAT_YAML_CAPS, &refused, NULL, &error), CAT_E_TOO_LARGE);
}

TEST("where only plain files are taken, anchors, merges and tags are refused")
{
    static const cat_yaml_caps STRICT = {1024, 8, 100, 1, .no_aliases = true};
    static const char *const ROWS[] = {"a: &x 1",      "a: *x",           "&k a: 1", "<<: {a: 1}",
                                       "a: !custom 1", "a: !!map {b: 1}", "a: &x {}"};
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        cat_test_row("%s", ROWS[i]);
        cat_autojson json_t *json = NULL;
        EXPECT_INT(cat_yaml_parse(ROWS[i], strlen(ROWS[i]), &STRICT, &json, NULL, NULL), i == 5 ? 0 : CAT_E_INVALID);
    }
}

TEST("all documents of a stream are read, empty ones left out")
{
    static const char stream[] = "# first\na: 1\n---\n---\n- 2\n...\n---\n# nothing\n---\nb\n";
    cat_autojson json_t *all = NULL;
    REQUIRE(cat_yaml_parse_all(stream, strlen(stream), &CAT_YAML_CAPS, &all, NULL) == 0);
    cat_autofree char *text = cat_json_format(all);
    EXPECT_TEXT(text, "[{\"a\":1},[2],\"b\"]");
    cat_autojson json_t *none = NULL;
    REQUIRE(cat_yaml_parse_all("", 0, &CAT_YAML_CAPS, &none, NULL) == 0);
    EXPECT_INT(json_array_size(none), 0);
}

TEST("each value has a position, and what is unknown its nearest parent's")
{
    static const char yaml[] = "spec:\n  a/b: 1\n  list:\n  - x\n  -   y: 2\n";
    cat_autojson json_t *json = NULL;
    cat_autoptr(cat_yaml_positions) positions = NULL;
    REQUIRE(cat_yaml_parse(yaml, strlen(yaml), &CAT_YAML_CAPS, &json, &positions, NULL) == 0);
    static const struct {
        const char *pointer;
        bool known;
        unsigned line, column;
    } rows[] = {
        {"", true, 1, 1},
        {"/spec", true, 2, 3},
        {"/spec/a~1b", true, 2, 8},
        {"/spec/list/0", true, 4, 5},
        {"/spec/list/1/y", true, 5, 10},
        {"/spec/list/7/y", false, 4, 3},
        {"/spec/none", false, 2, 3},
        {"/other", false, 1, 1},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cat_test_row("%s", rows[i].pointer);
        unsigned line = 0, column = 0;
        EXPECT_INT(cat_yaml_position(positions, rows[i].pointer, &line, &column), rows[i].known);
        EXPECT_INT(line, rows[i].line);
        EXPECT_INT(column, rows[i].column);
    }
}

TEST("values are written in one form")
{
    cat_autojson json_t *json = parse("{apiVersion: v1, metadata: {labels: {app.kubernetes.io/name: web}, annotations: {}}, "
                                      "list: [a, {b: 1, c: [x]}, [1, [2]], [], {}], none: null, t: true, r: 1.5, e: 1.0e+30}");
    cat_autofree char *text = cat_yaml_format(json);
    EXPECT_TEXT(text, "apiVersion: v1\nmetadata:\n  labels:\n    app.kubernetes.io/name: web\n  annotations: "
                      "{}\nlist:\n- a\n- b: 1\n  c:\n"
                      "  - x\n- - 1\n  - - 2\n- []\n- {}\nnone: null\nt: true\nr: 1.5\ne: 1.0e+30\n");
}

TEST("text is plain only where every reader takes it for text")
{
    static const struct {
        const char *text, *yaml;
    } rows[] = {
        {"shop.example.org", "shop.example.org\n"},
        {"./manifests", "./manifests\n"},
        {"registry/x:1.2", "registry/x:1.2\n"},
        {"two words", "two words\n"},
        {"a#b", "a#b\n"},
        {"\xc3\xa4", "\xc3\xa4\n"},
        {"", "\"\"\n"},
        {"yes", "\"yes\"\n"},
        {"Off", "\"Off\"\n"},
        {"y", "\"y\"\n"},
        {"null", "\"null\"\n"},
        {"~", "\"~\"\n"},
        {"1", "\"1\"\n"},
        {"1.10.0", "\"1.10.0\"\n"},
        {".5", "\".5\"\n"},
        {"-x", "\"-x\"\n"},
        {"a: b", "\"a: b\"\n"},
        {"a:", "\"a:\"\n"},
        {"a #b", "\"a #b\"\n"},
        {" a", "\" a\"\n"},
        {"a ", "\"a \"\n"},
        {"{{ .config.x }}", "\"{{ .config.x }}\"\n"},
        {"*x", "\"*x\"\n"},
        {"a\tb", "\"a\\tb\"\n"},
        {"\"q\"", "\"\\\"q\\\"\"\n"},
        {"a\\b", "a\\b\n"},
        {"\x7f", "\"\\x7F\"\n"},
        {"a\xc2\x85", "\"a\\x85\"\n"},
        {"a\xe2\x80\xa8", "\"a\\u2028\"\n"},
        {"\n", "\"\\n\"\n"},
        {"a\nb", "|-\n  a\n  b\n"},
        {"a\nb\n", "|\n  a\n  b\n"},
        {"a\n\n", "|+\n  a\n\n"},
        {"a\n\nb\n", "|\n  a\n\n  b\n"},
        {" a\nb", "\" a\\nb\"\n"},
        {"a \nb", "\"a \\nb\"\n"},
        {"a\nb ", "\"a\\nb \"\n"},
        {"---\na", "|-\n  ---\n  a\n"},
        {"a\r\nb", "\"a\\r\\nb\"\n"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cat_test_row("%s", rows[i].text);
        cat_autojson json_t *json = json_string(rows[i].text);
        cat_autofree char *yaml = cat_yaml_format(json);
        EXPECT_TEXT(yaml, rows[i].yaml);
        cat_autojson json_t *again = parse(yaml);
        EXPECT_TEXT(json_string_value(again), rows[i].text);
    }
}

TEST("texts and names of every kind come back wherever they stand")
{
    static const char *const texts[] = {"a\nb\n", "a\n\n\n",      "x",  "",         "1",   "- a\n- b",
                                        "# c\nd", "a: b\nc: d\n", "\t", "a\n\tb\n", "? x", "a\n \nb"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        cat_test_row("%s", texts[i]);
        cat_autojson json_t *json = json_object(), *list = json_array();
        cat_autofree char *long_name = cat_printf("%s%01200d", texts[i], 0);
        json_array_append_new(list, json_string(texts[i]));
        json_array_append_new(list, cat_json_object(texts[i], json_string(texts[i]), "z", json_string(texts[i]), NULL));
        json_object_set(json, texts[i], list);
        json_object_set(json, "nested", list);
        json_object_set(json, long_name, list);
        json_object_set_new(json, "last", json_string(texts[i]));
        cat_autofree char *yaml = cat_yaml_format(json);
        cat_autojson json_t *again = parse(yaml);
        EXPECT(again && json_equal(json, again));
    }
}

TEST("a name that only its escapes make too long for one line comes back too")
{
    char name[901];
    for (size_t i = 0; i < sizeof name - 1; i++)
        name[i] = i % 2 ? '\n' : 'n';
    name[sizeof name - 1] = '\0';
    cat_autojson json_t *json = cat_json_object(name, json_integer(1), NULL);
    cat_autofree char *yaml = cat_yaml_format(json);
    cat_autojson json_t *again = parse(yaml);
    EXPECT(again && json_equal(json, again));
}

TEST("positions of a stream are those of its array, empty documents left out")
{
    static const char *const TEXT = "---\n---\nkind: A\n---\n# nothing\n---\nkind: B\nmore:\n- x: 1\n";
    cat_autojson json_t *all = NULL;
    cat_autoptr(cat_yaml_positions) positions = NULL;
    unsigned line = 0, column = 0;
    REQUIRE(cat_yaml_parse_all_at(TEXT, strlen(TEXT), &CAT_YAML_CAPS, &all, &positions, NULL) == 0);
    EXPECT_INT(json_array_size(all), 2);
    EXPECT(cat_yaml_position(positions, "/0/kind", &line, &column));
    EXPECT_INT(line, 3);
    EXPECT(cat_yaml_position(positions, "/1/more/0/x", &line, &column));
    EXPECT_INT(line, 9);
    EXPECT_INT(column, 6);
}

TEST("a text is as large as its aliases make it")
{
    static const cat_yaml_caps SMALL = {.max_bytes = 60, .max_depth = 5, .max_nodes = 12, .max_documents = 1};
    static const struct {
        const char *text;
        int code;
        size_t nodes;
    } ROWS[] = {{"a: b", 0, 3},
                {"", 0, 0},
                {"a: &a [1, 2]\nb: *a", 0, 9},
                {"a: &a [1, 2, 3]\nb: *a\nc: *a", CAT_E_TOO_LARGE, 0},
                {"- &a x12345678901234567890\n- *a\n- *a", CAT_E_TOO_LARGE, 0},
                {"a: &a {b: *a}", CAT_E_INVALID, 0},
                {"a: *b", CAT_E_INVALID, 0},
                {"a: &a 1\n---\nb: *a", CAT_E_INVALID, 0}, /* an anchor ends with its document */
                {"[[[[1]]]]", 0, 5},
                {"[[[[[[1]]]]]]", CAT_E_TOO_LARGE, 0},
                {"a: &a [[1]]\nb: [[[*a]]]", CAT_E_TOO_LARGE, 0}, /* deep by its alias */
                {"a: &a 1\nb: &a 2\nc: *a", 0, 7},
                {"<<: {a: 1}", 0, 5},
                {"a: [", CAT_E_INVALID, 0}};
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        cat_test_row("%s", ROWS[i].text);
        size_t nodes = 0;
        cat_error error = {0};
        EXPECT_INT(cat_yaml_measure(ROWS[i].text, strlen(ROWS[i].text), &SMALL, &nodes, &error), ROWS[i].code);
        EXPECT_INT(nodes, ROWS[i].nodes);
        EXPECT((ROWS[i].code == 0) == (error.message[0] == '\0'));
    }
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
