/* What ends again and again runs for a moment between its ends, and is not well for that: a Pod that was so keeps what was told
 * of it until it has run for a while. The Pod's entry has it as `unsettled`, {reason, message, next, since, until}, and
 * `again` while it has ended once more. */
#include "core/fold_unsettled.h"

#include <string.h>

#include "base/clock.h"
#include "core/fold_text.h"

/* What ends again and again mostly does so within seconds of its start; what has run for so long is on its way to be well. */
#define SETTLES_MS (30 * 1000)

/* The kubelet starts such containers again by itself; what else is wrong with a Pod ends when somebody mends it. */
static bool is_restarted(const char *reason)
{
    static const char *const REASONS[] = {"CrashLoopBackOff", "OOMKilled", "Error"};
    for (size_t i = 0; reason && i < sizeof REASONS / sizeof *REASONS; i++)
        if (strcmp(reason, REASONS[i]) == 0)
            return true;
    return false;
}

static int64_t time_of(const char *text)
{
    int64_t time_ms = 0;
    return text && cat_time_parse(text, &time_ms) ? time_ms : 0;
}

/* What is kept of an entry at that time; absent: nothing. */
static cat_view unsettled_at(cat_view entry, int64_t time_ms)
{
    cat_view kept = cat_view_member(entry, "unsettled");
    return kept.value && time_ms < time_of(cat_view_text(kept, "until")) ? kept : (cat_view){NULL};
}

const char *prj_fold_unsettled_since(cat_view old, cat_status status, int64_t time_ms)
{
    cat_view kept = unsettled_at(old, time_ms);
    return status != CAT_STATUS_RUNNING && kept.value ? cat_view_text(kept, "since") : NULL;
}

void prj_fold_put_unsettled(const prj_fold_look *seen, cat_string *out)
{
    static const char *const COPIED[] = {"reason", "message", "next", "since"};
    int64_t now_ms = time_of(seen->at);
    cat_view kept = unsettled_at(seen->old, now_ms), from = kept;
    bool ended = is_restarted(cat_view_text(seen->old, "reason")),
         ran = cat_text_equal(cat_view_text(seen->old, "status"), "Running");
    if (ended)
        from = seen->old;
    if (seen->status == CAT_STATUS_DEGRADED && (kept.value || (ended && cat_view_bool_or(seen->old, "again", false))))
        cat_write_bool(out, "again", true);
    if (seen->status == CAT_STATUS_DEGRADED || !from.value)
        return;
    char until[CAT_TIME_TEXT_MAX];
    cat_time_format(now_ms + SETTLES_MS, until);
    cat_write_begin(out, "unsettled", '{');
    for (size_t i = 0; i < sizeof COPIED / sizeof *COPIED; i++)
        prj_fold_put(out, COPIED[i], cat_view_text(from, COPIED[i]));
    /* It counts from when it runs. */
    prj_fold_put(out, "until", ran && seen->status == CAT_STATUS_RUNNING && !ended ? cat_view_text(kept, "until") : until);
    cat_write_end(out, '}');
}

cat_view prj_fold_unsettled(const prj_fold_members *members, const prj_fold_row *row, int64_t *until_ms)
{
    cat_view_iterator it = cat_view_each(row->clusters);
    cat_view entry;
    while (row->kind == CAT_KIND_POD && row->status != CAT_STATUS_DEGRADED && cat_view_next(&it, NULL, &entry)) {
        cat_view kept = unsettled_at(entry, members->time_ms);
        *until_ms = time_of(cat_view_text(kept, "until"));
        if (kept.value)
            return kept;
    }
    return (cat_view){NULL};
}
