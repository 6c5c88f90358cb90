#include "http/hooks_commits.h"

#include <string.h>

#include "base/log.h"
#include "base/memory.h"
#include "domain/events.h"
#include "wire/json.h"

static bool is_nothing(const char *commit)
{
    return !commit || strspn(commit, "0") == strlen(commit);
}

int prj_hooks_read_commits(cat_gitea *gitea, const char *repository, const char *before, const char *head, json_t **commits,
                           cat_error *error)
{
    cat_autojson json_t *list = NULL;
    cat_autofree char *not_those = is_nothing(before) ? cat_strdup("") : cat_printf("&not=%s", before);
    cat_error failed = {0};
    int code = CAT_E_TOO_LARGE;
    for (int files = 1; files >= 0 && (code == CAT_E_TOO_LARGE || code == CAT_E_PROTOCOL || code == CAT_E_TIMEOUT); files--) {
        cat_autofree char *path = cat_printf("/repos/%s/commits?sha=%s%s&limit=%d&stat=false&verification=false&files=%s",
                                             repository, head, not_those, PAYLOAD_COMMITS_MAX, files ? "true" : "false");
        failed = (cat_error){0};
        code = cat_gitea_call(gitea, "GET", path, NULL, NULL, &list, &failed);
    }
    if (code < 0)
        return cat_error_copy(error, &failed);
    *commits = prj_payload_commits_of_api(list);
    return 0;
}

void prj_hooks_complete_commits(cat_gitea *gitea, const prj_payload *event)
{
    json_t *commits = NULL, *told = json_object_get(event->data, "commits");
    cat_error error = {0};
    const char *before = cat_json_text(event->data, "before"), *after = cat_json_text(event->data, "after");
    bool complete = (json_array_size(told) > 0 && !event->lacks_commits) || is_nothing(after);
    if (!gitea || !cat_event_is(event->type, CAT_EVENT_GIT_PUSH) || complete)
        return;
    /* A branch that was forced to something older has nothing new: it is told from its head. */
    bool from_head = is_nothing(before) || !json_array_size(told);
    int code = prj_hooks_read_commits(gitea, event->repository, from_head ? NULL : before, after, &commits, &error);
    if (code == 0) {
        json_object_set_new(event->data, "commits", commits);
        if (from_head)
            cat_json_set_bool(event->data, "whole", true);
        return;
    }
    cat_json_set_bool(event->data, "lacksCommits", true);
    cat_log_warning("a push's commits are not all known", CAT_FIELD("repository", event->repository), CAT_FIELD_ERROR(&error));
}
