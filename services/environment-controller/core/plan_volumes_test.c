/* Which claims Flux is kept from, and when it gets them back. */
#define EC_PLAN_TEST_MAIN
#include "core/plan_volumes.h"

#include "core/plan_test_parts.h"

#define CLAIM VCLUSTER " PersistentVolumeClaim blog-dev data"
#define REFUSED                                                                                                                  \
    "{type: Ready, status: 'False', message: 'PersistentVolumeClaim/blog-dev/data dry-run failed (Invalid): "                    \
    "PersistentVolumeClaim \"data\" is invalid: spec.resources.requests.storage: Forbidden: field can not be less than "         \
    "status.capacity'}"
#define KEPT(commit) "{metadata: {name: data, annotations: {openova.io/larger-than-git: " commit "}}}"
#define FREE "{metadata: {name: data}}"

/* What a Kustomization with this annotation ("": none) and condition leads to for commit abc: the plan's lines, and the
 * annotation's new value. */
typedef struct {
    const char *says, *left, *attempted, *ready, *claim; /* claim NULL: it is not there */
    const char *plan, *written;                          /* NULL: not written */
} row;

static void check(const row *one)
{
    cat_autofree char *text =
        cat_printf("{metadata: {name: blog-dev, annotations: {%s%s}}, status: {lastAttemptedRevision: "
                   "'develop@sha1:%s', conditions: [%s]}}",
                   *one->left ? "openova.io/left-as-they-are: " : "", one->left, one->attempted, one->ready);
    cat_autojson json_t *kustomization = test_json(text);
    cat_auto(ec_observed) observed;
    cat_auto(ec_plan) plan = {0};
    ec_observed_init(&observed);
    if (one->claim)
        test_put(&observed, CLAIM, one->claim);
    else
        ec_observed_set(&observed, CLAIM, json_null());
    cat_autofree char *left = ec_volumes_release(&plan, &observed, VCLUSTER, kustomization, "abc");
    ec_volumes_keep(&plan, &observed, VCLUSTER, kustomization, "abc", 1767225600);
    cat_autofree char *lines = ec_plan_text(&plan);
    if (!cat_text_equal(lines, one->plan) || !cat_text_equal(left ? left : "not", one->written ? one->written : "not"))
        cat_test_fail(__FILE__, __LINE__, "%s: plans\n%sand writes '%s'", one->says, lines, left ? left : "not");
    for (size_t i = 0; i < plan.count; i++) {
        const json_t *annotations = cat_json_get(plan.items[i].object, "metadata.annotations");
        bool keeps = strstr(one->plan, "Kustomization") != NULL;
        if (cat_text_equal(cat_json_text(plan.items[i].object, "kind"), "PersistentVolumeClaim"))
            EXPECT_TEXT(json_string_value(json_object_get(annotations, CAT_ANNOTATION_LARGER)), keeps ? "abc" : NULL);
    }
}

TEST("Flux is kept from a claim that it was refused for its size at the commit that it is given, and gets it back with the next")
{
    static const char KEEPS[] = "flux: change PersistentVolumeClaim on " VCLUSTER ": blog-dev/data\n"
                                "flux: change Kustomization on " VCLUSTER ": flux-system/blog-dev\n";
    static const char GIVES_BACK[] = "flux: change PersistentVolumeClaim on " VCLUSTER ": blog-dev/data\n";
    static const char WELL[] = "{type: Ready, status: 'True', message: applied}";
    static const row rows[] = {
        {"nothing was refused", "", "abc", WELL, FREE, "", NULL},
        {"it was refused", "", "abc", REFUSED, FREE, KEEPS, "data"},
        {"it was refused at a commit that is no longer asked for", "", "old", REFUSED, FREE, "", NULL},
        {"it was refused and went meanwhile", "", "abc", REFUSED, NULL, "", NULL},
        {"it is kept from Flux, which has not tried again yet", "data", "abc", REFUSED, KEPT("abc"), "", "data"},
        {"it is kept from Flux, and all is well", "data", "abc", WELL, KEPT("abc"), "", "data"},
        {"a new commit came", "data", "old", WELL, KEPT("old"), GIVES_BACK, "data"},
        {"it was given back, and the new commit asks for enough", "data", "abc", WELL, FREE, "", ""},
        {"it was given back, and the new commit asks for too little", "data", "abc", REFUSED, FREE, KEEPS, "data"},
        {"somebody deleted it", "data", "abc", WELL, NULL, "", ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        check(&rows[i]);
}

TEST("only what lies in the Application's own namespace is looked at, and nothing where nothing was refused")
{
    cat_autojson json_t *others = test_json("{metadata: {name: shop-dev}, status: {lastAttemptedRevision: 'develop@sha1:abc', "
                                            "conditions: [" REFUSED "]}}"),
                        *new = test_json("{metadata: {name: blog-dev}}");
    const json_t *const kustomizations[] = {NULL, others, new};
    for (size_t i = 0; i < 3; i++) {
        cat_auto(ec_observed) observed;
        cat_auto(ec_plan) plan = {0};
        ec_observed_init(&observed);
        EXPECT(ec_volumes_release(&plan, &observed, VCLUSTER, kustomizations[i], "abc") == NULL);
        ec_volumes_keep(&plan, &observed, VCLUSTER, kustomizations[i], "abc", 0);
        EXPECT_INT(plan.count, 0);
        EXPECT_INT(plan.looks.count, 0);
    }
}

TEST("all claims go back to Flux before it removes what it applied")
{
    cat_autojson json_t *kustomization =
        test_json("{metadata: {name: blog-dev, annotations: {openova.io/left-as-they-are: data uploads}}}");
    cat_auto(ec_observed) observed;
    cat_auto(ec_plan) plan = {0};
    ec_observed_init(&observed);
    test_put(&observed, CLAIM, KEPT("abc"));
    test_put(&observed, VCLUSTER " PersistentVolumeClaim blog-dev uploads", "{metadata: {name: uploads}}");
    ec_volumes_release_all(&plan, &observed, VCLUSTER, kustomization);
    cat_autofree char *lines = ec_plan_text(&plan);
    EXPECT_TEXT(lines, "removal: change PersistentVolumeClaim on " VCLUSTER ": blog-dev/data\n");
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
