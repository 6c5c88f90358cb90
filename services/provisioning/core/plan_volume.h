/* A volume that is there, and what a plan asks for. One size is told of it, whatever is asked: the largest that is known. Pure.
 */
#ifndef PROVISIONING_PLAN_VOLUME_H
#define PROVISIONING_PLAN_VOLUME_H

#include "wire/json.h"

/* `volume`: {application, environment, name, storage, was?, pointer?}: what is asked for, what Git asked for before, and the
 * field of the request that did it. `has`: what the cluster says (NULL: that is not known). Less than Git asked for is refused,
 * in `complaints`; less than the cluster has and no less than Git asked for is a warning of the plan, as the volume stays as it
 * is. */
void prv_plan_volume(json_t *plan, const json_t *volume, const char *has, json_t *complaints);

#endif
