#include "sign.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdlib.h>
#include <string.h>

#include "base/encoding.h"
#include "base/file.h"
#include "base/memory.h"

#define KEY_MAX_BYTES (16 * 1024)
#define SIGNATURE_BYTES 64

struct prv_signer {
    EVP_PKEY *key;
};

int prv_signer_create(const char *path, prv_signer **signer, cat_error *error)
{
    char *text = NULL;
    size_t length = 0;
    int code = cat_file_read(path, KEY_MAX_BYTES, &text, &length, error);
    if (code < 0)
        return code;
    BIO *bio = BIO_new_mem_buf(text, (int)length);
    EVP_PKEY *key = bio ? PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL) : NULL;
    BIO_free(bio);
    cat_wipe(text, length);
    free(text);
    if (!key || EVP_PKEY_id(key) != EVP_PKEY_ED25519) {
        EVP_PKEY_free(key);
        return cat_error_set(error, CAT_E_INVALID, "%s holds no Ed25519 key in PEM", path);
    }
    *signer = cat_calloc(1, sizeof **signer);
    (*signer)->key = key;
    return 0;
}

void prv_signer_destroy(prv_signer *signer)
{
    if (!signer)
        return;
    EVP_PKEY_free(signer->key);
    free(signer);
}

static bool sign_text(const prv_signer *signer, const char *text, char **signature)
{
    unsigned char bytes[SIGNATURE_BYTES];
    size_t length = sizeof bytes;
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool made = context && EVP_DigestSignInit(context, NULL, NULL, NULL, signer->key) == 1 &&
                EVP_DigestSign(context, bytes, &length, (const unsigned char *)text, strlen(text)) == 1;
    EVP_MD_CTX_free(context);
    if (made)
        *signature = cat_base64_encode(bytes, length);
    return made;
}

static bool is_signature(const prv_signer *signer, const char *text, const char *signature)
{
    size_t length = 0;
    cat_autofree unsigned char *bytes = signature ? cat_base64_decode(signature, strlen(signature), &length) : NULL;
    if (!bytes)
        return false;
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool good = context && EVP_DigestVerifyInit(context, NULL, NULL, NULL, signer->key) == 1 &&
                EVP_DigestVerify(context, bytes, length, (const unsigned char *)text, strlen(text)) == 1;
    EVP_MD_CTX_free(context);
    return good;
}

int prv_sign_plan(const prv_signer *signer, json_t *plan, cat_error *error)
{
    char hash[65];
    cat_json_digest(plan, hash);
    cat_autofree char *text = NULL;
    if (!sign_text(signer, hash, &text))
        return cat_error_set(error, CAT_E_INTERNAL, "the plan could not be signed");
    json_object_set_new(plan, "hash", json_string(hash));
    json_object_set_new(plan, "signature", json_string(text));
    return 0;
}

bool prv_plan_is_signed(const prv_signer *signer, const json_t *plan, const char *const *added)
{
    cat_autojson json_t *bare = json_copy((json_t *)plan);
    const char *hash = cat_json_text(plan, "hash");
    json_object_del(bare, "hash");
    json_object_del(bare, "signature");
    for (size_t i = 0; added && added[i]; i++)
        json_object_del(bare, added[i]);
    char digest[65];
    cat_json_digest(bare, digest);
    return hash && strcmp(hash, digest) == 0 && is_signature(signer, hash, cat_json_text(plan, "signature"));
}

/* No text that is signed as a plan's hash has a space. */
static char *sealed_text(const char *key, const json_t *record)
{
    char digest[65];
    cat_json_digest(record, digest);
    return cat_printf("record %s %s", key, digest);
}

int prv_seal(const prv_signer *signer, const char *key, json_t *record, cat_error *error)
{
    json_object_del(record, "seal");
    cat_autofree char *text = sealed_text(key, record), *seal = NULL;
    if (!sign_text(signer, text, &seal))
        return cat_error_set(error, CAT_E_INTERNAL, "%s could not be sealed", key);
    json_object_set_new(record, "seal", json_string(seal));
    return 0;
}

bool prv_unseal(const prv_signer *signer, const char *key, json_t *record)
{
    cat_autofree char *seal = cat_strdup(cat_json_text(record, "seal"));
    json_object_del(record, "seal");
    cat_autofree char *text = sealed_text(key, record);
    return is_signature(signer, text, seal);
}
