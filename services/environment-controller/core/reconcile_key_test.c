/* Keys as text and back. */
#include "core/reconcile_key.h"

#include <string.h>

#include "base/test.h"

TEST("a key is read as it was written, also what is in no namespace and what has slashes in its name")
{
    static const char *const rows[][3] = {
        {"Application", "acme", "blog"},
        {"Organization", "", "acme"},
        {"Flux", "acme", "nbg-acme flux-system blog-dev drift"},
        {"Informer", "acme", "a/b"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cat_test_row("%s", rows[i][0]);
        char text[EC_RECONCILE_KEY_MAX];
        ec_reconcile_key key;
        EXPECT(ec_reconcile_key_format(rows[i][0], *rows[i][1] ? rows[i][1] : NULL, rows[i][2], text));
        EXPECT(ec_reconcile_key_parse(text, &key));
        EXPECT_TEXT(key.kind, rows[i][0]);
        EXPECT_TEXT(key.namespace, rows[i][1]);
        EXPECT_TEXT(key.name, rows[i][2]);
    }
}

TEST("each key is somebody's work: an Organization's, or the Sovereign's own")
{
    static const struct {
        const char *key, *owner;
    } rows[] = {{"Application/acme/blog", "acme"},
                {"Environment/acme/acme-dev", "acme"},
                {"Organization//acme", "acme"},
                {"Informer/acme/nbg-acme", "acme"},
                {"Flux/acme/a b c drift", "acme"},
                {"People//acme", "acme"},
                {"People//system", "_"},
                {"Sovereign//one", "_"},
                {"Gained//acme", "acme"},
                {"EnvironmentPolicy/catalyst-system/p", "_"},
                {"Gained//_", "_"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cat_test_row("%s", rows[i].key);
        ec_reconcile_key key;
        REQUIRE(ec_reconcile_key_parse(rows[i].key, &key));
        EXPECT_TEXT(ec_reconcile_key_owner(&key), rows[i].owner);
    }
}

TEST("what names nothing or is too long is no key")
{
    ec_reconcile_key key;
    EXPECT(!ec_reconcile_key_parse("Application", &key));
    EXPECT(!ec_reconcile_key_parse("Application/acme", &key));
    EXPECT(!ec_reconcile_key_parse("Application/acme/", &key));
    char name[EC_RECONCILE_KEY_MAX + 1], text[EC_RECONCILE_KEY_MAX];
    memset(name, 'a', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    EXPECT(!ec_reconcile_key_format("Application", "acme", name, text));
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
