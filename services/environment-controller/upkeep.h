/* What is done at intervals, on one thread of its own: readiness, wishes to list again, the credentials of account SYS, and
 * (every EC_ASSERTED_MS) a look at everything. */
#ifndef EC_UPKEEP_H
#define EC_UPKEEP_H

#include "controller.h"

int ec_upkeep_start(ec_controller *controller, ec_upkeep **upkeep, cat_error *error);
void ec_upkeep_stop(ec_upkeep *upkeep); /* NULL allowed */

#endif
