/* Trees that bytes choose: whatever domain/kustomization.h lets pass, the real kustomize reads without touching anything outside
 * the tree's folder, without a socket and without another program. The bytes choose fields, references and how they are written;
 * what is left of them stands in one file as it is. How many trees passed is said at the end. */
#include <string.h>

#include "base/memory.h"
#include "base/string.h"
#include "domain/kustomization.h"
#include "fuzz.h"
#include "kustomization_watch.h"

typedef struct {
    const uint8_t *at, *end;
} choices;

static unsigned choose(choices *from, unsigned count)
{
    return from->at < from->end ? *from->at++ % count : 0;
}

#define ONE_OF(from, list) ((list)[choose(from, sizeof(list) / sizeof *(list))])

/* --- words --- */

static const char *const GOOD[] = {"a.yaml",
                                   "blueprint",
                                   "part",
                                   "patch.yaml",
                                   "a.txt",
                                   "two.env",
                                   "blueprint/thing.yaml",
                                   "./blueprint",
                                   "t",
                                   "t/x.yaml",
                                   "blueprint/",
                                   "g.yaml",
                                   "json.yaml",
                                   "list.yaml",
                                   "../part",
                                   "../blueprint",
                                   "b=a.txt",
                                   "blueprint/./thing.yaml",
                                   "crd.json",
                                   "empty.yaml"};
static const char *const PIECES[] = {"http://",
                                     "HTTPS://",
                                     "file://",
                                     "git::",
                                     "ssh://",
                                     "git@",
                                     "github.com/",
                                     "GitHub.com:",
                                     "127.0.0.1:1/",
                                     "/etc/passwd",
                                     "..",
                                     "../",
                                     "./",
                                     "/",
                                     "//",
                                     "_git/",
                                     ".git",
                                     "?ref=",
                                     "--upload-pack=x",
                                     "%2e%2e/",
                                     "a.yaml",
                                     "blueprint",
                                     "@",
                                     ":",
                                     "=",
                                     "\\\\",
                                     " ",
                                     "\\n",
                                     "~",
                                     "$HOME",
                                     "x",
                                     "\\u2028",
                                     "catalyst-outside",
                                     "proc/self/environ",
                                     "\\x85"};
static const char *const LIST_FIELDS[] = {"resources",  "bases", "components",     "transformers",         "generators",
                                          "validators", "crds",  "configurations", "patchesStrategicMerge"};
static const char *const OTHER_FIELDS[] = {"patches",
                                           "patchesJson6902",
                                           "replacements",
                                           "configMapGenerator",
                                           "secretGenerator",
                                           "openapi",
                                           "images",
                                           "replicas",
                                           "labels",
                                           "namePrefix",
                                           "nameSuffix",
                                           "namespace",
                                           "commonLabels",
                                           "commonAnnotations",
                                           "generatorOptions",
                                           "sortOptions",
                                           "buildMetadata",
                                           "metadata",
                                           "kind",
                                           "apiVersion",
                                           "vars",
                                           "helmCharts",
                                           "helmGlobals",
                                           "helmChartInflationGenerator",
                                           "imageTags",
                                           "inventory",
                                           "<<",
                                           "Resources",
                                           "COMPONENTS",
                                           "re\u017fources",
                                           "confi\\u0067urations",
                                           "openAPI"};
static const char *const INNER_FIELDS[] = {
    "path", "patch", "name", "files",     "envs",     "env",  "literals", "target",  "options", "source",      "targets",
    "Path", "FILES", "Env",  "namespace", "behavior", "type", "version",  "helmBin", "repo",    "sourceValue", "kvSources"};
static const char *const BUILTINS[] = {"ReplacementTransformer",
                                       "PatchTransformer",
                                       "LabelTransformer",
                                       "AnnotationsTransformer",
                                       "NamespaceTransformer",
                                       "PrefixTransformer",
                                       "SuffixTransformer",
                                       "PrefixSuffixTransformer",
                                       "ImageTagTransformer",
                                       "ReplicaCountTransformer",
                                       "ConfigMapGenerator",
                                       "SecretGenerator",
                                       "HelmChartInflationGenerator",
                                       "ValueAddTransformer",
                                       "IAMPolicyGenerator",
                                       "PatchJson6902Transformer",
                                       "PatchStrategicMergeTransformer",
                                       "List",
                                       "ResourceList",
                                       "HashTransformer",
                                       "Other"};
static const char *const BUILTIN_FIELDS[] = {
    "path",         "patch",    "replacements",   "labels",         "annotations", "fieldSpecs", "prefix",
    "suffix",       "imageTag", "replica",        "files",          "env",         "envs",       "literals",
    "name",         "target",   "targetFilePath", "chartHome",      "paths",       "jsonOp",     "Path",
    "REPLACEMENTS", "Files",    "items",          "functionConfig", "spec"};

/* --- text --- */

static void reference(choices *from, cat_string *text)
{
    unsigned way = choose(from, 16);
    if (way < 13) {
        cat_string_append(text, ONE_OF(from, GOOD));
        return;
    }
    for (unsigned i = choose(from, 5) + 1; i > 0; i--)
        cat_string_append(text, ONE_OF(from, PIECES));
}

/* A text as YAML may have it. */
static void scalar(choices *from, cat_string *text, const char *words)
{
    static const char *const WAYS[][2] = {{"", ""},    {"\"", "\""},   {"'", "'"},      {"!!str ", ""},
                                          {"&x ", ""}, {"! \"", "\""}, {"\"\\x", "\""}, {"|-\n      ", "\n"}};
    const char *const *way = WAYS[choose(from, 24) % 8 * (choose(from, 3) == 0)];
    if (strcmp(way[0], "\"\\x") == 0 && *words && (unsigned char)*words < 0x80) {
        cat_string_appendf(text, "\"\\x%02x%s\"", (unsigned char)*words, words + 1);
        return;
    }
    cat_string_appendf(text, "%s%s%s", way[0], words, way[1]);
}

static void reference_scalar(choices *from, cat_string *text)
{
    cat_auto(cat_string) words = CAT_STRING(1024);
    reference(from, &words);
    scalar(from, text, cat_string_get(&words));
}

static void name_of_field(choices *from, cat_string *text, const char *name)
{
    static const char *const WAYS[] = {"%s: ", "\"%s\": ", "'%s': ", "? %s\n: ", "!!str %s: ", "&k %s: "};
    unsigned way = choose(from, 32);
    cat_string_appendf(text, WAYS[way < sizeof WAYS / sizeof *WAYS ? way : 0], name);
}

static void references(choices *from, cat_string *text)
{
    cat_string_append(text, "[");
    for (unsigned i = choose(from, 3) + 1; i > 0; i--) {
        reference_scalar(from, text);
        cat_string_append(text, i > 1 ? ", " : "");
    }
    cat_string_append(text, "]");
}

static void inner_value(choices *from, cat_string *text, const char *name)
{
    static const char *const SIMPLE[] = {"x",
                                         "{kind: Thing}",
                                         "[a=b]",
                                         "'kind: Thing'",
                                         "{kind: Thing, fieldPath: metadata.name}",
                                         "[{select: {kind: Thing}, fieldPaths: [spec.x]}]",
                                         "true",
                                         "3",
                                         "null",
                                         "*x",
                                         "'[{\"op\": \"add\", \"path\": \"/spec/x\", \"value\": 1}]'",
                                         "merge",
                                         "{a: b}"};
    if (strcasecmp(name, "path") == 0 || strcasecmp(name, "env") == 0 || strcmp(name, "helmBin") == 0 ||
        strcmp(name, "repo") == 0 || strcmp(name, "targetFilePath") == 0 || strcmp(name, "chartHome") == 0)
        reference_scalar(from, text);
    else if (strcasecmp(name, "files") == 0 || strcmp(name, "envs") == 0 || strcmp(name, "paths") == 0)
        references(from, text);
    else
        cat_string_append(text, ONE_OF(from, SIMPLE));
}

static void inner_object(choices *from, cat_string *text)
{
    cat_string_append(text, "{");
    for (unsigned i = choose(from, 3) + 1; i > 0; i--) {
        const char *name = ONE_OF(from, INNER_FIELDS);
        cat_string_appendf(text, "%s: ", name);
        inner_value(from, text, name);
        cat_string_append(text, i > 1 ? ", " : "");
    }
    cat_string_append(text, "}");
}

/* What a field usually has, so that many trees are built; bytes can choose something else. */
static void usual(choices *from, cat_string *text, const char *name)
{
    static const char *const PATCHES[] = {
        "[{path: patch.yaml}]", "[{path: json.yaml, target: {kind: Thing}}]",
        "[{patch: '[{\"op\": \"add\", \"path\": \"/spec/x\", \"value\": 1}]', target: {kind: Thing}}]"};
    static const char *const MAPS[] = {"[{name: m, files: [a.txt]}]", "[{name: m, files: [k=a.txt], literals: [a=b]}]",
                                       "[{name: m, envs: [two.env]}]", "[{name: m, env: two.env}]"};
    if (strcmp(name, "patches") == 0)
        cat_string_append(text, ONE_OF(from, PATCHES));
    else if (strcmp(name, "configMapGenerator") == 0 || strcmp(name, "secretGenerator") == 0)
        cat_string_append(text, ONE_OF(from, MAPS));
    else if (strcmp(name, "replacements") == 0)
        cat_string_append(text, choose(from, 2) ? "[{path: list.yaml}]"
                                                : "[{source: {kind: Thing, fieldPath: metadata.name}, targets: [{select: {kind: "
                                                  "Thing}, fieldPaths: [spec.name], options: {create: true}}]}]");
    else if (strcmp(name, "openapi") == 0)
        cat_string_append(text, "{path: crd.json}");
    else if (strcmp(name, "kind") == 0)
        cat_string_append(text, "Kustomization");
    else if (strcmp(name, "apiVersion") == 0)
        cat_string_append(text, "kustomize.config.k8s.io/v1beta1");
    else if (strncmp(name, "common", 6) == 0 || strcmp(name, "metadata") == 0)
        cat_string_append(text, "{a: b}");
    else
        cat_string_append(text, strncmp(name, "name", 4) == 0 ? "x" : "[]");
}

static void fields(choices *from, cat_string *text, const char *kind)
{
    cat_string_append(text, kind);
    for (unsigned i = choose(from, 5); i > 0; i--) {
        bool list = choose(from, 2) == 0;
        const char *name = list ? ONE_OF(from, LIST_FIELDS) : ONE_OF(from, OTHER_FIELDS);
        name_of_field(from, text, name);
        unsigned way = choose(from, 8);
        if (list && way < 7) {
            references(from, text);
        } else if (way < 5) {
            usual(from, text, name);
        } else if (way < 7) {
            cat_string_append(text, "[");
            inner_object(from, text);
            cat_string_append(text, "]");
        } else {
            inner_object(from, text);
        }
        cat_string_append(text,
                          choose(from, 40)
                              ? "\n"
                              : ONE_OF(from, ((const char *const[]){"\r\n", "\r", "\n---\n", "\n...\n", "\n# c\n", "\n--- # c\n",
                                                                    "\xe2\x80\xa8", "\xc2\x85", "\n--- |\n"})));
    }
}

static void builtin(choices *from, cat_string *text)
{
    for (unsigned i = choose(from, 2) + 1; i > 0; i--) {
        cat_string_appendf(text, "apiVersion: %s\nkind: %s\nmetadata: {name: x%u%s}\n",
                           choose(from, 16) ? "builtin" : "example.org/v1", ONE_OF(from, BUILTINS), i,
                           choose(from, 16) ? "" : ", annotations: {config.kubernetes.io/function: 'exec: {path: a.txt}'}");
        for (unsigned j = choose(from, 4); j > 0; j--) {
            const char *name = ONE_OF(from, BUILTIN_FIELDS);
            name_of_field(from, text, name);
            inner_value(from, text, name);
            cat_string_append(text, "\n");
        }
        cat_string_append(text,
                          i > 1 ? ONE_OF(from, ((const char *const[]){"---\n", "--- # c\n", "...\n---\n", "\n---\n\n"})) : "");
    }
}

/* --- the tree --- */

static void put(json_t *files, const char *path, cat_string *text)
{
    cat_autofree char *taken = cat_string_take(text);
    json_t *value = json_string(taken); /* NULL when it is not UTF-8: no such file is in a tree */
    if (value)
        json_object_set_new(files, path, value);
}

static json_t *tree_of(choices *from)
{
    json_t *files =
        json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "a.yaml",
                  "apiVersion: example.org/v1\nkind: Thing\nmetadata: {name: a}\nspec: {x: 0}\n", "blueprint/thing.yaml",
                  "apiVersion: example.org/v1\nkind: Thing\nmetadata: {name: b}\n", "patch.yaml",
                  "apiVersion: example.org/v1\nkind: Thing\nmetadata: {name: a}\nspec: {y: 1}\n", "json.yaml",
                  "[{op: add, path: /spec, value: {}}]", "a.txt", "text", "two.env", "A=b\n", "crd.json", "{\"definitions\": {}}",
                  "empty.yaml", "# nothing\n", "list.yaml", "- {source: {kind: Thing, fieldPath: kind}, targets: []}\n", "g.yaml",
                  "apiVersion: builtin\nkind: ConfigMapGenerator\nmetadata: {name: g}\nliterals: [a=b]\n",
                  "part/kustomization.yaml", "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\npatches: []\n",
                  "t/kustomization.yaml", "resources: [x.yaml]\n", "blueprint/kustomization.yaml", "resources: [thing.yaml]\n");
    cat_string text = CAT_STRING(65536);
    fields(from, &text, choose(from, 4) ? "resources: [a.yaml]\n" : "");
    put(files, "kustomization.yaml", &text);
    text = CAT_STRING(65536);
    fields(from, &text, "kind: Component\nnameSuffix: -s\n");
    put(files, "overlays/dev/kustomization.yaml", &text);
    text = CAT_STRING(65536);
    builtin(from, &text);
    put(files, "t/x.yaml", &text);
    if (choose(from, 3) == 0) {
        static const char *const PLACES[] = {"blueprint/kustomization.yaml",
                                             "part/kustomization.yaml",
                                             "t/kustomization.yaml",
                                             "a.yaml",
                                             "blueprint/kustomization.yml",
                                             "blueprint/Kustomization",
                                             "github.com/a/b/kustomization.yaml"};
        const char *place = ONE_OF(from, PLACES);
        text = CAT_STRING(65536);
        fields(from, &text, strncmp(place, "part", 4) == 0 ? "kind: Component\n" : "");
        put(files, place, &text);
    }
    /* The rest as it is. */
    if (from->at + 8 < from->end) {
        static const char *const PLACES[] = {
            "kustomization.yaml", "t/x.yaml", "blueprint/kustomization.yaml", "a.yaml", "patch.yaml", "crd.json", "list.yaml"};
        const char *place = ONE_OF(from, PLACES);
        text = CAT_STRING(65536);
        cat_string_append_bytes(&text, from->at, (size_t)(from->end - from->at));
        put(files, place, &text);
    }
    return files;
}

/* --- the claim --- */

static unsigned long trees, passed, built;

static void tell(void)
{
    fprintf(stderr, "trees %lu, let pass %lu, built by kustomize %lu\n", trees, passed, built);
}

static void check_errors(const json_t *errors)
{
    size_t index;
    json_t *error;
    CLAIM(json_array_size(errors) > 0 && json_array_size(errors) <= CAT_KUSTOMIZATION_MAX_ERRORS);
    json_array_foreach(errors, index, error)
        CLAIM(*cat_json_text_or(error, "file", "") && *cat_json_text_or(error, "message", "") &&
              (!json_object_get(error, "line") || cat_json_int_or(error, "line", 0) >= 1));
}

/* As Flux and provisioning build it, with the overlay at the end of the components. Its own components are not read into the
 * file here, so that its text stays what the bytes made of it: a kustomization above names both. */
static json_t *as_it_is_built(const json_t *files)
{
    json_t *tree = json_object();
    const char *path;
    json_t *text;
    json_object_foreach((json_t *)files, path, text)
    {
        cat_autofree char *below = cat_printf("tree/%s", path);
        json_object_set(tree, below, text);
    }
    json_object_set_new(tree, "kustomization.yaml", json_string("resources: [tree]\ncomponents: [tree/overlays/dev]\n"));
    return tree;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const cat_kustomization_root roots[] = {{"", CAT_KUSTOMIZATION, ""},
                                                   {"overlays/dev", CAT_KUSTOMIZATION_COMPONENT, ""}};
    choices from = {data, data + size};
    cat_autojson json_t *files = tree_of(&from), *errors = NULL;
    if (trees++ == 0)
        atexit(tell);
    if (!cat_kustomization_check(files, roots, 2, &errors)) {
        check_errors(errors);
        return 0;
    }
    passed++;
    cat_autojson json_t *whole = as_it_is_built(files);
    built += kustomization_watch(whole);
    return 0;
}
