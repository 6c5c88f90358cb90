#include "wire/digest.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdlib.h>
#include <string.h>

#include "base/encoding.h"
#include "base/memory.h"
#include "base/string.h"

static void to_hex(const unsigned char digest[CAT_SHA256_BYTES], char hex[CAT_SHA256_HEX])
{
    cat_autofree char *text = cat_hex_encode(digest, CAT_SHA256_BYTES);
    memcpy(hex, text, CAT_SHA256_HEX);
}

void cat_sha256(const void *bytes, size_t length, unsigned char digest[CAT_SHA256_BYTES])
{
    if (EVP_Digest(bytes, length, digest, NULL, EVP_sha256(), NULL) != 1)
        abort();
}

void cat_sha256_hex(const void *bytes, size_t length, char hex[CAT_SHA256_HEX])
{
    unsigned char digest[CAT_SHA256_BYTES];
    cat_sha256(bytes, length, digest);
    to_hex(digest, hex);
}

void cat_hmac_sha256(const void *key, size_t key_length, const void *bytes, size_t length,
                     unsigned char digest[CAT_SHA256_BYTES])
{
    /* OpenSSL takes a NULL key for "the key of before", even with length 0. */
    if (!HMAC(EVP_sha256(), key ? key : "", (int)key_length, bytes, length, digest, NULL))
        abort();
}

void cat_hmac_sha256_hex(const void *key, size_t key_length, const void *bytes, size_t length,
                         char hex[CAT_SHA256_HEX])
{
    unsigned char digest[CAT_SHA256_BYTES];
    cat_hmac_sha256(key, key_length, bytes, length, digest);
    to_hex(digest, hex);
}

bool cat_hmac_sha256_check(const void *key, size_t key_length, const void *bytes, size_t length,
                           const char *hex)
{
    unsigned char expected[CAT_SHA256_BYTES], given[CAT_SHA256_BYTES];
    if (!hex || strlen(hex) != CAT_SHA256_HEX - 1 || !cat_hex_decode(hex, CAT_SHA256_HEX - 1, given))
        return false;
    cat_hmac_sha256(key, key_length, bytes, length, expected);
    return cat_bytes_equal_constant_time(expected, given, sizeof expected);
}
