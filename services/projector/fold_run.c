/* What a run's pods met. A Job that is given up takes its pods along, and with them goes what people have to know: that an image
 * is not there, that a setting is missing. So its row keeps what they said last, for itself and for its CronJob. */
#include <string.h>

#include "base/memory.h"
#include "fold_internal.h"

/* `{message, next}`, of what the Pod's row says now. */
static char *format_met(cat_view pod)
{
    cat_string text = CAT_STRING(2 * FOLD_MESSAGE_MAX);
    cat_write_begin(&text, NULL, '{');
    fold_put(&text, "message", cat_view_text(pod, "message"));
    fold_put(&text, "next", cat_view_text(pod, "next"));
    cat_write_end(&text, '}');
    return cat_string_take(&text);
}

/* `met` NULL: it leaves. */
static void store_met(fold *state, const fold_step *step, const fold_row *job, const char *cluster, const char *met)
{
    static const char *const CHANGED[] = {"clusters", "seq", "observedAt"};
    cat_view row = cat_document_root(job->document), entry = cat_view_member(job->clusters, cluster);
    cat_string text = CAT_STRING(64 * FOLD_MESSAGE_MAX), part = CAT_STRING(2 * FOLD_MESSAGE_MAX);
    cat_string_append(&part, met ? met : "");
    fold_put_replaced(&text, NULL, entry, "met", met ? &part : NULL);
    cat_string *out = fold_begin(state);
    cat_write_members(out, row, CHANGED, sizeof CHANGED / sizeof *CHANGED);
    fold_put_replaced(out, "clusters", job->clusters, cluster, &text);
    fold_seal(out, step);
    cat_autofree char *index = job->application ? cat_strdup(job->application) : NULL;
    if (!text.overflowed && !part.overflowed)
        fold_store(state, job->key, index);
    cat_string_finish(&text);
    cat_string_finish(&part);
}

void fold_tell_run(fold *state, const fold_step *step, const char *pod_key, const char *cluster)
{
    fold_row *pod = fold_find(state, pod_key);
    cat_view said = fold_view(pod);
    if (!said.value || pod->kind != FOLD_POD || !pod->owner || !cat_text_starts_with(pod->owner, "job."))
        return;
    fold_row *job = fold_find(state, pod->owner);
    cat_view entry = fold_view(job).value && !job->deleted ? cat_view_member(job->clusters, cluster) : (cat_view){NULL},
             met = cat_view_member(entry, "met");
    bool bad = pod->status == CAT_STATUS_DEGRADED, passed = pod->status == CAT_STATUS_RUNNING && met.value,
         same = cat_text_equal(cat_view_text(met, "message"), cat_view_text(said, "message"));
    if (!entry.value || !(passed || (bad && !same)))
        return;
    cat_autofree char *words = bad ? format_met(said) : NULL;
    store_met(state, step, job, cluster, words);
}

void fold_keep_met(const fold_look *seen, cat_string *out)
{
    cat_view met = cat_view_member(seen->old, "met");
    if (met.value)
        cat_write_view(out, "met", met);
}
