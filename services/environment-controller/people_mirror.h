/* Tells every service who is in which group now (domain/people.h): KV `catalyst-people`, which only this service writes. Any
 * thread; calls block. */
#ifndef EC_PEOPLE_MIRROR_H
#define EC_PEOPLE_MIRROR_H

#include "controller.h"

/* `groups` as ec_people_of found them; `read_ms` when that began, on the wall clock. */
int ec_people_mirror_tell(ec_controller *controller, const char *organization, const json_t *groups, int64_t read_ms,
                          cat_error *error);
/* The Organization is gone. */
int ec_people_mirror_forget(ec_controller *controller, const char *organization, cat_error *error);

#endif
