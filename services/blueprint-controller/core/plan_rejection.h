/* What was rejected, as it is kept for its author in KV catalyst-blueprints beside what was registered: which entries, how large,
 * and for how long. Pure. Any thread.
 *
 * `rejected`, what is kept: {"{source}.{name}.{version}": {source, version, repository, tag, commit, foundAt}}
 */
#ifndef BPC_PLAN_REJECTION_H
#define BPC_PLAN_REJECTION_H

#include "wire/json.h"

/* No source begins so, and no registered version's key: who reads those leaves out what begins with '_'. */
#define BPC_REJECTION_PREFIX "_rejected."
#define BPC_REJECTIONS_MAX 100 /* of one source: no Organization fills the bucket that all share */
#define BPC_REJECTION_MAX_BYTES ((size_t)8 * 1024)

/* The entry of an item of `reject` (plan.h): {source, name, version, repository, path, tag, commit, digest?, reason, url?,
 * errors, moreErrors?, foundAt}. `git_url`: where people see Git; NULL: nowhere. The caller's. */
json_t *bpc_rejection_make(const json_t *item, const char *git_url, const char *found_at);
/* Keys of what is kept of this repository and over: the version was registered, or its tag is gone. `tags`: {tag: commit}; NULL:
 * the repository is gone. The caller's. */
json_t *bpc_rejection_over(const char *repository, const json_t *tags, const json_t *registered, const json_t *rejected);
/* Keys of what is kept of repositories that are none of these any more. Where no Organization is known at all, nothing is
 * concluded about theirs. The caller's. */
json_t *bpc_rejection_away(const cat_strings *repositories, const json_t *rejected);
/* Keys of what a source has too much: the oldest. The caller's. */
json_t *bpc_rejection_excess(const char *source, const json_t *rejected);

#endif
