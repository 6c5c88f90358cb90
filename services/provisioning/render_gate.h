/* How many builds run at once: for all, and for one Organization, so that nobody's plans keep the others waiting. Shared by all
 * threads. */
#ifndef PROVISIONING_RENDER_GATE_H
#define PROVISIONING_RENDER_GATE_H

#include "base/error.h"

/* Of one Organization: plans that are built at a time, and more that wait for them; what comes then is refused at once. A plan
 * keeps a thread that answers requests, of which there are `workers` (4). */
#define PRV_GATE_PLANS 2
#define PRV_GATE_WAITING 1

typedef struct prv_render_gate prv_render_gate;

/* `programs`: how many run at once in all; an Organization has one less at most, so that another's can begin. */
prv_render_gate *prv_render_gate_create(unsigned programs);
void prv_render_gate_destroy(prv_render_gate *gate);
/* A plan of the Organization: waits at most `wait_ms`. CAT_E_LIMIT: too many of its own are there. Each success is left again. */
int prv_render_gate_enter_plan(prv_render_gate *gate, const char *organization, long wait_ms, cat_error *error);
void prv_render_gate_leave_plan(prv_render_gate *gate, const char *organization);
/* One program of such a plan. CAT_E_LIMIT: none could begin for `wait_ms`. */
int prv_render_gate_enter_program(prv_render_gate *gate, const char *organization, long wait_ms, cat_error *error);
void prv_render_gate_leave_program(prv_render_gate *gate, const char *organization);

#endif
