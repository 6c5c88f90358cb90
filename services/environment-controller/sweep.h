/* What makes keys come: watches of the management cluster, the sweep over everything, the sweep over people, wishes to list
 * again; and readiness. One thread of its own, and callbacks on the watcher's. */
#ifndef EC_SWEEP_H
#define EC_SWEEP_H

#include "controller.h"

int ec_sweeper_start(ec_controller *controller, ec_sweeper **sweeper, cat_error *error);
void ec_sweeper_stop(ec_sweeper *sweeper); /* NULL allowed */

#endif
