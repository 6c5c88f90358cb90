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
