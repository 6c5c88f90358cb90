#include "core/catalog_rejections.h"

#include "base/memory.h"
#include "base/test.h"

static int put(ctg_rejections *rejections, const char *source, const char *name, const char *version, const char *found_at)
{
    cat_autofree char *key = cat_printf("%s.%s.%s", source, name, version);
    json_t *value = cat_json_object("source", json_string(source), "name", json_string(name), "version", json_string(version),
                                    "tag", json_string("v1"), "commit", json_string("c"), "reason", json_string("Invalid"),
                                    "foundAt", json_string(found_at), "errors", json_array(), NULL);
    return ctg_rejections_put(rejections, key, value, NULL);
}

static ctg_rejections *make(void)
{
    ctg_rejections *rejections = ctg_rejections_create();
    put(rejections, "acme", "bp-shop", "1.0.0", "2026-11-24T08:00:00.000Z");
    put(rejections, "acme", "bp-shop", "1.1.0", "2026-11-24T09:00:00.000Z");
    put(rejections, "acme", "bp-news", "2.0.0", "2026-11-24T09:00:00.000Z");
    put(rejections, "blue", "bp-shop", "3.0.0", "2026-11-24T10:00:00.000Z");
    put(rejections, "catalog", "bp-wordpress", "4.0.0", "2026-11-24T07:00:00.000Z");
    put(rejections, "catalog-sovereign", "bp-ghost", "5.0.0", "2026-11-24T06:00:00.000Z");
    return rejections;
}

static char *versions_of(const json_t *result)
{
    cat_auto(cat_string) out = CAT_STRING(4096);
    size_t index;
    json_t *item;
    json_array_foreach(json_object_get(result, "items"), index, item)
        cat_string_appendf(&out, "%s%s", index ? " " : "", cat_json_text(item, "version"));
    return cat_string_take(&out);
}

TEST("an Organization sees its own alone, who runs the Sovereign those of the catalogs, and nobody counts another's")
{
    static const struct {
        const char *organization;
        bool runs_sovereign;
        const char *blueprint, *versions;
        int total;
    } ROWS[] = {
        {"acme", false, NULL, "2.0.0 1.1.0 1.0.0", 3},
        {"acme", true, NULL, "2.0.0 1.1.0 1.0.0", 3}, /* who runs the Sovereign, asking for acme */
        {"acme", false, "bp-shop", "1.1.0 1.0.0", 2},
        {"acme", false, "bp-wordpress", "", 0},
        {"blue", false, NULL, "3.0.0", 1},
        {"none", false, NULL, "", 0},
        {"system", true, NULL, "4.0.0 5.0.0", 2},
        {"system", true, "bp-ghost", "5.0.0", 1},
        {"system", false, NULL, "", 0},
        {"catalog", false, NULL, "", 0}, /* no Organization may be named so; if one were, it would see nothing */
        {NULL, true, NULL, "", 0},
    };
    ctg_rejections *rejections = make();
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        cat_test_row("row %zu, %s", i, ROWS[i].organization);
        cat_autojson json_t *result = NULL;
        ctg_rejections_query query = {ROWS[i].organization, ROWS[i].runs_sovereign, ROWS[i].blueprint, NULL, 50};
        EXPECT_INT(ctg_rejections_list(rejections, &query, &result, NULL), 0);
        cat_autofree char *versions = versions_of(result);
        EXPECT_TEXT(versions, ROWS[i].versions);
        EXPECT_INT(cat_json_int_or(result, "total", -1), ROWS[i].total);
    }
    ctg_rejections_destroy(rejections);
}

TEST("a list is continued where the page ended, whatever went meanwhile, and a cursor of somebody's own is refused")
{
    ctg_rejections *rejections = make();
    cat_autojson json_t *first = NULL, *second = NULL, *none = NULL;
    ctg_rejections_query query = {.organization = "acme", .limit = 2};
    EXPECT_INT(ctg_rejections_list(rejections, &query, &first, NULL), 0);
    cat_autofree char *shown = versions_of(first);
    EXPECT_TEXT(shown, "2.0.0 1.1.0");
    ctg_rejections_remove(rejections, "acme.bp-shop.1.1.0");
    query.cursor = cat_json_text(first, "next");
    EXPECT_INT(ctg_rejections_list(rejections, &query, &second, NULL), 0);
    cat_autofree char *rest = versions_of(second);
    EXPECT_TEXT(rest, "1.0.0");
    EXPECT(json_is_null(json_object_get(second, "next")));
    query.cursor = "mine";
    EXPECT_INT(ctg_rejections_list(rejections, &query, &none, NULL), CAT_E_INVALID);
    ctg_rejections_destroy(rejections);
}

TEST("what is no rejection is not kept, nor what stood there before")
{
    ctg_rejections *rejections = make();
    cat_autojson json_t *result = NULL;
    EXPECT_INT(ctg_rejections_put(rejections, "blue.bp-shop.3.0.0", json_object(), NULL), CAT_E_INVALID);
    ctg_rejections_query query = {.organization = "blue", .limit = 50};
    EXPECT_INT(ctg_rejections_list(rejections, &query, &result, NULL), 0);
    EXPECT_INT(cat_json_int_or(result, "total", -1), 0);
    ctg_rejections_destroy(rejections);
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
