/* What Flux says of a claim that would become smaller. */
#include "domain/volume_growth.h"

#include "base/test.h"

TEST("a claim that Flux was refused for its size is known from other refusals, in the words of each version of Kubernetes")
{
#define REFUSED(where, why)                                                                                                      \
    "PersistentVolumeClaim/" where " dry-run failed (Invalid): PersistentVolumeClaim \"d\" is invalid: " why
    static const struct {
        const char *message, *namespace, *name;
    } rows[] = {
        {REFUSED("blog-dev/blog-data",
                 "spec.resources.requests.storage: Forbidden: field can not be less than status.capacity\n"),
         "blog-dev", "blog-data"},
        {REFUSED("a/b.c-1", "spec.resources.requests.storage: Forbidden: field can not be less than previous value"), "a",
         "b.c-1"},
        {"apply failed: " REFUSED("a/b",
                                  "spec.resources.requests.storage: Forbidden: field can not be less than status.capacity"),
         "a", "b"},
        {REFUSED("a/b", "spec: Forbidden: spec is immutable after creation except resources.requests"), NULL, NULL},
        {REFUSED("a", "spec.resources.requests.storage: Forbidden: field can not be less than status.capacity"), NULL, NULL},
        {REFUSED("/b", "spec.resources.requests.storage: Forbidden: field can not be less than status.capacity"), NULL, NULL},
        {REFUSED("a/B", "spec.resources.requests.storage: Forbidden: field can not be less than status.capacity"), NULL, NULL},
        {"StatefulSet/a/b dry-run failed (Invalid): spec: Forbidden", NULL, NULL},
        {"", NULL, NULL},
        {NULL, NULL, NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char namespace[CAT_VOLUME_NAME_MAX] = "", name[CAT_VOLUME_NAME_MAX] = "";
        bool refused = cat_volume_refused(rows[i].message, namespace, name);
        EXPECT(refused == (rows[i].name != NULL));
        if (refused && rows[i].name) {
            EXPECT_TEXT(namespace, rows[i].namespace);
            EXPECT_TEXT(name, rows[i].name);
        }
    }
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
