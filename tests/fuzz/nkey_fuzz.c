/* Any text as a seed: what is taken as one is that seed exactly, and signs claims of its kind. */
#include <string.h>

#include "base/memory.h"
#include "fuzz.h"
#include "wire/nkey.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    cat_autofree char *text = cat_strndup((const char *)data, size);
    cat_nkey key = {0};
    cat_error error = {0};
    if (cat_nkey_from_seed(text, &key, &error) < 0) {
        CLAIM(error.message[0] && !key.seed[0] && !key.public_key[0]);
        return 0;
    }
    CLAIM(strcmp(key.seed, text) == 0 && strlen(key.public_key) == 56 && key.public_key[0] == text[1]);
    cat_autofree char *jwt = NULL;
    int code = cat_operator_jwt(&key, &(cat_operator_claims){.name = "x"}, 1, &jwt, NULL);
    CLAIM((code == 0) == (text[1] == 'O'));
    return 0;
}
