/* Any bytes survive each encoding, and whatever is decoded is encoded to the same text: only the canonical form passes. */
#include <string.h>

#include "base/encoding.h"
#include "base/memory.h"
#include "fuzz.h"

typedef char *(*encoder)(const void *bytes, size_t length);
typedef unsigned char *(*decoder)(const char *text, size_t length, size_t *decoded_length);

static void check(encoder encode, decoder decode, const uint8_t *data, size_t size)
{
    size_t length;
    cat_autofree char *text = encode(data, size);
    cat_autofree unsigned char *bytes = decode(text, strlen(text), &length);
    CLAIM(bytes && length == size && memcmp(bytes, data, size) == 0);
    cat_autofree unsigned char *decoded = decode((const char *)data, size, &length);
    if (!decoded)
        return;
    cat_autofree char *again = encode(decoded, length);
    CLAIM(strlen(again) == size && memcmp(again, data, size) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    check(cat_base64_encode, cat_base64_decode, data, size);
    check(cat_base64url_encode, cat_base64url_decode, data, size);
    check(cat_base32_encode, cat_base32_decode, data, size);
    cat_autofree unsigned char *out = cat_malloc(size / 2 + 1);
    if (cat_hex_decode((const char *)data, size, out)) {
        cat_autofree char *hex = cat_hex_encode(out, size / 2);
        CLAIM(memcmp(hex, data, size) == 0);
    }
    return 0;
}
