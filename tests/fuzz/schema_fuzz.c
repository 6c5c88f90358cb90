/* A JSON list of a schema and a value: whatever compiles says the same with and without errors, and filling in defaults ends. */
#include "base/memory.h"
#include "fuzz.h"
#include "wire/schema.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    cat_autojson json_t *pair = NULL, *errors = NULL;
    const cat_json_caps caps = {65536, 64};
    if (cat_json_parse((const char *)data, size, &caps, &pair, NULL) < 0 || json_array_size(pair) != 2)
        return 0;
    cat_autoptr(cat_schema) schema = NULL;
    cat_error error = {0};
    if (cat_schema_compile(json_array_get(pair, 0), &schema, &error) < 0) {
        CLAIM(schema == NULL && error.message[0]);
        return 0;
    }
    json_t *instance = json_array_get(pair, 1);
    bool valid = cat_schema_validate(schema, instance, &errors);
    CLAIM(valid == (errors == NULL));
    CLAIM(valid || (json_array_size(errors) > 0 && json_array_size(errors) <= 100));
    CLAIM(cat_schema_validate(schema, instance, NULL) == valid);
    cat_autojson json_t *filled = json_deep_copy(instance);
    cat_schema_apply_defaults(schema, filled);
    return 0;
}
