#include "wire/nkey.h"

#include <openssl/evp.h>

#include "base/encoding.h"
#include "base/memory.h"
#include "base/test.h"

static const cat_account_limits limits = {.memory_bytes = 1 << 20,
                                          .disk_bytes = 1 << 30,
                                          .streams = 10,
                                          .consumers_per_stream = 8,
                                          .connections = 100,
                                          .subscriptions = -1,
                                          .max_payload_bytes = 1 << 20,
                                          .max_bytes_required = true};

/* Checks the signature with the public key that the claims name as issuer, and gives the claims. */
static json_t *open_jwt(const char *jwt)
{
    const char *first = strchr(jwt, '.'), *second = strrchr(jwt, '.');
    size_t length = 0, signature_length = 0, key_length = 0;
    cat_autofree unsigned char *body = cat_base64url_decode(first + 1, (size_t)(second - first - 1), &length);
    cat_autofree unsigned char *signature = cat_base64url_decode(second + 1, strlen(second + 1), &signature_length);
    json_t *claims = NULL;
    if (!body || !signature || cat_json_parse((char *)body, length, &CAT_JSON_CAPS, &claims, NULL) < 0)
        return NULL;
    const char *issuer = cat_json_text(claims, "iss");
    cat_autofree unsigned char *key = cat_base32_decode(issuer, strlen(issuer), &key_length);
    EVP_PKEY *pkey = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, key + 1, 32);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    EVP_DigestVerifyInit(context, NULL, NULL, NULL, pkey);
    EXPECT_INT(EVP_DigestVerify(context, signature, signature_length, (const unsigned char *)jwt, (size_t)(second - jwt)), 1);
    EVP_MD_CTX_free(context);
    EVP_PKEY_free(pkey);
    return claims;
}

TEST("keys show what they are, and a seed gives its public key again")
{
    static const struct {
        cat_nkey_kind kind;
        const char *seed, *public_key;
    } rows[] = {{CAT_NKEY_OPERATOR, "SO", "O"}, {CAT_NKEY_ACCOUNT, "SA", "A"}, {CAT_NKEY_USER, "SU", "U"}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        cat_test_row("%s", rows[i].seed);
        cat_nkey key, again, other;
        cat_nkey_make(rows[i].kind, &key);
        cat_nkey_make(rows[i].kind, &other);
        EXPECT(strncmp(key.seed, rows[i].seed, 2) == 0 && strlen(key.seed) == 58);
        EXPECT(key.public_key[0] == rows[i].public_key[0] && strlen(key.public_key) == 56);
        EXPECT(strcmp(key.seed, other.seed) != 0);
        REQUIRE(cat_nkey_from_seed(key.seed, &again, NULL) == 0);
        EXPECT_TEXT(again.public_key, key.public_key);
        cat_nkey_wipe(&again);
        EXPECT(again.seed[0] == 0);
    }
}

TEST("a seed with one wrong character is refused, and so is everything that is no seed")
{
    cat_nkey key, found = {0};
    cat_nkey_make(CAT_NKEY_ACCOUNT, &key);
    for (size_t i = 0; key.seed[i]; i++) {
        cat_test_row("character %zu", i);
        char changed[CAT_NKEY_SEED_MAX];
        strcpy(changed, key.seed);
        changed[i] = changed[i] == 'A' ? 'B' : 'A';
        EXPECT_INT(cat_nkey_from_seed(changed, &found, NULL), CAT_E_INVALID);
        EXPECT(found.seed[0] == 0);
    }
    const char *const bad[] = {"", "S", key.public_key, "SAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
                               "SUAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
        EXPECT_INT(cat_nkey_from_seed(bad[i], &found, NULL), CAT_E_INVALID);
}

TEST("an operator's claims are signed by itself")
{
    cat_nkey operator_key, signing, account;
    cat_nkey_make(CAT_NKEY_OPERATOR, &operator_key);
    cat_nkey_make(CAT_NKEY_OPERATOR, &signing);
    cat_nkey_make(CAT_NKEY_ACCOUNT, &account);
    const char *const signing_keys[] = {signing.public_key};
    cat_autofree char *jwt = NULL;
    REQUIRE(cat_operator_jwt(
                &operator_key,
                &(cat_operator_claims){
                    .name = "local", .system_account = account.public_key, .signing_keys = signing_keys, .signing_key_count = 1},
                1700000000, &jwt, NULL) == 0);
    EXPECT(strncmp(jwt, "eyJ0eXAiOiJKV1QiLCJhbGciOiJlZDI1NTE5LW5rZXkifQ.", 47) == 0);
    cat_autojson json_t *claims = open_jwt(jwt);
    EXPECT_TEXT(cat_json_text(claims, "sub"), operator_key.public_key);
    EXPECT_TEXT(cat_json_text(claims, "nats.type"), "operator");
    EXPECT_INT(cat_json_int_or(claims, "nats.version", 0), 2);
    EXPECT_TEXT(cat_json_text(claims, "nats.system_account"), account.public_key);
    EXPECT_TEXT(cat_json_text(claims, "nats.signing_keys.0"), signing.public_key);
    EXPECT_INT(strlen(cat_json_text_or(claims, "jti", "")), 52);
}

TEST("an account's claims hold its limits and what the caller adds")
{
    cat_nkey operator_key, account;
    cat_nkey_make(CAT_NKEY_OPERATOR, &operator_key);
    cat_nkey_make(CAT_NKEY_ACCOUNT, &account);
    cat_autojson json_t *extra = json_pack("{s:[{s:s}], s:{s:i}}", "exports", "subject", "a.>", "limits", "leaf", 0);
    cat_autofree char *jwt = NULL, *same = NULL;
    REQUIRE(cat_account_jwt(&operator_key, account.public_key,
                            &(cat_account_claims){.name = "acme", .limits = &limits, .extra = extra}, 1700000000, &jwt,
                            NULL) == 0);
    REQUIRE(cat_account_jwt(&operator_key, account.public_key,
                            &(cat_account_claims){.name = "acme", .limits = &limits, .extra = extra}, 1700000000, &same,
                            NULL) == 0);
    EXPECT_TEXT(jwt, same);
    cat_autojson json_t *claims = open_jwt(jwt);
    EXPECT_TEXT(cat_json_text(claims, "iss"), operator_key.public_key);
    EXPECT_TEXT(cat_json_text(claims, "nats.type"), "account");
    EXPECT_INT(cat_json_int_or(claims, "nats.limits.disk_storage", 0), 1 << 30);
    EXPECT_INT(cat_json_int_or(claims, "nats.limits.subs", 0), -1);
    EXPECT_INT(cat_json_int_or(claims, "nats.limits.leaf", -5), 0);
    EXPECT(cat_json_bool_or(claims, "nats.limits.max_bytes_required", false));
    EXPECT_TEXT(cat_json_text(claims, "nats.exports.0.subject"), "a.>");
    EXPECT_TEXT(cat_json_text(claims, "nats.default_permissions.pub.deny.0"), ">");
    EXPECT_TEXT(cat_json_text(claims, "nats.default_permissions.sub.deny.0"), ">");
}

TEST("a user's claims hold permissions, and the account when a signing key signed")
{
    cat_nkey account, signing, user;
    cat_nkey_make(CAT_NKEY_ACCOUNT, &account);
    cat_nkey_make(CAT_NKEY_ACCOUNT, &signing);
    cat_nkey_make(CAT_NKEY_USER, &user);
    cat_auto(cat_strings) publish = {0};
    cat_strings_add(&publish, "ws.acme-dev.>");
    cat_autofree char *jwt = NULL, *direct = NULL;
    cat_user_claims projector = {.name = "projector", .publish = &publish, .expires_s = 1700000060};
    REQUIRE(cat_user_jwt(&signing, account.public_key, user.public_key, &projector, 1700000000, &jwt, NULL) == 0);
    cat_autojson json_t *claims = open_jwt(jwt);
    EXPECT_TEXT(cat_json_text(claims, "nats.issuer_account"), account.public_key);
    EXPECT_TEXT(cat_json_text(claims, "nats.pub.allow.0"), "ws.acme-dev.>");
    EXPECT_TEXT(cat_json_text(claims, "nats.sub.deny.0"), ">");
    EXPECT_INT(cat_json_int_or(claims, "exp", 0), 1700000060);
    REQUIRE(cat_user_jwt(&account, account.public_key, user.public_key, &(cat_user_claims){.name = "projector"}, 1700000000,
                         &direct, NULL) == 0);
    cat_autojson json_t *direct_claims = open_jwt(direct);
    EXPECT(cat_json_get(direct_claims, "nats.issuer_account") == NULL);
    EXPECT(cat_json_get(direct_claims, "nats.pub.allow") == NULL && cat_json_get(direct_claims, "exp") == NULL);
}

TEST("keys of the wrong kind sign nothing")
{
    cat_nkey operator_key, account, user;
    cat_nkey_make(CAT_NKEY_OPERATOR, &operator_key);
    cat_nkey_make(CAT_NKEY_ACCOUNT, &account);
    cat_nkey_make(CAT_NKEY_USER, &user);
    char *jwt = NULL;
    cat_error error = {0};
    const char *const wrong[] = {user.public_key};
    EXPECT_INT(cat_operator_jwt(&account, &(cat_operator_claims){.name = "x"}, 1, &jwt, &error), CAT_E_INVALID);
    EXPECT_INT(
        cat_operator_jwt(&operator_key, &(cat_operator_claims){.name = "x", .system_account = user.public_key}, 1, &jwt, &error),
        CAT_E_INVALID);
    EXPECT_INT(cat_operator_jwt(&operator_key, &(cat_operator_claims){.name = "x", .signing_keys = wrong, .signing_key_count = 1},
                                1, &jwt, &error),
               CAT_E_INVALID);
    EXPECT_INT(
        cat_account_jwt(&operator_key, user.public_key, &(cat_account_claims){.name = "x", .limits = &limits}, 1, &jwt, &error),
        CAT_E_INVALID);
    EXPECT_INT(cat_account_jwt(&user, account.public_key, &(cat_account_claims){.name = "x", .limits = &limits}, 1, &jwt, &error),
               CAT_E_INVALID);
    EXPECT_INT(cat_user_jwt(&operator_key, account.public_key, user.public_key, &(cat_user_claims){.name = "x"}, 1, &jwt, &error),
               CAT_E_INVALID);
    EXPECT_INT(cat_user_jwt(&account, account.public_key, account.public_key, &(cat_user_claims){.name = "x"}, 1, &jwt, &error),
               CAT_E_INVALID);
    cat_nkey without_seed = operator_key;
    without_seed.seed[0] = 0;
    EXPECT_INT(cat_account_jwt(&without_seed, account.public_key, &(cat_account_claims){.name = "x", .limits = &limits}, 1, &jwt,
                               &error),
               CAT_E_INVALID);
    EXPECT(jwt == NULL && error.message[0] && !strstr(error.message, operator_key.seed));
}

TEST("a credentials file holds JWT and seed between their lines")
{
    cat_autofree char *text = cat_nats_credentials("JWT", "SEED");
    EXPECT(strstr(text, "-----BEGIN NATS USER JWT-----\nJWT\n------END NATS USER JWT------\n") == text);
    EXPECT(strstr(text, "-----BEGIN USER NKEY SEED-----\nSEED\n------END USER NKEY SEED------\n") != NULL);
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}

TEST("what credentials say can be read again")
{
    cat_nkey account, user;
    cat_nkey_make(CAT_NKEY_ACCOUNT, &account);
    cat_nkey_make(CAT_NKEY_USER, &user);
    cat_autofree char *jwt = NULL;
    cat_user_claims claims = {.name = "billing", .expires_s = 1700000060};
    REQUIRE(cat_user_jwt(&account, account.public_key, user.public_key, &claims, 1700000000, &jwt, NULL) == 0);
    cat_autofree char *credentials = cat_nats_credentials(jwt, user.seed);
    const char *const texts[] = {jwt, credentials};
    for (size_t i = 0; i < 2; i++) {
        cat_autojson json_t *read = NULL;
        cat_error error = {0};
        REQUIRE(cat_nats_claims(texts[i], strlen(texts[i]), &read, &error) == 0);
        EXPECT_TEXT(cat_json_text(read, "name"), "billing");
        EXPECT_TEXT(cat_json_text(read, "sub"), user.public_key);
        EXPECT_INT(cat_json_int_or(read, "exp", 0), 1700000060);
    }
    static const char *const NONE[] = {
        "", ".", "a.b", "a.!.c", "-----BEGIN NATS USER JWT-----", "-----BEGIN NATS USER JWT-----\n\n.e30"};
    for (size_t i = 0; i < sizeof(NONE) / sizeof(NONE[0]); i++) {
        json_t *read = NULL;
        cat_test_row("%s", NONE[i]);
        EXPECT_INT(cat_nats_claims(NONE[i], strlen(NONE[i]), &read, NULL), CAT_E_INVALID);
    }
}
