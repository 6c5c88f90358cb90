#include "core/catalog.h"

#include <stdlib.h>

#include "base/memory.h"
#include "base/test.h"

static void put(ctg_catalog *catalog, const char *text)
{
    json_t *value = NULL;
    cat_error error = {0};
    if (cat_json_parse(text, strlen(text), &CAT_JSON_CAPS, &value, &error) < 0 ||
        ctg_catalog_put(catalog, value, NULL, &error) < 0)
        cat_test_fail(__FILE__, __LINE__, "%s", error.message);
}

static void add(ctg_catalog *catalog, const char *source, const char *name, const char *version, const char *title,
                const char *tagline, const char *category, const char *tags, const char *visibility, const char *depends)
{
    cat_autofree char *text =
        cat_printf("{\"source\":\"%s\",\"name\":\"%s\",\"version\":\"%s\",\"digest\":\"git-tree:x\",\"readme\":\"# "
                   "%s\",\"icon\":\"data:image/svg+xml;base64,PA==\","
                   "\"registeredAt\":\"2026-11-24T08:00:00.000Z\",\"spec\":{\"card\":{\"title\":\"%s\",\"tagline\":\"%s\","
                   "\"category\":\"%s\",\"tags\":[%s]},"
                   "\"visibility\":\"%s\",\"depends\":[%s],\"manifests\":{\"sizes\":[\"small\",\"large\"]}}}",
                   source, name, version, title, title, tagline, category, tags, visibility, depends);
    put(catalog, text);
}

static ctg_catalog *make(void)
{
    ctg_catalog *catalog = ctg_catalog_create();
    add(catalog, "catalog", "bp-wordpress", "1.2.0", "WordPress", "Old", "websites", "\"cms\"", "listed", "");
    add(catalog, "catalog", "bp-wordpress", "1.10.0", "WordPress", "A website or blog that your editors run themselves",
        "websites", "\"cms\",\"blog\",\"php\"", "listed",
        "{\"blueprint\":\"bp-postgres\",\"version\":\"^1.4\",\"alias\":\"db\",\"when\":\"{{ true }}\"}");
    add(catalog, "catalog", "bp-wordpress", "2.0.0-rc.1", "WordPress", "Next", "websites", "\"cms\"", "listed", "");
    add(catalog, "catalog", "bp-postgres", "1.4.0", "PostgreSQL", "A database", "databases", "\"sql\"", "listed", "");
    add(catalog, "catalog", "bp-valkey", "8.1.0", "Valkey", "A cache in memory", "databases", "\"cache\",\"redis\"", "listed",
        "");
    add(catalog, "catalog-sovereign", "bp-ghost", "1.0.0", "Ghost", "A blog", "websites", "\"blog\"", "unlisted", "");
    add(catalog, "acme", "bp-shop", "1.0.0", "Shop", "Our own", "websites", "\"shop\"", "private",
        "{\"blueprint\":\"bp-postgres\",\"version\":\"*\",\"alias\":\"db\"},{\"blueprint\":\"bp-none\",\"version\":\"*\","
        "\"alias\":\"x\"}");
    ctg_catalog_index(catalog);
    return catalog;
}

static char *names_of(const json_t *result)
{
    cat_auto(cat_string) out = CAT_STRING(4096);
    size_t index;
    json_t *item;
    json_array_foreach(json_object_get(result, "items"), index, item)
        cat_string_appendf(&out, "%s%s/%s %s", index ? ", " : "", cat_json_text(item, "source"), cat_json_text(item, "name"),
                           cat_json_text(item, "version"));
    return cat_string_take(&out);
}

#define WORDPRESS "catalog/bp-wordpress 1.10.0"
#define POSTGRES "catalog/bp-postgres 1.4.0"
#define VALKEY "catalog/bp-valkey 8.1.0"
#define SHOP "acme/bp-shop 1.0.0"

TEST("what is typed finds words, their beginnings and small slips, best first")
{
    static const struct {
        const char *organization, *q, *names;
    } ROWS[] = {
        {"blue", NULL, POSTGRES ", " VALKEY ", " WORDPRESS},
        {"blue", "", POSTGRES ", " VALKEY ", " WORDPRESS},
        {"blue", "w", WORDPRESS},
        {"blue", "WORDPRESS", WORDPRESS},
        {"blue", "wordpres", WORDPRESS},
        {"blue", "wrodpress", WORDPRESS},
        {"blue", "wordprss", WORDPRESS},
        {"blue", "wirdprezs", WORDPRESS},
        {"blue", "postgers", POSTGRES},
        {"blue", "postgre sql", POSTGRES},
        {"blue", "bp-wordpress", WORDPRESS},
        {"blue", "databases", POSTGRES ", " VALKEY},
        {"blue", "database", POSTGRES ", " VALKEY},
        {"blue", "redis", VALKEY},
        {"blue", "blog editors", WORDPRESS},
        {"blue", "blog cache", ""},
        {"blue", "xyz", ""},
        {"blue", "old", ""},
        {"blue", "...", POSTGRES ", " VALKEY ", " WORDPRESS},
        {"blue", "bp-ghost", "catalog-sovereign/bp-ghost 1.0.0"},
        {"blue", "ghost", ""},
        {"blue", "shop", ""},
        {"acme", "shop", SHOP},
        {"acme", NULL, POSTGRES ", " SHOP ", " VALKEY ", " WORDPRESS},
        {NULL, "shop", ""},
    };
    ctg_catalog *catalog = make();
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        cat_test_row("%s: %s", ROWS[i].organization, ROWS[i].q ? ROWS[i].q : "(all)");
        cat_autojson json_t *result = NULL;
        ctg_query query = {.organization = ROWS[i].organization, .q = ROWS[i].q};
        EXPECT_INT(ctg_catalog_search(catalog, &query, &result, NULL), 0);
        cat_autofree char *names = names_of(result);
        EXPECT_TEXT(names, ROWS[i].names);
    }
    ctg_catalog_destroy(catalog);
}

TEST("accents, case and signs between words do not matter, and a part of a word is found when no word begins so")
{
    static const struct {
        const char *q, *names;
    } ROWS[] = {
        {"cafe", "catalog/bp-cafe 1.0.0"},
        {"CAF\u00c9", "catalog/bp-cafe 1.0.0"},
        {"cafe\u0301", "catalog/bp-cafe 1.0.0"},
        {"gro\u00dfe", "catalog/bp-cafe 1.0.0"},
        {"GROSSE", "catalog/bp-cafe 1.0.0"},
        {"buro", "catalog/bp-cafe 1.0.0"},
        {"\u041c\u0418\u0420", "catalog/bp-mir 1.0.0"},
        {"\u043c\u0438\u0440", "catalog/bp-mir 1.0.0"},
        {"press", WORDPRESS},
        {"gresql", POSTGRES},
        {"sql", POSTGRES},
        {"ss", ""},
        {"caf\u00eb", "catalog/bp-cafe 1.0.0"},
    };
    ctg_catalog *catalog = make();
    add(catalog, "catalog", "bp-cafe", "1.0.0", "\u00c9 Caf\u00e9\u2014Gro\u00dfe", "B\u00dcRO", "", "", "listed", "");
    add(catalog, "catalog", "bp-mir", "1.0.0", "\u041c\u0438\u0440", "", "", "", "listed", "");
    ctg_catalog_index(catalog);
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        cat_test_row("%s", ROWS[i].q);
        cat_autojson json_t *result = NULL;
        ctg_query query = {.organization = "blue", .q = ROWS[i].q};
        EXPECT_INT(ctg_catalog_search(catalog, &query, &result, NULL), 0);
        cat_autofree char *names = names_of(result);
        EXPECT_TEXT(names, ROWS[i].names);
    }
    cat_autojson json_t *all = NULL;
    ctg_query query = {.organization = "blue", .limit = 1};
    REQUIRE(ctg_catalog_search(catalog, &query, &all, NULL) == 0);
    cat_autofree char *first = names_of(all);
    EXPECT_TEXT(first, "catalog/bp-cafe 1.0.0");
    ctg_catalog_destroy(catalog);
}

TEST("what is not shown to an Organization does not change what it finds")
{
    ctg_catalog *catalog = make();
    add(catalog, "acme", "bp-own", "1.0.0", "Postgers redsi", "", "", "", "private", "");
    add(catalog, "catalog", "bp-hidden", "1.0.0", "Wordprss", "", "", "", "unlisted", "");
    ctg_catalog_index(catalog);
    static const struct {
        const char *organization, *q, *names;
    } ROWS[] = {{"blue", "postgers", POSTGRES},
                {"blue", "redsi", VALKEY},
                {"blue", "wordprss", WORDPRESS},
                {"acme", "postgers", "acme/bp-own 1.0.0"}};
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        cat_test_row("%s: %s", ROWS[i].organization, ROWS[i].q);
        cat_autojson json_t *result = NULL;
        ctg_query query = {.organization = ROWS[i].organization, .q = ROWS[i].q};
        EXPECT_INT(ctg_catalog_search(catalog, &query, &result, NULL), 0);
        cat_autofree char *names = names_of(result);
        EXPECT_TEXT(names, ROWS[i].names);
    }
    ctg_catalog_destroy(catalog);
}

static char *facet_of(const json_t *result, const char *facet)
{
    cat_auto(cat_string) out = CAT_STRING(4096);
    size_t index;
    json_t *item;
    json_array_foreach(cat_json_get(result, facet), index, item) cat_string_appendf(
        &out, "%s%s %lld", index ? ", " : "", cat_json_text(item, "value"), (long long)cat_json_int_or(item, "count", 0));
    return cat_string_take(&out);
}

TEST("facets count without their own choice, and choices narrow the list")
{
    ctg_catalog *catalog = make();
    cat_auto(cat_strings) categories = {0}, tags = {0};
    cat_strings_add(&categories, "databases");
    ctg_query query = {.organization = "acme", .categories = &categories, .tags = &tags};
    cat_autojson json_t *result = NULL, *narrower = NULL;
    REQUIRE(ctg_catalog_search(catalog, &query, &result, NULL) == 0);
    cat_autofree char *names = names_of(result), *by_category = facet_of(result, "facets.categories"),
                      *by_tag = facet_of(result, "facets.tags"), *by_source = facet_of(result, "facets.sources");
    EXPECT_TEXT(names, POSTGRES ", " VALKEY);
    EXPECT_TEXT(by_category, "databases 2, websites 2");
    EXPECT_TEXT(by_tag, "cache 1, redis 1, sql 1");
    EXPECT_TEXT(by_source, "catalog 2");
    EXPECT_INT(cat_json_int_or(result, "total", -1), 2);
    cat_strings_add(&tags, "sql");
    cat_strings_add(&tags, "php");
    REQUIRE(ctg_catalog_search(catalog, &query, &narrower, NULL) == 0);
    cat_autofree char *fewer = names_of(narrower);
    EXPECT_TEXT(fewer, POSTGRES);
    ctg_catalog_destroy(catalog);
}

TEST("pages go on behind the last item, whatever came meanwhile")
{
    ctg_catalog *catalog = make();
    ctg_query query = {.organization = "acme", .limit = 2};
    cat_autojson json_t *first = NULL, *second = NULL;
    REQUIRE(ctg_catalog_search(catalog, &query, &first, NULL) == 0);
    cat_autofree char *one = names_of(first);
    EXPECT_TEXT(one, POSTGRES ", " SHOP);
    add(catalog, "catalog", "bp-aaa", "1.0.0", "Aaa", "", "", "", "listed", "");
    ctg_catalog_index(catalog);
    query.cursor = cat_json_text(first, "next");
    REQUIRE(query.cursor && ctg_catalog_search(catalog, &query, &second, NULL) == 0);
    cat_autofree char *two = names_of(second);
    EXPECT_TEXT(two, VALKEY ", " WORDPRESS);
    EXPECT(json_is_null(json_object_get(second, "next")));
    ctg_catalog_destroy(catalog);
}

TEST("cursors and queries that are none are refused")
{
    static const struct {
        const char *q, *cursor;
    } ROWS[] = {{NULL, "x"}, {NULL, "YWJj"}, {NULL, ""}, {"\xff\xfe", NULL}, {NULL, "MR94"}};
    ctg_catalog *catalog = make();
    cat_auto(cat_string) text = CAT_STRING(1000);
    for (size_t i = 0; i <= CTG_QUERY_MAX; i++)
        cat_string_append_char(&text, 'a');
    json_t *result = NULL;
    ctg_query longest = {.q = cat_string_get(&text)};
    EXPECT_INT(ctg_catalog_search(catalog, &longest, &result, NULL), CAT_E_INVALID);
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        cat_test_row("row %zu", i);
        ctg_query query = {.q = ROWS[i].q, .cursor = ROWS[i].cursor};
        EXPECT_INT(ctg_catalog_search(catalog, &query, &result, NULL), CAT_E_INVALID);
    }
    ctg_catalog_destroy(catalog);
}

TEST("the page of a Blueprint shows the newest that is no prerelease, and all versions newest first")
{
    ctg_catalog *catalog = make();
    cat_autojson json_t *detail = ctg_catalog_detail(catalog, "blue", "catalog", "bp-wordpress", NULL),
                        *older = ctg_catalog_detail(catalog, "blue", "catalog", "bp-wordpress", "1.2.0"),
                        *none = ctg_catalog_detail(catalog, "blue", "catalog", "bp-wordpress", "9.9.9");
    EXPECT_TEXT(cat_json_text(detail, "version"), "1.10.0");
    EXPECT_TEXT(cat_json_text(detail, "versions.0.version"), "2.0.0-rc.1");
    EXPECT(cat_json_bool_or(detail, "versions.0.prerelease", false));
    EXPECT_TEXT(cat_json_text(detail, "versions.1.version"), "1.10.0");
    EXPECT_TEXT(cat_json_text(detail, "versions.2.version"), "1.2.0");
    EXPECT_TEXT(cat_json_text(detail, "readme"), "# WordPress");
    EXPECT_TEXT(cat_json_text(detail, "sizes.1"), "large");
    EXPECT_TEXT(cat_json_text(older, "tagline"), "Old");
    EXPECT(none == NULL);
    ctg_catalog_destroy(catalog);
}

TEST("who asks for what is not there is told what was probably meant, of what is listed for them")
{
    static const struct {
        const char *organization, *source, *name, *version, *message;
    } rows[] = {
        {"blue", "catalog", "wordpress", NULL, "there is no Blueprint wordpress of catalog; bp-wordpress of catalog is there"},
        {"blue", "acme", "bp-wordpress", NULL, "there is no Blueprint bp-wordpress of acme; bp-wordpress of catalog is there"},
        {"blue", "catalog", "bp-wordpress", "9.9.9",
         "there is no version 9.9.9 of Blueprint bp-wordpress of catalog; the newest is 1.10.0"},
        {"blue", "catalog", "shop", NULL, "there is no Blueprint shop of catalog"},
        {"acme", "catalog", "shop", NULL, "there is no Blueprint shop of catalog; bp-shop of acme is there"},
        {"blue", "catalog-sovereign", "ghost", NULL, "there is no Blueprint ghost of catalog-sovereign"},
    };
    ctg_catalog *catalog = make();
    ctg_catalog_index(catalog);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cat_test_row("%s", rows[i].message);
        cat_error error = {0};
        EXPECT_INT(ctg_catalog_missing(catalog, rows[i].organization, rows[i].source, rows[i].name, rows[i].version, &error),
                   CAT_E_NOT_FOUND);
        EXPECT_TEXT(error.message, rows[i].message);
    }
    ctg_catalog_destroy(catalog);
}

TEST("an Organization's own Blueprint does not exist for anybody else")
{
    ctg_catalog *catalog = make();
    cat_autojson json_t *own = ctg_catalog_detail(catalog, "acme", "acme", "bp-shop", NULL),
                        *others = ctg_catalog_detail(catalog, "blue", "acme", "bp-shop", NULL),
                        *nobodys = ctg_catalog_detail(catalog, NULL, "acme", "bp-shop", NULL),
                        *unlisted = ctg_catalog_detail(catalog, "blue", "catalog-sovereign", "bp-ghost", NULL);
    json_t *result = NULL;
    EXPECT(own != NULL && others == NULL && nobodys == NULL && unlisted != NULL);
    EXPECT_INT(ctg_catalog_dependencies(catalog, "blue", "acme", "bp-shop", "1.0.0", &result, NULL), CAT_E_NOT_FOUND);
    ctg_catalog_destroy(catalog);
}

TEST("the tree of dependencies names versions that fit, and what nobody offers")
{
    ctg_catalog *catalog = make();
    cat_autojson json_t *tree = NULL, *shop = NULL;
    REQUIRE(ctg_catalog_dependencies(catalog, "blue", "catalog", "bp-wordpress", "1.10.0", &tree, NULL) == 0);
    EXPECT_INT(json_array_size(json_object_get(tree, "items")), 1);
    EXPECT_TEXT(cat_json_text(tree, "items.0.blueprint"), "bp-postgres");
    EXPECT_TEXT(cat_json_text(tree, "items.0.version"), "1.4.0");
    EXPECT_TEXT(cat_json_text(tree, "items.0.when"), "{{ true }}");
    REQUIRE(ctg_catalog_dependencies(catalog, "acme", "acme", "bp-shop", "1.0.0", &shop, NULL) == 0);
    EXPECT_TEXT(cat_json_text(shop, "items.0.source"), "catalog");
    EXPECT_TEXT(cat_json_text(shop, "items.1.version"), "");
    ctg_catalog_destroy(catalog);
}

TEST("versions that go away are no longer shown, and a Blueprint goes with its last")
{
    ctg_catalog *catalog = make();
    cat_autofree char *family = NULL;
    ctg_catalog_remove(catalog, "catalog.bp-wordpress.1.10.0", &family);
    EXPECT_TEXT(family, "catalog.bp-wordpress");
    EXPECT(!ctg_catalog_is_indexed(catalog));
    cat_autojson json_t *card = ctg_catalog_card(catalog, "catalog.bp-wordpress");
    EXPECT_TEXT(cat_json_text(card, "version"), "1.2.0");
    size_t before = ctg_catalog_count(catalog);
    ctg_catalog_remove(catalog, "catalog.bp-valkey.8.1.0", NULL);
    ctg_catalog_remove(catalog, "catalog.bp-valkey.8.1.0", NULL);
    ctg_catalog_remove(catalog, "nonsense", NULL);
    EXPECT_INT(ctg_catalog_count(catalog), before - 1);
    EXPECT(ctg_catalog_card(catalog, "catalog.bp-valkey") == NULL);
    ctg_catalog_destroy(catalog);
}

TEST("a value that is no Blueprint is refused and changes nothing")
{
    static const char *const VALUES[] = {"{}", "{\"source\":\"catalog\",\"name\":\"bp-x\",\"version\":\"1\",\"spec\":{}}",
                                         "{\"source\":\"catalog\",\"name\":\"bp-x\",\"version\":\"1.0.0\"}", "[]"};
    ctg_catalog *catalog = make();
    size_t before = ctg_catalog_count(catalog);
    for (size_t i = 0; i < sizeof VALUES / sizeof *VALUES; i++) {
        json_t *value = NULL;
        REQUIRE(cat_json_parse(VALUES[i], strlen(VALUES[i]), &CAT_JSON_CAPS, &value, NULL) == 0);
        EXPECT_INT(ctg_catalog_put(catalog, value, NULL, NULL), CAT_E_INVALID);
    }
    EXPECT_INT(ctg_catalog_count(catalog), before);
    EXPECT(ctg_catalog_is_indexed(catalog));
    ctg_catalog_destroy(catalog);
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
