/* What Flux said of a Kustomization, in the row of that. */
#include <string.h>

#include "core/fold_events.h"

/* Flux tells time in seconds: of two in one second an error comes last, then what they say, so that no order of delivery and no
 * repeat changes what stays. */
static bool is_later_notice(cat_view known, cat_view data, const char *time)
{
    int order = strcmp(time, cat_view_text_or(known, "at", ""));
    if (order == 0)
        order = strcmp(cat_view_text_or(known, "severity", ""), cat_view_text_or(data, "severity", ""));
    if (order == 0)
        order = strcmp(cat_view_text_or(data, "reason", ""), cat_view_text_or(known, "reason", ""));
    if (order == 0)
        order = strcmp(cat_view_text_or(data, "revision", ""), cat_view_text_or(known, "revision", ""));
    return order > 0;
}

/* A notice adds what Flux said to the row of its Kustomization, but for its text, which is that of its tools: the row's own
 * message says it in words. Without a row there is nothing to add it to. */
int prj_fold_notice(prj_fold *state, const prj_fold_step *step, cat_error *error)
{
    cat_view data = step->event->data;
    const char *cluster = cat_view_text(data, "cluster"), *name = cat_view_text(data, "kustomization");
    if (!cluster || !*cluster || strlen(cluster) > 253 || !name || !*name)
        return cat_error_set(error, CAT_E_INVALID, "a notice needs cluster and kustomization");
    char key[CAT_KEY_MAX];
    int code = cat_key_make(cat_kind_get(CAT_KIND_KUSTOMIZATION)->token, cat_view_text_or(data, "namespace", "flux-system"), name,
                            key, error);
    if (code < 0)
        return code;
    cat_view row = prj_fold_view(prj_fold_find(state, key));
    if (!cat_view_member(cat_view_member(row, "clusters"), cluster).value)
        return 0;
    cat_view notices = cat_view_member(row, "notices"), known = cat_view_member(notices, cluster);
    if (known.value && !is_later_notice(known, data, step->time_text))
        return 0;
    static const char *const COPIED[] = {"severity", "reason", "revision"};
    static const char *const CHANGED[] = {"notices", "seq", "observedAt"};
    cat_string_clear(&state->part);
    cat_write_begin(&state->part, NULL, '{');
    cat_write_text(&state->part, "at", step->time_text);
    for (size_t i = 0; i < sizeof COPIED / sizeof *COPIED; i++)
        prj_fold_put(&state->part, COPIED[i], cat_view_text(data, COPIED[i]));
    cat_write_end(&state->part, '}');
    cat_string *out = prj_fold_begin(state);
    cat_write_members(out, row, CHANGED, sizeof CHANGED / sizeof *CHANGED);
    prj_fold_put_replaced(out, "notices", notices, cluster, &state->part);
    prj_fold_seal(out, step);
    prj_fold_store(state, key, cat_view_text(row, "application"));
    return 0;
}
