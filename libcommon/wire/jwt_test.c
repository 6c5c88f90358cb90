#include "wire/jwt.h"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include "base/encoding.h"
#include "base/memory.h"
#include "base/test.h"

#define NOW_MS INT64_C(1764000000000)

typedef struct {
    EVP_PKEY *rsa, *p256, *ed25519;
} keys;

static keys make_keys(void)
{
    static keys made;
    if (!made.rsa)
        made = (keys){EVP_RSA_gen(2048), EVP_EC_gen("P-256"), EVP_PKEY_Q_keygen(NULL, NULL, "ED25519")};
    return made;
}

static void set_number(json_t *key, const char *name, EVP_PKEY *pkey, const char *parameter, int size)
{
    BIGNUM *number = NULL;
    EVP_PKEY_get_bn_param(pkey, parameter, &number);
    unsigned char bytes[1024];
    int length = size ? BN_bn2binpad(number, bytes, size) : BN_bn2bin(number, bytes);
    cat_autofree char *text = cat_base64url_encode(bytes, (size_t)length);
    cat_json_set_text(key, name, text);
    BN_free(number);
}

static json_t *rsa_jwk(const char *kid)
{
    json_t *key = cat_json_object("kty", json_string("RSA"), "kid", json_string(kid), NULL);
    set_number(key, "n", make_keys().rsa, "n", 0);
    set_number(key, "e", make_keys().rsa, "e", 0);
    return key;
}

static json_t *p256_jwk(const char *kid)
{
    json_t *key =
        cat_json_object("kty", json_string("EC"), "crv", json_string("P-256"), "kid", json_string(kid), NULL);
    set_number(key, "x", make_keys().p256, "qx", 32);
    set_number(key, "y", make_keys().p256, "qy", 32);
    return key;
}

static json_t *ed25519_jwk(const char *kid)
{
    unsigned char raw[32];
    size_t length = sizeof(raw);
    EVP_PKEY_get_raw_public_key(make_keys().ed25519, raw, &length);
    cat_autofree char *text = cat_base64url_encode(raw, length);
    return cat_json_object("kty", json_string("OKP"), "crv", json_string("Ed25519"), "kid", json_string(kid),
                           "x", json_string(text), NULL);
}

static cat_jwks *jwks_of(json_t *keys_taken)
{
    cat_autojson json_t *set = cat_json_object("keys", keys_taken, NULL);
    cat_autofree char *text = cat_json_format(set);
    cat_jwks *jwks = NULL;
    cat_error error = {0};
    if (cat_jwks_parse(text, strlen(text), &jwks, &error) < 0)
        cat_test_fail(__FILE__, __LINE__, "%s", error.message);
    return jwks;
}

static cat_jwks *all_keys(void)
{
    return jwks_of(json_pack("[o,o,o]", rsa_jwk("r"), p256_jwk("e"), ed25519_jwk("d")));
}

static char *sign(const char *header, const char *claims, const char *alg)
{
    cat_autofree char *first = cat_base64url_encode(header, strlen(header)),
                      *second = cat_base64url_encode(claims, strlen(claims));
    cat_autofree char *text = cat_printf("%s.%s", first, second);
    bool rsa = alg[0] == 'R' || alg[0] == 'P', ed = strcmp(alg, "EdDSA") == 0;
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    EVP_PKEY_CTX *key_context = NULL;
    EVP_DigestSignInit(context, &key_context, ed ? NULL : EVP_sha256(), NULL,
                       rsa  ? make_keys().rsa
                       : ed ? make_keys().ed25519
                            : make_keys().p256);
    if (*alg == 'P') {
        EVP_PKEY_CTX_set_rsa_padding(key_context, RSA_PKCS1_PSS_PADDING);
        EVP_PKEY_CTX_set_rsa_pss_saltlen(key_context, RSA_PSS_SALTLEN_DIGEST);
    }
    unsigned char signature[512], raw[64];
    size_t length = sizeof(signature);
    EVP_DigestSign(context, signature, &length, (unsigned char *)text, strlen(text));
    EVP_MD_CTX_free(context);
    if (*alg == 'E' && !ed) {
        const unsigned char *at = signature;
        ECDSA_SIG *pair = d2i_ECDSA_SIG(NULL, &at, (long)length);
        BN_bn2binpad(ECDSA_SIG_get0_r(pair), raw, 32);
        BN_bn2binpad(ECDSA_SIG_get0_s(pair), raw + 32, 32);
        ECDSA_SIG_free(pair);
        memcpy(signature, raw, length = 64);
    }
    cat_autofree char *third = cat_base64url_encode(signature, length);
    return cat_printf("%s.%s", text, third);
}

static const cat_jwt_rules rules = {"https://issuer", "catalyst", NOW_MS, 5000};
#define GOOD "{\"iss\":\"https://issuer\",\"aud\":[\"x\",\"catalyst\"],\"exp\":1764000100,\"sub\":\"ada\"}"

TEST("tokens of the four algorithms are accepted")
{
    static const char *const rows[][2] = {{"RS256", "r"}, {"PS256", "r"}, {"ES256", "e"}, {"EdDSA", "d"}};
    cat_jwks *jwks = all_keys();
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        cat_test_row("%s", rows[i][0]);
        cat_autofree char *header = cat_printf("{\"alg\":\"%s\",\"kid\":\"%s\"}", rows[i][0], rows[i][1]);
        cat_autofree char *token = sign(header, GOOD, rows[i][0]);
        cat_autojson json_t *claims = NULL;
        cat_error error = {0};
        if (cat_jwt_verify(token, strlen(token), jwks, &rules, &claims, &error) < 0)
            cat_test_fail(__FILE__, __LINE__, "%s", error.message);
        EXPECT_TEXT(cat_json_text(claims, "sub"), "ada");
        char kid[8];
        EXPECT(cat_jwt_kid(token, strlen(token), kid, sizeof(kid)));
        EXPECT_TEXT(kid, rows[i][1]);
    }
    cat_jwks_destroy(jwks);
}

TEST("a token whose header asks for anything else is refused")
{
    static const struct {
        const char *header, *alg;
        int code;
    } rows[] = {{"{\"alg\":\"none\",\"kid\":\"r\"}", "RS256", CAT_E_UNAUTHORIZED},
                {"{\"alg\":\"HS256\",\"kid\":\"r\"}", "RS256", CAT_E_UNAUTHORIZED},
                {"{\"alg\":\"PS256\",\"kid\":\"r\"}", "RS256", CAT_E_UNAUTHORIZED},
                {"{\"alg\":\"RS256\",\"kid\":\"e\"}", "RS256", CAT_E_UNAUTHORIZED},
                {"{\"alg\":\"ES256\",\"kid\":\"r\"}", "ES256", CAT_E_UNAUTHORIZED},
                {"{\"alg\":\"RS256\",\"kid\":\"r\",\"crit\":[\"exp\"]}", "RS256", CAT_E_UNAUTHORIZED},
                {"{\"alg\":\"RS256\"}", "RS256", CAT_E_UNAUTHORIZED},
                {"{\"kid\":\"r\"}", "RS256", CAT_E_UNAUTHORIZED},
                {"[]", "RS256", CAT_E_UNAUTHORIZED},
                {"{\"alg\":\"RS256\",\"kid\":\"new\"}", "RS256", CAT_E_NOT_FOUND}};
    cat_jwks *jwks = all_keys();
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        cat_test_row("%s", rows[i].header);
        cat_autofree char *token = sign(rows[i].header, GOOD, rows[i].alg);
        json_t *claims = NULL;
        EXPECT_INT(cat_jwt_verify(token, strlen(token), jwks, &rules, &claims, NULL), rows[i].code);
        EXPECT(claims == NULL);
    }
    cat_jwks_destroy(jwks);
}

TEST("claims are checked, with a leeway for clocks")
{
    static const struct {
        const char *claims;
        bool good;
    } rows[] = {
        {"{\"iss\":\"https://issuer\",\"aud\":\"catalyst\",\"exp\":1764000001}", true},
        {"{\"iss\":\"https://issuer\",\"aud\":\"catalyst\",\"exp\":1763999996}", true},
        {"{\"iss\":\"https://issuer\",\"aud\":\"catalyst\",\"exp\":1763999995}", false},
        {"{\"iss\":\"https://issuer\",\"aud\":\"catalyst\"}", false},
        {"{\"iss\":\"https://issuer\",\"aud\":\"catalyst\",\"exp\":\"1764000001\"}", false},
        {"{\"iss\":\"https://issuer/\",\"aud\":\"catalyst\",\"exp\":1764000001}", false},
        {"{\"iss\":\"https://issuer\",\"aud\":\"other\",\"exp\":1764000001}", false},
        {"{\"iss\":\"https://issuer\",\"aud\":[],\"exp\":1764000001}", false},
        {"{\"iss\":\"https://issuer\",\"exp\":1764000001}", false},
        {"{\"iss\":\"https://issuer\",\"aud\":\"catalyst\",\"exp\":1764000100,\"nbf\":1764000004.5}", true},
        {"{\"iss\":\"https://issuer\",\"aud\":\"catalyst\",\"exp\":1764000100,\"nbf\":1764000006}", false},
        {"{\"iss\":\"https://issuer\",\"aud\":\"catalyst\",\"exp\":1764000100,\"iat\":1764000060}", false},
        {"[1]", false}};
    cat_jwks *jwks = all_keys();
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        cat_test_row("%s", rows[i].claims);
        cat_autofree char *token = sign("{\"alg\":\"ES256\",\"kid\":\"e\"}", rows[i].claims, "ES256");
        cat_autojson json_t *claims = NULL;
        cat_error error = {0};
        int code = cat_jwt_verify(token, strlen(token), jwks, &rules, &claims, &error);
        EXPECT_INT(code, rows[i].good ? 0 : CAT_E_UNAUTHORIZED);
        EXPECT(rows[i].good || error.message[0]);
    }
    cat_jwks_destroy(jwks);
}

TEST("a token that was changed anywhere does not hold")
{
    cat_jwks *jwks = all_keys();
    cat_autofree char *token = sign("{\"alg\":\"EdDSA\",\"kid\":\"d\"}", GOOD, "EdDSA");
    size_t length = strlen(token);
    for (size_t i = 0; i < length; i += 3) {
        cat_test_row("character %zu", i);
        cat_autofree char *changed = cat_strdup(token);
        changed[i] = changed[i] == 'A' ? 'B' : 'A';
        json_t *claims = NULL;
        EXPECT(cat_jwt_verify(changed, length, jwks, &rules, &claims, NULL) < 0);
    }
    for (size_t cut = 0; cut < length; cut += 7) {
        json_t *claims = NULL;
        EXPECT(cat_jwt_verify(token, cut, jwks, &rules, &claims, NULL) < 0);
    }
    cat_jwks_destroy(jwks);
}

TEST("keys that are not for signatures, too weak or unknown are left out")
{
    json_t *encryption = rsa_jwk("enc"), *other = p256_jwk("alg"), *operations = ed25519_jwk("ops"),
           *short_rsa = rsa_jwk("short");
    cat_json_set_text(encryption, "use", "enc");
    cat_json_set_text(other, "alg", "RS256");
    json_object_set_new(operations, "key_ops", json_pack("[s]", "sign"));
    cat_json_set_text(short_rsa, "n", "3qxu");
    json_t *nameless = rsa_jwk("x");
    json_object_del(nameless, "kid");
    cat_jwks *jwks = jwks_of(json_pack("[o,o,o,o,o,{s:s,s:s},o]", encryption, other, operations, short_rsa,
                                       nameless, "kty", "oct", "kid", "oct", rsa_jwk("good")));
    static const struct {
        const char *kid;
        bool kept;
    } rows[] = {{"enc", false}, {"ops", false}, {"short", false},
                {"oct", false}, {"alg", true},  {"good", true}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        cat_test_row("%s", rows[i].kid);
        EXPECT_INT(cat_jwks_has(jwks, rows[i].kid), rows[i].kept);
    }
    cat_autofree char *token = sign("{\"alg\":\"ES256\",\"kid\":\"alg\"}", GOOD, "ES256");
    json_t *claims = NULL;
    EXPECT_INT(cat_jwt_verify(token, strlen(token), jwks, &rules, &claims, NULL), CAT_E_UNAUTHORIZED);
    cat_jwks_destroy(jwks);
}

TEST("what is no key set is refused, and no more than 32 keys are kept")
{
    cat_jwks *jwks = NULL;
    EXPECT_INT(cat_jwks_parse("{}", 2, &jwks, NULL), CAT_E_INVALID);
    EXPECT(cat_jwks_parse("{", 1, &jwks, NULL) < 0);
    json_t *keys_json = json_array();
    for (int i = 0; i < 40; i++) {
        cat_autofree char *kid = cat_printf("k%d", i);
        json_array_append_new(keys_json, ed25519_jwk(kid));
    }
    jwks = jwks_of(keys_json);
    EXPECT(cat_jwks_has(jwks, "k31") && !cat_jwks_has(jwks, "k32"));
    cat_jwks_destroy(jwks);
}

int main(int argc, char **argv)
{
    int result = cat_test_main(argc, argv);
    keys made = make_keys();
    EVP_PKEY_free(made.rsa);
    EVP_PKEY_free(made.p256);
    EVP_PKEY_free(made.ed25519);
    return result;
}
