#include "base/memory.h"
#include "base/test.h"
#include "wire/json.h"

static cat_document *parse(const char *text)
{
    cat_document *document = NULL;
    cat_error error = {0};
    if (cat_document_parse(text, strlen(text), &CAT_JSON_CAPS, &document, &error) < 0)
        cat_test_fail(__FILE__, __LINE__, "%s: %s", text, error.message);
    return document;
}

static const char pod[] =
    "{\"kind\":\"Pod\",\"metadata\":{\"name\":\"a\",\"generation\":3,\"labels\":{\"app.kubernetes.io/"
    "name\":\"web\"}},"
    "\"spec\":{\"containers\":[{\"image\":\"x:1\"},{\"image\":\"y:2\"}],\"hostNetwork\":true,\"weight\":1.5},"
    "\"big\":18446744073709551615,\"low\":-9,\"none\":null}";

TEST("a view reads what a document reads")
{
    cat_autoptr(cat_document) document = parse(pod);
    REQUIRE(document);
    cat_view root = cat_document_root(document);
    EXPECT_TEXT(cat_view_text(root, "metadata.name"), "a");
    EXPECT_TEXT(cat_view_text(root, "spec.containers.1.image"), "y:2");
    EXPECT_TEXT(cat_view_text(cat_view_get(root, "kind"), NULL), "Pod");
    EXPECT_TEXT(cat_view_text(cat_view_get(root, "kind"), ""), "Pod");
    EXPECT_TEXT(cat_view_text_or(root, "metadata.namespace", "_"), "_");
    EXPECT(cat_view_text(root, "metadata") == NULL);
    EXPECT_INT(cat_view_int_or(root, "metadata.generation", -1), 3);
    EXPECT_INT(cat_view_int_or(root, "low", 0), -9);
    EXPECT_INT(cat_view_int_or(root, "big", -1), -1);
    EXPECT_INT(cat_view_int_or(root, "spec.weight", -1), -1);
    EXPECT(cat_view_bool_or(root, "spec.hostNetwork", false));
    EXPECT(cat_view_bool_or(root, "spec.absent", true));
    EXPECT_TEXT(cat_view_text(cat_view_member(cat_view_get(root, "metadata.labels"), "app.kubernetes.io/name"), NULL), "web");
    EXPECT(cat_view_is_object(root) && !cat_view_is_array(root));
    EXPECT(cat_view_is_array(cat_view_get(root, "spec.containers")));
    EXPECT_INT(cat_view_count(cat_view_get(root, "spec.containers")), 2);
    EXPECT_INT(cat_view_count(root), 6);
    EXPECT_INT(cat_view_count(cat_view_get(root, "kind")), 0);
    EXPECT(cat_view_get(root, "spec.containers.2").value == NULL);
    EXPECT(cat_view_get((cat_view){NULL}, "a").value == NULL);
    EXPECT(!cat_view_is_object((cat_view){NULL}));
}

TEST("walking gives members with their names and elements without")
{
    cat_autoptr(cat_document) document = parse("{\"a\":[1,[2],{}],\"b\":{\"c\":1},\"d\":3}");
    REQUIRE(document);
    cat_auto(cat_string) seen = CAT_STRING(200);
    const char *name;
    cat_view item;
    cat_view_iterator it = cat_view_each(cat_document_root(document));
    while (cat_view_next(&it, &name, &item))
        cat_string_appendf(&seen, "%s ", name);
    it = cat_view_each(cat_view_get(cat_document_root(document), "a"));
    while (cat_view_next(&it, &name, &item)) {
        cat_autofree char *text = cat_view_format(item);
        cat_string_appendf(&seen, "%s%s ", name ? name : "", text);
    }
    it = cat_view_each(cat_view_get(cat_document_root(document), "d"));
    EXPECT(!cat_view_next(&it, NULL, &item));
    EXPECT_TEXT(cat_string_get(&seen), "a b d 1 [2] {} ");
}

TEST("a view becomes a document and text with the same content")
{
    cat_autoptr(cat_document) document = parse(pod);
    REQUIRE(document);
    cat_autofree char *text = cat_view_format(cat_document_root(document));
    EXPECT_TEXT(text, pod);
    cat_autoptr(cat_document) smaller = parse("{\"a\":[1,-2,1.5,true,null,\"x\xc3\xa4\"],\"b\":{}}");
    cat_autojson json_t *json = cat_view_to_json(cat_document_root(smaller));
    cat_autofree char *again = cat_json_format(json);
    EXPECT_TEXT(again, "{\"a\":[1,-2,1.5,true,null,\"x\xc3\xa4\"],\"b\":{}}");
    EXPECT(cat_view_to_json((cat_view){NULL}) == NULL);
}

TEST("of a name that is there twice everybody sees the first")
{
    cat_autoptr(cat_document) document = parse("{\"a\":1,\"a\":2}");
    EXPECT_INT(cat_view_int_or(cat_document_root(document), "a", 0), 1);
    EXPECT_INT(cat_view_int_or(cat_view_member(cat_document_root(document), "a"), NULL, 0), 1);
    cat_autojson json_t *json = cat_view_to_json(cat_document_root(document));
    EXPECT_INT(cat_json_int_or(json, "a", 0), 1);
}

TEST("texts that are no JSON are refused with line and column")
{
    static const struct {
        const char *text, *message;
    } rows[] = {
        {"", "line 1, column 1"},
        {"{\"a\":\n 1,}", "line 2, column"},
        {"[1] 2", "line 1, column 5: something stands behind the end of the value"},
        {"\"\xff\"", "line 1, column 2"},
        {"\"a\\u0000b\"", "zero character"},
        {"NaN", "line 1"},
        {"1e999", "line 1, column 1: the number is wrong or too large"},
        {"{\"a\\u0000\":1}", "zero character"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cat_test_row("%s", rows[i].text);
        cat_document *document = NULL;
        cat_error error = {0};
        EXPECT_INT(cat_document_parse(rows[i].text, strlen(rows[i].text), &CAT_JSON_CAPS, &document, &error), CAT_E_INVALID);
        EXPECT(strstr(error.message, rows[i].message));
        EXPECT(document == NULL);
    }
    cat_autoptr(cat_document) allowed = parse("\"a\\\\u0000b\"");
    EXPECT_TEXT(cat_view_text(cat_document_root(allowed), NULL), "a\\u0000b");
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
