/* Which names of an Application its objects cannot have. */
#include "core/plan_names.h"

#include <string.h>

#include "base/memory.h"
#include "base/test.h"

static void expect(const char *kind, const char *name, const char *application, const char *says)
{
    cat_test_row("%s %s", kind, name);
    cat_autojson json_t *objects = json_pack("[{s:s, s:{s:s}}]", "kind", kind, "metadata", "name", name);
    cat_autojson json_t *complaints = json_array();
    prv_plan_names(objects, application, "/application", "it in acme-dev", complaints);
    EXPECT_INT(json_array_size(complaints), says ? 1 : 0);
    if (says) {
        EXPECT_TEXT(cat_json_text(complaints, "0.pointer"), "/application");
        EXPECT_TEXT(cat_json_text(complaints, "0.message"), says);
    }
}

TEST("a name that a kind of object does not take is told with the object, the rule and what to do")
{
    expect(
        "Service", "1password", "1password",
        "it in acme-dev: there would be a Service '1password', and its name has to begin with a letter. Choose another name for "
        "1password");
    expect("Service", "password1", "password1", NULL);
    expect("Deployment", "1password", "1password", NULL);
    expect("Service", "9-of-somebody", "blog", NULL); /* not made of the Application's name */
    expect(
        "StatefulSet", "abcdefghijabcdefghijabcdefghijabcdefghij-0123456789ab", "abcdefghij",
        "it in acme-dev: there would be a StatefulSet 'abcdefghijabcdefghijabcdefghijabcdefghij-0123456789ab', and its name may "
        "have 52 characters and has 53. Choose another name for abcdefghij");
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
