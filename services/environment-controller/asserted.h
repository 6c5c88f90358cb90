/* What this process remembers between two runs of a key: what was asserted and when, what was published last. Losing it costs
 * work, never correctness. Any thread. */
#ifndef EC_ASSERTED_H
#define EC_ASSERTED_H

#include "base/clock.h"

typedef struct ec_asserted ec_asserted;
ec_asserted *ec_asserted_create(const cat_clock *clock); /* NULL: the system's */
void ec_asserted_destroy(ec_asserted *asserted);
/* Was exactly this digest set under the key within the last `max_age_ms` (0: ever)? */
bool ec_asserted_holds(ec_asserted *asserted, const char *key, const char *digest, int64_t max_age_ms);
void ec_asserted_set(ec_asserted *asserted, const char *key, const char *digest);
/* With a text beside the digest; the copy that is asked for later is the caller's, NULL: none is known with this digest. */
void ec_asserted_set_text(ec_asserted *asserted, const char *key, const char *digest, const char *text);
char *ec_asserted_text(ec_asserted *asserted, const char *key, const char *digest);
void ec_asserted_forget(ec_asserted *asserted, const char *key);
/* Another replica has worked, or works now: nothing is as it was left. */
void ec_asserted_forget_all(ec_asserted *asserted);
/* One step at a time under a key: 0 when `gap_ms` passed since the last one that was granted (this one is then), else how long to
 * wait. */
int64_t ec_asserted_pace(ec_asserted *asserted, const char *key, int64_t gap_ms);
/* As ec_asserted_pace, but who comes again and again waits longer: after `free_steps` that were granted in a row the gap doubles
 * each time, up to `most_ms`; a row ends when nobody came for a minute after the gap. */
int64_t ec_asserted_backoff(ec_asserted *asserted, const char *key, int64_t gap_ms, unsigned free_steps, int64_t most_ms);

#endif
