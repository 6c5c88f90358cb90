#include "domain/kustomization.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "base/memory.h"
#include "domain/kustomization_internal.h"
#include "domain/kustomization_reads.h"
#include "domain/source_ignore.h"
#include "wire/yaml.h"

#define NAME "kustomization.yaml"
#define BUILTIN "builtin"
#define MESSAGE_MAX 700

static const cat_yaml_caps CONTROL_CAPS = {
    .max_bytes = 256 * 1024, .max_depth = 32, .max_nodes = 20000, .max_documents = 64, .no_aliases = true};
static const cat_yaml_caps FILE_CAPS = {.max_bytes = 1024 * 1024, .max_depth = 64, .max_nodes = 100000, .max_documents = 256};

typedef struct {
    const json_t *files; /* that a cluster gets */
    const json_t *all;
    cat_map *folders; /* every folder of the tree */
    json_t *errors;
    json_t *reads;                      /* {path: true} */
    const cat_kustomization_root *root; /* that is followed now */
    unsigned visits, depth, read;
    size_t bytes, values;
    bool full; /* a ceiling was reached: said once, nothing more is followed */
} checking;

/* A document and where it stands. */
typedef struct {
    checking *check;
    const char *file;   /* that it stands in */
    const char *folder; /* that its references begin in; NULL: not known */
    const cat_yaml_positions *positions;
    bool lineless; /* nothing in the file names what is wrong: the file itself is */
    /* Of a list of transformers or generators: which kinds, and where what they name is looked for, which is not where they lie.
     */
    const field *(*list)(const char *kind);
    const char *base;
} place;

static void walk(checking *check, const char *folder, cat_kustomization_role role, const place *from, const char *pointer);

/* --- saying what is wrong --- */

/* Without a line (0) the message names the file. */
static void add_error(checking *check, const char *file, unsigned line, unsigned column, char *message)
{
    size_t count = json_array_size(check->errors), length = strlen(message);
    if (count >= CAT_KUSTOMIZATION_MAX_ERRORS)
        return;
    while (length && !cat_text_is_utf8(message, length)) /* a message that was cut */
        message[--length] = '\0';
    /* What is named twice is looked at twice, and said once. */
    size_t index;
    json_t *said;
    json_array_foreach(check->errors, index, said)
    {
        if (cat_json_int_or(said, "line", 0) == line && cat_json_int_or(said, "column", 0) == column &&
            cat_text_equal(cat_json_text(said, "file"), file) && cat_text_equal(cat_json_text(said, "message"), message))
            return;
    }
    bool last = count == CAT_KUSTOMIZATION_MAX_ERRORS - 1;
    json_t *error =
        cat_json_object("file", json_string(file), "message",
                        json_string(last ? "there are more errors, which are shown when these are mended" : message), NULL);
    if (line) {
        json_object_set_new(error, "line", json_integer(line));
        json_object_set_new(error, "column", json_integer(column));
    }
    json_array_append_new(check->errors, error);
}

__attribute__((format(printf, 3, 4))) static void wrong(const place *at, const char *pointer, const char *format, ...)
{
    char message[MESSAGE_MAX];
    unsigned line = 1, column = 1;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    if (at->positions)
        cat_yaml_position(at->positions, pointer, &line, &column);
    add_error(at->check, at->file, at->lineless ? 0 : line, column, message);
}

const char *kustomization_place(const cat_error *error, unsigned *line, unsigned *column)
{
    int used = 0;
    return sscanf(error->message, "line %u, column %u: %n", line, column, &used) == 2 ? error->message + used : error->message;
}

static void wrong_yaml(checking *check, const char *file, const cat_error *error)
{
    unsigned line = 1, column = 1;
    char message[MESSAGE_MAX];
    snprintf(message, sizeof message, "%s", kustomization_place(error, &line, &column));
    add_error(check, file, line, column, message);
}

/* What people wrote, as it may be shown: on one line, not too long. */
static const char *shown(const char *text, char out[120])
{
    snprintf(out, 120, "%s", text);
    for (char *at = out; *at; at++)
        if ((unsigned char)*at < 32 || *at == 127)
            *at = ' ';
    for (size_t length = strlen(out); length && !cat_text_is_utf8(out, length);)
        out[--length] = '\0';
    return out;
}

/* --- the tree --- */

static void note_folders(checking *check)
{
    const char *path;
    json_t *file;
    check->folders = cat_map_create(NULL);
    json_object_foreach((json_t *)check->files, path, file)
    {
        cat_autofree char *folder = cat_strdup(path);
        for (char *slash = strrchr(folder, '/'); slash; slash = strrchr(folder, '/')) {
            *slash = '\0';
            if (cat_map_get(check->folders, folder))
                break;
            cat_map_set(check->folders, folder, check);
        }
    }
}

static bool has_folder(const checking *check, const char *path)
{
    return !*path || cat_map_get(check->folders, path);
}

#define NOT_THERE "not there"
#define NOT_FOLLOWED "links are not followed: put a copy of what it leads to in its place"

static bool is_behind_link(const checking *check, const char *path)
{
    cat_autofree char *folder = cat_strdup(path);
    for (char *slash = strrchr(folder, '/'); slash; slash = strrchr(folder, '/')) {
        *slash = '\0';
        if (json_is_true(json_object_get(check->all, folder)))
            return true;
    }
    return false;
}

static const char *why_missing(const checking *check, const char *path)
{
    const json_t *file = json_object_get(check->files, path);
    if (file)
        return json_is_true(file) ? "a link, and " NOT_FOLLOWED : "a file";
    if (is_behind_link(check, path))
        return "behind a link, and " NOT_FOLLOWED;
    return json_object_get(check->all, path) ? "left out of what the cluster gets: a " CAT_SOURCE_IGNORE_FILE
                                               " or Flux's own list names it"
                                             : NOT_THERE;
}

/* Counts a file that kustomize reads; its text, or NULL. `from` names it. */
static const char *read_text(checking *check, const char *path, const place *from, const char *pointer, size_t *length)
{
    const json_t *file = json_object_get(check->files, path);
    if (check->full)
        return NULL;
    if (!json_is_string(file) || strlen(json_string_value(file)) != json_string_length(file)) {
        const char *why = !file || json_is_true(file) ? why_missing(check, path)
                          : json_is_false(file)       ? "too large"
                                                      : "no text in UTF-8: save it as that, without zero characters";
        wrong(from, pointer, "%.200s is %s%s", path, why,
              from->lineless && strcmp(why, NOT_THERE) == 0 ? ": bring it back in Git" : "");
        return NULL;
    }
    *length = json_string_length(file);
    check->bytes += *length;
    if (++check->read > CAT_KUSTOMIZATION_MAX_FILES || check->bytes > CAT_KUSTOMIZATION_MAX_BYTES) {
        check->full = true;
        wrong(from, pointer, "more than %d files or %zu MiB are read, each as often as it is named", CAT_KUSTOMIZATION_MAX_FILES,
              CAT_KUSTOMIZATION_MAX_BYTES / 1024 / 1024);
        return NULL;
    }
    json_object_set_new(check->reads, path, json_true());
    return json_string_value(file);
}

static void count_values(checking *check, size_t values, const place *from, const char *pointer)
{
    check->values += values;
    if (check->values <= CAT_KUSTOMIZATION_MAX_VALUES || check->full)
        return;
    check->full = true;
    wrong(from, pointer,
          "more than %zu values are read when every file is read as often as it is named and every alias is followed",
          CAT_KUSTOMIZATION_MAX_VALUES);
}

/* --- references --- */

/* A file of the folder, the caller's path; NULL: refused, and said. */
static char *file_of(const place *at, const char *pointer, const char *reference)
{
    char text[120];
    const char *why = NULL;
    if (!at->folder) {
        wrong(at, pointer, "which folder \"%s\" is looked for in is not known here: write what is in it in place",
              shown(reference, text));
        return NULL;
    }
    cat_autofree char *path = kustomization_path(at->folder, reference, false, &why);
    if (!path)
        wrong(at, pointer, "\"%s\" %s", shown(reference, text), why);
    else if (json_object_get(at->check->files, path))
        return cat_take(path);
    else if (has_folder(at->check, path))
        wrong(at, pointer, "%.200s is a folder, a file is expected", path);
    else
        wrong(at, pointer, "%.200s is %s", path, why_missing(at->check, path));
    return NULL;
}

static void check_plain_file(const place *at, const char *pointer, const char *reference)
{
    size_t length;
    cat_autofree char *path = file_of(at, pointer, reference);
    if (path)
        read_text(at->check, path, at, pointer, &length);
}

static void check_yaml_file(const place *at, const char *pointer, const char *reference)
{
    size_t length, values = 0;
    cat_error error = {0};
    cat_autofree char *path = file_of(at, pointer, reference);
    const char *text = path ? read_text(at->check, path, at, pointer, &length) : NULL;
    if (!text)
        return;
    if (cat_yaml_measure(text, length, &FILE_CAPS, &values, &error) < 0)
        wrong_yaml(at->check, path, &error);
    else
        count_values(at->check, values, at, pointer);
}

/* `key=path`, or a path. */
static void check_source(const place *at, const char *pointer, const char *source)
{
    const char *equals = strchr(source, '=');
    check_plain_file(at, pointer, equals ? equals + 1 : source);
}

static void check_patch(const place *at, const char *pointer, const char *patch)
{
    size_t values = 0;
    cat_error error = {0};
    if (cat_yaml_measure(patch, strlen(patch), &FILE_CAPS, &values, &error) < 0)
        wrong(at, pointer, "the patch: %s", error.message);
    else
        count_values(at->check, values, at, pointer);
}

/* Whether `folder` is `path` or stands below it. */
static bool is_within(const char *folder, const char *path)
{
    size_t length = strlen(path);
    return length == 0 || (strncmp(folder, path, length) == 0 && (folder[length] == '\0' || folder[length] == '/'));
}

/* A folder, or a file when `file` says what is done with one. */
static void check_place(const place *at, const char *pointer, const char *reference, cat_kustomization_role role,
                        void (*file)(const place *at, const char *pointer, const char *reference))
{
    char text[120];
    const char *why = NULL, *within = at->check->root->within;
    cat_autofree char *path = kustomization_path(at->folder ? at->folder : "", reference, true, &why);
    if (!path)
        wrong(at, pointer, "\"%s\" %s", shown(reference, text), why);
    else if (file && json_object_get(at->check->files, path))
        file(at, pointer, reference);
    else if (!is_within(path, within))
        wrong(at, pointer, "\"%s\" leaves %s", shown(reference, text), within);
    else if (at->folder && is_within(at->folder, path))
        wrong(at, pointer, "\"%s\" is the folder that this stands in, or one above: that would have no end",
              shown(reference, text));
    else if (has_folder(at->check, path))
        walk(at->check, path, role, at, pointer);
    else
        wrong(at, pointer, "%.200s is %s%s", path, why_missing(at->check, path),
              file || json_is_true(json_object_get(at->check->files, path)) ? "" : ": a folder is expected");
}

/* --- fields --- */

static void check_fields(const place *at, const char *pointer, const json_t *object, const field *fields);
static void check_builtins(const place *at, const char *pointer, const char *reference);

static void check_transformers(const place *at, const char *pointer, const char *reference,
                               const field *(*list)(const char *kind))
{
    place inside = *at;
    if (!inside.list) {
        inside.list = list;
        inside.base = at->folder;
    }
    check_place(&inside, pointer, reference, CAT_KUSTOMIZATION_TRANSFORMERS, check_builtins);
}

static void check_text(const place *at, const char *pointer, const json_t *value, field_shape shape)
{
    const char *text = json_string_value(value);
    if (!text) {
        wrong(at, pointer, "a text is expected");
        return;
    }
    switch (shape) {
    case FIELD_PATCH:
        check_patch(at, pointer, text);
        break;
    case FIELD_FILE:
    case FIELD_FILES:
        check_yaml_file(at, pointer, text);
        break;
    case FIELD_PLAIN_FILE:
    case FIELD_PLAIN_FILES:
        check_plain_file(at, pointer, text);
        break;
    case FIELD_SOURCES:
        check_source(at, pointer, text);
        break;
    case FIELD_RESOURCES:
        check_place(at, pointer, text, CAT_KUSTOMIZATION, check_yaml_file);
        break;
    case FIELD_COMPONENTS:
        check_place(at, pointer, text, CAT_KUSTOMIZATION_COMPONENT, NULL);
        break;
    case FIELD_TRANSFORMERS:
        check_transformers(at, pointer, text, kustomization_transformer);
        break;
    case FIELD_GENERATORS:
        check_transformers(at, pointer, text, kustomization_generator);
        break;
    default:
        break;
    }
}

static void check_list(const place *at, const char *pointer, const json_t *list, const field *of)
{
    size_t index;
    json_t *item;
    if (!json_is_array(list))
        wrong(at, pointer, "a list is expected");
    json_array_foreach(list, index, item)
    {
        cat_autofree char *inner = cat_printf("%s/%zu", pointer, index);
        if (of->shape == FIELD_OBJECTS)
            check_fields(at, inner, item, of->fields);
        else
            check_text(at, inner, item, of->shape);
    }
}

static void check_field(const place *at, const char *pointer, const json_t *value, const field *of)
{
    if (json_is_null(value) || at->check->full)
        return;
    switch (of->shape) {
    case FIELD_ANY:
        return;
    case FIELD_OBJECT:
        check_fields(at, pointer, value, of->fields);
        return;
    case FIELD_PATCH:
    case FIELD_FILE:
    case FIELD_PLAIN_FILE:
        check_text(at, pointer, value, of->shape);
        return;
    default:
        check_list(at, pointer, value, of);
    }
}

static void check_fields(const place *at, const char *pointer, const json_t *object, const field *fields)
{
    const char *name;
    json_t *value;
    char text[120];
    if (!json_is_object(object)) {
        wrong(at, pointer, "an object is expected");
        return;
    }
    json_object_foreach((json_t *)object, name, value)
    {
        const field *known = kustomization_field(fields, name);
        const char *advice = kustomization_advice(name);
        cat_string inner = CAT_STRING(4096);
        cat_string_append(&inner, pointer);
        cat_json_pointer_append(&inner, name);
        if (known)
            check_field(at, cat_string_get(&inner), value, known);
        else
            wrong(at, cat_string_get(&inner), "the field \"%s\" is not taken%s%s", shown(name, text), advice ? ": " : "",
                  advice ? advice : " here (names are written as kustomize's documentation has them)");
        cat_string_finish(&inner);
    }
}

/* --- transformers and generators --- */

static void check_builtin(const place *at, const char *pointer, const json_t *document, const field *(*list)(const char *kind))
{
    char text[120];
    const json_t *kind = json_object_get(document, "kind"), *version = json_object_get(document, "apiVersion");
    const field *fields = json_is_string(kind) ? list(json_string_value(kind)) : NULL;
    cat_autofree char *kind_at = cat_printf("%s/kind", pointer), *version_at = cat_printf("%s/apiVersion", pointer);
    if (!json_is_object(document))
        wrong(at, pointer, "an object is expected");
    else if (!fields)
        wrong(at, kind_at,
              "kind \"%s\" is not taken here: kustomize's own transformers and generators are, but those that run programs",
              shown(json_is_string(kind) ? json_string_value(kind) : "", text));
    else if (!cat_text_equal(json_string_value(version), BUILTIN))
        wrong(at, version_at, "apiVersion is " BUILTIN " here: programs are not run");
    else
        check_fields(at, pointer, document, fields);
}

static void check_builtins(const place *at, const char *pointer, const char *reference)
{
    size_t length, index;
    json_t *document;
    cat_error error = {0};
    cat_autoptr(cat_yaml_positions) positions = NULL;
    cat_autojson json_t *documents = NULL;
    cat_autofree char *path = file_of(at, pointer, reference);
    const char *text = path ? read_text(at->check, path, at, pointer, &length) : NULL;
    if (!text)
        return;
    if (cat_yaml_parse_all_at(text, length, &CONTROL_CAPS, &documents, &positions, &error) < 0) {
        wrong_yaml(at->check, path, &error);
        return;
    }
    const place inside = {.check = at->check, .file = path, .folder = at->base, .positions = positions};
    json_array_foreach(documents, index, document)
    {
        cat_autofree char *inner = cat_printf("/%zu", index);
        check_builtin(&inside, inner, document, at->list);
    }
}

/* --- kustomizations --- */

bool cat_kustomization_is_strange(const char *name)
{
    return strcmp(name, "kustomization.yml") == 0 || strcmp(name, "Kustomization") == 0;
}

/* kustomize knows two more names; it refuses a folder with two, and who looks for one is misled by the others. */
static void check_strange_names(checking *check)
{
    const char *path;
    json_t *file;
    json_object_foreach((json_t *)check->all, path, file)
    {
        const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
        if (!cat_kustomization_is_strange(name))
            continue;
        const place at = {.check = check, .file = path};
        wrong(&at, "", "a kustomization is called " NAME);
    }
}

static bool may_visit(checking *check, const place *from, const char *pointer)
{
    if (check->full)
        return false;
    if (++check->visits <= CAT_KUSTOMIZATION_MAX_VISITS && check->depth < CAT_KUSTOMIZATION_MAX_DEPTH)
        return true;
    check->full = true;
    wrong(from, pointer,
          "more than %d kustomizations are built, each as often as it is named, or more than %d stand in each other",
          CAT_KUSTOMIZATION_MAX_VISITS, CAT_KUSTOMIZATION_MAX_DEPTH);
    return false;
}

static void check_document(const place *at, const json_t *document, cat_kustomization_role role)
{
    static const char *const KINDS[] = {"Kustomization", "Component", "Kustomization"};
    char text[120];
    const json_t *kind = json_object_get(document, "kind");
    const char *is = !kind || json_is_null(kind) ? "Kustomization" : json_is_string(kind) ? json_string_value(kind) : "";
    if (!json_is_object(document))
        wrong(at, "", "this is empty, or no object");
    else if (strcmp(is, KINDS[role]) != 0)
        wrong(at, "/kind", "expected kind %s, this is %s", KINDS[role], shown(is, text));
    else
        check_fields(at, "", document, role == CAT_KUSTOMIZATION_TRANSFORMERS ? TRANSFORMERS_FIELDS : KUSTOMIZATION_FIELDS);
}

static void walk(checking *check, const char *folder, cat_kustomization_role role, const place *from, const char *pointer)
{
    size_t length;
    cat_error error = {0};
    cat_autoptr(cat_yaml_positions) positions = NULL;
    cat_autojson json_t *document = NULL;
    cat_autofree char *file = *folder ? cat_printf("%s/" NAME, folder) : cat_strdup(NAME);
    const char *text = may_visit(check, from, pointer) ? read_text(check, file, from, pointer, &length) : NULL;
    if (!text)
        return;
    if (cat_yaml_parse(text, length, &CONTROL_CAPS, &document, &positions, &error) < 0) {
        wrong_yaml(check, file, &error);
        return;
    }
    place at = {.check = check, .file = file, .folder = folder, .positions = positions};
    if (role == CAT_KUSTOMIZATION_TRANSFORMERS) {
        at.list = from->list;
        at.base = from->base;
    }
    check->depth++;
    check_document(&at, document, role);
    check->depth--;
}

bool cat_kustomization_check(const json_t *files, const cat_kustomization_root *roots, size_t count, json_t **errors)
{
    return cat_kustomization_check_reads(files, roots, count, errors, NULL);
}

bool cat_kustomization_check_reads(const json_t *files, const cat_kustomization_root *roots, size_t count, json_t **errors,
                                   char **reads)
{
    cat_error unread = {0};
    cat_autojson json_t *kept = cat_source_ignore_filter(files, &unread), *read = json_object();
    checking check = {.files = kept, .all = files, .errors = json_array(), .reads = read};
    note_folders(&check);
    check_strange_names(&check);
    if (!kept)
        add_error(&check, CAT_SOURCE_IGNORE_FILE, 1, 1, unread.message);
    for (size_t i = 0; kept && i < count; i++) {
        cat_autofree char *file = *roots[i].folder ? cat_printf("%s/" NAME, roots[i].folder) : cat_strdup(NAME);
        const place from = {.check = &check, .file = file, .lineless = true, .list = kustomization_transformer};
        check.root = &roots[i];
        walk(&check, roots[i].folder, roots[i].role, &from, "");
    }
    cat_map_destroy(check.folders);
    bool passes = json_array_size(check.errors) == 0;
    if (passes)
        json_decref(check.errors);
    *errors = passes ? NULL : check.errors;
    if (reads)
        *reads = passes ? cat_kustomization_reads_write(files, read) : NULL;
    return passes;
}
