#include "domain/secrets.h"

#include <string.h>

#include "base/memory.h"
#include "base/test.h"

TEST("an Application's secrets lie below its path in the Environment, and Kubernetes names them with dots")
{
    cat_autofree char *base = cat_secret_base("acme", "dev", "blog"), *path = cat_printf("%s/db", base),
                      *key = cat_secret_key(path), *same = cat_secret_key("a.b");
    EXPECT_TEXT(base, "org/acme/env/dev/blog");
    EXPECT_TEXT(key, "org.acme.env.dev.blog.db");
    EXPECT_TEXT(same, "a.b");
}

TEST("a Blueprint's output secretPath names one of its own secrets, whoever installs it, or is refused")
{
    static const struct {
        const char *output, *path;
    } table[] = {
        {"{{ .environment.secretPath }}/db", "org/acme/env/dev/blog/db"},
        {"org/{{ .organization.name }}/env/{{ .environment.type }}/{{ .application.name }}/db", "org/acme/env/dev/blog/db"},
        {"{{ .environment.secretPath }}/none", NULL},
        {"{{ .environment.secretPath }}", NULL},
        {"{{ .environment.secretPath }}/", NULL},
        {"{{ .environment.secretPath }}/db/db", NULL},
        {"{{ .environment.secretPath }}/db/", NULL},
        {"{{ .environment.secretPath }}/../blog/db", NULL},
        {"{{ .environment.secretPath }}2/db", NULL},
        {"{{ .environment.secretPath }}/{{ .config.name }}", NULL},
        {"{{ .dependencies.db.secretPath }}", NULL},
        {"org/acme/env/dev/other/db", NULL},
        {"org/acme/env/prod/blog/db", NULL},
        {"org/blue/env/dev/blog/db", NULL},
        {"org.acme.env.dev.blog.db", NULL},
        {"ORG/acme/env/dev/blog/db", NULL},
        {"{{ .environment", NULL},
        {"*", NULL},
        {"", NULL},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        cat_test_row("%s", table[i].output);
        cat_autojson json_t *spec = json_pack("{s:[{s:s}, {s:s}], s:{s:s}}", "rotation", "secret", "db", "secret", "other",
                                              "outputs", "secretPath", table[i].output);
        cat_autofree char *path = NULL;
        cat_error error = {0};
        EXPECT_INT(cat_secret_output(spec, "acme", "dev", "blog", &path, &error), table[i].path ? 0 : CAT_E_INVALID);
        EXPECT_TEXT(path, table[i].path);
        EXPECT(table[i].path || error.message[0]);
    }
}

TEST("a Blueprint without that output offers none")
{
    cat_autojson json_t *spec = json_pack("{s:[{s:s}], s:{s:s}}", "rotation", "secret", "db", "outputs", "host", "x"),
                        *number = json_pack("{s:{s:i}}", "outputs", "secretPath", 7);
    char *path = "before";
    EXPECT_INT(cat_secret_output(spec, "acme", "dev", "blog", &path, NULL), 0);
    EXPECT(!path);
    EXPECT_INT(cat_secret_output(number, "acme", "dev", "blog", &path, NULL), CAT_E_INVALID);
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
