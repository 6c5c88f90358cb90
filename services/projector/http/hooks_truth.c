#include "http/hooks_truth.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "domain/events.h"
#include "http/hooks_commits.h"
#include "wire/cloudevent.h"

#define ZERO "0000000000000000000000000000000000000000"

static int see_push(cat_gitea *gitea, prj_payload *event, cat_error *error)
{
    char head[65];
    cat_error failed = {0};
    int code = cat_gitea_branch_head(gitea, event->organization, event->application, event->branch, head, &failed);
    if (code < 0 && code != CAT_E_NOT_FOUND)
        return cat_error_copy(error, &failed);
    if (code == CAT_E_NOT_FOUND)
        snprintf(head, sizeof head, "%s", ZERO);
    const char *after = cat_json_text_or(event->data, "after", ZERO);
    bool is_gone = strcmp(head, ZERO) == 0;
    if (strcmp(after, head) == 0 || (is_gone && strspn(after, "0") == strlen(after)))
        return 0;
    json_t *commits = NULL;
    if (is_gone)
        commits = json_array();
    else if ((code = prj_hooks_read_commits(gitea, event->repository, NULL, head, &commits, error)) < 0)
        return code;
    cat_json_set_text(event->data, "before", ZERO);
    cat_json_set_text(event->data, "after", head);
    json_object_set_new(event->data, "forced", json_true());
    json_object_set_new(event->data, "commits", commits);
    cat_json_set_bool(event->data, "whole", true);
    event->lacks_commits = false;
    if (!is_gone) { /* else it is told under the commit that the delivery named */
        free(event->commit);
        event->commit = cat_strdup(head);
    }
    return 0;
}

static int see_pull_request(cat_gitea *gitea, prj_payload *event, bool *there, cat_error *error)
{
    cat_autojson json_t *request = NULL;
    cat_autofree char *path =
        cat_printf("/repos/%s/pulls/%lld", event->repository, (long long)cat_json_int_or(event->data, "number", 0));
    cat_error failed = {0};
    int code = cat_gitea_call(gitea, "GET", path, NULL, NULL, &request, &failed);
    *there = code != CAT_E_NOT_FOUND;
    if (code < 0)
        return *there ? cat_error_copy(error, &failed) : 0;
    bool is_closed = cat_text_equal(cat_json_text(request, "state"), "closed"),
         told_closed = cat_text_equal(cat_json_text(event->data, "action"), "closed");
    if (is_closed != told_closed)
        cat_json_set_text(event->data, "action", is_closed ? "closed" : "reopened");
    json_object_set_new(event->data, "merged", json_boolean(cat_json_bool_or(request, "merged", false)));
    static const char *const MEMBERS[][2] = {{"head", "head.sha"}, {"title", "title"}, {"author", "user.login"}};
    for (size_t i = 0; i < sizeof MEMBERS / sizeof *MEMBERS; i++)
        if (cat_json_text(request, MEMBERS[i][1]))
            cat_json_set_text(event->data, MEMBERS[i][0], cat_json_text(request, MEMBERS[i][1]));
    return 0;
}

int prj_hooks_see_truth(cat_gitea *gitea, prj_payload *event, bool *there, cat_error *error)
{
    *there = true;
    if (!event->type || !event->environment)
        return 0;
    if (cat_event_is(event->type, CAT_EVENT_GIT_PUSH))
        return see_push(gitea, event, error);
    if (cat_event_is(event->type, CAT_EVENT_GIT_PULL_REQUEST))
        return see_pull_request(gitea, event, there, error);
    return 0;
}
