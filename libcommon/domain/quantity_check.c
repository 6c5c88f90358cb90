#include "domain/quantity_check.h"

#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "domain/kustomization.h"
#include "domain/kustomization_reads.h"
#include "wire/kubernetes.h"
#include "wire/yaml.h"

#define VALUE_MAX_BYTES 60
#define TEXTS_MAX_BYTES ((size_t)2 * 1024 * 1024) /* of all documents, which are held at once */
/* Of each it is asked of all documents whether they change it: so many are enough to be told, and the rest is found next time. */
#define FOUND_MAX 32
#define FLUX_ANNOTATION "kustomize.toolkit.fluxcd.io/"
#define LOCAL_ANNOTATION "config.kubernetes.io/local-config"

/* A document while it is looked through: the way to a value as a list of texts, an item of a list as `[name="web"]` or `[0]`. */
typedef struct {
    const char *file;
    const json_t *document;
    const cat_yaml_positions *positions;
    json_t *path;
    cat_string pointer;
    json_t *found; /* [{file, line, column, message, path}] */
} looking;

/* --- what is none --- */

static bool is_none(const json_t *value)
{
    if (json_is_string(value))
        return !cat_quantity_is_valid(json_string_value(value));
    return json_is_boolean(value);
}

static char *shown_field(const json_t *path)
{
    cat_auto(cat_string) field = CAT_STRING(2048);
    size_t index;
    json_t *step;
    json_array_foreach((json_t *)path, index, step)
        cat_string_appendf(&field, "%s%s", index && *json_string_value(step) != '[' ? "." : "", json_string_value(step));
    return cat_string_take(&field);
}

static char *shown_value(const json_t *value)
{
    if (json_is_boolean(value))
        return cat_strdup(json_is_true(value) ? "true" : "false");
    const char *text = json_string_value(value);
    char *shown = cat_printf("\"%.*s\"", (int)cat_text_cut(text, VALUE_MAX_BYTES), text);
    for (char *at = shown; *at; at++)
        if ((unsigned char)*at < 32 || *at == 127)
            *at = ' ';
    return shown;
}

static void note(looking *at, const json_t *value)
{
    if (json_array_size(at->found) == FOUND_MAX)
        return;
    unsigned line = 1, column = 1;
    cat_yaml_position(at->positions, cat_string_get(&at->pointer), &line, &column);
    cat_autofree char *field = shown_field(at->path), *text = shown_value(value);
    cat_autofree char *message =
        cat_printf("%s of %s %s is %s, which is no quantity: write it such as 500m, 2, 128Mi or 1Gi", field,
                   cat_json_text_or(at->document, "kind", "?"), cat_json_text_or(at->document, "metadata.name", "?"), text);
    json_array_append_new(at->found, cat_json_object("file", json_string(at->file), "line", json_integer(line), "column",
                                                     json_integer(column), "message", json_string(message), "path",
                                                     json_copy(at->path), NULL));
}

/* --- the way through a document --- */

static char *step_of(const json_t *item, size_t index)
{
    const char *name = json_string_value(json_object_get(item, "name"));
    return name ? cat_printf("[name=\"%.253s\"]", name) : cat_printf("[%zu]", index);
}

static void look(looking *at, const json_t *value);

static void enter(looking *at, const char *step, const char *member, const json_t *value, void (*each)(looking *, const json_t *))
{
    size_t length = at->pointer.length;
    json_array_append_new(at->path, json_string(step));
    cat_json_pointer_append(&at->pointer, member);
    each(at, value);
    json_array_remove(at->path, json_array_size(at->path) - 1);
    at->pointer.length = length;
    at->pointer.data[length] = '\0';
}

static void judge(looking *at, const json_t *value)
{
    if (is_none(value))
        note(at, value);
}

static void judge_all(looking *at, const json_t *quantities)
{
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)quantities, name, value) enter(at, name, name, value, judge);
}

static void look_at_resources(looking *at, const json_t *resources)
{
    static const char *const LISTS[] = {"limits", "requests"};
    for (size_t i = 0; i < sizeof LISTS / sizeof *LISTS; i++)
        if (json_is_object(json_object_get(resources, LISTS[i])))
            enter(at, LISTS[i], LISTS[i], json_object_get(resources, LISTS[i]), judge_all);
}

static void look_at_memory(looking *at, const json_t *volume)
{
    enter(at, "sizeLimit", "sizeLimit", json_object_get(volume, "sizeLimit"), judge);
}

static void look(looking *at, const json_t *value)
{
    const char *name;
    size_t index;
    json_t *inner;
    json_array_foreach((json_t *)value, index, inner)
    {
        char member[24];
        snprintf(member, sizeof member, "%zu", index);
        cat_autofree char *step = step_of(inner, index);
        enter(at, step, member, inner, look);
    }
    json_object_foreach((json_t *)value, name, inner)
    {
        if (json_is_object(inner) && strcmp(name, "resources") == 0)
            enter(at, name, name, inner, look_at_resources);
        else if (json_is_object(inner) && strcmp(name, "emptyDir") == 0)
            enter(at, name, name, inner, look_at_memory);
        else if (json_is_object(inner) || json_is_array(inner))
            enter(at, name, name, inner, look);
    }
}

static bool is_applied(const json_t *document)
{
    static const struct {
        const char *version, *kind;
    } KINDS[] = {{"v1", "Pod"},
                 {"v1", "PersistentVolumeClaim"},
                 {"apps/v1", "Deployment"},
                 {"apps/v1", "StatefulSet"},
                 {"apps/v1", "DaemonSet"},
                 {"apps/v1", "ReplicaSet"},
                 {"batch/v1", "Job"},
                 {"batch/v1", "CronJob"}};
    const char *version = cat_json_text(document, "apiVersion"), *kind = cat_json_text(document, "kind"), *name;
    json_t *value;
    json_object_foreach(cat_json_get(document, "metadata.annotations"), name, value)
    {
        if (cat_text_starts_with(name, FLUX_ANNOTATION) || strcmp(name, LOCAL_ANNOTATION) == 0)
            return false;
    }
    for (size_t i = 0; i < sizeof KINDS / sizeof *KINDS; i++)
        if (cat_text_equal(version, KINDS[i].version) && cat_text_equal(kind, KINDS[i].kind))
            return true;
    return false;
}

/* --- what may still change it --- */

/* Whether a value that a document has, or takes away, stands at the end of the way or before it. */
static bool has_other(const json_t *value, const json_t *path, size_t at)
{
    if (!value || json_is_null(value))
        return value && at > 0;
    if (at == json_array_size(path))
        return !is_none(value);
    const char *step = json_string_value(json_array_get(path, at));
    size_t index;
    json_t *item;
    json_array_foreach((json_t *)value, index, item)
    {
        cat_autofree char *own = step_of(item, index);
        if (strcmp(own, step) == 0 && has_other(item, path, at + 1))
            return true;
    }
    return json_is_object(value) && has_other(json_object_get(value, step), path, at + 1);
}

/* Where the step of a text's own way ends. */
static size_t step_length(const char *text)
{
    size_t length = strcspn(text, "./");
    return *text == '[' && strchr(text, ']') ? (size_t)(strchr(text, ']') - text) + 1 : length;
}

/* Whether a text is the way to the field, or to what it stands in: "/spec/template", "spec.template.spec.containers.[name=web]".
 */
static bool leads_there(const char *text, const json_t *path)
{
    text += *text == '/';
    if (!cat_text_starts_with(text, "spec"))
        return false;
    if (strpbrk(text, "\\~"))
        return strstr(text, "resources") != NULL;
    for (size_t at = 0; *text; at++) {
        const char *step = json_string_value(json_array_get(path, at));
        size_t length = step_length(text);
        bool same = step && (*step == '[' || (length == 1 && *text == '*') ||
                             (strlen(step) == length && strncmp(step, text, length) == 0));
        if (!same)
            return false;
        text += length;
        text += *text != '\0';
    }
    return true;
}

static bool speaks_of(const json_t *value, const json_t *path)
{
    const char *name, *text = json_string_value(value);
    size_t index;
    json_t *inner;
    if (text)
        return *text && leads_there(text, path);
    json_array_foreach((json_t *)value, index, inner)
    {
        if (speaks_of(inner, path))
            return true;
    }
    json_object_foreach((json_t *)value, name, inner)
    {
        if (strcmp(name, "$patch") == 0 || speaks_of(inner, path))
            return true;
    }
    return false;
}

static bool may_change(const json_t *documents, const json_t *path)
{
    size_t index;
    json_t *document;
    json_array_foreach((json_t *)documents, index, document)
    {
        if (has_other(document, path, 0) || speaks_of(document, path))
            return true;
    }
    return false;
}

/* --- files --- */

/* An alias may stand for much: files that have one are left to the cluster. */
static const cat_yaml_caps CAPS = {
    .max_bytes = TEXTS_MAX_BYTES, .max_depth = 64, .max_nodes = 100000, .max_documents = 256, .no_aliases = true};

static bool is_manifest(const cat_strings *names, const char *path, const json_t *file)
{
    return json_is_string(file) && (cat_text_ends_with(path, ".yaml") || cat_text_ends_with(path, ".yml")) &&
           cat_kustomization_reads_has(names, path);
}

static void look_through(const char *path, const char *text, json_t *found)
{
    cat_autojson json_t *documents = NULL, *way = json_array();
    cat_autoptr(cat_yaml_positions) positions = NULL;
    size_t index;
    json_t *document;
    if ((!strstr(text, "resources") && !strstr(text, "sizeLimit")) ||
        cat_yaml_parse_all_at(text, strlen(text), &CAPS, &documents, &positions, NULL) < 0)
        return;
    json_array_foreach(documents, index, document)
    {
        looking at = {path, document, positions, way, CAT_STRING(8192), found};
        cat_string_appendf(&at.pointer, "/%zu", index);
        if (is_applied(document))
            look(&at, document);
        cat_string_finish(&at.pointer);
    }
}

/* Patches that stand in a text are documents, too. false: one cannot be read here. */
static bool add_patches(const json_t *value, json_t *documents)
{
    const char *name;
    size_t index;
    json_t *inner;
    json_array_foreach((json_t *)value, index, inner)
    {
        if (!add_patches(inner, documents))
            return false;
    }
    json_object_foreach((json_t *)value, name, inner)
    {
        cat_autojson json_t *patches = NULL;
        const char *text = strcmp(name, "patch") == 0 ? json_string_value(inner) : NULL;
        if ((text && cat_yaml_parse_all(text, strlen(text), &CAPS, &patches, NULL) < 0) || !add_patches(inner, documents))
            return false;
        json_array_extend(documents, patches);
    }
    return true;
}

/* Of every file; NULL: one cannot be read here, so what it says is not known. */
static json_t *all_documents(const json_t *files, const cat_strings *names)
{
    cat_autojson json_t *all = json_array();
    const char *path;
    json_t *file;
    json_object_foreach((json_t *)files, path, file)
    {
        cat_autojson json_t *documents = NULL;
        if (!is_manifest(names, path, file))
            continue;
        if (cat_yaml_parse_all(json_string_value(file), json_string_length(file), &CAPS, &documents, NULL) < 0 ||
            !add_patches(documents, all))
            return NULL;
        json_array_extend(all, documents);
    }
    return cat_take(all);
}

static json_t *found_in(const json_t *files, const cat_strings *names)
{
    json_t *found = json_array(), *file;
    const char *path;
    size_t bytes = 0;
    json_object_foreach((json_t *)files, path, file)
    {
        if (is_manifest(names, path, file) && (bytes += json_string_length(file)) > TEXTS_MAX_BYTES) {
            json_array_clear(found);
            break;
        }
        if (is_manifest(names, path, file))
            look_through(path, json_string_value(file), found);
    }
    return found;
}

bool cat_quantities_check(const json_t *files, const char *reads, json_t **errors)
{
    cat_auto(cat_strings) names = {0};
    cat_kustomization_reads_parse(reads ? reads : "", &names);
    cat_autojson json_t *found = found_in(files, &names), *sure = json_array();
    cat_autojson json_t *documents = json_array_size(found) ? all_documents(files, &names) : NULL;
    size_t index;
    json_t *one;
    json_array_foreach(found, index, one)
    {
        if (!documents || json_array_size(sure) == CAT_KUSTOMIZATION_MAX_ERRORS ||
            may_change(documents, json_object_get(one, "path")))
            continue;
        json_object_del(one, "path");
        json_array_append(sure, one);
    }
    bool passes = json_array_size(sure) == 0;
    *errors = passes ? NULL : cat_take(sure);
    return passes;
}
