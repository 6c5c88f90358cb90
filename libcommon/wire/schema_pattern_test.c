/* Patterns and numbers of JSON Schema where they are hard: the dialect, what a match costs, and decimals. */
#include <stdint.h>
#include <stdio.h>

#include "base/memory.h"
#include "base/test.h"
#include "wire/schema.h"

/* 1, 0, or -1 when the pattern is refused. */
static int matches(const char *pattern, const char *text)
{
    cat_autojson json_t *document = json_pack("{s:s}", "pattern", pattern), *instance = json_string(text);
    cat_schema *schema = NULL;
    cat_error error = {0};
    if (cat_schema_compile(document, &schema, &error) < 0)
        return strstr(error.message, "the pattern is wrong") ? -1 : -2;
    int found = cat_schema_validate(schema, instance, NULL);
    cat_schema_destroy(schema);
    return found;
}

TEST("patterns mean what ECMA-262 says, or are refused")
{
    static const struct {
        const char *pattern, *text;
        int matches;
    } ROWS[] = {{"b", "abc", 1},
                {"^b", "abc", 0},
                {"a$", "a\n", 0},
                {"^a$", "b\na\nb", 0},
                {"^.$", "\r", 0},
                {"^.$", "\xe2\x80\xa8", 0},
                {"^.$", "\v", 1},
                {"^.$", "\xc2\x85", 1},
                {"^.$", "\xf0\x9f\x98\x80", 1},
                {"^\\s$", "\xc2\xa0", 1},
                {"^\\s$", "\xef\xbb\xbf", 1},
                {"^\\S$", "\xc2\xa0", 0},
                {"^[\\s\\S]$", "\n", 1},
                {"^[\\S]$", "\xe3\x80\x80", 0},
                {"^[^\\s]$", "\xe2\x80\xaf", 0},
                {"^[\\S]$", "x", 1},
                {"^\\d$", "\xd9\xa3", 0},
                {"^\\w$", "\xc3\xa4", 0},
                {"^\\w+$", "aZ_09", 1},
                {"^a\\b", "a-", 1},
                {"^\\v$", "\v", 1},
                {"^\\v$", "\n", 0},
                {"^[\\b]$", "\b", 1},
                {"^\\cA$", "\x01", 1},
                {"^\\x41\\u0042$", "AB", 1},
                {"^\\u{1F600}$", "\xf0\x9f\x98\x80", 1},
                {"^\\uD83D\\uDE00$", "\xf0\x9f\x98\x80", 1},
                {"^\\p{L}+$", "\xc3\xa4q", 1},
                {"^\\p{Lu}$", "q", 0},
                {"^\\p{Uppercase_Letter}$", "Q", 1},
                {"^\\P{L}$", "1", 1},
                {"^\\p{Script=Greek}$", "\xce\xb1", 1},
                {"^\\p{gc=Nd}$", "7", 1},
                {"^[\\p{L}\\d]+$", "a1", 1},
                {"^a+?b", "aab", 1},
                {"^(?=a)\\w", "ab", 1},
                {"^(?!a)\\w", "ab", 0},
                {"(?<=a)b", "ab", 1},
                {"^(?<year>\\d{4})$", "2026", 1},
                {"^a{2,3}$", "aaa", 1},
                {"^a{,3}$", "a{,3}", 1},
                {"^{{.+}}$", "{{x}}", 1},
                {"^[[:alpha:]]$", "x", 0},
                {"^[[:alpha:]]$", "p]", 1},
                {"^[]$", "a", 0},
                {"^[^]$", "\n", 1},
                {"^[a\\-z]$", "b", 0},
                {"^\\/$", "/", 1},
                {"^\\0$", "x", 0},
                {"^[^a-c]$", "d", 1},
                {"a|b", "xb", 1},
                {"", "anything", 1},
                /* Refused: PCRE2 would take them, for something else. */
                {"\\A", "", -1},
                {"\\z", "", -1},
                {"\\Qa\\E", "a", -1},
                {"\\h", " ", -1},
                {"\\R", "\n", -1},
                {"\\K", "", -1},
                {"\\a", "", -1},
                {"\\e", "", -1},
                {"(?i)a", "A", -1},
                {"(?>a)", "a", -1},
                {"(?#x)", "", -1},
                {"(?P<n>a)", "a", -1},
                {"(?R)", "", -1},
                {"(?1)", "", -1},
                {"(*ACCEPT)", "", -1},
                {"(*UTF)a", "a", -1},
                {"a++", "aa", -1},
                {"a*+", "a", -1},
                {"a{2}+", "aa", -1},
                {"(a)\\1", "aa", -1},
                {"(?<n>a)\\k<n>", "aa", -1},
                {"\\07", "", -1},
                {"\\p{Greek}", "", -1},
                {"\\p{Foo=Bar}", "", -1},
                {"\\pL", "a", -1},
                {"\\u12", "", -1},
                {"\\uD800", "", -1},
                {"\\u{110000}", "", -1},
                {"*a", "", -1},
                {"a**", "", -1},
                {"[a", "a", -1},
                {"(", "", -1},
                {")", "", -1},
                {"[z-a]", "", -1},
                {"a\\", "", -1},
                {"(?<=a+)b", "ab", -1}};
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        cat_test_row("%s with %s", ROWS[i].pattern, ROWS[i].text);
        EXPECT_INT(matches(ROWS[i].pattern, ROWS[i].text), ROWS[i].matches);
    }
}

static json_t *long_text(size_t length)
{
    cat_autofree char *text = cat_malloc(length + 1);
    memset(text, 'a', length);
    text[length] = '\0';
    return json_string(text);
}

TEST("what a pattern costs is taken from the whole validation, which fails when it costs too much, wherever it stands")
{
    static const char *const SCHEMAS[] = {
        "{\"pattern\":\"^(a+)+$\"}",
        "{\"pattern\":\"a*[bc]\"}",
        "{\"not\":{\"pattern\":\"a*[bc]\"}}",
        "{\"if\":{\"pattern\":\"a*[bc]\"},\"then\":false}",
        "{\"if\":{\"pattern\":\"a*[bc]\"},\"else\":true}",
        "{\"anyOf\":[{\"pattern\":\"a*[bc]\"},true]}",
        "{\"oneOf\":[{\"pattern\":\"a*[bc]\"},true]}",
        "{\"not\":{\"not\":{\"pattern\":\"a*[bc]\"}}}",
    };
    for (size_t i = 0; i < sizeof SCHEMAS / sizeof *SCHEMAS; i++) {
        cat_test_row("%s", SCHEMAS[i]);
        cat_autojson json_t *document = json_loads(SCHEMAS[i], 0, NULL), *text = long_text(132000), *errors = NULL;
        if (i == 0)
            json_decref(text), text = json_string("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab");
        cat_schema *schema = NULL;
        REQUIRE(cat_schema_compile(document, &schema, NULL) == 0);
        EXPECT(!cat_schema_validate(schema, text, NULL));
        EXPECT(!cat_schema_validate(schema, text, &errors));
        EXPECT_INT(json_array_size(errors), 1);
        EXPECT_TEXT(cat_json_text(errors, "0.message"), "This is too involved to be checked");
        cat_schema_destroy(schema);
    }
}

TEST("many cheap matches together are too much as well, below contains and in names too")
{
    static const char *const SCHEMAS[] = {"{\"contains\":{\"pattern\":\"a*[bc]\"},\"minContains\":0}",
                                          "{\"items\":{\"pattern\":\"(a|b)*[cd]\"}}",
                                          "{\"items\":{\"patternProperties\":{\"a*[bc]\":false}}}"};
    for (size_t i = 0; i < sizeof SCHEMAS / sizeof *SCHEMAS; i++) {
        cat_test_row("%s", SCHEMAS[i]);
        cat_autojson json_t *document = json_loads(SCHEMAS[i], 0, NULL), *list = json_array(), *errors = NULL,
                            *text = long_text(600);
        for (int n = 0; n < 400; n++)
            json_array_append_new(list, i == 2 ? json_pack("{s:i}", json_string_value(text), n) : json_incref(text));
        cat_schema *schema = NULL;
        REQUIRE(cat_schema_compile(document, &schema, NULL) == 0);
        EXPECT(!cat_schema_validate(schema, list, &errors));
        EXPECT_TEXT(cat_json_text(errors, "0.message"), "This is too involved to be checked");
        cat_schema_destroy(schema);
    }
}

TEST("an ordinary long text is matched")
{
    cat_autojson json_t *document = json_loads("{\"pattern\":\"^[a-z]+$\"}", 0, NULL), *text = long_text(132000);
    cat_schema *schema = NULL;
    REQUIRE(cat_schema_compile(document, &schema, NULL) == 0);
    EXPECT(cat_schema_validate(schema, text, NULL));
    cat_schema_destroy(schema);
}

TEST("a pattern that does not match is told in its author's words")
{
    static const struct {
        const char *schema, *message;
    } ROWS[] = {
        {"{\"pattern\":\"^[a-z]+$\",\"x-catalyst-form\":\"lower-case letters\",\"description\":\"x\"}",
         "This does not have the form that is asked for: lower-case letters"},
        {"{\"pattern\":\"^[a-z]+$\",\"description\":\"Letters.\"}", "This does not have the form that is asked for: Letters."},
        {"{\"pattern\":\"^[a-z]+$\",\"examples\":[\"abc\"]}",
         "This does not have the form that is asked for, which is such as abc"},
        {"{\"pattern\":\"^[a-z]+$\",\"title\":\"name\"}", "This is no name of the form that is asked for"},
        {"{\"pattern\":\"^[a-z]+$\"}", "This does not have the form that is asked for: ^[a-z]+$"}};
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        cat_autojson json_t *document = json_loads(ROWS[i].schema, 0, NULL), *text = json_string("A"), *errors = NULL;
        cat_schema *schema = NULL;
        REQUIRE(cat_schema_compile(document, &schema, NULL) == 0);
        EXPECT(!cat_schema_validate(schema, text, &errors));
        EXPECT_TEXT(cat_json_text(errors, "0.message"), ROWS[i].message);
        cat_schema_destroy(schema);
    }
}

TEST("format is said and not checked, but where that is asked for")
{
    cat_autojson json_t *document = json_pack("{s:s}", "format", "email"), *text = json_string("no address");
    cat_schema *schema = NULL;
    REQUIRE(cat_schema_compile(document, &schema, NULL) == 0);
    EXPECT(cat_schema_validate(schema, text, NULL));
    cat_schema_assert_formats(schema);
    EXPECT(!cat_schema_validate(schema, text, NULL));
    cat_schema_destroy(schema);
}

/* --- decimals --- */

static bool holds(const char *keyword, const char *bound, const char *value)
{
    cat_autofree char *schema_text = cat_printf("{\"%s\":%s}", keyword, bound);
    cat_autojson json_t *document = json_loads(schema_text, 0, NULL), *instance = json_loads(value, JSON_DECODE_ANY, NULL);
    cat_schema *schema = NULL;
    if (!document || !instance || cat_schema_compile(document, &schema, NULL) < 0)
        cat_test_fail(__FILE__, __LINE__, "%s of %s", schema_text, value);
    bool valid = schema && cat_schema_validate(schema, instance, NULL);
    cat_schema_destroy(schema);
    return valid;
}

static uint64_t state = 6000;
static uint64_t any(uint64_t below)
{
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (state >> 20) % below;
}

/* number · 10^-places, with the point or with an exponent. */
static char *decimal_text(uint64_t number, unsigned places, bool exponent)
{
    if (exponent)
        return cat_printf("%llue-%u", (unsigned long long)number, places);
    char digits[48];
    int length = snprintf(digits, sizeof digits, "%0*llu", (int)places + 1, (unsigned long long)number);
    return places ? cat_printf("%.*s.%s", length - (int)places, digits, digits + length - (int)places) : cat_strdup(digits);
}

TEST("a decimal is a multiple exactly when its digits are, 6,000 of them")
{
    unsigned multiples = 0;
    for (int i = 0; i < 6000; i++) {
        uint64_t step = 1 + any(any(2) ? 20 : 99999);
        unsigned places = (unsigned)any(10);
        uint64_t number = step * any(1000000) + (any(2) ? any(step) : 0);
        cat_autofree char *of = decimal_text(step, places, any(2)), *value = decimal_text(number, places, any(2));
        bool wanted = number % step == 0; /* both have as many places: the reference is whole numbers */
        cat_test_row("%s of %s", value, of);
        EXPECT_INT(holds("multipleOf", of, value), wanted);
        multiples += wanted;
    }
    EXPECT(multiples > 2000 && multiples < 5900);
}

TEST("large and small numbers are exact too")
{
    static const struct {
        const char *keyword, *bound, *value;
        bool holds;
    } ROWS[] = {{"multipleOf", "0.1", "0.3", true},
                {"multipleOf", "0.1", "0.30000000000000004", false},
                {"multipleOf", "1e-7", "0.0000003", true},
                {"multipleOf", "1e-7", "0.00000031", false},
                {"multipleOf", "0.01", "1e300", true},
                {"multipleOf", "3", "1e300", false},
                {"multipleOf", "7", "9223372036854775807", true},
                {"multipleOf", "7", "9223372036854775806", false},
                {"multipleOf", "1e300", "1e299", false},
                {"multipleOf", "2.5", "-7.5", true},
                {"multipleOf", "5e-324", "1", true},
                {"maximum", "9007199254740992", "9007199254740993", false},
                {"maximum", "9223372036854775806", "9223372036854775807", false},
                {"minimum", "9223372036854775807", "9223372036854775806", false},
                {"const", "9007199254740993", "9007199254740992", false},
                {"const", "9007199254740993", "9007199254740993", true},
                {"enum", "[9007199254740993]", "9007199254740992.0", false},
                {"enum", "[9007199254740992]", "9007199254740992.0", true},
                {"uniqueItems", "true", "[9007199254740992,9007199254740993]", true},
                {"uniqueItems", "true", "[2,2.0]", false},
                {"type", "\"integer\"", "2.0", true},
                {"type", "\"integer\"", "1e3", true},
                {"type", "\"integer\"", "2.5", false}};
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        cat_test_row("%s %s of %s", ROWS[i].keyword, ROWS[i].bound, ROWS[i].value);
        EXPECT_INT(holds(ROWS[i].keyword, ROWS[i].bound, ROWS[i].value), ROWS[i].holds);
    }
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
