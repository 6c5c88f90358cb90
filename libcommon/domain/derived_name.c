#include "domain/derived_name.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/string.h"
#include "wire/digest.h"
#include "wire/names.h"

#define HASH_DIGITS 5
#define WHAT_MAX 16 /* "blog-3f2a1-postgres" is still read at a glance */

/* The first `length` characters without a hyphen at the end. */
static char *cut(const char *text, size_t length)
{
    char *short_text = cat_strndup(text, strnlen(text, length));
    for (size_t end = strlen(short_text); end && short_text[end - 1] == '-';)
        short_text[--end] = '\0';
    return short_text;
}

char *cat_derived_name(const char *application, const char *what)
{
    const char *prefix = isdigit((unsigned char)application[0]) ? "app-" : "";
    char *whole = cat_printf("%s%s-%s", prefix, application, what);
    if (strlen(whole) <= CAT_NAME_APPLICATION_MAX)
        return whole;
    char hash[CAT_SHA256_HEX];
    cat_sha256_hex(whole, strlen(whole), hash);
    cat_autofree char *tail = cut(what, WHAT_MAX);
    size_t fixed = HASH_DIGITS + 2 + strlen(tail);
    cat_autofree char *head = cut(whole, CAT_NAME_APPLICATION_MAX - fixed);
    free(whole);
    return cat_printf("%s-%.*s-%s", head, HASH_DIGITS, hash, tail);
}
