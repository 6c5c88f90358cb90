/* Environments that take promotions alone, as domain/policy.h has it, in words of plans. Pure; any thread. */
#ifndef PROVISIONING_PLAN_GOVERNED_H
#define PROVISIONING_PLAN_GOVERNED_H

#include "wire/json.h"

/* "acme-prod is governed by four-eyes and windows: {consequence}", or what is wrong with the Environment's policyRef. The
 * caller's; NULL: no policy governs it. `facts`: those of plans, of which `policies` and the Environments' `policyRef` count. */
char *prv_governed_words(const json_t *facts, const char *environment, const char *consequence);

#endif
