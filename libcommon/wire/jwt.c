#include "wire/jwt.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>
#include <stdlib.h>
#include <string.h>

#include "base/encoding.h"
#include "base/memory.h"

#define MAX_KEYS 32
#define MAX_JWKS_BYTES (256 * 1024)
/* Smaller RSA keys can be broken, larger ones cost too much a request. */
#define MIN_RSA_BITS 2048
#define MAX_RSA_BITS 8192

typedef enum { KIND_RSA, KIND_P256, KIND_ED25519 } key_kind;

typedef struct {
    char *kid, *alg; /* alg NULL: any of the kind */
    key_kind kind;
    EVP_PKEY *key;
} jwk;

struct cat_jwks {
    jwk keys[MAX_KEYS];
    size_t count;
};

static const struct {
    const char *name;
    key_kind kind;
} algorithms[] = {{"RS256", KIND_RSA}, {"PS256", KIND_RSA}, {"ES256", KIND_P256}, {"EdDSA", KIND_ED25519}};
#define ALGORITHM_COUNT (sizeof(algorithms) / sizeof(*algorithms))

static unsigned char *member_bytes(const json_t *key, const char *name, size_t *length)
{
    const json_t *text = json_object_get(key, name);
    return text && json_is_string(text)
               ? cat_base64url_decode(json_string_value(text), json_string_length(text), length)
               : NULL;
}

static EVP_PKEY *key_from_parameters(const char *type, OSSL_PARAM_BLD *builder)
{
    OSSL_PARAM *parameters = OSSL_PARAM_BLD_to_param(builder);
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
    EVP_PKEY *key = NULL;
    if (!parameters || !context || EVP_PKEY_fromdata_init(context) <= 0 ||
        EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, parameters) <= 0)
        key = NULL;
    EVP_PKEY_CTX_free(context);
    OSSL_PARAM_free(parameters);
    return key;
}

static EVP_PKEY *rsa_key(const json_t *source)
{
    size_t n_length = 0, e_length = 0;
    cat_autofree unsigned char *n = member_bytes(source, "n", &n_length),
                               *e = member_bytes(source, "e", &e_length);
    if (!n || !e || n_length > MAX_RSA_BITS / 8 || e_length == 0 || e_length > 8)
        return NULL;
    BIGNUM *modulus = BN_bin2bn(n, (int)n_length, NULL), *exponent = BN_bin2bn(e, (int)e_length, NULL);
    OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
    EVP_PKEY *key = NULL;
    if (BN_num_bits(modulus) >= MIN_RSA_BITS && BN_is_odd(exponent) && !BN_is_one(exponent) &&
        OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_N, modulus) &&
        OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_E, exponent))
        key = key_from_parameters("RSA", builder);
    OSSL_PARAM_BLD_free(builder);
    BN_free(modulus);
    BN_free(exponent);
    return key;
}

static EVP_PKEY *p256_key(const json_t *source)
{
    size_t x_length = 0, y_length = 0;
    cat_autofree unsigned char *x = member_bytes(source, "x", &x_length),
                               *y = member_bytes(source, "y", &y_length);
    if (!cat_text_equal(cat_json_text(source, "crv"), "P-256") || !x || !y || x_length != 32 ||
        y_length != 32)
        return NULL;
    unsigned char point[65] = {4}; /* uncompressed */
    memcpy(point + 1, x, 32);
    memcpy(point + 33, y, 32);
    OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
    EVP_PKEY *key = NULL;
    if (OSSL_PARAM_BLD_push_utf8_string(builder, OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1", 0) &&
        OSSL_PARAM_BLD_push_octet_string(builder, OSSL_PKEY_PARAM_PUB_KEY, point, sizeof(point)))
        key = key_from_parameters("EC", builder);
    OSSL_PARAM_BLD_free(builder);
    return key;
}

static EVP_PKEY *ed25519_key(const json_t *source)
{
    size_t length = 0;
    cat_autofree unsigned char *x = member_bytes(source, "x", &length);
    if (!cat_text_equal(cat_json_text(source, "crv"), "Ed25519") || !x || length != 32)
        return NULL;
    return EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, x, length);
}

static bool may_verify(const json_t *source)
{
    const json_t *operations = json_object_get(source, "key_ops");
    const char *use = cat_json_text(source, "use");
    return (!use || strcmp(use, "sig") == 0) && (!operations || cat_json_is_text_in(operations, "verify"));
}

static void add_key(cat_jwks *jwks, const json_t *source)
{
    static const struct {
        const char *kty;
        key_kind kind;
        EVP_PKEY *(*read)(const json_t *source);
    } kinds[] = {{"RSA", KIND_RSA, rsa_key}, {"EC", KIND_P256, p256_key}, {"OKP", KIND_ED25519, ed25519_key}};
    const char *kty = cat_json_text(source, "kty"), *kid = cat_json_text(source, "kid");
    if (jwks->count == MAX_KEYS || !kid || !kty || !may_verify(source))
        return;
    for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
        if (strcmp(kinds[i].kty, kty) != 0)
            continue;
        EVP_PKEY *key = kinds[i].read(source);
        if (key)
            jwks->keys[jwks->count++] =
                (jwk){cat_strdup(kid), cat_strdup(cat_json_text(source, "alg")), kinds[i].kind, key};
    }
}

int cat_jwks_parse(const char *text, size_t length, cat_jwks **parsed, cat_error *error)
{
    cat_autojson json_t *document = NULL;
    const cat_json_caps caps = {MAX_JWKS_BYTES, 16};
    if (cat_json_parse(text, length, &caps, &document, error) < 0)
        return cat_error_wrap(error, "reading the key set");
    const json_t *keys = json_object_get(document, "keys");
    if (!json_is_array(keys))
        return cat_error_set(error, CAT_E_INVALID, "the key set has no list of keys");
    cat_jwks *jwks = cat_calloc(1, sizeof(*jwks));
    size_t index;
    json_t *key;
    json_array_foreach(keys, index, key) add_key(jwks, key);
    *parsed = jwks;
    return 0;
}

void cat_jwks_destroy(cat_jwks *jwks)
{
    for (size_t i = 0; jwks && i < jwks->count; i++) {
        free(jwks->keys[i].kid);
        free(jwks->keys[i].alg);
        EVP_PKEY_free(jwks->keys[i].key);
    }
    free(jwks);
}

bool cat_jwks_has(const cat_jwks *jwks, const char *kid)
{
    for (size_t i = 0; i < jwks->count; i++)
        if (strcmp(jwks->keys[i].kid, kid) == 0)
            return true;
    return false;
}

/* A part of a token as a JSON object. */
static json_t *part_parse(const char *text, size_t length)
{
    size_t decoded_length = 0;
    cat_autofree unsigned char *decoded = cat_base64url_decode(text, length, &decoded_length);
    cat_autojson json_t *json = NULL;
    const cat_json_caps caps = {CAT_JWT_MAX_BYTES, 16};
    if (!decoded || cat_json_parse((const char *)decoded, decoded_length, &caps, &json, NULL) < 0 ||
        !json_is_object(json))
        return NULL;
    return cat_take(json);
}

typedef struct {
    const char *header, *claims, *signature;
    size_t header_length, claims_length, signature_length, signed_length;
} token_parts;

static bool token_split(const char *token, size_t length, token_parts *parts)
{
    if (length > CAT_JWT_MAX_BYTES)
        return false;
    const char *first = memchr(token, '.', length);
    const char *second = first ? memchr(first + 1, '.', length - (size_t)(first + 1 - token)) : NULL;
    if (!second || memchr(second + 1, '.', length - (size_t)(second + 1 - token)))
        return false;
    *parts = (token_parts){.header = token,
                           .header_length = (size_t)(first - token),
                           .claims = first + 1,
                           .claims_length = (size_t)(second - first - 1),
                           .signature = second + 1,
                           .signature_length = length - (size_t)(second + 1 - token),
                           .signed_length = (size_t)(second - token)};
    return true;
}

bool cat_jwt_kid(const char *token, size_t length, char *kid, size_t size)
{
    token_parts parts;
    if (!token_split(token, length, &parts))
        return false;
    cat_autojson json_t *header = part_parse(parts.header, parts.header_length);
    const char *text = cat_json_text(header, "kid");
    if (!text || strlen(text) >= size)
        return false;
    strcpy(kid, text);
    return true;
}

/* JWS has r and s side by side, OpenSSL wants them in DER. */
static unsigned char *ecdsa_to_der(const unsigned char *raw, size_t length, size_t *der_length)
{
    if (length != 64)
        return NULL;
    ECDSA_SIG *signature = ECDSA_SIG_new();
    ECDSA_SIG_set0(signature, BN_bin2bn(raw, 32, NULL), BN_bin2bn(raw + 32, 32, NULL));
    unsigned char *der = NULL;
    int size = i2d_ECDSA_SIG(signature, NULL);
    if (size > 0) {
        unsigned char *at = der = cat_malloc((size_t)size);
        *der_length = (size_t)i2d_ECDSA_SIG(signature, &at);
    }
    ECDSA_SIG_free(signature);
    return der;
}

static bool signature_holds(const jwk *key, const char *alg, const char *text, size_t length,
                            const unsigned char *signature, size_t signature_length)
{
    cat_autofree unsigned char *der = NULL;
    if (key->kind == KIND_P256) {
        der = ecdsa_to_der(signature, signature_length, &signature_length);
        if (!der)
            return false;
        signature = der;
    }
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    EVP_PKEY_CTX *key_context = NULL;
    const EVP_MD *digest = key->kind == KIND_ED25519 ? NULL : EVP_sha256();
    bool holds = EVP_DigestVerifyInit(context, &key_context, digest, NULL, key->key) == 1;
    if (holds && strcmp(alg, "PS256") == 0)
        holds = EVP_PKEY_CTX_set_rsa_padding(key_context, RSA_PKCS1_PSS_PADDING) == 1 &&
                EVP_PKEY_CTX_set_rsa_pss_saltlen(key_context, RSA_PSS_SALTLEN_DIGEST) == 1;
    holds = holds &&
            EVP_DigestVerify(context, signature, signature_length, (const unsigned char *)text, length) == 1;
    EVP_MD_CTX_free(context);
    return holds;
}

static int check_signature(const char *token, const token_parts *parts, const cat_jwks *jwks,
                           cat_error *error)
{
    cat_autojson json_t *header = part_parse(parts->header, parts->header_length);
    const char *alg = cat_json_text(header, "alg"), *kid = cat_json_text(header, "kid");
    size_t algorithm = 0;
    while (alg && algorithm < ALGORITHM_COUNT && strcmp(algorithms[algorithm].name, alg) != 0)
        algorithm++;
    if (!alg || algorithm == ALGORITHM_COUNT)
        return cat_error_set(error, CAT_E_UNAUTHORIZED, "the token is signed in a way that is not accepted");
    if (json_object_get(header, "crit"))
        return cat_error_set(error, CAT_E_UNAUTHORIZED,
                             "the token asks for extensions that are not understood");
    if (!kid)
        return cat_error_set(error, CAT_E_UNAUTHORIZED, "the token does not name its key");
    if (!cat_jwks_has(jwks, kid))
        return cat_error_set(error, CAT_E_NOT_FOUND, "the token's key is not in the issuer's key set");
    size_t length = 0;
    cat_autofree unsigned char *signature =
        cat_base64url_decode(parts->signature, parts->signature_length, &length);
    for (size_t i = 0; signature && i < jwks->count; i++) {
        const jwk *key = &jwks->keys[i];
        if (strcmp(key->kid, kid) == 0 && key->kind == algorithms[algorithm].kind &&
            (!key->alg || strcmp(key->alg, alg) == 0) &&
            signature_holds(key, alg, token, parts->signed_length, signature, length))
            return 0;
    }
    return cat_error_set(error, CAT_E_UNAUTHORIZED, "the token's signature does not hold");
}

static bool is_for(const json_t *audience, const char *wanted)
{
    return json_is_string(audience) ? strcmp(json_string_value(audience), wanted) == 0
                                    : cat_json_is_text_in(audience, wanted);
}

/* Seconds since 1970, which may have a fraction, in milliseconds. */
static bool time_claim(const json_t *claims, const char *name, bool *present, double *ms)
{
    const json_t *value = json_object_get(claims, name);
    *present = value != NULL;
    *ms = json_number_value(value) * 1000;
    return !value || (json_is_number(value) && *ms > -1e16 && *ms < 1e16);
}

static int check_claims(const json_t *claims, const cat_jwt_rules *rules, cat_error *error)
{
    if (!cat_text_equal(json_string_value(json_object_get(claims, "iss")), rules->issuer))
        return cat_error_set(error, CAT_E_UNAUTHORIZED, "the token is from another issuer");
    if (!is_for(json_object_get(claims, "aud"), rules->audience))
        return cat_error_set(error, CAT_E_UNAUTHORIZED, "the token is not meant for %s", rules->audience);
    bool has_exp, has_nbf, has_iat;
    double exp, nbf, iat, now = (double)rules->now_ms, leeway = (double)rules->leeway_ms;
    if (!time_claim(claims, "exp", &has_exp, &exp) || !time_claim(claims, "nbf", &has_nbf, &nbf) ||
        !time_claim(claims, "iat", &has_iat, &iat))
        return cat_error_set(error, CAT_E_UNAUTHORIZED, "a time in the token is no number");
    if (!has_exp)
        return cat_error_set(error, CAT_E_UNAUTHORIZED, "the token does not say when it ends");
    if (now >= exp + leeway)
        return cat_error_set(error, CAT_E_UNAUTHORIZED, "the token has expired");
    if ((has_nbf && now < nbf - leeway) || (has_iat && now < iat - leeway))
        return cat_error_set(error, CAT_E_UNAUTHORIZED, "the token is not valid yet");
    return 0;
}

int cat_jwt_verify(const char *token, size_t length, const cat_jwks *jwks, const cat_jwt_rules *rules,
                   json_t **claims, cat_error *error)
{
    token_parts parts;
    if (!token_split(token, length, &parts))
        return cat_error_set(error, CAT_E_UNAUTHORIZED, "the token is no JSON Web Token");
    int code = check_signature(token, &parts, jwks, error);
    if (code < 0)
        return code;
    cat_autojson json_t *found = part_parse(parts.claims, parts.claims_length);
    if (!found)
        return cat_error_set(error, CAT_E_UNAUTHORIZED, "the token's claims cannot be read");
    code = check_claims(found, rules, error);
    if (code < 0)
        return code;
    *claims = cat_take(found);
    return 0;
}
