/* Reading the sources: which repositories there are, their tags, and the folders that have to be judged. On the reconciler's
 * worker. */
#ifndef BPC_OBSERVE_H
#define BPC_OBSERVE_H

#include "controller.h"

/* "owner/name" of every repository that can hold Blueprints, of the catalogs and of every Organization in KV catalyst-state. */
int bpc_observe_repositories(bpc_controller *controller, cat_strings *repositories, cat_error *error);
/* What one look found. Made by its caller, with what the registry says. */
typedef struct {
    json_t *registered, *rejected;
    json_t *looks;        /* what has to be judged, with `tree` and `files` */
    json_t *over;         /* keys of rejections that are over */
    json_t *gone, *found; /* registered versions whose tag is gone, and those whose tag is there again */
} bpc_observation;
/* Adds what has to be judged of one repository, and what is over. */
int bpc_observe_repository(bpc_controller *controller, const char *repository, bpc_observation *observation, bool *more,
                           cat_error *error);
/* Adds what is over because its repository is none of all these. */
void bpc_observe_away(const cat_strings *repositories, bpc_observation *observation);

#endif
