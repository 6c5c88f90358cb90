/* What goes on beside the keys, each on a thread of its own: wishes to list again, readiness, and (every EC_ASSERTED_MS) a look
 * at everything, the credentials of account SYS too. */
#ifndef EC_UPKEEP_H
#define EC_UPKEEP_H

#include "controller.h"

ec_upkeep *ec_upkeep_start(ec_controller *controller);
void ec_upkeep_stop(ec_upkeep *upkeep); /* NULL allowed */

#endif
