/* From a wish to a signed plan: observe, plan, render. Any thread; calls block. */
#ifndef PROVISIONING_PLANNER_H
#define PROVISIONING_PLANNER_H

#include "provisioning.h"

/* `allowed` is asked for the Environments that the plan touches, before anything is shown of them; `sees` whether who asks may
 * know of what runs in these: what runs in others alone serves no wish of theirs, and is not named. `*errors` and `*problem` as
 * in plan.h. The plan is the caller's, with id, expiresAt, environments, hash and signature. */
typedef struct {
    const char *organization;
    const json_t *request;
    int (*allowed)(void *context, const json_t *environments, cat_error *error);
    bool (*sees)(void *context, const json_t *environments);
    void *context;
} prv_wish;
int prv_make_plan(prv_context *context, const prv_wish *wish, json_t **plan, json_t **errors, const char **problem,
                  cat_error *error);

#endif
