/* What keeps a branch's tree from being built as a whole, in words for people. */
#include "domain/application_tree.h"

#include "base/memory.h"
#include "base/string.h"
#include "base/test.h"

#define VALUES "apiVersion: catalyst.openova.io/v1alpha1\nkind: Values\nmetadata: {name: values}\nspec: {color: red}\n"
#define BINDING "replacements: [{source: {kind: Values, fieldPath: spec.color}}]\n"

/* All that is said, one a line. A text of NULL takes the file away. */
static char *said_of(const char *const changes[][2], size_t count)
{
    cat_autojson json_t *files = cat_json_object(
        "kustomization.yaml", json_string("resources: [values.yaml]\n"), "values.yaml", json_string(VALUES),
        "overlays/dev/kustomization.yaml", json_string("kind: Component\npatches: [{path: values.yaml}]\n"),
        "overlays/dev/values.yaml", json_string(VALUES), "blueprint/bind/values.yaml", json_string(BINDING), NULL);
    for (size_t i = 0; i < count && changes[i][0]; i++) {
        if (changes[i][1])
            json_object_set_new(files, changes[i][0], json_string(changes[i][1]));
        else
            json_object_del(files, changes[i][0]);
    }
    cat_autojson json_t *errors = NULL;
    cat_autofree char *reads = NULL;
    bool passes = cat_application_tree_check(files, "dev", &errors, &reads);
    EXPECT(passes == !errors && passes == (reads != NULL));
    cat_auto(cat_string) all = CAT_STRING(8192);
    size_t index;
    json_t *one;
    json_array_foreach(errors, index, one)
    {
        cat_autofree char *words = cat_tree_error_words(one);
        cat_string_appendf(&all, "%s\n", words);
    }
    return cat_string_take(&all);
}

#define GONE(file) file " is not there: bring it back in Git\n"
#define EMPTY(file) file " is empty: bring back in Git what was in it\n"

TEST("a file that nothing can be built without is told as gone or empty, once and without a line; others at theirs")
{
    static const struct {
        const char *changes[3][2];
        const char *says;
    } ROWS[] = {
        {{{NULL}}, ""},
        {{{"values.yaml", NULL}}, GONE("values.yaml")},
        {{{"values.yaml", NULL}, {"kustomization.yaml", "resources: []\n"}}, GONE("values.yaml")},
        {{{"values.yaml", ""}}, EMPTY("values.yaml")},
        {{{"values.yaml", "# nothing\n---\n"}}, EMPTY("values.yaml")},
        {{{"values.yaml", "{}"}}, EMPTY("values.yaml")},
        {{{"values.yaml", ""}, {"overlays/dev/values.yaml", ""}}, EMPTY("values.yaml")},
        {{{"values.yaml", ""}, {"blueprint/bind/values.yaml", NULL}}, EMPTY("values.yaml")},
        /* An Application that has no values needs none. */
        {{{"values.yaml", ""}, {"overlays/dev/values.yaml", ""}, {"blueprint/bind/values.yaml", NULL}}, ""},
        {{{"overlays/dev/values.yaml", ""}}, ""},
        {{{"overlays/dev/values.yaml", NULL}},
         "overlays/dev/kustomization.yaml, line 2: overlays/dev/values.yaml is not there\n"},
        {{{"overlays/dev/kustomization.yaml", NULL}}, GONE("overlays/dev/kustomization.yaml")},
        {{{"kustomization.yaml", NULL}, {"overlays/dev/kustomization.yaml", NULL}},
         GONE("kustomization.yaml") GONE("overlays/dev/kustomization.yaml")},
        {{{"kustomization.yaml", ""}}, "kustomization.yaml, line 1: this is empty, or no object\n"},
        {{{"overlays/dev/values.yaml", "spec:\n  color: ~\n"}},
         "overlays/dev/values.yaml, line 2: color is null, and a null here takes the value away: delete the line to go back to "
         "everybody's value\n"},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        cat_test_row("%s", ROWS[i].says);
        cat_autofree char *said = said_of(ROWS[i].changes, 3);
        EXPECT_TEXT(said, ROWS[i].says);
    }
}

TEST("a root that is no text, or a link, is told by its name alone")
{
    cat_autojson json_t *linked = cat_json_object("kustomization.yaml", json_string("resources: []"), "overlays/dev", json_true(),
                                                  NULL),
                        *refused = NULL;
    EXPECT(!cat_application_tree_check(linked, "dev", &refused, NULL));
    cat_autofree char *behind = cat_tree_error_words(json_array_get(refused, 0));
    EXPECT_TEXT(behind,
                "overlays/dev/kustomization.yaml is behind a link, and links are not followed: put a copy of what it leads "
                "to in its place");
    json_t *const kinds[] = {json_true(), json_false(), json_null()};
    static const char *const SAYS[] = {
        "kustomization.yaml is a link, and links are not followed: put a copy of what it leads to in its place",
        "kustomization.yaml is too large", "kustomization.yaml is no text in UTF-8: save it as that, without zero characters"};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        cat_autojson json_t *files = cat_json_object("overlays/dev/kustomization.yaml", json_string("kind: Component"), NULL),
                            *errors = NULL;
        json_object_set_new(files, "kustomization.yaml", kinds[i]);
        EXPECT(!cat_application_tree_check(files, "dev", &errors, NULL));
        cat_autofree char *words = cat_tree_error_words(json_array_get(errors, 0));
        EXPECT_TEXT(words, SAYS[i]);
    }
}

TEST("what cannot be read is there, and its place is named where somebody asks about one")
{
    cat_autojson json_t *files =
        cat_json_object("a.yaml", json_string("a: ["), "b.yaml", json_null(), "c.yaml", json_string("- x"), NULL);
    EXPECT_INT(cat_file_state_of(files, "a.yaml"), CAT_FILE_THERE);
    EXPECT_INT(cat_file_state_of(files, "b.yaml"), CAT_FILE_THERE);
    EXPECT_INT(cat_file_state_of(files, "c.yaml"), CAT_FILE_THERE);
    EXPECT(!cat_file_words(CAT_FILE_THERE, "a.yaml", ""));
    cat_autofree char *words = cat_file_words(CAT_FILE_EMPTY, "a.yaml", " on branch develop of acme/shop");
    EXPECT_TEXT(words, "a.yaml is empty on branch develop of acme/shop: bring back in Git what was in it");
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
