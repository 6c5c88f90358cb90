/* Carrying a plan out: files in system/catalyst-config, KV catalyst-blueprints, events. Each part can be repeated. On the
 * reconciler's worker. */
#ifndef BPC_APPLY_H
#define BPC_APPLY_H

#include "controller.h"

/* What the API server refuses moves from `register` to `reject`. */
int bpc_apply(bpc_controller *controller, json_t *plan, cat_error *error);
/* Writes the files of these registered versions that are no longer there; `*wrote`: there were some. */
int bpc_mend(bpc_controller *controller, const cat_strings *keys, bool *wrote, cat_error *error);

#endif
