#include "svc/openapi.h"

#include "wire/yaml.h"

int cat_openapi_reply(cat_reply *reply, const char *start, const char *end, cat_error *error)
{
    json_t *description = NULL;
    int result = cat_yaml_parse(start, (size_t)(end - start), &CAT_YAML_CAPS, &description, NULL, error);
    return result < 0 ? result : cat_reply_json(reply, 200, description);
}
