/* Any bytes: what is read as YAML can be written and read again as the same, with the same bytes; it can be measured, too. */
#include <string.h>

#include "base/memory.h"
#include "fuzz.h"
#include "wire/yaml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const cat_yaml_caps caps = {.max_bytes = 65536, .max_depth = 32, .max_nodes = 10000, .max_documents = 16};
    static const cat_yaml_caps wide = {.max_bytes = 1 << 24, .max_depth = 32, .max_nodes = 10000, .max_documents = 16};
    static const cat_yaml_caps deep = {.max_bytes = 1 << 24, .max_depth = 40, .max_nodes = 100000, .max_documents = 16};
    cat_autojson json_t *json = NULL, *again = NULL, *all = NULL;
    cat_autoptr(cat_yaml_positions) positions = NULL;
    cat_error error = {0};
    size_t nodes = 0;
    int measured = cat_yaml_measure((const char *)data, size, &deep, &nodes, NULL);
    cat_yaml_parse_all((const char *)data, size, &caps, &all, NULL);
    if (cat_yaml_parse((const char *)data, size, &caps, &json, &positions, &error) < 0) {
        CLAIM(error.message[0] && json == NULL && positions == NULL);
        return 0;
    }
    CLAIM(measured == 0); /* what is strict is read by who is not */
    unsigned line, column;
    CLAIM(cat_yaml_position(positions, "", &line, &column));
    cat_autofree char *text = cat_yaml_format(json);
    CLAIM(cat_yaml_parse(text, strlen(text), &wide, &again, NULL, NULL) == 0);
    CLAIM(json_equal(json, again));
    cat_autofree char *text_again = cat_yaml_format(again);
    CLAIM(strcmp(text, text_again) == 0);
    return 0;
}
