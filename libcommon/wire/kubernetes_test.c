#include "wire/kubernetes.h"

#include "base/memory.h"
#include "base/test.h"

static json_t *parse(const char *text)
{
    json_t *json = NULL;
    if (cat_json_parse(text, strlen(text), &CAT_JSON_CAPS, &json, NULL) < 0)
        cat_test_fail(__FILE__, __LINE__, "%s", text);
    return json;
}

TEST("a new object has apiVersion, kind and metadata")
{
    cat_autojson json_t *deployment = cat_object_make(&(cat_resource){"apps", "v1", "Deployment", "deployments", true}, "blog-dev", "web");
    cat_object_set_label(deployment, CAT_LABEL_APPLICATION, "blog");
    cat_object_set_annotation(deployment, "a.b/c", "d");
    cat_object_set_annotation(deployment, "gone", "x");
    cat_object_set_annotation(deployment, "gone", NULL);
    cat_autofree char *text = cat_json_format(deployment);
    EXPECT_TEXT(text, "{\"apiVersion\":\"apps/"
                      "v1\",\"kind\":\"Deployment\",\"metadata\":{\"name\":\"web\",\"namespace\":\"blog-dev\",\"labels\":{"
                      "\"openova.io/application\":\"blog\"},\"annotations\":{\"a.b/c\":\"d\"}}}");
    EXPECT_TEXT(cat_object_label(deployment, CAT_LABEL_APPLICATION), "blog");
    EXPECT_TEXT(cat_object_annotation(deployment, "a.b/c"), "d");
    EXPECT(cat_object_label(deployment, "other") == NULL);
    cat_autojson json_t *namespace = cat_object_make(&(cat_resource){"", "v1", "Namespace", "namespaces", false}, "ignored", "acme");
    EXPECT_TEXT(cat_json_text(namespace, "apiVersion"), "v1");
    EXPECT(cat_object_namespace(namespace) == NULL);
    cat_autojson json_t *bare = json_object();
    cat_object_set_label(bare, "gone", NULL);
    EXPECT_INT(json_object_size(bare), 0);
    cat_object_set_label(bare, "a", "b");
    EXPECT_TEXT(cat_object_label(bare, "a"), "b");
}

TEST("metadata is read, and nothing is made up when it is missing")
{
    cat_autojson json_t *object =
        parse("{\"metadata\":{\"name\":\"a\",\"namespace\":\"\",\"uid\":\"u\",\"resourceVersion\":\"7\","
              "\"deletionTimestamp\":\"2026-11-24T08:00:00Z\",\"finalizers\":[\"x\",\"y\"]}}");
    EXPECT_TEXT(cat_object_name(object), "a");
    EXPECT(cat_object_namespace(object) == NULL);
    EXPECT_TEXT(cat_object_uid(object), "u");
    EXPECT_TEXT(cat_object_resource_version(object), "7");
    EXPECT(cat_object_is_deleting(object));
    EXPECT(cat_object_has_finalizer(object, "y") && !cat_object_has_finalizer(object, "z"));
    cat_autojson json_t *none = parse("{\"metadata\":[]}");
    EXPECT(!cat_object_name(none) && !cat_object_is_deleting(none) && !cat_object_has_finalizer(none, "x") &&
           !cat_object_label(none, "a"));
}

TEST("apiVersion is split into group and version")
{
    static const struct {
        const char *text, *group, *version;
    } rows[] = {{"v1", "", "v1"}, {"apps/v1", "apps", "v1"}, {"a.b.c.example.org/v2", "a.b.c.exampl", "v2"}, {"", "", ""}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char group[13], version[10];
        cat_api_version_split(rows[i].text, group, sizeof group, version, sizeof version);
        EXPECT_TEXT(group, rows[i].group);
        EXPECT_TEXT(version, rows[i].version);
    }
}

TEST("resourceVersions compare as numbers of any length")
{
    static const struct {
        const char *a, *b;
        int order;
    } rows[] = {{"9", "10", -1}, {"10", "10", 0}, {"0010", "10", 0}, {"99999999999999999999", "100000000000000000000", -1},
                {"", "1", -1},   {NULL, "1", -1}, {NULL, NULL, 0},   {"abc", "abd", -1},
                {"2", "1", 1},   {"0", "00", 0}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cat_test_row("%s, %s", rows[i].a ? rows[i].a : "(null)", rows[i].b ? rows[i].b : "(null)");
        EXPECT_INT(cat_resource_version_compare(rows[i].a, rows[i].b), rows[i].order);
        EXPECT_INT(cat_resource_version_compare(rows[i].b, rows[i].a), -rows[i].order);
    }
}

TEST("a condition's transition time moves only when its status does")
{
    cat_autojson json_t *object = parse("{\"status\":{\"conditions\":[]}}");
    json_t *conditions = cat_json_get(object, "status.conditions");
    cat_condition_set(conditions, "Ready", "False", "Waiting", "for Gitea", 3, 1795507200999);
    cat_condition_set(conditions, "Protected", "True", "Done", NULL, 0, 1795507200000);
    EXPECT_TEXT(cat_condition_status(object, "Ready"), "False");
    EXPECT_TEXT(cat_json_text(cat_condition_find(object, "Ready"), "lastTransitionTime"), "2026-11-24T08:00:00Z");
    cat_condition_set(conditions, "Ready", "False", "Other", "still", 4, 1795507300000);
    EXPECT_TEXT(cat_json_text(cat_condition_find(object, "Ready"), "lastTransitionTime"), "2026-11-24T08:00:00Z");
    EXPECT_INT(cat_json_int_or(cat_condition_find(object, "Ready"), "observedGeneration", 0), 4);
    EXPECT_TEXT(cat_json_text(cat_condition_find(object, "Ready"), "reason"), "Other");
    cat_condition_set(conditions, "Ready", "True", "Done", "", 4, 1795507300000);
    EXPECT_TEXT(cat_json_text(cat_condition_find(object, "Ready"), "lastTransitionTime"), "2026-11-24T08:01:40Z");
    EXPECT_INT(json_array_size(conditions), 2);
    EXPECT_TEXT(cat_json_text(cat_condition_find(object, "Protected"), "message"), "");
    EXPECT(cat_json_get(cat_condition_find(object, "Protected"), "observedGeneration") == NULL);
    EXPECT(cat_condition_status(object, "Absent") == NULL);
}

TEST("quantities are read as Kubernetes reads them")
{
    static const struct {
        const char *text;
        bool good;
        int64_t milli, bytes;
    } rows[] = {
        {"250m", true, 250, 1},
        {"1.5", true, 1500, 2},
        {"2", true, 2000, 2},
        {"0", true, 0, 0},
        {"64Mi", true, 67108864000, 67108864},
        {"1.5Gi", true, 1610612736000, 1610612736},
        {"1k", true, 1000000, 1000},
        {"12e6", true, 12000000000, 12000000},
        {"1E3", true, 1000000, 1000},
        {"1.E2", true, 100000, 100},
        {".5", true, 500, 1},
        {"5e-1", true, 500, 1},
        {"100n", true, 1, 1},
        {"1u", true, 1, 1},
        {"-1.5", true, -1500, -2},
        {"+1", true, 1000, 1},
        {"0.000000000000000000000000000001", true, 1, 1},
        {"1.0000000000000000000000000", true, 1000, 1},
        {"000000000000000000000000001", true, 1000, 1},
        {"", false, 0, 0},
        {"-", false, 0, 0},
        {".", false, 0, 0},
        {"1KB", false, 0, 0},
        {"1 Mi", false, 0, 0},
        {"1.2.3", false, 0, 0},
        {"1e", false, 0, 0},
        {"1e+-3", false, 0, 0},
        {"Mi", false, 0, 0},
        {"1e1000", false, 0, 0},
        {"99999999999999999999", false, 0, 0},
        {NULL, false, 0, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cat_test_row("%s", rows[i].text ? rows[i].text : "(null)");
        int64_t milli = -7, bytes = -7;
        EXPECT_INT(cat_quantity_milli(rows[i].text, &milli), rows[i].good);
        EXPECT_INT(cat_quantity_bytes(rows[i].text, &bytes), rows[i].good);
        EXPECT_INT(milli, rows[i].good ? rows[i].milli : -7);
        EXPECT_INT(bytes, rows[i].good ? rows[i].bytes : -7);
    }
    int64_t bytes = 0;
    EXPECT(cat_quantity_bytes("7Ei", &bytes));
    EXPECT_INT(bytes, 8070450532247928832);
    EXPECT(!cat_quantity_bytes("8Ei", &bytes));
    EXPECT(!cat_quantity_milli("7Ei", &bytes));
}

/* As kube-apiserver 1.36 answered to each. */
TEST("what the API server reads as a quantity is one, however odd, and nothing else is")
{
    static const char *const GOOD[] = {
        "1",    "1.",   ".5",    ".",     "+1",  "-1", "1e3", "1E3",    "1E",
        "1e+3", "1e-3", "1k",    "1Ki",   "1m",  "1n", "1u",  "1M",     "1Mi",
        "1G",   "1Gi",  "1T",    "1P",    "1Ei", " 1", "1 ",  "1e1000", "99999999999999999999999999",
        "+",    "e3",   "1.5Gi", "00012", "-0"};
    static const char *const NONE[] = {"",      "five",  "--1",   "1e",   "1E-",      "1K",   "1ki",      "1mi",
                                       "1Zi",   "1.2.3", "5x",    "1 GB", "1GB",      "0x10", "1i",       "1e3Mi",
                                       "1e3m",  "1kk",   "1_000", "1,5",  "\xd9\xa3", "0b1",  "Infinity", "NaN",
                                       "1e2.5", "1Ee",   "1..",   ".1.",  "1nn",      "true", "   "};
    for (size_t i = 0; i < sizeof GOOD / sizeof *GOOD; i++) {
        cat_test_row("%s", GOOD[i]);
        EXPECT(cat_quantity_is_valid(GOOD[i]));
    }
    for (size_t i = 0; i < sizeof NONE / sizeof *NONE; i++) {
        cat_test_row("%s", NONE[i]);
        EXPECT(!cat_quantity_is_valid(NONE[i]));
    }
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
