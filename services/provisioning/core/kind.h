/* A kind of plan, and of the operation that carries it out. All that differs between kinds is a member of its row in
 * kinds/kinds.c: whoever acts by kind is given the row, and compares no names. Plain data, constant; any thread. */
#ifndef PROVISIONING_KIND_H
#define PROVISIONING_KIND_H

#include "wire/json.h"

struct prv_draft;

/* What has to be read before such a plan can be made, beside what every plan rests on. */
enum {
    PRV_FACTS_CHOSEN = 1,  /* branches of the Applications that the request wants to reuse */
    PRV_FACTS_OWN = 2,     /* branches of the Application that it is about */
    PRV_FACTS_LEFT = 4,    /* the same as far as they can be read, also of what an install left that did not end */
    PRV_FACTS_SOURCES = 8, /* what every Application of the Organization is made from: who uses whom */
    PRV_FACTS_SERVING = 16 /* branches of what serves the Application, as far as they can be read */
};

typedef enum {
    PRV_RIGHT_CHANGE,  /* to write in each of its Environments, or, for a plan alone, to propose */
    PRV_RIGHT_MANAGE,  /* to manage the Organization */
    PRV_RIGHT_ONBOARD, /* to make Organizations */
} prv_right;

/* One step of its operations; what it does is steps/steps.c's, by name. `when`: a list of the plan that must not be empty; NULL:
 * always. */
typedef struct {
    const char *name, *title, *when;
} prv_kind_step;

typedef struct {
    const char *name;
    int (*plan)(struct prv_draft *draft, cat_error *error);
    /* Adds the keys of Blueprints whose files it copies; NULL: of none. */
    int (*needs)(struct prv_draft *draft, json_t *keys, cat_error *error);
    unsigned facts;             /* PRV_FACTS_… */
    const prv_kind_step *steps; /* in their order; the last one has no name */
    prv_right right;            /* of who asks for it, and of who has it tried again */
    bool makes;                 /* Applications that were not there, in Environments that the request names */
    bool removes;               /* the Application that it is about */
    bool divisible;             /* it can be asked for in one Environment alone; without one it is for all of them, and develop */
    bool onboards;              /* what has no stream of its own yet */
    bool whole;                 /* it is about the whole Organization, which has no namespace yet */
    /* Words. `verb` begins the subject of its commits. The others may be NULL: what an Application that it is at is ("being
     * installed"), what is left of one that did not end ("{operation}" is its id), why earlier operations of its Application
     * end, and what people are told of it from its beginning (the caller's text). */
    const char *verb, *being, *left, *supersedes;
    char *(*note)(const char *organization);
} prv_kind;

#endif
