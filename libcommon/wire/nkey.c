#include "wire/nkey.h"

#include <openssl/evp.h>
#include <string.h>

#include "base/encoding.h"
#include "base/memory.h"
#include "base/random.h"

#define RAW_BYTES 32
#define PREFIX_SEED (18 << 3) /* shows as S in base32; the kinds likewise as O, A, U */
#define PREFIX_OPERATOR (14 << 3)
#define PREFIX_ACCOUNT 0
#define PREFIX_USER (20 << 3)
#define SIGNATURE_BYTES 64

static unsigned char prefix_of(cat_nkey_kind kind)
{
    return kind == CAT_NKEY_OPERATOR ? PREFIX_OPERATOR : kind == CAT_NKEY_ACCOUNT ? PREFIX_ACCOUNT : PREFIX_USER;
}

static bool is_prefix(unsigned char prefix)
{
    return prefix == PREFIX_OPERATOR || prefix == PREFIX_ACCOUNT || prefix == PREFIX_USER;
}

static uint16_t crc16_xmodem(const unsigned char *bytes, size_t length)
{
    uint16_t crc = 0;
    for (size_t i = 0; i < length; i++) {
        crc = (uint16_t)(crc ^ (bytes[i] << 8));
        for (int bit = 0; bit < 8; bit++)
            crc = (uint16_t)(crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1);
    }
    return crc;
}

/* Puts the checksum behind `length` bytes and writes the whole in base32. */
static void encode(unsigned char *bytes, size_t length, char *out, size_t size)
{
    uint16_t crc = crc16_xmodem(bytes, length);
    bytes[length] = (unsigned char)(crc & 0xff);
    bytes[length + 1] = (unsigned char)(crc >> 8);
    char *text = cat_base32_encode(bytes, length + 2);
    size_t text_length = strlen(text);
    memcpy(out, text, text_length < size ? text_length + 1 : size);
    cat_wipe(text, text_length);
    cat_free_cleanup(&text);
}

/* `length` bytes without the checksum, or false. */
static bool decode(const char *text, unsigned char *out, size_t length)
{
    size_t decoded_length = 0;
    if (!text || strlen(text) >= CAT_NKEY_SEED_MAX)
        return false;
    unsigned char *decoded = cat_base32_decode(text, strlen(text), &decoded_length);
    bool good = decoded && decoded_length == length + 2;
    if (good) {
        uint16_t crc = crc16_xmodem(decoded, length);
        good = decoded[length] == (crc & 0xff) && decoded[length + 1] == crc >> 8;
    }
    if (good)
        memcpy(out, decoded, length);
    if (decoded)
        cat_wipe(decoded, decoded_length);
    cat_free_cleanup(&decoded);
    return good;
}

static bool is_public(const char *text, cat_nkey_kind kind)
{
    unsigned char bytes[1 + RAW_BYTES];
    return decode(text, bytes, sizeof(bytes)) && bytes[0] == prefix_of(kind);
}

static bool public_of(unsigned char prefix, const unsigned char raw[RAW_BYTES], char out[CAT_NKEY_PUBLIC_MAX])
{
    unsigned char bytes[1 + RAW_BYTES + 2] = {prefix};
    size_t length = RAW_BYTES;
    EVP_PKEY *key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, raw, RAW_BYTES);
    bool good = key && EVP_PKEY_get_raw_public_key(key, bytes + 1, &length) == 1 && length == RAW_BYTES;
    EVP_PKEY_free(key);
    if (good)
        encode(bytes, 1 + RAW_BYTES, out, CAT_NKEY_PUBLIC_MAX);
    return good;
}

void cat_nkey_make(cat_nkey_kind kind, cat_nkey *key)
{
    unsigned char prefix = prefix_of(kind), bytes[2 + RAW_BYTES + 2];
    bytes[0] = (unsigned char)(PREFIX_SEED | prefix >> 5);
    bytes[1] = (unsigned char)((prefix & 31) << 3);
    *key = (cat_nkey){0};
    do
        cat_random_bytes(bytes + 2, RAW_BYTES);
    while (!public_of(prefix, bytes + 2, key->public_key));
    encode(bytes, 2 + RAW_BYTES, key->seed, sizeof(key->seed));
    cat_wipe(bytes, sizeof(bytes));
}

static bool seed_decode(const char *seed, unsigned char *prefix, unsigned char raw[RAW_BYTES])
{
    unsigned char bytes[2 + RAW_BYTES];
    bool good = decode(seed, bytes, sizeof(bytes)) && (bytes[0] & 0xf8) == PREFIX_SEED;
    if (good) {
        *prefix = (unsigned char)((bytes[0] & 7) << 5 | bytes[1] >> 3);
        good = is_prefix(*prefix) && (bytes[1] & 7) == 0;
        memcpy(raw, bytes + 2, RAW_BYTES);
    }
    cat_wipe(bytes, sizeof(bytes));
    return good;
}

int cat_nkey_from_seed(const char *seed, cat_nkey *key, cat_error *error)
{
    unsigned char prefix, raw[RAW_BYTES] = {0};
    cat_nkey found = {0};
    bool good = seed_decode(seed, &prefix, raw) && public_of(prefix, raw, found.public_key);
    cat_wipe(raw, sizeof(raw));
    if (!good)
        return cat_error_set(error, CAT_E_INVALID, "the seed is no NATS seed of an operator, account or user");
    strcpy(found.seed, seed);
    *key = found;
    cat_wipe(&found, sizeof(found));
    return 0;
}

void cat_nkey_wipe(cat_nkey *key)
{
    cat_wipe(key, sizeof(*key));
}

static bool sign(const unsigned char raw[RAW_BYTES], const char *text, size_t length, unsigned char signature[SIGNATURE_BYTES])
{
    EVP_PKEY *key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, raw, RAW_BYTES);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    size_t signature_length = SIGNATURE_BYTES;
    bool good = key && context && EVP_DigestSignInit(context, NULL, NULL, NULL, key) == 1 &&
                EVP_DigestSign(context, signature, &signature_length, (const unsigned char *)text, length) == 1;
    EVP_MD_CTX_free(context);
    EVP_PKEY_free(key);
    return good;
}

/* The id is the hash of the claims, as NATS' own tools have it: the same claims are the same JWT. */
static void set_id(json_t *claims)
{
    cat_autofree char *text = cat_json_format(claims);
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned length = 0;
    EVP_Digest(text, strlen(text), digest, &length, EVP_sha512_256(), NULL);
    cat_autofree char *id = cat_base32_encode(digest, length);
    cat_json_set_text(claims, "jti", id);
}

/* Whom claims are about, and until when. */
typedef struct {
    cat_nkey_kind issuer_kind; /* who has to sign them */
    const char *public_key, *name;
    int64_t now_s, expires_s; /* expires_s 0: never */
} jwt_subject;

/* Signs `nats` (taken) as claims about `subject`. */
static int jwt_make(const cat_nkey *issuer, const jwt_subject *subject, json_t *nats, char **jwt, cat_error *error)
{
    cat_autojson json_t *claims =
        cat_json_object("iat", json_integer(subject->now_s), "iss", json_string(issuer->public_key), "name",
                        json_string(subject->name), "sub", json_string(subject->public_key), "nats", nats, NULL);
    if (subject->expires_s > 0)
        cat_json_set_int(claims, "exp", subject->expires_s);
    unsigned char prefix = 0, raw[RAW_BYTES] = {0}, signature[SIGNATURE_BYTES];
    if (!seed_decode(issuer->seed, &prefix, raw) || prefix != prefix_of(subject->issuer_kind))
        return cat_error_set(error, CAT_E_INVALID, "NATS claims for %s cannot be signed: the key is no %s seed", subject->name,
                             subject->issuer_kind == CAT_NKEY_OPERATOR ? "operator's" : "account's");
    set_id(claims);
    static const char header[] = "{\"typ\":\"JWT\",\"alg\":\"ed25519-nkey\"}";
    cat_autofree char *body = cat_json_format(claims);
    cat_autofree char *first = cat_base64url_encode(header, sizeof(header) - 1),
                      *second = cat_base64url_encode(body, strlen(body));
    cat_autofree char *text = cat_printf("%s.%s", first, second);
    bool good = sign(raw, text, strlen(text), signature);
    cat_wipe(raw, sizeof(raw));
    if (!good)
        return cat_error_set(error, CAT_E_INTERNAL, "NATS claims for %s could not be signed", subject->name);
    cat_autofree char *third = cat_base64url_encode(signature, sizeof(signature));
    *jwt = cat_printf("%s.%s", text, third);
    return 0;
}

static int add_signing_keys(json_t *nats, cat_nkey_kind kind, const char *const *keys, size_t count, cat_error *error)
{
    if (count == 0)
        return 0;
    json_t *list = json_array();
    json_object_set_new(nats, "signing_keys", list);
    for (size_t i = 0; i < count; i++) {
        if (!is_public(keys[i], kind))
            return cat_error_set(error, CAT_E_INVALID, "signing key %zu is no public key of its kind", i + 1);
        json_array_append_new(list, json_string(keys[i]));
    }
    return 0;
}

static void finish_claims(json_t *nats, const char *type)
{
    cat_json_set_text(nats, "type", type);
    cat_json_set_int(nats, "version", 2);
}

int cat_operator_jwt(const cat_nkey *operator_key, const cat_operator_claims *claims, int64_t now_s, char **jwt, cat_error *error)
{
    if (claims->system_account && !is_public(claims->system_account, CAT_NKEY_ACCOUNT))
        return cat_error_set(error, CAT_E_INVALID, "the system account is no account's public key");
    cat_autojson json_t *nats = json_object();
    int code = add_signing_keys(nats, CAT_NKEY_OPERATOR, claims->signing_keys, claims->signing_key_count, error);
    if (code < 0)
        return code;
    cat_json_set_text(nats, "system_account", claims->system_account);
    finish_claims(nats, "operator");
    const jwt_subject subject = {CAT_NKEY_OPERATOR, operator_key->public_key, claims->name, now_s, 0};
    return jwt_make(operator_key, &subject, cat_take(nats), jwt, error);
}

static json_t *limits_json(const cat_account_limits *limits)
{
    return cat_json_object("subs", json_integer(limits->subscriptions), "data", json_integer(-1), "payload",
                           json_integer(limits->max_payload_bytes), "imports", json_integer(-1), "exports", json_integer(-1),
                           "wildcards", json_true(), "conn", json_integer(limits->connections), "leaf", json_integer(-1),
                           "mem_storage", json_integer(limits->memory_bytes), "disk_storage", json_integer(limits->disk_bytes),
                           "streams", json_integer(limits->streams), "consumer", json_integer(limits->consumers_per_stream),
                           "max_bytes_required", json_boolean(limits->max_bytes_required), NULL);
}

static json_t *nothing(void)
{
    return cat_json_object("deny", json_pack("[s]", ">"), NULL);
}

int cat_account_jwt(const cat_nkey *operator_key, const char *account_public, const cat_account_claims *claims, int64_t now_s,
                    char **jwt, cat_error *error)
{
    if (!is_public(account_public, CAT_NKEY_ACCOUNT))
        return cat_error_set(error, CAT_E_INVALID, "the account of %s is no account's public key", claims->name);
    cat_autojson json_t *nats = cat_json_object("limits", limits_json(claims->limits), NULL);
    int code = add_signing_keys(nats, CAT_NKEY_ACCOUNT, claims->signing_keys, claims->signing_key_count, error);
    if (code < 0)
        return code;
    json_object_set_new(nats, "default_permissions", cat_json_object("pub", nothing(), "sub", nothing(), NULL));
    if (claims->extra)
        json_object_update_recursive(nats, (json_t *)claims->extra);
    finish_claims(nats, "account");
    const jwt_subject subject = {CAT_NKEY_OPERATOR, account_public, claims->name, now_s, 0};
    return jwt_make(operator_key, &subject, cat_take(nats), jwt, error);
}

/* A list without entries would be no list to the server: everything. */
static json_t *permission(const cat_user_claims *claims, const cat_strings *allow)
{
    if (!claims->publish && !claims->subscribe)
        return json_object();
    return allow && allow->count ? cat_json_object("allow", cat_json_strings(allow), NULL) : nothing();
}

int cat_user_jwt(const cat_nkey *account_key, const char *account_public, const char *user_public, const cat_user_claims *claims,
                 int64_t now_s, char **jwt, cat_error *error)
{
    const char *name = claims->name;
    if (!is_public(user_public, CAT_NKEY_USER) || !is_public(account_public, CAT_NKEY_ACCOUNT))
        return cat_error_set(error, CAT_E_INVALID, "the user %s or its account is no public key of its kind", name);
    json_t *nats = cat_json_object("pub", permission(claims, claims->publish), "sub", permission(claims, claims->subscribe),
                                   "subs", json_integer(-1), "data", json_integer(-1), "payload", json_integer(-1), NULL);
    if (strcmp(account_key->public_key, account_public) != 0)
        cat_json_set_text(nats, "issuer_account", account_public);
    finish_claims(nats, "user");
    const jwt_subject subject = {CAT_NKEY_ACCOUNT, user_public, name, now_s, claims->expires_s};
    return jwt_make(account_key, &subject, nats, jwt, error);
}

char *cat_nats_credentials(const char *user_jwt, const char *user_seed)
{
    return cat_printf("-----BEGIN NATS USER JWT-----\n%s\n------END NATS USER JWT------\n\n"
                      "************************* IMPORTANT *************************\n"
                      "NKEY Seed printed below can be used to sign and prove identity.\n"
                      "NKEYs are sensitive and should be treated as secrets.\n\n"
                      "-----BEGIN USER NKEY SEED-----\n%s\n------END USER NKEY SEED------\n\n"
                      "*************************************************************\n",
                      user_jwt, user_seed);
}

int cat_nats_claims(const char *text, size_t length, json_t **claims, cat_error *error)
{
    static const char BEGIN[] = "-----BEGIN NATS USER JWT-----";
    const char *end = text + length, *jwt = memmem(text, length, BEGIN, sizeof(BEGIN) - 1);
    jwt = jwt ? jwt + sizeof(BEGIN) - 1 : text;
    while (jwt < end && (*jwt == '\r' || *jwt == '\n' || *jwt == ' '))
        jwt++;
    const char *first = memchr(jwt, '.', (size_t)(end - jwt));
    const char *last = first ? memchr(first + 1, '.', (size_t)(end - first - 1)) : NULL;
    size_t size = 0;
    cat_autofree unsigned char *body = last ? cat_base64url_decode(first + 1, (size_t)(last - first - 1), &size) : NULL;
    if (!body || cat_json_parse((const char *)body, size, &CAT_JSON_CAPS, claims, NULL) < 0)
        return cat_error_set(error, CAT_E_INVALID, "the credentials hold no claims");
    return 0;
}
