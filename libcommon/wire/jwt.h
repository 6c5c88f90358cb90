/* JSON Web Tokens of users: RS256, PS256, ES256, EdDSA against a key set; nothing else is ever accepted. Pure: the key set and
 * the time come in. A cat_jwks is immutable once made: any thread. */
#ifndef CAT_WIRE_JWT_H
#define CAT_WIRE_JWT_H

#include "wire/json.h"

#define CAT_JWT_MAX_BYTES 16384

typedef struct cat_jwks cat_jwks;
/* Keys with `use: enc` or of unknown kind are left out; at most 32 are kept. */
int cat_jwks_parse(const char *text, size_t length, cat_jwks **jwks, cat_error *error);
void cat_jwks_destroy(cat_jwks *jwks);
bool cat_jwks_has(const cat_jwks *jwks, const char *kid);
/* The `kid` of a token without checking anything, to decide about a refresh. false when it has none. */
bool cat_jwt_kid(const char *token, size_t length, char *kid, size_t size);

typedef struct {
    const char *issuer, *audience;
    int64_t now_ms;
    int64_t leeway_ms; /* for exp, nbf and iat */
} cat_jwt_rules;
/* Signature, `alg` of the key, iss, aud (text or array), exp (required), nbf. `*claims` is the caller's.
 * CAT_E_UNAUTHORIZED with a sentence; CAT_E_NOT_FOUND when the key set lacks the kid. */
int cat_jwt_verify(const char *token, size_t length, const cat_jwks *jwks, const cat_jwt_rules *rules, json_t **claims, cat_error *error);

#endif
