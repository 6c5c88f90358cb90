/* Which sentences name an Environment. */
#include "domain/environment_words.h"

#include "base/memory.h"
#include "base/test.h"

TEST("an Environment is named by its name, a namespace in it, its branch or a path of its own, and by nothing that looks like it")
{
    static const struct {
        const char *words;
        bool prod, dev;
    } rows[] = {{"acme-prod is governed", true, false},
                {"the bucket ws-acme-prod-state", true, false},
                {"acme-production and xacme-prod", false, false},
                {"db.acme-prod.example.org", true, false},
                {"namespace blog-prod", true, false},
                {"pod shop-prod-1 of blog", false, false},
                {"on branch main of acme/blog", true, false},
                {"values.yaml on main of acme/blog", true, false},
                {"branch maintenance", false, false},
                {"refs/heads/main", true, false},
                {"overlays/prod/values.yaml", true, false},
                {"overlays/production", false, false},
                {"org/acme/env/prod/blog/db", true, false},
                {"org.acme.env.prod.blog.db", true, false},
                {"branch develop of acme/blog", false, false},
                {"blog-dev and acme-prod", true, true},
                {"", false, false}};
    cat_auto(cat_strings) applications = {0};
    cat_strings_add(&applications, "blog");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cat_test_row("%s", rows[i].words);
        EXPECT_INT(cat_words_name_environment(rows[i].words, "acme-prod", &applications), rows[i].prod);
        EXPECT_INT(cat_words_name_environment(rows[i].words, "acme-dev", &applications), rows[i].dev);
    }
    EXPECT(!cat_words_name_environment("namespace blog-prod", "acme-prod", NULL));
}

TEST("another Environment is one that is not among those that are seen, whether there is one or not")
{
    cat_auto(cat_strings) dev = {0}, both = {0};
    cat_strings_add(&dev, "acme-dev");
    cat_strings_add(&both, "acme-dev");
    cat_strings_add(&both, "acme-poc");
    EXPECT(!cat_words_name_another("acme-dev waits", "acme", &dev, NULL));
    EXPECT(cat_words_name_another("acme-poc waits", "acme", &dev, NULL));
    EXPECT(!cat_words_name_another("acme-poc waits", "acme", &both, NULL));
    EXPECT(cat_words_name_another("acme-dev waits for acme-prod", "acme", &both, NULL));
    EXPECT(!cat_words_name_another("blue-prod waits", "acme", &dev, NULL));
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
