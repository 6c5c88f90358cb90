/* Commits: made, walked, compared. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "net/git_internal.h"

#define MESSAGE_MAX_BYTES ((size_t)64 * 1024)
#define MAX_PARENTS 8
#define WALK_MAX 20000

static int make_signature(const cat_git_person *person, int64_t time_ms, git_signature **signature, cat_error *error)
{
    if (!person || !person->name || !person->email || strpbrk(person->name, "<>\n") || strpbrk(person->email, "<>\n "))
        return cat_error_set(error, CAT_E_INVALID, "a commit needs somebody's name and e-mail address");
    if (git_signature_new(signature, person->name, person->email, (git_time_t)(time_ms / 1000), 0) < 0)
        return cat_error_set(error, CAT_E_INVALID, "%.100s <%.100s> can be no commit's author", person->name, person->email);
    return 0;
}

static int open_parents(cat_git *git, const cat_git_id *ids, size_t count, git_commit *parents[MAX_PARENTS], cat_error *error)
{
    if (count > MAX_PARENTS)
        return cat_error_set(error, CAT_E_INVALID, "a commit has at most %d parents", MAX_PARENTS);
    for (size_t i = 0; i < count; i++) {
        git_oid oid;
        int code = git_id_parse(&ids[i], &oid, error);
        if (code < 0)
            return code;
        int result = git_commit_lookup(&parents[i], git->repository, &oid);
        if (result < 0)
            return git_local_error(result, "reading a commit's parent", error);
    }
    return 0;
}

int cat_git_commit(cat_git *git, const cat_git_new_commit *wanted, cat_git_id *commit, cat_error *error)
{
    const cat_git_person *committer = wanted->committer ? wanted->committer : wanted->author;
    const char *message = wanted->message;
    if (strlen(message) > MESSAGE_MAX_BYTES)
        return cat_error_set(error, CAT_E_TOO_LARGE, "a commit's message is longer than %zu bytes", MESSAGE_MAX_BYTES);
    git_auto(git_signature) wrote = NULL;
    git_auto(git_signature) committed = NULL;
    git_auto(git_tree) opened = NULL;
    git_commit *from[MAX_PARENTS] = {0};
    int code = make_signature(wanted->author, wanted->time_ms, &wrote, error);
    if (code == 0)
        code = make_signature(committer, wanted->time_ms, &committed, error);
    if (code == 0)
        code = git_tree_open(git, wanted->tree, &opened, error);
    if (code == 0)
        code = open_parents(git, wanted->parents, wanted->parent_count, from, error);
    if (code == 0) {
        git_oid made;
        cat_autofree char *text = cat_text_ends_with(message, "\n") ? cat_strdup(message) : cat_printf("%s\n", message);
        int result = git_commit_create(&made, git->repository, NULL, wrote, committed, NULL, text, opened, wanted->parent_count,
                                       (const git_commit **)from);
        if (result < 0)
            code = git_local_error(result, "making a commit", error);
        else
            git_id_set(commit, &made);
    }
    for (size_t i = 0; i < MAX_PARENTS; i++)
        git_commit_free(from[i]);
    return code;
}

/* What stands at `path` in a commit: zero when nothing does. */
static git_oid at_path(const git_commit *commit, const char *path)
{
    git_oid found = {{0}};
    git_auto(git_tree) tree = NULL;
    git_auto(git_tree_entry) entry = NULL;
    if (git_commit_tree(&tree, commit) == 0 && git_tree_entry_bypath(&entry, tree, path) == 0)
        found = *git_tree_entry_id(entry);
    return found;
}

/* A commit touches a path when it differs there from every parent. */
static bool touches(const git_commit *commit, const char *path)
{
    git_oid own = at_path(commit, path);
    unsigned parents = git_commit_parentcount(commit);
    for (unsigned i = 0; i < parents; i++) {
        git_auto(git_commit) parent = NULL;
        if (git_commit_parent(&parent, commit, i) < 0)
            continue;
        git_oid before = at_path(parent, path);
        if (git_oid_equal(&own, &before))
            return false;
    }
    return parents > 0 || !git_oid_is_zero(&own);
}

/* Text of others' commits may be in any encoding. */
static json_t *text_or(const char *text, const char *fallback)
{
    json_t *json = text ? json_string(text) : NULL;
    return json ? json : json_string(fallback);
}

static json_t *describe(const git_commit *commit)
{
    cat_git_id id;
    git_id_set(&id, git_commit_id(commit));
    json_t *parents = json_array();
    for (unsigned i = 0; i < git_commit_parentcount(commit); i++) {
        cat_git_id parent;
        git_id_set(&parent, git_commit_parent_id(commit, i));
        json_array_append_new(parents, json_string(parent.hex));
    }
    const git_signature *author = git_commit_author(commit);
    char time[CAT_TIME_TEXT_MAX];
    cat_time_format((int64_t)git_commit_time(commit) * 1000, time);
    return cat_json_object("id", json_string(id.hex), "parents", parents, "message",
                           text_or(git_commit_message(commit), "(not UTF-8)"), "author",
                           cat_json_object("name", text_or(author ? author->name : NULL, "?"), "email",
                                           text_or(author ? author->email : NULL, "?"), NULL),
                           "time", json_string(time), NULL);
}

int cat_git_log(cat_git *git, const cat_git_id *commit, const char *path, size_t max, json_t **commits, cat_error *error)
{
    git_oid oid;
    int code = git_id_parse(commit, &oid, error);
    if (code == 0 && path && *path)
        code = git_path_check(path, error);
    if (code < 0)
        return code;
    git_auto(git_revwalk) walk = NULL;
    int result = git_revwalk_new(&walk, git->repository);
    if (result == 0)
        result = git_revwalk_sorting(walk, GIT_SORT_TOPOLOGICAL | GIT_SORT_TIME);
    if (result == 0)
        result = git_revwalk_push(walk, &oid);
    cat_autojson json_t *found = json_array();
    for (unsigned seen = 0; result == 0 && seen < WALK_MAX && json_array_size(found) < max; seen++) {
        git_auto(git_commit) next = NULL;
        result = git_revwalk_next(&oid, walk);
        if (result == 0)
            result = git_commit_lookup(&next, git->repository, &oid);
        if (result == 0 && (!path || !*path || touches(next, path)))
            json_array_append_new(found, describe(next));
    }
    if (result < 0 && result != GIT_ITEROVER)
        return git_local_error(result, "reading the history", error);
    *commits = cat_take(found);
    return 0;
}

static const char *action_of(git_delta_t status)
{
    switch (status) {
    case GIT_DELTA_ADDED:
        return "add";
    case GIT_DELTA_DELETED:
        return "remove";
    default:
        return "change";
    }
}

int cat_git_changes(cat_git *git, const cat_git_id *from, const cat_git_id *to, json_t **changes, cat_error *error)
{
    git_auto(git_tree) old = NULL;
    git_auto(git_tree) new = NULL;
    git_auto(git_diff) diff = NULL;
    int code = from ? git_tree_open(git, from, &old, error) : 0;
    if (code == 0 && to)
        code = git_tree_open(git, to, &new, error);
    if (code < 0)
        return code;
    git_diff_options options = GIT_DIFF_OPTIONS_INIT;
    options.flags = GIT_DIFF_INCLUDE_TYPECHANGE | GIT_DIFF_SKIP_BINARY_CHECK;
    int result = git_diff_tree_to_tree(&diff, git->repository, old, new, &options);
    if (result < 0)
        return git_local_error(result, "comparing trees", error);
    size_t count = git_diff_num_deltas(diff);
    if (count > GIT_MAX_FILES)
        return cat_error_set(error, CAT_E_TOO_LARGE, "more than %d files differ", GIT_MAX_FILES);
    json_t *found = json_array();
    for (size_t i = 0; i < count; i++) {
        const git_diff_delta *delta = git_diff_get_delta(diff, i);
        json_array_append_new(
            found, cat_json_object("path", text_or(delta->new_file.path ? delta->new_file.path : delta->old_file.path, "?"),
                                   "action", json_string(action_of(delta->status)), NULL));
    }
    *changes = found;
    return 0;
}
