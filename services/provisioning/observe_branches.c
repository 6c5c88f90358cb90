/* An Application's branches as facts. */
#include <string.h>

#include "observe.h"
#include "wire/names.h"
#include "wire/yaml.h"

#define MAX_BYTES ((size_t)4 * 1024 * 1024) /* of one branch's texts */

void prv_note_read(json_t *reads, const char *repository, const char *branch, const char *path, const char *blob)
{
    if (reads)
        json_array_append_new(reads, cat_json_object("repository", json_string(repository), "branch", json_string(branch), "path",
                                                     json_string(path), "blob", blob ? json_string(blob) : json_null(), NULL));
}

/* Files whose content a plan decides by; the Blueprint's own are as they were copied. */
static bool is_decisive(const char *path)
{
    return strcmp(path, "catalyst.yaml") == 0 || strcmp(path, "values.yaml") == 0 || cat_text_starts_with(path, "overlays/");
}

static int read_texts(cat_git *git, const char *repository, const char *branch, const cat_git_id *commit, json_t *files,
                      json_t *reads, cat_error *error)
{
    cat_auto(cat_strings) paths = {0};
    int code = cat_git_list(git, commit, "", &paths, error);
    size_t bytes = 0;
    for (size_t i = 0; code == 0 && i < paths.count; i++) {
        cat_autofree char *content = NULL;
        size_t length = 0;
        cat_git_id blob;
        code = cat_git_read(git, commit, paths.items[i], &content, &length, &blob, error);
        if (code < 0)
            return code;
        if ((bytes += length) > MAX_BYTES)
            return cat_error_set(error, CAT_E_TOO_LARGE, "branch %s of %s has more than %zu MiB of files", branch, repository,
                                 MAX_BYTES / 1024 / 1024);
        json_t *text = cat_text_is_utf8(content, length) ? json_stringn(content, length) : NULL;
        if (text)
            json_object_set_new(files, paths.items[i], text);
        if (is_decisive(paths.items[i]))
            prv_note_read(reads, repository, branch, paths.items[i], blob.hex);
    }
    return code;
}

/* Member `member` of a YAML file of the branch. NULL when the file is not there; a file that people broke is an error. */
static int member_of(const json_t *files, const char *path, const char *member, json_t **value, cat_error *error)
{
    const char *text = json_string_value(json_object_get(files, path));
    cat_autojson json_t *document = NULL;
    *value = NULL;
    if (!text)
        return 0;
    cat_error failed = {0};
    if (cat_yaml_parse(text, strlen(text), &CAT_YAML_CAPS, &document, NULL, &failed) < 0)
        return cat_error_set_class(error, CAT_E_INVALID, CAT_CLASS_STALLED, "%s: %s", path, failed.message);
    json_t *found = *member ? cat_json_get(document, member) : document;
    *value = found ? json_incref(found) : NULL;
    return 0;
}

static int read_links(const json_t *files, const char *folder, json_t *links, cat_error *error)
{
    cat_autofree char *prefix = cat_printf("%slinks/", folder);
    const char *path;
    json_t *text;
    json_object_foreach((json_t *)files, path, text)
    {
        if (!cat_text_starts_with(path, prefix) || !cat_text_ends_with(path, ".yaml"))
            continue;
        json_t *patch = NULL;
        int code = member_of(files, path, "", &patch, error);
        if (code < 0)
            return code;
        cat_autofree char *consumer = cat_strndup(path + strlen(prefix), strlen(path) - strlen(prefix) - strlen(".yaml"));
        json_object_set_new(links, consumer, patch);
    }
    return 0;
}

static void set_when(json_t *object, const char *member, json_t *value_taken)
{
    if (value_taken)
        json_object_set_new(object, member, value_taken);
}

static int read_overlay(const json_t *files, const char *type, json_t *overlays, cat_error *error)
{
    cat_autofree char *folder = cat_printf("overlays/%s/", type);
    cat_autofree char *kustomization = cat_printf("%skustomization.yaml", folder);
    cat_autofree char *environment_file = cat_printf("%senvironment.yaml", folder);
    cat_autofree char *values_file = cat_printf("%svalues.yaml", folder);
    if (!json_object_get(files, kustomization))
        return 0;
    cat_autojson json_t *component = NULL, *links = json_object();
    json_t *environment = NULL, *values = NULL;
    int code = member_of(files, kustomization, "components.0", &component, error);
    if (code == 0)
        code = read_links(files, folder, links, error);
    if (code == 0)
        code = member_of(files, environment_file, "environment", &environment, error);
    if (code == 0 && (code = member_of(files, values_file, "spec", &values, error)) < 0)
        json_decref(environment);
    if (code < 0)
        return code;
    json_t *overlay = cat_json_object("links", json_incref(links), NULL);
    set_when(overlay, "environment", environment);
    set_when(overlay, "values", values);
    const char *last = json_string_value(component) ? strrchr(json_string_value(component), '/') : NULL;
    if (last)
        json_object_set_new(overlay, "size", json_string(last + 1));
    json_object_set_new(overlays, type, overlay);
    return 0;
}

int prv_branch_read(cat_git *git, const char *repository, const char *branch, const cat_git_id *commit, json_t **facts,
                    json_t *reads, cat_error *error)
{
    static const char *const TYPES[] = {"dev", "stg", "uat", "prod", "poc"};
    cat_autojson json_t *files = json_object(), *overlays = json_object(), *source = NULL, *values = NULL;
    cat_error failed = {0};
    int code = read_texts(git, repository, branch, commit, files, reads, &failed);
    if (code == 0)
        code = member_of(files, "catalyst.yaml", "spec", &source, &failed);
    if (code == 0)
        code = member_of(files, "values.yaml", "spec", &values, &failed);
    for (size_t i = 0; code == 0 && i < sizeof TYPES / sizeof *TYPES; i++)
        code = read_overlay(files, TYPES[i], overlays, &failed);
    if (code < 0) {
        cat_error_wrap(&failed, "branch %s of %s", branch, repository);
        return cat_error_copy(error, &failed);
    }
    json_t *found =
        cat_json_object("commit", json_string(commit->hex), "overlays", json_incref(overlays), "files", json_incref(files), NULL);
    set_when(found, "source", cat_take(source));
    set_when(found, "values", cat_take(values));
    *facts = found;
    return 0;
}
