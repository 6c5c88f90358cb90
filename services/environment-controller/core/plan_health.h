/* What Flux waits for until an Application counts as applied, where kstatus would wait for what is meant to rest. Pure. */
#ifndef ENVIRONMENT_CONTROLLER_PLAN_HEALTH_H
#define ENVIRONMENT_CONTROLLER_PLAN_HEALTH_H

#include <jansson.h>

/* `spec.healthCheckExprs` of a Kustomization. The caller's. */
json_t *ec_health_checks(void);

#endif
