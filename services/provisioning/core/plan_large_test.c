/* What a plan says of objects that no cluster takes for their size. */
#include "core/plan_large.h"

#include <string.h>

#include "base/memory.h"
#include "base/test.h"

#define MIB ((size_t)1024 * 1024)

static char *letters(size_t count)
{
    char *text = cat_malloc(count + 1);
    memset(text, 'x', count);
    text[count] = '\0';
    return text;
}

/* An object with `count` letters in one value of `member`, as kustomize writes it with the origin `origin`. */
static json_t *object_with(const char *kind, const char *name, const char *member, size_t count, const char *origin)
{
    cat_autofree char *text = letters(count);
    return json_pack("{s:s, s:s, s:{s:s, s:{s:s}}, s:{s:s}}", "apiVersion", "v1", "kind", kind, "metadata", "name", name,
                     "annotations", "config.kubernetes.io/origin", origin, member, "a.txt", text);
}

/* The first complaint, else the first warning behind "warning: "; the caller's. */
static char *said_of(json_t *was, json_t *object)
{
    cat_autojson json_t *plan = json_pack("{s:[]}", "warnings"), *complaints = json_array(),
                        *before = was ? json_pack("[o]", was) : NULL, *objects = json_pack("[o]", object);
    prv_plan_large(plan, before, objects, "blog in acme-dev", complaints);
    const char *complaint = cat_json_text(complaints, "0.message"), *warning = cat_json_text(plan, "warnings.0");
    return complaint ? cat_strdup(complaint) : warning ? cat_printf("warning: %s", warning) : NULL;
}

#define GENERATED "configuredIn: extra/kustomization.yaml\nconfiguredBy:\n  apiVersion: builtin\n  kind: ConfigMapGenerator\n"
#define HOLDS(bytes) " holds " bytes " bytes, and a cluster takes 1048576 in one at most: take it apart, or keep it in a volume"

TEST("a ConfigMap or Secret of more than 1 MiB is told at its file, and one of just as much is not")
{
    static const struct {
        const char *kind, *name, *member;
        size_t count;
        const char *origin, *says;
    } ROWS[] = {
        {"ConfigMap", "big", "data", MIB, "path: big.yaml\n", NULL},
        {"ConfigMap", "big", "data", MIB + 1, "path: big.yaml\n", "blog in acme-dev: big.yaml: ConfigMap big" HOLDS("1048577")},
        {"ConfigMap", "big-mdd7hfdf7f", "data", MIB + 1, GENERATED,
         "blog in acme-dev: extra/kustomization.yaml: ConfigMap big" HOLDS("1048577")},
        {"ConfigMap", "big", "binaryData", MIB, "path: big.yaml\n", NULL},
        {"ConfigMap", "big", "binaryData", 4 * MIB / 3 + 4, "path: big.yaml\n",
         "blog in acme-dev: big.yaml: ConfigMap big" HOLDS("1048578")},
        {"Secret", "big", "data", 4 * MIB / 3 + 4, "path: big.yaml\n", "blog in acme-dev: big.yaml: Secret big" HOLDS("1048578")},
        {"Secret", "big", "stringData", MIB + 1, "path: big.yaml\n", "blog in acme-dev: big.yaml: Secret big" HOLDS("1048577")},
        {"Other", "big", "data", 2 * MIB, "path: big.yaml\n", NULL},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        cat_test_row("row %zu: %s %s", i, ROWS[i].kind, ROWS[i].member);
        cat_autofree char *said =
            said_of(NULL, object_with(ROWS[i].kind, ROWS[i].name, ROWS[i].member, ROWS[i].count, ROWS[i].origin));
        EXPECT_TEXT(said, ROWS[i].says);
    }
}

TEST("what was as large before this plan is a warning, whatever its hash, and what was not is a complaint")
{
    cat_autofree char *stays = said_of(object_with("ConfigMap", "big-aaaaaaaaaa", "data", MIB + 1, GENERATED),
                                       object_with("ConfigMap", "big-bbbbbbbbbb", "data", MIB + 2, GENERATED));
    EXPECT_TEXT(stays, "warning: blog in acme-dev: extra/kustomization.yaml: ConfigMap big" HOLDS("1048578"));
    cat_autofree char *grew = said_of(object_with("ConfigMap", "big-aaaaaaaaaa", "data", 1, GENERATED),
                                      object_with("ConfigMap", "big-bbbbbbbbbb", "data", MIB + 1, GENERATED));
    EXPECT_TEXT(grew, "blog in acme-dev: extra/kustomization.yaml: ConfigMap big" HOLDS("1048577"));
}

TEST("a value that stringData replaces is not counted twice")
{
    cat_autofree char *half = letters(MIB / 2 + 1);
    cat_autofree char *said =
        said_of(NULL, json_pack("{s:s, s:s, s:{s:s}, s:{s:s}, s:{s:s}}", "apiVersion", "v1", "kind", "Secret", "metadata", "name",
                                "s", "data", "a", half, "stringData", "a", half));
    EXPECT_TEXT(said, NULL);
}

TEST("a quantity beyond what can be counted is told at the field that says it, and not when it was there before")
{
    static const struct {
        const char *amount, *was, *pointer;
    } ROWS[] = {{"20Gi", NULL, NULL},
                {"8000000Ti", NULL, NULL},
                {"9000000Ti", NULL, "/config/data/storage"},
                {"99999999999999999999Ti", NULL, "/config/data/storage"},
                {"99999999999999999999Ti", "20Gi", "/config/data/storage"},
                {"9000000Ti", "9000000Ti", NULL}};
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        cat_test_row("%s", ROWS[i].amount);
        cat_autojson json_t *complaints = json_array(), *values = json_pack("{s:{s:s}}", "data", "storage", ROWS[i].amount);
        const char *const amounts[] = {ROWS[i].amount, ROWS[i].was ? ROWS[i].was : "1Gi"};
        json_t *objects[2];
        for (size_t at = 0; at < 2; at++)
            objects[at] = json_pack("[{s:s, s:s, s:{s:s}, s:{s:{s:{s:s}}}}]", "apiVersion", "v1", "kind", "PersistentVolumeClaim",
                                    "metadata", "name", "data", "spec", "resources", "requests", "storage", amounts[at]);
        prv_plan_uncountable(objects[1], objects[0], values, "/config", "blog in acme-dev", complaints);
        EXPECT_TEXT(cat_json_text(complaints, "0.pointer"), ROWS[i].pointer);
        json_decref(objects[0]);
        json_decref(objects[1]);
    }
    cat_autojson json_t *complaints = json_array(), *values = json_object(),
                        *pods = json_loads("[{\"apiVersion\":\"kyverno.io/v1\",\"kind\":\"Policy\","
                                           "\"spec\":{\"resources\":{\"limits\":{\"memory\":\"?*\"}}}},"
                                           "{\"apiVersion\":\"apps/v1\",\"kind\":\"Deployment\",\"metadata\":{\"name\":\"w\"},"
                                           "\"spec\":{\"template\":{\"spec\":{\"containers\":[{\"resources\":"
                                           "{\"limits\":{\"memory\":\"9E\",\"cpu\":\"10E\"}}}]}}}}]",
                                           0, NULL);
    prv_plan_uncountable(NULL, pods, values, "/dependencies/db/config", "pg in acme-dev", complaints);
    EXPECT_TEXT(cat_json_text(complaints, "0.pointer"), "/dependencies/db/config");
    EXPECT_TEXT(cat_json_text(complaints, "0.message"),
                "pg in acme-dev: Deployment w would ask for 10E, which is more than can be counted, or no quantity");
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
