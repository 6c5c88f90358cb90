#include "core/plan_testing.h"

#include "base/test.h"
#include "wire/kubernetes.h"
#include "wire/yaml.h"

#define A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

static json_t *parse(const char *text)
{
    json_t *json = NULL;
    cat_error error = {0};
    if (cat_json_parse(text, strlen(text), &CAT_JSON_CAPS, &json, &error) < 0)
        cat_test_fail(__FILE__, __LINE__, "%s", error.message);
    return json;
}

static char *looks_of(const char *repository, const char *references, const char *registered, const char *settled)
{
    cat_autojson json_t *refs = parse(references), *known = parse(registered), *judged = parse(settled);
    bool more = false;
    cat_autojson json_t *looks = bpc_plan_look(repository, refs, known, judged, &more);
    cat_auto(cat_string) out = CAT_STRING(4096);
    size_t index;
    json_t *look;
    json_array_foreach(looks, index, look)
        cat_string_appendf(&out, "%s %.1s %s '%s'\n", cat_json_text(look, "key"), cat_json_text(look, "commit"),
                           cat_json_text(look, "why"), cat_json_text(look, "path"));
    return cat_string_take(&out);
}

TEST("tags that are versions are looked at, oldest first, and others are somebody's own")
{
    static const struct {
        const char *repository, *references, *registered, *settled, *looks;
    } ROWS[] = {
        {"catalog/bp-x",
         "[{\"name\":\"refs/heads/main\",\"id\":\"" A "\"},{\"name\":\"refs/tags/v1.10.0\",\"id\":\"" A "\"},"
         "{\"name\":\"refs/tags/v1.9.0\",\"id\":\"" B "\"},{\"name\":\"refs/tags/nightly\",\"id\":\"" A "\"},"
         "{\"name\":\"refs/tags/v1.2\",\"id\":\"" A "\"},{\"name\":\"refs/tags/bp-x/v3.0.0\",\"id\":\"" A "\"}]",
         "{}", "{}", "catalog.bp-x.1.9.0 b new ''\ncatalog.bp-x.1.10.0 a new ''\n"},
        {"acme/shared-blueprints",
         "[{\"name\":\"refs/tags/bp-a/v1.0.0\",\"id\":\"" A "\"},{\"name\":\"refs/tags/v1.0.0\",\"id\":\"" A "\"},"
         "{\"name\":\"refs/tags/a/v1.0.0\",\"id\":\"" A "\"},{\"name\":\"refs/tags/bp-a/b/v1.0.0\",\"id\":\"" A "\"}]",
         "{}", "{}", "acme.bp-a.1.0.0 a new 'bp-a'\n"},
        {"catalog/bp-x", "[{\"name\":\"refs/tags/v1.0.0\",\"id\":\"" A "\"},{\"name\":\"refs/tags/v1.0.0^{}\",\"id\":\"" B "\"}]",
         "{}", "{}", "catalog.bp-x.1.0.0 b new ''\n"},
        {"catalog/bp-x", "[{\"name\":\"refs/tags/v1.0.0\",\"id\":\"" A "\"}]", "{\"catalog.bp-x.1.0.0\":{\"commit\":\"" A "\"}}",
         "{}", ""},
        {"catalog/bp-x", "[{\"name\":\"refs/tags/v1.0.0\",\"id\":\"" B "\"}]", "{\"catalog.bp-x.1.0.0\":{\"commit\":\"" A "\"}}",
         "{}", "catalog.bp-x.1.0.0 b changed ''\n"},
        {"catalog/bp-x", "[{\"name\":\"refs/tags/v1.0.0\",\"id\":\"" B "\"}]",
         "{\"catalog.bp-x.1.0.0\":{\"commit\":\"" A "\",\"moved\":\"" B "\"}}", "{}", ""},
        {"catalog/bp-x", "[{\"name\":\"refs/tags/v1.0.0\",\"id\":\"" A "\"}]",
         "{\"catalog.bp-x.1.0.0\":{\"commit\":\"" A "\",\"moved\":\"" B "\"}}", "{}", "catalog.bp-x.1.0.0 a changed ''\n"},
        {"catalog/bp-x", "[{\"name\":\"refs/tags/v1.0.0\",\"id\":\"" A "\"}]", "{}", "{\"catalog.bp-x.1.0.0\":\"" A "\"}", ""},
        {"catalog/bp-x", "[{\"name\":\"refs/tags/v1.0.0\",\"id\":\"" B "\"}]", "{}", "{\"catalog.bp-x.1.0.0\":\"" A "\"}",
         "catalog.bp-x.1.0.0 b new ''\n"},
        {"acme/blog", "[{\"name\":\"refs/tags/v1.0.0\",\"id\":\"" A "\"}]", "{}", "{}", ""},
        {"catalog/website", "[{\"name\":\"refs/tags/v1.0.0\",\"id\":\"" A "\"}]", "{}", "{}", ""},
        {"system/shared-blueprints", "[{\"name\":\"refs/tags/bp-a/v1.0.0\",\"id\":\"" A "\"}]", "{}", "{}", ""},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        cat_test_row("row %zu, %s", i, ROWS[i].repository);
        cat_autofree char *looks = looks_of(ROWS[i].repository, ROWS[i].references, ROWS[i].registered, ROWS[i].settled);
        EXPECT_TEXT(looks, ROWS[i].looks);
    }
}

TEST("a repository with more tags than one batch says that there are others, and gives the oldest")
{
    cat_autojson json_t *references = json_array(), *nothing = json_object();
    for (int i = 0; i < 150; i++) {
        cat_autofree char *name = cat_printf("refs/tags/v1.%d.0", i);
        json_array_append_new(references, cat_json_object("name", json_string(name), "id", json_string(A), NULL));
    }
    bool more = false;
    cat_autojson json_t *looks = bpc_plan_look("catalog/bp-x", references, nothing, nothing, &more);
    EXPECT(more);
    EXPECT_INT(json_array_size(looks), BPC_BATCH_MAX);
    EXPECT_TEXT(cat_json_text(json_array_get(looks, 0), "version"), "1.0.0");
    EXPECT_TEXT(cat_json_text(json_array_get(looks, 99), "version"), "1.99.0");
}

static json_t *look_of(const char *source, const char *name, const char *version, const char *commit, const char *why,
                       const char *tree)
{
    cat_autofree char *key = cat_printf("%s.%s.%s", source, name, version), *tag = cat_printf("v%s", version),
                      *repository = cat_printf("%s/%s", source, name);
    return cat_json_object("key", json_string(key), "source", json_string(source), "name", json_string(name), "version",
                           json_string(version), "repository", json_string(repository), "path", json_string(""), "tag",
                           json_string(tag), "commit", json_string(commit), "why", json_string(why), "tree", json_string(tree),
                           NULL);
}

static json_t *folder_of(const char *name)
{
    cat_autofree char *root = cat_printf("blueprints/%s", name);
    json_t *files = json_object();
    testing_read(root, "", files);
    return files;
}

TEST("new versions are registered or rejected, moved tags are noted and never change what was registered")
{
    bpc_checker *checker = testing_checker();
    REQUIRE(checker);
    cat_autojson json_t *looks = json_array();
    json_t *good = look_of("catalog", "bp-valkey", "8.1.0", A, "new", A);
    json_t *files = folder_of("bp-valkey");
    cat_autojson json_t *document = NULL;
    const char *text = json_string_value(json_object_get(files, "blueprint.yaml"));
    REQUIRE(text && cat_yaml_parse(text, strlen(text), &CAT_YAML_CAPS, &document, NULL, NULL) == 0);
    const char *version = cat_json_text(document, "metadata.version");
    cat_json_set_text(good, "version", version);
    json_object_set_new(good, "files", files);
    json_array_append_new(looks, good);
    json_t *broken = look_of("catalog", "bp-broken", "1.0.0", A, "new", A);
    json_object_set_new(broken, "files", json_object());
    json_array_append_new(looks, broken);
    json_t *lost = look_of("catalog", "bp-lost", "1.0.0", A, "new", A);
    cat_json_set_text(lost, "unreadable", "its folder has 900 files, at most 500 are allowed");
    json_array_append_new(looks, lost);
    json_t *linked = look_of("catalog", "bp-linked", "1.0.0", A, "new", A);
    cat_json_set_text(linked, "unreadable", "manifests/app.yaml is a link");
    cat_json_set_text(linked, "unreadableAt", "manifests/app.yaml");
    json_array_append_new(looks, linked);
    json_array_append_new(looks, look_of("catalog", "bp-moved", "1.0.0", B, "changed", B));
    json_t *gone = look_of("catalog", "bp-gone", "1.0.0", B, "changed", A);
    cat_json_set_text(gone, "unreadable", "there is no folder bp-gone");
    json_array_append_new(looks, gone);
    json_array_append_new(looks, look_of("catalog", "bp-back", "1.0.0", A, "changed", A));
    json_array_append_new(looks, look_of("catalog", "bp-same", "1.0.0", B, "changed", A));
    cat_autojson json_t *facts =
        parse("{\"now\":\"2026-11-24T08:00:00.000Z\",\"registered\":{"
              "\"catalog.bp-moved.1.0.0\":{\"digest\":\"git-tree:" A "\",\"commit\":\"" A "\"},"
              "\"catalog.bp-gone.1.0.0\":{\"digest\":\"git-tree:" A "\",\"commit\":\"" A "\"},"
              "\"catalog.bp-back.1.0.0\":{\"digest\":\"git-tree:" A "\",\"commit\":\"" A "\",\"moved\":\"" B "\"},"
              "\"catalog.bp-same.1.0.0\":{\"digest\":\"git-tree:" A "\",\"commit\":\"" A "\"}}}");
    json_object_set(facts, "looks", looks);
    cat_autojson json_t *plan = bpc_plan_make(checker, facts);
    cat_autofree char *printed = bpc_plan_print(plan);
    cat_autofree char *expected = cat_printf("register catalog bp-valkey %s: v8.1.0 of catalog/bp-valkey at aaaaaaaaaaaa\n"
                                             "reject catalog bp-broken 1.0.0: v1.0.0 of catalog/bp-broken at aaaaaaaaaaaa\n"
                                             "    blueprint.yaml:1:1: the file is missing\n"
                                             "reject catalog bp-lost 1.0.0: v1.0.0 of catalog/bp-lost at aaaaaaaaaaaa\n"
                                             "    .:1:1: its folder has 900 files, at most 500 are allowed\n"
                                             "reject catalog bp-linked 1.0.0: v1.0.0 of catalog/bp-linked at aaaaaaaaaaaa\n"
                                             "    manifests/app.yaml:1:1: manifests/app.yaml is a link\n"
                                             "moved catalog bp-moved 1.0.0: v1.0.0 of catalog/bp-moved at bbbbbbbbbbbb\n"
                                             "moved catalog bp-gone 1.0.0: v1.0.0 of catalog/bp-gone at bbbbbbbbbbbb\n"
                                             "back catalog bp-back 1.0.0: v1.0.0 of catalog/bp-back at aaaaaaaaaaaa\n"
                                             "same catalog bp-same 1.0.0: v1.0.0 of catalog/bp-same at bbbbbbbbbbbb\n",
                                             version);
    EXPECT_TEXT(printed, expected);
    bpc_checker_destroy(checker);
}

TEST("a registered version whose tag is gone is said to be so once, and no more when the tag is there again")
{
    cat_autojson json_t *registered = parse(
        "{\"catalog.bp-x.1.0.0\":{\"repository\":\"catalog/bp-x\",\"tag\":\"v1.0.0\",\"commit\":\"" A "\"},"
        "\"catalog.bp-x.1.1.0-rc.1\":{\"repository\":\"catalog/bp-x\",\"tag\":\"v1.1.0-rc.1\",\"commit\":\"" A "\"},"
        "\"catalog.bp-x.2.0.0\":{\"repository\":\"catalog/bp-x\",\"tag\":\"v2.0.0\",\"tagGone\":\"2026-11-24T08:00:00.000Z\"},"
        "\"catalog.bp-x.3.0.0\":{\"repository\":\"catalog/bp-x\",\"tag\":\"v3.0.0\",\"tagGone\":\"2026-11-24T08:00:00.000Z\"},"
        "\"catalog.bp-old.1.0.0\":{\"digest\":\"git-tree:" A "\"},"
        "\"catalog.bp-y.1.0.0\":{\"repository\":\"catalog/bp-y\",\"tag\":\"v1.0.0\"}}");
    cat_autojson json_t *tags = parse("{\"v1.0.0\":\"" A "\",\"v2.0.0\":\"" B "\"}");
    cat_autojson json_t *gone = json_array(), *found = json_array();
    bpc_plan_tags_gone("catalog/bp-x", tags, registered, gone, found);
    EXPECT_INT(json_array_size(gone), 1);
    EXPECT_TEXT(cat_json_text(gone, "0.key"), "catalog.bp-x.1.1.0-rc.1");
    EXPECT_TEXT(cat_json_text(gone, "0.name"), "bp-x");
    EXPECT_TEXT(cat_json_text(gone, "0.version"), "1.1.0-rc.1");
    EXPECT_TEXT(cat_json_text(gone, "0.tag"), "v1.1.0-rc.1");
    EXPECT_INT(json_array_size(found), 1);
    EXPECT_TEXT(cat_json_text(found, "0.key"), "catalog.bp-x.2.0.0");
    json_array_clear(gone);
    bpc_plan_tags_gone("catalog/bp-y", NULL, registered, gone, found); /* all of it is gone */
    EXPECT_TEXT(cat_json_text(gone, "0.key"), "catalog.bp-y.1.0.0");
}

TEST("an entry makes an object whose file can be read back into the same entry")
{
    cat_autojson json_t *entry =
        parse("{\"source\":\"acme\",\"name\":\"bp-shop\",\"version\":\"1.2.0-rc.1\",\"digest\":\"git-tree:" A "\","
              "\"repository\":\"acme/shared-blueprints\",\"path\":\"bp-shop\",\"tag\":\"bp-shop/v1.2.0-rc.1\","
              "\"commit\":\"" B "\",\"tree\":\"" A "\",\"spec\":{\"source\":\"acme\",\"name\":\"bp-shop\","
              "\"version\":\"1.2.0-rc.1\",\"digest\":\"git-tree:" A "\",\"card\":{\"title\":\"Shop\"}},"
              "\"readme\":\"\",\"registeredAt\":\"2026-11-24T08:00:00.000Z\"}");
    cat_autofree char *file = bpc_plan_file(entry);
    EXPECT_TEXT(file, "blueprints/acme/bp-shop/1.2.0-rc.1.yaml");
    cat_autojson json_t *object = bpc_plan_object(entry), *read = NULL;
    EXPECT_TEXT(cat_object_name(object), "acme.bp-shop.1.2.0-rc.1");
    EXPECT_TEXT(cat_object_label(object, CAT_LABEL_ORGANIZATION), "acme");
    cat_autofree char *text = cat_yaml_format(object);
    REQUIRE(cat_yaml_parse(text, strlen(text), &CAT_YAML_CAPS, &read, NULL, NULL) == 0);
    cat_autojson json_t *again = bpc_plan_entry_of_object(read, "2026-11-24T08:00:00.000Z");
    EXPECT(json_equal(entry, again));
    json_object_set_new(read, "kind", json_string("Runbook"));
    cat_autojson json_t *other = bpc_plan_entry_of_object(read, "");
    EXPECT(other == NULL);
}

TEST("what would not fit into one message is rejected before it is committed")
{
    bpc_checker *checker = testing_checker();
    REQUIRE(checker);
    cat_autojson json_t *facts = parse("{\"now\":\"\",\"registered\":{},\"looks\":[]}");
    json_t *look = look_of("catalog", "bp-valkey", "8.1.0", A, "new", A), *files = folder_of("bp-valkey");
    cat_autojson json_t *document = NULL;
    const char *text = json_string_value(json_object_get(files, "blueprint.yaml"));
    REQUIRE(text && cat_yaml_parse(text, strlen(text), &CAT_YAML_CAPS, &document, NULL, NULL) == 0);
    cat_json_set_text(look, "version", cat_json_text(document, "metadata.version"));
    /* A control character is six in JSON. */
    cat_auto(cat_string) readme = CAT_STRING(BPC_README_MAX_BYTES);
    for (size_t i = 0; i < BPC_README_MAX_BYTES; i++)
        cat_string_append_char(&readme, '\001');
    json_object_set_new(files, "README.md", json_string(cat_string_get(&readme)));
    json_object_set_new(look, "files", files);
    json_array_append_new(json_object_get(facts, "looks"), look);
    cat_autojson json_t *plan = bpc_plan_make(checker, facts);
    EXPECT_TEXT(cat_json_text(plan, "reject.0.reason"), "TooLarge");
    EXPECT_INT(json_array_size(json_object_get(plan, "register")), 0);
    bpc_checker_destroy(checker);
}

TEST("a Blueprint has no more than so many versions")
{
    bpc_checker *checker = testing_checker();
    REQUIRE(checker);
    cat_autojson json_t *facts = parse("{\"now\":\"\",\"registered\":{},\"looks\":[]}");
    for (int i = 0; i < BPC_VERSIONS_MAX; i++) {
        cat_autofree char *key = cat_printf("catalog.bp-x.1.%d.0", i);
        json_object_set_new(json_object_get(facts, "registered"), key,
                            cat_json_object("digest", json_string("git-tree:" A), NULL));
    }
    json_array_append_new(json_object_get(facts, "looks"), look_of("catalog", "bp-x", "2.0.0", A, "new", A));
    cat_autojson json_t *plan = bpc_plan_make(checker, facts);
    EXPECT_TEXT(cat_json_text(plan, "reject.0.reason"), "TooMany");
    EXPECT_INT(json_array_size(json_object_get(plan, "register")), 0);
    bpc_checker_destroy(checker);
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
