/* What an operation that waits needs of its work, kept in memory while it does: it is looked at several times a second, and its
 * work holds every file of its plan (up to 1 MB, with a seal and a signature). Only what has been read and found to be ours is
 * kept. Any thread. */
#ifndef PROVISIONING_BRIEFS_H
#define PROVISIONING_BRIEFS_H

#include "wire/json.h"

#define PRV_BRIEFS_MAX 10000

typedef struct prv_briefs prv_briefs;
prv_briefs *prv_briefs_create(void);
void prv_briefs_destroy(prv_briefs *briefs); /* NULL allowed */
/* {plan: {applications: [{name, action, environments}], environments}, principal, appliedAt}: the caller's. NULL: none is kept,
 * or it has not been read for an hour, so that what is stored of it has to be looked at again. */
json_t *prv_briefs_get(prv_briefs *briefs, const char *operation, int64_t now_ms);
/* Of the whole work. Beyond PRV_BRIEFS_MAX nothing is kept. */
void prv_briefs_keep(prv_briefs *briefs, const char *operation, const json_t *work, int64_t now_ms);
void prv_briefs_drop(prv_briefs *briefs, const char *operation);

#endif
