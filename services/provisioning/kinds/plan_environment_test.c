/* What an Environment that somebody adds begins as. */
#include "kinds/onboarding.h"

#include <string.h>

#include "base/memory.h"
#include "base/test.h"
#include "kinds/kinds.h"

static json_t *of_text(const char *text)
{
    json_t *value = NULL;
    cat_json_parse(text, strlen(text), &CAT_JSON_CAPS, &value, NULL);
    return value;
}

static const prv_kind *kind_of(const char *name)
{
    cat_autojson json_t *record = cat_json_object("kind", json_string(name), NULL);
    return prv_kind_of(record);
}

TEST("an Environment's policyRef has to agree with the policy, also of one that comes with its Organization")
{
    static const struct {
        const char *kind, *wish, *pointer;
    } ROWS[] = {
        {"environment", "{\"envType\": \"prod\", \"policyRef\": {\"name\": \"careful\"}}", NULL},
        {"environment", "{\"envType\": \"prod\"}", NULL},
        {"environment", "{\"envType\": \"dev\", \"policyRef\": {\"name\": \"careful\"}}", "/policyRef/name"},
        {"environment", "{\"envType\": \"prod\", \"policyRef\": {\"name\": \"nobody\"}}", "/policyRef/name"},
        {"organization",
         "{\"name\": \"acme\", \"environments\": [{\"envType\": \"prod\"}, {\"envType\": \"dev\", \"policyRef\": {\"name\": "
         "\"careful\"}}]}",
         "/environments/1/policyRef/name"},
    };
    cat_autojson json_t *facts =
        of_text("{\"organization\": {\"name\": \"acme\"}, \"policies\": [{\"metadata\": {\"name\": \"careful\"}, \"spec\": "
                "{\"appliesTo\": {\"environments\": [\"acme-prod\"]}}}]}");
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        cat_test_row("%s", ROWS[i].wish);
        cat_autojson json_t *wish = of_text(ROWS[i].wish), *plan = NULL, *errors = NULL;
        const char *problem = NULL;
        cat_error error = {0};
        int code = prv_plan_make(kind_of(ROWS[i].kind), facts, wish, &plan, &errors, &problem, &error);
        EXPECT_INT(code, ROWS[i].pointer ? CAT_E_INVALID : 0);
        EXPECT((plan != NULL) == !ROWS[i].pointer);
        if (ROWS[i].pointer)
            EXPECT_TEXT(cat_json_text(errors, "0.pointer"), ROWS[i].pointer);
    }
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
