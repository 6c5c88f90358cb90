/* What the benchmarks of the running Sovereign share: its addresses from the environment that ./dev up wrote, signing in, calls
 * of its API, and figures of many measurements. A benchmark that cannot go on ends the program with a line. One thread. */
#ifndef CAT_BENCH_SOVEREIGN_H
#define CAT_BENCH_SOVEREIGN_H

#include "net/kube.h"

void bench_require(bool well, const char *what, const cat_error *error); /* `error` may be NULL */
const char *bench_env(const char *name);                                 /* ends the program when it is not set */
double bench_now_ms(void);                                               /* monotonic */
void bench_sleep_ms(long ms);

cat_http_client *bench_client(void);
/* The access token of the developer of `acme`, got anew when it is older than four minutes; lends. */
const char *bench_token(void);
/* JSON of provisioning's API; the status has to be 2xx. `body` may be NULL. */
json_t *bench_call(const char *method, const char *path, const json_t *body);
cat_kube *bench_vcluster(void); /* of acme, as its administrator; the caller's */
/* Carries a plan out and waits for its end; the operation, the caller's. `applied_ms` (wall clock; may be NULL) gets the time of
 * apply. */
json_t *bench_carry_out(const json_t *wish, int64_t *applied_ms);
json_t *bench_install_wish(const char *application);
void bench_uninstall(const char *application);

/* One row of a table: median, p99 (the highest for fewer than 100) and highest of `values`, which it sorts. */
void bench_print_row(const char *what, double *values, size_t count);
void bench_print_head(void);

#endif
