#include "source.h"

#include <string.h>

#include "base/memory.h"
#include "base/test.h"
#include "domain/kinds.h"

/* One source: org.acme.env.dev.blog.db = {user: "u", password: "p"}. */
static int sources(void *context, const char *name, json_t **data, cat_error *error)
{
    (void)context;
    if (strcmp(name, "org.acme.env.dev.blog.db") != 0)
        return cat_error_set(error, CAT_E_NOT_FOUND, "there is no secret %s", name);
    *data = cat_json_object("user", json_string("dQ=="), "password", json_string("cA=="), NULL);
    return 0;
}

static json_t *external(const char *spec)
{
    json_t *made = cat_object_make(cat_resource_find("external-secrets.io", "ExternalSecret"), "blog-dev", "blog-db");
    cat_json_set_text(made, "metadata.uid", "u-1");
    cat_object_set_label(made, "openova.io/environment", "acme-dev");
    json_t *parsed = NULL;
    cat_json_parse(spec, strlen(spec), &CAT_JSON_CAPS, &parsed, NULL);
    json_object_set_new(made, "spec", parsed);
    return made;
}

TEST("a source is named as its Secret is, and by nothing that could mean something else in a URL")
{
    static const char *const bad[] = {"",        "/a",   "a/",  "a/b",   "org/acme/env/dev/blog/db",
                                      "../x",    "a..b", "A.b", "a b",   "a_b",
                                      ".a",      "a.",   "a ",  "a%2eb", "a?b",
                                      "a#b",     "a\nb", "-a",  "a:b",   "a*",
                                      "\xc3\xa4"};
    EXPECT_INT(source_check_name("org.acme.env.dev.blog.db", NULL), 0);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        cat_test_row("%s", bad[i]);
        EXPECT_INT(source_check_name(bad[i], NULL), CAT_E_INVALID);
    }
    EXPECT_INT(source_check_name(NULL, NULL), CAT_E_INVALID);
}

TEST("the Secret has what the ExternalSecret asks for")
{
    static const struct {
        const char *spec, *data;
    } table[] = {
        {"{\"data\":[{\"secretKey\":\"PW\",\"remoteRef\":{\"key\":\"org.acme.env.dev.blog.db\",\"property\":\"password\"}}]}",
         "{\"PW\":\"cA==\"}"},
        {"{\"dataFrom\":[{\"extract\":{\"key\":\"org.acme.env.dev.blog.db\"}}]}", "{\"user\":\"dQ==\",\"password\":\"cA==\"}"},
        /* {"user":"u","password":"p"} */
        {"{\"data\":[{\"secretKey\":\"all\",\"remoteRef\":{\"key\":\"org.acme.env.dev.blog.db\"}}]}",
         "{\"all\":\"eyJ1c2VyIjoidSIsInBhc3N3b3JkIjoicCJ9\"}"},
        {"{}", "{}"},
        {"{\"target\":{\"template\":{\"type\":\"Opaque\",\"engineVersion\":\"v2\",\"mergePolicy\":\"Replace\"}}}", "{}"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        cat_test_row("%s", table[i].spec);
        cat_autojson json_t *from = external(table[i].spec), *secret = NULL;
        EXPECT_INT(source_build(from, sources, NULL, &secret, NULL), 0);
        cat_autofree char *data = cat_json_format(cat_json_get(secret, "data"));
        EXPECT_TEXT(data, table[i].data);
        EXPECT_TEXT(cat_object_name(secret), "blog-db");
        EXPECT_TEXT(cat_object_namespace(secret), "blog-dev");
        EXPECT_TEXT(cat_json_text(secret, "metadata.ownerReferences.0.uid"), "u-1");
        EXPECT_TEXT(cat_object_label(secret, "openova.io/environment"), "acme-dev");
    }
}

TEST("what is missing is said")
{
    static const struct {
        const char *spec;
        int code;
    } table[] = {
        {"{\"data\":[{\"secretKey\":\"a\",\"remoteRef\":{\"key\":\"org.acme.env.dev.blog.none\",\"property\":\"p\"}}]}",
         CAT_E_NOT_FOUND},
        {"{\"data\":[{\"secretKey\":\"a\",\"remoteRef\":{\"key\":\"org.acme.env.dev.blog.db\",\"property\":\"none\"}}]}",
         CAT_E_NOT_FOUND},
        {"{\"dataFrom\":[{\"extract\":{\"key\":\"../other\"}}]}", CAT_E_INVALID},
        {"{\"dataFrom\":[{}]}", CAT_E_INVALID},
        {"{\"target\":{\"template\":{\"data\":{\"a\":\"b\"}}}}", CAT_E_UNSUPPORTED},
        {"{\"target\":{\"creationPolicy\":\"Merge\"}}", CAT_E_UNSUPPORTED},
        {"{\"target\":{\"name\":\"catalyst-secrets\"}}", CAT_E_INVALID},
        {"{\"dataFrom\":[{\"find\":{\"name\":{\"regexp\":\".*\"}}}]}", CAT_E_UNSUPPORTED},
        {"{\"dataFrom\":[{\"sourceRef\":{\"generatorRef\":{\"name\":\"x\"}},\"extract\":{\"key\":\"org.acme.env.dev.blog.db\"}}]"
         "}",
         CAT_E_UNSUPPORTED},
        {"{\"data\":[{\"secretKey\":\"a\",\"sourceRef\":{\"storeRef\":{\"name\":\"x\"}},\"remoteRef\":{\"key\":\"org.acme.env."
         "dev.blog.db\"}}]}",
         CAT_E_UNSUPPORTED},
        {"{\"data\":[{\"remoteRef\":{\"key\":\"org.acme.env.dev.blog.db\"}}]}", CAT_E_INVALID},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        cat_test_row("%s", table[i].spec);
        cat_autojson json_t *from = external(table[i].spec), *secret = NULL;
        cat_error error = {0};
        EXPECT_INT(source_build(from, sources, NULL, &secret, &error), table[i].code);
        EXPECT(error.message[0] && !secret);
    }
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
