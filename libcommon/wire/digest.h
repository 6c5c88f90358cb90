/* SHA-256 and HMAC-SHA-256. Any thread. */
#ifndef CAT_WIRE_DIGEST_H
#define CAT_WIRE_DIGEST_H

#include <stdbool.h>
#include <stddef.h>

#define CAT_SHA256_BYTES 32
#define CAT_SHA256_HEX 65
void cat_sha256(const void *bytes, size_t length, unsigned char digest[CAT_SHA256_BYTES]);
void cat_sha256_hex(const void *bytes, size_t length, char hex[CAT_SHA256_HEX]);
void cat_hmac_sha256(const void *key, size_t key_length, const void *bytes, size_t length, unsigned char digest[CAT_SHA256_BYTES]);
void cat_hmac_sha256_hex(const void *key, size_t key_length, const void *bytes, size_t length, char hex[CAT_SHA256_HEX]);
/* Constant time. `hex` is what a sender gave, e.g. Gitea's X-Gitea-Signature. */
bool cat_hmac_sha256_check(const void *key, size_t key_length, const void *bytes, size_t length, const char *hex);

#endif
