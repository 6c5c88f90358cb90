/* Randomness from the kernel, identifiers, and delays with jitter. Any thread. */
#ifndef CAT_BASE_RANDOM_H
#define CAT_BASE_RANDOM_H

#include <stddef.h>
#include <stdint.h>

void cat_random_bytes(void *bytes, size_t length); /* aborts if the kernel has none */
uint64_t cat_random_below(uint64_t limit);         /* uniform in [0, limit) */
/* 26 characters of Crockford's base32 in lower case, sorted by time (ULID): ids of plans and operations. */
#define CAT_ID_MAX 27
void cat_id_make(int64_t wall_ms, char out[CAT_ID_MAX]);
/* Password of `length` characters of `alphabet` (NULL: letters and digits without look-alikes). Owned by the caller. */
char *cat_random_password(size_t length, const char *alphabet);
/* Delay before try number `attempt` (0 first): base·2^attempt, at most `max_ms`, full jitter in its upper half. */
int64_t cat_backoff_ms(unsigned attempt, int64_t base_ms, int64_t max_ms);

#endif
