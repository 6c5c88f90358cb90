/* Git: one row `repository._.{app}` with the head of the Environment's branch, its newest commits and open pull requests.
 *
 * Webhooks come twice, late and out of order. A push that was seen (by id), that leads to the head or to a commit below it,
 * changes nothing; one that leads to where a known push began is an older one and only adds its commits below. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fold_internal.h"
#include "wire/names.h"

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

static json_t *copy_commit(cat_view commit)
{
    json_t *copy = json_object();
    fold_put(copy, "id", cat_view_text(commit, "id"));
    fold_put(copy, "message", cat_view_text(commit, "message"));
    fold_put(copy, "time", cat_view_text(commit, "time"));
    json_t *author = json_object();
    fold_put(author, "name", cat_view_text(commit, "author.name"));
    fold_put(author, "email", cat_view_text(commit, "author.email"));
    fold_put(author, "login", cat_view_text(commit, "author.login"));
    json_object_set_new(copy, "author", author);
    json_t *files = json_array();
    cat_view_iterator it = cat_view_each(cat_view_get(commit, "files"));
    cat_view file;
    while (json_array_size(files) < FOLD_FILES_MAX && cat_view_next(&it, NULL, &file))
        if (cat_view_text(file, NULL))
            json_array_append_new(files, fold_cut(cat_view_text(file, NULL), 256));
    json_object_set_new(copy, "files", files);
    return copy;
}

static bool has_commit(const json_t *commits, const char *id)
{
    size_t at;
    json_t *commit;
    json_array_foreach(commits, at, commit) if (cat_text_equal(cat_json_text(commit, "id"), id)) return true;
    return false;
}

/* The event's commits, newest first; commits that are known already are left out. */
static json_t *new_commits(cat_view data, const json_t *known)
{
    json_t *commits = json_array();
    cat_view_iterator it = cat_view_each(cat_view_get(data, "commits"));
    cat_view commit;
    while (cat_view_next(&it, NULL, &commit))
        if (is_commit(cat_view_text(commit, "id")) && !has_commit(known, cat_view_text(commit, "id")))
            json_array_insert_new(commits, 0, copy_commit(commit));
    return commits;
}

static void cut_array(json_t *array, size_t max)
{
    while (json_array_size(array) > max)
        json_array_remove(array, json_array_size(array) - 1);
}

typedef enum { PUSH_STALE, PUSH_OLDER, PUSH_NEWEST } push_order;

static push_order order_of(const json_t *row, const fold_step *step, const char *after, bool forced)
{
    const json_t *pushes = json_object_get(row, "pushes");
    size_t at;
    json_t *push;
    json_array_foreach(pushes, at, push) if (cat_text_equal(cat_json_text(push, "id"), step->event->id)) return PUSH_STALE;
    /* Only a push that tells the head's commit, when the first one did not, adds something. */
    bool told =
        has_commit(json_object_get(row, "commits"), after) || cat_view_count(cat_view_get(step->event->data, "commits")) == 0;
    if (cat_text_equal(cat_json_text(row, "head"), after))
        return told ? PUSH_STALE : PUSH_NEWEST;
    if (forced)
        return PUSH_NEWEST;
    if (has_commit(json_object_get(row, "commits"), after))
        return PUSH_STALE;
    json_array_foreach(pushes, at, push) if (cat_text_equal(cat_json_text(push, "before"), after)) return PUSH_OLDER;
    return PUSH_NEWEST;
}

static json_t *row_of_repository(fold *state, const fold_step *step, const char *application, fold_row **row, cat_error *error)
{
    char key[CAT_KEY_MAX];
    if (cat_key_make("repository", NULL, application, key, error) < 0)
        return NULL;
    *row = fold_edit(state, key);
    json_t *json = (*row)->json;
    fold_stamp(state, json, step, "repository", NULL, application);
    json_object_set_new(json, "application", json_string(application));
    json_object_set_new(json, "status", json_string("Running"));
    return json;
}

static json_t *array_member(json_t *json, const char *name)
{
    json_t *array = json_object_get(json, name);
    if (!json_is_array(array)) {
        array = json_array();
        json_object_set_new(json, name, array);
    }
    return array;
}

static void apply_push(json_t *json, const fold_step *step, push_order order)
{
    cat_view data = step->event->data;
    const char *before = cat_view_text_or(data, "before", ZERO_COMMIT), *after = cat_view_text(data, "after");
    json_t *commits = array_member(json, "commits");
    bool replaced = order == PUSH_NEWEST && (cat_view_bool_or(data, "forced", false) || is_zero(after));
    if (replaced)
        json_array_clear(commits);
    json_t *added = new_commits(data, commits);
    if (order == PUSH_OLDER) {
        json_array_extend(commits, added);
    } else {
        json_array_extend(added, commits);
        json_array_clear(commits);
        json_array_extend(commits, added);
        fold_put(json, "head", is_zero(after) ? NULL : after);
        fold_put(json, "commit", is_zero(after) ? NULL : after);
    }
    json_decref(added);
    cut_array(commits, FOLD_COMMITS_MAX);
    json_t *pushes = array_member(json, "pushes");
    json_array_insert_new(
        pushes, 0,
        cat_json_object("id", fold_cut(step->event->id, 256), "before", json_string(before), "after", json_string(after), NULL));
    cut_array(pushes, FOLD_COMMITS_MAX);
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
    fold_row *row = fold_find(state, key);
    push_order order = row ? order_of(fold_json(row), step, after, cat_view_bool_or(data, "forced", false)) : PUSH_NEWEST;
    if (order == PUSH_STALE)
        return 0;
    json_t *json = row_of_repository(state, step, application, &row, error);
    fold_put(json, "branch", branch);
    apply_push(json, step, order);
    fold_index(state, row);
    return 0;
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
    fold_row *row = fold_find(state, key);
    const json_t *known = row ? json_object_get(json_object_get(fold_json(row), "pullRequests"), name) : NULL;
    if (known && strcmp(cat_json_text_or(known, "at", ""), step->time_text) >= 0)
        return 0;
    json_t *json = row_of_repository(state, step, application, &row, error);
    json_t *requests = json_object_get(json, "pullRequests");
    if (!json_is_object(requests))
        json_object_set_new(json, "pullRequests", requests = json_object());
    json_t *request = cat_json_object("number", json_integer(number), "at", json_string(step->time_text), "merged",
                                      json_boolean(cat_view_bool_or(data, "merged", false)), NULL);
    static const char *const COPIED[] = {"action", "head", "base", "title", "author"};
    for (size_t i = 0; i < sizeof COPIED / sizeof *COPIED; i++)
        fold_put(request, COPIED[i], cat_view_text(data, COPIED[i]));
    json_object_set_new(requests, name, request);
    while (json_object_size(requests) > FOLD_PULL_REQUESTS_MAX) {
        long long least = number;
        const char *other;
        json_t *unused;
        json_object_foreach(requests, other, unused) least = atoll(other) < least ? atoll(other) : least;
        snprintf(name, sizeof name, "%lld", least);
        json_object_del(requests, name);
    }
    fold_index(state, row);
    return 0;
}
