/* Any text survives percent encoding, and decoding any text stays inside it. */
#include <string.h>

#include "base/encoding.h"
#include "base/memory.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    cat_autofree char *text = cat_strndup((const char *)data, size), *form = cat_strdup(text), *path = cat_strdup(text);
    cat_auto(cat_string) encoded = CAT_STRING(size * 3 + 1);
    cat_percent_encode(&encoded, text);
    CLAIM(!encoded.overflowed);
    cat_autofree char *decoded = cat_string_take(&encoded);
    CLAIM(cat_percent_decode(decoded, size % 2));
    CLAIM(strcmp(decoded, text) == 0);
    cat_percent_decode(form, true);
    cat_percent_decode(path, false);
    return 0;
}
