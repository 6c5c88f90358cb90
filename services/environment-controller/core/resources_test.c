/* Every kind that a planner may ask for can be read. */
#include "core/resources.h"

#include "base/test.h"

TEST("each kind that can be left in a namespace, and so hold it, can be read")
{
    size_t count = 0;
    for (const cat_resource *known = CAT_RESOURCES; known->kind; known++) {
        const cat_resource *found = ec_resource(known->kind);
        EXPECT(found && strcmp(found->group, known->group) == 0);
        count++;
    }
    EXPECT(count > 30);
    for (const ec_watched *watched = EC_WATCHED; watched->resource.kind; watched++) {
        const cat_resource *found = ec_resource(watched->resource.kind);
        EXPECT(found && strcmp(found->plural, watched->resource.plural) == 0);
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
