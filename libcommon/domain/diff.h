/* Differences that people read. Pure; any thread. */
#ifndef CAT_DOMAIN_DIFF_H
#define CAT_DOMAIN_DIFF_H

#include "wire/json.h"

/* Unified diff of two texts by lines (Myers), with `context` lines around; "" when equal. NULL means no such file. Owned by the caller.
 * Above 10,000 lines or 1 MiB a side it says only that the file changed. */
char *cat_diff_text(const char *before, const char *after, const char *path_before, const char *path_after, unsigned context);
/* [{pointer, op: add|remove|replace, from?, to?}] that leads from one value to the other; members in order of the pointer. The caller's. */
json_t *cat_diff_json(const json_t *before, const json_t *after);

#endif
