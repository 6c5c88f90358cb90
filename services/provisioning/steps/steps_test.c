/* Steps by name. */
#include "steps/steps.h"

#include "base/test.h"
#include "core/operation.h"

TEST("every step that an operation can have is one that can be carried out")
{
    size_t count = 0;
    for (; prv_step_name(count); count++) {
        cat_test_row("%s", prv_step_name(count));
        EXPECT(prv_step_find(prv_step_name(count)) != NULL);
    }
    EXPECT(count > 10);
    EXPECT(!prv_step_find("none"));
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
