/* Every kind that a planner may ask for can be read. */
#include "core/resources.h"

#include "base/test.h"
#include "domain/kinds.h"

TEST("each kind that can be left in a namespace, and so hold it, can be read")
{
    for (int i = 1; i < CAT_KIND_COUNT; i++) {
        const cat_resource *known = &cat_kind_get((cat_kind)i)->resource;
        if (known->kind)
            EXPECT(ec_resource(known->kind) == known);
    }
}

TEST("kinds of the controller's own are found, and others are none")
{
    EXPECT_TEXT(ec_resource("ResourceQuota")->plural, "resourcequotas");
    EXPECT(ec_resource("Widget") == NULL);
    EXPECT(ec_resource(NULL) == NULL);
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
