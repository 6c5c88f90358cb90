#include "base/test.h"
#include "wire/subjects.h"

TEST("a key holds only what NATS takes, and gives back what it was made of")
{
    static const struct {
        const char *kind, *namespace, *name, *key;
    } rows[] = {
        {"pod", "blog-dev", "blog-0", "pod.blog-dev.blog-0"},
        {"application", NULL, "blog", "application._.blog"},
        {"ingress", "blog-dev", "a.b.c", "ingress.blog-dev.a.b.c"},
        {"clusterrole", NULL, "system:a b", "clusterrole._.system=3Aa=20b"},
        {"pod", "x", ".a..b.", "pod.x.=2Ea.=2Eb=2E"},
        {"pod", "x.y", "a=/b", "pod.x=2Ey.a=3D=2Fb"},
        {"pod", "x", "\xc3\xa4", "pod.x.=C3=A4"},
        {"k_g", "x", "A*>_", "k_g.x.A=2A=3E_"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cat_test_row("%s", rows[i].key);
        char key[CAT_KEY_MAX] = "";
        EXPECT_INT(cat_key_make(rows[i].kind, rows[i].namespace, rows[i].name, key, NULL), 0);
        EXPECT_TEXT(key, rows[i].key);
        cat_key parsed;
        REQUIRE(cat_key_parse(rows[i].key, &parsed, NULL) == 0);
        EXPECT_TEXT(parsed.kind, rows[i].kind);
        EXPECT_TEXT(parsed.namespace, rows[i].namespace);
        EXPECT_TEXT(parsed.name, rows[i].name);
    }
}

TEST("no namespace has one form, whoever says so and however")
{
    static const char *const none[] = {NULL, "", "_"};
    for (size_t i = 0; i < 3; i++) {
        char key[CAT_KEY_MAX] = "";
        EXPECT_INT(cat_key_make("operation", none[i], "01j", key, NULL), 0);
        EXPECT_TEXT(key, "operation._.01j");
    }
}

TEST("only the one form of a key is a key")
{
    static const char *const broken[] = {"",          "_fold",      "pod",       "pod.x",     "pod.x.",     "pod..a",
                                         ".x.a",      "pod.x.a..b", "pod.x.a.",  "pod.x.=",   "pod.x.=2",   "pod.x.=2e",
                                         "pod.x.=61", "pod.x.=00",  "pod.x.a b", "pod.=5F.a", "pod.x.a=2Eb"};
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
        cat_test_row("%s", broken[i]);
        cat_key parsed = {.kind = "untouched"};
        EXPECT_INT(cat_key_parse(broken[i], &parsed, NULL), CAT_E_INVALID);
        EXPECT_TEXT(parsed.kind, "untouched");
    }
}

TEST("keys have a maximum, and need kind and name")
{
    char name[500], key[CAT_KEY_MAX] = "untouched";
    memset(name, 'a', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    EXPECT_INT(cat_key_make("pod", "x", name, key, NULL), CAT_E_TOO_LARGE);
    cat_key parsed;
    EXPECT_INT(cat_key_parse(name, &parsed, NULL), CAT_E_TOO_LARGE);
    EXPECT_INT(cat_key_make("pod", "x", "", key, NULL), CAT_E_INVALID);
    EXPECT_INT(cat_key_make("", "x", "a", key, NULL), CAT_E_INVALID);
    EXPECT_INT(cat_key_make(NULL, "x", "a", key, NULL), CAT_E_INVALID);
    EXPECT_TEXT(key, "untouched");
    name[CAT_KEY_MAX - 1 - strlen("pod.x.")] = '\0';
    EXPECT_INT(cat_key_make("pod", "x", name, key, NULL), 0);
    EXPECT_INT(strlen(key), CAT_KEY_MAX - 1);
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
