#include "wire/schema.h"

#include "base/memory.h"
#include "base/test.h"
#include <stdlib.h>

static json_t *json_of(const char *text)
{
    json_t *json = NULL;
    cat_error error = {0};
    if (cat_json_parse(text, strlen(text), &CAT_JSON_CAPS, &json, &error) < 0)
        cat_test_fail(__FILE__, __LINE__, "%s: %s", error.message, text);
    return json;
}

typedef struct {
    const char *schema, *instance;
    bool valid;
} row;

static void check_rows(const row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        cat_test_row("%s with %s", rows[i].schema, rows[i].instance);
        cat_autojson json_t *document = json_of(rows[i].schema), *instance = json_of(rows[i].instance), *errors = NULL;
        cat_schema *schema = NULL;
        cat_error error = {0};
        if (!document || !instance)
            continue;
        if (cat_schema_compile(document, &schema, &error) < 0) {
            cat_test_fail(__FILE__, __LINE__, "%s", error.message);
            continue;
        }
        cat_schema_assert_formats(schema);
        EXPECT_INT(cat_schema_validate(schema, instance, NULL), rows[i].valid);
        EXPECT_INT(cat_schema_validate(schema, instance, &errors), rows[i].valid);
        EXPECT(rows[i].valid ? errors == NULL : json_array_size(errors) > 0);
        cat_schema_destroy(schema);
    }
}
#define CHECK_ROWS(rows) check_rows(rows, sizeof(rows) / sizeof(*(rows)))

TEST("a schema may be true or false")
{
    static const row rows[] = {{"true", "1", true}, {"false", "1", false}, {"{}", "null", true}};
    CHECK_ROWS(rows);
}

TEST("type, enum and const compare by value")
{
    static const row rows[] = {{"{\"type\":\"integer\"}", "1", true},
                               {"{\"type\":\"integer\"}", "1.0", true},
                               {"{\"type\":\"integer\"}", "1.5", false},
                               {"{\"type\":\"number\"}", "1", true},
                               {"{\"type\":[\"string\",\"null\"]}", "null", true},
                               {"{\"type\":[\"string\",\"null\"]}", "1", false},
                               {"{\"type\":\"boolean\"}", "0", false},
                               {"{\"enum\":[1,\"a\",null,{\"x\":[1]}]}", "{\"x\":[1.0]}", true},
                               {"{\"enum\":[1,\"a\"]}", "true", false},
                               {"{\"const\":0}", "false", false},
                               {"{\"const\":1}", "1.0", true},
                               {"{\"const\":null}", "null", true}};
    CHECK_ROWS(rows);
}

TEST("numbers keep within their bounds")
{
    static const row rows[] = {{"{\"minimum\":1}", "1", true},
                               {"{\"minimum\":1}", "0.9", false},
                               {"{\"exclusiveMinimum\":1}", "1", false},
                               {"{\"maximum\":3}", "3", true},
                               {"{\"maximum\":9007199254740992}", "9007199254740993", false},
                               {"{\"exclusiveMaximum\":3}", "3.0", false},
                               {"{\"multipleOf\":2}", "7", false},
                               {"{\"multipleOf\":0.01}", "0.07", true},
                               {"{\"multipleOf\":0.0001}", "0.00751", false},
                               {"{\"multipleOf\":1.5}", "3", true},
                               {"{\"multipleOf\":1e-8}", "12391239123", true},
                               {"{\"multipleOf\":0.123456789}", "1e308", false},
                               {"{\"minimum\":5}", "\"x\"", true}};
    CHECK_ROWS(rows);
}

TEST("texts are measured in characters and matched with patterns")
{
    static const row rows[] = {{"{\"minLength\":2}", "\"\xc3\xa4\"", false},
                               {"{\"maxLength\":1}", "\"\xc3\xa4\"", true},
                               {"{\"maxLength\":2}", "\"abc\"", false},
                               {"{\"pattern\":\"^[a-z]+$\"}", "\"abc\"", true},
                               {"{\"pattern\":\"^[a-z]+$\"}", "\"abc\\n\"", false},
                               {"{\"pattern\":\"b\"}", "\"abc\"", true},
                               {"{\"pattern\":\"^\\\\u00e4$\"}", "\"\xc3\xa4\"", true},
                               {"{\"pattern\":\"^\\\\p{L}+$\"}", "\"\xc3\xa4q\"", true},
                               {"{\"pattern\":\"^(a+)+$\"}", "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab\"", false},
                               {"{\"pattern\":\"a\"}", "7", true}};
    CHECK_ROWS(rows);
}

TEST("lists: items, prefixItems, contains, uniqueItems")
{
    static const row rows[] = {{"{\"items\":{\"type\":\"integer\"}}", "[1,2]", true},
                               {"{\"items\":{\"type\":\"integer\"}}", "[1,\"2\"]", false},
                               {"{\"prefixItems\":[{\"type\":\"string\"}],\"items\":false}", "[\"a\"]", true},
                               {"{\"prefixItems\":[{\"type\":\"string\"}],\"items\":false}", "[\"a\",1]", false},
                               {"{\"prefixItems\":[{\"type\":\"string\"}],\"items\":{\"type\":\"integer\"}}", "[\"a\",1]", true},
                               {"{\"prefixItems\":[{},{},{}]}", "[1]", true},
                               {"{\"contains\":{\"const\":5}}", "[1,5]", true},
                               {"{\"contains\":{\"const\":5}}", "[1]", false},
                               {"{\"contains\":{\"const\":5},\"minContains\":2}", "[5,5]", true},
                               {"{\"contains\":{\"const\":5},\"minContains\":0}", "[]", true},
                               {"{\"contains\":{\"const\":5},\"maxContains\":1}", "[5,5]", false},
                               {"{\"minItems\":1}", "[]", false},
                               {"{\"maxItems\":1}", "[1,2]", false},
                               {"{\"uniqueItems\":true}", "[1,1.0]", false},
                               {"{\"uniqueItems\":true}", "[0,-0.0]", false},
                               {"{\"uniqueItems\":true}", "[1,true,\"1\",[1],{\"a\":1}]", true},
                               {"{\"uniqueItems\":true}", "[{\"a\":1,\"b\":2},{\"b\":2,\"a\":1}]", false},
                               {"{\"uniqueItems\":true}", "[[1,2],[2,1]]", true}};
    CHECK_ROWS(rows);
}

TEST("objects: properties, patterns, names, dependents")
{
    static const row rows[] = {
        {"{\"properties\":{\"a\":{\"type\":\"string\"}}}", "{\"a\":1}", false},
        {"{\"required\":[\"a\"]}", "{}", false},
        {"{\"required\":[\"a\"]}", "{\"a\":null}", true},
        {"{\"properties\":{\"a\":true},\"additionalProperties\":false}", "{\"b\":1}", false},
        {"{\"properties\":{\"a\":true},\"patternProperties\":{\"^x-\":true},\"additionalProperties\":false}", "{\"x-b\":1}",
         true},
        {"{\"patternProperties\":{\"^x-\":{\"type\":\"string\"}}}", "{\"x-b\":1}", false},
        {"{\"additionalProperties\":{\"type\":\"integer\"}}", "{\"b\":\"1\"}", false},
        {"{\"propertyNames\":{\"maxLength\":2}}", "{\"abc\":1}", false},
        {"{\"minProperties\":1}", "{}", false},
        {"{\"maxProperties\":1}", "{\"a\":1,\"b\":2}", false},
        {"{\"dependentRequired\":{\"a\":[\"b\"]}}", "{\"a\":1}", false},
        {"{\"dependentRequired\":{\"a\":[\"b\"]}}", "{\"c\":1}", true},
        {"{\"dependentSchemas\":{\"a\":{\"required\":[\"b\"]}}}", "{\"a\":1}", false},
        {"{\"properties\":{\"__proto__\":{\"type\":\"number\"},\"a/b\":{\"type\":\"number\"}}}", "{\"a/b\":\"x\"}", false}};
    CHECK_ROWS(rows);
}

TEST("schemas combine")
{
    static const row rows[] = {{"{\"allOf\":[{\"minimum\":1},{\"maximum\":3}]}", "4", false},
                               {"{\"anyOf\":[{\"type\":\"string\"},{\"minimum\":2}]}", "1", false},
                               {"{\"anyOf\":[{\"type\":\"string\"},{\"minimum\":2}]}", "2", true},
                               {"{\"oneOf\":[{\"type\":\"integer\"},{\"minimum\":2}]}", "3", false},
                               {"{\"oneOf\":[{\"type\":\"integer\"},{\"minimum\":2}]}", "2.5", true},
                               {"{\"not\":{\"type\":\"string\"}}", "\"a\"", false},
                               {"{\"if\":{\"const\":1},\"then\":false,\"else\":true}", "1", false},
                               {"{\"if\":{\"const\":1},\"else\":{\"minimum\":5}}", "2", false},
                               {"{\"then\":false}", "2", true}};
    CHECK_ROWS(rows);
}

TEST("references reach every place of the document")
{
    static const row rows[] = {
        {"{\"$ref\":\"#/$defs/a\",\"$defs\":{\"a\":{\"type\":\"string\"}}}", "1", false},
        {"{\"$defs\":{\"a~b/c%\":{\"type\":\"string\"}},\"$ref\":\"#/$defs/a~0b~1c%25\"}", "1", false},
        {"{\"properties\":{\"child\":{\"$ref\":\"#\"}},\"additionalProperties\":false}", "{\"child\":{\"child\":{\"x\":1}}}",
         false},
        {"{\"$ref\":\"#name\",\"$defs\":{\"a\":{\"$anchor\":\"name\",\"type\":\"string\"}}}", "1", false},
        {"{\"$ref\":\"#/elsewhere/0\",\"elsewhere\":[{\"type\":\"string\"}]}", "1", false},
        {"{\"$id\":\"https://example.org/"
         "root\",\"$ref\":\"inner\",\"$defs\":{\"a\":{\"$id\":\"inner\",\"type\":\"string\"}}}",
         "1", false},
        {"{\"$id\":\"https://example.org/root\",\"$ref\":\"/x/inner#/$defs/b\",\"$defs\":{\"a\":{\"$id\":\"x/"
         "inner\",\"$defs\":{\"b\":{\"type\":"
         "\"string\"}}}}}",
         "1", false},
        {"{\"$ref\":\"#/$defs/a\",\"maximum\":3,\"$defs\":{\"a\":{\"type\":\"integer\"}}}", "4", false}};
    CHECK_ROWS(rows);
}

TEST("a dynamic reference takes the outermost anchor of its name")
{
    const char *tree = "{\"$id\":\"https://example.org/"
                       "strict\",\"$dynamicAnchor\":\"node\",\"$ref\":\"tree\",\"unevaluatedProperties\":false,"
                       "\"$defs\":{\"tree\":{\"$id\":\"tree\",\"$dynamicAnchor\":\"node\",\"type\":\"object\","
                       "\"properties\":{\"data\":true,"
                       "\"children\":{\"type\":\"array\",\"items\":{\"$dynamicRef\":\"#node\"}}}}}}";
    const row rows[] = {{tree, "{\"children\":[{\"data\":1}]}", true}, {tree, "{\"children\":[{\"daat\":1}]}", false}};
    CHECK_ROWS(rows);
}

TEST("what no subschema has looked at is unevaluated")
{
    static const row rows[] = {
        {"{\"allOf\":[{\"properties\":{\"a\":true}}],\"unevaluatedProperties\":false}", "{\"a\":1}", true},
        {"{\"allOf\":[{\"properties\":{\"a\":true}}],\"unevaluatedProperties\":false}", "{\"b\":1}", false},
        {"{\"anyOf\":[{\"properties\":{\"a\":{\"const\":1}}},{\"properties\":{\"b\":true}}],"
         "\"unevaluatedProperties\":false}",
         "{\"a\":2,\"b\":1}", false},
        {"{\"anyOf\":[{\"properties\":{\"a\":true}},{\"properties\":{\"b\":true}}],\"unevaluatedProperties\":"
         "false}",
         "{\"a\":2,\"b\":1}", true},
        {"{\"if\":{\"properties\":{\"a\":{\"const\":1}},\"required\":[\"a\"]},\"then\":{\"properties\":{"
         "\"b\":true}},\"unevaluatedProperties\":false}",
         "{\"a\":1,\"b\":1}", true},
        {"{\"if\":{\"properties\":{\"a\":{\"const\":1}},\"required\":[\"a\"]},\"then\":{\"properties\":{"
         "\"b\":true}},\"unevaluatedProperties\":false}",
         "{\"a\":2}", false},
        {"{\"not\":{\"properties\":{\"a\":false}},\"unevaluatedProperties\":false}", "{\"a\":1}", false},
        {"{\"$ref\":\"#/$defs/"
         "x\",\"unevaluatedProperties\":{\"type\":\"string\"},\"$defs\":{\"x\":{\"properties\":{\"a\":true}}}"
         "}",
         "{\"a\":1,\"b\":\"s\"}", true},
        {"{\"prefixItems\":[true],\"unevaluatedItems\":false}", "[1,2]", false},
        {"{\"prefixItems\":[true],\"contains\":{\"const\":2},\"unevaluatedItems\":false}", "[1,2]", true},
        {"{\"allOf\":[{\"items\":true}],\"unevaluatedItems\":false}", "[1,2]", true},
        {"{\"dependentSchemas\":{\"a\":{\"properties\":{\"b\":true}}},\"properties\":{\"a\":true},"
         "\"unevaluatedProperties\":false}",
         "{\"a\":1,\"b\":2}", true},
        {"{\"properties\":{\"x\":{\"properties\":{\"a\":true}}},\"unevaluatedProperties\":false}", "{\"a\":1}", false}};
    CHECK_ROWS(rows);
}

TEST("the common formats are asserted where that is asked for, others are not")
{
    static const struct {
        const char *format, *good, *bad;
    } rows[] = {{"email", "a.b+c@example.org", "a@b@"},
                {"email", "x@localhost", ".a@example.org"},
                {"uri", "https://example.org/a?b=%20#c", "/a/b"},
                {"uri", "urn:x:y", "https://example.org:port/"},
                {"uri", "http://[::1]:80/", "http://[::1/"},
                {"hostname", "www.example-1.org", "-a.org"},
                {"hostname", "a", "a..b"},
                {"date", "2024-02-29", "2023-02-29"},
                {"date-time", "2026-11-24T08:30:00.5+01:00", "2026-11-24 08:30:00Z"},
                {"date-time", "2016-12-31T23:59:60Z", "2016-12-31T22:59:60Z"},
                {"time", "08:30:00Z", "08:30:00"},
                {"ipv4", "192.0.2.1", "192.0.2.256"},
                {"ipv6", "2001:db8::1", "2001:db8:::1"},
                {"uuid", "123e4567-e89b-12d3-a456-426614174000", "123e4567e89b12d3a456426614174000"},
                {"regex", "^a(b)?$", "a(b"},
                {"json-pointer", "/a~1b", "a"}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        cat_autofree char *schema = cat_printf("{\"format\":\"%s\"}", rows[i].format);
        cat_autofree char *good = cat_printf("\"%s\"", rows[i].good), *bad = cat_printf("\"%s\"", rows[i].bad);
        const row both[] = {{schema, good, true}, {schema, bad, false}};
        CHECK_ROWS(both);
    }
    static const row other[] = {{"{\"format\":\"colour\"}", "\"x\"", true}, {"{\"format\":\"email\"}", "7", true}};
    CHECK_ROWS(other);
}

TEST("a wrong schema is refused with the place that is wrong")
{
    static const struct {
        const char *schema, *place;
    } rows[] = {{"[]", "its root"},
                {"{\"properties\":{\"a\":{\"type\":\"text\"}}}", "/properties/a:"},
                {"{\"items\":{\"minLength\":-1}}", "/items:"},
                {"{\"items\":{\"minLength\":1.5}}", "/items:"},
                {"{\"pattern\":\"(\"}", "its root"},
                {"{\"patternProperties\":{\"[\":{}}}", "/patternProperties/["},
                {"{\"$ref\":\"#/nowhere\"}", "its root"},
                {"{\"$ref\":\"https://example.org/other\"}", "its root"},
                {"{\"$ref\":\"#anchor\"}", "its root"},
                {"{\"$defs\":{\"a\":{\"$ref\":\"#/$defs/b\"},\"b\":{\"allOf\":[{\"$ref\":\"#/$defs/a\"}]}}}", "/$defs"},
                {"{\"required\":\"a\"}", "its root"},
                {"{\"allOf\":[]}", "its root"},
                {"{\"enum\":1}", "its root"},
                {"{\"multipleOf\":0}", "its root"},
                {"{\"properties\":{\"a\":7}}", "/properties/a:"},
                {"{\"dependentRequired\":{\"a\":[1]}}", "its root"}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        cat_test_row("%s", rows[i].schema);
        cat_autojson json_t *document = json_of(rows[i].schema);
        cat_schema *schema = NULL;
        cat_error error = {0};
        EXPECT_INT(cat_schema_compile(document, &schema, &error), CAT_E_INVALID);
        EXPECT(schema == NULL);
        if (!strstr(error.message, rows[i].place))
            cat_test_fail(__FILE__, __LINE__, "%s does not name %s", error.message, rows[i].place);
    }
}

TEST("errors point at the value and are sentences")
{
    static const struct {
        const char *schema, *instance, *pointer, *keyword, *message;
    } rows[] = {{"{\"properties\":{\"a/b\":{\"items\":{\"type\":\"integer\"}}}}", "{\"a/b\":[1,\"x\"]}", "/a~1b/1", "type",
                 "This has to be a whole number, but it is text"},
                {"{\"type\":\"integer\"}", "2.5", "", "type", "This has to be a whole number, but it is 2.5"},
                {"{\"type\":\"string\"}", "2.5", "", "type", "This has to be text, but it is a number"},
                {"{\"required\":[\"host\"]}", "{}", "/host", "required", "host is missing"},
                {"{\"minLength\":1}", "\"\"", "", "minLength", "This may not be empty"},
                {"{\"enum\":[\"small\",\"large\"]}", "\"huge\"", "", "enum", "This has to be one of: small, large"},
                {"{\"minimum\":1}", "0", "", "minimum", "This has to be at least 1"},
                {"{\"properties\":{\"host\":true},\"additionalProperties\":false}", "{\"hots\":1}", "/hots",
                 "additionalProperties", "There is no field hots here; known are host"},
                {"{\"uniqueItems\":true}", "[1,2,1]", "", "uniqueItems", "Entries 1 and 3 are the same, but all have to differ"},
                {"{\"anyOf\":[{\"type\":\"string\"},{\"type\":\"object\",\"required\":[\"a\"]}]}", "{}", "/a", "required",
                 "a is missing"},
                {"{\"oneOf\":[{\"properties\":{\"kind\":{\"const\":\"x\"},\"n\":{\"type\":\"integer\"}}},{"
                 "\"properties\":{\"kind\":{\"const\":\"y\"}}}]}",
                 "{\"kind\":\"x\",\"n\":\"1\"}", "/n", "type", "This has to be a whole number, but it is text"},
                {"{\"anyOf\":[{\"title\":\"Small\",\"const\":1},{\"title\":\"Large\",\"const\":2}]}", "3", "", "anyOf",
                 "This fits none of the allowed forms: Small, or Large"}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        cat_test_row("%s with %s", rows[i].schema, rows[i].instance);
        cat_autojson json_t *document = json_of(rows[i].schema), *instance = json_of(rows[i].instance), *errors = NULL;
        cat_schema *schema = NULL;
        REQUIRE(cat_schema_compile(document, &schema, NULL) == 0);
        EXPECT(!cat_schema_validate(schema, instance, &errors));
        EXPECT_TEXT(cat_json_text(errors, "0.pointer"), rows[i].pointer);
        EXPECT_TEXT(cat_json_text(errors, "0.keyword"), rows[i].keyword);
        EXPECT_TEXT(cat_json_text(errors, "0.message"), rows[i].message);
        cat_schema_destroy(schema);
    }
}

TEST("at most a hundred errors are told, and a text's own value is never among them")
{
    cat_autojson json_t *document = json_of("{\"items\":{\"pattern\":\"^a$\"}}"), *instance = json_array(), *errors = NULL;
    for (int i = 0; i < 500; i++)
        json_array_append_new(instance, json_string("hunter2"));
    cat_schema *schema = NULL;
    REQUIRE(cat_schema_compile(document, &schema, NULL) == 0);
    EXPECT(!cat_schema_validate(schema, instance, &errors));
    EXPECT_INT(json_array_size(errors), 100);
    cat_autofree char *text = cat_json_format(errors);
    EXPECT(!strstr(text, "hunter2"));
    cat_schema_destroy(schema);
}

TEST("a validation that would not end is given up as invalid")
{
    cat_autojson json_t *document = json_object(), *errors = NULL;
    cat_autojson json_t *definitions = json_object();
    for (int i = 0; i < 40; i++) { /* every level asks the next twice, and remembers nothing */
        cat_autofree char *name = cat_printf("l%d", i), *next = cat_printf("#/$defs/l%d", i + 1);
        cat_autojson json_t *reference = cat_json_object("$ref", json_string(next), NULL);
        json_object_set_new(definitions, name,
                            i == 39 ? json_false() : cat_json_object("anyOf", json_pack("[O,O]", reference, reference), NULL));
    }
    json_object_set(document, "$defs", definitions);
    json_object_set_new(document, "$ref", json_string("#/$defs/l0"));
    cat_schema *schema = NULL;
    cat_error error = {0};
    REQUIRE(cat_schema_compile(document, &schema, &error) == 0);
    cat_autojson json_t *instance = json_integer(1);
    EXPECT(!cat_schema_validate(schema, instance, &errors));
    EXPECT_TEXT(cat_json_text(errors, "0.message"), "This is too involved to be checked");
    cat_schema_destroy(schema);
}

TEST("defaults are filled in where members are missing")
{
    static const struct {
        const char *schema, *before, *after;
    } rows[] = {
        {"{\"properties\":{\"a\":{\"default\":1},\"b\":{\"default\":{\"c\":2}}}}", "{\"a\":5}", "{\"a\":5,\"b\":{\"c\":2}}"},
        {"{\"properties\":{\"a\":{\"default\":null}}}", "{}", "{\"a\":null}"},
        {"{\"properties\":{\"o\":{\"type\":\"object\",\"properties\":{\"p\":{\"default\":80}}}}}", "{}", "{\"o\":{\"p\":80}}"},
        {"{\"properties\":{\"o\":{\"properties\":{\"p\":{\"default\":80}}}}}", "{}", "{}"},
        {"{\"properties\":{\"o\":{\"type\":\"object\",\"required\":[\"host\"],\"properties\":{\"host\":{},"
         "\"p\":{\"default\":80}}}}}",
         "{}", "{}"},
        {"{\"properties\":{\"o\":{\"default\":{},\"properties\":{\"p\":{\"default\":80}}}}}", "{}", "{\"o\":{\"p\":80}}"},
        {"{\"items\":{\"properties\":{\"p\":{\"default\":80}}}}", "[{},{\"p\":1}]", "[{\"p\":80},{\"p\":1}]"},
        {"{\"$ref\":\"#/$defs/x\",\"$defs\":{\"x\":{\"properties\":{\"a\":{\"$ref\":\"#/$defs/"
         "y\"}}},\"y\":{\"default\":3}}}",
         "{}", "{\"a\":3}"},
        {"{\"allOf\":[{\"properties\":{\"a\":{\"default\":3}}},{\"properties\":{\"b\":{\"default\":4}}}]}", "{}",
         "{\"a\":3,\"b\":4}"},
        {"{\"type\":\"object\",\"properties\":{\"n\":{\"default\":1},\"child\":{\"$ref\":\"#\"}}}", "{}",
         "{\"n\":1,\"child\":{\"n\":1}}"},
        {"{\"type\":\"string\"}", "7", "7"}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        cat_test_row("%s with %s", rows[i].schema, rows[i].before);
        cat_autojson json_t *document = json_of(rows[i].schema), *instance = json_of(rows[i].before);
        cat_schema *schema = NULL;
        REQUIRE(cat_schema_compile(document, &schema, NULL) == 0);
        cat_schema_apply_defaults(schema, instance);
        cat_autofree char *text = cat_json_format(instance);
        EXPECT_TEXT(text, rows[i].after);
        cat_schema_destroy(schema);
    }
}

TEST("what the schema calls an integer is written as one, wherever it stands, and nothing else is touched")
{
    static const struct {
        const char *schema, *value, *written;
    } ROWS[] = {
        {"{\"properties\": {\"n\": {\"type\": \"integer\"}}}", "{\"n\": 2.0}", "{\"n\":2}"},
        {"{\"properties\": {\"n\": {\"type\": \"integer\"}}}", "{\"n\": 1e3}", "{\"n\":1000}"},
        {"{\"properties\": {\"n\": {\"type\": \"integer\"}}}", "{\"n\": -0.0}", "{\"n\":0}"},
        {"{\"properties\": {\"n\": {\"type\": \"integer\"}}}", "{\"n\": 2.5}", "{\"n\":2.5}"},
        {"{\"properties\": {\"n\": {\"type\": [\"integer\", \"null\"]}}}", "{\"n\": 2.0}", "{\"n\":2}"},
        {"{\"properties\": {\"n\": {\"type\": \"number\"}}}", "{\"n\": 2.0}", "{\"n\":2.0}"},
        {"{\"properties\": {\"n\": {\"type\": \"integer\"}}}", "{\"n\": 9007199254740993}", "{\"n\":9007199254740993}"},
        {"{\"properties\": {\"n\": {\"$ref\": \"#/$defs/w\"}}, \"$defs\": {\"w\": {\"type\": \"integer\"}}}", "{\"n\": 4.0}",
         "{\"n\":4}"},
        {"{\"additionalProperties\": {\"items\": {\"type\": \"integer\"}}}", "{\"n\": [1.0, \"a\", 2.0]}", "{\"n\":[1,\"a\",2]}"},
        {"{\"patternProperties\": {\"^n\": {\"anyOf\": [{\"type\": \"string\"}, {\"type\": \"integer\"}]}}}",
         "{\"n\": 3.0, \"m\": 3.0}", "{\"n\":3,\"m\":3.0}"}};
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        cat_test_row("%s %s", ROWS[i].schema, ROWS[i].value);
        cat_autojson json_t *document = json_loads(ROWS[i].schema, 0, NULL), *value = json_loads(ROWS[i].value, 0, NULL);
        __attribute__((cleanup(cat_schema_destroy_cleanup))) cat_schema *schema = NULL;
        REQUIRE(cat_schema_compile(document, &schema, NULL) == 0);
        cat_schema_write_integers(schema, value);
        cat_autofree char *text = cat_json_format(value);
        EXPECT_TEXT(text, ROWS[i].written);
    }
}

TEST("a text is as it was written where the schema calls for one, in groups and not in lists")
{
    static const struct {
        const char *schema, *value, *written, *expected;
    } rows[] = {
        {"{\"properties\":{\"a\":{\"type\":\"string\"},\"b\":{\"type\":\"integer\"}}}", "{\"a\":31,\"b\":31}",
         "{\"a\":\"0x1F\",\"b\":\"0x1F\"}", "{\"a\":\"0x1F\",\"b\":31}"},
        {"{\"properties\":{\"a\":{\"type\":[\"string\",\"number\"]},\"b\":{\"type\":[\"string\",\"null\"]}}}",
         "{\"a\":1.1,\"b\":true}", "{\"a\":\"1.10\",\"b\":\"True\"}", "{\"a\":1.1,\"b\":\"True\"}"},
        {"{\"$ref\":\"#/$defs/x\",\"$defs\":{\"x\":{\"properties\":{\"a\":{\"properties\":{\"b\":{\"enum\":[\"1.10\"]}}}}}}}",
         "{\"a\":{\"b\":1.1}}", "{\"a\":{\"b\":\"1.10\"}}", "{\"a\":{\"b\":\"1.10\"}}"},
        {"{\"additionalProperties\":{\"type\":\"string\"}}", "{\"a\":1.1,\"b\":null}", "{\"a\":\"1.10\",\"b\":null}",
         "{\"a\":\"1.10\",\"b\":null}"},
        {"{\"properties\":{\"a\":{\"items\":{\"type\":\"string\"}}}}", "{\"a\":[1.1]}", "{\"a\":[\"1.10\"]}", "{\"a\":[1.1]}"},
        {"{\"properties\":{\"a\":{}}}", "{\"a\":1.1,\"c\":2}", "{\"a\":\"1.10\",\"c\":\"2\"}", "{\"a\":1.1,\"c\":2}"},
        {"{\"properties\":{\"a\":{\"type\":\"string\"}}}", "{\"a\":{\"b\":1}}", "{\"a\":{\"b\":\"1\"}}", "{\"a\":{\"b\":1}}"}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        cat_test_row("%s", rows[i].schema);
        cat_autojson json_t *document = json_loads(rows[i].schema, 0, NULL), *value = json_loads(rows[i].value, 0, NULL),
                            *written = json_loads(rows[i].written, 0, NULL);
        cat_schema *schema = NULL;
        REQUIRE(cat_schema_compile(document, &schema, NULL) == 0);
        cat_schema_write_texts(schema, value, written);
        cat_autofree char *text = cat_json_format(value);
        EXPECT_TEXT(text, rows[i].expected);
        cat_schema_destroy(schema);
    }
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
