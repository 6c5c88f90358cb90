/* Text forms of bytes: hex, base64 (standard and URL), base32, percent. Any thread. Decoders accept exactly the
 * canonical form and say nothing else about their input. */
#ifndef CAT_BASE_ENCODING_H
#define CAT_BASE_ENCODING_H

#include <stdbool.h>
#include <stddef.h>

#include "base/string.h"

char *cat_hex_encode(const void *bytes, size_t length);                      /* lower case; owned by the caller */
bool cat_hex_decode(const char *text, size_t length, unsigned char *out);    /* writes length / 2 bytes */
char *cat_base64_encode(const void *bytes, size_t length);                   /* RFC 4648 section 4, padded */
char *cat_base64url_encode(const void *bytes, size_t length);                /* RFC 4648 section 5, no padding */
/* Decoders return a buffer of the caller's (one zero byte behind it) or NULL, and its length. */
unsigned char *cat_base64_decode(const char *text, size_t length, size_t *decoded_length);
unsigned char *cat_base64url_decode(const char *text, size_t length, size_t *decoded_length);
char *cat_base32_encode(const void *bytes, size_t length);                   /* RFC 4648 section 6, no padding */
unsigned char *cat_base32_decode(const char *text, size_t length, size_t *decoded_length);
void cat_percent_encode(cat_string *out, const char *text);                  /* unreserved characters stay */
/* Decodes in place ('+' becomes a space when `form`), false on a broken escape or a zero byte. */
bool cat_percent_decode(char *text, bool form);

#endif
