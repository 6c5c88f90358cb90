/* An Application's branches as facts. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "domain/application_source.h"
#include "domain/application_tree.h"
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

/* One branch while it is read. What people broke in it is noted and gone on from: a removal does not need it, and what does says
 * so of this Application (plan_unreadable.c). */
typedef struct {
    cat_git *git;
    const cat_git_id *commit;
    const char *repository, *branch;
    json_t *files, *unreadable, *reads;
    size_t bytes;
} reading;

static void note_unreadable(reading *in, const char *file, const char *format, ...) __attribute__((format(printf, 3, 4)));
static void note_unreadable(reading *in, const char *file, const char *format, ...)
{
    char why[CAT_ERROR_MESSAGE_MAX];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(why, sizeof why, format, arguments);
    va_end(arguments);
    json_array_append_new(in->unreadable, cat_json_object("file", json_string(file), "message", json_string(why), NULL));
}

/* CAT_E_TOO_LARGE ends the reading, not the plan. */
static int read_text(reading *in, const char *path, cat_error *error)
{
    cat_autofree char *content = NULL;
    size_t length = 0;
    cat_git_id blob;
    cat_error failed = {0};
    int code = cat_git_read(in->git, in->commit, path, &content, &length, &blob, &failed);
    if (code == CAT_E_INVALID || code == CAT_E_TOO_LARGE) { /* a link, or one large file: whoever names it is told by the check */
        json_object_set_new(in->files, path, code == CAT_E_INVALID ? json_true() : json_false()); /* domain/kustomization.h */
        if (is_decisive(path))
            note_unreadable(in, path,
                            code == CAT_E_INVALID
                                ? "it is a link, and links are not followed: put a copy of what it leads to in its place"
                                : "it is too large");
        return 0;
    }
    if (code < 0)
        return cat_error_copy(error, &failed);
    if ((in->bytes += length) > MAX_BYTES)
        return cat_error_set(error, CAT_E_TOO_LARGE, "the branch has more than %zu MiB of files", MAX_BYTES / 1024 / 1024);
    json_t *text = cat_text_is_utf8(content, length) ? json_stringn(content, length) : NULL;
    json_object_set_new(in->files, path, text ? text : json_null());
    if (!is_decisive(path))
        return 0;
    prv_note_read(in->reads, in->repository, in->branch, path, blob.hex);
    if (!text)
        note_unreadable(in, path, "it is no text in UTF-8");
    return 0;
}

/* What decides first, so that it is there when the rest is too much. */
static int read_texts(reading *in, cat_error *error)
{
    cat_auto(cat_strings) paths = {0};
    cat_error failed = {0};
    int code = cat_git_list(in->git, in->commit, "", &paths, &failed);
    for (int decisive = 1; code == 0 && decisive >= 0; decisive--)
        for (size_t i = 0; code == 0 && i < paths.count; i++)
            if (is_decisive(paths.items[i]) == (bool)decisive)
                code = read_text(in, paths.items[i], &failed);
    if (code != CAT_E_TOO_LARGE)
        return code < 0 ? cat_error_copy(error, &failed) : 0;
    note_unreadable(in, "", "%s", failed.message);
    return 0;
}

/* Member `member` ("": all) of a YAML file of the branch, of `type`; the caller's. NULL when the file or the member is not there,
 * and for what cannot be read. */
static json_t *member_of(reading *in, const char *path, const char *member, json_type type)
{
    const char *text = json_string_value(json_object_get(in->files, path));
    cat_autojson json_t *document = NULL;
    cat_error failed = {0};
    if (!text)
        return NULL;
    if (cat_yaml_parse(text, strlen(text), &CAT_YAML_CAPS, &document, NULL, &failed) < 0) {
        note_unreadable(in, path, "%s", failed.message);
        return NULL;
    }
    json_t *found = *member ? cat_json_get(document, member) : document;
    if (found && !json_is_null(found) && json_typeof(found) != type) {
        const char *wanted = type == JSON_OBJECT ? "a group of fields" : type == JSON_ARRAY ? "a list" : "text";
        note_unreadable(in, path, *member ? "%s has to be %s" : "%sit has to be %s", member, wanted);
        return NULL;
    }
    return found && !json_is_null(found) ? json_incref(found) : NULL;
}

static void set_when(json_t *object, const char *member, json_t *value_taken)
{
    if (value_taken)
        json_object_set_new(object, member, value_taken);
}

/* What can be read of it counts also where it cannot be followed: a removal goes by its dependencies. */
static json_t *source_of(reading *in)
{
    cat_autojson json_t *document = member_of(in, "catalyst.yaml", "", JSON_OBJECT);
    cat_error failed = {0};
    const json_t *spec = json_object_get(document, "spec");
    const char *slash = strchr(in->repository, '/');
    if (document && !cat_document_is_empty(document) && /* which plan_unreadable.c tells */
        cat_application_source_check(document, slash ? slash + 1 : in->repository, &failed) < 0)
        note_unreadable(in, "catalyst.yaml", "%s", failed.message);
    return json_is_object(spec) ? json_incref((json_t *)spec) : NULL;
}

/* By their names alone they are links: one that cannot be read can be taken away all the same. */
static json_t *read_links(reading *in, const char *folder)
{
    cat_autofree char *prefix = cat_printf("%slinks/", folder);
    json_t *links = json_object(), *text;
    const char *path;
    json_object_foreach(in->files, path, text)
    {
        if (!cat_text_starts_with(path, prefix) || !cat_text_ends_with(path, ".yaml"))
            continue;
        json_t *patch = member_of(in, path, "", JSON_ARRAY);
        cat_autofree char *consumer = cat_strndup(path + strlen(prefix), strlen(path) - strlen(prefix) - strlen(".yaml"));
        json_object_set_new(links, consumer, patch ? patch : json_array());
    }
    return links;
}

/* The branch's own overlay: what it carries of others is theirs. */
static void read_overlay(reading *in, const char *type, json_t *overlays)
{
    cat_autofree char *folder = cat_printf("overlays/%s/", type);
    cat_autofree char *kustomization = cat_printf("%skustomization.yaml", folder);
    cat_autofree char *environment_file = cat_printf("%senvironment.yaml", folder);
    cat_autofree char *values_file = cat_printf("%svalues.yaml", folder);
    if (!json_object_get(in->files, kustomization))
        return;
    cat_autojson json_t *components = member_of(in, kustomization, "components", JSON_ARRAY);
    json_t *overlay = cat_json_object("links", read_links(in, folder), NULL);
    set_when(overlay, "environment", member_of(in, environment_file, "environment", JSON_OBJECT));
    set_when(overlay, "values", member_of(in, values_file, "spec", JSON_OBJECT));
    const char *component = json_string_value(json_array_get(components, 0)), *last = component ? strrchr(component, '/') : NULL;
    if (last)
        json_object_set_new(overlay, "size", json_string(last + 1));
    json_object_set_new(overlays, type, overlay);
}

int prv_branch_read(cat_git *git, const char *repository, const char *branch, const cat_git_id *commit, json_t **facts,
                    json_t *reads, cat_error *error)
{
    cat_autojson json_t *files = json_object(), *unreadable = json_array();
    reading in = {git, commit, repository, branch, files, unreadable, reads, 0};
    cat_error failed = {0};
    if (read_texts(&in, &failed) < 0) {
        cat_error_wrap(&failed, "branch %s of %s", branch, repository);
        return cat_error_copy(error, &failed);
    }
    json_t *overlays = json_object();
    json_t *found = cat_json_object("commit", json_string(commit->hex), "overlays", overlays, "files", json_incref(files), NULL);
    set_when(found, "source", source_of(&in));
    set_when(found, "values", member_of(&in, "values.yaml", "spec", JSON_OBJECT));
    const char *type = cat_env_type_of_branch(branch);
    if (type)
        read_overlay(&in, type, overlays);
    if (json_array_size(unreadable))
        json_object_set(found, "unreadable", unreadable);
    *facts = found;
    return 0;
}

bool prv_branch_has_overlay(cat_git *git, const cat_git_id *commit, const char *type)
{
    cat_auto(cat_strings) paths = {0};
    cat_autofree char *folder = cat_printf("overlays/%s", type);
    return cat_git_list(git, commit, folder, &paths, NULL) == 0 && paths.count > 0;
}
