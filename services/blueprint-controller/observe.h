/* Reading the sources: which repositories there are, their tags, and the folders that have to be judged. On the reconciler's
 * worker. */
#ifndef BPC_OBSERVE_H
#define BPC_OBSERVE_H

#include "controller.h"

/* "owner/name" of every repository that can hold Blueprints, of the catalogs and of every Organization in KV catalyst-state. */
int bpc_observe_repositories(bpc_controller *controller, cat_strings *repositories, cat_error *error);
/* Adds what has to be judged of one repository to `looks`, with `tree` and `files`. */
int bpc_observe_repository(bpc_controller *controller, const char *repository, const json_t *registered, json_t *looks,
                           bool *more, cat_error *error);

#endif
