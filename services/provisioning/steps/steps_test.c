/* Steps by name. */
#include "steps/steps.h"

#include "base/test.h"
#include "kinds/kinds.h"

TEST("every step of every kind is one that can be carried out")
{
    size_t count = 0;
    for (size_t i = 0; prv_kind_at(i); i++)
        for (const prv_kind_step *step = prv_kind_at(i)->steps; step->name; step++, count++) {
            cat_test_row("%s of %s", step->name, prv_kind_at(i)->name);
            EXPECT(prv_step_find(step->name) != NULL);
        }
    EXPECT(count > 10);
    EXPECT(!prv_step_find("none"));
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
