/* What steps share. */
#include <stdio.h>

#include "steps/steps.h"

void prv_committer_of(const prv_context *context, prv_committer *committer)
{
    snprintf(committer->email, sizeof committer->email, "catalyst@%s", context->config->common.sovereign.domain);
    committer->person = (cat_git_person){"Catalyst", committer->email};
}

bool prv_is_made_here(const json_t *plan, const char *repository)
{
    size_t index;
    json_t *skeleton;
    json_array_foreach(json_object_get(plan, "skeletons"), index, skeleton)
    {
        if (cat_text_equal(cat_json_text(skeleton, "repository"), repository))
            return true;
    }
    return false;
}

char *prv_trailers_of(const prv_run *run)
{
    cat_auto(cat_string) text = CAT_STRING(4096);
    cat_string_appendf(&text, "Operation: %s\n", run->id);
    if (run->hash)
        cat_string_appendf(&text, "Plan: %s\n", run->hash);
    cat_string_appendf(&text, "Requested-by: %s\n", run->user);
    return cat_string_take(&text);
}

char *prv_message_of(const prv_run *run, const char *subject)
{
    cat_autofree char *trailers = prv_trailers_of(run);
    return cat_printf("%s\n\n%s", subject, trailers);
}

char *prv_message_for(const prv_run *run, const char *repository, const char *fallback)
{
    const char *subject = fallback;
    size_t index;
    json_t *commit;
    json_array_foreach(json_object_get(run->plan, "commits"), index, commit)
    {
        if (cat_text_equal(cat_json_text(commit, "repository"), repository))
            subject = cat_json_text_or(commit, "message", fallback);
    }
    return prv_message_of(run, subject);
}
