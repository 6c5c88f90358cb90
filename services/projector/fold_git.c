/* Git: one row `repository._.{app}` with the head of the Environment's branch, its newest commits and open pull requests.
 *
 * Webhooks come twice, late and out of order. A push that was seen (by id), that leads to the head or to a commit below it,
 * changes nothing; one that leads to where a known push began is an older one and only adds its commits below. A branch that
 * went, alone or with its repository, leaves a tombstone. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fold_internal.h"
#include "wire/names.h"

#define PUSH_ID_MAX 256
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

static void put_commit(cat_string *out, cat_view commit)
{
    cat_write_begin(out, NULL, '{');
    fold_put(out, "id", cat_view_text(commit, "id"));
    fold_put(out, "message", cat_view_text(commit, "message"));
    fold_put(out, "time", cat_view_text(commit, "time"));
    cat_write_begin(out, "author", '{');
    fold_put(out, "name", cat_view_text(commit, "author.name"));
    fold_put(out, "email", cat_view_text(commit, "author.email"));
    fold_put(out, "login", cat_view_text(commit, "author.login"));
    cat_write_end(out, '}');
    cat_write_begin(out, "files", '[');
    cat_view_iterator it = cat_view_each(cat_view_get(commit, "files"));
    cat_view file;
    for (size_t count = 0; count < FOLD_FILES_MAX && cat_view_next(&it, NULL, &file);) {
        count += cat_view_text(file, NULL) != NULL;
        fold_put_cut(out, NULL, cat_view_text(file, NULL), 256);
    }
    cat_write_end(out, ']');
    cat_write_end(out, '}');
}

/* The element of an array of objects whose `member` is `text`. */
static bool has(cat_view array, const char *member, const char *text)
{
    cat_view_iterator it = cat_view_each(array);
    cat_view item;
    while (cat_view_next(&it, NULL, &item))
        if (cat_text_equal(cat_view_text(item, member), text))
            return true;
    return false;
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

static push_order order_of(cat_view row, const fold_step *step, const char *after, bool forced)
{
    cat_view pushes = cat_view_member(row, "pushes"), commits = cat_view_member(row, "commits");
    if (has(pushes, "id", step->event->id))
        return PUSH_STALE;
    /* Only a push that tells the head's commit, when the first one did not, adds something. */
    bool told = has(commits, "id", after) || cat_view_count(cat_view_get(step->event->data, "commits")) == 0;
    if (cat_text_equal(cat_view_text(row, "head"), after))
        return told ? PUSH_STALE : PUSH_NEWEST;
    if (forced)
        return PUSH_NEWEST;
    if (has(commits, "id", after))
        return PUSH_STALE;
    return has(pushes, "before", after) ? PUSH_OLDER : PUSH_NEWEST;
}

static cat_string *begin_repository(fold *state, const char *application, bool deleted)
{
    cat_string *out = fold_begin(state);
    fold_stamp(state, out, "repository", NULL, application);
    cat_write_text(out, "application", application);
    if (deleted)
        cat_write_bool(out, "deleted", true);
    else
        cat_write_text(out, "status", "Running");
    return out;
}

static fold_row *store_repository(fold *state, const fold_step *step, cat_view row, const char *key, const char *application,
                                  const char *const written[], size_t count)
{
    static const char *const KNOWN[] = {"kind",   "namespace", "name", "environment", "application",
                                        "status", "deleted",   "seq",  "observedAt"};
    const char *except[32];
    size_t known = sizeof KNOWN / sizeof *KNOWN;
    memcpy(except, KNOWN, sizeof KNOWN);
    memcpy(except + known, written, count * sizeof *written);
    cat_write_members(&state->out, row, except, known + count);
    fold_seal(&state->out, step);
    return fold_store(state, key, application);
}

static size_t put_old(cat_string *out, cat_view array, size_t left)
{
    cat_view_iterator it = cat_view_each(array);
    cat_view item;
    while (left > 0 && cat_view_next(&it, NULL, &item)) {
        cat_write_view(out, NULL, item);
        left--;
    }
    return left;
}

static void put_commits(cat_string *out, cat_view data, cat_view known, bool older)
{
    cat_view added[FOLD_COMMITS_MAX];
    size_t count = new_commits(data, known, added), left = FOLD_COMMITS_MAX;
    cat_write_begin(out, "commits", '[');
    if (older)
        left = put_old(out, known, left);
    for (size_t i = 0; i < count && left > 0; i++, left--)
        put_commit(out, added[i]);
    if (!older)
        put_old(out, known, left);
    cat_write_end(out, ']');
}

static void put_pushes(cat_string *out, const fold_step *step, const char *before, const char *after, cat_view known)
{
    cat_write_begin(out, "pushes", '[');
    cat_write_begin(out, NULL, '{');
    fold_put_cut(out, "id", step->event->id, PUSH_ID_MAX);
    cat_write_text(out, "before", before);
    cat_write_text(out, "after", after);
    cat_write_end(out, '}');
    put_old(out, known, FOLD_COMMITS_MAX - 1);
    cat_write_end(out, ']');
}

int fold_push(fold *state, const fold_step *step, cat_error *error)
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
    fold_row *found = fold_find(state, key);
    cat_view row = fold_view(found);
    push_order order = row.value ? order_of(row, step, after, forced) : PUSH_NEWEST;
    bool older = order == PUSH_OLDER, gone = !older && is_zero(after), replaced = !older && (forced || gone);
    /* What is not there, or not any more, neither goes nor has older pushes. */
    if (order == PUSH_STALE || ((gone || older) && (!found || found->deleted)))
        return 0;
    const char *head = older ? cat_view_text(row, "head") : gone ? NULL : after;
    cat_string *out = begin_repository(state, application, gone);
    fold_put(out, "branch", branch);
    fold_put(out, "head", head);
    fold_put(out, "commit", head);
    put_commits(out, gone ? (cat_view){NULL} : data, replaced ? (cat_view){NULL} : cat_view_member(row, "commits"), older);
    put_pushes(out, step, before, after, cat_view_member(row, "pushes"));
    static const char *const WRITTEN[] = {"branch", "head", "commit", "commits", "pushes"};
    fold_row *stored = store_repository(state, step, row, key, application, WRITTEN, sizeof WRITTEN / sizeof *WRITTEN);
    if (gone)
        fold_bury(state, stored, step->time_ms);
    return 0;
}

static void write_request(cat_string *out, const fold_step *step, int64_t number)
{
    static const char *const COPIED[] = {"action", "head", "base", "title", "author"};
    cat_view data = step->event->data;
    cat_write_begin(out, NULL, '{');
    cat_write_int(out, "number", number);
    cat_write_text(out, "at", step->time_text);
    cat_write_bool(out, "merged", cat_view_bool_or(data, "merged", false));
    for (size_t i = 0; i < sizeof COPIED / sizeof *COPIED; i++)
        fold_put(out, COPIED[i], cat_view_text(data, COPIED[i]));
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
        if (count > FOLD_PULL_REQUESTS_MAX && strcmp(name, least) == 0)
            continue;
        if (strcmp(name, changed) == 0)
            cat_write_raw(out, name, cat_string_get(text), text->length);
        else
            cat_write_view(out, name, request);
    }
    if (!known && !(count > FOLD_PULL_REQUESTS_MAX && least == changed))
        cat_write_raw(out, changed, cat_string_get(text), text->length);
    cat_write_end(out, '}');
}

int fold_pull_request(fold *state, const fold_step *step, cat_error *error)
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
    fold_row *found = fold_find(state, key);
    cat_view row = fold_view(found), requests = cat_view_member(row, "pullRequests"), known = cat_view_member(requests, name);
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
