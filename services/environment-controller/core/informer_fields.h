/* What Flux applied of an object, field by field, and what of it somebody changed since. Pure; any thread.
 *
 * Kubernetes keeps in `managedFields` which fields a manager owns, and takes one from it when somebody else gives it another
 * value or removes it: what Flux owned right after it applied is therefore kept here, as hashes of paths and values, and held
 * against what the object is now. A value that an admission webhook made another right at the apply is part of what is kept;
 * fields that Flux never owned (an autoscaler's replicas, others' annotations) are not looked at.
 *
 *     ec_drift drift;
 *     ec_fields_judge(&entry->applied, object, key, &drift);
 *     if (drift.mark) …
 */
#ifndef EC_INFORMER_FIELDS_H
#define EC_INFORMER_FIELDS_H

#include <stdint.h>

#include "wire/json.h"

/* Fields of one object beyond these are not kept, and so never drift: 32 KiB an object. */
#define EC_FIELDS_MAX 4096
#define EC_FIELDS_DIGEST_MAX 17
#define EC_FIELDS_KEY_BYTES 32

typedef struct {
    uint32_t path, value;
} ec_field;
/* As of Flux's last apply; `count` 0 with a digest: only what a row kept is known. */
typedef struct {
    char at[24];                       /* when Flux applied, as Kubernetes says it: RFC 3339 to the second */
    char digest[EC_FIELDS_DIGEST_MAX]; /* of a row; else "" */
    uint32_t count;
    ec_field fields[]; /* by path */
} ec_fields;

typedef struct {
    char manager[64], at[32]; /* who changed it, and when; `at` "" when Kubernetes does not say */
    uint32_t mark;            /* of what was changed, and into what; 0: nothing was */
    bool scaled;              /* nothing but the number of replicas, by an autoscaler */
} ec_drift;

/* What a row kept, for an informer that starts again. NULL when it says nothing usable. The caller's, freed with free(). */
ec_fields *ec_fields_kept(const char *at, const char *digest);

/* `applied` is what is remembered of this object (NULL: nothing yet), and changes as Flux applies anew; `drift` gets what
 * differs.
 */
void ec_fields_judge(ec_fields **applied, cat_view object, const unsigned char key[EC_FIELDS_KEY_BYTES], ec_drift *drift);

/* What the row shall keep: while the object drifts, what Flux applied; else what it owns now. Under the Organization's key, as
 * values of Secrets are in it. false when Flux owns nothing. */
bool ec_fields_digest(const ec_fields *applied, cat_view object, const ec_drift *drift,
                      const unsigned char key[EC_FIELDS_KEY_BYTES], char digest[EC_FIELDS_DIGEST_MAX]);

/* Flux applied it, and still owns something of it. */
bool ec_fields_is_applied(cat_view object);

/* A person made it: neither Flux nor the control plane applied it, no other object owns it, and somebody who by his name is no
 * controller wrote it. An operator's objects without an owner are the operator's. */
bool ec_fields_is_by_hand(cat_view object);

/* Somebody who is no controller wrote after Flux, by the times that Kubernetes keeps: for an object of which nothing is
 * remembered, a reason to let Flux look, and none to say that anything differs. */
bool ec_fields_doubtful(cat_view object);

#endif
