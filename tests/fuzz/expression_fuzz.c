/* Any text as an expression: what evaluates also passes the check of its form, and equals itself. */
#include <string.h>

#include "base/memory.h"
#include "domain/expression.h"
#include "fuzz.h"

static const char SCOPE[] =
    "{\"config\":{\"a\":1,\"b\":\"text\",\"c\":true,\"d\":[1,\"x\",null],\"e\":{\"f\":2.5}},\"application\":{\"name\":\"shop\"}}";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    cat_autofree char *text = cat_strndup((const char *)data, size);
    cat_autojson json_t *scope = NULL, *result = NULL, *again = NULL;
    CLAIM(cat_json_parse(SCOPE, sizeof(SCOPE) - 1, &CAT_JSON_CAPS, &scope, NULL) == 0);
    cat_auto(cat_strings) paths = {0};
    cat_error error = {0};
    int form = cat_expression_check(text, "fuzz", &paths, &error);
    CLAIM(form == 0 || error.message[0]);
    cat_error_clear(&error);
    int code = cat_expression_evaluate(text, scope, "fuzz", &result, &error);
    CLAIM(code < 0 ? result == NULL && error.message[0] : form == 0);
    if (code == 0 && result)
        CLAIM(cat_expression_evaluate(text, scope, "fuzz", &again, NULL) == 0 && json_equal(result, again));
    bool holds;
    cat_expression_condition(text, scope, "fuzz", &holds, NULL);
    return 0;
}
