/* What makes a catalyst.yaml one that nobody can follow, in a sentence that names the field. */
#include "domain/application_source.h"

#include <string.h>

#include "base/memory.h"
#include "base/test.h"
#include "wire/yaml.h"

#define API "apiVersion: catalyst.openova.io/v1alpha1, kind: ApplicationSource"
#define OF_BLOG API ", metadata: {name: blog}"
#define FROM_X "blueprint: {source: catalog, name: bp-x, version: 1.0.0}"

TEST("a catalyst.yaml that nobody can follow is refused with the field and what it has to be")
{
    static const struct {
        const char *yaml, *message;
    } rows[] = {
        {"{" OF_BLOG ", spec: {" FROM_X ", size: small, dependencies: {db: {application: pg}}}}", ""},
        {"{" OF_BLOG ", spec: {" FROM_X "}}", ""},
        {"[]", "it has to be a group of fields"},
        {"{kind: ApplicationSource}", "apiVersion has to be catalyst.openova.io/v1alpha1"},
        {"{apiVersion: v1, kind: ApplicationSource}", "apiVersion has to be catalyst.openova.io/v1alpha1"},
        {"{apiVersion: catalyst.openova.io/v1alpha1, kind: Values}", "kind has to be ApplicationSource"},
        {"{" API ", metadata: {name: shop}}", "metadata.name has to be blog, and not shop"},
        {"{" API "}", "metadata.name has to be blog"},
        {"{" OF_BLOG "}", "spec.blueprint.source has to be a text of 1 to 63 characters"},
        {"{" OF_BLOG ", spec: {blueprint: {source: catalog, name: bp-x}}}",
         "spec.blueprint.version has to be a text of 1 to 63 characters"},
        {"{" OF_BLOG ", spec: {blueprint: {source: catalog, name: bp-x, version: 1.0}}}",
         "spec.blueprint.version has to be a text of 1 to 63 characters: put the number in quotes"},
        {"{" OF_BLOG ", spec: {" FROM_X ", dependencies: []}}", "spec.dependencies has to be a map of at most 64 aliases"},
        {"{" OF_BLOG ", spec: {" FROM_X ", dependencies: {db: {}}}}", "spec.dependencies.db does not name its application"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cat_test_row("%s", rows[i].yaml);
        cat_autojson json_t *document = NULL;
        cat_error error = {0};
        EXPECT_INT(cat_yaml_parse(rows[i].yaml, strlen(rows[i].yaml), &CAT_YAML_CAPS, &document, NULL, NULL), 0);
        EXPECT_INT(cat_application_source_check(document, "blog", &error), *rows[i].message ? CAT_E_INVALID : 0);
        EXPECT_TEXT(error.message, rows[i].message);
    }
}

TEST("a catalyst.yaml with nothing in it is told as empty, and what can be read of a wrong one is given all the same")
{
    static const struct {
        const char *text, *message;
        bool read;
    } rows[] = {
        {"", "it is empty: bring back in Git what was in it", false},
        {"# gone\n", "it is empty: bring back in Git what was in it", false},
        {"---\n~\n", "it is empty: bring back in Git what was in it", false},
        {"{}", "it is empty: bring back in Git what was in it", false},
        {"[]", "it has to be a group of fields", false},
        {"a: [", "line ", false},
        {"{kind: x}", "apiVersion has to be catalyst.openova.io/v1alpha1", true},
        {"{" OF_BLOG ", spec: {" FROM_X "}}", "", true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cat_test_row("%s", rows[i].text);
        cat_autojson json_t *document = NULL;
        cat_error error = {0};
        EXPECT_INT(cat_application_source_read(rows[i].text, strlen(rows[i].text), "blog", &document, &error),
                   *rows[i].message ? CAT_E_INVALID : 0);
        EXPECT(strncmp(error.message, rows[i].message, strlen(rows[i].message)) == 0);
        EXPECT((document != NULL) == rows[i].read);
    }
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
