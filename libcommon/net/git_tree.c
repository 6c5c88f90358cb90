/* Trees: made of a base and changes, read, listed. */
#include <stdlib.h>
#include <string.h>

#include "net/git_internal.h"

/* A change somewhere in the tree: what is put at this place, and changes below it. */
typedef struct {
    enum { KEEP, GONE, BLOB, TREE } own;
    git_oid oid;
    cat_map *children; /* name → node; NULL: none */
} change;

static void node_free(void *value)
{
    change *node = value;
    if (!node)
        return;
    cat_map_destroy(node->children);
    free(node);
}

static bool component_ok(const char *part, size_t length)
{
    if (length == 0 || length > 255 || (length == 1 && part[0] == '.') || (length == 2 && part[0] == '.' && part[1] == '.'))
        return false;
    /* ".git" in any case, and the short name that Windows gives it. */
    if ((length == 4 && strncasecmp(part, ".git", 4) == 0) || (length == 5 && strncasecmp(part, "git~1", 5) == 0))
        return false;
    for (size_t i = 0; i < length; i++)
        if ((unsigned char)part[i] < 32 || part[i] == 127 || part[i] == '\\')
            return false;
    return true;
}

int git_path_check(const char *path, cat_error *error)
{
    size_t length = strlen(path);
    if (length == 0 || length > GIT_PATH_MAX_BYTES || !cat_text_is_utf8(path, length))
        return cat_error_set(error, CAT_E_INVALID, "a path in a repository has 1 to %d bytes of UTF-8", GIT_PATH_MAX_BYTES);
    unsigned depth = 0;
    for (const char *at = path;; at++) {
        size_t part = strcspn(at, "/");
        if (!component_ok(at, part) || ++depth > GIT_PATH_MAX_DEPTH)
            return cat_error_set(error, CAT_E_INVALID, "%.200s is no path that may stand in a repository", path);
        at += part;
        if (!*at)
            return 0;
    }
}

int git_tree_open(cat_git *git, const cat_git_id *tree_or_commit, git_tree **tree, cat_error *error)
{
    git_oid oid;
    int code = git_id_parse(tree_or_commit, &oid, error);
    if (code < 0)
        return code;
    git_auto(git_object) object = NULL;
    int result = git_object_lookup(&object, git->repository, &oid, GIT_OBJECT_ANY);
    if (result == 0)
        result = git_object_peel((git_object **)tree, object, GIT_OBJECT_TREE);
    return result < 0 ? git_local_error(result, tree_or_commit->hex, error) : 0;
}

int cat_git_tree_of(cat_git *git, const cat_git_id *commit, cat_git_id *tree, cat_error *error)
{
    git_auto(git_tree) found = NULL;
    int code = git_tree_open(git, commit, &found, error);
    if (code == 0)
        git_id_set(tree, git_tree_id(found));
    return code;
}

/* The entry at `path`, the caller's. */
static int find_entry(cat_git *git, const cat_git_id *from, const char *path, git_tree_entry **entry, cat_error *error)
{
    git_auto(git_tree) root = NULL;
    int code = git_path_check(path, error);
    if (code == 0)
        code = git_tree_open(git, from, &root, error);
    if (code < 0)
        return code;
    int result = git_tree_entry_bypath(entry, root, path);
    if (result == GIT_ENOTFOUND)
        return cat_error_set(error, CAT_E_NOT_FOUND, "there is no %.200s in %.12s", path, from->hex);
    return result < 0 ? git_local_error(result, path, error) : 0;
}

int cat_git_subtree(cat_git *git, const cat_git_id *tree_or_commit, const char *path, cat_git_id *tree, cat_error *error)
{
    if (!*path)
        return cat_git_tree_of(git, tree_or_commit, tree, error);
    git_auto(git_tree_entry) entry = NULL;
    int code = find_entry(git, tree_or_commit, path, &entry, error);
    if (code < 0)
        return code;
    if (git_tree_entry_type(entry) != GIT_OBJECT_TREE)
        return cat_error_set(error, CAT_E_NOT_FOUND, "%.200s is no folder", path);
    git_id_set(tree, git_tree_entry_id(entry));
    return 0;
}

int cat_git_read(cat_git *git, const cat_git_id *tree_or_commit, const char *path, char **content, size_t *length,
                 cat_git_id *blob, cat_error *error)
{
    git_auto(git_tree_entry) entry = NULL;
    int code = find_entry(git, tree_or_commit, path, &entry, error);
    if (code < 0)
        return code;
    git_filemode_t mode = git_tree_entry_filemode(entry);
    if (git_tree_entry_type(entry) == GIT_OBJECT_TREE)
        return cat_error_set(error, CAT_E_NOT_FOUND, "%.200s is a folder", path);
    if (mode != GIT_FILEMODE_BLOB && mode != GIT_FILEMODE_BLOB_EXECUTABLE)
        return cat_error_set(error, CAT_E_INVALID, "%.200s is a link, which is not followed", path);
    /* The header first: a large object is not unpacked to learn that it is too large. */
    git_odb *odb = NULL;
    size_t size = 0;
    git_object_t type;
    int result = git_repository_odb(&odb, git->repository);
    if (result == 0)
        result = git_odb_read_header(&size, &type, odb, git_tree_entry_id(entry));
    git_odb_free(odb);
    if (result == 0 && size > GIT_FILE_MAX_BYTES)
        return cat_error_set(error, CAT_E_TOO_LARGE, "%.200s is larger than %zu bytes", path, GIT_FILE_MAX_BYTES);
    git_auto(git_blob) found = NULL;
    if (result == 0)
        result = git_blob_lookup(&found, git->repository, git_tree_entry_id(entry));
    if (result < 0)
        return git_local_error(result, path, error);
    *content = cat_malloc(size + 1);
    if (size)
        memcpy(*content, git_blob_rawcontent(found), size);
    (*content)[size] = '\0';
    *length = size;
    if (blob)
        git_id_set(blob, git_tree_entry_id(entry));
    return 0;
}

typedef struct {
    cat_strings *paths;
    const char *folder;
    size_t seen;
} lister;

static int list_entry(const char *root, const git_tree_entry *entry, void *payload)
{
    lister *list = payload;
    if (++list->seen > (size_t)GIT_MAX_FILES * 4)
        return -2;
    if (git_tree_entry_type(entry) != GIT_OBJECT_BLOB)
        return 0;
    if (list->paths->count == GIT_MAX_FILES)
        return -2;
    cat_strings_addf(list->paths, "%s%s%s%s", list->folder, *list->folder ? "/" : "", root, git_tree_entry_name(entry));
    return 0;
}

int cat_git_list(cat_git *git, const cat_git_id *tree_or_commit, const char *folder, cat_strings *paths, cat_error *error)
{
    cat_git_id id;
    git_auto(git_tree) tree = NULL;
    int code = cat_git_subtree(git, tree_or_commit, folder, &id, error);
    if (code == 0)
        code = git_tree_open(git, &id, &tree, error);
    if (code < 0)
        return code;
    cat_auto(cat_strings) found = {0};
    lister list = {&found, folder, 0};
    int result = git_tree_walk(tree, GIT_TREEWALK_PRE, list_entry, &list);
    if (result == -2)
        return cat_error_set(error, CAT_E_TOO_LARGE, "%.200s holds more than %d files", *folder ? folder : "the repository",
                             GIT_MAX_FILES);
    if (result < 0)
        return git_local_error(result, folder, error);
    for (size_t i = 0; i < found.count; i++)
        cat_strings_add(paths, found.items[i]);
    cat_strings_sort(paths);
    return 0;
}

/* The node at `path` below `root`, made along the way. What was put at a place above is left in force below it. */
static change *node_at(change *root, const char *path)
{
    change *at = root;
    while (*path) {
        size_t length = strcspn(path, "/");
        cat_autofree char *name = cat_strndup(path, length);
        if (at->own == BLOB) /* a file makes way for the folder */
            at->own = GONE;
        if (!at->children)
            at->children = cat_map_create(node_free);
        change *next = cat_map_get(at->children, name);
        if (!next) {
            next = cat_calloc(1, sizeof *next);
            cat_map_set(at->children, name, next);
        }
        at = next;
        path += length;
        path += *path == '/';
    }
    return at;
}

static int put_file(cat_git *git, change *root, const cat_git_file *file, cat_error *error)
{
    int code = *file->path  ? git_path_check(file->path, error)
               : file->tree ? 0
                            : cat_error_set(error, CAT_E_INVALID, "a file without a path");
    if (code < 0)
        return code;
    change *place = node_at(root, file->path);
    cat_map_destroy(place->children);
    place->children = NULL;
    if (file->tree) {
        git_auto(git_tree) tree = NULL;
        code = git_tree_open(git, file->tree, &tree, error);
        if (code < 0)
            return code;
        place->own = TREE;
        place->oid = *git_tree_id(tree);
        return 0;
    }
    if (!file->content) {
        place->own = GONE;
        return 0;
    }
    if (file->length > GIT_FILE_MAX_BYTES)
        return cat_error_set(error, CAT_E_TOO_LARGE, "%.200s is larger than %zu bytes", file->path, GIT_FILE_MAX_BYTES);
    int result = git_blob_create_from_buffer(&place->oid, git->repository, file->content, file->length);
    if (result < 0)
        return git_local_error(result, file->path, error);
    place->own = BLOB;
    return 0;
}

static int build(cat_git *git, const change *place, const git_oid *base, git_oid *tree, size_t *entries);

/* One child of a tree that is being built. */
static int build_child(cat_git *git, git_treebuilder *builder, const char *name, const change *child)
{
    const git_tree_entry *old = git_treebuilder_get(builder, name);
    if (child->own == BLOB) {
        bool executable = old && git_tree_entry_filemode(old) == GIT_FILEMODE_BLOB_EXECUTABLE;
        return git_treebuilder_insert(NULL, builder, name, &child->oid,
                                      executable ? GIT_FILEMODE_BLOB_EXECUTABLE : GIT_FILEMODE_BLOB);
    }
    git_oid base, tree;
    bool has_base = child->own == TREE || (child->own == KEEP && old && git_tree_entry_type(old) == GIT_OBJECT_TREE);
    if (has_base)
        base = child->own == TREE ? child->oid : *git_tree_entry_id(old);
    size_t entries = 0;
    int result = child->own == GONE && !child->children ? 0 : build(git, child, has_base ? &base : NULL, &tree, &entries);
    if (result < 0)
        return result;
    if (entries)
        return git_treebuilder_insert(NULL, builder, name, &tree, GIT_FILEMODE_TREE);
    /* Git has no empty folders. A file that nobody touched stays. */
    bool untouched = child->own == KEEP && old && git_tree_entry_type(old) != GIT_OBJECT_TREE;
    return old && !untouched ? git_treebuilder_remove(builder, name) : 0;
}

static int build(cat_git *git, const change *place, const git_oid *base, git_oid *tree, size_t *entries)
{
    git_auto(git_tree) from = NULL;
    git_auto(git_treebuilder) builder = NULL;
    int result = base ? git_tree_lookup(&from, git->repository, base) : 0;
    if (result == 0)
        result = git_treebuilder_new(&builder, git->repository, from);
    const char *name;
    void *child;
    size_t at = 0;
    while (result == 0 && place->children && cat_map_next(place->children, &at, &name, &child))
        result = build_child(git, builder, name, child);
    if (result < 0)
        return result;
    *entries = git_treebuilder_entrycount(builder);
    return git_treebuilder_write(tree, builder);
}

int cat_git_tree(cat_git *git, const cat_git_id *base, const cat_git_file *files, size_t count, cat_git_id *tree,
                 cat_error *error)
{
    if (count > GIT_MAX_FILES)
        return cat_error_set(error, CAT_E_TOO_LARGE, "a commit changes at most %d files", GIT_MAX_FILES);
    git_auto(git_tree) from = NULL;
    int code = base ? git_tree_open(git, base, &from, error) : 0;
    change root = {0};
    for (size_t i = 0; code == 0 && i < count; i++)
        code = put_file(git, &root, &files[i], error);
    if (code == 0) {
        git_oid made;
        size_t entries;
        const git_oid *base_id = root.own == TREE ? &root.oid : from ? git_tree_id(from) : NULL;
        int result = build(git, &root, base_id, &made, &entries);
        if (result < 0)
            code = git_local_error(result, "building a tree", error);
        else
            git_id_set(tree, &made);
    }
    cat_map_destroy(root.children);
    return code;
}
