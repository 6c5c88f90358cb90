/* NATS nkeys and JWTs: operator, account and user keys, claims version 2, signed with Ed25519 (`ed25519-nkey`). Pure.
 * Seeds are secrets: wipe what you no longer need. */
#ifndef CAT_WIRE_NKEY_H
#define CAT_WIRE_NKEY_H

#include "wire/json.h"

#define CAT_NKEY_SEED_MAX 64
#define CAT_NKEY_PUBLIC_MAX 64
typedef enum { CAT_NKEY_OPERATOR = 'O', CAT_NKEY_ACCOUNT = 'A', CAT_NKEY_USER = 'U' } cat_nkey_kind;

typedef struct {
    char seed[CAT_NKEY_SEED_MAX]; /* S…; "" when only the public key is known */
    char public_key[CAT_NKEY_PUBLIC_MAX];
} cat_nkey;
void cat_nkey_make(cat_nkey_kind kind, cat_nkey *key);
int cat_nkey_from_seed(const char *seed, cat_nkey *key, cat_error *error);
void cat_nkey_wipe(cat_nkey *key);

/* Limits of an account; -1 is unlimited. */
typedef struct {
    int64_t memory_bytes, disk_bytes, streams, consumers_per_stream, connections, subscriptions, max_payload_bytes;
    bool max_bytes_required;
} cat_account_limits;
/* JWTs are text of the caller's. `now_s` is the issue time. */
typedef struct {
    const char *name, *system_account; /* system_account NULL: none */
    const char *const *signing_keys;
    size_t signing_key_count;
} cat_operator_claims;
int cat_operator_jwt(const cat_nkey *operator_key, const cat_operator_claims *claims, int64_t now_s, char **jwt,
                     cat_error *error);
typedef struct {
    const char *name;
    const cat_account_limits *limits;
    const char *const *signing_keys;
    size_t signing_key_count;
    const json_t *extra; /* merged into the `nats` claims: exports, imports…; may be NULL */
} cat_account_claims;
/* A user of an account that names nothing may nothing (`default_permissions`). */
int cat_account_jwt(const cat_nkey *operator_key, const char *account_public, const cat_account_claims *claims, int64_t now_s,
                    char **jwt, cat_error *error);
typedef struct {
    const char *name;
    const cat_strings *publish, *subscribe; /* what it may; both NULL: what the account gives to users that name nothing */
    int64_t expires_s;                      /* 0: never */
} cat_user_claims;
/* `account_public` is set as issuer_account when the key is a signing key. */
int cat_user_jwt(const cat_nkey *account_key, const char *account_public, const char *user_public, const cat_user_claims *claims,
                 int64_t now_s, char **jwt, cat_error *error);
/* A credentials file as NATS clients read it. */
char *cat_nats_credentials(const char *user_jwt, const char *user_seed);
/* What a credentials file or a JWT says; nothing is verified: that is the server's. CAT_E_INVALID when it says nothing. */
int cat_nats_claims(const char *text, size_t length, json_t **claims, cat_error *error);

#endif
