/* What an event tells of commits. Whatever was pushed, a message of megabytes or ten thousand files, it is cut before it is
 * built, and what was left out is said. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "core/payload.h"

bool prj_payload_is_commit(const char *text)
{
    size_t length = text ? strlen(text) : 0;
    return (length == 40 || length == 64) && strspn(text, "0123456789abcdef") == length;
}

static size_t width_in_json(unsigned char byte)
{
    return byte < 0x20 ? 6 : byte == '"' || byte == '\\' ? 2 : 1;
}

/* How many bytes of a text take at most `max` in JSON, never half a character; `*width`, which may be NULL, gets what they take.
 */
static size_t fitting(const char *text, size_t max, size_t *width)
{
    size_t taken = 0, length = 0;
    while (text[length] && taken + width_in_json((unsigned char)text[length]) <= max)
        taken += width_in_json((unsigned char)text[length++]);
    while (length > 0 && ((unsigned char)text[length] & 0xC0) == 0x80)
        length--;
    if (width)
        *width = taken;
    return length;
}

/* Without what does not print: a title is quoted in sentences, and must not turn them around. */
static json_t *cut_text(const char *whole, size_t max, bool *was_cut)
{
    cat_autofree char *text = cat_text_plain(whole);
    size_t length = fitting(text, max, NULL);
    *was_cut = text[length] != '\0';
    while (length > 0 && strchr(" \n\r\t", text[length - 1]))
        length--;
    return json_stringn(text, length);
}

static void set_cut(json_t *object, const char *path, const char *text)
{
    bool was_cut;
    if (text)
        cat_json_set(object, path, cut_text(text, PAYLOAD_NAME_MAX, &was_cut));
}

/* Paths of one commit, each once, within what is left for all. */
typedef struct {
    json_t *kept, *seen;
    size_t left_out, *bytes_left;
} paths;

static void add_path(paths *to, const char *path)
{
    size_t width = 0, length = 0;
    if (!path || json_object_get(to->seen, path))
        return;
    length = fitting(path, *to->bytes_left, &width);
    if (json_array_size(to->kept) == PAYLOAD_FILES_MAX || path[length] || width + 3 > *to->bytes_left) {
        to->left_out++; /* perhaps one path in two lists: the number says how much is missing, not more */
        return;
    }
    json_object_set_new(to->seen, path, json_true());
    json_array_append_new(to->kept, json_string(path));
    *to->bytes_left -= width + 3;
}

static void add_paths(paths *to, const json_t *list, const char *member)
{
    size_t at;
    json_t *item;
    json_array_foreach(list, at, item) add_path(to, member ? cat_json_text(item, member) : json_string_value(item));
}

typedef struct {
    const char *id, *message, *time, *name, *email, *login;
} author_of;

static json_t *make_commit(const author_of *said, paths *files)
{
    json_t *commit = cat_json_object("id", json_string(said->id), "author", json_object(), "files", files->kept, NULL);
    bool was_cut = false;
    if (said->message)
        cat_json_set(commit, "message", cut_text(said->message, PAYLOAD_MESSAGE_MAX, &was_cut));
    if (was_cut)
        cat_json_set_bool(commit, "messageCut", true);
    if (files->left_out)
        cat_json_set_int(commit, "moreFiles", (int64_t)files->left_out);
    set_cut(commit, "time", said->time);
    set_cut(commit, "author.name", said->name);
    set_cut(commit, "author.email", said->email);
    set_cut(commit, "author.login", said->login);
    json_decref(files->seen);
    return commit;
}

static paths paths_begin(size_t *bytes_left)
{
    return (paths){json_array(), json_object(), 0, bytes_left};
}

json_t *prj_payload_commits_of_push(const json_t *list, const char *after)
{
    size_t size = json_array_size(list), bytes_left = PAYLOAD_FILES_BYTES;
    bool newest_first = cat_text_equal(cat_json_text(json_array_get(list, 0), "id"), after);
    json_t *commits = json_array();
    /* From the newest on: it is the one that people ask about. */
    for (size_t i = 0; i < size && json_array_size(commits) < PAYLOAD_COMMITS_MAX; i++) {
        const json_t *one = json_array_get(list, newest_first ? i : size - 1 - i);
        if (!prj_payload_is_commit(cat_json_text(one, "id")))
            continue;
        paths files = paths_begin(&bytes_left);
        add_paths(&files, json_object_get(one, "added"), NULL);
        add_paths(&files, json_object_get(one, "modified"), NULL);
        add_paths(&files, json_object_get(one, "removed"), NULL);
        const author_of said = {cat_json_text(one, "id"),           cat_json_text(one, "message"),
                                cat_json_text(one, "timestamp"),    cat_json_text(one, "author.name"),
                                cat_json_text(one, "author.email"), cat_json_text(one, "author.username")};
        json_array_insert_new(commits, 0, make_commit(&said, &files));
    }
    return commits;
}

static json_t *commit_of_api(const json_t *one, size_t *bytes_left)
{
    paths files = paths_begin(bytes_left);
    add_paths(&files, json_object_get(one, "files"), "filename");
    const author_of said = {cat_json_text(one, "sha"),
                            cat_json_text(one, "commit.message"),
                            cat_json_text(one, "commit.author.date"),
                            cat_json_text(one, "commit.author.name"),
                            cat_json_text(one, "commit.author.email"),
                            cat_json_text(one, "author.login")};
    return make_commit(&said, &files);
}

static bool is_parent(const json_t *child, const char *id)
{
    size_t at;
    json_t *parent;
    json_array_foreach(json_object_get(child, "parents"), at,
                       parent) if (cat_text_equal(cat_json_text(parent, "sha"), id)) return true;
    return false;
}

/* The first that is left and that no commit which is left has as its parent: Gitea lists by date, and clocks may be wrong. */
static size_t next_of(const json_t *list, const bool *taken, size_t size)
{
    size_t first = size;
    for (size_t i = 0; i < size; i++) {
        if (taken[i])
            continue;
        first = first == size ? i : first;
        bool has_child = false;
        for (size_t k = 0; k < size && !has_child; k++)
            has_child = !taken[k] && k != i && is_parent(json_array_get(list, k), cat_json_text(json_array_get(list, i), "sha"));
        if (!has_child)
            return i;
    }
    return first; /* a circle: Git has none */
}

json_t *prj_payload_commits_of_api(const json_t *list)
{
    json_t *commits = json_array();
    size_t size = json_array_size(list), bytes_left = PAYLOAD_FILES_BYTES;
    size = size < PAYLOAD_COMMITS_MAX ? size : PAYLOAD_COMMITS_MAX;
    bool taken[PAYLOAD_COMMITS_MAX] = {false};
    for (size_t i = 0; i < size; i++) {
        size_t at = next_of(list, taken, size);
        taken[at] = true;
        if (prj_payload_is_commit(cat_json_text(json_array_get(list, at), "sha")))
            json_array_insert_new(commits, 0, commit_of_api(json_array_get(list, at), &bytes_left));
    }
    return commits;
}
