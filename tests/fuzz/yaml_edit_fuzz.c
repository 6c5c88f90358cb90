/* A text and a wanted value, with a byte 0 between: the edited text is read as the wanted value, and what says it already keeps
 * every byte. */
#include <string.h>

#include "base/memory.h"
#include "fuzz.h"
#include "wire/yaml_edit.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const cat_yaml_caps caps = {.max_bytes = 1 << 20, .max_depth = 32, .max_nodes = 10000, .max_documents = 16};
    const char *text = (const char *)data, *zero = size ? memchr(text, '\0', size) : NULL;
    size_t length = zero ? (size_t)(zero - text) : size;
    const char *rest = zero ? zero + 1 : "a: 1";
    size_t rest_length = zero ? size - length - 1 : strlen(rest);
    cat_autojson json_t *wanted = NULL, *is = NULL, *again = NULL;
    cat_auto(cat_strings) lost = {0};
    if (cat_yaml_parse(rest, rest_length, &caps, &wanted, NULL, NULL) < 0)
        return 0;
    bool readable = cat_yaml_parse(text, length, &caps, &is, NULL, NULL) == 0;
    cat_autofree char *edited = cat_yaml_edit(text, length, &caps, wanted, &lost);
    CLAIM(cat_yaml_parse(edited, strlen(edited), &caps, &again, NULL, NULL) == 0);
    CLAIM(json_equal(again, wanted));
    if (readable && json_equal(is, wanted))
        CLAIM(strlen(edited) == length && memcmp(edited, text, length) == 0 && lost.count == 0);
    return 0;
}
