/* Takes tokens for Git away at their end, and those of people who belong to no Organization any more, whether or not they ever
 * come back. A thread of its own, at each of `interval_ms`; several replicas do no harm to each other. */
#ifndef PROVISIONING_EXPIRED_TOKENS_H
#define PROVISIONING_EXPIRED_TOKENS_H

#include "provisioning.h"

typedef struct prv_expired_tokens prv_expired_tokens;
prv_expired_tokens *prv_expired_tokens_start(prv_context *context, int64_t interval_ms);
/* NULL allowed. */
void prv_expired_tokens_stop(prv_expired_tokens *sweep);

#endif
