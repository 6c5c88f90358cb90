/* Trees that reach for something outside themselves are refused with the file and the line; trees as plans and Blueprints make
 * them pass. tests/fuzz/kustomization_fuzz.c holds the check to the real kustomize. */
#include "domain/kustomization.h"

#include <stdlib.h>

#include "base/memory.h"
#include "base/string.h"
#include "base/test.h"
#include "domain/kustomization_reads.h"

#define BASE                                                                                                                     \
    "'values.yaml': 'kind: Values', 'blueprint/kustomization.yaml': 'resources: [thing.yaml]', 'blueprint/thing.yaml': 'kind: "  \
    "Thing', 'blueprint/patch.yaml': 'kind: Thing', 'a.txt': 'text', 'two.env': 'A=b', 'folder/kustomization.yaml': "            \
    "'resources: []', 'folder/below/x.txt': 'x', 'part/kustomization.yaml': 'kind: Component', 'github.com/a/b/"                 \
    "kustomization.yaml': 'resources: []'"

static json_t *tree(const char *more)
{
    cat_autofree char *text = cat_printf("{" BASE "%s%s}", *more ? ", " : "", more);
    for (char *at = text; *at; at++)
        if (*at == '\'')
            *at = '"';
    json_error_t why;
    json_t *files = json_loads(text, 0, &why);
    if (!files)
        cat_test_fail(__FILE__, __LINE__, "the test's own tree: %s: %s", why.text, text);
    return files;
}

/* Of the tree with this as its kustomization.yaml. NULL: it passes. */
static char *first_error(json_t *files, const char *kustomization, const char *overlay)
{
    cat_autojson json_t *errors = NULL;
    const cat_kustomization_root roots[] = {{"", CAT_KUSTOMIZATION, ""}, {"overlays/dev", CAT_KUSTOMIZATION_COMPONENT, ""}};
    if (kustomization)
        json_object_set_new(files, "kustomization.yaml", json_string(kustomization));
    if (overlay)
        json_object_set_new(files, "overlays/dev/kustomization.yaml", json_string(overlay));
    bool passes = cat_kustomization_check(files, roots, overlay ? 2 : 1, &errors);
    if (passes != (errors == NULL) || (errors && json_array_size(errors) > CAT_KUSTOMIZATION_MAX_ERRORS))
        cat_test_fail(__FILE__, __LINE__, "the answer and the errors do not agree");
    const json_t *one = json_array_get(errors, 0);
    return passes ? NULL
                  : cat_printf("%s:%lld: %s", cat_json_text_or(one, "file", "?"), (long long)cat_json_int_or(one, "line", 0),
                               cat_json_text_or(one, "message", ""));
}

#define ADDRESS                                                                                                                  \
    "would be an address, and nothing is fetched from elsewhere: copy what it names into the repository, and name the copy"
#define PLAIN "has a character that is not taken in paths: call files and folders by letters, digits, '.', '_' and '-' alone"
#define IN_PLACE "is written in place, and a file is expected: put it into a file of the repository, and name that"
#define FIELD "is not taken here (names are written as kustomize's documentation has them)"
#define KIND "is not taken here: kustomize's own transformers and generators are, but those that run programs"

typedef struct {
    const char *kustomization, *says; /* NULL: it passes; else the beginning after "kustomization.yaml:" */
} row;

static void try_rows(const row *rows, size_t count, const char *more)
{
    for (size_t i = 0; i < count; i++) {
        cat_test_row("%s", rows[i].kustomization);
        cat_autojson json_t *files = tree(more);
        cat_autofree char *said = first_error(files, rows[i].kustomization, NULL);
        cat_autofree char *expected = rows[i].says ? cat_printf("kustomization.yaml:%s", rows[i].says) : NULL;
        if (!said || !expected || !cat_text_starts_with(said, expected))
            EXPECT_TEXT(said, expected);
    }
}
#define TRY(rows, more) try_rows(rows, sizeof(rows) / sizeof *(rows), more)

TEST("references are paths to what is in the tree, in every field that has them")
{
    static const row ROWS[] = {
        {"resources: [values.yaml, blueprint, ./blueprint, blueprint/, folder/../blueprint]", NULL},
        {"resources: ['file:///tmp/x?ref=--upload-pack=touch']", "1: \"file:///tmp/x?ref=--upload-pack=touch\" " ADDRESS},
        {"resources:\n- values.yaml\n- FILE:///tmp/x", "3: \"FILE:///tmp/x\" " ADDRESS},
        {"resources: ['git::https://example.org/a/b']", "1: "},
        {"resources: ['git@example.org:a/b.git']", "1: "},
        {"resources: ['ssh://example.org/a/b']", "1: "},
        {"resources: ['github.com/a/b']", "1: \"github.com/a/b\" " ADDRESS "; a folder that is called so needs another name"},
        {"resources: ['github.com/a/b//c?ref=v1']", "1: \"github.com/a/b//c?ref=v1\" " ADDRESS},
        {"resources: ['gitlab.com/a/b//c?ref=v1']", "1: \"gitlab.com/a/b//c?ref=v1\" " ADDRESS},
        {"resources: ['GitHub.com/a/b']", "1: \"GitHub.com/a/b\" " ADDRESS},
        {"resources: ['github.com:a/b']", "1: \"github.com:a/b\" " ADDRESS},
        {"resources: ['./github.com/a/b']", NULL},
        {"resources: ['blueprint?ref=main']", "1: \"blueprint?ref=main\" " ADDRESS},
        {"resources: ['blueprint//thing.yaml']", "1: \"blueprint//thing.yaml\" " ADDRESS},
        {"resources: ['http://127.0.0.1:1/x']", "1: \"http://127.0.0.1:1/x\" " ADDRESS},
        {"resources: ['http:\\u002f\\u002f127.0.0.1/x']", "1: "},
        {"resources: [\"ht\\u0074p://127.0.0.1/x\"]", "1: \"http://127.0.0.1/x\" " ADDRESS},
        {"resources: ['/etc/passwd']", "1: \"/etc/passwd\" leaves what belongs together here"},
        {"resources: ['../x']", "1: \"../x\" leaves what belongs together here"},
        {"resources: ['blueprint/../../x']", "1: \"blueprint/../../x\" leaves what belongs together here"},
        {"resources: ['a b.yaml']", "1: \"a b.yaml\" " PLAIN},
        {"resources: [\"values.yaml\\n\"]", "1: \"values.yaml \" " IN_PLACE},
        {"resources: ['~/x']", "1: \"~/x\" " PLAIN},
        {"resources: ['%2e%2e/x']", "1: \"%2e%2e/x\" " PLAIN},
        {"resources: ['..\\\\x']", "1: "},
        {"resources: ['']", "1: \"\" names nothing"},
        {"resources: [missing.yaml]", "1: missing.yaml is not there"},
        {"resources: [folder/below]", "1: folder/below/kustomization.yaml is not there"},
        {"resources: [.]", "1: \".\" is the folder that this stands in"},
        {"resources: values.yaml", "1: a list is expected"},
        {"resources: [{path: values.yaml}]", "1: a text is expected"},
        {"bases: ['http://127.0.0.1/x']", "1: \"http://127.0.0.1/x\" " ADDRESS},
        {"components: ['https://example.org/x']", "1: \"https://example.org/x\" " ADDRESS},
        {"components: [values.yaml]", "1: values.yaml is a file: a folder is expected"},
        {"components: [part]", NULL},
        {"patches: [{path: blueprint/patch.yaml}, {patch: 'kind: Thing', target: {kind: X}}]", NULL},
        {"patches: [{path: 'http://127.0.0.1/x'}]", "1: \"http://127.0.0.1/x\" " ADDRESS},
        {"patches:\n- target: {kind: X}\n  Path: http://127.0.0.1/x", "3: the field \"Path\" " FIELD},
        {"patchesJson6902: [{path: 'http://127.0.0.1/x', target: {kind: X, name: x}}]", "1: "},
        {"patchesStrategicMerge: ['http://127.0.0.1/x']", "1: "},
        {"patchesStrategicMerge: ['kind: Thing']", "1: \"kind: Thing\" " IN_PLACE},
        {"replacements: [{path: 'http://127.0.0.1/x'}]", "1: "},
        {"replacements: [{PATH: a.txt}]", "1: the field \"PATH\" " FIELD},
        {"configurations: ['http://127.0.0.1/x']", "1: "},
        {"crds: ['http://127.0.0.1/x']", "1: "},
        {"openapi: {path: 'http://127.0.0.1/x'}", "1: "},
        {"openapi: {version: v1.20.4}", "1: the field \"version\" " FIELD},
        {"configMapGenerator: [{name: a, files: [a.txt, b=a.txt, folder/below/x.txt], envs: [two.env], env: two.env, literals: "
         "[a=http://x]}]",
         NULL},
        {"configMapGenerator: [{name: a, files: ['a=http://127.0.0.1:1/x']}]", "1: \"http://127.0.0.1:1/x\" " ADDRESS},
        {"configMapGenerator: [{name: a, files: ['http://127.0.0.1:1/x']}]", "1: \"http://127.0.0.1:1/x\" " ADDRESS},
        {"configMapGenerator: [{name: a, files: ['a=b=a.txt']}]", "1: \"b=a.txt\" " PLAIN},
        {"configMapGenerator: [{name: a, files: ['a=/etc/passwd']}]", "1: \"/etc/passwd\" leaves what belongs together here"},
        {"configMapGenerator: [{name: a, files: ['a=../x']}]", "1: \"../x\" leaves the folder of the file that names it"},
        {"configMapGenerator: [{name: a, files: [folder]}]", "1: folder is a folder, a file is expected"},
        {"configMapGenerator: [{name: a, env: 'http://127.0.0.1/x'}]", "1: \"http://127.0.0.1/x\" " ADDRESS},
        {"configMapGenerator: [{name: a, envs: ['HTTP://127.0.0.1/x']}]", "1: \"HTTP://127.0.0.1/x\" " ADDRESS},
        {"configMapGenerator: [{name: a, Files: ['a=http://127.0.0.1/x']}]", "1: the field \"Files\" " FIELD},
        {"configMapGenerator: [{name: a, kvSources: [{pluginType: Go}]}]", "1: the field \"kvSources\" " FIELD},
        {"configMapGenerator: {name: a}", "1: a list is expected"},
        {"secretGenerator: [{name: a, type: Opaque, files: ['a=https://127.0.0.1/x']}]", "1: \"https://127.0.0.1/x\" " ADDRESS},
        {"secretGenerator: [{name: a, ENV: 'http://127.0.0.1/x'}]", "1: the field \"ENV\" " FIELD}};
    TRY(ROWS, "");
}

TEST("fields are kustomize's, in exact case, once")
{
    static const row ROWS[] = {
        {"{}", NULL},
        {"apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nmetadata: {name: x}\nlabels: [{pairs: {a: b}}]\n"
         "images: [{name: a, newTag: b}]\nreplicas: [{name: a, count: 2}]\nnamePrefix: a-\nnameSuffix: -b\nnamespace: x\n"
         "commonAnnotations: {a: b}\ncommonLabels: {a: b}\nsortOptions: {order: fifo}\ngeneratorOptions: {immutable: true}\n"
         "resources: null\n",
         NULL},
        {"Components: [part]", "1: the field \"Components\" " FIELD},
        {"resources: []\nRESOURCES: ['http://x/y']", "2: the field \"RESOURCES\" " FIELD},
        {"re\u017fources: ['http://x/y']", "1: the field \"re\u017fources\" " FIELD}, /* Go takes the long s for an s */
        {"helm\u212a: 1", "1: the field \"helm\u212a\" " FIELD},
        {"resources: []\nresources: ['http://x/y']", "2: the name \"resources\" is there twice"},
        {"resources: []\n\"resources\": ['http://x/y']", "2: the name \"resources\" is there twice"},
        {"resources: []\n\"re\\u0073ources\": ['http://x/y']", "2: the name \"resources\" is there twice"},
        {"{\"resources\": [], \"resources\": [\"http://x/y\"]}", "1: the name \"resources\" is there twice"},
        {"helmCharts: [{name: a, repo: 'http://x'}]", "1: the field \"helmCharts\" is not taken: a chart is named"},
        {"helmChartInflationGenerator: [{chartName: a, helmBin: /bin/true}]",
         "1: the field \"helmChartInflationGenerator\" is not taken"},
        {"HelmGlobals: {chartHome: /}", "1: the field \"HelmGlobals\" " FIELD},
        {"vars: []", "1: the field \"vars\" is not taken: use replacements"},
        {"inventory: {}", "1: the field \"inventory\" " FIELD},
        {"<<: {resources: ['http://x/y']}", "1: merge keys are not supported"},
        {"'<<': {resources: ['http://x/y']}", "1: the field \"<<\" " FIELD},
        {"a: &a ['http://x/y']\nresources: *a", "1: anchors and aliases are not supported"},
        {"!!map {resources: []}", NULL},
        {"resources: !!binary aHR0cDovL3g=", "1: tags other than YAML's own are not supported"},
        {"resources: []\n---\nresources: ['http://x/y']", "2: there is more than one document"},
        {"resources: [\n", "2: "},
        {"kind: Component", "1: expected kind Kustomization, this is Component"},
        {"kind: [Kustomization]", "1: expected kind Kustomization, this is "},
        {"resources: []\nkind: kustomization", "2: expected kind Kustomization, this is kustomization"},
        {"- resources", "1: this is empty, or no object"},
        {"", "1: this is empty, or no object"}};
    try_rows(ROWS, sizeof ROWS / sizeof *ROWS, "");
}

TEST("transformers and generators are kustomize's own, and lists of them do nothing else")
{
    static const struct {
        const char *file, *says; /* t/x.yaml, and what is said of it */
    } ROWS[] = {
        {"apiVersion: builtin\\nkind: ReplacementTransformer\\nmetadata: {name: x}\\nreplacements: [{source: {kind: X}, targets: "
         "[]}]",
         NULL},
        {"apiVersion: builtin\\nkind: PatchTransformer\\nmetadata: {name: x}\\npath: blueprint/patch.yaml", NULL},
        {"apiVersion: builtin\\nkind: LabelTransformer\\nmetadata: {name: x}\\nlabels: {a: b}\\nfieldSpecs: "
         "[]\\n---\\n---\\napiVersion: builtin\\nkind: PrefixTransformer\\nmetadata: {name: y}\\nprefix: a-\\nfieldSpecs: []",
         NULL},
        {"apiVersion: builtin\\nkind: HelmChartInflationGenerator\\nmetadata: {name: x}",
         "t/x.yaml:2: kind \"HelmChartInflationGenerator\" " KIND},
        {"apiVersion: builtin\\nkind: ConfigMapGenerator\\nmetadata: {name: x}\\nfiles: [a.txt]",
         "t/x.yaml:2: kind \"ConfigMapGenerator\" " KIND},
        {"apiVersion: builtin\\nkind: ValueAddTransformer\\nmetadata: {name: x}", "t/x.yaml:2: "},
        {"apiVersion: example.org/v1\\nkind: PatchTransformer\\nmetadata: {name: x}", "t/x.yaml:1: apiVersion is builtin here"},
        {"apiVersion: someteam.example.org/v1\\nkind: Anything\\nmetadata: {name: x, annotations: "
         "{config.kubernetes.io/function: 'exec: {path: /bin/true}'}}",
         "t/x.yaml:2: "},
        {"apiVersion: builtin\\nkind: PrefixTransformer\\nmetadata: {name: x, annotations: {config.kubernetes.io/function: "
         "'exec: {path: ./x}'}}",
         "t/x.yaml:3: the field \"annotations\" "},
        {"apiVersion: builtin\\nkind: PatchTransformer\\nmetadata: {name: x}\\npath: http://127.0.0.1/x",
         "t/x.yaml:4: \"http://127.0.0.1/x\" " ADDRESS},
        {"apiVersion: builtin\\nkind: PatchTransformer\\nmetadata: {name: x}\\nPath: http://127.0.0.1/x",
         "t/x.yaml:4: the field \"Path\" " FIELD},
        {"apiVersion: builtin\\nkind: PatchTransformer\\nmetadata: {name: x}\\npath: patch.yaml",
         "t/x.yaml:4: patch.yaml is not there"},
        {"apiVersion: builtin\\nkind: ReplacementTransformer\\nmetadata: {name: x}\\nreplacements: [{path: "
         "'http://127.0.0.1/x'}]",
         "t/x.yaml:4: "},
        {"apiVersion: v1\\nkind: List\\nitems: [{apiVersion: builtin, kind: HelmChartInflationGenerator}]",
         "t/x.yaml:2: kind \"List\" " KIND},
        {"apiVersion: config.kubernetes.io/v1\\nkind: ResourceList\\nitems: []", "t/x.yaml:2: "},
        {"apiVersion: builtin\\nkind: PrefixTransformer\\nmetadata: {name: x}\\n---\\nkind: Other",
         "t/x.yaml:5: kind \"Other\" " KIND},
        {"a: &a builtin\\napiVersion: *a", "t/x.yaml:1: anchors and aliases are not supported"}};
    static const char *const LISTS[] = {"transformers: [t/x.yaml]", "transformers: [t]", "validators: [t/x.yaml]"};
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++)
        for (size_t j = 0; j < sizeof LISTS / sizeof *LISTS; j++) {
            cat_test_row("%s of %s", LISTS[j], ROWS[i].file);
            cat_autofree char *quoted = cat_strdup(ROWS[i].file);
            for (char *at = quoted; *at; at++)
                if (*at == '\'')
                    *at = '|';
            cat_autofree char *more = cat_printf("'t/kustomization.yaml': 'resources: [x.yaml]', 't/x.yaml': '%s'", quoted);
            cat_autojson json_t *files = tree(more);
            cat_autofree char *text = cat_strdup(cat_json_text_or(files, "t/x.yaml", ""));
            const char *given = json_string_value(json_object_get(files, "t/x.yaml"));
            cat_autofree char *plain = cat_strdup(given ? given : text);
            for (char *at = plain; *at; at++)
                if (*at == '|')
                    *at = '\'';
            json_object_set_new(files, "t/x.yaml", json_string(plain));
            cat_autofree char *said = first_error(files, LISTS[j], NULL);
            if (!said || !ROWS[i].says || !cat_text_starts_with(said, ROWS[i].says))
                EXPECT_TEXT(said, ROWS[i].says);
        }
}

TEST("transformers and generators are files of the tree, not addresses, and not written in place")
{
    static const row INLINE[] = {
        {"generators: [g.yaml]", NULL},
        {"transformers: [g.yaml]", NULL},
        {"generators: ['http://127.0.0.1/x']", "1: \"http://127.0.0.1/x\" " ADDRESS},
        {"transformers: ['https://127.0.0.1/x']", "1: "},
        {"transformers: ['file:///tmp/x?ref=--upload-pack=x']", "1: "},
        {"generators:\n- |-\n  apiVersion: builtin\n  kind: HelmChartInflationGenerator\n  metadata: {name: x}",
         "2: \"apiVersion: builtin"},
        {"transformers:\n- 'apiVersion: builtin'", "2: "}};
    try_rows(INLINE, 1, "'g.yaml': 'apiVersion: builtin\\nkind: ConfigMapGenerator\\nmetadata: {name: x}\\nfiles: [a.txt]'");
    try_rows(INLINE + 1, 1, "'g.yaml': 'apiVersion: builtin\\nkind: PrefixTransformer\\nmetadata: {name: x}'");
    try_rows(INLINE + 2, 5, "");
}

TEST("a folder of transformers lists files and changes nothing of them")
{
    static const char *const MORE[] = {"patches: [{patch: x}]", "namePrefix: x",  "configMapGenerator: []", "replacements: []",
                                       "generators: []",        "components: []", "commonAnnotations: {}",  "transformers: []"};
    for (size_t i = 0; i < sizeof MORE / sizeof *MORE; i++) {
        cat_test_row("%s", MORE[i]);
        cat_autojson json_t *files = tree("");
        cat_autofree char *text = cat_printf("resources: []\n%s", MORE[i]);
        json_object_set_new(files, "t/kustomization.yaml", json_string(text));
        cat_autofree char *said = first_error(files, "transformers: [t]", NULL);
        EXPECT(said && cat_text_starts_with(said, "t/kustomization.yaml:2: the field "));
    }
}

TEST("what is below is checked as the root is, and the overlay is a root")
{
    static const struct {
        const char *path, *text, *says;
    } ROWS[] = {
        {"blueprint/kustomization.yaml", "resources: ['http://x/y']", "blueprint/kustomization.yaml:1: "},
        {"blueprint/kustomization.yaml", "components: [../part]\nresources: [../folder]", NULL},
        {"blueprint/kustomization.yaml", "resources: [../values.yaml]",
         "blueprint/kustomization.yaml:1: \"../values.yaml\" leaves the folder"},
        {"blueprint/kustomization.yml", "resources: ['http://x/y']",
         "blueprint/kustomization.yml:1: a kustomization is called kustomization.yaml"},
        {"blueprint/Kustomization", "resources: ['http://x/y']",
         "blueprint/Kustomization:1: a kustomization is called kustomization.yaml"},
        {"blueprint/deep/kustomization.yml", "", "blueprint/deep/kustomization.yml:1: "},
        {".sourceignore", "/kustomization.yaml", "kustomization.yaml:0: kustomization.yaml is left out of what the cluster gets"},
        {".sourceignore", "README.md", NULL},
        {"blueprint/.sourceignore", "kustomization.yaml",
         "kustomization.yaml:1: blueprint/kustomization.yaml is left out of what the cluster gets"},
        {"overlays/dev/kustomization.yaml", "kind: Component\npatches:\n- path: http://x/y",
         "overlays/dev/kustomization.yaml:3: "},
        {"overlays/dev/kustomization.yaml", "kind: Component\ncomponents: [../../part]\npatches: []", NULL},
        {"overlays/dev/kustomization.yaml", "resources: []", "overlays/dev/kustomization.yaml:1: expected kind Component"},
        {"overlays/dev/kustomization.yaml", "kind: Component\ntransformers: [../../t]",
         "overlays/dev/kustomization.yaml:2: t is not there"}};
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        cat_test_row("%s: %s", ROWS[i].path, ROWS[i].text);
        cat_autojson json_t *files = tree("");
        json_object_set_new(files, "overlays/dev/kustomization.yaml", json_string("kind: Component"));
        json_object_set_new(files, ROWS[i].path, json_string(ROWS[i].text));
        const char *text = json_string_value(json_object_get(files, "overlays/dev/kustomization.yaml"));
        cat_autofree char *kept = cat_strdup(text);
        cat_autofree char *said = first_error(files, "resources: [values.yaml, blueprint]", kept);
        if (!said || !ROWS[i].says || !cat_text_starts_with(said, ROWS[i].says))
            EXPECT_TEXT(said, ROWS[i].says);
    }
    cat_autojson json_t *files = tree("");
    cat_autofree char *missing = first_error(files, NULL, NULL);
    EXPECT_TEXT(missing, "kustomization.yaml:0: kustomization.yaml is not there: bring it back in Git");
}

TEST("a root that is kept in its folder does not leave it")
{
    cat_autojson json_t *files = tree(""), *errors = NULL;
    const cat_kustomization_root kept[] = {{"blueprint", CAT_KUSTOMIZATION, "blueprint"}};
    EXPECT(cat_kustomization_check(files, kept, 1, &errors));
    json_object_set_new(files, "blueprint/kustomization.yaml", json_string("resources: [thing.yaml]\ncomponents: [../part]"));
    EXPECT(!cat_kustomization_check(files, kept, 1, &errors));
    EXPECT_TEXT(cat_json_text(errors, "0.message"), "\"../part\" leaves blueprint");
    cat_autojson json_t *again = NULL;
    const cat_kustomization_root bind[] = {{"bind", CAT_KUSTOMIZATION_TRANSFORMERS, "bind"}};
    json_object_set_new(files, "bind/kustomization.yaml", json_string("resources: [x.yaml]"));
    json_object_set_new(files, "bind/x.yaml",
                        json_string("apiVersion: builtin\nkind: PatchTransformer\nmetadata: {name: x}\npath: x.yaml"));
    EXPECT(!cat_kustomization_check(files, bind, 1, &again));
    EXPECT_TEXT(cat_json_text(again, "0.message"),
                "which folder \"x.yaml\" is looked for in is not known here: write what is in it in place");
}

TEST("what grows when it is built is refused before it is built")
{
    cat_string bomb = CAT_STRING(65536);
    cat_string_append(&bomb, "kind: Thing\na0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for (int i = 1; i < 9; i++) {
        cat_string_appendf(&bomb, "a%d: &a%d [", i, i);
        for (int j = 0; j < 10; j++)
            cat_string_appendf(&bomb, "*a%d, ", i - 1);
        cat_string_append(&bomb, "]\n");
    }
    cat_autofree char *text = cat_string_take(&bomb);
    cat_autofree char *wide = cat_printf("a: &a \"%0*d\"\nb: [*a, *a, *a, *a, *a, *a, *a, *a, *a, *a, *a]", 100000, 1);
    const char *const BOMBS[] = {text, wide, "a: &a {b: *a}", "a: *nothing",
                                 "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["};
    for (size_t i = 0; i < sizeof BOMBS / sizeof *BOMBS; i++) {
        cat_test_row("%.60s", BOMBS[i]);
        static const char *const USES[] = {"resources: [bomb.yaml]", "patches: [{path: bomb.yaml}]", "crds: [bomb.yaml]",
                                           "configurations: [bomb.yaml]", "replacements: [{path: bomb.yaml}]"};
        for (size_t j = 0; j < sizeof USES / sizeof *USES; j++) {
            cat_autojson json_t *files = tree("");
            json_object_set_new(files, "bomb.yaml", json_string(BOMBS[i]));
            cat_autofree char *said = first_error(files, USES[j], NULL);
            EXPECT(said && cat_text_starts_with(said, "bomb.yaml:"));
        }
    }
    cat_autojson json_t *files = tree("");
    json_object_set_new(files, "fine.yaml", json_string("a: &a {b: [1, 2]}\nc: *a\nd: [*a, *a]\ne: {<<: *a}"));
    cat_autofree char *said = first_error(files, "resources: [fine.yaml]", NULL);
    EXPECT_TEXT(said, NULL);
}

TEST("kustomizations that name each other many times, deep, or in a circle are refused")
{
    cat_autojson json_t *files = tree("");
    for (int i = 0; i < 12; i++) {
        cat_autofree char *path = cat_printf("l%d/kustomization.yaml", i),
                          *text = cat_printf("resources: [../l%d, ../l%d, ../l%d]", i + 1, i + 1, i + 1);
        json_object_set_new(files, path, json_string(text));
    }
    json_object_set_new(files, "l12/kustomization.yaml", json_string("resources: []"));
    cat_autofree char *wide = first_error(files, "resources: [l0]", NULL);
    EXPECT(wide && strstr(wide, "more than 256 kustomizations"));
    cat_autojson json_t *circle = tree("");
    json_object_set_new(circle, "l0/kustomization.yaml", json_string("resources: [../l1]"));
    json_object_set_new(circle, "l1/kustomization.yaml", json_string("resources: [../l0]"));
    cat_autofree char *round = first_error(circle, "resources: [l0]", NULL);
    EXPECT(round && strstr(round, "stand in each other"));
    cat_string many = CAT_STRING(1024 * 1024);
    cat_string_append(&many, "resources: [");
    for (int i = 0; i < 3000; i++)
        cat_string_append(&many, "values.yaml, ");
    cat_string_append(&many, "]");
    cat_autojson json_t *same = tree("");
    cat_autofree char *list = cat_string_take(&many), *often = first_error(same, list, NULL);
    EXPECT(often && strstr(often, "more than 2000 files"));
}

TEST("a file that is no text, a text with a zero character, and a link are not read, and each says which it is")
{
    cat_autojson json_t *files = tree("'null.yaml': null, 'picture.yaml': {'base64': 'AA=='}");
    json_object_set_new(files, "zero.yaml", json_stringn("a: 1\0b", 6));
    json_object_set_new(files, "large.yaml", json_false());
    json_object_set_new(files, "link", json_true());
    static const char UTF8[] = "no text in UTF-8: save it as that, without zero characters",
                      LINK[] = "a link, and links are not followed: put a copy of what it leads to in its place",
                      BEHIND[] = "behind a link, and links are not followed: put a copy of what it leads to in its place";
    static const struct {
        const char *kustomization, *name, *is;
    } ROWS[] = {{"resources: [null.yaml]", "null.yaml", UTF8},
                {"resources: [picture.yaml]", "picture.yaml", UTF8},
                {"resources: [zero.yaml]", "zero.yaml", UTF8},
                {"resources: [large.yaml]", "large.yaml", "too large"},
                {"resources: [link]", "link", LINK},
                {"components: [link]", "link", LINK},
                {"resources: [link/below]", "link/below", BEHIND},
                {"resources: [link/below/x.yaml]", "link/below/x.yaml", BEHIND},
                {"configMapGenerator: [{name: a, files: [a=link]}]", "link", LINK}};
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        cat_test_row("%s", ROWS[i].kustomization);
        cat_autofree char *said = first_error(files, ROWS[i].kustomization, NULL),
                          *expected = cat_printf("kustomization.yaml:1: %s is %s", ROWS[i].name, ROWS[i].is);
        EXPECT_TEXT(said, expected);
    }
}

TEST("there are never more errors than a person reads")
{
    cat_string many = CAT_STRING(65536);
    cat_string_append(&many, "resources: [");
    for (int i = 0; i < 500; i++)
        cat_string_append(&many, "'http://x/y', ");
    cat_string_append(&many, "]");
    cat_autofree char *list = cat_string_take(&many);
    cat_autojson json_t *files = tree(""), *errors = NULL;
    const cat_kustomization_root root = {"", CAT_KUSTOMIZATION, ""};
    json_object_set_new(files, "kustomization.yaml", json_string(list));
    EXPECT(!cat_kustomization_check(files, &root, 1, &errors));
    EXPECT_INT(json_array_size(errors), CAT_KUSTOMIZATION_MAX_ERRORS);
}

TEST("which files a build reads is said in one short text, whole folders by their name")
{
    static const struct {
        const char *kustomization, *reads;
    } ROWS[] = {
        {"resources: [values.yaml]", "kustomization.yaml values.yaml"},
        {"resources: [blueprint]", "blueprint/kustomization.yaml blueprint/thing.yaml kustomization.yaml"},
        {"resources: [blueprint]\npatches: [{path: values.yaml}]",
         "blueprint/kustomization.yaml blueprint/thing.yaml kustomization.yaml values.yaml"},
        {"resources: [blueprint]\ncomponents: [part]\nconfigMapGenerator: [{name: a, files: [k=a.txt], envs: [two.env]}]",
         "a.txt blueprint/kustomization.yaml blueprint/thing.yaml kustomization.yaml part/ two.env"},
        {"resources: [folder]", "folder/kustomization.yaml kustomization.yaml"},
        {"resources: [nothing.yaml]", NULL},
    };
    const cat_kustomization_root roots[] = {{"", CAT_KUSTOMIZATION, ""}};
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        cat_test_row("%s", ROWS[i].kustomization);
        cat_autojson json_t *files = tree(""), *errors = NULL;
        cat_autofree char *reads = NULL;
        json_object_set_new(files, "kustomization.yaml", json_string(ROWS[i].kustomization));
        EXPECT_INT(cat_kustomization_check_reads(files, roots, 1, &errors, &reads), ROWS[i].reads != NULL);
        EXPECT_TEXT(reads, ROWS[i].reads);
    }
}

TEST("a path is found in what is read by its name or by a folder of it, and too much is not said")
{
    static const struct {
        const char *path;
        bool has;
    } ROWS[] = {{"a", true},   {"a/b", false}, {"b/", true},       {"b/c", true},  {"b/c/d", true}, {"b", false},
                {"b0", false}, {"bc", false},  {"d/e.yaml", true}, {"d/e", false}, {"", false},     {"zz", false}};
    cat_auto(cat_strings) names = {0};
    cat_kustomization_reads_parse(" d/e.yaml  a b/ ", &names);
    EXPECT_INT(names.count, 3);
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        cat_test_row("%s", ROWS[i].path);
        EXPECT_INT(cat_kustomization_reads_has(&names, ROWS[i].path), ROWS[i].has);
    }
    cat_autojson json_t *files = json_object(), *read = json_object();
    for (int i = 0; i < 1000; i++) {
        cat_autofree char *path = cat_printf("folder/file-%d.yaml", i);
        json_object_set_new(files, path, json_true());
        if (i)
            json_object_set_new(read, path, json_true());
    }
    EXPECT(!cat_kustomization_reads_write(files, read));
    json_object_set_new(read, "folder/file-0.yaml", json_true());
    cat_autofree char *whole = cat_kustomization_reads_write(files, read);
    EXPECT_TEXT(whole, "folder/");
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
