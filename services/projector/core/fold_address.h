#ifndef PROJECTOR_FOLD_ADDRESS_H
#define PROJECTOR_FOLD_ADDRESS_H

#include "core/fold_members.h"
#include "wire/json_writer.h"

/* `host`, and `url` where it is known how to get there. */
void prj_fold_put_address(cat_string *out, const prj_fold_members *members, const char *application);

#endif
