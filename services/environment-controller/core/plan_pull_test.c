/* What is taken of somebody's docker config, how two become one, and what a namespace gets of them. */
#define EC_PLAN_TEST_MAIN
#include "core/plan_pull.h"

#include "base/encoding.h"
#include "core/plan_test_parts.h"

#define NAMESPACE "blog-dev"
#define GHCR "{\"auths\":{\"ghcr.io\":{\"auth\":\"YTpi\"}}}" /* a:b */
#define GHCR_OTHER "{\"auths\":{\"https://GHCR.io/\":{\"auth\":\"YzpkZQ==\"}}}"
#define QUAY "{\"auths\":{\"quay.io\":{\"username\":\"u\",\"password\":\"p\"}}}"

static json_t *secret_of(const char *config)
{
    cat_autofree char *data = cat_base64_encode(config, strlen(config));
    return json_pack("{s:{s:s}, s:s, s:{s:s}}", "metadata", "name", "x", "type", EC_PULL_TYPE, "data", EC_PULL_KEY, data);
}

static void put_secret(ec_observed *observed, const char *key, const char *config)
{
    ec_observed_set(observed, key, config ? secret_of(config) : json_null());
}

static char *config_of(const json_t *secret)
{
    const char *data = json_string_value(json_object_get(json_object_get(secret, "data"), EC_PULL_KEY));
    size_t length;
    return data ? (char *)cat_base64_decode(data, strlen(data), &length) : NULL;
}

#define OWN "management Secret acme pull-credentials"
#define SHARED "management Secret catalyst-environment-controller registry"
#define GIVEN VCLUSTER " Secret " NAMESPACE " catalyst-pull"
#define ACCOUNT VCLUSTER " ServiceAccount " NAMESPACE " default"

static void give(bool shared, const ec_observed *observed, ec_plan *plan)
{
    ec_settings settings = SETTINGS;
    settings.pull_secret = shared ? "registry" : NULL;
    ec_plan_finish(plan);
    ec_pull_give(&settings, "acme", observed, plan, VCLUSTER, NAMESPACE, json_object());
}

static void expect_flux(const ec_plan *plan, const char *expected)
{
    cat_autofree char *text = test_section(plan, EC_FLUX);
    EXPECT_TEXT(text, expected);
}

static void expect_told(bool shared, const ec_observed *observed, const char *expected)
{
    ec_settings settings = SETTINGS;
    settings.pull_secret = shared ? "registry" : NULL;
    cat_auto(ec_plan) plan = {0};
    ec_pull_tell(&settings, "acme", observed, &plan);
    cat_autofree char *text = ec_plan_text(&plan);
    EXPECT_TEXT(text, expected);
}

TEST("of a docker config what kubelets read is taken, and nothing else")
{
    static const struct {
        const char *config, *kept;
    } rows[] = {
        {GHCR, "{\"ghcr.io\":{\"auth\":\"YTpi\"}}"},
        {QUAY, "{\"quay.io\":{\"password\":\"p\",\"username\":\"u\"}}"},
        {"{\"auths\":{}}", "{}"},
        {"{\"auths\":{\"r\":{\"auth\":\"YTpi\",\"identitytoken\":\"t\",\"email\":\"\"}},\"credsStore\":\"desktop\"}",
         "{\"r\":{\"auth\":\"YTpi\"}}"},
        {"{\"auths\":{\"r\":{\"auth\":\"YzpkZQ\"}}}", "{\"r\":{\"auth\":\"YzpkZQ\"}}"},
        {"{\"auths\":{\"r\":{\"auth\":\"\",\"username\":\"u\",\"password\":\"p\"}}}",
         "{\"r\":{\"password\":\"p\",\"username\":\"u\"}}"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cat_test_row("%s", rows[i].config);
        cat_autojson json_t *secret = secret_of(rows[i].config), *registries = NULL;
        cat_error error = {0};
        EXPECT_INT(ec_pull_parse(secret, &EC_PULL_CAPS, &registries, &error), 0);
        EXPECT_TEXT(error.message, "");
        cat_autofree char *kept = cat_json_canonical(registries);
        EXPECT_TEXT(kept, rows[i].kept);
    }
}

TEST("a Secret that is wrong says what is wrong and never what it holds")
{
    static const struct {
        const char *config, *message;
    } rows[] = {
        {"hunter2", "its docker config is not JSON: line 1, column 6"},
        {"{\"auths\":\n{\"hunter2\" 1}}", "its docker config is not JSON: line 2, column 12"},
        {"{\"hunter2\":1,\"hunter2\":2}", "its docker config is not JSON: line 1, column 22"},
        {"[[[[[[[[[[\"hunter2\"]]]]]]]]]]", "the JSON text is nested deeper than 8 levels"},
        {"\"hunter2\"", "its docker config has no object auths"},
        {"{\"hunter2\":{}}", "its docker config has no object auths"},
        {"{\"auths\":[\"hunter2\"]}", "its docker config has no object auths"},
        {"{\"auths\":{\"\":{\"auth\":\"YTpi\"}}}", "its registry number 1 has a name that no registry has"},
        {"{\"auths\":{\"hunter 2\":{\"auth\":\"YTpi\"}}}", "its registry number 1 has a name that no registry has"},
        {"{\"auths\":{\"a\":{\"auth\":\"YTpi\"},\"hunter2\":\"hunter2\"}}", "its registry number 2 is not an object"},
        {"{\"auths\":{\"a\":{\"password\":2}}}", "password of its registry number 1 is not a text"},
        {"{\"auths\":{\"a\":{\"password\":\"hunter2\"}}}", "its registry number 1 has neither auth nor username and password"},
        {"{\"auths\":{\"a\":{\"auth\":\"hunter2!\"}}}", "auth of its registry number 1 is not base64 of user:password"},
        {"{\"auths\":{\"a\":{\"auth\":\"aHVudGVyMg==\"}}}", "auth of its registry number 1 is not base64 of user:password"},
        {"{\"auths\":{\"a\":{\"auth\":\"OnA=\"}}}", "auth of its registry number 1 is not base64 of user:password"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cat_test_row("%s", rows[i].config);
        cat_autojson json_t *secret = secret_of(rows[i].config), *registries = NULL;
        cat_error error = {0};
        EXPECT(ec_pull_parse(secret, &EC_PULL_CAPS, &registries, &error) < 0);
        EXPECT(registries == NULL);
        EXPECT_TEXT(error.message, rows[i].message);
    }
    cat_autojson json_t *opaque = test_json("{type: Opaque, data: {password: aHVudGVyMg==}}"), *registries = NULL,
                        *empty = test_json("{type: kubernetes.io/dockerconfigjson, data: {}}"),
                        *letters = test_json("{type: kubernetes.io/dockerconfigjson, data: {.dockerconfigjson: 'hunter2'}}");
    const struct {
        const json_t *secret;
        const char *message;
    } others[] = {{opaque, "it is of type Opaque, not " EC_PULL_TYPE},
                  {empty, "it has no key " EC_PULL_KEY},
                  {letters, "its key " EC_PULL_KEY " is not base64"}};
    for (size_t i = 0; i < 3; i++) {
        cat_error error = {0};
        EXPECT_INT(ec_pull_parse(others[i].secret, &EC_PULL_CAPS, &registries, &error), CAT_E_INVALID);
        EXPECT_TEXT(error.message, others[i].message);
    }
}

TEST("a docker config has at most 64 KiB and names at most 64 registries")
{
    cat_auto(cat_string) text = CAT_STRING(1024 * 1024);
    cat_string_append(&text, "{\"auths\":{");
    for (int i = 0; i < 65; i++)
        cat_string_appendf(&text, "%s\"r%d\":{\"auth\":\"YTpi\"}", i ? "," : "", i);
    cat_string_append(&text, "}}");
    cat_autojson json_t *many = secret_of(cat_string_get(&text)), *registries = NULL;
    cat_error error = {0};
    EXPECT_INT(ec_pull_parse(many, &EC_PULL_CAPS, &registries, &error), CAT_E_TOO_LARGE);
    EXPECT_TEXT(error.message, "it names 65 registries, at most 64 are allowed");
    while (text.length <= EC_PULL_CAPS.bytes)
        cat_string_append(&text, "          ");
    cat_autojson json_t *large = secret_of(cat_string_get(&text));
    EXPECT_INT(ec_pull_parse(large, &EC_PULL_CAPS, &registries, &error), CAT_E_TOO_LARGE);
    EXPECT(strstr(error.message, "65536") || strstr(error.message, "64 KiB"));
}

TEST("of two that name the same registry, in whichever spelling, the first counts")
{
    static const struct {
        const char *first, *second;
        bool same;
    } rows[] = {
        {"ghcr.io", "ghcr.io", true},
        {"ghcr.io", "https://GHCR.io/", true},
        {"http://ghcr.io/v2/", "ghcr.io", true},
        {"https://index.docker.io/v1/", "docker.io", true},
        {"ghcr.io", "ghcr.io/acme", false},
        {"ghcr.io/v1/acme/", "ghcr.io/acme", true},
        {"ghcr.io:443", "ghcr.io", false},
        {"ghcr.io/Acme", "ghcr.io/acme", false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cat_test_row("%s %s", rows[i].first, rows[i].second);
        cat_autojson json_t *all = json_pack("{s:s}", rows[i].first, "first"),
                            *more = json_pack("{s:s}", rows[i].second, "second");
        ec_pull_add(all, more);
        EXPECT_INT(json_object_size(all), rows[i].same ? 1 : 2);
        EXPECT_TEXT(json_string_value(json_object_get(all, rows[i].first)), "first");
    }
}

TEST("where nobody gives credentials nothing is made, and an Organization need not have any")
{
    cat_auto(ec_observed) observed;
    cat_auto(ec_plan) plan = {0};
    ec_observed_init(&observed);
    put_secret(&observed, OWN, NULL);
    put_secret(&observed, SHARED, NULL);
    put_secret(&observed, GIVEN, NULL);
    give(false, &observed, &plan);
    expect_flux(&plan, "");
    EXPECT_INT(plan.looks.count, 0);
    expect_told(false, &observed, "");
    expect_told(true, &observed, "pull: wait: Secret catalyst-environment-controller/registry is not there\n");
}

TEST("a namespace gets the Secret first and its ServiceAccount's entry then, and both once")
{
    cat_auto(ec_observed) observed;
    cat_auto(ec_plan) plan = {0};
    ec_observed_init(&observed);
    put_secret(&observed, OWN, GHCR_OTHER);
    put_secret(&observed, SHARED, "{\"auths\":{\"ghcr.io\":{\"auth\":\"YTpi\"},\"quay.io\":{\"auth\":\"YTpi\"}}}");
    give(true, &observed, &plan);
    expect_flux(&plan, "apply Secret on " VCLUSTER ": " NAMESPACE "/catalyst-pull\n"
                       "apply ServiceAccount on " VCLUSTER ": " NAMESPACE "/default\n");
    cat_autofree char *config = config_of(test_applied(&plan, "Secret", EC_PULL_SECRET));
    EXPECT_TEXT(config, "{\"auths\":{\"https://GHCR.io/\":{\"auth\":\"YzpkZQ==\"},\"quay.io\":{\"auth\":\"YTpi\"}}}");
    test_carry_out(&plan, &observed);
    give(true, &observed, &plan);
    expect_flux(&plan, "");
    expect_told(true, &observed, "");
    put_secret(&observed, OWN, QUAY);
    give(true, &observed, &plan);
    expect_flux(&plan, "apply Secret on " VCLUSTER ": " NAMESPACE "/catalyst-pull\n");
}

TEST("what others let the ServiceAccount give stays, and only the list that was seen is changed")
{
    cat_auto(ec_observed) observed;
    cat_auto(ec_plan) plan = {0};
    ec_observed_init(&observed);
    put_secret(&observed, OWN, GHCR);
    test_put(&observed, ACCOUNT,
             "{metadata: {name: default, namespace: blog-dev, resourceVersion: '7'}, imagePullSecrets: [{name: theirs}]}");
    give(false, &observed, &plan);
    expect_flux(&plan, "apply Secret on " VCLUSTER ": " NAMESPACE "/catalyst-pull\n"
                       "change ServiceAccount on " VCLUSTER ": " NAMESPACE "/default\n");
    cat_autofree char *given = cat_json_canonical(plan.items[1].object);
    EXPECT_TEXT(given, "{\"apiVersion\":\"v1\",\"imagePullSecrets\":[{\"name\":\"theirs\"},{\"name\":\"catalyst-pull\"}],"
                       "\"kind\":\"ServiceAccount\",\"metadata\":{\"name\":\"default\",\"namespace\":\"blog-dev\","
                       "\"resourceVersion\":\"7\"}}");
    put_secret(&observed, OWN, NULL);
    put_secret(&observed, GIVEN, GHCR);
    ec_observed_set(&observed, ACCOUNT, json_deep_copy(plan.items[1].object));
    give(false, &observed, &plan);
    expect_flux(&plan, "change ServiceAccount on " VCLUSTER ": " NAMESPACE "/default\n"
                       "delete Secret on " VCLUSTER ": " NAMESPACE "/catalyst-pull\n");
    cat_autofree char *taken = cat_json_canonical(json_object_get(plan.items[0].object, "imagePullSecrets"));
    EXPECT_TEXT(taken, "[{\"name\":\"theirs\"}]");
}

TEST("a broken Secret is told of; the other goes on, and what the namespace has beyond it stays")
{
    static const struct {
        const char *own, *shared, *given, *wanted;
    } rows[] = {
        {"x", QUAY, NULL, "{\"auths\":{\"quay.io\":{\"password\":\"p\",\"username\":\"u\"}}}"},
        {"x", QUAY, GHCR, "{\"auths\":{\"ghcr.io\":{\"auth\":\"YTpi\"},\"quay.io\":{\"password\":\"p\",\"username\":\"u\"}}}"},
        {"x", GHCR_OTHER, GHCR, GHCR_OTHER},
        {GHCR_OTHER, "x", GHCR, "{\"auths\":{\"https://GHCR.io/\":{\"auth\":\"YzpkZQ==\"}}}"},
        {"x", "x", GHCR, GHCR},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cat_test_row("%zu", i);
        cat_auto(ec_observed) observed;
        cat_auto(ec_plan) plan = {0};
        ec_observed_init(&observed);
        put_secret(&observed, OWN, rows[i].own);
        put_secret(&observed, SHARED, rows[i].shared);
        put_secret(&observed, GIVEN, rows[i].given);
        give(true, &observed, &plan);
        const json_t *applied = test_applied(&plan, "Secret", EC_PULL_SECRET);
        cat_autofree char *config = applied ? config_of(applied) : cat_strdup(rows[i].given);
        EXPECT_TEXT(config, rows[i].wanted);
        EXPECT(!ec_plan_has(&plan, EC_FLUX, EC_DELETE));
    }
    cat_auto(ec_observed) observed;
    ec_observed_init(&observed);
    put_secret(&observed, OWN, "hunter2");
    put_secret(&observed, SHARED, NULL);
    expect_told(true, &observed,
                "pull: refuse: Secret acme/pull-credentials: its docker config is not JSON: line 1, column 6\n"
                "pull: wait: Secret catalyst-environment-controller/registry is not there\n");
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
