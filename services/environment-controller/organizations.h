/* Which Organizations this replica works for (svc/shard.h), the Sovereign's own work among them. A key of another's is dropped:
 * whoever gains an Organization looks at all of it. Any thread. */
#ifndef EC_ORGANIZATIONS_H
#define EC_ORGANIZATIONS_H

#include "controller.h"

int ec_organizations_start(ec_controller *controller, cat_error *error);
void ec_organizations_stop(ec_controller *controller); /* gives all back: what runs for them has ended then */

/* All that there are, from the management cluster; and one that was just seen. */
int ec_organizations_know(ec_controller *controller, cat_error *error);
void ec_organizations_add(ec_controller *controller, const char *organization);

/* Keys of everything of an Organization that was gained: reconciles "Gained//{org}". */
int ec_organizations_gained(ec_controller *controller, const char *organization, cat_error *error);

#endif
