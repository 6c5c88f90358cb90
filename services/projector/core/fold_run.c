/* What the pods of a run or of a workload met. A Job that is given up takes its pods along, and with them goes what people have
 * to know: that an image is not there, that a setting is missing. And a Deployment makes its pods anew with each commit, whoever
 * brought what they fail of. So the row of who made them keeps what they said last, and since when it is the same. */
#include "core/fold_run.h"

#include <string.h>

#include "base/clock.h"
#include "base/memory.h"

#define SECOND_MS 1000
/* What is applied together with a Pod is told within that time. */
#define SETTLED_MS 5000

/* What tells one trouble from another: of images the sentence without the Pod's name, as it has the image's; else the word for
 * it, as sentences count restarts. The caller's. */
static char *trouble_of(cat_view pod)
{
    const char *reason = cat_view_text_or(pod, "reason", ""), *message = cat_view_text_or(pod, "message", ""),
               *name = cat_view_text_or(pod, "name", "");
    const char *found = strstr(reason, "Image") && *name ? strstr(message, name) : NULL;
    return found ? cat_printf("%.*s%s", (int)(found - message), message, found + strlen(name)) : cat_strdup(reason);
}

/* Of what the Pod's row says now. */
static char *format_met(cat_view pod, const char *trouble, const char *since)
{
    cat_string text = CAT_STRING(3 * FOLD_MESSAGE_MAX);
    cat_write_begin(&text, NULL, '{');
    prj_fold_put(&text, "message", cat_view_text(pod, "message"));
    prj_fold_put(&text, "next", cat_view_text(pod, "next"));
    prj_fold_put(&text, "trouble", trouble);
    prj_fold_put(&text, "since", since);
    cat_write_end(&text, '}');
    return cat_string_take(&text);
}

/* `value`: JSON; NULL: it leaves. */
static void store_member(prj_fold *state, const prj_fold_step *step, const prj_fold_row *maker, const char *cluster,
                         const char *member, const char *value)
{
    static const char *const CHANGED[] = {"clusters", "seq", "observedAt"};
    cat_view row = cat_document_root(maker->document), entry = cat_view_member(maker->clusters, cluster);
    cat_string text = CAT_STRING(64 * FOLD_MESSAGE_MAX), part = CAT_STRING(3 * FOLD_MESSAGE_MAX);
    cat_string_append(&part, value ? value : "");
    prj_fold_put_replaced(&text, NULL, entry, member, value ? &part : NULL);
    cat_string *out = prj_fold_begin(state);
    cat_write_members(out, row, CHANGED, sizeof CHANGED / sizeof *CHANGED);
    prj_fold_put_replaced(out, "clusters", maker->clusters, cluster, &text);
    prj_fold_seal(out, step);
    cat_autofree char *index = maker->application ? cat_strdup(maker->application) : NULL;
    if (!text.overflowed && !part.overflowed)
        prj_fold_store(state, maker->key, index);
    cat_string_finish(&text);
    cat_string_finish(&part);
}

/* The Job, or the workload, that a Pod is of; NULL: nobody's, or not known yet. */
static prj_fold_row *maker_of(const prj_fold *state, const prj_fold_row *pod)
{
    prj_fold_row *maker = pod->owner ? prj_fold_find(state, pod->owner) : NULL;
    if (prj_fold_view(maker).value && maker->kind == CAT_KIND_REPLICA_SET)
        maker = maker->owner ? prj_fold_find(state, maker->owner) : NULL;
    bool makes = prj_fold_view(maker).value && !maker->deleted &&
                 (maker->kind == CAT_KIND_JOB || maker->kind == CAT_KIND_DEPLOYMENT || maker->kind == CAT_KIND_STATEFUL_SET ||
                  maker->kind == CAT_KIND_DAEMON_SET);
    return makes ? maker : NULL;
}

void prj_fold_tell_maker(prj_fold *state, const prj_fold_step *step, const char *pod_key, const char *cluster)
{
    prj_fold_row *pod = prj_fold_find(state, pod_key);
    cat_view said = prj_fold_view(pod);
    prj_fold_row *maker = said.value && pod->kind == CAT_KIND_POD ? maker_of(state, pod) : NULL;
    cat_view entry = maker ? cat_view_member(maker->clusters, cluster) : (cat_view){NULL}, met = cat_view_member(entry, "met");
    if (!entry.value)
        return;
    cat_autofree char *trouble = trouble_of(said);
    bool bad = pod->status == CAT_STATUS_DEGRADED, same = cat_text_equal(cat_view_text(met, "trouble"), trouble),
         /* Of a workload the other pods may well run. */
        passed = pod->status == CAT_STATUS_RUNNING && met.value && maker->kind == CAT_KIND_JOB;
    if (!passed && (!bad || same))
        return;
    cat_autofree char *words = bad ? format_met(said, trouble, step->time_text) : NULL;
    store_member(state, step, maker, cluster, "met", words);
}

void prj_fold_tell_schedule(prj_fold *state, const prj_fold_step *step, const char *job_key, const char *cluster)
{
    prj_fold_row *job = prj_fold_find(state, job_key);
    if (!prj_fold_view(job).value || job->kind != CAT_KIND_JOB || prj_fold_has(job, "byHand") || !job->owner)
        return;
    cat_view run = cat_view_member(job->clusters, cluster);
    const char *ended = cat_view_text(run, "finishedAt");
    prj_fold_row *schedule = prj_fold_find(state, job->owner);
    if (!cat_text_equal(cat_view_text(run, "finished"), "Failed") || !ended || !prj_fold_view(schedule).value ||
        schedule->kind != CAT_KIND_CRON_JOB || schedule->deleted)
        return;
    cat_view entry = cat_view_member(schedule->clusters, cluster);
    const char *good = cat_view_text_or(entry, "succeededAt", "");
    if (!entry.value || cat_view_text(entry, "failedAt") || strcmp(ended, good) <= 0)
        return;
    cat_autofree char *value = cat_printf("\"%.40s\"", ended);
    store_member(state, step, schedule, cluster, "failedAt", value);
}

void prj_fold_keep_met(const prj_fold_look *seen, cat_string *out)
{
    cat_view met = cat_view_member(seen->old, "met");
    if (met.value && seen->status != CAT_STATUS_RUNNING)
        cat_write_view(out, "met", met);
}

void prj_fold_keep_met_of_run(const prj_fold_look *seen, cat_string *out)
{
    cat_view met = cat_view_member(seen->old, "met");
    if (met.value)
        cat_write_view(out, "met", met);
}

int64_t prj_fold_trouble_since(const prj_fold_row *maker, const prj_fold_row *pod, int64_t since_ms)
{
    cat_view_iterator it = cat_view_each(maker->clusters);
    cat_view entry;
    cat_autofree char *trouble = pod->kind == CAT_KIND_POD ? trouble_of(prj_fold_seen(pod)) : NULL;
    while (trouble && cat_view_next(&it, NULL, &entry)) {
        cat_view met = cat_view_member(entry, "met");
        int64_t met_ms = 0;
        if (cat_text_equal(cat_view_text(met, "trouble"), trouble) &&
            cat_time_parse(cat_view_text_or(met, "since", ""), &met_ms) && met_ms < since_ms)
            since_ms = met_ms;
    }
    return since_ms;
}

/* Objects that have no work of their own, such as a ConfigMap: their events are changes of what they say. */
static bool was_anything_changed(const prj_fold_members *members, int64_t from_ms, int64_t until_ms)
{
    for (size_t i = 0; i < members->count; i++) {
        cat_view_iterator it = cat_view_each(members->rows[i]->clusters);
        cat_view entry;
        bool settings = cat_kind_get(members->rows[i]->kind)->part == CAT_PART_CONTENT && !members->rows[i]->owner;
        while (settings && cat_view_next(&it, NULL, &entry)) {
            int64_t at_ms = 0;
            if (!cat_time_parse(cat_view_text_or(entry, "at", ""), &at_ms) || (at_ms > from_ms && at_ms <= until_ms))
                return true;
        }
    }
    return false;
}

int64_t prj_fold_made_ms(const prj_fold_members *members, const prj_fold_row *row, int64_t since_ms)
{
    int64_t last_ms = 0;
    cat_view_iterator it = cat_view_each(row->clusters);
    cat_view entry;
    while (row->kind == CAT_KIND_POD && cat_view_next(&it, NULL, &entry)) {
        int64_t made_ms = 0;
        if (!cat_time_parse(cat_view_text_or(entry, "madeAt", ""), &made_ms))
            return INT64_MAX;
        made_ms += SECOND_MS - 1; /* Kubernetes cuts it to whole seconds */
        last_ms = made_ms > last_ms ? made_ms : last_ms;
    }
    return last_ms == 0 || was_anything_changed(members, last_ms + SETTLED_MS, since_ms + SECOND_MS) ? INT64_MAX : last_ms;
}
