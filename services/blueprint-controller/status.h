/* The status of Blueprint objects on the management cluster: Ready, and where a moved tag points. Nobody else writes it. */
#ifndef BPC_STATUS_H
#define BPC_STATUS_H

#include "controller.h"

/* Writes what differs, of those whose source this replica has; of objects that nobody registered, whoever works for the Sovereign.
 * `missing` grows by the keys of versions that are registered and have no object, at most BPC_BATCH_MAX. CAT_E_CONFLICT, transient:
 * an object changed meanwhile. */
int bpc_status_write(bpc_controller *controller, cat_strings *missing, cat_error *error);
/* The status that an object of this generation should have; pure. The caller's. */
json_t *bpc_status_make(const json_t *object, const json_t *fact_or_null, int64_t now_ms);

#endif
