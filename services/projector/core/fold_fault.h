/* What Flux has tried, and what of it it cannot apply. */
#ifndef PROJECTOR_FOLD_FAULT_H
#define PROJECTOR_FOLD_FAULT_H

#include "core/fold_look.h"
#include "wire/json_writer.h"

bool prj_fold_is_refusal(const char *reason);
/* `fault` of a Kustomization's entry, {message, from, after, since}: the commits that were tried first with this fault, and
 * before that (NULL: not known), and since when it is told. Of a commit that was kept from Flux the beginning of its id. */
void prj_fold_put_fault(const prj_fold_look *seen, cat_string *out);
/* Since when the entry has told what `message` says, `at` if it is another fault than before; NULL: there was none, or it is
 * none. Lent by either. */
const char *prj_fold_fault_since(cat_view old, cat_status status, const char *reason, const char *message, const char *at);

/* `attempts` of a Kustomization's entry, the newest first: {commit, at, refused}. */
enum { FOLD_ATTEMPTS_MAX = 8 };
void prj_fold_put_attempts(const prj_fold_look *seen, cat_string *out);
/* Of those the one that was under way when something began, and what the cluster had before it; NULL: not known. Lent. */
typedef struct {
    const char *commit, *before;
    int64_t at_ms;
} prj_fold_attempt;
prj_fold_attempt prj_fold_attempt_at(cat_view attempts, int64_t since_ms);

#endif
