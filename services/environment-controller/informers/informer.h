/* Informers: one for each vcluster of an Organization and one for its namespace on the management cluster. They publish what an
 * Environment's objects are, as differences to the rows that projector keeps, and make Flux look at once where waiting would take
 * long.
 *
 * Started, renewed and stopped by the reconciler's key Informer/{org}/{cluster}, so by one worker at a time. Their callbacks run
 * on the watcher's threads: those of one kind never overlap, and what several kinds share is locked. */
#ifndef EC_INFORMER_H
#define EC_INFORMER_H

#include "controller.h"

ec_informers *ec_informers_create(ec_controller *controller);
void ec_informers_destroy(ec_informers *informers); /* stops all; NULL allowed */

/* Makes the informer as it should be now: none without Environments; anew when their set, the kubeconfig or the epoch changed. */
int ec_informers_reconcile(ec_informers *informers, const char *organization, const char *cluster, int64_t *again_ms,
                           cat_error *error);
/* `what` is "{cluster} {namespace} {kustomization} {why}": asks Flux to reconcile it now, why = ready or drift. */
int ec_informers_ask_flux(ec_informers *informers, const char *organization, const char *what, int64_t *again_ms,
                          cat_error *error);
/* Clusters that are watched for an Environment, as an array of names. The caller's. */
json_t *ec_informers_of(ec_informers *informers, const char *organization, const char *environment);
/* The rows of an Environment are not what they were: its informers list again and publish what the rows lack. */
void ec_informers_relist(ec_informers *informers, const char *organization, const char *environment);
/* All of an Organization's informers are looked at again. */
void ec_informers_look(ec_informers *informers, const char *organization);
/* All of an Organization's end, and nothing more of them is sent: another replica has it. Not while a key of it is worked on. */
void ec_informers_drop(ec_informers *informers, const char *organization);
/* Number of informers that run. */
size_t ec_informers_count(ec_informers *informers);

#endif
