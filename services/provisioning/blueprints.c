#include "blueprints.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "domain/source.h"
#include "provisioning.h"
#include "svc/mirror.h"
#include "wire/semver.h"

#define BUCKET "catalyst-blueprints"
#define MAX_KEPT 64 /* Blueprints whose files are kept */
#define MAX_FILES 500
#define MAX_BYTES ((size_t)512 * 1024) /* of one Blueprint's files: a plan holds them, and has to fit into a message */
#define FIRST_WAIT_SECONDS 5

/* What is known is lent to plans on other threads: nobody changes it, and what is newer takes its place. */
#if !JSON_HAVE_ATOMIC_BUILTINS
#error "jansson's counts of references have to be atomic"
#endif

struct prv_blueprints {
    prv_context *context;
    cat_mirror *known;
    pthread_mutex_t lock; /* of `files` */
    cat_map *files;       /* digest → json_t */
};

static void release_json(void *value)
{
    json_decref(value);
}

/* Beside the registered versions is kept what was rejected. */
static bool is_registered(const char *key)
{
    return *key != '_';
}

int prv_blueprints_start(prv_context *context, prv_blueprints **started, cat_error *error)
{
    prv_blueprints *blueprints = cat_calloc(1, sizeof *blueprints);
    blueprints->context = context;
    pthread_mutex_init(&blueprints->lock, NULL);
    blueprints->files = cat_map_create(release_json);
    cat_mirror_options options = {
        .spine = context->spine, .bucket = BUCKET, .what = "a registered Blueprint", .wants = is_registered};
    int code = cat_mirror_start(&options, &blueprints->known, error);
    if (code < 0) {
        prv_blueprints_stop(blueprints);
        return code;
    }
    cat_mirror_wait(blueprints->known, FIRST_WAIT_SECONDS * 1000);
    *started = blueprints;
    return 0;
}

void prv_blueprints_stop(prv_blueprints *blueprints)
{
    if (!blueprints)
        return;
    cat_mirror_stop(blueprints->known);
    cat_map_destroy(blueprints->files);
    pthread_mutex_destroy(&blueprints->lock);
    free(blueprints);
}

/* --- what an Organization sees --- */

static bool is_visible(const json_t *blueprint, const char *organization)
{
    return cat_source_offers(cat_json_text_or(blueprint, "source", ""), organization,
                             cat_json_text(blueprint, "spec.visibility"));
}

static int source_rank(const json_t *blueprint)
{
    return (int)cat_source_of(cat_json_text_or(blueprint, "source", ""));
}

static int by_preference(const void *left, const void *right)
{
    const json_t *a = *(json_t *const *)left, *b = *(json_t *const *)right;
    int by_source = source_rank(a) - source_rank(b);
    if (by_source)
        return by_source;
    int by_name = strcmp(cat_json_text_or(a, "name", ""), cat_json_text_or(b, "name", ""));
    if (by_name)
        return by_name;
    cat_semver one = {0}, other = {0};
    cat_semver_parse(cat_json_text_or(a, "version", ""), &one, NULL);
    cat_semver_parse(cat_json_text_or(b, "version", ""), &other, NULL);
    return cat_semver_compare(&one, &other);
}

json_t *prv_blueprints_visible(prv_blueprints *blueprints, const char *organization)
{
    json_t *list = json_array();
    cat_mirror_peek(blueprints->known);
    size_t count = 0, at = 0, total = cat_mirror_count(blueprints->known);
    const json_t **found = cat_calloc(total + 1, sizeof *found);
    const char *key;
    const json_t *value;
    while (cat_mirror_next(blueprints->known, &at, &key, &value))
        if (is_visible(value, organization))
            found[count++] = value;
    qsort(found, count, sizeof *found, by_preference);
    for (size_t i = 0; i < count; i++)
        json_array_append(list, (json_t *)found[i]);
    free(found);
    cat_mirror_release(blueprints->known);
    return list;
}

/* --- files --- */

static json_t *kept_files(prv_blueprints *blueprints, const char *digest)
{
    pthread_mutex_lock(&blueprints->lock);
    json_t *files = json_incref(cat_map_get(blueprints->files, digest));
    pthread_mutex_unlock(&blueprints->lock);
    return files;
}

static void keep_files(prv_blueprints *blueprints, const char *digest, const json_t *files)
{
    pthread_mutex_lock(&blueprints->lock);
    size_t at = 0;
    const char *oldest;
    void *value;
    if (cat_map_count(blueprints->files) >= MAX_KEPT && cat_map_next(blueprints->files, &at, &oldest, &value)) {
        cat_autofree char *name = cat_strdup(oldest);
        cat_map_remove(blueprints->files, name);
    }
    cat_map_set(blueprints->files, digest, json_incref((json_t *)files));
    pthread_mutex_unlock(&blueprints->lock);
}

static bool is_wanted(const char *path)
{
    return cat_text_starts_with(path, "manifests/") || cat_text_starts_with(path, "bind/") ||
           cat_text_starts_with(path, "sizes/");
}

static int read_files(cat_git *git, const cat_git_id *tree, json_t **files, cat_error *error)
{
    cat_auto(cat_strings) paths = {0};
    int code = cat_git_list(git, tree, "", &paths, error);
    size_t bytes = 0;
    cat_autojson json_t *found = json_object();
    for (size_t i = 0; code == 0 && i < paths.count; i++) {
        cat_autofree char *content = NULL;
        size_t length = 0;
        if (!is_wanted(paths.items[i]))
            continue;
        if ((code = cat_git_read(git, tree, paths.items[i], &content, &length, NULL, error)) < 0)
            return code;
        bytes += length;
        if (bytes > MAX_BYTES || json_object_size(found) >= MAX_FILES)
            return cat_error_set(error, CAT_E_TOO_LARGE, "its manifests are more than %zu KiB or %d files", MAX_BYTES / 1024,
                                 MAX_FILES);
        json_t *text = cat_text_is_utf8(content, length) ? json_stringn(content, length) : NULL;
        if (!text)
            return cat_error_set(error, CAT_E_INVALID, "%s is not text", paths.items[i]);
        json_object_set_new(found, paths.items[i], text);
    }
    if (code == 0)
        *files = cat_take(found);
    return code;
}

static int fetch_files(prv_context *context, const json_t *blueprint, json_t **files, cat_error *error)
{
    const char *digest = cat_json_text_or(blueprint, "digest", "");
    const char *kind = cat_json_text_or(blueprint, "spec.manifests.source.kind", "Kustomize");
    if (strcmp(kind, "Kustomize") != 0 || !cat_text_starts_with(digest, "git-tree:"))
        return cat_error_set(error, CAT_E_UNSUPPORTED,
                             "only Kustomize manifests of a Git source can be installed yet, not %s of %s", kind, digest);
    char url[512];
    cat_git_remote remote = prv_remote(context, cat_json_text_or(blueprint, "repository", ""), url);
    cat_autoptr(cat_git) git = NULL;
    int code = cat_git_open(&remote, NULL, &git, error);
    if (code < 0)
        return code;
    cat_git_id commit = {0}, tree = {0};
    strncpy(commit.hex, cat_json_text_or(blueprint, "commit", ""), sizeof commit.hex - 1);
    cat_error failed = {0};
    code = cat_git_subtree(git, &commit, cat_json_text_or(blueprint, "path", ""), &tree, &failed);
    if (code == CAT_E_NOT_FOUND) /* a tag that was deleted took along what no branch has */
        return cat_error_set_class(
            error, CAT_E_CONFLICT, CAT_CLASS_STALLED,
            "%.200s no longer has the commit %.12s of its tag %.100s: choose another version, or let its author "
            "publish it again",
            cat_json_text_or(blueprint, "repository", "its repository"), commit.hex, cat_json_text_or(blueprint, "tag", ""));
    if (code < 0)
        return cat_error_copy(error, &failed);
    if (strcmp(tree.hex, digest + strlen("git-tree:")) != 0)
        return cat_error_set_class(error, CAT_E_CONFLICT, CAT_CLASS_STALLED,
                                   "its source holds tree %.12s where %.60s was registered", tree.hex, digest);
    return read_files(git, &tree, files, error);
}

int prv_blueprints_files(prv_blueprints *blueprints, const json_t *blueprint, json_t **files, cat_error *error)
{
    const char *digest = cat_json_text_or(blueprint, "digest", "");
    json_t *kept = kept_files(blueprints, digest);
    cat_error failed = {0};
    int code = kept ? 0 : fetch_files(blueprints->context, blueprint, &kept, &failed);
    if (code < 0) {
        cat_error_wrap(&failed, "the files of %s %s", cat_json_text_or(blueprint, "name", "?"),
                       cat_json_text_or(blueprint, "version", "?"));
        return cat_error_copy(error, &failed);
    }
    keep_files(blueprints, digest, kept);
    *files = kept;
    return 0;
}
