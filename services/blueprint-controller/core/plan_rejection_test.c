#include "core/plan_rejection.h"

#include "base/memory.h"
#include "base/test.h"

static json_t *parse(const char *text)
{
    json_t *json = NULL;
    cat_error error = {0};
    if (cat_json_parse(text, strlen(text), &CAT_JSON_CAPS, &json, &error) < 0)
        cat_test_fail(__FILE__, __LINE__, "%s", error.message);
    return json;
}

static char *joined(json_t *keys_taken)
{
    cat_autojson json_t *keys = keys_taken;
    cat_auto(cat_string) out = CAT_STRING(65536);
    size_t index;
    json_t *key;
    json_array_foreach(keys, index, key) cat_string_appendf(&out, "%s%s", index ? " " : "", json_string_value(key));
    return cat_string_take(&out);
}

static json_t *item_with(size_t errors, const char *file, const char *message)
{
    json_t *item = cat_json_object("source", json_string("acme"), "name", json_string("bp-shop"), "version", json_string("1.0.0"),
                                   "repository", json_string("acme/shared-blueprints"), "path", json_string("bp-shop"), "tag",
                                   json_string("bp-shop/v1.0.0"), "commit", json_string("abc"), "reason", json_string("Invalid"),
                                   "errors", json_array(), NULL);
    for (size_t i = 0; i < errors; i++)
        json_array_append_new(json_object_get(item, "errors"),
                              cat_json_object("file", json_string(file), "line", json_integer((json_int_t)i + 1), "column",
                                              json_integer(3), "pointer", json_string("/spec"), "message", json_string(message),
                                              NULL));
    return item;
}

TEST("an entry says everything of a version, and where its folder is in Git at that commit")
{
    cat_autojson json_t *item = item_with(1, "blueprint.yaml", "colour is no field of spec");
    cat_autojson json_t *entry = bpc_rejection_make(item, "https://git.example.org", "2026-11-24T08:00:00.000Z");
    cat_autojson json_t *expected =
        parse("{\"source\":\"acme\",\"name\":\"bp-shop\",\"version\":\"1.0.0\",\"repository\":\"acme/shared-blueprints\","
              "\"path\":\"bp-shop\",\"tag\":\"bp-shop/v1.0.0\",\"commit\":\"abc\",\"reason\":\"Invalid\","
              "\"url\":\"https://git.example.org/acme/shared-blueprints/src/commit/abc/bp-shop\","
              "\"foundAt\":\"2026-11-24T08:00:00.000Z\",\"errors\":[{\"file\":\"blueprint.yaml\",\"line\":1,\"column\":3,"
              "\"pointer\":\"/spec\",\"message\":\"colour is no field of spec\"}]}");
    EXPECT(json_equal(entry, expected));
    cat_autojson json_t *nowhere = bpc_rejection_make(item, NULL, "");
    EXPECT(json_object_get(nowhere, "url") == NULL);
}

TEST("an entry has a ceiling, says how many errors it leaves out, and keeps at least one")
{
    char much[8001];
    memset(much, '\001', sizeof much - 1);
    much[sizeof much - 1] = '\0';
    static const char LONG[] =
        "a sentence that says at some length what was found there, and what would be expected in its place "
        "so that the version could be registered";
    const struct {
        size_t errors;
        const char *file, *message;
        int kept_at_least, kept_at_most;
    } ROWS[] = {{0, "", "", 0, 0},
                {3, "blueprint.yaml", "short", 3, 3},
                {50, "blueprint.yaml", LONG, 20, 49},
                {50, much, much, 1, 1},
                {1, much, much, 1, 1}};
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        cat_test_row("row %zu", i);
        cat_autojson json_t *item = item_with(ROWS[i].errors, ROWS[i].file, ROWS[i].message);
        cat_autojson json_t *entry = bpc_rejection_make(item, "https://git.example.org", "2026-11-24T08:00:00.000Z");
        cat_autofree char *text = cat_json_format(entry);
        int kept = (int)json_array_size(json_object_get(entry, "errors"));
        EXPECT(strlen(text) <= BPC_REJECTION_MAX_BYTES);
        EXPECT(kept >= ROWS[i].kept_at_least && kept <= ROWS[i].kept_at_most);
        EXPECT_INT(cat_json_int_or(entry, "moreErrors", 0), (int)ROWS[i].errors - kept);
    }
}

TEST("a message that is too long is cut between letters")
{
    char letters[1203];
    for (size_t i = 0; i + 2 < sizeof letters; i += 2)
        memcpy(letters + i + 1, "\xc3\xa9", 2);
    letters[0] = 'x';
    letters[1201] = '\0';
    cat_autojson json_t *item = item_with(1, "blueprint.yaml", letters);
    cat_autojson json_t *entry = bpc_rejection_make(item, NULL, "");
    EXPECT_INT(strlen(cat_json_text_or(entry, "errors.0.message", "")), 499);
}

static const char KEPT[] =
    "{\"acme.bp-a.1.0.0\":{\"repository\":\"acme/shared-blueprints\",\"tag\":\"bp-a/v1.0.0\",\"commit\":\"a\"},"
    "\"acme.bp-a.1.1.0\":{\"repository\":\"acme/shared-blueprints\",\"tag\":\"bp-a/v1.1.0\",\"commit\":\"a\"},"
    "\"blue.bp-a.1.0.0\":{\"repository\":\"blue/shared-blueprints\",\"tag\":\"bp-a/v1.0.0\",\"commit\":\"a\"},"
    "\"catalog.bp-x.1.0.0\":{\"repository\":\"catalog/bp-x\",\"tag\":\"v1.0.0\",\"commit\":\"a\"}}";

TEST("a rejection is over when its version was registered, or its tag or its repository is gone, and not when its tag moves")
{
    static const struct {
        const char *repository, *tags, *registered, *over;
    } ROWS[] = {
        {"acme/shared-blueprints", "{\"bp-a/v1.0.0\":\"a\",\"bp-a/v1.1.0\":\"a\"}", "{}", ""},
        {"acme/shared-blueprints", "{\"bp-a/v1.0.0\":\"b\",\"bp-a/v1.1.0\":\"a\"}", "{}", ""},
        {"acme/shared-blueprints", "{\"bp-a/v1.0.0\":\"a\"}", "{}", "acme.bp-a.1.1.0"},
        {"acme/shared-blueprints", "{\"bp-a/v1.0.0\":\"b\",\"bp-a/v1.1.0\":\"a\"}", "{\"acme.bp-a.1.0.0\":{}}",
         "acme.bp-a.1.0.0"},
        {"acme/shared-blueprints", "{}", "{}", "acme.bp-a.1.0.0 acme.bp-a.1.1.0"},
        {"acme/shared-blueprints", NULL, "{}", "acme.bp-a.1.0.0 acme.bp-a.1.1.0"},
        {"catalog/bp-x", NULL, "{}", "catalog.bp-x.1.0.0"},
        {"catalog/bp-y", NULL, "{}", ""},
    };
    cat_autojson json_t *rejected = parse(KEPT);
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        cat_test_row("row %zu, %s", i, ROWS[i].repository);
        cat_autojson json_t *tags = ROWS[i].tags ? parse(ROWS[i].tags) : NULL, *registered = parse(ROWS[i].registered);
        cat_autofree char *over = joined(bpc_rejection_over(ROWS[i].repository, tags, registered, rejected));
        EXPECT_TEXT(over, ROWS[i].over);
    }
}

TEST("what is kept of repositories that are gone goes, but where no Organization is known nothing is concluded about theirs")
{
    static const struct {
        const char *repositories[4], *away;
    } ROWS[] = {
        {{"catalog/bp-x", "acme/shared-blueprints", "blue/shared-blueprints"}, ""},
        {{"catalog/bp-x", "acme/shared-blueprints"}, "blue.bp-a.1.0.0"},
        {{"blue/shared-blueprints"}, "acme.bp-a.1.0.0 acme.bp-a.1.1.0 catalog.bp-x.1.0.0"},
        {{"catalog/bp-y"}, "catalog.bp-x.1.0.0"},
        {{NULL}, "catalog.bp-x.1.0.0"},
    };
    cat_autojson json_t *rejected = parse(KEPT);
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        cat_test_row("row %zu", i);
        cat_auto(cat_strings) repositories = {0};
        for (size_t k = 0; ROWS[i].repositories[k]; k++)
            cat_strings_add(&repositories, ROWS[i].repositories[k]);
        cat_autofree char *away = joined(bpc_rejection_away(&repositories, rejected));
        EXPECT_TEXT(away, ROWS[i].away);
    }
}

TEST("of one source the newest hundred are kept, of one look the higher versions, and other sources do not count")
{
    cat_autojson json_t *rejected = json_object();
    for (int i = 0; i < BPC_REJECTIONS_MAX + 2; i++) {
        cat_autofree char *version = cat_printf("1.%d.0", i), *key = cat_printf("acme.bp-a.%s", version),
                          *other = cat_printf("blue.bp-a.%s", version);
        const char *found_at = i == 50 ? "2026-11-24T07:00:00.000Z" : "2026-11-24T08:00:00.000Z";
        json_object_set_new(rejected, key,
                            cat_json_object("source", json_string("acme"), "version", json_string(version), "foundAt",
                                            json_string(found_at), NULL));
        if (i < BPC_REJECTIONS_MAX)
            json_object_set_new(rejected, other,
                                cat_json_object("source", json_string("blue"), "version", json_string(version), "foundAt",
                                                json_string(found_at), NULL));
    }
    cat_autofree char *acme = joined(bpc_rejection_excess("acme", rejected)),
                      *blue = joined(bpc_rejection_excess("blue", rejected));
    EXPECT_TEXT(acme, "acme.bp-a.1.0.0 acme.bp-a.1.50.0");
    EXPECT_TEXT(blue, "");
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
