/* What makes keys come: the watches of the management cluster, and whoever else saw something (core/triggers.h says what comes of
 * it). Any thread; a watch's callbacks are on the watcher's. */
#ifndef EC_TRIGGERS_H
#define EC_TRIGGERS_H

#include "controller.h"
#include "core/triggers.h"

int ec_triggers_start(ec_controller *controller, ec_triggers **triggers, cat_error *error);
void ec_triggers_stop(ec_triggers *triggers); /* NULL allowed */

/* Blocks where all of a kind are wanted, as they are listed. Their keys come spread over `spread_ms`. */
void ec_triggers_fire(ec_controller *controller, ec_trigger_on on, ec_seen seen, const ec_seen_object *object, int64_t spread_ms);

#endif
