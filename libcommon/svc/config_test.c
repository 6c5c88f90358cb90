#include "svc/config.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/test.h"

typedef struct {
    cat_config_common common;
    struct {
        unsigned interval_seconds;
        int shift;
        bool eager;
    } sources;
} config;

static const cyaml_schema_field_t SOURCES[] = {
    {.key = "interval_seconds", .data_offset = 0, .value = {CYAML_VALUE_UINT(CYAML_FLAG_OPTIONAL, unsigned)}},
    {.key = "shift",
     .data_offset = offsetof(config, sources.shift) - offsetof(config, sources),
     .value = {CYAML_VALUE_INT(CYAML_FLAG_OPTIONAL, int)}},
    {.key = "eager",
     .data_offset = offsetof(config, sources.eager) - offsetof(config, sources),
     .value = {CYAML_VALUE_BOOL(CYAML_FLAG_OPTIONAL, bool)}},
    CYAML_FIELD_END};
static const cyaml_schema_field_t FIELDS[] = {CAT_CONFIG_COMMON_FIELDS(config, common),
                                              CAT_CONFIG_SECTION_("sources", config, sources, SOURCES), CYAML_FIELD_END};
static const cyaml_schema_value_t SCHEMA = {CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, config, FIELDS)};

static char path[64];

static int load(const char *text, config **loaded, cat_error *error)
{
    void *out = NULL;
    snprintf(path, sizeof path, "/tmp/catalyst-config-%d.yaml", (int)getpid());
    FILE *file = fopen(path, "w");
    if (!file)
        return CAT_E_IO;
    fputs(text, file);
    fclose(file);
    int result = cat_config_load(path, &SCHEMA, offsetof(config, common), &out, error);
    unlink(path);
    *loaded = out;
    return result;
}

TEST("what stands in the file is read, and the rest has its defaults")
{
    config *own = NULL;
    cat_error error = {0};
    int result = load("listen: 127.0.0.1:0\nspine:\n  url: nats://a:4222\n  credentials: /x\nlog:\n  level: debug\n"
                      "identity:\n  issuer: http://k\nsources:\n  interval_seconds: 7\n",
                      &own, &error);
    EXPECT_TEXT(error.message, "");
    REQUIRE(result == 0);
    EXPECT_TEXT(own->common.listen, "127.0.0.1:0");
    EXPECT_TEXT(own->common.admin, "0.0.0.0:9090");
    EXPECT_TEXT(own->common.spine.url, "nats://a:4222");
    EXPECT_TEXT(own->common.spine.credentials, "/x");
    EXPECT_TEXT(own->common.log.level, "debug");
    EXPECT_TEXT(own->common.identity.issuer, "http://k");
    EXPECT_TEXT(own->common.identity.audience, "catalyst");
    EXPECT(own->common.gitea.url == NULL);
    EXPECT(own->common.instance && *own->common.instance);
    EXPECT_INT(own->common.workers, 4);
    EXPECT_INT(own->sources.interval_seconds, 7);
    cat_config_free(&SCHEMA, own);
}

TEST("the environment stands above the file, in sections too")
{
    static const char *const NAMES[] = {"CATALYST_LISTEN",
                                        "CATALYST_WORKERS",
                                        "CATALYST_SPINE_URL",
                                        "CATALYST_GITEA_PUBLIC_URL",
                                        "CATALYST_SOURCES_INTERVAL_SECONDS",
                                        "CATALYST_SOURCES_SHIFT",
                                        "CATALYST_SOURCES_EAGER"};
    static const char *const VALUES[] = {"1.2.3.4:5", "9", "nats://b:1", "http://git", "60", "-3", "true"};
    for (size_t i = 0; i < 7; i++)
        setenv(NAMES[i], VALUES[i], 1);
    config *own = NULL;
    cat_error error = {0};
    int result = load("listen: x:1\nworkers: 2\nspine:\n  url: nats://a:4222\n", &own, &error);
    for (size_t i = 0; i < 7; i++)
        unsetenv(NAMES[i]);
    EXPECT_TEXT(error.message, "");
    REQUIRE(result == 0);
    EXPECT_TEXT(own->common.listen, "1.2.3.4:5");
    EXPECT_INT(own->common.workers, 9);
    EXPECT_TEXT(own->common.spine.url, "nats://b:1");
    EXPECT_TEXT(own->common.gitea.public_url, "http://git");
    EXPECT_INT(own->sources.interval_seconds, 60);
    EXPECT_INT(own->sources.shift, -3);
    EXPECT(own->sources.eager);
    cat_config_free(&SCHEMA, own);
}

TEST("a file without a word is a file of defaults")
{
    static const char *const TEXTS[] = {"", "# nothing\n", "---\n", "{}\n"};
    for (size_t i = 0; i < 4; i++) {
        cat_test_row("%s", TEXTS[i]);
        config *own = NULL;
        EXPECT_INT(load(TEXTS[i], &own, NULL), 0);
        if (own)
            EXPECT_TEXT(own->common.listen, "0.0.0.0:8080");
        cat_config_free(&SCHEMA, own);
    }
}

TEST("a mistake is one line with the file, the line and the key")
{
    static const struct {
        const char *text, *says;
    } ROWS[] = {{"spin:\n  url: x\n", ":1: the key spin is not known"},
                {"spine:\n  urll: x\n", ":2: the key spine.urll is not known"},
                {"workers: many\n", ":1: workers: "},
                {"sources:\n  interval_seconds: -1\n", ":2: sources.interval_seconds: "},
                {"spine: x\n", ":1: spine: "},
                {"spine:\n  url: [a]\n", ":2: spine.url: "},
                {"workers: 1\nworkers: 2\n", "workers: "},
                {"workers: 1000\n", ": workers: at most 256"},
                {"log:\n  level: loud\n", ": log.level: loud is none of"}};
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        cat_test_row("%s", ROWS[i].text);
        config *own = NULL;
        cat_error error = {0};
        EXPECT_INT(load(ROWS[i].text, &own, &error), CAT_E_INVALID);
        EXPECT(own == NULL);
        EXPECT(strstr(error.message, path));
        EXPECT(strstr(error.message, ROWS[i].says));
        if (!strstr(error.message, ROWS[i].says))
            cat_test_fail(__FILE__, __LINE__, "%s", error.message);
        EXPECT(!strchr(error.message, '\n'));
    }
}

TEST("a broken value in the environment names the variable")
{
    setenv("CATALYST_WORKERS", "many", 1);
    config *own = NULL;
    cat_error error = {0};
    EXPECT_INT(load("{}", &own, &error), CAT_E_INVALID);
    unsetenv("CATALYST_WORKERS");
    EXPECT_TEXT(error.message, "CATALYST_WORKERS: many is no positive number");
}

TEST("a file that is not there is said so")
{
    void *own = NULL;
    cat_error error = {0};
    EXPECT_INT(cat_config_load("/nonexistent.yaml", &SCHEMA, 0, &own, &error), CAT_E_NOT_FOUND);
    EXPECT(strstr(error.message, "/nonexistent.yaml"));
}

TEST("a key that a service needs is asked for by name")
{
    cat_error error = {0};
    EXPECT_INT(cat_config_require("x", "spine.url", &error), 0);
    EXPECT_INT(cat_config_require("", "spine.url", &error), CAT_E_INVALID);
    EXPECT_TEXT(error.message, "spine.url is not set");
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
