/* Signs plans: Ed25519 over the text of the hash. A signer is read by any thread. */
#ifndef PROVISIONING_SIGN_H
#define PROVISIONING_SIGN_H

#include "wire/json.h"

typedef struct prv_signer prv_signer;
/* From a PEM file. */
int prv_signer_create(const char *path, prv_signer **signer, cat_error *error);
void prv_signer_destroy(prv_signer *signer);
/* Puts `hash` (SHA-256 over RFC 8785 of everything else) and `signature` (base64) into the plan. */
int prv_sign_plan(const prv_signer *signer, json_t *plan, cat_error *error);
/* Is it the plan that was signed? Members that were added afterwards are named in `added` (NULL-ended). */
bool prv_plan_is_signed(const prv_signer *signer, const json_t *plan, const char *const *added);

/* Seals a record of the store: puts `seal` (base64), made with the same key over `key` and the record, into it, so that nobody
 * who may write there can change one, make one up, or put one in another's place. */
int prv_seal(const prv_signer *signer, const char *key, json_t *record, cat_error *error);
/* Takes the seal off. false: it is not what prv_seal sealed under this key. */
bool prv_unseal(const prv_signer *signer, const char *key, json_t *record);

#endif
