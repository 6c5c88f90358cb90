#include "core/plan_testing.h"

#include "base/test.h"
#include "wire/yaml.h"

#define ADDRESS                                                                                                                  \
    "would be an address, and nothing is fetched from elsewhere: copy what it names into the repository, and name the copy"

/* Each of the project's own Blueprints, and what stands in tests/integration/blueprints with its errors. */

static json_t *check_folder(const bpc_checker *checker, const char *root, const char *name, const char *source, json_t *names)
{
    cat_autofree char *folder = cat_printf("%s/%s", root, name);
    json_t *files = json_object();
    testing_read(folder, "", files);
    cat_autojson json_t *document = NULL;
    const char *text = json_string_value(json_object_get(files, "blueprint.yaml"));
    if (text)
        cat_yaml_parse(text, strlen(text), &CAT_YAML_CAPS, &document, NULL, NULL);
    cat_autojson json_t *candidate =
        testing_candidate(source, name, cat_json_text_or(document, "metadata.version", "1.0.0"), files);
    return bpc_check(checker, candidate, names);
}

TEST("each of the project's Blueprints may be registered, with its readme and its icon")
{
    bpc_checker *checker = testing_checker();
    REQUIRE(checker);
    cat_autojson json_t *names = json_object();
    DIR *directory = opendir("blueprints");
    REQUIRE(directory);
    unsigned count = 0;
    for (struct dirent *entry; (entry = readdir(directory));) {
        if (!cat_text_starts_with(entry->d_name, "bp-"))
            continue;
        cat_test_row("%s", entry->d_name);
        count++;
        cat_autojson json_t *checked = check_folder(checker, "blueprints", entry->d_name, "catalog", names);
        cat_autofree char *errors = testing_errors(checked);
        EXPECT_TEXT(errors, "");
        EXPECT(cat_json_text(checked, "spec.card.title") != NULL);
        EXPECT_TEXT(cat_json_text(checked, "spec.visibility"), "listed");
        EXPECT(strlen(cat_json_text_or(checked, "readme", "")) > 0);
        EXPECT(cat_text_starts_with(cat_json_text_or(checked, "icon", ""), "data:image/svg+xml;base64,"));
    }
    closedir(directory);
    EXPECT(count >= 4);
    bpc_checker_destroy(checker);
}

TEST("Blueprints that are wrong are told file, line and what is expected")
{
    static const char *const NAMES[] = {"bp-wrong-fields", "bp-wrong-files"};
    bpc_checker *checker = testing_checker();
    REQUIRE(checker);
    cat_autojson json_t *names = json_object();
    for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++) {
        cat_test_row("%s", NAMES[i]);
        cat_autojson json_t *checked = check_folder(checker, "tests/integration/blueprints", NAMES[i], "catalog", names);
        cat_autofree char *errors = testing_errors(checked),
                          *path = cat_printf("tests/integration/blueprints/%s.errors", NAMES[i]), *expected = NULL;
        size_t length = 0;
        REQUIRE(cat_file_read(path, 1 << 20, &expected, &length, NULL) == 0);
        EXPECT_TEXT(errors, expected);
    }
    bpc_checker_destroy(checker);
}

/* --- one change at a time --- */

static const char *const GOOD = "apiVersion: catalyst.openova.io/v1alpha1\n"
                                "kind: Blueprint\n"
                                "metadata: {name: bp-x, version: 1.0.0}\n"
                                "spec:\n"
                                "  card: {title: X}\n"
                                "  manifests: {source: {kind: Kustomize, ref: ./manifests}, sizes: [small]}\n";
static const char *const EMPTY = "kind: Kustomization\nresources: []\n", *const COMPONENT = "kind: Component\n";

static json_t *good_files(const char *more)
{
    json_t *files = json_object();
    cat_autofree char *text = cat_printf("%s%s", GOOD, more);
    json_object_set_new(files, "blueprint.yaml", json_string(text));
    json_object_set_new(files, "manifests/kustomization.yaml", json_string(EMPTY));
    json_object_set_new(files, "bind/kustomization.yaml", json_string(EMPTY));
    json_object_set_new(files, "sizes/small/kustomization.yaml", json_string(COMPONENT));
    return files;
}

static char *errors_of(const char *source, json_t *files_taken)
{
    bpc_checker *checker = testing_checker();
    cat_autojson json_t *names = cat_json_object("bp-x", json_string("catalog"), NULL), *none = json_object(),
                        *candidate = testing_candidate(source, "bp-x", "1.0.0", files_taken),
                        *checked = checker ? bpc_check(checker, candidate, strcmp(source, "acme") == 0 ? names : none) : NULL;
    bpc_checker_destroy(checker);
    return testing_errors(checked);
}

TEST("each rule says where it is broken and how it would be kept")
{
    static const struct {
        const char *source, *more, *errors;
    } ROWS[] = {
        {"catalog", "", ""},
        {"blue", "", ""},
        {"acme", "", "blueprint.yaml:3: bp-x is a Blueprint of catalog: a Blueprint of your own needs another name\n"},
        {"blue", "  visibility: listed\n", "blueprint.yaml:7: an Organization's own Blueprint is private or unlisted\n"},
        {"catalog", "  visibility: private\n",
         "blueprint.yaml:7: a Blueprint of catalog is listed or unlisted; a private one belongs to an Organization's "
         "shared-blueprints\n"},
        {"catalog", "  upgrades: {from: '>=1.0.0 <'}\n", "blueprint.yaml:7: "},
        {"catalog", "  upgrades: {from: '^1.0', blocks: ['1.x', 'one']}\n", "blueprint.yaml:7: "},
        {"catalog", "  depends:\n  - {blueprint: bp-x, version: '*', alias: me}\n",
         "blueprint.yaml:8: a Blueprint cannot depend on itself\n"},
        {"catalog", "  depends:\n  - {blueprint: bp-a, version: '*', alias: a}\n  - {blueprint: bp-b, version: '*', alias: a}\n",
         "blueprint.yaml:9: the alias a is there twice\n"},
        {"catalog", "  depends:\n  - {blueprint: bp-a, version: '*', alias: a, when: '{{ .config.on ==  }}'}\n",
         "blueprint.yaml:8: "},
        {"catalog", "  outputs:\n    host: '{{ .nothing.name }}'\n",
         "blueprint.yaml:8: .nothing.name is not known; a path begins with .config, .application, .environment, .organization, "
         ".sovereign "
         "or .dependencies\n"},
        {"catalog", "  outputs:\n    host: '{{ .dependencies.db.host }}'\n",
         "blueprint.yaml:8: .dependencies.db.host: no dependency has the alias db\n"},
        {"catalog",
         "  configSchema:\n    type: object\n    additionalProperties: false\n    properties: {a: {type: string}}\n"
         "  outputs:\n    host: '{{ .config.b }}'\n",
         "blueprint.yaml:12: .config.b: configSchema has no property b\n"},
        {"catalog",
         "  configSchema:\n    type: object\n    properties:\n      a:\n        type: integer\n        default: many\n",
         "blueprint.yaml:12: the default does not fit: "},
        {"catalog", "  configSchema:\n    type: object\n    properties:\n      a:\n        type: [string\n", "blueprint.yaml:"},
        {"catalog", "  configSchema:\n    type: object\n    properties:\n      a:\n        type: word\n", "blueprint.yaml:11: "},
        {"catalog", "  configSchema:\n    type: object\n    required: [a]\n    properties:\n      a: {type: string}\n", ""},
        {"catalog", "  configSchema:\n    properties:\n      a:\n        x-catalyst-immutable: once\n",
         "blueprint.yaml:10: x-catalyst-immutable is true or false\n"},
        {"catalog", "  configSchema:\n    properties:\n      a:\n        x-catalyst-ui-hint: colour\n",
         "blueprint.yaml:10: x-catalyst-ui-hint is one of password, domain-picker, application-ref\n"},
        {"catalog", "  placementSchema: {minRegions: 3, maxRegions: 2}\n",
         "blueprint.yaml:7: minRegions is 3, above maxRegions, which is 2\n"},
        {"catalog", "  rotation:\n  - {secret: a, keys: [{name: k}]}\n  - {secret: a, keys: [{name: k}]}\n",
         "blueprint.yaml:9: the secret a is there twice\n"},
        {"catalog",
         "  rotation:\n  - {secret: a, keys: [{name: k}]}\n  outputs:\n    secretPath: '{{ .environment.secretPath }}/a'\n", ""},
        {"catalog", "  rotation:\n  - {secret: a, keys: [{name: k}]}\n  outputs:\n    secretPath: org/acme/env/dev/blog/a\n",
         "blueprint.yaml:10: secretPath has to be '{{ .environment.secretPath }}/' and the name of a secret in rotation\n"},
        {"catalog", "  outputs:\n    secretPath: '{{ .environment.secretPath }}/a'\n",
         "blueprint.yaml:8: secretPath has to be '{{ .environment.secretPath }}/' and the name of a secret in rotation\n"},
        {"catalog", "  colour: red\n", "blueprint.yaml:7: "},
        {"catalog", "  owner: 7\n", "blueprint.yaml:7: "},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        cat_test_row("row %zu: %s %s", i, ROWS[i].source, ROWS[i].more);
        cat_autofree char *errors = errors_of(ROWS[i].source, good_files(ROWS[i].more));
        size_t length = strlen(ROWS[i].errors);
        if (length && ROWS[i].errors[length - 1] != '\n')
            EXPECT(cat_text_starts_with(errors, ROWS[i].errors));
        else
            EXPECT_TEXT(errors, ROWS[i].errors);
    }
}

TEST("files that are spoken of have to be there and may not lead elsewhere")
{
    static const struct {
        const char *path, *text, *errors; /* text NULL: the file is taken away */
    } ROWS[] = {
        {"sizes/small/kustomization.yaml", NULL, "blueprint.yaml:6: the file sizes/small/kustomization.yaml is missing\n"},
        {"bind/kustomization.yaml", NULL, "blueprint.yaml:6: the file bind/kustomization.yaml is missing\n"},
        {"manifests/kustomization.yaml", NULL, "blueprint.yaml:6: the file manifests/kustomization.yaml is missing\n"},
        {"sizes/small/kustomization.yaml", EMPTY,
         "sizes/small/kustomization.yaml:1: expected kind Component, this is Kustomization\n"},
        {"sizes/small/kustomization.yaml", "", "sizes/small/kustomization.yaml:1: this is empty, or no object\n"},
        {"bind/kustomization.yaml", "kind: Kustomization\nresources:\n- a.yaml\n- b: c\n",
         "bind/kustomization.yaml:3: bind/a.yaml is not there\nbind/kustomization.yaml:4: a text is expected\n"},
        {"bind/kustomization.yaml", "resources:\n- https://example.org/x\n",
         "bind/kustomization.yaml:2: \"https://example.org/x\" " ADDRESS "\n"},
        {"manifests/kustomization.yaml", "resources:\n- ../bind\n",
         "manifests/kustomization.yaml:2: \"../bind\" leaves manifests\n"},
        {"manifests/kustomization.yaml", "resources:\n  - [a\n", "manifests/kustomization.yaml:3: "},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        cat_test_row("row %zu: %s", i, ROWS[i].path);
        json_t *files = good_files("");
        if (ROWS[i].text)
            json_object_set_new(files, ROWS[i].path, json_string(ROWS[i].text));
        else
            json_object_del(files, ROWS[i].path);
        cat_autofree char *errors = errors_of("catalog", files);
        size_t length = strlen(ROWS[i].errors);
        if (ROWS[i].errors[length - 1] != '\n')
            EXPECT(cat_text_starts_with(errors, ROWS[i].errors));
        else
            EXPECT_TEXT(errors, ROWS[i].errors);
    }
}

TEST("what a kustomization names in folders below, and by its generators, is looked at like its own")
{
    static const struct {
        const char *text, *below, *errors; /* of manifests/ and manifests/below/ */
    } ROWS[] = {
        {"resources: [below/]\n", "resources: []\n", ""},
        {"resources: [below, below]\n", "resources:\n- https://example.org/x\n",
         "manifests/below/kustomization.yaml:2: \"https://example.org/x\" " ADDRESS "\n"},
        {"resources: [below]\n", "resources: [x.yaml]\n",
         "manifests/below/kustomization.yaml:1: manifests/below/x.yaml is not there\n"},
        {"components: [below]\n", "kind: Component\nresources: [../x.yaml]\n",
         "manifests/below/kustomization.yaml:2: manifests/x.yaml is not there\n"},
        {"resources:\n- below\n", NULL, "manifests/kustomization.yaml:2: manifests/below/kustomization.yaml is not there\n"},
        {"resources: [below]\n", "resources: [.]\n",
         "manifests/below/kustomization.yaml:1: \".\" is the folder that this stands in, or one above: that would have no end\n"},
        {"bases: [github.com/x/y?ref=v1]\n", "{}\n", "manifests/kustomization.yaml:1: \"github.com/x/y?ref=v1\" " ADDRESS "\n"},
        {"configMapGenerator:\n- name: x\n  files:\n  - a=https://example.org/x\n", "{}\n",
         "manifests/kustomization.yaml:4: \"https://example.org/x\" " ADDRESS "\n"},
        {"secretGenerator: [{name: x, envs: [none.env]}]\n", "{}\n",
         "manifests/kustomization.yaml:1: manifests/none.env is not there\n"},
        {"openapi: {path: https://example.org/x}\n", "{}\n",
         "manifests/kustomization.yaml:1: \"https://example.org/x\" " ADDRESS "\n"},
        {"helmCharts: [{name: x}]\n", "{}\n",
         "manifests/kustomization.yaml:1: the field \"helmCharts\" is not taken: a chart is named in a Blueprint's "
         "manifests.source\n"},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        cat_test_row("row %zu: %s", i, ROWS[i].text);
        json_t *files = good_files("");
        json_object_set_new(files, "manifests/kustomization.yaml", json_string(ROWS[i].text));
        json_object_set_new(files, "manifests/below/other.yaml", json_string("{}"));
        if (ROWS[i].below)
            json_object_set_new(files, "manifests/below/kustomization.yaml", json_string(ROWS[i].below));
        cat_autofree char *errors = errors_of("catalog", files);
        EXPECT_TEXT(errors, ROWS[i].errors);
    }
}

TEST("who makes very many mistakes is told that there are more")
{
    cat_auto(cat_string) text = CAT_STRING(10000);
    cat_string_append(&text, "resources:\n");
    for (int i = 0; i < 2 * BPC_ERRORS_MAX; i++)
        cat_string_appendf(&text, "- none%d.yaml\n", i);
    json_t *files = good_files("");
    json_object_set_new(files, "manifests/kustomization.yaml", json_string(cat_string_get(&text)));
    cat_autofree char *errors = errors_of("catalog", files);
    EXPECT(strstr(errors, "none48.yaml is not there") && !strstr(errors, "none49.yaml"));
    EXPECT(strstr(errors, "there are more errors") != NULL);
}

TEST("an icon that could do more than be looked at is refused")
{
    static const struct {
        const char *svg, *errors;
    } ROWS[] = {
        {"<svg xmlns='x'><path d='M0 0' fill='url(#a)'/></svg>", ""},
        {"<svg>\n<SCRIPT>x</SCRIPT></svg>", "card/icon.svg:2: a picture holds drawing alone, not <script\n"},
        {"<svg onload='x()'/>", "card/icon.svg:1: a picture holds drawing alone, not an event handler\n"},
        {"<svg><g\n  onClick = 'x'/></svg>", "card/icon.svg:2: a picture holds drawing alone, not an event handler\n"},
        {"<svg><a href='javascript:x'/></svg>", "card/icon.svg:1: a picture holds drawing alone, not <a\n"},
        {"<svg><image href='http://x'/></svg>", "card/icon.svg:1: a picture holds drawing alone, not <image\n"},
        {"<!DOCTYPE svg [<!ENTITY a 'b'>]><svg/>", "card/icon.svg:1: a picture holds drawing alone, not <!doctype\n"},
        {"<svg/onload=x()>", "card/icon.svg:1: a picture holds drawing alone, not an event handler\n"},
        {"<svg id='a'onload='x()'/>", "card/icon.svg:1: a picture holds drawing alone, not an event handler\n"},
        {"<svg><feImage href='//x'/></svg>", "card/icon.svg:1: a picture holds drawing alone, not <feimage\n"},
        {"<svg><path fill='url(//x/y#z)'/></svg>", "card/icon.svg:1: a picture holds drawing alone, not url(/\n"},
        {"<html/>", "card/icon.svg:1: this is no SVG picture\n"},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        cat_test_row("row %zu: %s", i, ROWS[i].svg);
        json_t *files = good_files("");
        const char *title = strstr(GOOD, "{title: X}");
        cat_autofree char *text =
            cat_printf("%.*s{title: X, icon: card/icon.svg}%s", (int)(title - GOOD), GOOD, title + strlen("{title: X}"));
        json_object_set_new(files, "blueprint.yaml", json_string(text));
        json_object_set_new(files, "card/icon.svg", json_string(ROWS[i].svg));
        cat_autofree char *errors = errors_of("catalog", files);
        EXPECT_TEXT(errors, ROWS[i].errors);
    }
}

TEST("tag and file have to say the same name and version, in lower case")
{
    bpc_checker *checker = testing_checker();
    REQUIRE(checker);
    cat_autojson json_t *none = json_object();
    static const struct {
        const char *name, *version, *errors;
    } ROWS[] = {
        {"bp-y", "1.0.0", "blueprint.yaml:3: its folder is called bp-y, this says bp-x\n"},
        {"bp-x", "1.0.1", "blueprint.yaml:3: the tag says version 1.0.1, this says 1.0.0\n"},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        cat_autojson json_t *candidate = testing_candidate("catalog", ROWS[i].name, ROWS[i].version, good_files("")),
                            *checked = bpc_check(checker, candidate, none);
        cat_autofree char *errors = testing_errors(checked);
        EXPECT_TEXT(errors, ROWS[i].errors);
    }
    cat_autojson json_t *files = good_files("");
    cat_autofree char *text =
        cat_printf("apiVersion: catalyst.openova.io/v1alpha1\nkind: Blueprint\nmetadata: {name: bp-x, version: 1.0.0-RC.1}\n%s",
                   strstr(GOOD, "spec:"));
    json_object_set_new(files, "blueprint.yaml", json_string(text));
    cat_autojson json_t *candidate = testing_candidate("catalog", "bp-x", "1.0.0-RC.1", json_incref(files)),
                        *checked = bpc_check(checker, candidate, none);
    cat_autofree char *errors = testing_errors(checked);
    EXPECT_TEXT(errors, "blueprint.yaml:3: a version is written in lower case, not 1.0.0-RC.1\n");
    bpc_checker_destroy(checker);
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
