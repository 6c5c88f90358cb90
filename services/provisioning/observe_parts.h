/* What the files of observe.h share. Any thread; calls block. */
#ifndef PROVISIONING_OBSERVE_PARTS_H
#define PROVISIONING_OBSERVE_PARTS_H

#include "observe.h"

/* One request that is looked into: members are lent, `facts` and `reads` (NULL: nothing rests on it) are added to. */
typedef struct {
    prv_context *context;
    const char *organization;
    const json_t *request;
    json_t *facts, *reads;
} prv_observing;

/* Every branch that an Environment can have; NULL at the end. */
extern const char *const prv_branches[];

/* --- observe_config.c --- */
/* Fills in `organization`, `environments`, `policies`, `applications` and, for what people broke, `unreadable`. `target` (may be
 * NULL): the Application that the plan is about; that its object is not there is part of what a plan rests on. */
int prv_observe_config(prv_context *context, const char *organization, const char *target, json_t *facts, json_t *reads,
                       cat_error *error);
/* "environments/acme-dev.yaml" → "acme-dev". The caller's. */
char *prv_base_name(const char *path);

/* --- observe_applications.c --- */
/* develop's catalyst.yaml of each Application that it is not known of yet. */
int prv_observe_sources(prv_context *context, const char *organization, json_t *applications, cat_error *error);
/* A peer that does not answer ends the reading of all; anything else is one Application's own trouble. */
bool prv_is_nobodys(const cat_error *failed);

/* --- observe_touched.c --- */
int prv_observe_touched(const prv_observing *to, cat_error *error);

#endif
