/* Usage summed over its hours, by Environment and Application: what a month is read as. Pure; not locked. */
#ifndef BIL_RATE_SUM_H
#define BIL_RATE_SUM_H

#include "wire/json.h"

extern const char *const bil_amount_names[3]; /* as records and answers call them */

typedef struct bil_sums bil_sums;
bil_sums *bil_sums_create(void);
void bil_sums_destroy(bil_sums *sums); /* NULL allowed */

typedef struct {
    const char *environment, *application; /* copied */
    int64_t from_s, to_s;
    int64_t amounts[3];           /* milliseconds of CPU, byte-seconds of memory and storage */
    int64_t gap_from_s, gap_to_s; /* 0: no gap */
    bool open;                    /* its hour still runs */
} bil_share;
void bil_sums_add(bil_sums *sums, const bil_share *share);
size_t bil_sums_count(const bil_sums *sums);
/* Those of the page, by Environment and Application, as `items` of GET /v1/usage: `from` and `to` are the ends of what was
 * counted. Gaps that touch are one; beyond a hundred the last one grows over what follows. The caller owns it. */
json_t *bil_sums_page(const bil_sums *sums, size_t skip, size_t limit);

#endif
