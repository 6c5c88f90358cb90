#include "domain/values_check.h"

#include "base/memory.h"
#include "base/string.h"
#include "base/test.h"

static const char BINDINGS[] =
    "kind: ReplacementTransformer\nreplacements:\n"
    "- source: {kind: Values, fieldPath: spec.color}\n"
    "- source: {kind: Values, fieldPath: spec.color}\n"
    "- source: {kind: Values, fieldPath: spec.at.zone}\n"
    "- source: {kind: Values, fieldPath: spec.hosts.0}\n"
    "- source: {kind: Values, fieldPath: 'spec.list.[name=x].v'}\n"
    "- source: {kind: Values, fieldPath: 'spec.a\\.b'}\n"
    "- source: {kind: ConfigMap, fieldPath: spec.other}\n"
    "- source: {kind: Values, fieldPath: environment.host}\n"
    "---\nkind: ReplacementTransformer\nreplacements:\n"
    "- source: {kind: Values, fieldPath: spec.late}\n"
    "- {source: {kind: Values, fieldPath: spec.most}, targets: [{options: {delimiter: '=', index: 1}}]}\n";

/* What is said of an Application's files, one a line. */
static char *said_of(const char *values, const char *overlay, const char *environment)
{
    cat_autojson json_t *files = cat_json_object("blueprint/bind/values.yaml", json_string(BINDINGS), NULL), *errors = NULL;
    if (values)
        json_object_set_new(files, "values.yaml", json_string(values));
    if (overlay)
        json_object_set_new(files, "overlays/dev/values.yaml", json_string(overlay));
    if (environment)
        json_object_set_new(files, "overlays/dev/environment.yaml", json_string(environment));
    bool passes = cat_values_check(files, "dev", &errors);
    EXPECT(passes == !errors);
    cat_auto(cat_string) all = CAT_STRING(8192);
    size_t index;
    json_t *one;
    json_array_foreach(errors, index, one)
        cat_string_appendf(&all, "%s:%lld: %s\n", cat_json_text_or(one, "file", "?"), (long long)cat_json_int_or(one, "line", 0),
                           cat_json_text_or(one, "message", "?"));
    return cat_string_take(&all);
}

#define OWN(line, field)                                                                                                         \
    "overlays/dev/values.yaml:" line ": " field                                                                                  \
    " is null, and a null here takes the value away: delete the line to go back to everybody's value\n"
#define COMMON(line, field) "values.yaml:" line ": " field " is null, and a null here takes the value away: give it a value\n"

TEST("a null that takes away what a binding reads is told at its line, and what to do; no other is")
{
    static const struct {
        const char *values, *overlay, *says;
    } ROWS[] = {
        {"spec:\n  color: red\n", "spec:\n  color: ~\n", OWN("2", "color")},
        {"spec:\n  color: red\n", "spec:\n  x: 1\n  color:\n", OWN("3", "color")},
        {"spec:\n  color: red\n", "spec: ~\n", OWN("1", "spec")},
        {"spec:\n  color: red\n", "spec:\n  free: null\n", ""},
        {"spec:\n  color: red\n", "", ""},
        {"spec:\n  color: ~\n", "spec: {}\n", COMMON("2", "color")},
        {"spec:\n  color: ~\n", "spec: {color: blue}\n", ""},
        {"spec:\n  color: #112233\n", "spec: {}\n",
         "values.yaml:2: color is null, and a null here takes the value away: what stands behind # is a comment, so put the "
         "value "
         "in quotes\n"},
        {"spec:\n", "spec: {}\n", COMMON("1", "spec")},
        {"spec:\n  at: {zone: a}\n", "spec:\n  at:\n    zone: null\n", OWN("3", "at.zone")},
        {"spec:\n  at: {zone: a}\n", "spec:\n  at: null\n", OWN("2", "at")},
        {"spec:\n  at: {zone: ~}\n", "spec:\n  at: {other: 1}\n", COMMON("2", "at.zone")},
        {"spec:\n  hosts: [~]\n  list: [{name: x, v: ~}]\n", "spec: {}\n", ""}, /* lists are bound as kustomize has them */
        {"spec:\n  list: ~\n", "spec: {}\n", COMMON("2", "list")},
        {"spec:\n  a.b: ~\n  late: ~\n  other: ~\n", "spec: {}\n", COMMON("2", "a.b") COMMON("3", "late")},
        {"spec:\n  color: ~\n", "spec:\n  late: ~\n", COMMON("2", "color") OWN("2", "late")},
        {"spec:\n  color: ~\n", NULL, COMMON("2", "color")},
        {NULL, "spec:\n  color: ~\n", OWN("2", "color")},
        {NULL, NULL, ""},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        cat_test_row("%s with %s", ROWS[i].values ? ROWS[i].values : "-", ROWS[i].overlay ? ROWS[i].overlay : "-");
        cat_autofree char *said = said_of(ROWS[i].values, ROWS[i].overlay, NULL);
        EXPECT_TEXT(said, ROWS[i].says);
    }
}

#define WRITTEN(file, line, field, text, number)                                                                                 \
    file ":" line ": " field " is written as " text " and would be taken over like that: write " number                          \
         ", or put it in quotes if it is a text\n"

TEST("a whole number that a binding reads is not written with a fraction or an exponent")
{
    static const struct {
        const char *values, *overlay, *says;
    } ROWS[] = {
        {"spec:\n  color: 2.0\n", "spec: {}\n", WRITTEN("values.yaml", "2", "color", "2.0", "2")},
        {"spec:\n  color: 1e2\n", "spec: {color: 1e0}\n",
         WRITTEN("values.yaml", "2", "color", "1e2", "100") WRITTEN("overlays/dev/values.yaml", "1", "color", "1e0", "1")},
        {"spec:\n  at:\n    zone: 3.\n", "spec: {}\n", WRITTEN("values.yaml", "3", "at.zone", "3.", "3")},
        {"spec:\n  color: 2\n  late: 0x1E\n", "spec: {color: 0o17}\n", ""},
        {"spec:\n  color: '2.0'\n  late: 2.5\n", "spec: {}\n", ""},
        {"spec:\n  free: 2.0\n", "spec: {}\n", ""},
        {"spec:\n  most: 1_00\n", "spec: {most: 0b11}\n",
         WRITTEN("values.yaml", "2", "most", "1_00", "100") WRITTEN("overlays/dev/values.yaml", "1", "most", "0b11", "3")},
        {"spec:\n  most: 100\n", "spec: {most: -1}\n", ""},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        cat_test_row("%s with %s", ROWS[i].values, ROWS[i].overlay);
        cat_autofree char *said = said_of(ROWS[i].values, ROWS[i].overlay, NULL);
        EXPECT_TEXT(said, ROWS[i].says);
    }
}

TEST("a file of values that is read as no group of fields, or as more than one document, is told at its line")
{
    static const struct {
        const char *values, *overlay, *environment, *says;
    } ROWS[] = {
        {"---\nspec: {}\n---\n# nothing\n...\n", "spec: {}\n...\n", "---\n---\nenvironment: {}\n", ""},
        {"spec: {}\n---\nkind: ConfigMap\n", "spec: {}\n", NULL,
         "values.yaml:2: there is more than one document: a file has one, so take this one out\n"},
        {"spec: {}\n", "spec: {}\n---\nspec: {}\n", "a: 1\n---\nb: 1\n",
         "overlays/dev/values.yaml:2: there is more than one document: a file has one, so take this one out\n"
         "overlays/dev/environment.yaml:2: there is more than one document: a file has one, so take this one out\n"},
        {"a: 1\nspec: x\n", "spec:\n- a\n", NULL,
         "values.yaml:2: spec has to be a group of fields\noverlays/dev/values.yaml:2: spec has to be a group of fields\n"},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        cat_test_row("%s with %s", ROWS[i].values, ROWS[i].overlay);
        cat_autofree char *said = said_of(ROWS[i].values, ROWS[i].overlay, ROWS[i].environment);
        EXPECT_TEXT(said, ROWS[i].says);
    }
}

TEST("what another Environment's overlay says is its own")
{
    cat_autojson json_t *files = cat_json_object("blueprint/bind/values.yaml", json_string(BINDINGS), "values.yaml",
                                                 json_string("spec: {color: red}\n"), "overlays/prod/values.yaml",
                                                 json_string("spec:\n  color: ~\n"), NULL),
                        *errors = NULL;
    EXPECT(cat_values_check(files, "dev", &errors) && !errors);
    EXPECT(!cat_values_check(files, "prod", &errors));
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
