/* Lines: a token, then a key set. No input of the fuzzer's is ever signed by a key that it cannot know, so nothing may pass; the
 * key set is read as it comes. */
#include <string.h>

#include "base/memory.h"
#include "fuzz.h"
#include "wire/jwt.h"

static const char KEYS[] =
    "{\"keys\":[{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"kid\":\"d\",\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"},"
    "{\"kty\":\"EC\",\"crv\":\"P-256\",\"kid\":\"e\",\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\","
    "\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\"}]}";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const cat_jwt_rules rules = {"https://issuer", "catalyst", 1000, 0};
    cat_jwks *known = NULL, *given = NULL;
    const char *text = (const char *)data, *end = memchr(data, '\n', size);
    size_t length = end ? (size_t)(end - text) : size;
    CLAIM(cat_jwks_parse(KEYS, sizeof(KEYS) - 1, &known, NULL) == 0 && cat_jwks_has(known, "d") && cat_jwks_has(known, "e"));
    json_t *claims = NULL;
    cat_error error = {0};
    CLAIM(cat_jwt_verify(text, length, known, &rules, &claims, &error) < 0);
    CLAIM(claims == NULL && error.message[0]);
    char kid[32];
    if (cat_jwt_kid(text, length, kid, sizeof(kid)))
        CLAIM(strlen(kid) < sizeof(kid));
    if (end && cat_jwks_parse(end + 1, size - length - 1, &given, NULL) == 0) {
        if (cat_jwt_verify(text, length, given, &rules, &claims, NULL) == 0)
            json_decref(claims);
        cat_jwks_destroy(given);
    }
    cat_jwks_destroy(known);
    return 0;
}
