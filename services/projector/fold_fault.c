/* What Flux cannot apply, from when on it is the same: commits come while a fault stands, mend it and bring another, and each is
 * to be told as that of the commit that it came with. */
#include <string.h>

#include "fold_cause.h"
#include "fold_internal.h"

bool fold_is_refusal(const char *reason)
{
    static const char *const REFUSALS[] = {"ReconciliationFailed", "BuildFailed", "NotAtHome"};
    for (size_t i = 0; reason && i < sizeof REFUSALS / sizeof *REFUSALS; i++)
        if (strcmp(reason, REFUSALS[i]) == 0)
            return true;
    return false;
}

const char *fold_fault_since(cat_view old, cat_status status, const char *reason, const char *message, const char *at)
{
    cat_view fault = cat_view_member(old, "fault");
    if (!fault.value || status != CAT_STATUS_DEGRADED || !fold_is_refusal(reason))
        return NULL;
    return cat_text_equal(cat_view_text(fault, "message"), message) ? cat_view_text(fault, "since") : at;
}

void fold_put_fault(const fold_look *seen, cat_string *out)
{
    cat_view old = cat_view_member(seen->old, "fault");
    if (seen->status == CAT_STATUS_RUNNING)
        return;
    if (seen->status != CAT_STATUS_DEGRADED || !fold_is_refusal(seen->reason)) { /* the next try is under way */
        if (old.value)
            cat_write_view(out, "fault", old);
        return;
    }
    bool same = old.value && cat_text_equal(cat_view_text(old, "message"), seen->message);
    const char *tried = fold_commit_of_revision(cat_view_text(seen->object, "status.lastAttemptedRevision"));
    cat_write_begin(out, "fault", '{');
    fold_put(out, "message", seen->message);
    fold_put(out, "from", same ? cat_view_text(old, "from") : tried);
    fold_put(out, "after", same ? cat_view_text(old, "after") : cat_view_text(old, "tried"));
    fold_put(out, "tried", tried);
    fold_put(out, "since", same ? cat_view_text(old, "since") : seen->at);
    cat_write_end(out, '}');
}
