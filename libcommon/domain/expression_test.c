#include "domain/expression.h"

#include "base/memory.h"
#include "base/test.h"

#define WHERE "bp-wordpress 1.3.0 depends[0].when"

static json_t *json_of(const char *text)
{
    json_t *json = NULL;
    if (cat_json_parse(text, strlen(text), &CAT_JSON_CAPS, &json, NULL) < 0)
        cat_test_fail(__FILE__, __LINE__, "no JSON: %s", text);
    return json;
}

static json_t *scope_make(void)
{
    return json_of("{\"config\":{\"host\":\"Shop.example.org\",\"replicas\":2,\"on\":true,\"off\":false,\"empty\":\"\",\"list\":["
                   "\"a\",\"b\",3],"
                   "\"deep\":{\"x\":1.5}},\"dependencies\":{\"my-db\":{\"host\":\"db\",\"port\":5432}},\"application\":{\"name\":"
                   "\"shop\"}}");
}

TEST("expressions give what their parts say")
{
    static const struct {
        const char *text, *result;
    } rows[] = {{"plain", "\"plain\""},
                {"", "\"\""},
                {"{{ .config.replicas }}", "2"},
                {"{{.config.on}}", "true"},
                {"{{ .config.list }}", "[\"a\",\"b\",3]"},
                {"{{ .config.list.1 }}", "\"b\""},
                {"{{ .config.list.9 }}", "null"},
                {"{{ .dependencies.my-db.host }}:{{ .dependencies.my-db.port }}", "\"db:5432\""},
                {"x{{ .config.on }}y", "\"xtruey\""},
                {"{{ .nothing.at.all }}", "null"},
                {"{{ 'it\\'s }}' }}", "\"it's }}\""},
                {"{{ \"{{\" }}", "\"{{\""},
                {"{{ -1.5 }}", "-1.5"},
                {"{{ null }}", "null"},
                {"{{ 1 == 1.0 }}", "true"},
                {"{{ .config.replicas >= 2 && .config.replicas < 10 }}", "true"},
                {"{{ \"a\" < \"b\" }}", "true"},
                {"{{ \"a\" != 'a' }}", "false"},
                {"{{ .config.missing == null }}", "true"},
                {"{{ !.config.on || .config.on }}", "true"},
                {"{{ !!true }}", "true"},
                {"{{ .config.off && .config.missing < 3 }}", "false"},
                {"{{ .config.on || lower(7) }}", "true"},
                {"{{ false && false || true }}", "true"},
                {"{{ false && (false || true) }}", "false"},
                {"{{ true || false && false }}", "true"},
                {"{{ \"b\" in .config.list }}", "true"},
                {"{{ 3.0 in .config.list }}", "true"},
                {"{{ 'shop' in .application.name }}", "true"},
                {"{{ 'x' in .config.deep }}", "true"},
                {"{{ default(.config.missing, 'd') }}", "\"d\""},
                {"{{ default(.config.empty, 'd') }}", "\"d\""},
                {"{{ default(.config.off, true) }}", "false"},
                {"{{ lower(.config.host) }}", "\"shop.example.org\""},
                {"{{ upper('a\xc3\xa4') }}", "\"A\xc3\xa4\""},
                {"{{ trim('  x ') }}", "\"x\""},
                {"{{ replace(\"a.b.c\", '.', '--') }}", "\"a--b--c\""},
                {"{{ join(.config.list, '+') }}", "\"a+b+3\""},
                {"{{ len(.config.list) + '' }}", NULL},
                {"{{ len('\xc3\xa4x') }}", "2"},
                {"{{ hasPrefix(.config.host, 'Shop') && !hasSuffix(.config.host, '.com') }}", "true"},
                {"{{ b64enc('user:pw') }}", "\"dXNlcjpwdw==\""},
                {"{{ sha256('abc') }}", "\"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\""}};
    cat_autojson json_t *scope = scope_make();
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        cat_test_row("%s", rows[i].text);
        cat_autojson json_t *result = NULL;
        cat_error error = {0};
        int code = cat_expression_evaluate(rows[i].text, scope, WHERE, &result, &error);
        if (!rows[i].result) {
            EXPECT_INT(code, CAT_E_INVALID);
            continue;
        }
        if (code < 0)
            cat_test_fail(__FILE__, __LINE__, "%s", error.message);
        cat_autofree char *text = result ? cat_json_format(result) : NULL;
        EXPECT_TEXT(text, rows[i].result);
    }
}

TEST("errors name the Blueprint, the field and the column")
{
    static const struct {
        const char *text, *message;
    } rows[] = {{"{{ .config. }}", WHERE ", column 12: a name has to follow the dot"},
                {"{{ config.host }}", WHERE ", column 4: config is not known; a path begins with a dot, a text has quotes"},
                {"x {{ .config.missing }}",
                 WHERE ", column 3: .config.missing is null, which cannot be put into a text; default() gives it a value"},
                {"x{{ .config.list }}", WHERE ", column 2: a list cannot be put into a text"},
                {"{{ .config.on", WHERE ", column 14: the closing }} is missing"},
                {"{{ }}", WHERE ", column 4: a value is missing here"},
                {"{{ 'abc }}", WHERE ", column 4: the text has no closing quote"},
                {"{{ (1 }}", WHERE ", column 7: a closing parenthesis is missing"},
                {"{{ 1 < 'a' }}", WHERE ", column 6: a number and text have no order; two numbers or two texts have"},
                {"{{ .config.replicas && true }}", WHERE ", column 3: .config.replicas has to be true or false, but is a number"},
                {"{{ lower(1) }}", WHERE ", column 4: lower() needs text"},
                {"{{ lower() }}", WHERE ", column 11: lower() takes 1 argument"},
                {"{{ default(1,2,3) }}", WHERE ", column 15: default() takes 2 arguments"},
                {"\xc3\xa4 {{ 1 1 }}", WHERE ", column 8: this does not belong here"},
                {"{{ 1x }}", WHERE ", column 4: this is no number"},
                {"{{ 'a\\q' }}", WHERE ", column 7: only \\\\, \\n, \\t and the quote may follow a backslash"}};
    cat_autojson json_t *scope = scope_make();
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        cat_test_row("%s", rows[i].text);
        json_t *result = NULL;
        cat_error error = {0};
        EXPECT_INT(cat_expression_evaluate(rows[i].text, scope, WHERE, &result, &error), CAT_E_INVALID);
        EXPECT(result == NULL);
        EXPECT_TEXT(error.message, rows[i].message);
    }
    cat_error error = {0};
    json_t *result = NULL;
    cat_expression_evaluate("{{ exec('x') }}", scope, WHERE, &result, &error);
    EXPECT(strstr(error.message, "there is no function exec; there are default, lower") != NULL);
}

TEST("size, depth and steps are bounded")
{
    cat_autojson json_t *scope = scope_make();
    cat_auto(cat_string) deep = CAT_STRING(5000), chain = CAT_STRING(5000), nots = CAT_STRING(5000), large = CAT_STRING(9000);
    cat_string_append(&deep, "{{ ");
    cat_string_append(&chain, "{{ true");
    cat_string_append(&nots, "{{ ");
    cat_string_append(&large, "{{ 1 }}");
    for (int i = 0; i < 1000; i++) {
        cat_string_append(&deep, "(");
        cat_string_append(&nots, "!");
    }
    for (int i = 0; i < 500; i++)
        cat_string_append(&chain, "&&true");
    for (int i = 0; i < 5000; i++)
        cat_string_append(&large, "x");
    cat_string_append(&chain, " }}");
    json_t *result = NULL;
    EXPECT_INT(cat_expression_evaluate(deep.data, scope, WHERE, &result, NULL), CAT_E_INVALID);
    EXPECT_INT(cat_expression_evaluate(nots.data, scope, WHERE, &result, NULL), CAT_E_INVALID);
    EXPECT_INT(cat_expression_evaluate(large.data, scope, WHERE, &result, NULL), CAT_E_TOO_LARGE);
    EXPECT_INT(cat_expression_evaluate(chain.data, scope, WHERE, &result, NULL), 0);
    EXPECT(json_is_true(result));
    cat_autojson json_t *wide = json_object();
    cat_autofree char *long_text = cat_malloc(40001);
    memset(long_text, 'a', 40000);
    long_text[40000] = 0;
    json_object_set_new(wide, "x", json_string(long_text));
    EXPECT_INT(cat_expression_evaluate("{{ replace(.x, 'a', 'bbb') }}", wide, WHERE, &result, NULL), CAT_E_INVALID);
    EXPECT_INT(cat_expression_evaluate("{{ .x }}{{ .x }}", wide, WHERE, &result, NULL), CAT_E_TOO_LARGE);
}

TEST("a text that is not UTF-8 is refused")
{
    json_t *result = NULL;
    bool holds = true;
    EXPECT_INT(cat_expression_evaluate("a\xc1", NULL, WHERE, &result, NULL), CAT_E_INVALID);
    EXPECT_INT(cat_expression_condition("{{ '\xff' }}", NULL, WHERE, &holds, NULL), CAT_E_INVALID);
    EXPECT(result == NULL);
}

TEST("every string of a value is evaluated, and the place is named")
{
    cat_autojson json_t *scope = scope_make(),
                        *value = json_of("{\"a\":[\"{{ .config.replicas }}\",1,null],\"{{ k }}\":\"n-{{ .application.name }}\"}");
    cat_autojson json_t *result = NULL;
    REQUIRE(cat_expression_evaluate_all(value, scope, "bp-x 1.0.0 depends[0].values", &result, NULL) == 0);
    cat_autofree char *text = cat_json_format(result);
    EXPECT_TEXT(text, "{\"a\":[2,1,null],\"{{ k }}\":\"n-shop\"}");
    cat_autojson json_t *bad = json_of("{\"a\":[1,\"{{ oops }}\"]}");
    json_t *none = NULL;
    cat_error error = {0};
    EXPECT_INT(cat_expression_evaluate_all(bad, scope, "bp-x 1.0.0 depends[0].values", &none, &error), CAT_E_INVALID);
    EXPECT(none == NULL && strstr(error.message, "bp-x 1.0.0 depends[0].values.a[1], column 4: ") == error.message);
}

TEST("a result never shares anything with the scope")
{
    cat_autojson json_t *scope = scope_make(), *result = NULL;
    REQUIRE(cat_expression_evaluate("{{ .config.deep }}", scope, WHERE, &result, NULL) == 0);
    json_object_set_new(result, "x", json_integer(9));
    EXPECT(json_real_value(cat_json_get(scope, "config.deep.x")) == 1.5);
}

TEST("a condition is true, false or an error")
{
    cat_autojson json_t *scope = scope_make();
    bool holds = false;
    EXPECT(cat_expression_condition(NULL, scope, WHERE, &holds, NULL) == 0 && holds);
    EXPECT(cat_expression_condition(" ", scope, WHERE, &holds, NULL) == 0 && holds);
    EXPECT(cat_expression_condition(" {{ .config.off }}\n", scope, WHERE, &holds, NULL) == 0 && !holds);
    EXPECT_INT(cat_expression_condition("{{ .config.replicas }}", scope, WHERE, &holds, NULL), CAT_E_INVALID);
    EXPECT_INT(cat_expression_condition("true", scope, WHERE, &holds, NULL), CAT_E_INVALID);
    EXPECT_INT(cat_expression_condition("{{ .config.missing }}", scope, WHERE, &holds, NULL), CAT_E_INVALID);
}

TEST("a check finds mistakes of form and the paths used, without any values")
{
    cat_auto(cat_strings) paths = {0};
    EXPECT_INT(cat_expression_check("{{ .config.a && lower(.config.b) == 'x' }}{{ .config.a }}", WHERE, &paths, NULL), 0);
    EXPECT_INT(paths.count, 2);
    EXPECT(cat_strings_has(&paths, ".config.a") && cat_strings_has(&paths, ".config.b"));
    EXPECT_INT(cat_expression_check("{{ nope( }}", WHERE, NULL, NULL), CAT_E_INVALID);
    EXPECT_INT(cat_expression_check("no expression", WHERE, NULL, NULL), 0);
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
