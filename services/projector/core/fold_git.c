/* Git: one row `repository._.{app}` with the head of the Environment's branch, its newest commits and open pull requests.
 *
 * Webhooks come twice, late and out of order, or not at all. A push that was seen (by id), that leads to the head or to a commit
 * below it, changes nothing; one that leads to where a known push began is an older one and only adds its commits where they
 * belong. While pushes are missing between those that are known, or commits of one, the row says `gap: true`: the sweep then
 * tells the branch's newest commits (`whole`), which replace what is there. A branch that went, alone or with its repository,
 * leaves a tombstone. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/fold_commit.h"
#include "core/fold_events.h"
#include "core/fold_here.h"
#include "core/fold_time.h"
#include "wire/names.h"

#define PUSH_ID_MAX 256
#define FILES_MAX 100
#define PULL_REQUESTS_MAX 50
#define ZERO_COMMIT "0000000000000000000000000000000000000000"

static bool is_commit(const char *text)
{
    size_t length = text ? strlen(text) : 0;
    return (length == 40 || length == 64) && strspn(text, "0123456789abcdef") == length;
}

static bool is_zero(const char *commit)
{
    return strspn(commit, "0") == strlen(commit);
}

/* Paths of one commit that a row keeps: 50 commits of them fit in it together. */
#define FILES_MAX_BYTES 4096
#define FILE_MAX_BYTES 256

static void put_files(cat_string *out, cat_view commit)
{
    size_t left = FILES_MAX_BYTES, count = 0;
    int64_t more = cat_view_int_or(commit, "moreFiles", 0);
    cat_view_iterator it = cat_view_each(cat_view_get(commit, "files"));
    cat_view file;
    cat_write_begin(out, "files", '[');
    while (cat_view_next(&it, NULL, &file)) {
        const char *path = cat_view_text(file, NULL);
        size_t length = path ? strlen(path) : 0;
        if (!path)
            continue;
        if (count == FILES_MAX || length > FILE_MAX_BYTES || length > left) {
            more++;
            continue;
        }
        cat_write_text(out, NULL, path);
        left -= length;
        count++;
    }
    cat_write_end(out, ']');
    if (more > 0)
        cat_write_int(out, "moreFiles", more);
}

/* The element of an array of objects whose `member` is `text`; absent: there is none. */
static cat_view find(cat_view array, const char *member, const char *text)
{
    cat_view_iterator it = cat_view_each(array);
    cat_view item;
    while (cat_view_next(&it, NULL, &item))
        if (cat_text_equal(cat_view_text(item, member), text))
            return item;
    return (cat_view){NULL};
}

static bool has(cat_view array, const char *member, const char *text)
{
    return find(array, member, text).value != NULL;
}

/* `seenAt` is when its push was seen here first, however often it is told: authors' and committers' clocks say anything.
 * `before`: the commits that the row had. */
static void put_commit(cat_string *out, const prj_fold_step *step, cat_view commit, cat_view before)
{
    const char *message = cat_view_text(commit, "message");
    cat_write_begin(out, NULL, '{');
    prj_fold_put(out, "id", cat_view_text(commit, "id"));
    prj_fold_put(out, "message", message);
    if (cat_view_bool_or(commit, "messageCut", false) || (message && strlen(message) > FOLD_MESSAGE_MAX))
        cat_write_bool(out, "messageCut", true);
    prj_fold_put(out, "time", cat_view_text(commit, "time"));
    const char *seen_at = cat_view_text(find(before, "id", cat_view_text(commit, "id")), "seenAt");
    prj_fold_put(out, "seenAt", seen_at && strcmp(seen_at, step->time_text) < 0 ? seen_at : step->time_text);
    cat_write_begin(out, "author", '{');
    prj_fold_put(out, "name", cat_view_text(commit, "author.name"));
    prj_fold_put(out, "email", cat_view_text(commit, "author.email"));
    prj_fold_put(out, "login", cat_view_text(commit, "author.login"));
    cat_write_end(out, '}');
    put_files(out, commit);
    cat_write_end(out, '}');
}

/* The event's newest commits, newest first; commits that are known already are left out. */
static size_t new_commits(cat_view data, cat_view known, cat_view commits[FOLD_COMMITS_MAX])
{
    size_t count = 0;
    cat_view_iterator it = cat_view_each(cat_view_get(data, "commits"));
    cat_view commit;
    while (cat_view_next(&it, NULL, &commit)) {
        if (!is_commit(cat_view_text(commit, "id")) || has(known, "id", cat_view_text(commit, "id")))
            continue;
        count -= count == FOLD_COMMITS_MAX;
        memmove(commits + 1, commits, count * sizeof *commits);
        commits[0] = commit;
        count++;
    }
    return count;
}

typedef enum { PUSH_STALE, PUSH_OLDER, PUSH_NEWEST } push_order;

static push_order order_of(cat_view row, const prj_fold_step *step, const char *after, bool forced)
{
    cat_view pushes = cat_view_member(row, "pushes"), commits = cat_view_member(row, "commits");
    if (has(pushes, "id", step->event->id))
        return PUSH_STALE;
    /* Only a push that tells the head's commit, when the first one did not, adds something. */
    bool told = has(commits, "id", after) || cat_view_count(cat_view_get(step->event->data, "commits")) == 0;
    bool fills = cat_view_bool_or(row, "gap", false) && cat_view_bool_or(step->event->data, "whole", false);
    if (cat_text_equal(cat_view_text(row, "head"), after))
        return told && !fills ? PUSH_STALE : PUSH_NEWEST;
    if (forced)
        return PUSH_NEWEST;
    if (has(commits, "id", after))
        return PUSH_STALE;
    return has(pushes, "before", after) ? PUSH_OLDER : PUSH_NEWEST;
}

static cat_string *begin_repository(prj_fold *state, const char *application, bool deleted)
{
    cat_string *out = prj_fold_begin(state);
    prj_fold_stamp(state, out, "repository", NULL, application);
    cat_write_text(out, "application", application);
    if (deleted)
        cat_write_bool(out, "deleted", true);
    else
        cat_write_text(out, "status", "Running");
    return out;
}

static prj_fold_row *store_repository(prj_fold *state, const prj_fold_step *step, cat_view row, const char *key,
                                      const char *application, const char *const written[], size_t count)
{
    static const char *const KNOWN[] = {"kind",   "namespace", "name", "environment", "application",
                                        "status", "deleted",   "seq",  "observedAt",  "here"};
    const char *except[32];
    size_t known = sizeof KNOWN / sizeof *KNOWN;
    memcpy(except, KNOWN, sizeof KNOWN);
    memcpy(except + known, written, count * sizeof *written);
    cat_write_members(&state->out, row, except, known + count);
    if (cat_view_bool_or(row, "here", false) || prj_fold_runs_here(state, application))
        cat_write_bool(&state->out, "here", true);
    prj_fold_seal(&state->out, step);
    return prj_fold_store(state, key, application);
}

/* Elements until `stop` (NULL: all) is one's `id`, which stays for later. */
static size_t put_until(cat_string *out, cat_view_iterator *it, const char *stop, cat_view *stopped, size_t left)
{
    cat_view item;
    *stopped = (cat_view){NULL};
    while (left > 0 && cat_view_next(it, NULL, &item)) {
        if (stop && cat_text_equal(cat_view_text(item, "id"), stop)) {
            *stopped = item;
            return left;
        }
        cat_write_view(out, NULL, item);
        left--;
    }
    return left;
}

/* The new ones stand above what was there, or, `replaced`, for all of it; those of an older push where it began. */
static void put_commits(cat_string *out, const prj_fold_step *step, cat_view data, cat_view before, bool older, bool replaced)
{
    cat_view known = replaced ? (cat_view){NULL} : before;
    cat_view added[FOLD_COMMITS_MAX], stopped = {NULL};
    size_t count = new_commits(data, known, added), left = FOLD_COMMITS_MAX;
    cat_view_iterator it = cat_view_each(known);
    cat_write_begin(out, "commits", '[');
    if (older)
        left = put_until(out, &it, cat_view_text(data, "before"), &stopped, left);
    for (size_t i = 0; i < count && left > 0; i++, left--)
        put_commit(out, step, added[i], before);
    if (stopped.value && left > 0) {
        cat_write_view(out, NULL, stopped);
        left--;
    }
    put_until(out, &it, NULL, &stopped, left);
    cat_write_end(out, ']');
}

/* A push as the row keeps it. `whole`: below its commits nothing is missing that the row would have; `lacks`: of its own some
 * are.
 */
typedef struct {
    const char *id, *before, *after;
    bool whole, lacks;
} push;

static push push_of_event(const prj_fold_step *step, bool forced)
{
    cat_view data = step->event->data;
    const char *before = cat_view_text_or(data, "before", ZERO_COMMIT);
    return (push){step->event->id, before, cat_view_text(data, "after"),
                  is_zero(before) || forced || cat_view_bool_or(data, "whole", false) ||
                      cat_view_count(cat_view_get(data, "commits")) >= FOLD_COMMITS_MAX,
                  cat_view_bool_or(data, "lacksCommits", false)};
}

static push push_of_row(cat_view item)
{
    return (push){cat_view_text(item, "id"), cat_view_text_or(item, "before", ""), cat_view_text_or(item, "after", ""),
                  cat_view_bool_or(item, "whole", false) || is_zero(cat_view_text_or(item, "before", "")),
                  cat_view_bool_or(item, "lacks", false)};
}

static void put_pushes(cat_string *out, const push *added, cat_view known)
{
    cat_view stopped;
    cat_view_iterator it = cat_view_each(known);
    cat_write_begin(out, "pushes", '[');
    cat_write_begin(out, NULL, '{');
    prj_fold_put_cut(out, "id", added->id, PUSH_ID_MAX);
    cat_write_text(out, "before", added->before);
    cat_write_text(out, "after", added->after);
    if (added->whole)
        cat_write_bool(out, "whole", true);
    if (added->lacks)
        cat_write_bool(out, "lacks", true);
    cat_write_end(out, '}');
    put_until(out, &it, NULL, &stopped, FOLD_COMMITS_MAX - 1);
    cat_write_end(out, ']');
}

static bool find_push(const push *added, cat_view known, const char *after, push *found)
{
    cat_view item;
    cat_view_iterator it = cat_view_each(known);
    if (cat_text_equal(added->after, after)) {
        *found = *added;
        return true;
    }
    while (cat_view_next(&it, NULL, &item)) {
        *found = push_of_row(item);
        if (cat_text_equal(found->after, after))
            return true;
    }
    return false;
}

/* Whether pushes lead from the head down to where nothing is missing. As many pushes as a row has commits are enough. */
static bool has_gap(const push *added, cat_view known, const char *head)
{
    push one;
    for (size_t step = 0; step < FOLD_COMMITS_MAX; step++) {
        if (!find_push(added, known, head, &one) || one.lacks)
            return true;
        if (one.whole)
            return false;
        head = one.before;
    }
    return false;
}

int prj_fold_push(prj_fold *state, const prj_fold_step *step, cat_error *error)
{
    cat_view data = step->event->data;
    const char *application = cat_view_text(data, "application"), *branch = cat_view_text(data, "branch");
    const char *after = cat_view_text(data, "after"), *before = cat_view_text_or(data, "before", ZERO_COMMIT);
    if (!application || cat_name_check_application(application, NULL) < 0 || !branch || strlen(branch) > 255)
        return cat_error_set(error, CAT_E_INVALID, "a push needs an Application and a branch");
    if (!is_commit(after) || !is_commit(before))
        return cat_error_set(error, CAT_E_INVALID, "a push needs the commits before and after it");
    char key[CAT_KEY_MAX];
    int code = cat_key_make("repository", NULL, application, key, error);
    if (code < 0)
        return code;
    bool forced = cat_view_bool_or(data, "forced", false);
    prj_fold_row *found = prj_fold_find(state, key);
    cat_view row = prj_fold_view(found);
    push_order order = row.value ? order_of(row, step, after, forced) : PUSH_NEWEST;
    const push added = push_of_event(step, forced);
    bool older = order == PUSH_OLDER, gone = !older && is_zero(after);
    bool replaced = !older && (forced || gone || cat_view_bool_or(data, "whole", false));
    /* What is not there, or not any more, neither goes nor has older pushes. */
    if (order == PUSH_STALE || ((gone || older) && (!found || found->deleted)))
        return 0;
    const char *head = older ? cat_view_text(row, "head") : gone ? NULL : after;
    cat_string *out = begin_repository(state, application, gone);
    prj_fold_put(out, "branch", branch);
    prj_fold_put(out, "head", head);
    prj_fold_put(out, "commit", head);
    put_commits(out, step, gone ? (cat_view){NULL} : data, cat_view_member(row, "commits"), older, replaced);
    put_pushes(out, &added, cat_view_member(row, "pushes"));
    if (!gone && has_gap(&added, cat_view_member(row, "pushes"), head))
        cat_write_bool(out, "gap", true);
    static const char *const WRITTEN[] = {"branch", "head", "commit", "commits", "pushes", "gap"};
    prj_fold_row *stored = store_repository(state, step, row, key, application, WRITTEN, sizeof WRITTEN / sizeof *WRITTEN);
    if (gone)
        prj_fold_bury(state, stored, step->time_ms);
    return 0;
}

static void write_request(cat_string *out, const prj_fold_step *step, int64_t number)
{
    static const char *const COPIED[] = {"action", "head", "base", "title", "author"};
    cat_view data = step->event->data;
    cat_write_begin(out, NULL, '{');
    cat_write_int(out, "number", number);
    cat_write_text(out, "at", step->time_text);
    cat_write_bool(out, "merged", cat_view_bool_or(data, "merged", false));
    for (size_t i = 0; i < sizeof COPIED / sizeof *COPIED; i++)
        prj_fold_put(out, COPIED[i], cat_view_text(data, COPIED[i]));
    cat_write_end(out, '}');
}

/* All requests with the changed one among them; of more than there may be, that with the smallest number leaves. */
static void put_requests(cat_string *out, cat_view requests, const char *changed, const cat_string *text)
{
    bool known = cat_view_member(requests, changed).value != NULL;
    size_t count = cat_view_count(requests) + !known;
    const char *least = changed, *name;
    cat_view request;
    cat_view_iterator it = cat_view_each(requests);
    while (cat_view_next(&it, &name, &request))
        least = atoll(name) < atoll(least) ? name : least;
    cat_write_begin(out, "pullRequests", '{');
    it = cat_view_each(requests);
    while (cat_view_next(&it, &name, &request)) {
        if (count > PULL_REQUESTS_MAX && strcmp(name, least) == 0)
            continue;
        if (strcmp(name, changed) == 0)
            cat_write_raw(out, name, cat_string_get(text), text->length);
        else
            cat_write_view(out, name, request);
    }
    if (!known && !(count > PULL_REQUESTS_MAX && least == changed))
        cat_write_raw(out, changed, cat_string_get(text), text->length);
    cat_write_end(out, '}');
}

int prj_fold_pull_request(prj_fold *state, const prj_fold_step *step, cat_error *error)
{
    cat_view data = step->event->data;
    const char *application = cat_view_text(data, "application");
    int64_t number = cat_view_int_or(data, "number", 0);
    if (!application || cat_name_check_application(application, NULL) < 0 || number <= 0 || !cat_view_text(data, "action"))
        return cat_error_set(error, CAT_E_INVALID, "a pull request needs an Application, a number and an action");
    char key[CAT_KEY_MAX], name[32];
    int code = cat_key_make("repository", NULL, application, key, error);
    if (code < 0)
        return code;
    snprintf(name, sizeof name, "%lld", (long long)number);
    prj_fold_row *found = prj_fold_find(state, key);
    cat_view row = prj_fold_view(found), requests = cat_view_member(row, "pullRequests"), known = cat_view_member(requests, name);
    bool stale = known.value && strcmp(cat_view_text_or(known, "at", ""), step->time_text) >= 0;
    if (stale || (found && found->deleted))
        return 0;
    cat_string_clear(&state->part);
    write_request(&state->part, step, number);
    cat_string *out = begin_repository(state, application, false);
    put_requests(out, requests, name, &state->part);
    static const char *const WRITTEN[] = {"pullRequests"};
    store_repository(state, step, row, key, application, WRITTEN, 1);
    return 0;
}
