/* Can the objects of a new Application be called as they would be? Pure. */
#ifndef PROVISIONING_PLAN_NAMES_H
#define PROVISIONING_PLAN_NAMES_H

#include "wire/json.h"

/* Adds a complaint ({pointer, message}, at `pointer`) for the first rendered object named after the Application whose kind does
 * not take that name. `where`: "blog in acme-dev". */
void prv_plan_names(const json_t *objects, const char *application, const char *pointer, const char *where, json_t *complaints);

#endif
