#include "observe.h"

#include <string.h>

#include "base/encoding.h"
#include "base/log.h"
#include "core/plan_rejection.h"
#include "domain/kinds.h"
#include "domain/source.h"
#include "wire/subjects.h"

#define REPOSITORIES_MAX 5000

cat_git_remote bpc_remote(const bpc_controller *controller, const char *repository, char url[512])
{
    snprintf(url, 512, "%s/%s.git", controller->config->common.gitea.url, repository);
    return (cat_git_remote){.url = url, .user = controller->config->common.gitea.user, .password = controller->git_token};
}

/* --- repositories --- */

static int list_catalog(bpc_controller *controller, const char *owner, cat_strings *repositories, cat_error *error)
{
    cat_autofree char *path = cat_printf("/orgs/%s/repos", owner);
    cat_autojson json_t *items = NULL;
    cat_error failed = {0};
    int code = cat_gitea_list(controller->gitea, path, REPOSITORIES_MAX, &items, &failed);
    if (code == CAT_E_NOT_FOUND) /* a Sovereign without this catalog */
        return 0;
    if (code < 0)
        return cat_error_copy(error, &failed);
    size_t index;
    json_t *item;
    json_array_foreach(items, index, item)
    {
        const char *name = cat_json_text_or(item, "name", "");
        if (cat_source_of_repository(owner, name) && !cat_json_bool_or(item, "empty", false))
            cat_strings_addf(repositories, "%s/%s", owner, name);
    }
    return 0;
}

static bool add_organization(void *context, const cat_kv_entry *entry)
{
    cat_strings *repositories = context;
    cat_key key;
    cat_autojson json_t *row = NULL;
    if (!entry->value || cat_key_parse(entry->key, &key, NULL) < 0 || !cat_kind_is(key.kind, CAT_KIND_ROW_ORGANIZATION) ||
        !cat_source_of_repository(key.name, CAT_SHARED_BLUEPRINTS) ||
        cat_json_parse(entry->value, entry->length, &CAT_JSON_CAPS, &row, NULL) < 0 || cat_json_bool_or(row, "deleted", false))
        return true;
    cat_strings_addf(repositories, "%s/" CAT_SHARED_BLUEPRINTS, key.name);
    return repositories->count < REPOSITORIES_MAX;
}

int bpc_observe_repositories(bpc_controller *controller, cat_strings *repositories, cat_error *error)
{
    int code = 0;
    for (int source = CAT_SOURCE_FIRST; code == 0 && source < CAT_SOURCE_COUNT; source++)
        if (cat_source_get((cat_source)source)->word)
            code = list_catalog(controller, cat_source_get((cat_source)source)->word, repositories, error);
    if (code < 0)
        return code;
    cat_error failed = {0};
    char filter[CAT_KEY_MAX];
    cat_kind_filter(CAT_KIND_ROW_ORGANIZATION, filter);
    code = cat_kv_each(controller->spine, "catalyst-state", filter, add_organization, repositories, &failed);
    if (code == CAT_E_NOT_FOUND) /* nobody has folded anything yet */
        return 0;
    return code < 0 ? cat_error_copy(error, &failed) : 0;
}

/* --- one folder --- */

static bool is_copied(const char *path)
{
    return cat_text_starts_with(path, "manifests/") || cat_text_starts_with(path, "bind/") ||
           cat_text_starts_with(path, "sizes/");
}

static size_t ceiling_of(const char *path)
{
    if (strcmp(path, "blueprint.yaml") == 0)
        return BPC_BLUEPRINT_MAX_BYTES;
    if (strcmp(path, "README.md") == 0)
        return BPC_README_MAX_BYTES;
    if (cat_text_starts_with(path, "card/"))
        return BPC_ICON_MAX_BYTES;
    return is_copied(path) ? BPC_FILES_MAX_BYTES : 0;
}

/* A folder while it is read. */
typedef struct {
    cat_git *git;
    const cat_git_id *tree;
    json_t *look, *files;
    size_t copied, others; /* bytes */
} folder;

/* Text as it is; a picture that is not text in base64; what is too large only by name. */
static int read_file(folder *of, const char *path, size_t max_bytes, cat_error *error)
{
    cat_autofree char *content = NULL;
    size_t length = 0;
    cat_error failed = {0};
    int code = cat_git_read(of->git, of->tree, path, &content, &length, NULL, &failed);
    if (code == CAT_E_TOO_LARGE || (code == 0 && length > max_bytes)) {
        json_object_set_new(of->files, path, json_null());
        return 0;
    }
    if (code == CAT_E_INVALID) { /* a link */
        cat_json_set_text(of->look, "unreadableAt", path);
        return cat_error_set(error, code, "%.200s is a link, and a Blueprint's files have to be files: put the file itself here",
                             path);
    }
    if (code < 0)
        return cat_error_copy(error, &failed);
    *(is_copied(path) ? &of->copied : &of->others) += length;
    json_t *text = memchr(content, 0, length) || !cat_text_is_utf8(content, length) ? NULL : json_stringn(content, length);
    if (!text) {
        cat_autofree char *encoded = cat_base64_encode(content, length);
        text = cat_json_object("base64", json_string(encoded), NULL);
    }
    json_object_set_new(of->files, path, text);
    return 0;
}

static int read_folder(cat_git *git, const cat_git_id *tree, json_t *look, cat_error *error)
{
    cat_auto(cat_strings) paths = {0};
    int code = cat_git_list(git, tree, "", &paths, error);
    if (code < 0)
        return code;
    if (paths.count > BPC_FILES_MAX)
        return cat_error_set(error, CAT_E_TOO_LARGE, "its folder has %zu files, at most %d are allowed", paths.count,
                             BPC_FILES_MAX);
    cat_autojson json_t *files = json_object();
    folder of = {.git = git, .tree = tree, .look = look, .files = files};
    for (size_t i = 0; code == 0 && i < paths.count; i++) {
        const char *path = paths.items[i];
        size_t ceiling = ceiling_of(path);
        if (ceiling == 0)
            json_object_set_new(files, path, json_null());
        else
            code = read_file(&of, path, ceiling, error);
        if (of.copied > BPC_FILES_MAX_BYTES)
            return cat_error_set(error, CAT_E_TOO_LARGE, "its manifests, bindings and sizes are more than %zu KiB",
                                 BPC_FILES_MAX_BYTES / 1024);
    }
    if (code == 0)
        json_object_set(look, "files", files);
    return code;
}

/* What is wrong with the folder is the author's, and said of the version; what is wrong with the way there is ours. */
static bool is_the_folders(int code)
{
    return code == CAT_E_NOT_FOUND || code == CAT_E_TOO_LARGE || code == CAT_E_INVALID;
}

static int read_look(cat_git *git, json_t *look, cat_error *error)
{
    cat_git_id commit = {0}, tree = {0};
    cat_error failed = {0};
    snprintf(commit.hex, sizeof commit.hex, "%s", cat_json_text_or(look, "commit", ""));
    int code = cat_git_subtree(git, &commit, cat_json_text_or(look, "path", ""), &tree, &failed);
    if (code == 0) {
        cat_json_set_text(look, "tree", tree.hex);
        if (cat_text_equal(cat_json_text(look, "why"), "new"))
            code = read_folder(git, &tree, look, &failed);
    }
    if (code == 0)
        return 0;
    if (!is_the_folders(code))
        return cat_error_copy(error, &failed);
    cat_autofree char *missing = cat_printf("there is no folder %.200s at this tag: a tag {name}/v{version} is of the folder "
                                            "{name}",
                                            cat_json_text_or(look, "path", ""));
    cat_json_set_text(look, "unreadable", cat_json_text(look, "tree") ? failed.message : missing);
    return 0;
}

static void add_over(bpc_observation *observation, const char *repository, const json_t *tags)
{
    cat_autojson json_t *over = bpc_rejection_over(repository, tags, observation->registered, observation->rejected);
    json_array_extend(observation->over, over);
    bpc_plan_tags_gone(repository, tags, observation->registered, observation->gone, observation->found);
}

void bpc_observe_away(const cat_strings *repositories, bpc_observation *observation)
{
    if (repositories->count >= REPOSITORIES_MAX) /* not all */
        return;
    cat_autojson json_t *away = bpc_rejection_away(repositories, observation->rejected);
    json_array_extend(observation->over, away);
    cat_autojson json_t *versions = bpc_rejection_away(repositories, observation->registered);
    cat_auto(cat_strings) said = {0};
    size_t index;
    json_t *key;
    json_array_foreach(versions, index, key)
    {
        const json_t *known = json_object_get(observation->registered, json_string_value(key));
        const char *repository = cat_json_text_or(known, "repository", "");
        if (cat_strings_has(&said, repository))
            continue;
        cat_strings_add(&said, repository);
        bpc_plan_tags_gone(repository, NULL, observation->registered, observation->gone, observation->found);
    }
}

int bpc_observe_repository(bpc_controller *controller, const char *repository, bpc_observation *observation, bool *more,
                           cat_error *error)
{
    char url[512];
    cat_git_remote remote = bpc_remote(controller, repository, url);
    cat_autojson json_t *references = NULL;
    cat_error failed = {0};
    int code = cat_git_remote_references(&remote, &references, &failed);
    if (code < 0 && code != CAT_E_NOT_FOUND)
        return cat_error_copy(error, &failed);
    cat_autojson json_t *tags = code == 0 ? bpc_plan_tags(references) : NULL;
    add_over(observation, repository, tags);
    if (code == CAT_E_NOT_FOUND) /* not made yet, gone, or not shown to us */
        return 0;
    cat_autojson json_t *wanted = bpc_plan_look(repository, references, observation->registered, controller->settled, more);
    if (json_array_size(wanted) == 0)
        return 0;
    cat_autoptr(cat_git) git = NULL;
    if ((code = cat_git_open(&remote, NULL, &git, error)) < 0)
        return code;
    size_t index;
    json_t *look;
    json_array_foreach(wanted, index, look)
    {
        if ((code = read_look(git, look, error)) < 0)
            return code;
        json_array_append(observation->looks, look);
    }
    return 0;
}
