/* What is reconciled, as text: "{Kind}/{namespace}/{name}", and what is no object: "Informer/{org}/{cluster}", "People//{org}",
 * "Gained//{org}", "Flux/{org}/{cluster} {namespace} {name} {why}". Pure. */
#ifndef EC_RECONCILE_KEY_H
#define EC_RECONCILE_KEY_H

#include <stdbool.h>

#define EC_RECONCILE_KEY_MAX 1024
#define EC_SOVEREIGNS_OWN "_" /* as CAT_SHARD_SOVEREIGN */

/* The parts point into `buffer`. */
typedef struct {
    const char *kind, *namespace, *name; /* namespace "" for none */
    char buffer[EC_RECONCILE_KEY_MAX];
} ec_reconcile_key;

/* False: it does not fit. `namespace` NULL: none. */
bool ec_reconcile_key_format(const char *kind, const char *namespace, const char *name, char text[EC_RECONCILE_KEY_MAX]);
/* False: it names nothing. */
bool ec_reconcile_key_parse(const char *text, ec_reconcile_key *key);

/* Whose work it is: an Organization's name, or "_" for the Sovereign's own. Lent from the key. */
const char *ec_reconcile_key_owner(const ec_reconcile_key *key);

#endif
