/* What holds a removal up, by its name, and who lets it go. Pure. */
#ifndef ENVIRONMENT_CONTROLLER_PLAN_HELD_H
#define ENVIRONMENT_CONTROLLER_PLAN_HELD_H

#include <stdint.h>

#include "core/plan.h"

/* Of a namespace that is being removed: ", and waits for …" with the objects and finalizers that hold it, as far as Kubernetes
 * tells and they can be looked at, and the next step; "" when nothing holds it. The caller's. */
char *ec_held_in(ec_plan *plan, const ec_observed *observed, const char *cluster, const json_t *namespace, int64_t now_s);
/* Of an object that is being removed: finalizers of others than Flux and ourselves, and the next step; "" for none. The caller's.
 */
char *ec_held_by(const char *kind, const json_t *object);
/* Of a Kustomization that is being removed: its own finalizers, else those of what Flux applied with it and has asked to go, once
 * that takes long. The caller's. */
char *ec_held_from_flux(ec_plan *plan, const ec_observed *observed, const char *cluster, const json_t *kustomization,
                        int64_t now_s);

#endif
